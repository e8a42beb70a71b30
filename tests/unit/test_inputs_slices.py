"""Each slice, folder or archive of inputs/slices.py gives the playlists, or the message, that are told."""

from pathlib import Path

import polars as pl
import pytest
from inputs.cases import load_cases
from inputs.slices import MAKERS

from parse_slices import parse_slices
from segue.data.quarantine import summary
from segue.data.slice_names import NAME
from segue.data.slices import select_slices
from segue.errors import SegueError

TABLES = ("edges", "playlists", "tracks", "quarantine")


def read(place: Path, folder: Path, on_bad_slice: str) -> dict[str, pl.DataFrame]:
    targets = {name: str(folder / f"{name}.parquet") for name in TABLES}
    parse_slices(select_slices(place, "all", "numeric"), targets, on_bad_slice, None)
    return {name: pl.read_parquet(path) for name, path in targets.items()}


def held(tables: dict[str, pl.DataFrame]) -> dict[int, list[int]]:
    """Of each pid the numbers that its tracks' uris end with, in the order of their positions."""
    numbers = tables["tracks"]["track_uri"].str.tail(22).cast(pl.Int64)
    edges = tables["edges"].with_columns(number=numbers.gather(tables["edges"]["track"]))
    return {
        pid: edges.filter(playlist=row).sort("position")["number"].to_list()
        for row, pid in enumerate(tables["playlists"]["pid"])
    }


@pytest.mark.parametrize("case", load_cases("slices"), ids=lambda case: f"{case.file}: {case.form}")
def test_case(case, tmp_path):
    folder, out, mode = tmp_path / "slices", tmp_path / "out", case.expected.get("on_bad_slice", "fail")
    folder.mkdir()
    MAKERS[case.file](folder / case.file)
    # What data.dir would be: the folder with the slice alone, or the folder or archive itself.
    place = folder if NAME.fullmatch(case.file) else folder / case.file
    if case.outcome == "refused":
        with pytest.raises(SegueError) as error:
            read(place, out, mode)
        found = str(error.value)
    else:
        tables = read(place, out, mode)
        assert held(tables) == case.expected["playlists"]
        found = "\n".join(summary(tables["quarantine"]))
    assert found.replace(f"{folder}/", "") == case.message.strip()


def test_each_has_a_case():
    assert {case.file for case in load_cases("slices")} == set(MAKERS)
