"""Finished runs that this one is set beside."""

from pathlib import Path

from segue.errors import SegueError


def summaries_of(runs: dict[str, str]) -> list[str]:
    """The table of test metrics of each of ``runs``, name and results folder, in their order.

    Raises SegueError where one is missing.
    """
    paths = {name: f"{folder.rstrip('/')}/metrics/summary.parquet" for name, folder in runs.items()}
    for name, path in paths.items():
        if not Path(path).is_file():
            raise SegueError(
                "A run to compare with is not there, or not finished.",
                where=f"compare.runs.{name}",
                found=f"no file {path}",
                expected="the results folder of a finished run",
                fix="make that run first: `snakemake --cores 8`, with its --configfile if it has one",
            )
    return list(paths.values())
