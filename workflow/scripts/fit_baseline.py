"""Fits a baseline, with the settings that do best on the validation edges."""

from typing import Any

import torch

from segue.evaluate.choose import choose_settings, chosen_by_trial
from segue.files import read_json, write_json
from segue.graph.split import load_split
from segue.graph.tables import digest_of_core
from segue.jobs import logged
from segue.scorers.fit import fit_baseline


def fit(
    name: str,
    source: str,
    tracks: str,
    scorer: str,
    chosen: str,
    *,
    grid: dict[str, Any],
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
    threads: int,
    tuned: str = "",
) -> None:
    """``source``: the split; ``grid``: settings, those that are lists to choose from; ``max_playlists`` and
    ``seed``: of the validation. The chosen settings are fitted to train and validation edges.

    ``tuned``: the file of the best trial, of a baseline whose settings trials have chosen and measured."""
    torch.set_num_threads(threads)
    split = load_split(source)
    if tuned:
        choice = chosen_by_trial(grid, read_json(tuned))
    else:
        choice = choose_settings(
            name,
            split,
            grid,
            recall_k,
            max_playlists=max_playlists,
            seed=seed,
            block_mb=block_mb,
            threads=threads,
        )
    facts = {"model": name, "catalogue": digest_of_core(tracks)}
    shape = split.num_playlists, split.num_tracks
    fitted = fit_baseline(name, split.train_and_validation, shape, choice["settings"], facts, threads)
    fitted.save(scorer)
    write_json(chosen, {"model": name, **choice})


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        fit(
            snakemake.wildcards.baseline,
            snakemake.input.split,
            snakemake.input.tracks,
            snakemake.output.scorer,
            snakemake.output.chosen,
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
            tuned=snakemake.input.tuned,
        )
