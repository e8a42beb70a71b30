"""What `make recommend` is asked, checked against the configuration before any work."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from segue.cli.lookup import title_key
from segue.data.batching import batches_of_run
from segue.errors import SegueError
from segue.run.config import check_config, read_config

ROOT = Path(__file__).resolve().parents[4]
NAME = ("conv", "sampler", "alpha")
BATCH_TABLES = ("playlists", "edges", "tracks")
N = 10  # tracks, unless it is said how many
LONGEST_N = 9  # digits; no graph has more tracks


@dataclass(frozen=True)
class Question:
    """``playlist``: a pid or words of a title; ``model``: conv-sampler-alpha, or None for the best one;
    ``n``: how many tracks; ``config``: the whole configuration of the run."""

    playlist: str
    model: str | None
    n: int
    config: dict[str, Any]

    @property
    def results(self) -> Path:
        return Path(self.config["results"])

    @property
    def models(self) -> list[str]:
        return swept_models(self.config)

    def batch_tables(self) -> dict[str, list[str]]:
        """Paths by the name of the table, one a batch."""
        batches = batches_of_run(self.config["data"], self.config["results"])
        return {
            name: [f"{self.config['results']}/slices/{batch}/{name}.parquet" for batch in batches]
            for name in BATCH_TABLES
        }


def read_question(environ: Mapping[str, str]) -> Question:
    """The question in SEGUE_PLAYLIST, SEGUE_MODEL, SEGUE_N and SEGUE_CONFIG (a file of overrides, or empty).

    It comes in environment variables, so that no shell and no make interprets what a title holds. Raises
    SegueError when there is no such configuration or model, N is no number, or PLAYLIST is empty.
    """
    playlist, config = environ.get("SEGUE_PLAYLIST", ""), read_run(environ)
    if not title_key(playlist):
        raise SegueError(
            "No playlist was named.",
            where="PLAYLIST",
            found="nothing",
            expected="a pid or words of a title",
            fix='make recommend PLAYLIST="road trip"',
        )
    question = Question(playlist, environ.get("SEGUE_MODEL") or None, read_n(environ, N), config)
    require_model(question.model, question.models)
    return question


def read_run(environ: Mapping[str, str]) -> dict[str, Any]:
    """The whole configuration, with the overrides of the file SEGUE_CONFIG, if there is one."""
    overrides = environ.get("SEGUE_CONFIG", "")
    config = read_config(ROOT / "config/config.yaml", *([overrides] if overrides else []))
    check_config(config, yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text("utf-8")))
    return config


def read_n(environ: Mapping[str, str], default: int) -> int:
    """SEGUE_N, how many tracks; ``default`` where it is empty."""
    n = environ.get("SEGUE_N") or str(default)
    if not (n.isascii() and n.isdecimal() and len(n) <= LONGEST_N and int(n) > 0):
        raise SegueError(
            "That is no number of tracks.", where="N", found=repr(n), expected="a whole number from 1"
        )
    return int(n)


def require_model(model: str | None, models: Sequence[str]) -> None:
    """Raises SegueError when ``model`` is named, and not among ``models``."""
    if model and model not in models:
        near = difflib.get_close_matches(model, models, n=1)
        raise SegueError(
            "There is no such model in the run.",
            where="MODEL",
            found=model,
            expected="one of " + ", ".join(models),
            fix=f"did you mean {near[0]}?" if near else "correct MODEL, or leave it out for the best",
        )


def swept_models(config: dict[str, Any]) -> list[str]:
    """All models of the run, by name."""
    return ["-".join(names) for names in product(*(config["sweep"][key] for key in NAME))]


def needed(question: Question) -> list[str]:
    """The files that the answer is read from, as targets for Snakemake."""
    folder = question.config["results"]
    models = [question.model] if question.model else question.models
    return [
        *([] if question.model else [f"{folder}/metrics/best.json"]),
        *(f"{folder}/models/{model}/embeddings.safetensors" for model in models),
        f"{folder}/split/split.safetensors",
        *(f"{folder}/graph/{name}.parquet" for name in ("edges", "playlists", "tracks")),
        *(path for paths in question.batch_tables().values() for path in paths),
    ]
