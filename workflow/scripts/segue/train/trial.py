"""One trial of settings as a job: a training up to the end of a round, measured on the validation edges."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from segue.files import write_json
from segue.graph.split import load_split, require_cutoffs
from segue.jobs import log
from segue.run.trials import last_epoch, shown_values, with_values
from segue.train.epochs import NotFiniteError
from segue.train.loop import choose_device
from segue.train.run import checkpoints_of, relations_of, run_training


def try_model(
    source: str,
    target: str,
    *,
    name: dict[str, str],
    trial: dict[str, Any],
    number: int,
    share: float,
    own: dict[str, Any],
    device: str,
    gpu: int,
    threads: int,
    block_mb: int,
    code: str,
    folder: Path,
    checkpoints: dict[str, Any],
    terminated: Callable[[], bool],
    relations_file: str | None = None,
) -> None:
    """Trains the model ``name`` on the split in the file ``source``, of which no test edge is read, until
    ``share`` of its epochs is done, the end of round ``number``; writes JSON to ``target``: its recall.

    ``trial``: its name, and the settings by dotted keys that it lays over ``own``, the model's. It goes on
    from where it stopped, or from the end of the round before; each round of a trial has checkpoints of its
    own in ``folder``, so that a round can be done again when another trial has taken the place of one. One
    whose loss is no longer finite has a recall of 0, and the log says so.
    Other arguments as in ``train_model``.
    """
    chosen = choose_device(device, gpu)
    torch.set_num_threads(threads)
    settings = with_values(own, trial["settings"])
    # A trial is no model: nothing but its recall is kept.
    settings["train"] = settings["train"] | {"refit": False, "snapshot_every": None}

    def saved_in(round_: int) -> Any:
        return checkpoints_of(
            source,
            name,
            settings,
            device=chosen,
            threads=threads,
            block_mb=block_mb,
            code=code,
            relations_file=relations_file,
            folder=folder / f"round-{round_}" / trial["trial"],
            **checkpoints,
        )

    saved = saved_in(number)
    resume = saved.load()
    if resume is None and number > 1:
        resume = saved_in(number - 1).load()
    split = load_split(source, test=False)
    require_cutoffs([settings["train"]["recall_k"]], split.num_tracks)
    until = last_epoch(share, settings["train"]["epochs"], settings["train"]["recall_every"])
    log.info("round %d, up to epoch %d: %s", number, until, shown_values(trial["settings"]))
    try:
        trained = run_training(
            split,
            name,
            settings,
            relations=relations_of(settings, relations_file),
            device=chosen,
            block_mb=block_mb,
            saved=saved,
            resume=resume,
            terminated=terminated,
            until=until,
        )
        epochs, recall = len(trained.history), trained.recall
    except NotFiniteError as error:
        log.warning("%s Of this trial the recall is 0.", error.what)
        epochs, recall = until, 0.0
    log.info("validation Recall@%d %.4f", settings["train"]["recall_k"], recall)
    write_json(
        target,
        {
            "model": "-".join(name.values()),
            "trial": trial["trial"],
            "round": number,
            "epochs": epochs,
            "recall_k": settings["train"]["recall_k"],
            "validation_recall": recall,
            "settings": trial["settings"],
        },
    )
