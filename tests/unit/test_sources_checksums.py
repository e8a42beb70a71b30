import hashlib

import pytest

from segue.data.slices import Source
from segue.data.sources import read_md5sums, require_md5
from segue.errors import SegueError

A, B = (hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (b"a", b"b"))
ONE, TWO = "mpd.slice.0-9.json", "mpd.slice.10-19.json"


def test_names_without_folders(tmp_path):
    path = tmp_path / "md5sums"
    path.write_text(f"{A}  data/{ONE}\n\n{B.upper()} *{TWO}\n{B}  a file with spaces\n")
    assert read_md5sums(path) == {ONE: A, TWO: B, "a file with spaces": B}


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        (f"{A}  {ONE}\n{A}\n", ": line 2", repr(A)),
        ("hello", ": line 1", "'hello'"),
        (f"{A[:-1]}  {ONE}", ": line 1", repr(f"{A[:-1]}  {ONE}")),
        (f"{A}  {ONE}\n{B}  x/{ONE}", ": line 2", f"a second MD5 of {ONE}"),
    ],
)
def test_lines_of_another_form(tmp_path, text, where, found):
    path = tmp_path / "md5sums"
    path.write_text(text)
    with pytest.raises(SegueError, match="MD5 sums of the slices cannot be read") as caught:
        read_md5sums(path)
    assert (caught.value.where, caught.value.found) == (f"{path}{where}", found)


def test_files_that_are_no_list(tmp_path):
    with pytest.raises(SegueError, match="No such file"):
        read_md5sums(tmp_path / "md5sums")
    (tmp_path / "md5sums").write_bytes(b"\xff\xfe")
    with pytest.raises(SegueError, match="can't decode"):
        read_md5sums(tmp_path / "md5sums")


def test_a_slice_is_held_to_the_sum_of_its_text():
    for source in (Source(f"x/{ONE}"), Source(f"x/{ONE}.gz"), Source("x.zip", f"data/{ONE}.zst")):
        require_md5(source, b"a", {ONE: A})
        with pytest.raises(SegueError, match="not the one that its MD5 promises") as caught:
            require_md5(source, b"b", {ONE: A})
        assert caught.value.where == str(source)
        assert (caught.value.found, caught.value.expected) == (f"MD5 {B}", f"MD5 {A}")
        with pytest.raises(SegueError, match="not listed") as caught:
            require_md5(source, b"a", {TWO: A})
        assert caught.value.expected == f"a line for {ONE}"
