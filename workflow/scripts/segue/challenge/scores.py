"""The scores of a challenge by model and category, and the published best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from segue.challenge.holdout import CATEGORIES
from segue.challenge.metrics import challenge_metrics
from segue.errors import SegueError

ALL = "all"  # the category of the means over all playlists
NOTHING = ""  # left out, in an ablation
SURE = 2  # standard errors, from which on a difference is said to be one


@dataclass(frozen=True)
class Metric:
    """``published``: the best of the challenge's main track (Zamani et al. 2019, table 3).

    That was reached on other data: a million playlists to learn from, and the challenge's hidden set.
    """

    title: str
    unit: str
    published: float
    less_is_better: bool = False


METRICS = {
    "r_precision": Metric("R-precision", "hits in the top n of n, and 0.25 for each artist", 0.2241),
    "ndcg": Metric("NDCG", "gain as a share of the ideal ranking's", 0.3946),
    "clicks": Metric("Clicks", "refreshes until the first hit; fewer is better", 1.784, less_is_better=True),
}
TRACKS_ALONE = "r_precision_tracks"  # R-precision without the artists' credit
# Of a table with a row a model and category, as `challenge_summary` returns it.
SUMMARY = {
    "model": pl.String,
    **dict.fromkeys(("conv", "sampler", "alpha"), pl.String),
    "category": pl.String,
    "playlists": pl.Int64,
    **dict.fromkeys((*METRICS, TRACKS_ALONE), pl.Float64),
    "held_out": pl.Int64,
    "held_out_in_graph": pl.Int64,
    "share_in_graph": pl.Float64,
}


def shown_means(means: Mapping[str, float]) -> str:
    """Those of METRICS, for people: ``R-precision 0.2124, NDCG 0.3184, Clicks 2.8365``."""
    return ", ".join(f"{metric.title} {means[name]:.4f}" for name, metric in METRICS.items())


SCORES = {
    "pid": pl.Int64,
    "category": pl.Int32,
    **dict.fromkeys((*METRICS, TRACKS_ALONE), pl.Float64),
    "path": pl.String,
    "held_out": pl.Int32,
    "held_out_in_graph": pl.Int32,
}


def challenge_scores(
    recommendations: pl.DataFrame, answers: pl.DataFrame, core: pl.DataFrame
) -> pl.DataFrame:
    """SCORES, a row a playlist in the order of ``answers``.

    ``recommendations``: pid, rank from 1, track_uri and path; ``answers``: ANSWERS of `challenge_set`;
    ``core``: track_uri and artist_uri of the tracks that answers may come from, the graph's or the
    catalogue's candidates. ``held_out`` counts a playlist's answers, ``held_out_in_graph`` those that are
    among these tracks, which alone can be found. Raises SegueError when
    the recommendations are for other playlists than the answers.
    """
    asked, given = (set(table["pid"].unique()) for table in (answers, recommendations))
    if asked != given:
        raise SegueError(
            "The recommendations are not for the playlists that were held out.",
            where="recommendations.parquet and answers.parquet",
            found=f"{len(asked - given):,} playlists without recommendations, {len(given - asked):,} unknown",
            expected="the same playlists in both",
            fix="make both again with one configuration",
        )
    wanted = answers.group_by("pid", "category", maintain_order=True).agg(
        pl.len().alias("held_out"),
        pl.col("track_uri").is_in(core["track_uri"].implode()).sum().alias("held_out_in_graph"),
    )
    place = wanted.select("pid", pl.int_range(pl.len()).alias("row"))
    found = recommendations.join(place, on="pid", how="left").sort("row", "rank")
    answers = answers.join(place, on="pid", how="left").sort("row", maintain_order=True)
    numbered = _numbered(core, answers)
    ids = dict(zip(numbered["track_uri"], range(numbered.height), strict=True))
    lists = np.full((wanted.height, found["rank"].max()), -1, dtype=np.int64)
    lists[found["row"], found["rank"] - 1] = found["track_uri"].replace_strict(ids)
    values = challenge_metrics(
        lists,
        np.append(0, wanted["held_out"].cum_sum()),
        answers["track_uri"].replace_strict(ids).to_numpy(),
        numbered["artist"].to_numpy(),
    )
    paths = found.group_by("row", maintain_order=True).agg(pl.col("path").first())
    columns = {name: values[name] for name in (*METRICS, TRACKS_ALONE)} | {"path": paths["path"]}
    return wanted.with_columns(**columns).select(pl.col(name).cast(kind) for name, kind in SCORES.items())


def _numbered(core: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """track_uri, each that either table has, and artist, a number of its artist_uri, -1 for a null."""
    tables = [table.select("track_uri", "artist_uri") for table in (core, answers)]
    tracks = pl.concat(tables).unique("track_uri", keep="first", maintain_order=True)
    artist = pl.col("artist_uri").rank("dense").cast(pl.Int64).fill_null(-1)
    return tracks.select("track_uri", artist.alias("artist"))


def challenge_summary(
    scores: Mapping[str, pl.DataFrame], models: Mapping[str, Sequence[str | None]]
) -> pl.DataFrame:
    r"""SUMMARY of this module: means over the playlists of each category, and over ``all``.

    ``scores``: SCORES by model; ``models``: conv, sampler and alpha of each, None of others, in the order
    of the rows. ``share_in_graph`` is

    .. math:: \sum_p |G_p \cap V| \,/\, \sum_p |G_p|

    of answers :math:`G_p` and the graph's tracks V. Raises SegueError when the models were asked about
    different playlists.
    """
    pids = {model: table["pid"].to_list() for model, table in scores.items()}
    first = next(iter(pids))
    for model, others in pids.items():
        if others != pids[first]:
            raise SegueError(
                "Two models were asked about different playlists.",
                where=f"scores of {first} and {model}",
                found=f"{len(pids[first]):,} and {len(others):,} playlists, not the same ones",
                expected="the same playlists in the same order",
                fix="make the scores again with one configuration",
            )
    parts = []
    for model, names in models.items():
        keys = dict(zip(("conv", "sampler", "alpha"), names, strict=True))
        table = scores[model]
        numbers = [number for number in CATEGORIES if number in table["category"].unique()]
        for number in (*numbers, None):
            rows = table if number is None else table.filter(category=number)
            total, inside = (int(rows[name].sum()) for name in ("held_out", "held_out_in_graph"))
            parts.append(
                {"model": model, **keys, "category": ALL if number is None else str(number)}
                | {"playlists": rows.height, **{name: rows[name].mean() for name in (*METRICS, TRACKS_ALONE)}}
                | {"held_out": total, "held_out_in_graph": inside, "share_in_graph": inside / total}
            )
    return pl.DataFrame(parts, schema=SUMMARY)
