"""The tables of the report: counts, metrics, maps."""

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from segue.run.families import Families
from segue.run.labels import label
from segue.run.registry import LOSSES

SIZES = ("playlists", "tracks", "nodes", "edges")
MEANS = {
    "mean_degree": "edges of a node, mean",
    "mean_degree_playlists": "edges (tracks) of a playlist, mean",
    "mean_degree_tracks": "edges (playlists) of a track, mean",
}
ROLES = {
    "train_message": "training: pass messages",
    "train": "training: are predicted",
    "validation": "validation: are predicted",
    "test": "test: are predicted",
}


def read_counts(files: int, stats: dict[str, Any]) -> pl.DataFrame:
    """what and count (Int64): ``files`` with playlists, what was taken and what was rejected (stats.json)."""
    rows = [
        ("files with playlists", files),
        ("playlists", stats["before"]["playlists"]),
        ("playlists rejected", stats["rejected"]["playlists"]),
        ("entries rejected by themselves", stats["rejected"]["entries"]),
        ("whole files rejected", stats["rejected"]["files"]),
    ]
    if "held_out" in stats:
        rows.insert(2, ("playlists held out for the challenge", stats["held_out"]))
    if "cold" in stats:
        rows += [(f"{name} hidden from training", count) for name, count in stats["cold"].items()]
    return pl.DataFrame(rows, schema={"what": pl.String, "count": pl.Int64}, orient="row")


def graph_counts(stats: dict[str, Any], entries: tuple[int, int]) -> pl.DataFrame:
    """count, the graph as it was read, the core (Float64) and the share that it kept (of sizes; 0 to 1).

    ``stats``: stats.json of the graph. ``entries``: how many tracks stand on playlists before and after,
    repeats counted; an edge is a pair of playlist and track, each once.
    """
    before, after = stats["before"], stats["after"]
    sizes = [(name, before[name], after[name]) for name in SIZES]
    sizes.append(("entries on playlists, repeats counted", *entries))
    means = [(text, before[name], after[name], None) for name, text in MEANS.items()]
    rows = [(name, old, new, new / old if old else None) for name, old, new in sizes] + means
    names = ["count", "read", f"{stats['k_core']}-core", "kept"]
    schema = dict(zip(names, [pl.String, *3 * [pl.Float64]], strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def split_counts(roles: pl.DataFrame) -> pl.DataFrame:
    """A row a role: edges, their share of all edges (0 to 1), and how many playlists and tracks they touch.

    ``roles``: playlist, track and role, as ``split_roles`` gives them.
    """
    total = roles.select("playlist", "track").n_unique()
    counted = roles.group_by("role").agg(
        edges=pl.len(),
        share=pl.len() / total,
        playlists=pl.col("playlist").n_unique(),
        tracks=pl.col("track").n_unique(),
    )
    names = pl.DataFrame({"role": list(ROLES), "edges that": list(ROLES.values())})
    table = names.join(counted, on="role", how="left", maintain_order="left").drop("role")
    return table.rename({"share": "share of all edges"})


def rejected_counts(quarantine: pl.DataFrame) -> pl.DataFrame:
    """reason, rows of the quarantine, and playlists and lone entries in them, the most first.

    ``quarantine``: what, playlists and entries of each row of quarantine.parquet.
    """
    sums = {name: pl.col(name).sum() for name in ("playlists", "entries")}
    counted = quarantine.group_by(reason="what").agg(rows=pl.len(), **sums)
    return counted.sort("playlists", "entries", "reason", descending=[True, True, False])


CUT_OFF = re.compile(r"(\w+)@(\d+)")
NAMES = {
    "recall": "Recall",
    "precision": "Precision",
    "ndcg": "NDCG",
    "hit_rate": "Hit rate",
    "coverage": "Coverage",
    "r_precision": "R-precision",
    "mrr": "MRR",
    "roc_auc": "ROC-AUC",
    **{f"{name}_loss": f"{loss.label} loss" for name, loss in LOSSES.items()},
}


def title(metric: str) -> str:
    """Such as "Recall@300", of "recall@300"."""
    name, at, cut_off = metric.partition("@")
    return NAMES[name] + at + cut_off


NEITHER = "Coverage"  # more of it is another ranking, not a better one


def labelled(table: pl.DataFrame, families: Families | None = None) -> pl.DataFrame:
    """``table`` with what people call its models in column model, which comes first, in place of model, or of
    conv, sampler and alpha. ``families``: of the run's convolutions."""
    parts = [name for name in ("conv", "sampler", "alpha") if name in table.columns]
    names = table["model"] if "model" in table.columns else map("-".join, table.select(parts).iter_rows())
    labels = pl.Series("model", [label(name, families) for name in names], pl.String)
    return table.select(labels, pl.exclude("model", *parts))


def metric_tables(summary: pl.DataFrame, k: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Title and table of each group of metrics: the top ``k``, the whole ranking, then the other tops.

    ``summary``: ``labelled``, with the metrics (Float64), recall@10 and so on. A table has model and its
    metrics by the field's names.
    """
    cut_offs = {int(match[2]) for name in summary.columns if (match := CUT_OFF.fullmatch(name))}
    yield _top(summary, k)
    whole = [name for name in NAMES if name in summary.columns]
    yield "Whole ranking", summary.select("model", *whole).rename({name: NAMES[name] for name in whole})
    for other in sorted(cut_offs - {k}):
        yield _top(summary, other)


def _top(summary: pl.DataFrame, k: int) -> tuple[str, pl.DataFrame]:
    names = [name for name in NAMES if f"{name}@{k}" in summary.columns]
    table = summary.select("model", *(f"{name}@{k}" for name in names))
    return f"Top {k}", table.rename({f"{name}@{k}": f"{NAMES[name]}@{k}" for name in names})


def seeds_table(spread: pl.DataFrame, k: int) -> pl.DataFrame:
    """A row a model and metric of the top ``k``, Recall and NDCG: mean and spread over the seeds of its
    trainings, of ``spread``, which is seeds.parquet, ``labelled``."""
    metrics = {f"{name}@{k}": f"{NAMES[name]}@{k}" for name in ("recall", "ndcg")}
    return spread.filter(pl.col("metric").is_in(list(metrics))).select(
        "model",
        pl.col("metric").replace(metrics),
        "seeds",
        "mean",
        pl.col("sd").alias("standard deviation"),
        "least",
        "largest",
    )


def best_and_least(table: pl.DataFrame) -> tuple[list[str], list[str]]:
    """The metrics of which more is better, and those of which less is."""
    metrics = [name for name, dtype in table.schema.items() if dtype.is_float()]
    least = [name for name in metrics if name.endswith("loss")]
    return [name for name in metrics if name not in least and not name.startswith(NEITHER)], least


def likeness_table(likeness: pl.DataFrame) -> pl.DataFrame:
    """A row a model and group, at the last epoch: mean cosines, their difference, and what chance makes.

    ``likeness``: what measure_likeness wrote, of one or more models, ``labelled``.
    """
    last = likeness.filter(pl.col("epoch") == pl.col("epoch").max().over("model"))
    many = pl.format("one of {} artists", "artists")
    artists = pl.when(pl.col("group") == "artists").then(many).otherwise("group")
    return last.select(
        "model",
        artists.alias("playlists that share"),
        pl.col("mean_cosine").alias("mean cosine"),
        pl.col("random_cosine").alias("of any two"),
        (pl.col("mean_cosine") - pl.col("random_cosine")).alias("difference"),
        pl.col("low").alias("by chance, from"),
        pl.col("high").alias("to"),
    )


def quality_table(quality: pl.DataFrame) -> pl.DataFrame:
    """A row a model and epoch of ``quality``, what map_playlists wrote, ``labelled``; purity where there are
    themes, and where models have artists, what of the playlists near them on the map is theirs."""
    columns = ["model", "epoch", "playlists", pl.col("trustworthiness")]
    if "purity" in quality.columns:
        columns += [
            pl.col("purity").alias("genre purity"),
            pl.col("shuffled_purity").alias("of shuffled genres"),
            (pl.col("purity") / pl.col("shuffled_purity")).alias("times"),
        ]
    if "artist_share" in quality.columns:
        columns += [
            pl.col("artist_share").alias("near artists, theirs"),
            pl.col("any_share").alias("of all playlists"),
        ]
    return quality.select(columns)
