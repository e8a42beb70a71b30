"""Continues the challenge's playlists with one model, as a table and as a submission."""

import polars as pl

from segue.challenge.challenge_set import require_no_leak
from segue.challenge.rules import require_valid
from segue.challenge.submission import LENGTH, write_submission
from segue.files import save_table
from segue.jobs import log, logged
from segue.serve.continuation import read_continuation
from segue.serve.read import read_playlists


def continue_challenge(sources: dict[str, str], recommendations: str, submission: str, team: dict) -> None:
    """``sources``: challenge_set (JSON), scorer, tracks, titles, split, and playlists of the graph.

    ``team``: name and contact, for the submission's first line.
    """
    read = read_playlists(sources["challenge_set"])
    for row in read.left_out:
        log.warning("left out: %s", row)
    playlists = read.playlists
    pids = [playlist.pid for playlist in playlists]
    require_no_leak(pids, pl.read_parquet(sources["playlists"])["pid"], sources["challenge_set"])
    model = read_continuation(*(sources[name] for name in ("scorer", "tracks", "titles", "split")))
    table = model.continue_playlists(playlists, LENGTH)
    by = table.unique("playlist")["path"].value_counts(sort=True).rows()
    log.info("%d playlists: %s", len(playlists), ", ".join(f"{count} by {path}" for path, count in by))
    save_table(table, recommendations)
    write_submission(table, submission, team["name"], team["contact"])
    require_valid(playlists, submission)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        continue_challenge(
            dict(snakemake.input.items()),
            snakemake.output.recommendations,
            snakemake.output.submission,
            **snakemake.params.settings,
        )
