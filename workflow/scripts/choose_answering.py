"""Names what continues playlists where no model is named: the best on the validation playlists."""

from pathlib import Path

import torch

from segue.catalogue.catalogue import Catalogue
from segue.challenge.metrics import RANKS
from segue.challenge.validation import read_validation
from segue.files import read_json, write_json
from segue.jobs import log, logged
from segue.serve.from_core import from_core
from segue.serve.rankers import load_ranker
from segue.serve.read import read_playlists


def choose_answering(
    best: str,
    served: list[str],
    rankers: list[str],
    results: str,
    challenge_set: str,
    answers: str,
    target: str,
) -> None:
    """``best``: the network that is best by validation edges; ``served``: its files, as of ``from_core``;
    ``results``: the folder where the catalogue and the ``rankers`` are; ``challenge_set``, ``answers``: of
    the validation playlists. Of a ranker whose settings were chosen by these it is known how good it is."""
    catalogue = Catalogue(Path(results) / "catalogue")
    validation = read_validation(catalogue, challenge_set, answers)
    playlists = read_playlists(challenge_set).playlists
    table = from_core(*served).continue_playlists(playlists, RANKS)
    lists = catalogue.rows(table["track_uri"]).reshape(len(playlists), RANKS)
    found = {read_json(best)["model"]: float(validation.metrics(lists)["ndcg"].mean())}
    for name in rankers:
        chosen = Path(results) / f"models/{name}/chosen.json"
        if chosen.is_file():
            found[name] = read_json(chosen)["validation"]["ndcg"]
        else:
            ranker = load_ranker(results, name, catalogue)
            found[name] = float(validation.measure(ranker)["ndcg"].mean())
    for name, ndcg in found.items():
        log.info("%s: NDCG %.4f", name, ndcg)
    model = max(found, key=found.__getitem__)
    log.info("%s answers where no model is named", model)
    write_json(target, {"model": model, "ndcg": found})


if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]):
        choose_answering(
            snakemake.input.best,
            snakemake.input.served,
            snakemake.params.settings["rankers"],
            str(Path(snakemake.input.listed).parents[1]),
            snakemake.input.validation_challenge_set,
            snakemake.input.validation_answers,
            snakemake.output.answering,
        )
