"""Measures one model's embeddings on the test edges."""

from safetensors.torch import load_file

from segue.evaluate.protocol import evaluate, save_metrics
from segue.graph.split import load_split
from segue.jobs import logged


def evaluate_model(
    split: str, embeddings: str, target: str, *, name: dict[str, str], settings: dict, block_mb: int
) -> None:
    """``name``: the values of conv, sampler and alpha; ``settings``: keyword arguments of ``evaluate``."""
    tensors = load_file(embeddings)
    metrics = evaluate(
        load_split(split), tensors["playlists"], tensors["tracks"], **settings, block_mb=block_mb
    )
    save_metrics(target, {"model": "-".join(name.values()), **name}, metrics)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        evaluate_model(
            snakemake.input.split,
            snakemake.input.embeddings,
            snakemake.output.metrics,
            name={key: snakemake.wildcards[key] for key in ("conv", "sampler", "alpha")},
            settings=snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
        )
