"""Writes the page of a run's settings, versions and timings."""

from typing import Any

from segue.files import write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.run import run_counts, settings_table, times_in_all, timings_table, versions_table
from segue.run.families import Families

TITLES = {
    "seconds": "wall time (s)",
    "longest": "longest (s)",
    "cpu": "CPU time (s)",
    "memory": "memory (MiB)",
}


def tabulate_run(
    stats: str,
    best: str,
    jobs: list[str],
    benchmarks: list[str],
    target: str,
    *,
    config: dict[str, Any],
    families: Families | None = None,
) -> None:
    """``jobs``: rule, or rule/wildcards, of each of ``benchmarks``; ``config``: the settings of the run;
    ``families``: of its convolutions."""
    times = timings_table(jobs, benchmarks)
    total = {TITLES.get(name, name): value for name, value in times_in_all(times).items()}
    specs = dict.fromkeys(TITLES.values(), ",.1f") | {TITLES["memory"]: ",.0f"}
    page = tables_page(
        "This run",
        [
            sortable_table(run_counts(stats, best, families), "Counts"),
            sortable_table(times.rename(TITLES), "Timings", specs, total=total),
            sortable_table(versions_table(), "Versions"),
            sortable_table(settings_table(config), "Settings"),
        ],
    )
    write_text(target, page)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        settings = dict(snakemake.params.settings)
        tabulate_run(
            snakemake.input.stats,
            snakemake.input.best,
            settings.pop("jobs"),
            snakemake.input.benchmarks,
            snakemake.output.page,
            **settings,
        )
