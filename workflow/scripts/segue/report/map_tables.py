"""What the embeddings and their maps are worth, as tables of the report."""

import polars as pl

MODEL = ["conv", "sampler", "alpha"]


def likeness_table(likeness: pl.DataFrame) -> pl.DataFrame:
    """A row a model and group, at the last epoch: mean cosines, their difference, and what chance makes.

    ``likeness``: what measure_likeness wrote, of one or more models.
    """
    last = likeness.filter(pl.col("epoch") == pl.col("epoch").max().over(MODEL))
    many = pl.format("one of {} artists", "artists")
    artists = pl.when(pl.col("group") == "artists").then(many).otherwise("group")
    return last.select(
        *MODEL,
        artists.alias("playlists that share"),
        pl.col("mean_cosine").alias("mean cosine"),
        pl.col("random_cosine").alias("of any two"),
        (pl.col("mean_cosine") - pl.col("random_cosine")).alias("difference"),
        pl.col("low").alias("by chance, from"),
        pl.col("high").alias("to"),
    )


def quality_table(quality: pl.DataFrame) -> pl.DataFrame:
    """A row a model and epoch of ``quality``, what map_playlists wrote; purity where there are themes."""
    columns = [*MODEL, "epoch", "playlists", pl.col("trustworthiness")]
    if "purity" in quality.columns:
        columns += [
            pl.col("purity").alias("genre purity"),
            pl.col("shuffled_purity").alias("of shuffled genres"),
            (pl.col("purity") / pl.col("shuffled_purity")).alias("times"),
        ]
    return quality.select(columns)
