"""Writes the page of the whole run."""

from pathlib import Path
from typing import Any

import polars as pl

from segue.challenge.scores import METRICS
from segue.files import read_json, write_text
from segue.jobs import logged
from segue.report import challenge_glance as of_challenge
from segue.report.captions import caption
from segue.report.challenge_glance import THE_LEAD, Scored, shown_contenders
from segue.report.glance import LEAD, Finished, answer, evidence, headline, shown_models, trained_on
from segue.report.hetero import in_short
from segue.report.html import sortable_table
from segue.report.page import Glance, Part, anchor, run_page
from segue.run.families import Families
from segue.run.labels import label


def write_report(
    files: list[str],
    about: list[dict[str, str]],
    captions: dict[str, str],
    tables: dict[str, str],
    validations: list[str],
    popularity: list[str],
    challenge: list[str],
    target: str,
    *,
    config: dict[str, Any],
    families: Families | None = None,
) -> None:
    """``files``: what the page shows, in order, and ``about`` each its section, title, model, and the key of
    its text in ``captions``. ``tables``: best, stats, summary, paired and others; ``validations``: of each
    network; ``popularity``: of compare_relations, a file or
    none; ``challenge``: the summary of one and, where there is, what compare_challenge wrote; or none."""
    validated = [read_json(path) for path in validations]
    run = Finished(
        *(pl.read_parquet(tables[name]) for name in ("summary", "paired", "others")),
        {one["model"]: one["validation_recall"] for one in validated},
        config["train"]["recall_k"],
        families or {},
    )
    more = [*_of_trials([*config["tune"]["models"]], run), *_of_artists(popularity, run)]
    glance = _glance(run, trained_on(config, read_json(tables["stats"]), run), more)
    if challenge:
        glance = _glance_of_challenge(challenge, glance, run.families)
    parts = [
        Part(
            Path(path),
            one["section"],
            one["title"],
            caption(captions[one["caption"]], config),
            one["model"],
            label(one["model"], families) if one["model"] else "",
        )
        for path, one in zip(files, about, strict=True)
    ]
    best = read_json(tables["best"])["model"]
    write_text(target, run_page(glance, parts, best, Path(target).parent))


def _of_trials(tuned: list[str], run: Finished) -> list[tuple[str, str]]:
    """Whose settings were tuned, and where to read on."""
    names = ", ".join(map(run.label, tuned))
    return [(f"Validation also chose settings, among trials: of {names}.", anchor("Tuning"))] if tuned else []


def _of_artists(popularity: list[str], run: Finished) -> list[tuple[str, str]]:
    """Where artists and albums help, and where to read on."""
    said = [in_short(pl.read_parquet(path), run.k) for path in popularity]
    return [(sentence, anchor("Artists and albums")) for sentence in said if sentence]


def _glance(run: Finished, about: str, more: list[tuple[str, str]]) -> Glance:
    shown = shown_models(run)
    metrics = [name for name, dtype in shown.schema.items() if dtype.is_float() and name != LEAD]
    formats = dict.fromkeys(metrics, ".4f") | {LEAD: "+z.4f"}
    table = sortable_table(shown, "", formats, best=metrics)
    return Glance(headline(run), [*answer(run)], about, evidence(run), table, more)


def _glance_of_challenge(files: list[str], edges: Glance, families: Families) -> Glance:
    """Of whole playlists, which such a run is about, and what ``edges`` says of the test edges below."""
    summary, *paired = map(pl.read_parquet, files)
    run = Scored(summary, next(iter(paired), None), families)
    least = [metric.title for metric in METRICS.values() if metric.less_is_better]
    most = [metric.title for metric in METRICS.values() if not metric.less_is_better]
    formats = dict.fromkeys([*most, *least], ".4f") | {THE_LEAD: "+z.4f"}
    table = sortable_table(shown_contenders(run), "", formats, most, least)
    said = f"On test edges of playlists that models have seen: {edges.answer[0]}"
    more = [*edges.more, (said, anchor("Quality"))]
    return Glance(
        of_challenge.headline(run),
        [*of_challenge.answer(run)],
        edges.trained_on,
        of_challenge.evidence(run),
        table,
        more,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        settings = snakemake.params.settings
        made = {
            f"made {Path(path).name}": Path(path).read_text(encoding="utf-8")
            for path in snakemake.input.captions
        }
        write_report(
            list(snakemake.input.parts),
            settings["parts"],
            settings["captions"] | made,
            {name: snakemake.input[name] for name in ("best", "stats", "summary", "paired", "others")},
            list(snakemake.input.validations),
            list(snakemake.input.popularity),
            list(snakemake.input.challenge),
            snakemake.output.page,
            config=settings["config"],
            families=settings.get("families"),
        )
