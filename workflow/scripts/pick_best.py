"""Names the best model by its validation recall."""

from segue.evaluate.best import best_model
from segue.files import read_json, write_json
from segue.jobs import log, logged


def pick_best(found: list[str], target: str) -> None:
    """``found``: the file of each model's validation."""
    best = best_model([read_json(path) for path in found])
    log.info(
        "best: %s, validation Recall@%d %.4f", best["model"], best["recall_k"], best["validation_recall"]
    )
    write_json(target, best)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        pick_best(snakemake.input.validations, snakemake.output.best)
