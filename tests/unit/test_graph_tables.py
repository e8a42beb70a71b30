import numpy as np
import polars as pl
import pytest
from graph_cases import URI, files, quarantine, write_batch
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.graph.kcore import core_degrees, corenesses
from segue.graph.merge import merge
from segue.graph.tables import core_tables


def core(folders, k):
    sources = files(folders).values()
    merged = merge(*sources, quarantine())
    edges = merged.playlist, merged.track
    degree = core_degrees(*edges, corenesses(*edges, merged.playlists.height, len(merged.first_row)), k)
    return core_tables(*sources, merged, degree)


def test_ids_are_in_the_order_of_pid_and_uri(tmp_path):
    first = write_batch(tmp_path / "0", [(7, 5), (7, 3)])
    second = write_batch(tmp_path / "1", [(2, 9), (2, 5)])
    tables = core([first, second], 1)
    assert tables.playlists.select("playlist", "pid", "name").rows() == [(0, 2, "list 2"), (1, 7, "list 7")]
    # Of two descriptions of track 5 the first batch's stays.
    assert tables.tracks.rows() == [(0, URI(3), "3 of 0"), (1, URI(5), "5 of 0"), (2, URI(9), "9 of 1")]
    assert tables.edges.rows() == [(0, 1, 1, 1), (0, 2, 0, 1), (1, 0, 1, 1), (1, 1, 0, 1)]
    assert tables.edges.schema == dict.fromkeys(("playlist", "track", "position", "count"), pl.Int32)
    assert tables.playlists.schema["playlist"] == tables.tracks.schema["track"] == pl.Int32


def test_what_is_not_in_the_core_is_left_out(tmp_path):
    tables = core([write_batch(tmp_path / "0", [(1, 9), (3, 4), (3, 8), (5, 4), (5, 8)])], 2)
    assert tables.playlists.select("playlist", "pid").rows() == [(0, 3), (1, 5)]
    assert tables.tracks["track_uri"].to_list() == [URI(4), URI(8)]
    assert tables.edges.select("playlist", "track", "position").rows() == [
        (0, 0, 1),
        (0, 1, 2),
        (1, 0, 3),
        (1, 1, 4),
    ]


def test_a_batch_may_have_nothing_in_the_core(tmp_path):
    folders = [write_batch(tmp_path / "0", [(1, 9)])]
    folders += [write_batch(tmp_path / "1", [(3, 4), (3, 8), (5, 4), (5, 8)])]
    assert core(folders, 2).playlists["pid"].to_list() == [3, 5]


BATCH = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, unique=True)


@given(st.lists(BATCH, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_1_core_is_every_edge_sorted(tmp_path_factory, batches, random):
    folder = tmp_path_factory.mktemp("batches")
    pids = random.sample(range(100), 20)
    batches = [[(pids[5 * i + pid], track) for pid, track in batch] for i, batch in enumerate(batches)]
    batches = [sorted(batch, key=lambda pair: pids.index(pair[0])) for batch in batches]
    tables = core([write_batch(folder / str(i), batch) for i, batch in enumerate(batches)], 1)
    expected = sorted((pid, URI(track), at) for batch in batches for at, (pid, track) in enumerate(batch))
    pid = tables.playlists["pid"].gather(tables.edges["playlist"])
    uri = tables.tracks["track_uri"].gather(tables.edges["track"])
    assert list(zip(pid, uri, tables.edges["position"], strict=True)) == expected
    for name in ("playlist", "track"):
        table = getattr(tables, f"{name}s")
        assert np.array_equal(table[name], np.arange(table.height))


def test_a_split_of_the_edges_goes_along(tmp_path):
    first = write_batch(tmp_path / "0", [(2, 5), (2, 3)], split=["test", "train"])
    second = write_batch(tmp_path / "1", [(1, 5)], split=["validation"])
    edges = core([first, second], 1).edges
    assert edges["split"].to_list() == ["validation", "train", "test"]
    assert edges.schema["split"] == pl.Enum(["train", "validation", "test"])


def test_a_split_of_some_batches_is_refused(tmp_path):
    first = write_batch(tmp_path / "0", [(2, 5)], split=["test"])
    second = write_batch(tmp_path / "1", [(1, 5)])
    with pytest.raises(SegueError, match=r"1.edges\.parquet\n.*no column split; 1 of 2 tables"):
        core([first, second], 1)
