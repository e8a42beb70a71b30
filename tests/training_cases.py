"""Small trainings, for the tests of the loop, of checkpoints and of GPUs."""

import torch
from safetensors.torch import save

from segue.train.loop import train

# What a training writes, by what it is.
FILES = {
    "model": "model.safetensors",
    "embeddings": "embeddings.safetensors",
    "history": "history.parquet",
    "snapshots": "snapshots.safetensors",
    "validated": "validated.safetensors",
    "validation": "validation.json",
}
CONV_SETTINGS = {
    "lgc": {"layers": 2},
    "gat": {"layers": 2, "heads": 2, "dropout": 0.5},
    "sage": {"layers": 2},
}
SOFTMAX = {"tracks": 16, "beta": 0.5, "temperature": 0.2, "prior": 0.5, "norm_power": [0.5, 0.0, 1.0]}
NEGATIVES = {
    "random": {"avoid_known": True},
    "hard": {"min_fraction": 0.2, "refresh_every": 2},
    "softmax": SOFTMAX,
}
# Of section `train`, for the sampler softmax.
RECIPE = {"loss": "softmax", "decay": "linear", "keep": "best", "refit": True}


def run(split, conv="lgc", sampler="random", alpha="fixed", **changes):
    """The trained model; ``changes``: arguments of ``train``."""
    options = {
        "dim": 8,
        "conv_settings": CONV_SETTINGS.get(conv),
        "negatives": NEGATIVES[sampler],
        "epochs": 5,
        "lr": 0.05,
        "loss": "bpr",
        "l2": 0.0,
        "recall_every": 2,
        "recall_k": 10,
        "seed": 1,
        "device": torch.device("cpu"),
    }
    recipe = RECIPE if sampler == "softmax" else {}
    return train(split, conv=conv, sampler=sampler, alpha=alpha, **(options | recipe | changes))


def contents(trained):
    """All of a trained model: its tensors as bytes, and its history."""
    tensors = {f"model.{name}": tensor for name, tensor in trained.model.state_dict().items()}
    tensors |= {f"snapshot.{epoch}": playlists for epoch, playlists in trained.snapshots.items()}
    tensors |= {f"artists.{epoch}": artists for epoch, artists in trained.artists.items()}
    tensors |= {"playlists": trained.playlists, "tracks": trained.tracks, **trained.others}
    tensors |= {f"validated.{name}": tensor for name, tensor in trained.validated.weights.items()}
    facts = trained.history, trained.score, trained.epoch, trained.recall, trained.epochs
    return save({name: tensor.cpu() for name, tensor in tensors.items()}), facts
