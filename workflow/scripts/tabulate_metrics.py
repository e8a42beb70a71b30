"""Writes the page of the test metrics of all models, and of how sure their differences are."""

import polars as pl

from segue.files import write_text
from segue.jobs import logged
from segue.report.html import paragraph, sortable_table, tables_page
from segue.report.paired import answer, difference_tables
from segue.report.tables import best_and_least, labelled, metric_tables, seeds_table
from segue.run.families import Families

IN_COMMANDS = "in commands"  # the name that they know a model by


def tabulate_metrics(
    summary: str, paired: str, seeds: list[str], target: str, k: int, families: Families | None = None
) -> None:
    """``summary``: the Parquet file of all models' metrics; ``paired``: of their differences; ``seeds``: of
    several seeds, or none; ``k``: the cut-off that comes first; ``families``: of the run's convolutions."""
    differences, spreads = pl.read_parquet(paired), [pl.read_parquet(path) for path in seeds]
    count = max((spread["seeds"].max() for spread in spreads), default=1)
    sections = [paragraph(sentence) for sentence in answer(differences, count, families)]
    tested = pl.read_parquet(summary)
    for title, table in metric_tables(labelled(tested, families), k):
        named = table.insert_column(1, tested["model"].alias(IN_COMMANDS)) if title == f"Top {k}" else table
        formats, best = _formats(table, ".4f"), best_and_least(table)
        sections.append(sortable_table(named, title, formats, *best, code=[IN_COMMANDS]))
    for title, table in difference_tables(differences, families):
        sections.append(sortable_table(table, title, _formats(table, "+z.4f")))
    for spread in spreads:
        table = seeds_table(labelled(spread, families), k)
        sections.append(sortable_table(table, "Seeds", _formats(table, ".4f")))
    write_text(target, tables_page("Test metrics", sections))


def _formats(table: pl.DataFrame, spec: str) -> dict[str, str]:
    return {name: spec for name, dtype in table.schema.items() if dtype.is_float()}


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_metrics(
            snakemake.input.summary,
            snakemake.input.paired,
            list(snakemake.input.seeds),
            snakemake.output.page,
            **snakemake.params.settings,
        )
