"""`segue recommend`: the best tracks for a playlist of the run."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import polars as pl

from segue.cli.lookup import find_playlist, title_key
from segue.cli.options import TABLES, Count, of_a_model, one_output, writable, write_table
from segue.cli.run import Run
from segue.cli.terminal import HIT, line, proposal_table, show, table, track_names
from segue.errors import SegueError, counted
from segue.files import read_json, write_text
from segue.graph.ids import why_dropped, with_ids
from segue.run.chain import batch_tables
from segue.run.labels import label
from segue.run.measured import best_network
from segue.serve.asked import none_left

N = 10  # tracks, unless it is said how many
FIRST_TRACKS = 5
SUFFIXES = (*TABLES, ".html")


@click.command(short_help="Tracks for a playlist of the run.")
@click.argument("playlist")
@click.option("-n", "n", type=Count(), default=N, show_default=True, help="How many tracks.")
@of_a_model
@click.option("--out", metavar="FILE", help="Write a table (.tsv, .parquet) or a page (.html) instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def recommend(run: Run, playlist: str, n: int, model: str | None, out: str | None, as_json: bool) -> None:
    """Tracks for PLAYLIST, a playlist of the run: its pid, its title, or words of the title; of a run on edge
    lists its id.

    ✓ marks hits: tracks on the playlist that were held out, so that the model did not know. Quote a title for
    the shell. After -- comes no option more, so that a title may begin with a dash.

    \b
    segue recommend "new classic metal 🔥"
    segue recommend 72 -n 5 --model sage-hard-fixed
    segue recommend 72 --model knn --json
    segue recommend -n 5 -- "new classic metal 🔥"
    """
    if not title_key(playlist):
        raise SegueError(
            "No playlist was named.",
            where="PLAYLIST",
            found="nothing",
            expected="a pid or words of a title",
            fix='segue recommend "road trip"',
        )
    one_output(out, as_json)
    path = (
        None if out is None else writable(out, SUFFIXES, "--out my.tsv for a table, --out my.html for a page")
    )
    run.ready(files_of_recommend(run, model))
    found = recommendation(run, playlist, model, n)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    elif path is None:
        show(*found.shown())
    else:
        _write(found, run, path)
        print(f"{path}: {counted(n, 'track')} of {found.label} for {_title(found.row)}")


def files_of_recommend(run: Run, model: str | None) -> list[str]:
    """All that is read to recommend with ``model``, None for the best."""
    folder = run.results
    files = [] if model else [f"{folder}/metrics/best.json"]
    if model := model or best_network(folder):
        kind = "embeddings" if model in run.trained else "scorer"
        files.append(f"{folder}/models/{model}/{kind}.safetensors")
    return [
        *files,
        f"{folder}/split/split.safetensors",
        *(f"{folder}/graph/{name}.parquet" for name in ("edges", "playlists", "tracks")),
        *(path for paths in batch_tables(run.config).values() for path in paths),
    ]


@dataclass(frozen=True)
class Recommendation:
    """``row``: the playlist's, of the k-core's table; ``known``: its tracks that the model knew, in order;
    ``in_graph``, ``held_out``: how many of its tracks are in the graph, and of these are test edges;
    ``label``: the model's; ``why``: why this model; ``proposals``: as ``recommendation_table`` returns
    them."""

    row: dict[str, Any]
    k_core: int
    known: pl.DataFrame
    in_graph: int
    held_out: int
    model: str
    label: str
    why: str
    proposals: pl.DataFrame

    def shown(self) -> list[Any]:
        """The playlist, its first tracks and the proposals, for a terminal."""
        first = track_names(self.known.head(FIRST_TRACKS))
        more = self.known.height - len(first)
        pid = "" if self.row["pid"] is None else f"pid {self.row['pid']}, "
        return [
            line(_title(self.row), "bold"),
            f"{pid}{counted(self.row['num_tracks'], 'track')}: "
            f"{self.in_graph} in the {self.k_core}-core, {self.held_out} of them held out for the test",
            "",
            "On the playlist:",
            table([""] * len(first[0]), first, bare=True) if first else "none known to the model",
            *([f"and {more} more"] if more else []),
            "",
            f"What {self.label} would add ({self.why}):",
            proposal_table(self.proposals),
            "",
            self._legend(),
        ]

    def _legend(self) -> str:
        if not self.held_out:
            return "None of its tracks was held out, so there is nothing to hit."
        return (
            f"{HIT} a hit: on the playlist, but held out, so the model did not know. "
            f"Hits among these {self.proposals.height}: {self.proposals['hit'].sum()} of {self.held_out}."
        )

    def as_json(self) -> dict[str, Any]:
        names = ["track_uri", "track_name", "artist_name"]
        return {
            "playlist": {
                "id": self.row["id"],
                "pid": self.row["pid"],
                "title": self.row["name"],
                "num_tracks": self.row["num_tracks"],
            },
            "in_graph": self.in_graph,
            "held_out": self.held_out,
            "known": self.known.select(names).to_dicts(),
            "model": self.model,
            "proposals": self.proposals.select("rank", "score", *names, "hit").to_dicts(),
        }


def recommendation(run: Run, asked: str, model: str | None, n: int) -> Recommendation:
    """Reads what ``files_of_recommend`` lists.

    Raises SegueError when no playlist, or more than one, is meant, and when fewer than ``n`` tracks are left.
    """
    results, k, raw_ids = run.results, run.config["graph"]["k_core"], run.config["data"]["source"] == "edges"
    edges, playlists, tracks = (
        pl.read_parquet(results / f"graph/{name}.parquet") for name in ("edges", "playlists", "tracks")
    )
    playlists = with_ids(playlists, raw_ids)
    batches = batch_tables(run.config)
    read = with_ids(pl.read_parquet(batches["playlists"], columns=["pid", "name", "num_tracks"]), raw_ids)
    why = partial(why_dropped, k=k, **batches, core_tracks=tracks, raw_ids=raw_ids)
    playlist = find_playlist(asked, playlists, read, why, raw_ids)

    # Only now: torch takes seconds to import, which a misspelt title shall not.
    import torch
    from safetensors.torch import load_file

    from segue.graph.split import load_split, of_playlists
    from segue.scorers.load import load_scorer
    from segue.serve.recommendation import recommendation_table

    split, chosen = load_split(results / "split/split.safetensors"), torch.tensor([playlist])
    part = of_playlists(split, chosen)
    _require_enough(part.num_tracks, part.train_and_validation.size(1), n)
    name, why = _chosen(run, model)
    folder = results / "models" / name
    scored_by = (
        load_file(folder / "embeddings.safetensors")
        if name in run.trained
        else load_scorer(folder / "scorer.safetensors")
    )
    proposals = recommendation_table(
        split, scored_by, chosen, n, playlists, tracks, run.config["score_block_mb"]
    )
    test = part.test[1].tolist()
    mine = edges.filter(pl.col("playlist") == playlist).sort("position", "track")
    mine = mine.join(tracks, on="track", maintain_order="left")
    row = playlists.row(by_predicate=pl.col("playlist") == playlist, named=True)
    known = mine.filter(~pl.col("track").is_in(test))
    shown = label(name, run.families)
    return Recommendation(row, k, known, mine.height, len(test), name, shown, why, proposals)


def _title(row: dict[str, Any]) -> str:
    return row["name"] or f"Playlist {row['id']}"


def _require_enough(num_tracks: int, known: int, n: int) -> None:
    left = num_tracks - known
    if not left:
        raise none_left(where="PLAYLIST", num_tracks=num_tracks)
    if n > left:
        raise SegueError(
            "There are not that many tracks to recommend.",
            where="-n",
            found=str(n),
            expected=f"at most {left}: the graph has {num_tracks} tracks, "
            f"and {known} of them are on the playlist",
        )


def _chosen(run: Run, model: str | None) -> tuple[str, str]:
    """The model, and why it."""
    if model:
        return model, "as --model says"
    best = read_json(run.results / "metrics/best.json")
    if len(run.trained) == 1:
        return best["model"], "the only model of the run"
    score = f"Recall@{best['recall_k']}, {best['validation_recall']:.3f}"
    return best["model"], f"of {len(run.trained)} models the one with the highest validation {score}"


def _write(found: Recommendation, run: Run, path: Path) -> None:
    if path.suffix.lower() in TABLES:
        write_table(found.proposals, path)
        return
    from safetensors.numpy import load_file

    from segue.report.cards import recommendations_page

    test = load_file(run.results / "split/split.safetensors")["test"]
    held_out = pl.DataFrame({"playlist": test[0], "track": test[1]}).cast(pl.Int32)
    tables = {
        name: pl.read_parquet(run.results / f"graph/{name}.parquet")
        for name in ("edges", "playlists", "tracks")
    }
    write_text(path, recommendations_page(found.label, found.proposals, held_out=held_out, **tables))
