import runpy
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import parse_edges as script
from segue.data import quarantine
from segue.data.edge_lists import read_edges
from segue.data.edge_tables import tables
from segue.data.provenance import read_provenance
from segue.errors import SegueError

NAMES = ("edges", "playlists", "tracks", "quarantine")


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "train.tsv").write_text("u1\tx\t9\nu2\tx\t1\nu2\ty\t1\n")
    (tmp_path / "test.tsv").write_text("u1\ty\t2\nu3\tz\t5\n")
    files = [{"path": str(tmp_path / f"{role}.tsv"), "split": role} for role in ("train", "test")]
    columns = {"playlist": 1, "track": 2, "position": None}
    settings = {"files": files, "form": "pairs", "separator": None, "header": False, "columns": columns}
    return settings | {"column": None, "on_bad_slice": "fail"}


@pytest.fixture
def targets(tmp_path):
    return {name: str(tmp_path / "000" / f"{name}.parquet") for name in NAMES}


def left_in(targets):
    folder = Path(targets["edges"]).parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_tables_of_both_files(settings, targets):
    script.parse_edges(settings, targets)
    assert left_in(targets) == sorted(f"{name}.parquet" for name in NAMES)
    parts = [
        read_edges(file["path"], playlist=1, track=2, header=False, role=file["split"]).edges
        for file in settings["files"]
    ]
    expected = tables(parts, ["train.tsv", "test.tsv"])
    for name in ("edges", "playlists", "tracks"):
        assert_frame_equal(pl.read_parquet(targets[name]), getattr(expected, name))
    assert pl.read_parquet(targets["edges"])["split"].to_list() == ["train", "test", "train", "train", "test"]
    for name in NAMES:
        about = read_provenance(targets[name])
        assert about["schema"] == f"slices/{name}"
        assert [(source["file"], source["bytes"]) for source in about["sources"]] == [
            (file["path"], Path(file["path"]).stat().st_size) for file in settings["files"]
        ]
    rejected = pl.read_parquet(targets["quarantine"])
    assert rejected.is_empty()
    assert rejected.schema == quarantine.SCHEMA


def test_a_column_may_hold_the_split(settings, targets, tmp_path):
    path = tmp_path / "all.csv"
    path.write_text("list,song,part\nu,x,train\nu,y,val\nv,x,test\n")
    columns = {"playlist": "list", "track": "song", "position": None}
    given = settings | {"files": [str(path)], "header": True, "columns": columns}
    script.parse_edges(given | {"column": "part"}, targets)
    assert pl.read_parquet(targets["edges"])["split"].to_list() == ["train", "validation", "test"]
    script.parse_edges(given, targets)
    assert "split" not in pl.read_parquet(targets["edges"]).columns


def test_a_bad_row_leaves_nothing(settings, targets, tmp_path):
    (tmp_path / "test.tsv").write_text("u1\ty\t2\nu3\tz\n")
    with pytest.raises(SegueError, match=r"test\.tsv: row 2"):
        script.parse_edges(settings, targets)
    assert left_in(targets) == []


def test_bad_rows_are_set_aside_and_counted(settings, targets, tmp_path):
    (tmp_path / "test.tsv").write_text("u1\ty\t2\nu3\tz\nNaN\tz\t1\nu3\t\t1\nu3\tz\t5\n")
    script.parse_edges(settings | {"on_bad_slice": "quarantine"}, targets)
    rejected = pl.read_parquet(targets["quarantine"])
    assert rejected.schema == quarantine.SCHEMA
    where = str(tmp_path / "test.tsv")
    assert rejected.select("slice", "pid", "playlists", "entries", "where", "found").rows() == [
        ("test.tsv", None, 0, 1, f"{where}: row 2", "2 field(s)"),
        ("test.tsv", None, 0, 1, f"{where}: row 3", "'NaN', which stands for no value"),
        ("test.tsv", None, 0, 1, f"{where}: row 4", "nothing"),
    ]
    assert pl.read_parquet(targets["edges"])["count"].sum() == 5
    sources = read_provenance(targets["edges"])["sources"]
    assert [(source["rows"], source["set_aside"]) for source in sources] == [(3, 0), (5, 3)]


def test_the_same_lists_give_the_same_bytes(settings, targets):
    written = []
    for _ in range(2):
        script.parse_edges(settings, targets)
        written.append([Path(target).read_bytes() for target in targets.values()])
    assert written[0] == written[1]


def test_the_rule_logs_what_it_read(settings, targets, tmp_path):
    rule = SimpleNamespace(
        params=SimpleNamespace(settings=settings),
        output=targets,
        log=[str(tmp_path / "log.txt")],
    )
    runpy.run_path(script.__file__, init_globals={"snakemake": rule}, run_name="__main__")
    first, second, total, assigned = (tmp_path / "log.txt").read_text().splitlines()
    assert first.endswith("train.tsv: 3 rows, 0 of them set aside")
    assert second.endswith("test.tsv: 2 rows, 0 of them set aside")
    assert total.endswith("2 list(s): 5 edges, 3 playlists, 3 tracks")
    assert assigned.endswith("assigned: train 3 edges, validation 0 edges, test 2 edges")


def test_lists_of_two_files_are_read_as_pairs_would_be(settings, targets, tmp_path):
    """LightGCN's form: users without items in either file, and the split by file."""
    script.parse_edges(settings, targets)
    pairs = {name: pl.read_parquet(targets[name]) for name in ("edges", "playlists", "tracks")}
    (tmp_path / "train.tsv").write_text("u1 x\nu2 x y\nu4\n")
    (tmp_path / "test.tsv").write_text("u1 y\nu2\n\nu3 z \n")
    script.parse_edges(settings | {"form": "adjacency", "separator": " "}, targets)
    for name, table in pairs.items():
        assert_frame_equal(pl.read_parquet(targets[name]), table)


def test_a_track_s_artist_is_the_same_in_all_lists(settings, targets, tmp_path):
    """A number is a name here too; a later list is held to those before it."""
    (tmp_path / "train.tsv").write_text("u1\tx\t9\nu2\tx\t9\nu2\ty\t1\n")
    settings = settings | {"columns": settings["columns"] | {"artist": 3}}
    with pytest.raises(SegueError, match=r"test\.tsv: row 1") as error:
        script.parse_edges(settings, targets)
    assert f"'2' of the track 'y', and '1' in {tmp_path}/train.tsv: row 3" in str(error.value)
    script.parse_edges(settings | {"on_bad_slice": "quarantine"}, targets)
    tracks = pl.read_parquet(targets["tracks"])
    assert tracks.select("track_uri", "artist_name").rows() == [("x", "9"), ("y", "1"), ("z", "5")]
    assert pl.read_parquet(targets["quarantine"])["where"].to_list() == [f"{tmp_path}/test.tsv: row 1"]
