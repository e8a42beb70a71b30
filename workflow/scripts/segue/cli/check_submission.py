"""`segue check-submission`: a submission against the rules of the RecSys Challenge 2018."""

from pathlib import Path

import click

from segue.challenge.rules import violations
from segue.challenge.submission import LENGTH
from segue.errors import SegueError
from segue.serve.read import read_playlists

SHOWN = 50  # violations, at most


@click.command(short_help="Whether a file keeps the challenge's rules.")
@click.argument("challenge_set", metavar="SET", type=click.Path())
@click.argument("submission", metavar="SUBMISSION", type=click.Path())
@click.pass_context
def check_submission(ctx: click.Context, challenge_set: str, submission: str) -> None:
    """Check SUBMISSION (.csv or .csv.gz) for the playlists of SET, a challenge_set.json, line by line.

    Needs no run. A line on stderr for each rule that is broken, and exit status 1.

    \b
    segue check-submission challenge_set.json submission.csv.gz
    """
    _require_file(challenge_set)
    playlists = read_playlists(challenge_set).playlists
    broken = violations(playlists, submission, challenge_set)
    if not broken:
        click.echo(f"{submission} is right: {len(playlists):,} playlists of {LENGTH} tracks each.")
        return
    more = [f"and {len(broken) - SHOWN:,} more"] if len(broken) > SHOWN else []
    lines = [*map(str, broken[:SHOWN]), *more, f"{submission} breaks the challenge's rules."]
    click.echo("\n".join(lines), err=True)
    ctx.exit(1)


def _require_file(challenge_set: str) -> None:
    """Raises SegueError where it cannot be opened: what reads it speaks of all files of playlists."""
    try:
        with Path(challenge_set).open("rb"):
            pass
    except OSError as error:
        raise SegueError(
            "The challenge set cannot be read.",
            where=challenge_set,
            found=error.strerror or str(error),
            expected="a challenge_set.json, which the submission answers",
            fix="check the path and its permissions: segue check-submission SET SUBMISSION",
        ) from error
