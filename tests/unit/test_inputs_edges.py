"""Each edge list under tests/inputs/edges gives the edges, or the message, that its description says."""

import pytest
from inputs.cases import Case, load_cases

from segue.data.edge_lists import EdgeList, read_edges
from segue.data.quarantine import summary
from segue.errors import SegueError

BY_NAME = {"playlist": "playlist", "track": "track"}


def read(case: Case) -> EdgeList:
    return read_edges(str(case.path), **BY_NAME | case.expected.get("settings", {}))


def said(case: Case) -> str:
    """The error, or what the log says of rows that are set aside, without the folder."""
    if case.outcome == "refused":
        with pytest.raises(SegueError) as error:
            read(case)
        text = str(error.value)
    else:
        text = "\n".join(summary(read(case).rejected))
    return text.replace(f"{case.path.parent}/", "")


@pytest.mark.parametrize("case", load_cases("edges"), ids=lambda case: f"{case.file}: {case.form}")
def test_case(case):
    assert said(case) == case.message.strip()
    if case.outcome != "refused":
        edges, rejected, rows = read(case)
        assert [list(pair) for pair in edges.select("playlist", "track").rows()] == case.expected["edges"]
        if owners := case.expected.get("owners"):
            assert [list(pair) for pair in edges.select("artist", "album").rows()] == owners
        assert edges.height + rejected.height == rows
