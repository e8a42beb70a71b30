"""`make continue`: what is asked, checked before any work, and its answer."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segue.challenge.challenge_set import require_no_leak
from segue.challenge.rules import require_valid
from segue.challenge.submission import LENGTH, write_submission
from segue.cli.recommend import read_n, read_run, require_model, swept_models
from segue.cli.terminal import cut, printable, proposal_lines, wrapped
from segue.errors import SegueError
from segue.files import save_table, write_text
from segue.report.cards import continuation_page
from segue.run.results import served_files
from segue.serve.continuation import Continuation, load
from segue.serve.forms import Playlist
from segue.serve.match import Matched, match_names, require_some
from segue.serve.read import ReadPlaylists, read_playlists
from segue.serve.tracks import Seeds

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


SHOWN = 5  # playlists on a terminal
BY = {
    "tracks": "by its tracks",
    "related": "by tracks of the same albums or artists, since none of its own is in the graph",
    "title": "by the playlists with such a title, since none of its tracks is known",
    "popularity": "the most popular tracks, since neither a track nor a word of its title is known",
}
OF_SEVERAL = {
    "tracks": "by their tracks",
    "related": "by related tracks",
    "title": "by title",
    "popularity": "by popularity",
}


def answer(question: ContinueQuestion, width: int | None = None) -> str:
    """A table of proposals for each playlist, at most ``width`` columns wide, or a word on what was written.

    Reads the files that ``needed`` lists. Raises SegueError when a playlist is one that the model was
    trained on and the configuration does not allow that, when nothing is known of one, or fewer than ``n``
    tracks are left.
    """
    results = question.results
    model = load(results, question.model)
    matched = match_names(question.read.named, model.tracks)
    playlists = _with_names(question.read, matched, str(question.playlists))
    require_no_leak(
        [playlist.pid for playlist in playlists],
        pl.read_parquet(results / "graph/playlists.parquet", columns=["pid"])["pid"],
        str(question.playlists),
        fix="ask `make recommend` about such playlists, or say ALLOW_LEAK=yes",
        allowed=question.allow_leak,
    )
    seeds = model.index.find([playlist.tracks for playlist in playlists])
    _require_known(playlists, seeds, str(question.playlists))
    table = model.continue_seeds(playlists, seeds, question.n)
    if question.out is None:
        shown = playlists[:SHOWN]
        lines = _lines(question, model, shown, seeds.uses, table, matched, width)
        if len(playlists) > SHOWN:
            lines.append(
                f"and {len(playlists) - SHOWN:,} playlists more: OUT=my.html or OUT=my.parquet has all"
            )
        return "\n".join(lines) + "\n"
    return _write(question, model, playlists, seeds, table) + "\n"


def _with_names(read: ReadPlaylists, matched: Matched, where: str) -> Sequence[Playlist]:
    """The playlists, the one of a file of lines with the tracks that were found by name."""
    if not read.named:
        return read.playlists
    (only,) = read.playlists
    if not (only.tracks or matched.uris or only.title):
        require_some(matched, where)
    return [Playlist((*only.tracks, *matched.uris), only.title, only.pid)]


def _require_known(playlists: Sequence[Playlist], seeds: Seeds, where: str) -> None:
    """Of a file of lines without a title something has to be known: popular tracks would answer nobody."""
    first = playlists[0]
    if len(playlists) == 1 and first.pid is None and not first.title and not seeds.given.cols.numel():
        raise SegueError(
            "No track of the playlist is known.",
            where=where,
            found=f"{seeds.uses.row(0)[-1]} tracks, none of them in the graph, nor others of their albums "
            "or artists",
            expected="a track that stands on enough playlists of the run, or a line # title: ...",
            fix="add such tracks, or a title",
        )


def _lines(
    question: ContinueQuestion,
    model: Continuation,
    playlists: Sequence[Playlist],
    uses: pl.DataFrame,
    table: pl.DataFrame,
    matched: Matched,
    width: int | None,
) -> list[str]:
    why = "as MODEL says" if question.model else "the best of the run by validation"
    lines = []
    for place, playlist in enumerate(playlists):
        proposals = table.filter(pl.col("playlist") == place)
        by = BY[proposals["path"][0]]
        lines += [
            cut(printable(playlist.title or f"Playlist {playlist.pid or question.playlists.name}"), width),
            *wrapped(_uses(uses.row(place, named=True)), width),
            *(line for problem in matched.problems() for line in wrapped(problem, width)),
            "",
            *wrapped(f"What {model.name} would add ({why}; {by}):", width),
            *proposal_lines(proposals, width),
            "",
        ]
    return lines[:-1] if len(playlists) == 1 else lines


def _uses(uses: dict[str, int]) -> str:
    said = {
        "in_graph": "in the graph",
        "by_album": "stood for by a track of the same album",
        "by_artist": "stood for by a track of the same artist",
        "unused": "not used, since nothing of them is in the graph",
    }
    parts = [f"{uses[name]} {text}" for name, text in said.items() if uses[name] or name == "in_graph"]
    return f"{sum(uses.values())} tracks: " + ", ".join(parts)


def _write(
    question: ContinueQuestion,
    model: Continuation,
    playlists: Sequence[Playlist],
    seeds: Seeds,
    table: pl.DataFrame,
) -> str:
    out = question.out
    if question.is_submission:
        without = next((row for row, playlist in enumerate(playlists) if playlist.pid is None), None)
        if without is not None:
            raise SegueError(
                "A submission names playlists by their pid.",
                where=str(question.playlists),
                found=f"no pid for playlist number {without + 1}",
                expected="a challenge set or an MPD slice",
                fix="write a .parquet or .html file instead",
            )
        team = question.config["challenge"]["team"]
        write_submission(table, out, team["name"], team["contact"])
        require_valid(playlists, out)
    elif out.suffix == ".html":
        write_text(out, continuation_page(model.name, playlists, seeds.uses, table, model.names))
    else:
        save_table(table, out)
    paths = table.filter(rank=1)["path"].value_counts().sort("path").iter_rows()
    counts = ", ".join(f"{count:,} {OF_SEVERAL[path]}" for path, count in paths)
    count = f"{len(playlists):,} playlist" + "s" * (len(playlists) != 1)
    return f"{out}: {question.n} tracks of {model.name} for {count} ({counts})"
