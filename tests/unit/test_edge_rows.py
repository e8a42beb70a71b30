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
