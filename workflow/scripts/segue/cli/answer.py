"""What a model would add to a playlist, as text to read."""

from functools import partial

import polars as pl
import torch
from safetensors.torch import load_file

from segue.cli.lookup import find_playlist
from segue.cli.proposal_lines import HIT, proposal_lines, track_names, wrapped
from segue.cli.recommend import Question
from segue.cli.terminal import aligned, cut, printable
from segue.errors import SegueError
from segue.files import read_json
from segue.graph.split import Split, load_split, of_playlists
from segue.serve.recommendation import dropped_playlist, recommendation_table

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
