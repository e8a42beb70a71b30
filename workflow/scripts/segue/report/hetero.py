"""Where artists and albums help, and what is found of cold tracks: tables, and the answer in words."""

from collections.abc import Iterator

import polars as pl

from segue.report.tables import labelled
from segue.run.families import Families

INVENTED = (
    "The playlists are invented: many of their tracks are drawn from favourite artists by construction. What "
    "artists and albums bring here is an upper bound of what they bring on real playlists."
)
QUARTERS = {1: "rarest quarter", 2: "second quarter", 3: "third quarter", 4: "most popular quarter"}
AMONG = {"cold": "cold tracks", "all": "all tracks"}
# References: what models have to be better than, and what knows the playlist's artists.
POPULARITY, OVERLAP = "artist popularity", "artist overlap"


def popularity_answer(table: pl.DataFrame, k: int, families: Families) -> Iterator[str]:
    """Sentences: of each quarter which models gain by their relations, which lose, and which do neither for
    sure. ``table``: of `segue.evaluate.relations.popularity_table`; ``k``: the cut-off."""
    rows = labelled(_gains(table, k), families)
    if rows.is_empty():
        return
    yield (
        f"Tracks are in quarters by how many playlists they are on. A gain is the difference in Recall@{k} "
        "to the same model without relations, over the playlists that have a held-out track in the quarter, "
        "with the 95% interval of a paired bootstrap over them."
    )
    for quarter, name in QUARTERS.items():
        found = rows.filter(pl.col("quarter") == quarter)
        said = [
            f"{of_verdict.height} of {found.height} models {verdict}: {_values(of_verdict, quarter == 1)}"
            for verdict, of_verdict in _by_verdict(found).items()
            if of_verdict.height
        ]
        if said:
            yield f"On the {name} of tracks {'. '.join(said)}."


def in_short(table: pl.DataFrame, k: int) -> str:
    """A sentence on the rarest quarter of tracks; empty where no model has relations and another has none.
    ``table``, ``k``: as of ``popularity_answer``."""
    rows = _gains(table, k).filter(pl.col("quarter") == 1)
    if rows.is_empty():
        return ""
    words = ("find more than without", "find less than without", "find neither more nor less for sure")
    counts = [part.height for part in _by_verdict(rows).values()]
    said = [f"{count} {word}" for count, word in zip(counts, words, strict=True) if count]
    return (
        f"On the rarest quarter of tracks, of {rows.height} networks with artists or albums as nodes, "
        f"{', '.join(said)}."
    )


def cold_answer(table: pl.DataFrame, families: Families) -> Iterator[str]:
    """Sentences: what the best model finds of cold tracks, beside random order and artist overlap, and
    whether that is more than the popularity of artists finds; cut-offs that hold every candidate say nothing.

    ``table``: of `segue.evaluate.cold.cold_table`.
    """
    models = table.filter(pl.col("like").is_not_null()).join(_telling(table), on=["among", "k"], how="semi")
    models = labelled(models, families)
    for among, name in AMONG.items():
        rows = models.filter(pl.col("among") == among)
        if rows.is_empty():
            continue
        (k,) = _told(table.filter(pl.col("among") == among))
        overlap = table.filter(model=OVERLAP, among=among, k=k)["recall"].item()
        best = rows.filter(pl.col("k") == k).sort("recall", descending=True).row(0, named=True)
        yield (
            f"Among {name}, the best model, {best['model']}, finds {best['recall']:.1%} of a playlist's cold "
            f"tracks in the top {k}, {best['ratio_to_random']:.1f} times what random order finds. Over the "
            f"popularity of their artists that is {best['gain']:+.4f} ({best['gain_low']:+.4f} to "
            f"{best['gain_high']:+.4f}){_verdict(best['gain_low'], best['gain_high'])}. "
            f"Ranked by {OVERLAP}, which needs no model, {overlap:.1%} are found."
        )
        under = rows.filter(pl.col("gain_low") <= 0)
        if under.height:
            said = ", ".join(f"{row['model']} in the top {row['k']}" for row in under.iter_rows(named=True))
            yield f"Among {name}, these are not above the popularity of artists for sure: {said}."


def popularity_table(table: pl.DataFrame, k: int, families: Families) -> pl.DataFrame:
    """A row a model and quarter: recall at ``k``, and what relations add to it."""
    return labelled(table.filter(pl.col("k") == k), families).select(
        "model",
        pl.col("quarter").replace_strict(QUARTERS).alias("tracks"),
        "playlists",
        pl.col("recall").alias(f"Recall@{k}"),
        "gain",
        pl.col("low").alias("from"),
        pl.col("high").alias("to"),
    )


def cold_table(table: pl.DataFrame, k: int, families: Families) -> pl.DataFrame:
    """A row a model or reference, what cold tracks are ranked among, and cut-off: ``k``, and the one that the
    sentences are about; all are in hetero/cold.csv. A gain is over the popularity of artists."""
    rows = table.filter(pl.col("k").is_in([k, *_told(table)]))
    return labelled(rows, families).select(
        "model",
        "among",
        pl.col("k").alias("K"),
        "playlists",
        pl.col("recall").alias("Recall@K"),
        pl.col("low").alias("from"),
        pl.col("high").alias("to"),
        pl.col("ratio_to_random").alias("times random"),
        "gain",
        pl.col("gain_low").alias("gain from"),
        pl.col("gain_high").alias("gain to"),
    )


def _gains(table: pl.DataFrame, k: int) -> pl.DataFrame:
    return table.filter(pl.col("k") == k, pl.col("gain").is_not_null())


def _by_verdict(gains: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {
        "gain": gains.filter(pl.col("low") > 0),
        "lose": gains.filter(pl.col("high") < 0),
        "neither gain nor lose for sure": gains.filter(pl.col("low") <= 0, pl.col("high") >= 0),
    }


def _told(table: pl.DataFrame) -> list[int]:
    """The cut-off that sentences are about: of those that leave a cold track out, 20, or else the least."""
    ks = _telling(table)["k"].unique().sort().to_list()
    return [20] if 20 in ks else ks[:1]


def _telling(table: pl.DataFrame) -> pl.DataFrame:
    """among and k of the cut-offs that do not hold every candidate."""
    return table.filter(pl.col("model") == POPULARITY, pl.col("recall") < 1 - 1e-9).select("among", "k")


def _values(rows: pl.DataFrame, with_intervals: bool) -> str:
    interval = " ({low:+.4f} to {high:+.4f})" if with_intervals else ""
    return "; ".join(("{model} {gain:+.4f}" + interval).format(**row) for row in rows.iter_rows(named=True))


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return ", so that it is better"
    return ", so that it is worse" if high < 0 else ", which may be chance"
