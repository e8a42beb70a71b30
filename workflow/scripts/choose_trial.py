"""Names the settings of a tuned model: those of the best trial of its last round."""

from segue.files import read_json, write_json
from segue.jobs import log, logged
from segue.run.trials import ranked, shown_values


def choose_trial(trials: list[str], target: str) -> None:
    """``trials``: the results of the last round. Writes the best one's."""
    best = ranked(read_json(path) for path in trials)[0]
    log.info(
        "chosen: %s, validation Recall@%d %.4f",
        shown_values(best["settings"]),
        best["recall_k"],
        best["validation_recall"],
    )
    write_json(target, best)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        choose_trial(snakemake.input.trials, snakemake.output.chosen)
