"""`make check-submission`: python -m segue.cli.check_submission challenge_set.json submission.csv[.gz]"""

import sys
from collections.abc import Sequence

from segue.challenge.rules import violations
from segue.challenge.submission import LENGTH
from segue.errors import SegueError
from segue.serve.read import read_playlists

SHOWN = 50  # violations, at most


def main(arguments: Sequence[str]) -> None:
    """Prints that the submission is right, or exits with status 1 and a line for each violation on stderr."""
    try:
        if len(arguments) != 2 or not all(arguments):
            raise SegueError(
                "Which submission, for which challenge set?",
                found=f"{sum(map(bool, arguments))} file(s)",
                expected="two",
                fix="make check-submission SET=challenge_set.json SUBMISSION=submission.csv.gz",
            )
        challenge_set, submission = arguments
        playlists = read_playlists(challenge_set).playlists
        broken = violations(playlists, submission)
    except SegueError as error:
        sys.exit(f"Error: {error}")
    if broken:
        more = [f"and {len(broken) - SHOWN:,} more"] if len(broken) > SHOWN else []
        sys.exit("\n".join([*map(str, broken[:SHOWN]), *more, f"{submission} breaks the challenge's rules."]))
    print(f"{submission} is right: {len(playlists):,} playlists of {LENGTH} tracks each.")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # paths and fields may hold what a terminal cannot show
    main(sys.argv[1:])
