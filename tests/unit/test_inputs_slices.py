"""Each slice, folder or archive of tests/inputs/slices gives the playlists, or the message, that are told."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from inputs.cases import Case, load_cases

from parse_slices import parse_slices
from segue.data.quarantine import summary
from segue.data.slice_names import NAME
from segue.data.slices import select_slices
from segue.errors import SegueError

TABLES = ("edges", "playlists", "tracks", "quarantine")


def place_of(case: Case, folder: Path) -> Path:
    """What data.dir would be: the folder or archive itself, or a folder with the slice alone."""
    if not NAME.fullmatch(case.file):
        return case.path
    shutil.copy(case.path, folder)
    return folder


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
    folder, out = tmp_path / "slices", tmp_path / "out"
    folder.mkdir()
    place, mode = place_of(case, folder), case.expected.get("on_bad_slice", "fail")
    if case.outcome == "refused":
        with pytest.raises(SegueError) as error:
            read(place, out, mode)
        found = str(error.value)
    else:
        tables = read(place, out, mode)
        assert held(tables) == case.expected["playlists"]
        found = "\n".join(summary(tables["quarantine"]))
    for above in (folder, case.path.parent):
        found = found.replace(f"{above}/", "")
    assert found == case.message.strip()
