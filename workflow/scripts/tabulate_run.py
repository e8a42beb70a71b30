"""Writes the page of a run's settings, versions and timings."""

from typing import Any

from segue.files import write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.run import run_counts, settings_table, timings_table, versions_table


def tabulate_run(
    stats: str, best: str, jobs: list[str], benchmarks: list[str], settings: dict[str, Any], target: str
) -> None:
    """``jobs``: rule, or rule/wildcards, of each of ``benchmarks``."""
    times = timings_table(jobs, benchmarks).rename(
        {
            "seconds": "wall time (s)",
            "longest": "longest (s)",
            "cpu": "CPU time (s)",
            "memory": "memory (MiB)",
        }
    )
    specs = {name: ",.1f" for name in times.columns if "(s)" in name} | {"memory (MiB)": ",.0f"}
    page = tables_page(
        "This run",
        [
            sortable_table(run_counts(stats, best), "Counts"),
            sortable_table(times, "Timings", specs),
            sortable_table(versions_table(), "Versions"),
            sortable_table(settings_table(settings), "Settings"),
        ],
    )
    write_text(target, page)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_run(
            snakemake.input.stats,
            snakemake.input.best,
            snakemake.params.settings["jobs"],
            snakemake.input.benchmarks,
            snakemake.params.settings["config"],
            snakemake.output.page,
        )
