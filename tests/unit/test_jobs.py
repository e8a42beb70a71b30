import errno
import sys

import pytest

from segue.errors import SegueError
from segue.files import write_text
from segue.jobs import log, logged


def test_lines_are_logged_and_warnings_seen_too(tmp_path, capsys):
    with logged(tmp_path / "logs" / "job.log"):
        log.info("epoch %d", 3)
        log.warning("3 rejected")
    lines = (tmp_path / "logs" / "job.log").read_text().splitlines()
    assert [line[9:] for line in lines] == ["epoch 3", "3 rejected"]
    assert capsys.readouterr().err == f"{lines[1]}\n"
    assert not log.handlers


def test_on_a_terminal_a_warning_takes_the_place_of_the_progress(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with logged(tmp_path / "job.log"):
        log.warning("3 rejected")
    assert capsys.readouterr().err == "\r\x1b[2K" + (tmp_path / "job.log").read_text()


def test_an_error_for_the_user_comes_without_traceback(tmp_path, capsys):
    with pytest.raises(SystemExit, match="1"), logged(tmp_path / "job.log"):
        raise SegueError(
            "Nothing to read.", where="data.dir", found="no file", expected="slices", fix="fetch"
        )
    text = (tmp_path / "job.log").read_text()
    assert text.endswith(
        "Error: Nothing to read.\n"
        "  where: data.dir\n  found: no file\n  expected: slices\n  next step: fetch\n"
    )
    assert "Traceback" not in text
    assert capsys.readouterr().err == ""  # Snakemake shows the log of a failed job


def test_a_defect_comes_with_traceback(tmp_path):
    with pytest.raises(SystemExit, match="1"), logged(tmp_path / "job.log"):
        raise ZeroDivisionError
    text = (tmp_path / "job.log").read_text()
    assert "defect in Segue" in text
    assert "ZeroDivisionError" in text


FULL_DISKS = [
    OSError(errno.ENOSPC, "No space left on device", "deep/table.csv"),
    OSError(errno.EDQUOT, "Disk quota exceeded", "deep/table.csv"),
    RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
]


@pytest.mark.parametrize("error", FULL_DISKS, ids=lambda error: type(error).__name__)
def test_a_full_disk_is_no_defect(tmp_path, error):
    with pytest.raises(SystemExit, match="1"), logged(tmp_path / "job.log"):
        raise error
    text = (tmp_path / "job.log").read_text()
    where = error.filename if isinstance(error, OSError) else tmp_path / "job.log"
    assert f"Error: The disk is full.\n  where: {where}\n  found: " in text
    assert "next step: make space" in text
    assert "Traceback" not in text


def test_on_a_full_disk_the_message_is_still_seen(small_disk, capsys):
    disk = small_disk(16)
    with pytest.raises(OSError, match="No space"):
        (disk / "other").write_bytes(b"x" * 2**20)
    with pytest.raises(SystemExit, match="1"), logged(disk / "logs/job.log"):
        write_text(disk / "a.json", "{}")
    seen = capsys.readouterr().err
    assert f"  where: {disk}/a.json\n  found: 0 bytes free in {disk}\n  expected: 2 bytes" in seen
    assert "Traceback" not in seen
    assert "Logging error" not in seen
