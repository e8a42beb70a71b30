"""The batches that a run reads, as its configuration names them."""

from pathlib import Path
from typing import Any

from segue.data.batches import edge_files
from segue.data.slices import Source, batches, sample_slices, select_slices


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
