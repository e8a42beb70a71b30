import runpy
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import parse_slices as script
from segue.errors import SegueError
from segue.mpd import read_slice, tables

NAMES = ("edges", "playlists", "tracks")


@pytest.fixture
def sources(tmp_path, write_slice):
    return [
        str(
            write_slice(
                tmp_path / "mpd.slice.0-1.json", [{"pid": 1, "tracks": "ab"}, {"pid": 0, "tracks": "a"}]
            )
        ),
        str(write_slice(tmp_path / "mpd.slice.2-3.json", [{"pid": 2, "tracks": "caa", "name": "Nøt 🌙"}])),
    ]


@pytest.fixture
def targets(tmp_path):
    return {name: str(tmp_path / "batch" / f"{name}.parquet") for name in NAMES}


def left_in(targets: dict[str, str]) -> list[str]:
    folder = Path(targets["edges"]).parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_three_tables_are_written(sources, targets):
    script.parse_slices(sources, **targets)
    assert left_in(targets) == ["edges.parquet", "playlists.parquet", "tracks.parquet"]
    names = [Path(source).name for source in sources]
    expected = tables(map(read_slice, sources), names)
    for name in NAMES:
        assert_frame_equal(pl.read_parquet(targets[name]), getattr(expected, name))
    edges = pl.read_parquet(targets["edges"])
    assert edges.select("pid", "position", "count").rows() == [
        (0, 0, 1),
        (1, 0, 1),
        (1, 1, 1),
        (2, 0, 1),
        (2, 1, 2),
    ]
    assert pl.read_parquet(targets["playlists"])["slice"].to_list() == [names[0], names[0], names[1]]


def test_the_same_slices_give_the_same_bytes(sources, targets):
    written = []
    for _ in range(2):
        script.parse_slices(sources, **targets)
        written.append([Path(target).read_bytes() for target in targets.values()])
    assert written[0] == written[1]


@pytest.mark.parametrize("contents", ["", '{"playlists": [', '{"playlists": [{"pid": "x"}]}'])
def test_a_bad_slice_leaves_nothing(sources, targets, contents):
    Path(sources[1]).write_text(contents)
    with pytest.raises(SegueError, match=r"mpd\.slice\.2-3\.json"):
        script.parse_slices(sources, **targets)
    assert left_in(targets) == []


def test_a_bad_slice_leaves_earlier_tables_as_they_were(sources, targets):
    script.parse_slices(sources, **targets)
    before = [Path(target).read_bytes() for target in targets.values()]
    Path(sources[0]).write_text("[]")
    with pytest.raises(SegueError):
        script.parse_slices(sources, **targets)
    assert [Path(target).read_bytes() for target in targets.values()] == before
    assert len(left_in(targets)) == 3


def test_a_full_disk_leaves_nothing(sources, targets, monkeypatch):
    write, calls = pl.DataFrame.write_parquet, []

    def fail_on_the_third(frame, path, **options):
        write(frame, path, **options)
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fail_on_the_third)
    with pytest.raises(OSError, match="No space left"):
        script.parse_slices(sources, **targets)
    assert len(calls) == 3
    assert left_in(targets) == []


def run_as_rule(sources: list[str], targets: dict[str, str], log: Path) -> None:
    rule = SimpleNamespace(
        input=SimpleNamespace(slices=sources), output=SimpleNamespace(**targets), log=[str(log)]
    )
    runpy.run_path(script.__file__, init_globals={"snakemake": rule}, run_name="__main__")


def test_the_rule_logs_each_slice_and_the_totals(sources, targets, tmp_path):
    run_as_rule(sources, targets, tmp_path / "log.txt")
    first, second, total = (tmp_path / "log.txt").read_text().splitlines()
    assert first.endswith("mpd.slice.0-1.json: 2 playlists, 3 entries")
    assert second.endswith("mpd.slice.2-3.json: 1 playlists, 3 entries")
    assert total.endswith("2 slice(s): 5 edges, 3 playlists, 3 tracks")
    assert len(left_in(targets)) == 3


def test_the_rule_fails_with_a_message_and_no_traceback(sources, targets, tmp_path):
    Path(sources[1]).write_text("{}")
    with pytest.raises(SystemExit) as ended:
        run_as_rule(sources, targets, tmp_path / "log.txt")
    assert ended.value.code == 1
    text = (tmp_path / "log.txt").read_text()
    assert f"where: {sources[1]}: $\n" in text
    assert "Traceback" not in text
    assert left_in(targets) == []
