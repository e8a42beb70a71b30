"""What the second stage takes of a run's challenge: a playlist at a time, and 10,000 to a submission.

PYTHONPATH=workflow/scripts python benchmarks/reranking.py results/challenge [--json FILE]

The playlists are those of the challenge set: some alone, and all over and over, with pids of their own.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from measuring import seconds
from segue.challenge.rules import require_valid
from segue.challenge.submission import LENGTH, write_submission
from segue.serve.continuation import load
from segue.serve.read import read_playlists


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--model", default="rerank")
    parser.add_argument("--single", type=int, default=500, help="playlists that are timed one by one")
    parser.add_argument("--batch", type=int, default=10_000, help="playlists of the submission")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    arguments = parser.parse_args()
    asked = read_playlists(arguments.results / "challenge/challenge_set.json").playlists
    loading = seconds(lambda: load(arguments.results, arguments.model))
    model = load(arguments.results, arguments.model)
    some = np.random.default_rng(0).choice(len(asked), arguments.single + 10, replace=False)
    times = [seconds(lambda one=asked[row]: model.continue_playlists([one], LENGTH)) for row in some][10:]
    many = [replace(asked[number % len(asked)], pid=number) for number in range(arguments.batch)]

    def submit(path: Path) -> None:
        write_submission(model.continue_playlists(many, LENGTH), path, "Segue", "a@example.org")
        require_valid(many, path)

    with tempfile.TemporaryDirectory() as folder:
        took = seconds(lambda: submit(Path(folder, "submission.csv.gz")))
    result = {
        "model": arguments.model,
        "loading_seconds": loading,
        "milliseconds": 1000 * float(np.median(times)),
        "most_milliseconds": 1000 * float(np.quantile(times, 0.95)),
        "playlists": arguments.batch,
        "submission_seconds": took,
    }
    print(json.dumps(result))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
