"""Draws what all models did over the epochs: losses, recall, ROC-AUC, layer weights."""

import polars as pl

from segue.figures.alpha import alpha_curves, layer_weight_curves
from segue.figures.curves import auc_curves, loss_curves, recall_curves
from segue.figures.looks import drawn_as
from segue.figures.loss_recall import loss_recall_paths
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families
from segue.run.registry import SAMPLERS

DRAW = {
    "loss": loss_curves,
    "softmax_loss": loss_curves,
    "recall": recall_curves,
    "roc_auc": auc_curves,
    "loss_recall": loss_recall_paths,
    "alpha": alpha_curves,
    "layer_weights": layer_weight_curves,
}
# Values of two losses are not to be compared: each has figures of its own.
OF_PAIRS, OF_SOFTMAX = {"loss", "loss_recall"}, {"softmax_loss"}


def plot_histories(
    histories: list[str], targets: dict[str, str], loss: str, families: Families | None = None
) -> None:
    """``histories``: one Parquet file a model; ``targets``: figures of ``DRAW`` by name, where they go;
    ``loss``: the name of what models with pairs of a positive and a negative were trained with;
    ``families``: of the run's convolutions."""
    history = pl.concat(pl.read_parquet(path) for path in histories)
    with_pairs = pl.col("sampler").is_in([name for name, entry in SAMPLERS.items() if entry.pairs])
    for name, target in targets.items():
        with drawn_as(families):
            if name in OF_PAIRS:
                figure = DRAW[name](history.filter(with_pairs), loss)
            elif name in OF_SOFTMAX:
                figure = DRAW[name](history.filter(~with_pairs), "softmax")
            else:
                figure = DRAW[name](history)
        save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_histories(snakemake.input.histories, dict(snakemake.output.items()), **snakemake.params.settings)
