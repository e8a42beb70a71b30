"""A challenge's playlists continued: as a table, and as a submission that keeps the rules."""

from collections.abc import Callable

import polars as pl

from segue.challenge.challenge_set import require_no_leak
from segue.challenge.rules import require_valid
from segue.challenge.submission import LENGTH, write_submission
from segue.files import save_table
from segue.jobs import log
from segue.serve.answering import Continuation
from segue.serve.read import read_playlists


def continue_set(
    challenge_set: str,
    training: pl.Series,
    load: Callable[[], Continuation],
    recommendations: str,
    submission: str,
    team: dict[str, str],
) -> None:
    """``training``: pids of the playlists that the model, which ``load`` reads, was made of; ``team``: name
    and contact, for the submission's first line. Raises SegueError where they hold one of the set's."""
    read = read_playlists(challenge_set)
    for row in read.left_out:
        log.warning("left out: %s", row)
    playlists = read.playlists
    require_no_leak([playlist.pid for playlist in playlists], training, challenge_set)
    table = load().continue_playlists(playlists, LENGTH)
    by = table.unique("playlist")["path"].value_counts(sort=True).rows()
    log.info("%d playlists: %s", len(playlists), ", ".join(f"{count} by {path}" for path, count in by))
    save_table(table, recommendations)
    write_submission(table, submission, team["name"], team["contact"])
    require_valid(playlists, submission)
