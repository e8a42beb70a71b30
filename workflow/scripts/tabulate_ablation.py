"""Writes the page of what each channel of the second stage brings."""

import polars as pl

from segue.challenge.scores import METRICS
from segue.files import write_text
from segue.jobs import logged
from segue.report.ablation import ablation_by_category, ablation_table, answer
from segue.report.html import paragraph, sortable_table, tables_page
from segue.run.families import Families


def tabulate_ablation(ablation: str, target: str, invented: bool, families: Families | None = None) -> None:
    """``families``: of the run's convolutions."""
    table = pl.read_parquet(ablation)
    sections = [paragraph(sentence) for sentence in answer(table, invented)]
    for title, group in (("a group of channels", True), ("a channel", False)):
        rows = ablation_table(table, group, families)
        formats = {name: ".4f" if name.startswith("±") else "+z.4f" for name in rows.columns[1:]}
        sections.append(sortable_table(rows, f"Differences without {title}", formats))
    for name, metric in METRICS.items():
        rows = ablation_by_category(table, name)
        title = f"{metric.title} by category: differences without a group"
        sections.append(sortable_table(rows, title, dict.fromkeys(rows.columns[1:], "+z.4f")))
    write_text(target, tables_page("What each channel brings", sections))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_ablation(snakemake.input.ablation, snakemake.output.page, **snakemake.params.settings)
