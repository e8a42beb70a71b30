import gzip
from datetime import date

import polars as pl
import pytest

from segue.data.edge_checks import SPLIT
from segue.data.edge_lists import read_edges
from segue.errors import SegueError

BY_NUMBER = {"playlist": 1, "track": 2, "header": False}
BY_NAME = {"playlist": "user", "track": "item"}


@pytest.fixture
def listed(tmp_path):
    """A function that writes bytes or text to a file of that name and returns its path."""

    def write(name, contents):
        path = tmp_path / name
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return str(path)

    return write


def rows(path, **options):
    return read_edges(path, **options).edges.rows()


def fails(path, *parts, **options):
    with pytest.raises(SegueError) as error:
        read_edges(path, **options)
    for part in (*parts, path, "next step"):
        assert part in str(error.value)


def test_the_columns(listed):
    path = listed("a.csv", "item,when,user,part\nx,3,u,Train\ny,0,u,TEST\n")
    edges = read_edges(path, **BY_NAME, position="when", split="part").edges
    assert edges.schema == {
        "row": pl.UInt32,
        "playlist": pl.String,
        "track": pl.String,
        "position": pl.Int32,
        "split": SPLIT,
    }
    assert edges.rows() == [(2, "u", "x", 3, "train"), (3, "u", "y", 0, "test")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["closed", "open"])
def test_line_ends(listed, end, last):
    text = end.join(["u\tx\t5", "v\ty\t6"]) + (end if last else "")
    assert rows(listed("a.tsv", text), **BY_NUMBER) == [(1, "u", "x"), (2, "v", "y")]
    # The last column, where a carriage return would stick.
    assert rows(listed("a.tsv", text), **BY_NUMBER | {"track": 3}) == [(1, "u", "5"), (2, "v", "6")]


def test_ids_stay_text(listed):
    path = listed("a.csv", "007,1.0\n7,1\n1e3,Na\n nil,true\n")
    ids = [(1, "007", "1.0"), (2, "7", "1"), (3, "1e3", "Na"), (4, " nil", "true")]
    assert rows(path, **BY_NUMBER) == ids


def test_a_byte_order_mark_is_no_part_of_the_first_name(listed):
    path = listed("a.csv", b"\xef\xbb\xbfuser,item\nu,x\n")
    assert rows(path, **BY_NAME) == [(2, "u", "x")]


def test_numbers_work_with_a_header_too(listed):
    path = listed("a.csv", "user,item\nu,x\n")
    assert rows(path, playlist=1, track=2) == rows(path, playlist="user", track=2) == [(2, "u", "x")]


@pytest.mark.parametrize("text", ["u1,i1\nu2,i1\n", "7,x1,2020-01-01\n8,x2,2020-01-02\n"])
def test_a_row_is_no_header(listed, text):
    """With columns by number nothing else would say that the first row is lost."""
    path = listed("a.csv", text)
    fails(path, "header of an edge list looks like a row", "row 1", playlist=1, track=2)
    assert len(rows(path, **BY_NUMBER)) == 2


def test_names_with_digits_are_names(listed):
    path = listed("a.csv", "user1,item1\nu2,i1\n")
    assert rows(path, playlist="user1", track="item1") == [(2, "u2", "i1")]


def test_separator_of_choice(listed):
    assert rows(listed("a.txt", "u;x\nv;y\n"), **BY_NUMBER, separator=";") == [(1, "u", "x"), (2, "v", "y")]
    # It overrides the suffix.
    assert rows(listed("a.csv", "u|x,y\n"), **BY_NUMBER, separator="|") == [(1, "u", "x,y")]


def test_quotes(listed):
    path = listed("a.csv", 'user,title,item\n"a, b","two\nlines","say ""x"""\nc,"",d\n')
    assert rows(path, **BY_NAME) == [(2, "a, b", 'say "x"'), (3, "c", "d")]
    # Between tabs a quote is a character like any other.
    path = listed("a.tsv", 'u\t"Heroes\nv\t7" single\n')
    assert rows(path, **BY_NUMBER) == [(1, "u", '"Heroes'), (2, "v", '7" single')]


def test_blank_lines_are_skipped_and_counted(listed):
    path = listed("a.csv", "user,item,note\n\nu,x,\r\n\nv,y,1\n\n\n")
    assert rows(path, **BY_NAME) == [(3, "u", "x"), (5, "v", "y")]


def test_gzip(listed):
    path = listed("a.tsv.gz", gzip.compress(b"u\tx\nv\ty\n"))
    assert rows(path, **BY_NUMBER) == [(1, "u", "x"), (2, "v", "y")]


def test_zstd(listed):
    # Two rows, a b and c d, by `zstd -19`: Python 3.11 has no zstd of its own.
    path = listed("a.tsv.zst", bytes.fromhex("28b52ffd24084100006109620a6309640a130c9626"))
    assert rows(path, **BY_NUMBER) == [(1, "a", "b"), (2, "c", "d")]


def test_a_name_is_no_pattern(listed):
    listed("a1.csv", "no\n")
    assert rows(listed("a[1].csv", "u,x\n"), **BY_NUMBER) == [(1, "u", "x")]


def test_the_split_of_a_whole_file(listed):
    edges = read_edges(listed("a.csv", "u,x\n"), **BY_NUMBER, role="test").edges
    assert edges.schema["split"] == SPLIT
    assert edges["split"].to_list() == ["test"]


def test_names_of_splits(listed):
    names = ["train", "Training", "validation", "valid", " VAL ", "dev", "test", "testing"]
    path = listed("a.csv", "".join(f"u,{i},{name}\n" for i, name in enumerate(names)))
    assert read_edges(path, **BY_NUMBER, split=3).edges["split"].to_list() == [
        *["train"] * 2,
        *["validation"] * 4,
        *["test"] * 2,
    ]


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [("u,x,train\nv,y,holdout\nw,z,0\n", 2, "'holdout'"), ("u,x,train\nv,y,\n", 2, "nothing")],
)
def test_an_unknown_split(listed, text, row, found):
    fails(listed("a.csv", text), "a.csv: row " + str(row), f"found: {found}", "train", **BY_NUMBER, split=3)


@pytest.mark.parametrize("position", ["-1", "1.0", "x", "", "2147483648", "99999999999999999999", "+1", " 1"])
def test_a_bad_position(listed, position):
    path = listed("a.csv", f"u,x,2147483647,a\nv,y,{position},b\n")
    fails(path, "a.csv: row 2", repr(position) if position else "nothing", **BY_NUMBER, position=3)


@pytest.mark.parametrize(
    ("text", "side"),
    [("u,x,1\n,y,1\n", "playlist"), ("u,x,1\nv,,1\n", "track"), ('u,x,1\n" ",y,1\n', "playlist")],
)
def test_an_empty_id(listed, text, side):
    fails(listed("a.csv", text), f"{side} without an id (1 in all)", "a.csv: row 2", **BY_NUMBER)


def test_a_line_of_empty_fields_is_not_blank(listed):
    fails(listed("a.csv", "u,x,1\n,,\n"), "playlist without an id", "a.csv: row 2", **BY_NUMBER)


@pytest.mark.parametrize(
    ("text", "row", "fields"),
    [
        ("u,x,1\nv,y\n", 2, "2 field(s)"),
        ("u,x,1\nv,y,\nw\n", 3, "1 field(s)"),
        ("u,x\nv,y,1\n", 2, "3 field(s)"),
        ("u,x\nv,y,", 2, "3 field(s)"),
        ("u,x,1\nv,y,1\nw,z,1,2\n", 3, "4 field(s)"),
        ('u,x,1\n"v, w",y,1\nw,"z, z"\n', 3, "2 field(s)"),
    ],
)
def test_a_row_of_another_width(listed, text, row, fields):
    width = text.partition("\n")[0].count(",") + 1
    what = "too few" if int(fields[0]) < width else "too many"
    fails(listed("a.csv", text), what, f"a.csv: row {row}", fields, f"{width}, as in the first", **BY_NUMBER)


def test_a_file_that_was_cut_off_in_its_last_row(listed):
    fails(listed("a.tsv", "u\tx\t55\nv\tyy\t66\nw\tz"), "too few fields", "row 3", "2 field(s)", **BY_NUMBER)


@pytest.mark.parametrize("text", ['u,"x\nv,y\n', 'u,"x\nv,y\nw,"z\n', 'u,x\nv,"y"y\n', 'u,"x\nv,y"\nw,z\n'])
def test_quotes_that_do_not_match(listed, text):
    fails(listed("a.csv", text), "quotes that do not match", "a.csv: row ", **BY_NUMBER)


def test_a_line_break_in_an_id(listed):
    path = listed("a.csv", 'u,"x\nv,y"\nw,z\n')
    fails(path, "quotes that do not match", r"a line break in 'x\nv,y'", "row 1", **BY_NUMBER)


@pytest.mark.parametrize(
    ("contents", "options", "what"),
    [
        ("", BY_NUMBER, "is empty"),
        ("user,item\n", BY_NAME, "has no edges"),
        (b"u,x\nv,\xe9\n", BY_NUMBER, "line 2, byte 3"),
        (b"user,it\xe9m\nu,x\n", BY_NAME, "line 1, byte 8"),
        ("u,x\n".encode("utf-16"), BY_NUMBER, "found: UTF-16"),
        ("u,x\n".encode("utf-16-le"), BY_NUMBER, "zero bytes, as UTF-16 has"),
        ("user,thing\nu,x\n", BY_NAME, "no track column of that name"),
        ("user,thing\nu,x\n", BY_NAME, "2 column(s): 'user', 'thing'"),
        ("item,user,item\nu,x,y\n", BY_NAME, "more than one track column"),
        ("u,x\n", BY_NUMBER | {"track": 3}, "expected: one column 3"),
        ("u,x\n", BY_NUMBER | {"track": 1}, "One column of an edge list is to be two things"),
        ("user\titem\nu\tx\n", BY_NAME, "1 column(s)"),
        ("\nu,x\n", BY_NUMBER, "begins with a blank line"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(listed, contents, options, what):
    fails(listed("a.csv", contents), what, **options)


def test_a_compressed_file_that_was_cut_off(listed):
    whole = gzip.compress("".join(f"u,{i}\n" for i in range(1000)).encode())
    fails(listed("a.csv.gz", whole[:-50]), "cannot be read", **BY_NUMBER)


@pytest.fixture
def parquet(tmp_path):
    def write(**columns):
        path = tmp_path / "a.parquet"
        pl.DataFrame(columns).write_parquet(path)
        return str(path)

    return write


def test_parquet(parquet):
    path = parquet(
        note=[1.5, 2.5],
        item=pl.Series(["x", "y"], dtype=pl.Categorical),
        user=pl.Series([2**53 + 1, 7], dtype=pl.Int64),
        at=pl.Series([4, 2**31 - 1], dtype=pl.UInt64),
        part=["val", "test"],
    )
    edges = read_edges(path, **BY_NAME, position="at", split="part").edges
    assert edges.rows() == [
        (1, str(2**53 + 1), "x", 4, "validation"),
        (2, "7", "y", 2**31 - 1, "test"),
    ]
    assert rows(path, playlist=3, track=2) == [(1, str(2**53 + 1), "x"), (2, "7", "y")]


def test_columns_of_parquet_may_have_numbers_for_names(tmp_path):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame({"0": ["7", "7"], "1": ["8", "9"]}).write_parquet(path)
    assert (
        rows(path, playlist=1, track=2)
        == rows(path, playlist="0", track="1")
        == [(1, "7", "8"), (2, "7", "9")]
    )


def test_a_null_in_parquet(parquet):
    fails(parquet(user=[1, 2, None], item=["x", None, "y"]), "playlist without an id", "row 3", **BY_NAME)
    path = parquet(user=[1, 2], item=["x", "y"], at=[0, None])
    fails(path, "a position that is none", "row 2", "nothing", **BY_NAME, position="at")


@pytest.mark.parametrize("values", [[1.0], [True], [date(2020, 1, 1)], [[1]]])
def test_a_type_that_is_no_id(parquet, values):
    fails(parquet(user=[1], item=values), "column 'item'", "text or integers", **BY_NAME)


def test_parquet_in_name_only(listed):
    fails(listed("a.parquet", "user,item\nu,x\n"), "cannot be read", "a Parquet file", **BY_NAME)
