from pathlib import Path

import polars as pl
import pytest
from graph_cases import URI, files, quarantine, write_batch
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.graph.merge import merge, number


def pairs_of(merged, sources):
    """(pid, uri) of the merged edges, read from the files by row."""
    pids = merged.playlists["pid"]
    uris = pl.concat(pl.read_parquet(path) for path in sources["tracks"])["track_uri"]
    return list(
        zip(pids.gather(merged.playlist), uris.gather(merged.first_row).gather(merged.track), strict=True)
    )


BATCH = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, unique=True)


@given(st.lists(BATCH, min_size=1, max_size=4))
def test_merge_is_a_dictionary_s(tmp_path_factory, batches):
    folder = Path(tmp_path_factory.mktemp("batches"))
    # Pids of different batches differ, tracks do not.
    batches = [[(10 * i + pid, track) for pid, track in sorted(batch)] for i, batch in enumerate(batches)]
    sources = files([write_batch(folder / str(i), batch) for i, batch in enumerate(batches)])
    merged = merge(*sources.values(), quarantine())
    every = [pair for batch in batches for pair in batch]
    pids = {pid: i for i, pid in enumerate(dict.fromkeys(pid for pid, _ in every))}
    tracks = {track: i for i, track in enumerate(dict.fromkeys(track for _, track in every))}
    assert merged.playlist.tolist() == [pids[pid] for pid, _ in every]
    assert merged.track.tolist() == [tracks[track] for _, track in every]
    assert pairs_of(merged, sources) == [(pid, URI(track)) for pid, track in every]
    assert merged.playlist.dtype == merged.track.dtype == "int32"


@given(st.lists(st.text(max_size=2)))
def test_equal_strings_get_equal_numbers(texts):
    numbers, first = number(pl.Series(texts, dtype=pl.String))
    distinct = list(dict.fromkeys(texts))
    assert numbers.tolist() == [distinct.index(text) for text in texts]
    assert first.tolist() == [texts.index(text) for text in distinct]


def test_strings_of_equal_hashes_get_another_seed(monkeypatch):
    hashed = pl.Series.hash
    seeds = []

    def weak(series, seed=0):
        seeds.append(seed)
        return hashed(series, seed) % 2 if seed < 2 else hashed(series, seed)

    monkeypatch.setattr(pl.Series, "hash", weak)
    numbers, first = number(pl.Series(["a", "b", "c", "b"]))
    assert (numbers.tolist(), first.tolist(), seeds) == ([0, 1, 2, 1], [0, 1, 2], [0, 1, 2])


def test_the_slices_that_share_a_pid_are_named(tmp_path):
    first = write_batch(tmp_path / "0", [(7, 5)], "mpd.slice.0-9.json")
    second = write_batch(tmp_path / "1", [(7, 6)], "mpd.slice.5-14.json")
    with pytest.raises(
        SegueError, match=r"mpd\.slice\.0-9\.json and mpd\.slice\.5-14\.json\n.*pid 7 2 times"
    ):
        merge(*files([first, second]).values(), quarantine(("mpd.slice.5-14.json", 8)))


def test_a_rejected_repetition_loses_its_edges(tmp_path):
    first = write_batch(tmp_path / "0", [(7, 5), (8, 5)], "a.json")
    second = write_batch(tmp_path / "1", [(6, 1), (7, 6), (7, 5)], "b.json")
    sources = files([first, second])
    # Rejected in a.json, (a.json, 7) was a second playlist of that pid there, which is in no table.
    merged = merge(
        *sources.values(), quarantine(("a.json", 7), ("b.json", 7), ("b.json", 7), ("c.json", None))
    )
    assert merged.playlists.rows() == [
        (7, "a.json", True),
        (8, "a.json", True),
        (6, "b.json", True),
        (7, "b.json", False),
    ]
    assert pairs_of(merged, sources) == [(7, URI(5)), (8, URI(5)), (6, URI(1))]


def test_a_rejected_playlist_that_is_in_no_table_changes_nothing(tmp_path):
    sources = files([write_batch(tmp_path / "0", [(7, 5)])])
    merged = merge(*sources.values(), quarantine(("a.json", 9), ("a.json", 7)))
    assert pairs_of(merged, sources) == [(7, URI(5))]


def test_what_is_held_out_loses_its_edges(tmp_path):
    first = write_batch(tmp_path / "0", [(7, 5), (8, 5), (8, 6)], "a.json")
    second = write_batch(tmp_path / "1", [(7, 1), (9, 6)], "b.json")
    sources = files([first, second])
    rejected = quarantine(("b.json", 7))
    merged = merge(*sources.values(), rejected, pl.Series("pid", [8, 77]))
    assert pairs_of(merged, sources) == [(7, URI(5)), (9, URI(6))]
    # It was not rejected.
    assert merged.playlists["kept"].to_list() == [True, True, False, True]
    everything = merge(*sources.values(), rejected, pl.Series("pid", [], dtype=pl.Int64))
    assert pairs_of(everything, sources) == pairs_of(merge(*sources.values(), rejected), sources)
