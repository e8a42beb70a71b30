"""`segue continue`: tracks for playlists that no model was trained on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from segue.challenge.challenge_set import require_no_leak
from segue.challenge.rules import require_valid
from segue.challenge.submission import LENGTH, write_submission
from segue.cli.run import Count, Run, of_a_model, one_output, writable
from segue.cli.terminal import line, proposal_table, show
from segue.errors import SegueError
from segue.files import save_table, write_text
from segue.run.results import served_files
from segue.serve.forms import Playlist
from segue.serve.match import Matched, match_names, require_some
from segue.serve.read import ReadPlaylists, read_playlists

if TYPE_CHECKING:
    from segue.serve.continuation import Continuation
    from segue.serve.tracks import GivenTracks

N = 30  # tracks, unless it is said how many
SUBMISSION = (".csv", ".csv.gz")
SUFFIXES = (*SUBMISSION, ".parquet", ".html")
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


@click.command("continue", short_help="Tracks for playlists that no model was trained on.")
@click.argument("playlists", metavar="FILE", type=click.Path())
@click.option("-n", "n", type=Count(), help=f"How many tracks.  [default: {N}, of a submission {LENGTH}]")
@of_a_model
@click.option(
    "--out",
    metavar="FILE",
    help="Write a submission to the challenge (.csv, .csv.gz), a table (.parquet) or a page (.html) instead.",
)
@click.option("--allow-leak", is_flag=True, help="Continue playlists that the model was trained on, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, of all playlists.")
def continue_(
    run: Run,
    playlists: str,
    n: int | None,
    model: str | None,
    out: str | None,
    allow_leak: bool,
    as_json: bool,
) -> None:
    """Tracks for the playlists of FILE, none of which the model need have seen.

    FILE has one playlist as text, a line a track: a uri (spotify:track:...), its web address, or
    "artist - title"; "# title: ..." gives its title. Or it is a table of such (.csv, .tsv), an MPD slice or
    a challenge set (.json).

    \b
    segue continue my.txt
    segue continue my.txt -n 50 --model als --out my.html
    segue continue challenge_set.json --out submission.csv.gz
    """
    one_output(out, as_json)
    path = None
    if out is not None:
        path = writable(out, SUFFIXES, "--out my.html for a page, --out submission.csv.gz for the challenge")
    is_submission = path is not None and path.name.endswith(SUBMISSION)
    if is_submission and n not in (None, LENGTH):
        raise SegueError(
            "A submission has another number of tracks.",
            where="-n",
            found=str(n),
            expected=f"{LENGTH}, by the rules of the challenge",
            fix="leave -n out, or write a .parquet or .html file",
        )
    # First, so that what is wrong with the file is said before any work.
    read = read_playlists(playlists, raw_ids=run.config["data"]["source"] == "edges")
    run.ready(files_of_continue(run, model))
    found = continuation(run, read, playlists, model, n or (LENGTH if is_submission else N), allow_leak)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    elif path is None:
        show(*found.shown("as --model says" if model else "the best of the run by validation"))
    else:
        _write(found, run, path, playlists)
        print(f"{path}: {found.summary()}")


def files_of_continue(run: Run, model: str | None) -> list[str]:
    """All that is read to continue playlists with ``model``, None for the best."""
    return [f"{run.results}/{name}" for name in (*served_files(model), "graph/playlists.parquet")]


@dataclass(frozen=True)
class Continued:
    """``playlists``: those of the file, with the tracks found by name; ``matched``: how these were found;
    ``uses``: of ``GivenTracks``; ``proposals``: as ``Continuation.continue_playlists`` returns them."""

    model: "Continuation"
    where: str
    playlists: Sequence[Playlist]
    matched: Matched
    uses: pl.DataFrame
    proposals: pl.DataFrame

    def shown(self, why: str) -> list[Any]:
        """The first playlists, for a terminal; ``why``: this model."""
        parts: list[Any] = []
        for place, playlist in enumerate(self.playlists[:SHOWN]):
            rows = self.proposals.filter(pl.col("playlist") == place)
            parts += [
                line(playlist.title or f"Playlist {playlist.pid or Path(self.where).name}", "bold"),
                _uses(self.uses.row(place, named=True)),
                *self.matched.problems(),
                "",
                f"What {self.model.name} would add ({why}; {BY[rows['path'][0]]}):",
                proposal_table(rows),
                "",
            ]
        if (more := len(self.playlists) - SHOWN) > 0:
            return [*parts, f"and {more:,} playlists more: --out my.html or --out my.parquet has all"]
        return parts[:-1] if len(self.playlists) == 1 else parts

    def as_json(self) -> dict[str, Any]:
        columns = ["rank", "score", "track_uri", "track_name", "artist_name"]
        parts = self.proposals.partition_by("playlist", maintain_order=True)
        return {
            "model": self.model.name,
            "not_found": self.matched.problems(),
            "playlists": [
                {
                    "pid": playlist.pid,
                    "title": playlist.title,
                    "tracks": self.uses.row(place, named=True),
                    "by": rows["path"][0],
                    "proposals": rows.select(columns).to_dicts(),
                }
                for place, (playlist, rows) in enumerate(zip(self.playlists, parts, strict=True))
            ],
        }

    def summary(self) -> str:
        first = self.proposals.filter(rank=1)["path"].value_counts().sort("path").iter_rows()
        by = ", ".join(f"{count:,} {OF_SEVERAL[path]}" for path, count in first)
        count = f"{len(self.playlists):,} playlist" + "s" * (len(self.playlists) != 1)
        return f"{self.proposals['rank'].max()} tracks of {self.model.name} for {count} ({by})"


def continuation(
    run: Run, read: ReadPlaylists, where: str, model: str | None, n: int, allow_leak: bool = False
) -> Continued:
    """Reads what ``files_of_continue`` lists. ``where``: the file that was read.

    Raises SegueError when a playlist is one that the model was trained on and that is not allowed, when
    nothing is known of one, or fewer than ``n`` tracks are left.
    """
    from segue.serve.continuation import load  # only now: torch takes seconds to import

    loaded = load(run.results, model)
    matched = match_names(read.named, loaded.tracks)
    playlists = _with_names(read, matched, where)
    require_no_leak(
        [playlist.pid for playlist in playlists],
        pl.read_parquet(run.results / "graph/playlists.parquet", columns=["pid"])["pid"],
        where,
        fix="ask `segue recommend` about such playlists, or say --allow-leak",
        allowed=allow_leak,
    )
    given = loaded.index.find([playlist.tracks for playlist in playlists])
    _require_known(playlists, given, where)
    proposals = loaded.continue_given(playlists, given, n)
    return Continued(loaded, where, playlists, matched, given.uses, proposals)


def _with_names(read: ReadPlaylists, matched: Matched, where: str) -> Sequence[Playlist]:
    """The playlists, the one of a file of lines with the tracks that were found by name."""
    if not read.named:
        return read.playlists
    (only,) = read.playlists
    if not (only.tracks or matched.found or only.title):
        require_some(matched, where)
    return [Playlist((*only.tracks, *matched.found), only.title, only.pid)]


def _require_known(playlists: Sequence[Playlist], given: "GivenTracks", where: str) -> None:
    """Of a file of lines without a title something has to be known: popular tracks would answer nobody."""
    first = playlists[0]
    if len(playlists) == 1 and first.pid is None and not first.title and not given.attached.cols.numel():
        raise SegueError(
            "No track of the playlist is known.",
            where=where,
            found=f"{given.uses.row(0)[-1]} tracks, none of them in the graph, nor others of their albums "
            "or artists",
            expected="a track that stands on enough playlists of the run, or a line # title: ...",
            fix="add such tracks, or a title",
        )


def _uses(uses: dict[str, int]) -> str:
    said = {
        "in_graph": "in the graph",
        "by_album": "stood for by a track of the same album",
        "by_artist": "stood for by a track of the same artist",
        "unused": "not used, since nothing of them is in the graph",
    }
    parts = [f"{uses[name]} {text}" for name, text in said.items() if uses[name] or name == "in_graph"]
    return f"{sum(uses.values())} tracks: " + ", ".join(parts)


def _write(found: Continued, run: Run, path: Path, where: str) -> None:
    if path.suffix == ".parquet":
        save_table(found.proposals, path)
    elif path.suffix == ".html":
        from segue.report.cards import continuation_page

        page = continuation_page(
            found.model.name, found.playlists, found.uses, found.proposals, found.model.names
        )
        write_text(path, page)
    else:
        without = next((row for row, playlist in enumerate(found.playlists) if playlist.pid is None), None)
        if without is not None:
            raise SegueError(
                "A submission names playlists by their pid.",
                where=where,
                found=f"no pid for playlist number {without + 1}",
                expected="a challenge set or an MPD slice",
                fix="write a .parquet or .html file instead",
            )
        team = run.config["challenge"]["team"]
        write_submission(found.proposals, path, team["name"], team["contact"])
        require_valid(found.playlists, path)
