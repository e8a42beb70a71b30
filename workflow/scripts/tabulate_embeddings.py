"""Writes the page of what the embeddings and their maps are worth."""

import polars as pl

from segue.files import write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.tables import labelled, likeness_table, quality_table
from segue.run.families import Families


def tabulate_embeddings(
    likeness: list[str], quality: list[str], target: str, families: Families | None = None
) -> None:
    """``likeness``, ``quality``: files, one a model; either list may be empty. ``families``: of the run's
    convolutions."""
    sections = []
    for title, paths, make in (
        ("Likeness at the last epoch", likeness, likeness_table),
        ("Maps", quality, quality_table),
    ):
        if paths:
            table = make(
                labelled(pl.concat([pl.read_parquet(path) for path in paths], how="diagonal"), families)
            )
            formats = {name: ".3f" for name, dtype in table.schema.items() if dtype.is_float()}
            sections.append(sortable_table(table, title, formats))
    write_text(target, tables_page("Embeddings in numbers", sections))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_embeddings(
            list(snakemake.input.likeness),
            list(snakemake.input.quality),
            snakemake.output.page,
            **snakemake.params.settings,
        )
