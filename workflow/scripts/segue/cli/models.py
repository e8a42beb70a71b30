"""`segue models`: what can be asked in a run, and how good it is."""

import json
from typing import Any

import click

from segue.cli.options import of_a_run
from segue.cli.run import Run
from segue.cli.terminal import show, table
from segue.run.labels import kind, label
from segue.run.measured import best_network, measured
from segue.run.results import own_files

BEST = "★"


@click.command(short_help="The run's models and baselines, and how good they are.")
@of_a_run
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(run: Run, as_json: bool) -> None:
    """The networks, baselines and blends of the run, and what answers from its catalogue where it has one:
    each can be asked by --model.

    ★ marks the best model by validation recall, which answers where no other is named; in a run with a
    catalogue, what continues validation playlists best. Recall is that of the validation and of the test
    edges; it is empty where it was not measured yet, and for what answers from the catalogue.

    \b
    segue models
    segue models --config config/mpd50.yaml
    """
    rows = [_facts(run, name) for name in [*run.models, *run.rankers]]
    if as_json:
        print(json.dumps({"results": str(run.results), "models": rows}, ensure_ascii=False))
        return
    k = run.config["train"]["recall_k"]
    header = ["", "model", "what it is", f"validation Recall@{k}", f"test Recall@{k}", ""]
    cells = [
        [
            BEST if row["best"] else "",
            row["model"],
            row["label"],
            *("" if row[key] is None else f"{row[key]:.4f}" for key in ("validation_recall", "test_recall")),
            "" if row["ready"] else "not made yet",
        ]
        for row in rows
    ]
    show(table(header, cells, right=(3, 4)))
    if not any(row["best"] for row in rows):
        show(
            "",
            "Which is the best is not known yet: `segue continue FILE --make` finds out.",
        )


def _facts(run: Run, name: str) -> dict[str, Any]:
    scorer = f"models/{name}/{'model' if name in run.trained else 'scorer'}.safetensors"
    made = own_files(name) if name in run.rankers else [scorer]
    recalls = measured(run.results, name)
    return {
        "model": name,
        "label": label(name, run.families),
        "kind": kind(name),
        "best": name == (run.answering or best_network(run.results)),
        "ready": all((run.results / path).is_file() for path in made),
        "recall_k": run.config["train"]["recall_k"],
        **{key: recalls[key] for key in ("validation_recall", "test_recall")},
    }
