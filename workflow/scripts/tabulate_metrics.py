"""Writes the page of the test metrics of all models."""

import polars as pl

from segue.files import write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.tables import best_and_least, metric_tables


def tabulate_metrics(summary: str, target: str, k: int) -> None:
    """``summary``: the Parquet file of all models' metrics; ``k``: the cut-off that comes first."""
    sections = []
    for title, table in metric_tables(pl.read_parquet(summary), k):
        best, least = best_and_least(table)
        formats = {name: ".4f" for name, dtype in table.schema.items() if dtype.is_float()}
        sections.append(sortable_table(table, title, formats, best, least))
    write_text(target, tables_page("Test metrics", sections))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_metrics(snakemake.input.summary, snakemake.output.page, **snakemake.params.settings)
