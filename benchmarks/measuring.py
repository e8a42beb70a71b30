"""Clocks and memory."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import torch


def seconds(function: Callable[[], object]) -> float:
    """Wall-clock time of a call, with all that it started on a GPU."""
    _synchronize()
    started = time.perf_counter()
    function()
    _synchronize()
    return time.perf_counter() - started


def _synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_memory(device: str) -> int:
    """Bytes that this process has had resident at most; on CUDA, that torch has had allocated at most."""
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    status = Path("/proc/self/status")
    if status.exists():  # Linux's getrusage counts what the parent had at the fork
        return next(int(line.split()[1]) * 1024 for line in status.open() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def spmm_bytes(entries: int, rows: int, dim: int) -> int:
    """Least traffic of float32 sparse products: rows of x gathered, entries read, y written."""
    return entries * (4 * dim + 8) + rows * 4 * dim
