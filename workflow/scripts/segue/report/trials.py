"""The tables of trials: what was chosen of each tuned model, and all that was tried."""

import json
from collections.abc import Iterator

import polars as pl

from segue.run.families import Families
from segue.run.labels import label
from segue.run.trials import shown_values


def chosen_table(trials: pl.DataFrame, families: Families | None = None) -> pl.DataFrame:
    """A row a tuned model and setting: what was chosen, of which values, by what recall, of how many trials.

    ``trials``: the table of collect_trials.
    """
    rows = []
    for (model,), table in trials.group_by("model", maintain_order=True):
        best = table.filter("chosen").row(0, named=True)
        for key, value in json.loads(best["settings"]).items():
            tried = dict.fromkeys(json.dumps(values[key]) for values in map(json.loads, table["settings"]))
            rows.append(
                {
                    "model": label(model, families),
                    "setting": key,
                    "chosen": json.dumps(value),
                    "tried": ", ".join(tried),
                    "trials": table["trial"].n_unique(),
                    "validation recall": best["validation_recall"],
                }
            )
    return pl.DataFrame(rows)


def trial_tables(
    trials: pl.DataFrame, families: Families | None = None
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Title and table of each tuned model: a row a trial and round, the last round's best first."""
    for (model,), table in trials.group_by("model", maintain_order=True):
        k = table["recall_k"][0]
        rows = table.sort("round", "validation_recall", descending=True, maintain_order=True)
        settings = rows["settings"].map_elements(
            lambda text: shown_values(json.loads(text)), return_dtype=pl.String
        )
        yield (
            f"{label(model, families)}: validation Recall@{k}",
            rows.select(
                "round",
                "epochs",
                settings.alias("settings"),
                pl.col("validation_recall").alias("validation recall"),
                pl.when("chosen").then(pl.lit("chosen")).otherwise(pl.lit("")).alias("chosen"),
            ),
        )
