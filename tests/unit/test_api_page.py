"""docs/api.md, and what of the library it describes."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import segue
from segue.api_page import page, signature

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date():
    """Else `python -m segue.api_page`, in the folder of the workflow, writes it anew."""
    assert (ROOT / "docs/api.md").read_text() == page()


@pytest.mark.parametrize("name", segue.__all__)
def test_what_is_public_says_what_it_takes_and_what_it_raises(name):
    found = getattr(segue, name)
    doc = inspect.getdoc(found)
    assert doc
    if inspect.isfunction(found):
        assert "Raises SegueError" in doc
        for parameter in inspect.signature(found).parameters:
            assert f"``{parameter}``" in doc or f"``{parameter}:" in doc, parameter
        if "DataFrame" in signature(found).rpartition("->")[2]:
            assert "\nColumns:\n\n- " in doc


def test_signatures_are_those_of_the_code():
    assert signature(segue.load) == (
        'load(results: str | Path = "results", model: str | None = None) -> Continuation'
    )
    wanted = "Playlist(tracks: tuple[str, ...] = (), title: str | None = None, pid: int | None = None)"
    assert signature(segue.Playlist) == wanted
    assert "    *,\n    ids: Mapping[str, str] | None = None," in signature(segue.from_hetero_data)


def test_help_and_completion_know_the_public_names():
    check = "import segue; print(*dir(segue))"
    path = {"PYTHONPATH": str(ROOT / "workflow/scripts")}
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, env=path)
    assert set(segue.__all__) <= set(done.stdout.split())


def test_a_notebook_shows_the_message_of_an_error_and_no_traceback():
    error = segue.SegueError("What is wrong.", where="here", fix="mend it")
    assert error._render_traceback_() == [
        "SegueError: What is wrong.",
        "  where: here",
        "  next step: mend it",
    ]


def test_every_link_of_the_page_has_its_heading():
    text = page()
    anchors = {re.sub(r"[^\w\s-]", "", heading).lower() for heading in re.findall(r"^## (.*)", text, re.M)}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) == anchors
