"""Puts the results of all trials into one table."""

import json

import polars as pl

from segue.files import read_json, save_table
from segue.jobs import logged

SCHEMA = {
    "model": pl.String,
    "trial": pl.String,
    "round": pl.Int32,
    "epochs": pl.Int32,
    "recall_k": pl.Int32,
    "validation_recall": pl.Float64,
    "settings": pl.String,
    "chosen": pl.Boolean,
}


def collect_trials(trials: list[str], chosen: list[str], target: str) -> None:
    """A row a trial and round: ``settings`` as JSON by key, ``chosen`` where it is the row that was chosen.

    ``trials``: of all models and rounds; ``chosen``: what choose_trial wrote of each model."""
    best = [read_json(path) for path in chosen]
    results = [read_json(path) for path in trials]
    rows = [
        result | {"settings": json.dumps(result["settings"]), "chosen": result in best} for result in results
    ]
    save_table(pl.DataFrame(rows, SCHEMA), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        collect_trials(snakemake.input.trials, snakemake.input.chosen, snakemake.output.trials)
