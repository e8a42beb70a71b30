"""Small trainings, for the tests of the loop, of checkpoints and of GPUs."""

import torch
from safetensors.torch import save

from segue.train.loop import train

CONV_SETTINGS = {
    "lgc": {"layers": 2},
    "gat": {"layers": 2, "heads": 2, "dropout": 0.5},
    "sage": {"layers": 2},
}
NEGATIVES = {"random": {"avoid_known": True}, "hard": {"min_fraction": 0.2, "refresh_every": 2}}


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
    return train(split, conv=conv, sampler=sampler, alpha=alpha, **(options | changes))


def contents(trained):
    """All of a trained model: its tensors as bytes, and its history."""
    tensors = {f"model.{name}": tensor for name, tensor in trained.model.state_dict().items()}
    tensors |= {f"snapshot.{epoch}": playlists for epoch, playlists in trained.snapshots.items()}
    tensors |= {"playlists": trained.playlists, "tracks": trained.tracks}
    return save({name: tensor.cpu() for name, tensor in tensors.items()}), trained.history
