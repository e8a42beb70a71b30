"""Chooses the settings of the joint neighbours on validation playlists, if there is a choice."""

import functools
from pathlib import Path

from segue.catalogue.catalogue import Catalogue
from segue.challenge.choose import choose_ranker
from segue.challenge.validation import read_validation
from segue.channels.joint import Joint
from segue.files import write_json
from segue.jobs import logged


def choose_joint(folder: str, challenge_set: str, answers: str, target: str, grid: dict) -> None:
    """``folder``: of the catalogue; ``challenge_set``, ``answers``: of the validation playlists."""
    catalogue = Catalogue(folder)
    validation = read_validation(catalogue, challenge_set, answers)
    write_json(target, choose_ranker(functools.partial(Joint, catalogue), validation, grid))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        choose_joint(
            str(Path(snakemake.input.listed).parent),
            snakemake.input.validation_challenge_set,
            snakemake.input.validation_answers,
            snakemake.output.chosen,
            snakemake.params.settings,
        )
