"""Writes the page of the challenge, and its caption in the report."""

import polars as pl

from segue.challenge.scores import METRICS
from segue.files import read_json, write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.tables import by_category, caption, held_out, overall, published


def tabulate_challenge(summary: str, stats: str, page: str, text: str) -> None:
    """``stats``: stats.json of `hold_out_playlists`; ``page``: HTML; ``text``: reStructuredText."""
    table, drawn = pl.read_parquet(summary), read_json(stats)
    everything = overall(table)
    least = [metric.title for metric in METRICS.values() if metric.less_is_better]
    best = [name for name in everything.columns[1:] if name not in least]
    numbers = dict.fromkeys(everything.columns[1:], ".4f")
    sections = [
        sortable_table(everything, "All playlists", numbers, best, least),
        sortable_table(published(), "Published, on other data", numbers),
    ]
    for name, metric in METRICS.items():
        rows = by_category(table, name)
        title = f"{metric.title} by category: {metric.unit}"
        sections.append(sortable_table(rows, title, dict.fromkeys(rows.columns[1:], ".4f")))
    counts = held_out(table, drawn)
    formats = dict.fromkeys(counts.columns[1:-1], ",") | {counts.columns[-1]: ".1%"}
    sections.append(sortable_table(counts, "What was held out", formats))
    write_text(page, tables_page("The challenge", sections))
    write_text(text, "\n\n".join(caption(table, drawn)) + "\n")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_challenge(
            snakemake.input.summary, snakemake.input.stats, snakemake.output.page, snakemake.output.caption
        )
