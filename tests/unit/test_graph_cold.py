"""Tracks hidden from training, before the k-core is taken anew."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from graph_cases import URI, files, quarantine, write_batch
from hypothesis import given, settings
from hypothesis import strategies as st

from build_kcore import build_kcore
from segue.errors import SegueError

NAMES = ("edges", "playlists", "tracks", "degrees", "ladder", "cold_tracks", "cold_edges")


def build(folder, batches, k, cold=None):
    """The tables of a run on ``batches`` of (pid, track number), by name, and its stats."""
    sources = files([write_batch(folder / str(at), pairs, f"{at}.json") for at, pairs in enumerate(batches)])
    quarantine().write_parquet(folder / "quarantine.parquet")
    targets = {name: str(folder / f"{name}.parquet") for name in NAMES}
    targets |= {"ladder_csv": str(folder / "ladder.csv"), "stats": str(folder / "stats.json")}
    options = {"k_core": k, "expect": {}, "on_mismatch": "warn", "max_bad_fraction": 0}
    options |= {"cold": cold} if cold else {}
    build_kcore(sources, str(folder / "quarantine.parquet"), targets, options)
    made = {name: pl.read_parquet(targets[name]) for name in NAMES if Path(targets[name]).exists()}
    return made, json.loads((folder / "stats.json").read_text())


def pairs_of(made, tracks="tracks", edges="edges", number="track"):
    """The (pid, uri) of all edges."""
    pids = made["playlists"]["pid"].gather(made[edges]["playlist"])
    return {*zip(pids, made[tracks]["track_uri"].gather(made[edges][number]), strict=True)}


SQUARE = [(pid, track) for pid in range(4) for track in range(5)]
SOME = {"share": 0.4, "seed": 3}


def test_hidden_tracks_have_no_edge_and_others_keep_theirs(tmp_path):
    """Of 5 tracks 2 are hidden: those with the least of five raw PCG64 keys, by their order."""
    made, stats = build(tmp_path, [SQUARE[:10], [*SQUARE[10:], (9, 0)]], 2, SOME)
    hidden = sorted(np.argsort(np.random.PCG64(3).random_raw(5))[:2].tolist())
    cold = made["cold_tracks"]
    assert cold.columns == ["cold", "track_uri", "track_name", "degree"]
    assert cold["track_uri"].to_list() == [URI(track) for track in hidden]
    assert cold["cold"].to_list() == [0, 1]
    assert cold["degree"].to_list() == [4, 4]  # playlist 9 has one track, and is in no 2-core
    assert cold.dtypes == [pl.Int32, pl.String, pl.String, pl.Int32]
    assert made["cold_edges"].rows() == [(pid, number) for pid in range(4) for number in range(2)]
    assert set(made["cold_edges"].dtypes) == {pl.Int32}
    assert pairs_of(made) == {(pid, URI(track)) for pid, track in SQUARE if track not in hidden}
    assert stats["cold"] == {"tracks": 2, "edges": 8 + (0 in hidden)}
    assert stats["after"]["tracks"] == 3


def test_the_core_is_taken_anew(tmp_path):
    """A playlist that a hidden track held in the core leaves it, and is on none of its edges."""
    (hidden,) = np.argsort(np.random.PCG64(1).random_raw(5))[:1].tolist()
    barely = [(7, hidden), (7, (hidden + 1) % 5)]
    made, _ = build(tmp_path, [[*SQUARE, *barely]], 2, {"share": 0.2, "seed": 1})
    assert made["cold_tracks"].select("track_uri", "degree").rows() == [(URI(hidden), 4)]
    assert made["playlists"]["pid"].to_list() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("k", "share", "parts"),
    [
        (2, 0.1, ["No track is hidden", "0.1 of 5 tracks", "raise cold.share"]),
        (4, 0.4, ["4-core of the graph is empty", "0.4, 2 tracks; then K of at most 3", "lower cold.share"]),
    ],
)
def test_a_share_that_hides_none_or_too_many_is_refused(tmp_path, k, share, parts):
    with pytest.raises(SegueError) as error:
        build(tmp_path, [SQUARE], k, {"share": share, "seed": 1})
    for part in (*parts, "where: cold.share", "found", "expected", "next step"):
        assert part in str(error.value)


PAIRS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=8)


@settings(max_examples=8)
@given(PAIRS, st.integers(1, 2), st.integers(1, 5), st.integers(0, 9))
def test_the_graph_is_what_it_would_be_had_they_never_been(tmp_path_factory, pairs, k, cut, seed):
    """However the playlists are divided into batches, which draws the same tracks."""
    folder, pairs = tmp_path_factory.mktemp("cold"), sorted(pairs)
    batches = [part for part in ([p for p in pairs if p[0] < cut], [p for p in pairs if p[0] >= cut]) if part]
    cold = {"share": 0.3, "seed": seed}
    try:
        made, _ = build(folder / "whole", [pairs], k, cold)
    except SegueError:
        return
    again, _ = build(folder / "batches", batches[::-1], k, cold)
    hidden = {int(uri[-1]) for uri in made["cold_tracks"]["track_uri"]}
    rest, _ = build(folder / "rest", [[pair for pair in pairs if pair[1] not in hidden]], k)
    assert pairs_of(made) == pairs_of(again) == pairs_of(rest)
    kept = {*made["playlists"]["pid"]}
    of_hidden = {(pid, URI(track)) for pid, track in pairs if pid in kept and track in hidden}
    for run in (made, again):
        assert pairs_of(run, "cold_tracks", "cold_edges", "cold") == of_hidden
