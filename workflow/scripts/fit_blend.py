"""Blends models and baselines, with the weights that do best on the validation edges."""

from pathlib import Path

import torch

from segue.evaluate.blends import Embeddings, choose_weights, read_embeddings
from segue.files import read_json, write_json
from segue.graph.split import load_split
from segue.graph.tables import digest_of_core
from segue.jobs import log, logged
from segue.scorers.base import Scorer
from segue.scorers.blend import save_blend
from segue.scorers.fit import fit_baseline


def fit_blend(
    name: str,
    sources: dict[str, str],
    members: dict[str, list[str]],
    targets: dict[str, str],
    *,
    of: list[str],
    weights: list[float],
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
    threads: int,
) -> None:
    """``sources``: split and the graph's tracks; ``members``: paths .../{member}/* of all ``of``'s scorers,
    of the settings chosen for its baselines, and of what its models are validated with."""
    torch.set_num_threads(threads)
    split = load_split(sources["split"])
    scorers, chosen, validated = (by_member(members[key]) for key in ("scorers", "chosen", "validated"))
    shape = split.num_playlists, split.num_tracks

    def of_train_edges(member: str) -> Scorer | Embeddings:
        if member in validated:
            return read_embeddings(validated[member], split)
        settings = read_json(chosen[member])["settings"]
        return fit_baseline(member, split.all_train, shape, settings, {}, threads)

    choice = choose_weights(
        {member: of_train_edges(member) for member in of},
        weights,
        split,
        recall_k,
        max_playlists=max_playlists,
        seed=seed,
        block_mb=block_mb,
    )
    log.info("chosen: %s", ", ".join(f"{member} {weight:g}" for member, weight in choice["settings"].items()))
    facts = {"model": name, "of": of, "catalogue": digest_of_core(sources["tracks"])}
    files = [scorers[member] for member in of]
    save_blend(targets["scorer"], files, list(choice["settings"].values()), facts)
    write_json(targets["chosen"], {"model": name, **choice})


def by_member(paths: list[str]) -> dict[str, str]:
    """By the name of the folder that each is in."""
    return {Path(path).parent.name: path for path in paths}


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        fit_blend(
            snakemake.wildcards.blend,
            {name: snakemake.input[name] for name in ("split", "tracks")},
            {name: [*snakemake.input.get(name, [])] for name in ("scorers", "chosen", "validated")},
            dict(snakemake.output.items()),
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
        )
