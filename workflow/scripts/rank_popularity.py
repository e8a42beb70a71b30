"""Measures the ranking by popularity, which any model has to beat, on the test edges."""

from segue.evaluation import evaluate, popularity_embeddings, save_metrics
from segue.jobs import logged
from segue.split import load_split


def rank_popularity(source: str, target: str, settings: dict, block_mb: int) -> None:
    """``settings``: keyword arguments of ``evaluate``."""
    split = load_split(source)
    metrics = evaluate(split, *popularity_embeddings(split), **settings, block_mb=block_mb)
    # The score is a place in a list, not a logit: it has an order but no loss.
    del metrics["bpr_loss"]
    save_metrics(target, {"model": "popularity"}, metrics)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rank_popularity(
            snakemake.input.split,
            snakemake.output.metrics,
            snakemake.params.settings,
            snakemake.params.block_mb,
        )
