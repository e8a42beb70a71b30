"""Each edge list under tests/inputs/edges gives the edges, or the message, that its description says."""

import polars as pl
import pytest
from inputs.cases import Case, load_cases

from segue.data.edge_lists import read_edges
from segue.errors import SegueError

BY_NAME = {"playlist": "playlist", "track": "track"}


def read(case: Case) -> pl.DataFrame:
    return read_edges(str(case.path), **BY_NAME | case.expected.get("settings", {}))


def said(case: Case) -> str:
    """The message of a file that is refused, without its folder."""
    with pytest.raises(SegueError) as error:
        read(case)
    return str(error.value).replace(f"{case.path.parent}/", "")


@pytest.mark.parametrize("case", load_cases("edges"), ids=lambda case: f"{case.file}: {case.form}")
def test_case(case):
    if case.outcome == "refused":
        assert said(case) == case.message.strip()
    else:
        assert [list(row) for row in read(case).select("playlist", "track").rows()] == case.expected["edges"]
