"""`make recommend`: python -m segue.ask [--check], with the question in the environment."""

import os
import shutil
import sys
from collections.abc import Sequence

from segue.errors import SegueError
from segue.question import needed, read_question


def main(arguments: Sequence[str]) -> None:
    """Prints the answer; with ``--check`` instead, one a line, the files it needs, once all else is in order.

    Exits with status 1 and an explanation on stderr where there is no answer.
    """
    try:
        question = read_question(os.environ)
        if list(arguments) == ["--check"]:
            print("\n".join(needed(question)))
            return
        from segue.answer import answer  # only here: torch takes seconds to import

        sys.stdout.reconfigure(errors="replace")  # for terminals that cannot show a name
        print(answer(question, shutil.get_terminal_size().columns if sys.stdout.isatty() else None), end="")
    except SegueError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
