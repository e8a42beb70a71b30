"""The folder of a run's results: what stands where in it."""

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


def served_files(model: str | None) -> list[str]:
    """Scorer, tracks, titles and split, within the folder of the results; ``model``: None for the best."""
    return [
        f"models/{model}/scorer.safetensors" if model else "serving/scorer.safetensors",
        "serving/tracks.parquet",
        "serving/titles.safetensors",
        "split/split.safetensors",
    ]
