"""Sets the test metrics of several runs beside each other, as a table and as a figure."""

import polars as pl

from segue.figures.comparison import compared_table, run_comparison
from segue.figures.looks import drawn_as
from segue.figures.style import save_png
from segue.files import atomic
from segue.jobs import logged
from segue.run.families import Families


def compare_runs(
    summaries: list[str], runs: list[str], csv: str, figure: str, k: int, families: Families | None = None
) -> None:
    """``summaries``: a Parquet file a run; ``runs``: their names, this run last; ``k``: cut-off to draw;
    ``families``: of this run's convolutions."""
    tables = {run: pl.read_parquet(path) for run, path in zip(runs, summaries, strict=True)}
    with drawn_as(families):
        comparison = compared_table(tables)
    with atomic(csv) as path:
        comparison.write_csv(path)
    with drawn_as(families):
        save_png(run_comparison(comparison, runs, k), figure)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        compare_runs(
            snakemake.input.summaries,
            csv=snakemake.output.csv,
            figure=snakemake.output.figure,
            **snakemake.params.settings,
        )
