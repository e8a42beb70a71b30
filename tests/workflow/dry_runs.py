"""Many dry runs in the time of few: Snakemake is imported once, and each runs in a fork of that process.

A program: the folder of a workflow is its working directory, stdin has JSON, a list of
{"name", "arguments", "edit"}; `edit` is a file and the text that it has for that run, or null. On stdout
comes JSON: name to [exit status, output]. Each answer is that of `snakemake --dry-run` on the command line.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from snakemake.cli import main


def dry_run(arguments: list[str]) -> tuple[int, str]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            main(["--dry-run", "--cores", "1", *arguments])  # ends the process
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return status, output.read().decode()


def run_all(questions: list[dict]) -> dict[str, tuple[int, str]]:
    answers = {}
    for question in questions:
        if question["edit"]:
            edited, text = Path(question["edit"][0]), question["edit"][1]
            original = edited.read_text()
            edited.write_text(text)
        answers[question["name"]] = dry_run(question["arguments"])
        if question["edit"]:
            edited.write_text(original)
    return answers


if __name__ == "__main__":
    json.dump(run_all(json.load(sys.stdin)), sys.stdout)
