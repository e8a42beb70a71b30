from pathlib import Path

import pytest

from segue.data.batches import EdgeFile, edge_files, is_parquet, separator_of
from segue.errors import SegueError


def test_paths_and_assigned_files_in_order(tmp_path):
    paths = [str(tmp_path / name) for name in ("b.csv", "a.csv")]
    for path in paths:
        Path(path).touch()
    assert edge_files([paths[0], {"path": paths[1], "split": "test"}]) == [
        EdgeFile(paths[0], None),
        EdgeFile(paths[1], "test"),
    ]


@pytest.mark.parametrize(("name", "found"), [("no.csv", "no file"), ("", "a folder")])
def test_a_missing_file_is_named(tmp_path, name, found):
    with pytest.raises(SegueError, match=rf"missing[\s\S]*{tmp_path}[\s\S]*found: {found}"):
        edge_files([str(tmp_path / name)])


@pytest.mark.parametrize(
    ("path", "separator"),
    [
        ("a.csv", ","),
        ("A.CSV.GZ", ","),
        ("folder.csv/a.tsv.zst", "\t"),
        ("a.txt", None),
        ("a", None),
        ("csv", None),
    ],
)
def test_the_suffix_implies_the_separator(path, separator):
    assert separator_of(path) == separator
    assert not is_parquet(path)


def test_parquet_by_suffix():
    assert is_parquet("folder/A.Parquet")
