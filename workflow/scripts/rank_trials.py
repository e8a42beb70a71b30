"""Ranks the trials of a round, and removes the checkpoints of those that do not go on."""

import shutil
from pathlib import Path

from segue.files import read_json, write_json
from segue.jobs import log, logged
from segue.run.trials import ranked, shown_values


def rank_trials(trials: list[str], target: str, *, keep: int, checkpoints: Path) -> None:
    """``trials``: their results; ``keep``: how many go on; ``checkpoints``: the folder of this round's."""
    found = ranked(read_json(path) for path in trials)
    for place, trial in enumerate(found):
        mark = ", goes on" if place < keep else ""
        log.info("%.4f  %s%s", trial["validation_recall"], shown_values(trial["settings"]), mark)
    write_json(target, {"trials": found})
    for trial in found[keep:]:
        shutil.rmtree(checkpoints / trial["trial"], ignore_errors=True)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rank_trials(
            snakemake.input.trials,
            snakemake.output.ranking,
            **snakemake.params.settings,
            checkpoints=Path(
                snakemake.config["results"],
                "checkpoints/tune",
                snakemake.wildcards.tuned,
                f"round-{snakemake.wildcards.round}",
            ),
        )
