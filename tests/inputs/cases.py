"""Files as people have them, invented, and what is made of each; docs/inputs.md tells it.

``<kind>.yaml`` describes every file of the folder ``<kind>``, or that ``<kind>.py`` makes; the test of the
kind reads each by the code that users do, and compares all that the description says. ``python
tests/inputs/cases.py`` writes the page.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

INPUTS = Path(__file__).parent
PAGE = INPUTS.parents[1] / "docs/inputs.md"
KINDS = {
    "playlists": "Playlists, for `segue continue`",
    "edges": "Edge lists, for `data.source: edges`",
    "slices": "Slices of the MPD, for `data.source: directory`",
    "config": "Configurations",
}
MADE = ("slices",)  # by slices.py: nothing with the name of a slice is committed
OUTCOMES = {
    "read": "read",
    "listed": "read, and what is left out is listed",
    "refused": "refused, before any work",
}
HEAD = """\
# What Segue reads

Each row is a file under `tests/inputs/`, or one that `slices.py` there makes, all of them invented, that
the tests read; the message is what the user sees. `python tests/inputs/cases.py` makes this page from the
files' descriptions there.
"""


@dataclass(frozen=True)
class Case:
    """A file of the folder ``kind``; ``expected``: what the test of its kind compares."""

    kind: str
    form: str
    file: str
    outcome: str
    message: str = ""
    expected: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return INPUTS / self.kind / self.file

    def __str__(self) -> str:
        return self.file


def load_cases(kind: str) -> list[Case]:
    """The cases of ``kind``, in the order of its description, one or more for every file of its folder.

    Raises ValueError where a file has no case, a case no file, an outcome another name than in OUTCOMES, or
    where what is listed or refused has no message; what is read may have one.
    """
    described = yaml.safe_load((INPUTS / f"{kind}.yaml").read_text(encoding="utf-8")) or []
    known = ("form", "file", "outcome", "message")
    cases = [
        Case(
            kind,
            **{key: one[key] for key in known if key in one},
            expected={key: value for key, value in one.items() if key not in known},
        )
        for one in described
    ]
    named = {case.file for case in cases}
    files = named if kind in MADE else {path.name for path in (INPUTS / kind).iterdir()}
    if files != named:
        raise ValueError(f"{kind}: no case of {sorted(files - named)}, no file of {sorted(named - files)}")
    for case in cases:
        if case.outcome not in OUTCOMES or (case.outcome != "read" and not case.message):
            raise ValueError(f"{kind}: {case.file} is {case.outcome!r}, with the message {case.message!r}")
    return cases


def page() -> str:
    """docs/inputs.md: a table a kind."""
    parts = [HEAD]
    for kind, title in KINDS.items():
        rows = [_row(case) for case in load_cases(kind)]
        head = "| form | file | what is made of it |", "|---|---|---|"
        parts.append("\n".join([f"## {title}\n", *head, *rows, ""]))
    return "\n".join(parts)


def _row(case: Case) -> str:
    said = OUTCOMES[case.outcome] + "".join(
        f"<br>{_code(line.strip())}" for line in case.message.strip().splitlines()
    )
    return f"| {_cell(case.form)} | `{case.file}` | {said} |"


def _code(line: str) -> str:
    """As code whatever it holds: a fence longer than any run of backticks in it."""
    fence = "`"
    while fence in line:
        fence += "`"
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return _cell(f"{fence}{pad}{line}{pad}{fence}")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
