"""One seed, one result, on a GPU too."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Inside, what runs on ``device`` gives the same bits each time, forward and backward.

    Segue's own products add in one order anyway. Layers of PyG, and any that are added, scatter with atomics
    on a GPU unless torch is set to its deterministic algorithms: a setting of the whole process, which is put
    back. An operation that has no such algorithm is named in a warning.
    """
    if device.type != "cuda":
        yield
        return
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    filled = torch.utils.deterministic.fill_uninitialized_memory
    os.environ.setdefault(
        "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
    )  # without it torch warns of each dense product
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing reads what it has not written
    try:
        with warnings.catch_warnings():
            # It picks any of tied indices; only its values are used.
            warnings.filterwarnings("ignore", message="kthvalue CUDA does not have a deterministic")
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        torch.utils.deterministic.fill_uninitialized_memory = filled
