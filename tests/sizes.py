"""How much the tests try: `make test` what shows a fault, `make test-all` (LONG=1) the same and more."""

import os
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("LONG", "0") not in ("", "0")


def quick_or_long(quick: T, long: T) -> T:
    """What a test takes in either form; ``long`` holds all that ``quick`` does."""
    return long if LONG else quick
