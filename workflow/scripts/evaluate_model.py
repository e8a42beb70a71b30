"""Measures one model's embeddings on the test edges."""

from safetensors.torch import load_file

from segue.evaluate.protocol import evaluate, save_test
from segue.graph.split import load_split
from segue.jobs import logged
from segue.run.models import Model


def evaluate_model(
    split: str, embeddings: str, targets: dict[str, str], *, model: Model, settings: dict, block_mb: int
) -> None:
    """``targets``: metrics, means as JSON, and playlists, what each of them got. ``settings``: keyword
    arguments of ``evaluate``."""
    tensors = load_file(embeddings)
    values = []
    metrics = evaluate(
        load_split(split),
        tensors["playlists"],
        tensors["tracks"],
        **settings,
        block_mb=block_mb,
        each=values.append,
    )
    of_seed = {} if model.seed is None else {"seed": model.seed}
    save_test(targets, {"model": model.name, **model.parts, **of_seed}, metrics, values)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        evaluate_model(
            snakemake.input.split,
            snakemake.input.embeddings,
            dict(snakemake.output.items()),
            model=Model.of(snakemake.wildcards),
            settings=snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
        )
