"""Measures the ranking by popularity, which any model has to beat, on the test edges."""

from segue.evaluation import evaluate, popularity_embeddings
from segue.files import write_json
from segue.jobs import log, logged
from segue.split import load_split


def rank_popularity(source: str, target: str, settings: dict, block_mb: int) -> None:
    """``settings``: keyword arguments of ``evaluate``."""
    split = load_split(source)
    metrics = evaluate(split, *popularity_embeddings(split), **settings, block_mb=block_mb)
    # The score is a place in a list, not a logit: it has an order but no loss.
    del metrics["bpr_loss"]
    for metric, result in metrics.items():
        log.info("%s %.4f (%d playlists)", metric, result["value"], result["playlists"])
    write_json(target, {"model": "popularity", "metrics": metrics})


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rank_popularity(
            snakemake.input.split,
            snakemake.output.metrics,
            snakemake.params.settings,
            snakemake.params.block_mb,
        )
