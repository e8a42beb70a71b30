"""Which input files a run reads, and which job reads which of them."""

from pathlib import Path
from typing import Any, NamedTuple

from segue.data.slices import Source, batches, sample_slices, select_slices
from segue.errors import SegueError


def batches_of_run(data: dict[str, Any], results: str | Path) -> dict[str, list[Source] | list[str]]:
    """What each batch is made from, by the batch's name: slices, or the paths of edge lists.

    ``data``: the section of the configuration; ``results``: the folder of all outputs, where the sample's
    slices lie. Raises SegueError as ``select_slices`` does.
    """
    if data["source"] == "edges":
        return {"000": [file.path for file in edge_files(data["edges"]["files"])]}
    return batches(_slices(data, results), data["slices_per_job"])


def _slices(data: dict[str, Any], results: str | Path) -> list[Source]:
    if data["source"] == "sample":
        return sample_slices(f"{results}/sample", data["slices"], data["sample"]["playlists_per_slice"])
    return select_slices(data["dir"], data["slices"], data["order"])


SEPARATORS = {".csv": ",", ".tsv": "\t", ".inter": "\t"}  # the last are RecBole's
COMPRESSED = (".gz", ".zst")


class EdgeFile(NamedTuple):
    """``path`` of an edge list; ``split``: train, validation or test, if all its edges are assigned to it."""

    path: str
    split: str | None


def edge_files(files: list[str | dict[str, str]]) -> list[EdgeFile]:
    """The files of ``data.edges.files``, in order: each a path or {path, split}.

    Raises SegueError when one of them is not there or is no file.
    """
    listed = [
        EdgeFile(**{"split": None, **(file if isinstance(file, dict) else {"path": file})}) for file in files
    ]
    for file in listed:
        if not Path(file.path).is_file():
            raise SegueError(
                "An edge list is missing.",
                where=file.path,
                found="a folder" if Path(file.path).is_dir() else "no file",
                expected="each file of data.edges.files, relative to the folder that snakemake runs in",
                fix="put the file there or correct data.edges.files",
            )
    return listed


def is_parquet(path: str) -> bool:
    return path.lower().endswith(".parquet")


def separator_of(path: str) -> str | None:
    """The separator that the suffix of a text file implies, compressed or not; None for any other suffix."""
    name = path.lower()
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    return SEPARATORS.get(Path(name).suffix)
