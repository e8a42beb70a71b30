"""The one exception that a user is meant to read, and how what was found is shown in it."""

import json
from typing import Any

WIDTH = 60  # characters of what was found, at most


class SegueError(Exception):
    """Input, configuration or data that Segue cannot work with.

    The message says what is wrong, where, what was found, what was expected and what to do next. The command
    and notebooks show it without a traceback: whoever raises it has already said all that helps. The parts
    are attributes too, so that a table can list them.
    """

    def __init__(self, what: str, *, where: str = "", found: str = "", expected: str = "", fix: str = ""):
        self.what, self.where, self.found, self.expected, self.fix = what, where, found, expected, fix
        parts = (("where", where), ("found", found), ("expected", expected), ("next step", fix))
        super().__init__("\n".join([what, *(f"  {name}: {text}" for name, text in parts if text)]))

    def _render_traceback_(self) -> list[str]:
        """What IPython, and so a notebook, shows: its lines."""
        return f"{type(self).__name__}: {self}".splitlines()


def shortened(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def shown(value: Any) -> str:
    """``value`` as Python writes it, shortened: a text quoted, its invisible characters escaped."""
    return shortened(repr(value))


def typed(value: Any) -> str:
    """``value`` as ``shown``, and what it is: 7, an int."""
    return f"{shown(value)}, {a_kind(value)}"


def a_kind(value: Any) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


def counted(number: int, noun: str) -> str:
    """As 1 track, 2 tracks, 1,000 tracks."""
    return f"{number:,} {noun}" + "s" * (number != 1)


def as_json(value: Any) -> str:
    """``value`` as JSON has it, shortened."""
    return shortened(json.dumps(value, ensure_ascii=False))
