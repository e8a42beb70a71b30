"""Compares each model with each baseline, playlist by playlist, and says how sure a difference is."""

from collections import defaultdict

import polars as pl

from segue.evaluate.best import best_baseline
from segue.evaluate.paired import over_seeds, paired_table, standard_errors
from segue.files import atomic, read_json, save_table
from segue.jobs import log, logged


def compare_models(
    tested: list[str],
    best: str,
    chosen: list[str],
    targets: dict[str, str],
    *,
    models: list[str],
    baselines: list[str],
    metrics: list[str],
    seed: int,
) -> None:
    """``tested``: what each playlist got, a file of each of ``models``, which has one name for all seeds, and
    then of each of ``baselines``. ``best``: what pick_best wrote; ``chosen``: a baseline's settings, a file
    each. ``targets``: parquet, csv, a row a metric and pair; others, the best network against other models;
    and errors, of each model's means."""
    tables = defaultdict(list)
    for name, path in zip([*models, *baselines], tested, strict=True):
        tables[name].append(pl.read_parquet(path))
    values = over_seeds(tables)
    save_table(standard_errors(values), targets["errors"])
    names = [*dict.fromkeys(models)]
    pairs = [(model, baseline) for model in names for baseline in baselines]
    model, baseline = read_json(best)["model"], best_baseline([read_json(path) for path in chosen])
    pairs += [(model, other) for other in names if other != model]
    table = paired_table(values, metrics, pairs, seed)
    of_baselines = pl.col("baseline").is_in(baselines)
    save_table(table.filter(~of_baselines).rename({"baseline": "other"}), targets["others"])
    table = table.filter(of_baselines).with_columns(
        by_validation=(pl.col("model") == model) & (pl.col("baseline") == baseline)
    )
    save_table(table, targets["parquet"])
    with atomic(targets["csv"]) as path:
        table.write_csv(path)
    for row in table.filter("by_validation").iter_rows(named=True):
        log.info("{model} - {baseline}, {metric}: {difference:.4f} ({low:.4f} to {high:.4f})".format(**row))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        compare_models(
            [*snakemake.input.models, *snakemake.input.baselines],
            snakemake.input.best,
            list(snakemake.input.chosen),
            dict(snakemake.output.items()),
            **snakemake.params.settings,
        )
