"""`make recommend`: what is asked, checked before any work, and its answer as text."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import torch
import yaml
from safetensors.torch import load_file

from segue.cli.lookup import find_playlist, title_key
from segue.cli.terminal import HIT, aligned, cut, printable, proposal_lines, track_names, wrapped
from segue.data.batches import batches_of_run
from segue.errors import SegueError
from segue.files import read_json
from segue.graph.split import Split, load_split, of_playlists
from segue.run.config import check_config, read_config
from segue.serve.recommendation import dropped_playlist, recommendation_table

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


FIRST_TRACKS = 5


def answer(question: Question, width: int | None = None) -> str:
    """The playlist, its first tracks and a table of proposals, in lines of at most ``width`` columns.

    Reads the files that ``needed`` lists. The proposals are those of ``recommend``. Raises SegueError when
    no playlist, or more than one, is meant, and when fewer than ``n`` tracks are left to propose.
    """
    results, config = question.results, question.config
    edges, playlists, tracks = (
        pl.read_parquet(results / f"graph/{name}.parquet") for name in ("edges", "playlists", "tracks")
    )
    batches = question.batch_tables()
    read = pl.read_parquet(batches["playlists"], columns=["pid", "name", "num_tracks"])
    k = config["graph"]["k_core"]
    why = partial(dropped_playlist, k=k, **batches, core_tracks=tracks)
    playlist = find_playlist(question.playlist, playlists, read, why)
    row = playlists.row(by_predicate=pl.col("playlist") == playlist, named=True)

    split = load_split(results / "split/split.safetensors")
    chosen = torch.tensor([playlist])
    part = of_playlists(split, chosen)
    _require_enough(part, question.n)
    model, reason = _chosen(question)
    embeddings = load_file(results / f"models/{model}/embeddings.safetensors")
    proposals = recommendation_table(
        split, embeddings, chosen, question.n, playlists, tracks, config["score_block_mb"]
    )
    test = part.test[1].tolist()
    mine = (
        edges.filter(pl.col("playlist") == playlist)
        .sort("position", "track")
        .join(tracks, on="track", maintain_order="left")
    )
    known = mine.filter(~pl.col("track").is_in(test))
    lines = [
        cut(printable(row["name"] or f"Playlist {row['pid']}"), width),
        *wrapped(
            f"pid {row['pid']}, {row['num_tracks']} tracks: {mine.height} in the {k}-core, "
            f"{len(test)} of them held out for the test",
            width,
        ),
        "",
        "On the playlist:",
        *_first_tracks(known, width),
        "",
        *wrapped(f"What {model} would add ({reason}):", width),
        *proposal_lines(proposals, width),
        "",
        *wrapped(_legend(proposals, len(test)), width),
    ]
    return "\n".join(lines) + "\n"


def _require_enough(split: Split, n: int) -> None:
    """``split``: of the one playlist."""
    known = split.train_and_validation.size(1)
    left = split.num_tracks - known
    if n > left:
        raise SegueError(
            "There are not that many tracks to recommend.",
            where="N",
            found=str(n),
            expected=f"at most {left}: the graph has {split.num_tracks} tracks, "
            f"and {known} of them are on the playlist",
        )


def _chosen(question: Question) -> tuple[str, str]:
    """The model, and why it."""
    if question.model:
        return question.model, "as MODEL says"
    best = read_json(question.results / "metrics/best.json")
    if len(question.models) == 1:
        return best["model"], "the only model of the run"
    score = f"Recall@{best['recall_k']}, {best['validation_recall']:.3f}"
    return best["model"], f"of {len(question.models)} models the one with the highest validation {score}"


def _first_tracks(known: pl.DataFrame, width: int | None) -> list[str]:
    rows = track_names(known.head(FIRST_TRACKS))
    lines = aligned(rows, elastic=range(len(rows[0])), limit=width) if rows else ["none known to the model"]
    more = known.height - len(rows)
    return lines + ([f"and {more} more"] if more else [])


def _legend(proposals: pl.DataFrame, held_out: int) -> str:
    if not held_out:
        return "None of its tracks was held out, so there is nothing to hit."
    return (
        f"{HIT} a hit: on the playlist, but held out, so the model did not know. "
        f"Hits among these {proposals.height}: {proposals['hit'].sum()} of {held_out}."
    )
