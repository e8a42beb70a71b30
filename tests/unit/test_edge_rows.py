"""Good rows of an edge list are read, in order, and all others are listed, whatever they are mixed with."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.data.edge_checks import MISSING
from segue.data.edge_lists import read_edges
from segue.errors import SegueError

SEPARATORS = [",", "\t", ";", " ", "::", "|"]
IDS = st.text("abc019.-_é", min_size=1, max_size=5).filter(lambda text: text not in MISSING)
NO_IDS = st.sampled_from(["", *MISSING])
GOOD = st.tuples(st.just("good"), IDS, IDS)
BAD = st.one_of(
    st.tuples(st.just("few"), IDS),
    st.tuples(st.just("many"), IDS, IDS, IDS, IDS),
    st.tuples(st.just("playlist"), NO_IDS, IDS),
    st.tuples(st.just("track"), IDS, NO_IDS),
    st.just(("blank",)),
)


@given(
    rows=st.lists(st.one_of(GOOD, GOOD, GOOD, BAD), max_size=20),
    separator=st.sampled_from(SEPARATORS),
    end=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
)
def test_any_mix(tmp_path_factory, rows, separator, end, quoted):
    """Of rows playlist, track and a note; an empty field between blanks is a field less."""
    if separator == " ":
        rows = [row for row in rows if "" not in row]
    quote = '"' if quoted and separator not in ("\t", "::") else ""
    lines, good, bad = [separator.join(("user", "item", "note"))], [], []
    for number, (kind, *fields) in enumerate(rows, start=2):
        fields += ["n"] if kind in ("good", "playlist", "track") else []
        lines.append(separator.join(f"{quote}{field}{quote}" for field in fields))
        if kind == "good":
            good.append((number, *fields[:2]))
        elif kind != "blank":
            bad.append(number)
    path = tmp_path_factory.mktemp("rows") / "edges.txt"
    path.write_bytes(end.join([*lines, ""]).encode())
    options = {"playlist": "user", "track": "item", "separator": separator, "quarantine": True}
    ragged = sum(kind in ("few", "many") for kind, *_ in rows)
    if not (good or bad) or 2 * ragged > len(good) + len(bad):
        with pytest.raises(SegueError):
            read_edges(str(path), **options)
        return
    read = read_edges(str(path), **options)
    assert read.edges.rows() == good
    assert read.rejected["where"].to_list() == [f"{path}: row {number}" for number in bad]
    assert read.rejected.select("playlists", "entries").rows() == [(0, 1)] * len(bad)
    assert read.rows == len(good) + len(bad)


@given(
    lists=st.dictionaries(
        st.integers(0, 99), st.lists(st.integers(0, 50), max_size=5), min_size=1, max_size=9
    ),
    separator=st.sampled_from([None, " ", "\t", ","]),
)
def test_lists_give_the_edges_that_their_pairs_give(tmp_path_factory, lists, separator):
    folder = tmp_path_factory.mktemp("lists")
    between = separator or "  "
    lines = [between.join(map(str, (playlist, *tracks))) for playlist, tracks in lists.items()]
    pairs = [f"{playlist}\t{track}" for playlist, tracks in lists.items() for track in tracks]
    (folder / "lists.txt").write_text("\n".join(lines))
    (folder / "pairs.tsv").write_text("\n".join(pairs))
    options = {"form": "adjacency", "separator": separator}
    if not pairs:
        with pytest.raises(SegueError, match="has playlists only"):
            read_edges(str(folder / "lists.txt"), **options)
        return
    read = read_edges(str(folder / "lists.txt"), **options)
    expected = read_edges(str(folder / "pairs.tsv"), header=False)
    assert read.edges.drop("row").equals(expected.edges.drop("row"))
    assert read.rows == len(pairs)


@pytest.mark.parametrize(
    ("rows", "are"),
    [
        ("0 3 4\n1 4 9\n2 9 3\n", True),
        ("0 3 5\n", True),
        ("u1 i3 i4\nu2 i7 i8\n", True),
        ("0 3 5\n0 4 1\n1 3 2\n", False),  # weights: a user has several rows
        ("0 3 5 978300760\n1 4 1 978302109\n2 9 2 978301968\n", False),  # ratings and times, one row a user
        ("0 3 5\n1 4 5\n2 9 4\n3 8 5\n4 7 5\n", False),  # ratings alone
        ("0 3 2020-01-01\n1 4 2020-01-02\n", False),
        ("u1 i3 1\nu2 i7 2\n", False),
        ("0 3 4.5\n1 4 3\n", False),
        ('0 3 5 ""\n1 4 "" 5\n', False),
    ],
)
def test_lists_are_known_among_pairs_with_more_columns(tmp_path, rows, are):
    path = tmp_path / "edges.txt"
    path.write_text(rows)
    options = {"separator": " ", "header": False}
    if are:
        with pytest.raises(SegueError, match="looks like lists of tracks"):
            read_edges(str(path), **options)
    else:
        assert read_edges(str(path), **options).rows == rows.count("\n")


def test_who_asks_for_a_third_column_knows_what_it_is(tmp_path):
    (tmp_path / "edges.tsv").write_text("0\t3\t5\n1\t4\t3\n")
    assert read_edges(str(tmp_path / "edges.tsv"), header=False, position=3).rows == 2


def test_positions_and_splits_are_set_aside_too(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("u,x,0,train\nu,y,-1,test\nv,x,1,dev\nv,y,2,holdout\nv,z,,\n")
    options = {"playlist": 1, "track": 2, "position": 3, "split": 4, "header": False}
    read = read_edges(str(path), **options, quarantine=True)
    assert read.edges.rows() == [(1, "u", "x", 0, "train"), (3, "v", "x", 1, "validation")]
    assert read.rejected.select("found", "what").rows() == [
        ("'-1'", "An edge list has a position that is none."),
        ("'holdout'", "An edge list has a split of another name."),
        ("nothing", "An edge list has a position that is none."),
    ]


def test_nulls_in_parquet_are_set_aside_too(tmp_path):
    path = str(tmp_path / "edges.parquet")
    pl.DataFrame({"u": [1, None, 3], "i": ["x", "y", "NaN"]}).write_parquet(path)
    read = read_edges(path, playlist="u", track="i", quarantine=True)
    assert read.edges.rows() == [(1, "1", "x")]
    assert [where.rpartition(" ")[2] for where in read.rejected["where"]] == ["2", "3"]


@pytest.mark.parametrize("missing", MISSING)
def test_what_programs_write_for_no_value_is_named(tmp_path, missing):
    path = tmp_path / "edges.csv"
    path.write_text(f"playlist,track\nu,x\nu,{missing}\n")
    with pytest.raises(SegueError, match="a track without an id") as error:
        read_edges(str(path), playlist="playlist", track="track")
    assert error.value.where == f"{path}: row 3"
    assert error.value.found == f"{missing!r}, which stands for no value"
