"""What `make continue` is asked, checked before any work."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.challenge.submission import LENGTH
from segue.cli.recommend import read_n, read_run, require_model, swept_models
from segue.errors import SegueError
from segue.run.served_files import served_files
from segue.serve.read import ReadPlaylists, read_playlists

N = 30  # tracks, unless it is said how many
SUBMISSION = (".csv", ".csv.gz")
SUFFIXES = (*SUBMISSION, ".parquet", ".html")


@dataclass(frozen=True)
class ContinueQuestion:
    """``playlists``: the file to read; ``model``: conv-sampler-alpha or a baseline, or None for the best one;
    ``n``: how many tracks; ``out``: the file to write, or None for the terminal; ``allow_leak``: whether
    playlists that the model was trained on will do; ``config``: the whole configuration of the run."""

    playlists: Path
    model: str | None
    n: int
    out: Path | None
    allow_leak: bool
    config: dict[str, Any]

    @property
    def results(self) -> Path:
        return Path(self.config["results"])

    @functools.cached_property
    def read(self) -> ReadPlaylists:
        """The playlists of the file, read once; in a run on edge lists tracks have any ids."""
        return read_playlists(self.playlists, raw_ids=self.config["data"]["source"] == "edges")

    @property
    def is_submission(self) -> bool:
        return self.out is not None and self.out.name.endswith(SUBMISSION)


def read_question(environ: Mapping[str, str]) -> ContinueQuestion:
    """The question in SEGUE_PLAYLIST and SEGUE_OUT (paths), SEGUE_MODEL, SEGUE_N, SEGUE_ALLOW_LEAK (yes)
    and SEGUE_CONFIG.

    In environment variables, as that of `make recommend`. Raises SegueError when there is no such
    configuration or model, N is no number, or the one file cannot be read or the other not be written.
    """
    config = read_run(environ)
    if not environ.get("SEGUE_PLAYLIST"):
        raise SegueError(
            "No file of playlists was named.",
            where="PLAYLIST",
            found="nothing",
            expected='a file of track uris or of lines "artist - title", an MPD slice or a challenge set',
            fix="make continue PLAYLIST=my.txt",
        )
    out = _writable(environ["SEGUE_OUT"]) if environ.get("SEGUE_OUT") else None
    n = read_n(environ, LENGTH if out and out.name.endswith(SUBMISSION) else N)
    allow_leak = environ.get("SEGUE_ALLOW_LEAK", "")
    if allow_leak not in ("", "yes"):
        raise SegueError(
            "Whether to allow what was trained on?",
            where="ALLOW_LEAK",
            found=repr(allow_leak),
            expected="yes",
        )
    question = ContinueQuestion(
        Path(environ["SEGUE_PLAYLIST"]),
        environ.get("SEGUE_MODEL") or None,
        n,
        out,
        allow_leak == "yes",
        config,
    )
    require_model(question.model, models(config))
    if question.is_submission and n != LENGTH:
        raise SegueError(
            "A submission has another number of tracks.",
            where="N",
            found=str(n),
            expected=f"{LENGTH}, by the rules of the challenge",
            fix="leave N out, or write a .parquet or .html file",
        )
    _ = question.read  # now, so that what is wrong with it is said before any work
    return question


def models(config: dict[str, Any]) -> list[str]:
    """All that can be asked: the models of the run and its baselines, by name."""
    return swept_models(config) + config["baselines"]["names"]


def needed(question: ContinueQuestion) -> list[str]:
    """The files that the answer is read from, as targets for Snakemake."""
    files = [*served_files(question.model), "graph/playlists.parquet"]
    return [f"{question.config['results']}/{name}" for name in files]


def _writable(name: str) -> Path:
    path = Path(name)
    if not name.endswith(SUFFIXES):
        raise SegueError(
            "What file to write is not clear from its name.",
            where="OUT",
            found=name,
            expected="a name that ends in " + ", ".join(SUFFIXES),
            fix="OUT=submission.csv.gz for the challenge, OUT=my.parquet for a table, OUT=my.html for a page",
        )
    if not path.parent.is_dir():
        raise SegueError(
            "There is no folder to write into.", where="OUT", found=name, expected=f"the folder {path.parent}"
        )
    return path
