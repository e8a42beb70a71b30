"""hold_out_playlists and what build_kcore then builds, from slices of invented playlists."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from build_kcore import build_kcore
from hold_out_playlists import TABLES, hold_out_playlists
from list_quarantine import list_quarantine
from parse_slices import parse_slices
from segue.challenge.holdout import CATEGORIES
from segue.data.slices import Source
from segue.errors import SegueError

OUTPUTS = {"challenge_set": "json", "held_out": "parquet", "answers": "parquet", "stats": "json"}
SETTINGS = {
    "playlists_per_category": 2,
    "validation_per_category": None,
    "categories": [1, 2, 3, 4, 7, 8],
    "lone_tracks": "leave_out",
    "seed": 1,
}
VALIDATION = {"validation_per_category": 2}


@pytest.fixture(scope="module")
def playlists():
    """80 playlists of 3 to 45 entries, some of them repeated, some tracks on one playlist alone."""
    rng = np.random.default_rng(4)
    lists = []
    for pid in range(80):
        tracks = [f"t{track}" for track in rng.integers(0, 60, rng.integers(3, 45))]
        if pid % 3 == 0:
            tracks.insert(1, f"lone{pid}")
        lists.append({"pid": pid, "tracks": tracks, "name": " " if pid % 5 == 0 else f"List {pid}"})
    return lists


@pytest.fixture
def make(tmp_path, write_slice, playlists):
    """A function that parses the playlists in batches of some slices of 20; returns files by table."""

    def parse(name, slices, per_batch):
        folder = tmp_path / name
        folder.mkdir()
        sources = {table: [] for table in (*TABLES, "quarantine")}
        for start in range(0, len(slices), per_batch):
            files = [
                Source(str(write_slice(folder / f"mpd.slice.{20 * i}-{20 * i + 19}.json", slices[i])))
                for i in range(start, min(start + per_batch, len(slices)))
            ]
            targets = {table: str(folder / str(start) / f"{table}.parquet") for table in sources}
            parse_slices(files, targets, "fail", None)
            for table, path in targets.items():
                sources[table].append(path)
        quarantine = str(folder / "quarantine.parquet")
        list_quarantine(sources.pop("quarantine"), sources["playlists"], quarantine, "fail")
        return sources, quarantine

    return parse


def slices_of(playlists):
    return [playlists[start : start + 20] for start in range(0, len(playlists), 20)]


def hold_out(folder, files, **changes):
    targets = {name: str(folder / f"{name}.{suffix}") for name, suffix in OUTPUTS.items()}
    alone = changes.get("playlists_per_category", 1) is None
    if changes.get("validation_per_category"):
        targets |= {
            f"validation_{name}": path.replace("out/", "out/validation/") for name, path in targets.items()
        }
    if alone:
        targets = {name: path for name, path in targets.items() if name.startswith("validation_")}
    hold_out_playlists(*files, targets, SETTINGS | changes)
    return {name: Path(path) for name, path in targets.items()}


def read(paths):
    challenge, stats = (json.loads(paths[name].read_text()) for name in ("challenge_set", "stats"))
    return challenge, pl.read_parquet(paths["held_out"]), pl.read_parquet(paths["answers"]), stats


def test_seeds_and_answers_are_the_playlist(make, tmp_path, playlists):
    challenge, held_out, answers, stats = read(hold_out(tmp_path, make("slices", slices_of(playlists), 2)))
    assert held_out["category"].to_list() == sorted(2 * SETTINGS["categories"])
    assert [one["pid"] for one in challenge["playlists"]] == held_out["pid"].to_list()
    assert held_out["pid"].n_unique() == 12
    counts = Counter(track for one in playlists for track in set(one["tracks"]))
    for one, (pid, number) in zip(challenge["playlists"], held_out.rows(), strict=True):
        category, source = CATEGORIES[number], playlists[pid]
        uris = [f"spotify:track:{t:0>22}" for t in dict.fromkeys(source["tracks"]) if counts[t] > 1]
        first = {f"spotify:track:{t:0>22}": source["tracks"].index(t) for t in source["tracks"]}
        seeds = [track["track_uri"] for track in one["tracks"]]
        found = answers.filter(pid=pid)
        assert found["category"].unique().to_list() == [number]
        assert set(seeds) | set(found["track_uri"]) == set(uris)
        assert not set(seeds) & set(found["track_uri"])
        assert found["track_uri"].to_list() == [uri for uri in uris if uri not in seeds]
        assert [track["pos"] for track in one["tracks"]] == sorted(first[uri] for uri in seeds)
        assert (seeds == uris[: category.given]) != category.at_random
        assert len(seeds) == category.given == one["num_samples"]
        assert one["num_holdouts"] == found.height == len(uris) - len(seeds) > 0
        assert one["num_tracks"] == len(uris)
        assert one.get("name") == (source["name"] if category.title else None)
        assert source["name"].strip() or not category.title
    assert stats["held_out"] == 12
    assert stats["answers"] == answers.height
    assert stats["playlists"] == 80


def test_the_file_has_the_challenge_s_fields(make, tmp_path, playlists):
    paths = hold_out(tmp_path, make("slices", slices_of(playlists), 2))
    challenge, _, answers, _ = read(paths)
    assert list(challenge) == ["date", "version", "name", "playlists"]
    assert challenge["date"] == "2017-07-14 02:40:00"  # second 1,500,000,000
    assert answers.schema == {
        "pid": pl.Int64,
        "category": pl.Int32,
        "track_uri": pl.String,
        "artist_uri": pl.String,
    }
    track = next(one for one in challenge["playlists"] if one["tracks"])["tracks"][0]
    key = track["track_uri"][-22:].lstrip("0")
    assert track == {
        "pos": track["pos"],
        "artist_name": f"Artist {key}",
        "track_uri": f"spotify:track:{key:0>22}",
        "artist_uri": f"spotify:artist:{key:0>22}",
        "track_name": f"Song {key}",
        "album_uri": f"spotify:album:{key:0>22}",
        "duration_ms": 200_000,
        "album_name": f"Album {key}",
    }
    assert (answers["artist_uri"] == answers["track_uri"].str.replace("track", "artist")).all()


def test_batches_change_no_byte(make, tmp_path, playlists):
    slices = slices_of(playlists)
    one = hold_out(tmp_path / "a", make("slices", slices, 4))
    other = hold_out(tmp_path / "b", make("reversed", slices[::-1], 1))
    assert {name: path.read_bytes() for name, path in one.items()} == {
        name: path.read_bytes() for name, path in other.items()
    }


def test_the_seed_matters(make, tmp_path, playlists):
    files = make("slices", slices_of(playlists), 2)
    one, other = (read(hold_out(tmp_path / str(seed), files, seed=seed))[1] for seed in (1, 2))
    assert set(one["pid"]) != set(other["pid"])


def test_lone_tracks_may_be_refused(make, tmp_path, playlists):
    files = make("slices", slices_of(playlists), 2)
    _, held_out, _, stats = read(hold_out(tmp_path, files, lone_tracks="refuse"))
    assert all(pid % 3 for pid in held_out["pid"])
    assert stats["lone_tracks_of_held_out"] == 0
    assert stats["lone_tracks"] >= 27


def test_nothing_is_written_where_a_category_cannot_be_filled(make, tmp_path, playlists):
    files = make("slices", slices_of(playlists), 2)
    with pytest.raises(SegueError, match="too few playlists for category 9"):
        hold_out(tmp_path / "out", files, categories=[1, 9])
    assert not (tmp_path / "out").exists()


def core(folder, files, *held_out):
    names = ("edges", "playlists", "tracks", "degrees", "ladder")
    targets = {name: str(folder / f"{name}.parquet") for name in names}
    targets |= {"ladder_csv": str(folder / "ladder.csv"), "stats": str(folder / "stats.json")}
    settings = {"k_core": 2, "expect": {}, "on_mismatch": "warn", "max_bad_fraction": 0}
    build_kcore(*files, targets, settings, held_out)
    return {name: pl.read_parquet(targets[name]) for name in names}, json.loads(
        Path(targets["stats"]).read_text()
    )


def test_playlists_for_validation_change_nothing_of_the_others(make, tmp_path, playlists):
    files = make("slices", slices_of(playlists), 2)
    alone, both = hold_out(tmp_path / "1/out", files), hold_out(tmp_path / "2/out", files, **VALIDATION)
    assert {name: path.read_bytes() for name, path in alone.items()} == {
        name: both[name].read_bytes() for name in alone
    }
    further = {name: both[f"validation_{name}"] for name in OUTPUTS}
    challenge, held_out, answers, _ = read(further)
    assert held_out["category"].to_list() == sorted(2 * SETTINGS["categories"])
    assert not set(held_out["pid"]) & set(read(both)[1]["pid"])
    assert set(answers["pid"]) == set(held_out["pid"]) == {one["pid"] for one in challenge["playlists"]}


def test_playlists_for_validation_alone(make, tmp_path, playlists):
    files = make("slices", slices_of(playlists), 2)
    paths = hold_out(tmp_path / "out", files, playlists_per_category=None, **VALIDATION)
    assert {path.parent.name for path in paths.values()} == {"validation"}
    _, held_out, _, stats = read({name: paths[f"validation_{name}"] for name in OUTPUTS})
    assert (held_out.height, stats["held_out"]) == (12, 12)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["validation"]


def test_playlists_to_choose_by_that_are_reported_too_are_refused(make, tmp_path, playlists):
    files = make("slices", slices_of(playlists), 2)
    twice = [str(hold_out(tmp_path / "out", files)["held_out"])] * 2
    with pytest.raises(SegueError, match="12 pids of both"):
        core(tmp_path / "graph", files, *twice)
    assert not (tmp_path / "graph").exists()


@pytest.mark.parametrize("changes", [{}, VALIDATION])
def test_the_graph_is_that_of_the_other_playlists(make, tmp_path, playlists, changes):
    files = make("slices", slices_of(playlists), 2)
    paths = hold_out(tmp_path / "out", files, **changes)
    tables_of_held_out = [path for name, path in paths.items() if name.endswith("held_out")]
    held_out = pl.concat(map(pl.read_parquet, tables_of_held_out))
    tables, stats = core(tmp_path / "graph", files, *map(str, tables_of_held_out))
    assert not set(tables["playlists"]["pid"]) & set(held_out["pid"])
    assert stats.pop("held_out") == 12 * len(tables_of_held_out)
    others = [one for one in playlists if one["pid"] not in set(held_out["pid"])]
    expected, without = core(tmp_path / "expected", make("others", slices_of(others), 2))
    assert stats == without
    for name in tables:
        ids = [column for column in ("slice",) if column in tables[name].columns]
        assert_frame_equal(tables[name].drop(ids), expected[name].drop(ids))
