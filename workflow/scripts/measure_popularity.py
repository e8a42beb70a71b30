"""Measures what one model finds of held-out tracks, by the quarter of their popularity."""

from functools import partial
from pathlib import Path
from typing import Any

import torch

from segue.evaluate.blends import member_scores, read_embeddings, scores_of_blend
from segue.evaluate.popularity import hits_by_quarter
from segue.files import save_table
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.scorers.blend import Blend
from segue.scorers.load import load_scorer


def measure_popularity(
    source: str,
    scorer: str | None,
    embeddings: list[str],
    target: str,
    *,
    settings: dict[str, Any],
    block_mb: int,
    threads: int,
) -> None:
    """``source``: the split. Of a graph network there is no ``scorer``, and its embeddings alone; of a blend
    the embeddings of its networks, .../{model}/embeddings.safetensors. ``settings``: keyword arguments of
    ``hits_by_quarter``."""
    torch.set_num_threads(threads)
    split = load_split(source)
    of_networks = {Path(path).parent.name: read_embeddings(path, split) for path in embeddings}
    if scorer is None:
        (member,) = of_networks.values()
    else:
        member = load_scorer(scorer)
    if isinstance(member, Blend):
        scores = scores_of_blend(member, of_networks)
    else:
        scores = partial(member_scores, member)
    table = hits_by_quarter(split, scores, **settings, block_mb=block_mb)
    save_table(table, target)
    log.info("%s", table.group_by("quarter").sum().drop("playlist").sort("quarter"))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        measure_popularity(
            snakemake.input.split,
            snakemake.input.get("scorer") or None,
            [*snakemake.input.get("embeddings", [])],
            snakemake.output.hits,
            settings=snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
        )
