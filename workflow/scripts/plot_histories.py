"""Draws what all models did over the epochs: losses, recall, ROC-AUC, layer weights."""

import polars as pl

from segue.figures.alpha import alpha_curves, layer_weight_curves
from segue.figures.curves import auc_curves, loss_curves, recall_curves
from segue.figures.loss_recall import loss_recall_paths
from segue.figures.style import save_png
from segue.jobs import logged

DRAW = {
    "loss": loss_curves,
    "recall": recall_curves,
    "roc_auc": auc_curves,
    "loss_recall": loss_recall_paths,
    "alpha": alpha_curves,
    "layer_weights": layer_weight_curves,
}
OF_THE_LOSS = {"loss", "loss_recall"}


def plot_histories(histories: list[str], targets: dict[str, str], loss: str) -> None:
    """``histories``: one Parquet file a model; ``targets``: figures of ``DRAW`` by name, where they go;
    ``loss``: the name of what the models were trained with."""
    history = pl.concat(pl.read_parquet(path) for path in histories)
    for name, target in targets.items():
        options = [loss] if name in OF_THE_LOSS else []
        save_png(DRAW[name](history, *options), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_histories(snakemake.input.histories, dict(snakemake.output.items()), **snakemake.params.settings)
