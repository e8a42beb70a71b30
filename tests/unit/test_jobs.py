import pytest

from segue.errors import SegueError
from segue.jobs import log, logged


def test_lines_are_logged_and_seen(tmp_path, capsys):
    with logged(tmp_path / "logs" / "job.log"):
        log.info("epoch %d", 3)
    assert (tmp_path / "logs" / "job.log").read_text().endswith("epoch 3\n")
    assert capsys.readouterr().err.endswith("epoch 3\n")
    assert not log.handlers


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
    assert capsys.readouterr().err == text


def test_a_defect_comes_with_traceback(tmp_path):
    with pytest.raises(SystemExit, match="1"), logged(tmp_path / "job.log"):
        raise ZeroDivisionError
    text = (tmp_path / "job.log").read_text()
    assert "defect in Segue" in text
    assert "ZeroDivisionError" in text
