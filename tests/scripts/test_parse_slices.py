import gzip
import hashlib
import json
import runpy
import zipfile
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
import zstandard
from polars.testing import assert_frame_equal
from slice_cases import damage_last_member

import parse_slices as script
from segue.data.ingest import Batch, Tables
from segue.data.provenance import VERSION, read_provenance
from segue.data.quarantine import SCHEMA
from segue.data.slices import Source
from segue.errors import SegueError

NAMES = ("edges", "playlists", "tracks", "quarantine")
FILES = ["edges.parquet", "playlists.parquet", "quarantine.parquet", "tracks.parquet"]


@pytest.fixture
def sources(tmp_path, write_slice):
    first = [{"pid": 1, "tracks": "ab"}, {"pid": 0, "tracks": "a"}]
    second = [{"pid": 2, "tracks": "caa", "name": "Nøt 🌙"}]
    return [
        Source(str(write_slice(tmp_path / f"mpd.slice.{pids}.json", playlists)))
        for pids, playlists in (("0-1", first), ("2-3", second))
    ]


@pytest.fixture
def targets(tmp_path):
    return {name: str(tmp_path / "batch" / f"{name}.parquet") for name in NAMES}


def parse(sources: list[Source], targets: dict[str, str], on_bad_slice="fail", md5sums=None) -> None:
    script.parse_slices(sources, targets, on_bad_slice, md5sums)


def read(targets: dict[str, str]) -> Tables:
    return Tables(**{name: pl.read_parquet(path) for name, path in targets.items()})


def left_in(targets: dict[str, str]) -> list[str]:
    folder = Path(targets["edges"]).parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_four_tables_are_written(sources, targets):
    parse(sources, targets)
    assert left_in(targets) == FILES
    batch = Batch(quarantine=False)
    for source in sources:
        batch.add(Path(source.path).read_bytes(), source.name, str(source))
    tables = read(targets)
    for table, expected in zip(tables, batch.tables(), strict=True):
        assert_frame_equal(table, expected)
    assert tables.edges.rows() == [(0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 0, 1), (2, 2, 0, 1), (2, 0, 1, 2)]
    assert tables.playlists["slice"].to_list() == [sources[0].name, sources[0].name, sources[1].name]
    assert dict(tables.quarantine.schema) == SCHEMA
    assert tables.quarantine.is_empty()


def test_tables_say_what_they_were_made_from(sources, targets):
    parse(sources, targets)
    for name, target in targets.items():
        about = read_provenance(target)
        assert (about["version"], about["schema"]) == (VERSION, f"slices/{name}")
        assert [source["file"] for source in about["sources"]] == [source.path for source in sources]
        assert [source["bytes"] for source in about["sources"]] == [
            Path(s.path).stat().st_size for s in sources
        ]


def test_packed_slices_give_the_same_tables(sources, targets, tmp_path):
    parse(sources, targets)
    expected = read(targets)
    first, second = (Path(source.path).read_bytes() for source in sources)
    (tmp_path / "packed").mkdir()
    files = [
        tmp_path / "packed" / f"{source.name}{suffix}"
        for source, suffix in zip(sources, (".gz", ".zst"), strict=True)
    ]
    files[0].write_bytes(gzip.compress(b"\xef\xbb\xbf" + first))
    files[1].write_bytes(zstandard.compress(second))
    archive = tmp_path / "packed" / "mpd.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for source, text in zip(sources, (first, second), strict=True):
            file.writestr(f"data/{source.name}", text)
    for packed in (
        [Source(str(path)) for path in files],
        [Source(str(archive), f"data/{s.name}") for s in sources],
    ):
        parse(packed, targets)
        tables = read(targets)
        assert tables.edges.equals(expected.edges)
        assert tables.tracks.equals(expected.tracks)
        assert tables.playlists.drop("slice").equals(expected.playlists.drop("slice"))
        assert tables.playlists["slice"].to_list() == [packed[0].name, packed[0].name, packed[1].name]


def test_md5_sums_are_of_the_unpacked_text(sources, targets, tmp_path):
    texts = [Path(source.path).read_bytes() for source in sources]
    sums = [hashlib.md5(text, usedforsecurity=False).hexdigest() for text in texts]
    Path(f"{sources[0].path}.gz").write_bytes(gzip.compress(texts[0]))
    packed = [Source(f"{sources[0].path}.gz"), sources[1]]
    listing = tmp_path / "md5sums"
    listing.write_text("".join(f"{md5}  {s.name}\n" for md5, s in zip(sums, sources, strict=True)))
    parse(packed, targets, md5sums=str(listing))
    assert left_in(targets) == FILES

    listing.write_text(f"{sums[0]}  {sources[0].name}\n{sums[0]}  {sources[1].name}\n")
    with pytest.raises(SegueError, match="not the one that its MD5 promises"):
        parse(packed, targets, md5sums=str(listing))
    parse(packed, targets, "quarantine", str(listing))
    assert read(targets).playlists["pid"].to_list() == [1, 0]
    assert read(targets).quarantine.select("slice", "pid", "playlists").rows() == [(sources[1].name, None, 2)]
    listing.write_text("no sums")
    with pytest.raises(SegueError, match="MD5 sums of the slices cannot be read"):
        parse(packed, targets, "quarantine", str(listing))


def test_what_is_bad_is_put_aside(sources, targets, tmp_path):
    content = json.loads(Path(sources[0].path).read_text())
    content["playlists"][0]["tracks"][1]["pos"] = "one"
    Path(sources[0].path).write_text(json.dumps(content))
    gone = Source(str(tmp_path / "mpd.slice.10-19.json"))
    parse([*sources, gone], targets, "quarantine")
    tables = read(targets)
    assert tables.playlists["pid"].to_list() == [0, 2]
    assert tables.quarantine.rows() == [
        (
            sources[0].name,
            1,
            1,
            0,
            False,
            "A slice has a field that is missing or has a wrong value.",
            f"{sources[0]}: $.playlists[0].tracks[1].pos",
            '"one"',
            "int",
        ),
        (
            gone.name,
            None,
            10,
            0,
            True,
            "A slice cannot be read.",
            str(gone),
            "No such file or directory",
            "a file that this user may read",
        ),
    ]
    # The slice that was not read is no source of the tables.
    assert [source["file"] for source in read_provenance(targets["edges"])["sources"]] == [
        s.path for s in sources
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_damage_in_an_archive_is_put_aside(sources, targets, tmp_path, method):
    member = Source(str(tmp_path / "mpd.zip"), "mpd.slice.10-19.json")
    with zipfile.ZipFile(member.path, "w", method) as archive:
        archive.writestr(member.member, "x" * 1000)
    damage_last_member(member.path)
    parse([*sources, member], targets, "quarantine")
    tables = read(targets)
    assert tables.playlists["pid"].to_list() == [1, 0, 2]
    assert tables.quarantine.select("slice", "playlists", "what").rows() == [
        ("mpd.slice.10-19.json", 10, "A compressed slice is damaged.")
    ]


def test_the_same_slices_give_the_same_bytes(sources, targets):
    written = []
    for _ in range(2):
        parse(sources, targets)
        written.append([Path(target).read_bytes() for target in targets.values()])
    assert written[0] == written[1]


@pytest.mark.parametrize("contents", ["", '{"playlists": [', '{"playlists": [{"pid": "x"}]}'])
def test_a_bad_slice_leaves_nothing(sources, targets, contents):
    Path(sources[1].path).write_text(contents)
    with pytest.raises(SegueError, match=r"mpd\.slice\.2-3\.json"):
        parse(sources, targets)
    assert left_in(targets) == []


def test_a_bad_slice_leaves_earlier_tables_as_they_were(sources, targets):
    parse(sources, targets)
    before = [Path(target).read_bytes() for target in targets.values()]
    Path(sources[0].path).write_text("[]")
    with pytest.raises(SegueError):
        parse(sources, targets)
    assert [Path(target).read_bytes() for target in targets.values()] == before
    assert left_in(targets) == FILES


def test_a_full_disk_leaves_no_half_table(sources, targets, monkeypatch):
    write, calls = pl.DataFrame.write_parquet, []

    def fail_on_the_third(frame, path, **options):
        write(frame, path, **options)
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fail_on_the_third)
    with pytest.raises(SegueError, match="The disk is full") as raised:
        parse(sources, targets)
    assert raised.value.where == list(targets.values())[2]
    assert left_in(targets) == sorted(Path(path).name for path in list(targets.values())[:2])


def run_as_rule(
    sources: list[Source], targets: dict[str, str], log: Path, on_bad_slice: str = "fail"
) -> None:
    rule = SimpleNamespace(
        input={"files": [source.path for source in sources], "md5sums": []},
        output=targets,
        log=[str(log)],
        params=SimpleNamespace(
            settings={"sources": [list(source) for source in sources], "on_bad_slice": on_bad_slice}
        ),
    )
    runpy.run_path(script.__file__, init_globals={"snakemake": rule}, run_name="__main__")


def test_the_rule_logs_each_slice_and_the_totals(sources, targets, tmp_path):
    run_as_rule(sources, targets, tmp_path / "log.txt")
    first, second, total = (tmp_path / "log.txt").read_text().splitlines()
    assert first.endswith("mpd.slice.0-1.json: 2 playlists, 3 entries")
    assert second.endswith("mpd.slice.2-3.json: 1 playlists, 3 entries")
    assert total.endswith("2 slice(s): 5 edges, 3 playlists, 3 tracks")
    assert left_in(targets) == FILES


def test_the_rule_fails_with_a_message_and_no_traceback(sources, targets, tmp_path):
    Path(sources[1].path).write_text("{}")
    with pytest.raises(SystemExit) as ended:
        run_as_rule(sources, targets, tmp_path / "log.txt")
    assert ended.value.code == 1
    text = (tmp_path / "log.txt").read_text()
    assert f"where: {sources[1]}: $\n" in text
    assert "Traceback" not in text
    assert left_in(targets) == []


def test_the_rule_logs_what_it_puts_aside(sources, targets, tmp_path):
    Path(sources[1].path).write_text("{}")
    run_as_rule(sources, targets, tmp_path / "log.txt", "quarantine")
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert lines[2].endswith(
        f"Rejected: {sources[1]}: $: A slice has a field that is missing or has a wrong value. "
        'Found {}, expected a field "playlists"'
    )
    assert lines[3].endswith("Rejected in all: 2 playlists, in 1 rows")
    assert left_in(targets) == FILES
