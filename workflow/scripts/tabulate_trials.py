"""Writes the page of what was tried and chosen."""

import polars as pl

from segue.files import write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.trials import chosen_table, trial_tables
from segue.run.families import Families

FORMATS = {"validation recall": ".4f"}


def tabulate_trials(trials: str, target: str, families: Families | None = None) -> None:
    """``trials``: the table of collect_trials; ``families``: of the run's convolutions."""
    table = pl.read_parquet(trials)
    sections = [sortable_table(chosen_table(table, families), "Chosen", FORMATS)]
    for title, tried in trial_tables(table, families):
        sections.append(sortable_table(tried, title, FORMATS, ["validation recall"]))
    write_text(target, tables_page("Settings chosen by validation", sections))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_trials(snakemake.input.trials, snakemake.output.page, **snakemake.params.settings)
