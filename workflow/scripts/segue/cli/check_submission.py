"""`segue check-submission`: a submission against the rules of the RecSys Challenge 2018."""

import click

from segue.challenge.rules import violations
from segue.challenge.submission import LENGTH
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
    playlists = read_playlists(challenge_set).playlists
    broken = violations(playlists, submission)
    if not broken:
        click.echo(f"{submission} is right: {len(playlists):,} playlists of {LENGTH} tracks each.")
        return
    more = [f"and {len(broken) - SHOWN:,} more"] if len(broken) > SHOWN else []
    lines = [*map(str, broken[:SHOWN]), *more, f"{submission} breaks the challenge's rules."]
    click.echo("\n".join(lines), err=True)
    ctx.exit(1)
