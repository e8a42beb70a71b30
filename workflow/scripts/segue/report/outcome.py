"""What a finished run says at its end: who won, by how much, where the report is, what to try next."""

import csv
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from segue.run.families import Families
from segue.run.labels import label
from segue.run.measured import best_choice, metrics_of

REPORT = "report.html"


def outcome(
    results: Path, *, is_sample: bool, files: Sequence[str] = (), families: Families | None = None
) -> str:
    """Lines of text, for a run with its results in ``results``; empty where it has not said which network is
    best, or not tested it.

    ``is_sample``: whether its playlists are invented; ``files``: of settings, that it was started with.
    """
    best = best_choice(results)
    tested = metrics_of(results, best.get("model"))
    if not tested:
        return ""
    k, name = best["recall_k"], best["model"]
    titles = {f"recall@{k}": f"Recall@{k}", f"ndcg@{k}": f"NDCG@{k}"}
    metrics = {metric: title for metric, title in titles.items() if metric in tested}
    header = ["on the test edges", *metrics.values()]
    rows = [[label(name, families), *(f"{tested[metric]['value']:.4f}" for metric in metrics)]]
    pairs = _compared(results, metrics)
    if pairs:
        baseline = next(iter(pairs.values()))["baseline"]
        own = metrics_of(results, baseline)
        # Of several seeds a network's are means, and its first row has one.
        seeds = (results / "metrics/seeds.parquet").is_file()
        difference = "difference, mean of all seeds" if seeds else "difference"
        rows += [
            [label(baseline), *(f"{own[metric]['value']:.4f}" for metric in metrics)],
            [difference, *(f"{float(pairs[metric]['difference']):+.4f}" for metric in metrics)],
            ["  95% interval", *(_interval(pairs[metric]) for metric in metrics)],
        ]
    lines = []
    if challenge := _challenge(results, families):
        lines += ["As the RecSys Challenge 2018 has it, the first of all and the second:", ""]
        lines += [*(f"  {row}" for row in _table(challenge)), ""]
    lines += [f"By validation the best network{' and the best baseline' * bool(pairs)}:", ""]
    lines += [f"  {row}" for row in _table([header, *rows])]
    lines += ["", "Next:"]
    lines += [f"  {row}" for row in _table([*_next(results, is_sample, files)], right=False)]
    return "\n".join(lines)


def _challenge(results: Path, families: Families | None) -> list[list[str]]:
    """A header, and rows of the first two of a challenge; empty where the run has none."""
    summary, paired = (results / f"challenge/{name}.parquet" for name in ("summary", "paired"))
    if not summary.is_file():
        return []
    # Only now: who asks for a single file does not wait for polars.
    import polars as pl

    from segue.challenge.scores import METRICS
    from segue.report.challenge_glance import Scored

    run = Scored(pl.read_parquet(summary), pl.read_parquet(paired) if paired.is_file() else None, families)
    first, *others = run.leaders
    rows = [["on whole playlists", *(metric.title for metric in METRICS.values())]]
    rows += [
        [label(row["model"], families), *(f"{row[name]:.4f}" for name in METRICS)] for row in (first, *others)
    ]
    leads = [run.difference(first["model"], row["model"], name) for row in others for name in METRICS]
    if leads and all(leads):
        rows.append(["ahead by", *(f"{lead['difference']:+.4f}" for lead in leads)])
        rows.append(["  95% interval", *map(_interval, leads)])
    return rows


def _next(results: Path, is_sample: bool, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What to open and which commands to give, and what for."""
    if (results / REPORT).is_file():
        yield str(results / REPORT), "the report: open it in a browser"
    if len(files) > 1:  # the command takes one file of settings
        return
    activate = Path(sys.prefix) / "bin/activate"
    if not os.environ.get("VIRTUAL_ENV") and activate.is_file():
        yield f"source {_near(activate)}", "puts the command segue at hand"
    config = "".join(f" --config {shlex.quote(path)}" for path in files)
    yield f"segue models{config}", "how good each model is"
    yield f"segue continue my.txt{config}", "more tracks for your playlist, artist - title a line"
    yield f"segue serve --open{config}", "a page to build a playlist on"
    if is_sample and not files:
        yield "make report CONFIG=config/mpd50.yaml", "the same on real playlists, in data/mpd"


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _compared(results: Path, metrics: dict[str, str]) -> dict[str, dict[str, str]]:
    """Of each metric the row on the two that validation chose; empty where there are no baselines."""
    path = results / "metrics/paired.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["by_validation"] == "true"]
    found = {row["metric"]: row for row in rows}
    return {metric: found[metric] for metric in metrics} if metrics.keys() <= found.keys() else {}


def _interval(row: dict[str, str]) -> str:
    return f"{float(row['low']):+.4f} to {float(row['high']):+.4f}"


def _table(rows: Sequence[Sequence[str]], right: bool = True) -> list[str]:
    """Cells in columns, those after the first to the ``right``."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if right and place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
