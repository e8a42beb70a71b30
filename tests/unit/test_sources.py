import contextlib
import gzip
import os
import zipfile
from pathlib import Path

import pytest
import zstandard
from slice_cases import ENCRYPTED, FLAGS, METHOD, change_last_member

from segue.data import sources
from segue.data.slices import Source
from segue.data.sources import read_source, without_mark
from segue.errors import SegueError

TEXT = b'{"playlists": "' + bytes(range(35, 91)) * 5000 + b'"}'
NAME = "mpd.slice.0-9.json"


def packed(folder: Path, kind: str) -> Source:
    """TEXT in a file of ``kind``: json, gz, zst, zip or gz.zip."""
    inside = {
        "gz": gzip.compress(TEXT),
        "zst": zstandard.ZstdCompressor(write_checksum=True).compress(TEXT),
    }.get(kind.partition(".")[0], TEXT)
    if not kind.endswith("zip"):
        path = folder / (NAME if kind == "json" else f"{NAME}.{kind}")
        path.write_bytes(inside)
        return Source(str(path))
    source = Source(str(folder / "mpd.zip"), f"data/{NAME}" + (".gz" if kind == "gz.zip" else ""))
    with zipfile.ZipFile(source.path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(source.member, inside)
    return source


@pytest.mark.parametrize("kind", ["json", "gz", "zst", "zip", "gz.zip"])
def test_the_same_text_comes_out_of_every_packing(tmp_path, kind):
    assert read_source(packed(tmp_path, kind)) == TEXT
    assert len(list(tmp_path.iterdir())) == 1


def test_parts_that_were_packed_one_after_the_other(tmp_path):
    for suffix, pack in ((".gz", gzip.compress), (".zst", zstandard.compress)):
        path = tmp_path / f"{NAME}{suffix}"
        path.write_bytes(pack(TEXT[:1000]) + pack(TEXT[1000:]))
        assert read_source(Source(str(path))) == TEXT


def fault(source: Source) -> SegueError:
    with pytest.raises(SegueError) as caught:
        read_source(source)
    assert caught.value.where == str(source)
    return caught.value


@pytest.mark.parametrize("kind", ["gz", "zst", "zip", "gz.zip"])
def test_damage_is_seen_wherever_it_is(tmp_path, kind):
    source = packed(tmp_path, kind)
    whole = Path(source.path).read_bytes()
    for length in range(1, len(whole), max(len(whole) // 60, 1)):
        Path(source.path).write_bytes(whole[:length])
        assert fault(source).what == "A compressed slice is damaged."
    for at in range(len(whole)):
        Path(source.path).write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        with contextlib.suppress(SegueError):
            assert read_source(source) == TEXT, at  # a date or another field that does not matter


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_other_unpackers_say_of_damage(tmp_path, method):
    """lzma.LZMAError is neither an OSError nor a RuntimeError."""
    source = Source(str(tmp_path / "mpd.zip"), f"data/{NAME}")
    with zipfile.ZipFile(source.path, "w", method) as archive:
        archive.writestr(source.member, TEXT)
    assert read_source(source) == TEXT
    whole = Path(source.path).read_bytes()
    damaged = 0
    for at in range(30 + len(source.member), len(whole), 7):
        Path(source.path).write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            assert read_source(source) == TEXT, at
        except SegueError as error:
            damaged += error.what == "A compressed slice is damaged."
    assert damaged > 10


def test_a_member_that_is_gone_or_locked(tmp_path):
    source = packed(tmp_path, "zip")
    assert "other.json" in fault(Source(source.path, "other.json")).found
    change_last_member(source.path, FLAGS, lambda flags: flags | ENCRYPTED)
    assert fault(source).what == "A slice is encrypted."
    assert "without a password" in fault(source).expected


@pytest.mark.parametrize(("number", "name"), [(9, "Deflate64"), (98, "PPMd"), (55, "a method of its own")])
def test_a_member_that_is_packed_in_a_way_that_python_lacks(tmp_path, number, name):
    source = packed(tmp_path, "zip")
    change_last_member(source.path, METHOD, lambda _: number)
    assert fault(source).what == "A slice is packed in a way that Python cannot unpack."
    assert fault(source).found == f"{name} (type {number})"
    assert "damaged" not in str(fault(source))


@pytest.mark.parametrize("kind", ["json", "gz", "zst", "zip", "gz.zip"])
def test_what_unpacks_to_too_much_is_left_alone(tmp_path, kind, monkeypatch):
    source = packed(tmp_path, kind)
    monkeypatch.setattr(sources, "MAX_BYTES", len(TEXT))
    assert read_source(source) == TEXT
    monkeypatch.setattr(sources, "MAX_BYTES", len(TEXT) - 1)
    assert fault(source).what == "A slice is too large."


def test_files_that_cannot_be_read(tmp_path):
    gone = fault(Source(str(tmp_path / NAME)))
    assert (gone.what, gone.found) == ("A slice cannot be read.", "No such file or directory")
    assert fault(Source(str(tmp_path / "mpd.zip"), NAME)).found == "No such file or directory"
    (tmp_path / f"{NAME}.gz").mkdir()
    assert fault(Source(str(tmp_path / f"{NAME}.gz"))).found == "Is a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    source = packed(tmp_path, "json")
    Path(source.path).chmod(0)
    assert fault(source).found == "Permission denied"


def test_a_byte_order_mark_is_no_text():
    assert without_mark("\ufeff{}".encode()) == b"{}"
    assert without_mark(b"{}") == b"{}"
