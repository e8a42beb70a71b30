"""`make recommend`, `make continue`: python -m segue.cli.main TARGET [--check], asked by the environment."""

import os
import shutil
import sys
from collections.abc import Sequence

from segue.cli import continue_ as continue_question
from segue.cli import recommend as question
from segue.errors import SegueError

QUESTIONS = {"recommend": question, "continue": continue_question}


def main(arguments: Sequence[str]) -> None:
    """Prints the answer; with ``--check`` instead, one a line, the files it needs, once all else is in order.

    Exits with status 1 and an explanation on stderr where there is no answer.
    """
    target, *options = arguments
    try:
        asked = QUESTIONS[target].read_question(os.environ)
        if options == ["--check"]:
            print("\n".join(QUESTIONS[target].needed(asked)))
            return
        # Only here: torch takes seconds to import.
        if target == "recommend":
            from segue.cli.recommend import answer
        else:
            from segue.cli.continue_ import answer

        sys.stdout.reconfigure(errors="replace")  # for terminals that cannot show a name
        print(answer(asked, shutil.get_terminal_size().columns if sys.stdout.isatty() else None), end="")
    except SegueError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
