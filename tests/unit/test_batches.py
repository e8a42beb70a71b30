"""Which batches a run has, for each source of data."""

import pytest

from segue.data.batches import batches_of_run
from segue.data.slices import Source
from segue.errors import SegueError


def test_the_sample_s_slices_lie_in_the_results():
    data = {"source": "sample", "slices": 3, "slices_per_job": 2, "sample": {"playlists_per_slice": 10}}
    assert batches_of_run(data, "out") == {
        "000": [Source("out/sample/mpd.slice.0-9.json"), Source("out/sample/mpd.slice.10-19.json")],
        "001": [Source("out/sample/mpd.slice.20-29.json")],
    }


def test_a_folder_s_slices_are_those_that_are_there(tmp_path):
    for first in (0, 1000, 10000):
        (tmp_path / f"mpd.slice.{first}-{first + 999}.json").touch()
    data = {
        "source": "directory",
        "dir": str(tmp_path),
        "slices": "all",
        "order": "lexicographic",
        "slices_per_job": 2,
    }
    found = batches_of_run(data, "out")
    assert {name: [source.pids[0] for source in batch] for name, batch in found.items()} == {
        "000": [0, 1000],
        "001": [10000],
    }
    with pytest.raises(SegueError, match="cannot be read"):
        batches_of_run(data | {"dir": str(tmp_path / "none")}, "out")


def test_edge_lists_are_one_batch(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    for path in paths:
        (tmp_path / path).touch()
    assert batches_of_run({"source": "edges", "edges": {"files": paths}}, "out") == {"000": paths}
