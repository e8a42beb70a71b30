"""A server of `segue serve` on a small run, for the tests of it."""

import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from command_cases import write_served_run
from safetensors.torch import save_file

from segue.web.guard import Rate
from segue.web.listen import bound, guarded, listen
from segue.web.served import Facts, Served

OFFERED = ("lgc-random-fixed", "als", "knn")
ANY_RATE = Rate(1e6, 10**6)


def served_run(folder: Path, edit: Callable[[Path], None] = lambda results: None) -> Served:
    """The run of ``write_served_run``, loaded once ``edit`` has made of its results what a test needs."""
    write_served_run(folder)
    results = folder / "results"
    shutil.copy(results / "serving/scorer.safetensors", results / "models/lgc-random-fixed")
    save_file({"none": torch.zeros(1)}, results / "models/lgc-random-fixed/model.safetensors")
    edit(results)
    return Served(Facts(results, "Built-in sample", True, None, 300, OFFERED))


def listening_at(served: Served, names: Sequence[str] = ()) -> tuple[str, int]:
    """Host and port of a server in a thread of its own, which ends with the process; ``names``: of hosts."""
    listening, started = bound("127.0.0.1", 0), threading.Event()
    arguments = (guarded(served, names, ANY_RATE), listening, started.set)
    threading.Thread(target=listen, args=arguments, daemon=True).start()
    assert started.wait(30)
    return listening.getsockname()[:2]
