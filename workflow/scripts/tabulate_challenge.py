"""Writes the page of the challenge, and its caption in the report."""

from collections.abc import Sequence

import polars as pl

from segue.challenge.scores import METRICS
from segue.files import read_json, write_text
from segue.jobs import logged
from segue.report.challenge import (
    REACH,
    by_category,
    by_contender,
    caption,
    compared,
    errors_of_means,
    held_out,
    overall,
    published,
)
from segue.report.html import sortable_table, tables_page
from segue.report.tables import labelled
from segue.run.families import Families


def tabulate_challenge(
    summary: str,
    stats: str,
    page: str,
    text: str,
    paired: Sequence[str] = (),
    errors: Sequence[str] = (),
    families: Families | None = None,
) -> None:
    """``stats``: stats.json of `hold_out_playlists`; ``page``: HTML; ``text``: reStructuredText.

    ``paired``, ``errors``: of `compare_challenge`, a file each where something answers from the catalogue;
    ``families``: of the run's convolutions.
    """
    table, drawn = pl.read_parquet(summary), read_json(stats)
    differences, known = (next(map(pl.read_parquet, paths), None) for paths in (paired, errors))
    everything = overall(table)
    least = [metric.title for metric in METRICS.values() if metric.less_is_better]
    numbers = {name: ".4f" for name, dtype in everything.schema.items() if dtype.is_float()}
    most = [name for name in numbers if name not in (*least, REACH)]
    sections = [
        sortable_table(
            labelled(everything, families), "All playlists", numbers | {REACH: ".1%"}, most, least
        ),
        sortable_table(published(), "Published, on other data", numbers),
    ]
    if known is not None:
        rows = errors_of_means(known, everything["model"])
        sections.append(sortable_table(labelled(rows, families), "Standard errors of these means", numbers))
    for title, rows in compared(differences, families) if differences is not None else ():
        formats = dict.fromkeys(rows.columns[2:-1], "+z.4f") | {"standard error": ".4f"}
        sections.append(sortable_table(rows, title, formats))
    for name, metric in METRICS.items():
        title = f"{metric.title} by category: {metric.unit}"
        if known is None:
            rows = by_category(table, name, families)
            sections.append(sortable_table(rows, title, dict.fromkeys(rows.columns[1:], ".4f")))
        else:
            rows = by_contender(table, name, families)
            columns = rows.columns[1:]
            best = ([], columns) if metric.less_is_better else (columns, [])
            sections.append(sortable_table(rows, title, dict.fromkeys(columns, ".4f"), *best))
    counts = held_out(table, drawn)
    formats = {
        name: ".1%" if dtype.is_float() else ","
        for name, dtype in counts.schema.items()
        if dtype.is_numeric()
    }
    sections.append(sortable_table(counts, "What was held out", formats))
    write_text(page, tables_page("The challenge", sections))
    write_text(text, "\n\n".join(caption(table, drawn, differences, families)) + "\n")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_challenge(
            snakemake.input.summary,
            snakemake.input.stats,
            snakemake.output.page,
            snakemake.output.caption,
            list(snakemake.input.paired),
            list(snakemake.input.errors),
            **snakemake.params.settings,
        )
