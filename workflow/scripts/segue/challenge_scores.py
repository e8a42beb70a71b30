"""The challenge's metrics of each held-out playlist, and their means by category."""

from collections.abc import Mapping, Sequence

import polars as pl

from segue.challenge_categories import CATEGORIES
from segue.challenge_metrics import clicks, ndcg, r_precision
from segue.challenge_results import ALL, METRICS, SUMMARY
from segue.errors import SegueError

SCORES = {
    "pid": pl.Int64,
    "category": pl.Int32,
    **dict.fromkeys(METRICS, pl.Float64),
    "path": pl.String,
    "held_out": pl.Int32,
    "held_out_in_graph": pl.Int32,
}


def challenge_scores(
    recommendations: pl.DataFrame, answers: pl.DataFrame, core: pl.DataFrame
) -> pl.DataFrame:
    """SCORES, a row a playlist in the order of ``answers``.

    ``recommendations``: pid, rank from 1, track_uri and path; ``answers``: ANSWERS of `segue.challenge_set`;
    ``core``: track_uri and artist_uri of the graph's tracks. ``held_out`` counts a playlist's answers,
    ``held_out_in_graph`` those that the graph has, which alone can be found. Raises SegueError when
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
    found = recommendations.join(core.select("track_uri", "artist_uri"), on="track_uri", how="left")
    found = found.sort("pid", "rank").group_by("pid").agg("track_uri", "artist_uri", pl.col("path").first())
    in_graph = pl.col("track_uri").is_in(core["track_uri"].implode())
    wanted = answers.group_by("pid", "category", maintain_order=True).agg(
        pl.col("track_uri").alias("answers"),
        pl.col("artist_uri").alias("artists"),
        held_out=pl.len(),
        held_out_in_graph=in_graph.sum(),
    )
    rows = wanted.join(found, on="pid", how="left", maintain_order="left")
    values = [
        _metrics(*lists) for lists in rows.select("track_uri", "artist_uri", "answers", "artists").iter_rows()
    ]
    metrics = pl.DataFrame(values, schema=dict.fromkeys(METRICS, pl.Float64), orient="row")
    return pl.concat([rows, metrics], how="horizontal").select(
        pl.col(name).cast(kind) for name, kind in SCORES.items()
    )


def _metrics(
    tracks: Sequence[str], artists: Sequence[str], answers: Sequence[str], answer_artists: Sequence[str]
) -> tuple[float, float, float]:
    return (
        r_precision(tracks, answers, artists, answer_artists),
        ndcg(tracks, answers),
        float(clicks(tracks, answers)),
    )


def challenge_summary(
    scores: Mapping[str, pl.DataFrame], models: Mapping[str, Sequence[str | None]]
) -> pl.DataFrame:
    r"""SUMMARY of `segue.challenge_results`: means over the playlists of each category, and over ``all``.

    ``scores``: SCORES by model; ``models``: conv, sampler and alpha of each, None of a baseline, in the order
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
                | {"playlists": rows.height, **{name: rows[name].mean() for name in METRICS}}
                | {"held_out": total, "held_out_in_graph": inside, "share_in_graph": inside / total}
            )
    return pl.DataFrame(parts, schema=SUMMARY)
