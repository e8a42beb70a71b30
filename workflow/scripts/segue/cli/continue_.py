"""`segue continue`: tracks for playlists that no model was trained on."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from segue.challenge.challenge_set import require_no_leak
from segue.challenge.rules import require_valid
from segue.challenge.submission import LENGTH, write_submission
from segue.cli.continued import Continued
from segue.cli.options import TABLES, Count, of_a_model, one_output, writable, write_table
from segue.cli.run import Run
from segue.cli.terminal import show
from segue.errors import SegueError
from segue.files import write_text
from segue.run.labels import label
from segue.run.results import ANSWERING, learned_from, served_files
from segue.serve.asked import none_known
from segue.serve.forms import Playlist, ReadPlaylists
from segue.serve.ids import IdColumns
from segue.serve.match import Matched, match_names, require_some
from segue.serve.more_tracks import read_tracks
from segue.serve.read import read_playlists

if TYPE_CHECKING:
    from segue.serve.tracks import GivenTracks

N = 30  # tracks, unless it is said how many
SUBMISSION = (".csv", ".csv.gz")
SUFFIXES = (*SUBMISSION, *TABLES, ".html")


@click.command("continue", short_help="Tracks for playlists that no model was trained on.")
@click.argument("playlists", metavar="FILE", type=click.Path())
@click.option("-n", "n", type=Count(), help=f"How many tracks.  [default: {N}, of a submission {LENGTH}]")
@partial(of_a_model, rankers=True)
@click.option(
    "--out",
    metavar="FILE",
    help="Write a table (.tsv, .parquet), a page (.html) or a submission to the challenge (.csv, .csv.gz).",
)
@click.option(
    "--add",
    metavar="TRACKS",
    help="Propose the tracks of this table (.csv, .tsv, .parquet) too: track_uri, artist_uri, album_uri.",
)
@click.option("--allow-leak", is_flag=True, help="Continue playlists that the model was trained on, too.")
@click.option("--skip-bad", is_flag=True, help="Go on without playlists of FILE that are bad, and name them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, of all playlists.")
def continue_(
    run: Run,
    playlists: str,
    n: int | None,
    model: str | None,
    out: str | None,
    add: str | None,
    allow_leak: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Tracks for the playlists of FILE, none of which the model need have seen.

    FILE is a list, a line a track: a uri (spotify:track:...), its web address, or "artist - title";
    "# title: ..." gives its title. Or a table (.csv, .tsv), as exporters write it: by its columns of uris or
    ids, or else of artist and title, one playlist or several. Or an M3U; or JSON: Spotify's own export, a
    playlist of its Web API, a list of tracks, an MPD slice, a challenge set. Also packed (.gz, .zst, .zip).
    Rows that name no track are left out and listed.

    With --add, a network that was trained with artists or albums (config/hetero.yaml) proposes tracks, too,
    that it never saw, by their artist and album; a column says so.

    \b
    segue continue my.txt
    segue continue my.txt -n 50 --model als --out my.html
    segue continue my.txt --add new.csv
    segue continue challenge_set.json --out submission.csv.gz
    """
    one_output(out, as_json)
    path = None
    if out is not None:
        path = writable(out, SUFFIXES, "--out my.tsv for a table, --out my.html for a page")
    is_submission = path is not None and path.name.lower().endswith(SUBMISSION)
    if is_submission and n not in (None, LENGTH):
        raise SegueError(
            "A submission has another number of tracks.",
            where="-n",
            found=str(n),
            expected=f"{LENGTH}, by the rules of the challenge",
            fix="--out my.tsv writes a table of any number; for a submission leave -n out",
        )
    # First, so that what is wrong with the file is said before any work.
    read = read_playlists(playlists, skip_bad, id_columns(run))
    more = None if add is None else (read_tracks(add), add)
    run.ready(files_of_continue(run, model))
    count = n or (LENGTH if is_submission else N)
    found = continuation(run, read, playlists, model, count, allow_leak, more)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    elif path is None:
        show(*found.shown("as --model says" if model else "the best of the run by validation"))
    else:
        _write(found, run, path, playlists)
        lacks = "; without these it is no whole submission" if is_submission and read.skipped else ""
        print(f"{path}: {found.summary()}{lacks}")


def id_columns(run: Run) -> IdColumns | None:
    """What tables of ids are read by, on a run on edge lists."""
    if run.config["data"]["source"] != "edges":
        return None
    edges = run.config["data"]["edges"]
    return IdColumns(edges["columns"]["track"], edges["columns"]["playlist"], edges["header"])


def files_of_continue(run: Run, model: str | None) -> list[str]:
    """All that is read to continue playlists with ``model``, None for the best.

    Which of a run with a catalogue that is, ANSWERING says; before it is there, all that may be it.
    """
    asked, files = [model or run.answering], ["graph/playlists.parquet"]
    if not model and run.rankers:
        files.append(ANSWERING)
        asked = asked if (run.results / ANSWERING).is_file() else [None, *run.rankers]
    served = [name for one in asked for name in served_files(one)]
    return [f"{run.results}/{name}" for name in dict.fromkeys([*served, *files])]


def continuation(
    run: Run,
    read: ReadPlaylists,
    where: str,
    model: str | None,
    n: int,
    allow_leak: bool = False,
    more: tuple[pl.DataFrame, str] | None = None,
) -> Continued:
    """Reads what ``files_of_continue`` lists. ``where``: the file that was read. ``more``: tracks to add, and
    their file.

    Raises SegueError when a playlist is one that the model was trained on and that is not allowed, when
    nothing is known of one, or fewer than ``n`` tracks are left, and where tracks cannot be added.
    """
    from segue.serve.additions import add_tracks  # only now: torch takes seconds to import
    from segue.serve.continuation import load, load_best

    name = model or run.answering
    loaded = load(run.results, name) if name else load_best(run.results)
    if more:
        loaded = add_tracks(loaded, *more)
    matched = match_names(read.named, loaded.tracks)
    _require_any(read, matched, where)
    playlists = read.with_names(matched.uris)
    on_edges = run.config["data"]["source"] == "edges"  # whose playlists have no pid, nor words for a title
    if not on_edges:
        require_no_leak(
            [playlist.pid for playlist in playlists],
            pl.read_parquet(run.results / learned_from(name), columns=["pid"])["pid"],
            where,
            fix="ask `segue recommend` about such playlists, or say --allow-leak",
            allowed=allow_leak,
        )
    given = loaded.index.find([playlist.tracks for playlist in playlists])
    _require_known(playlists, given, where, titled=not on_edges)
    proposals = loaded.continue_given(playlists, given, n)
    shown = label(loaded.name, run.families)
    return Continued(loaded, shown, where, read, playlists, matched, given.uses, proposals)


def _require_any(read: ReadPlaylists, matched: Matched, where: str) -> None:
    """Raises SegueError that shows the names, where nothing but names was given and none was found."""
    if not any(playlist.tracks or playlist.title for playlist in read.playlists) and not matched.found:
        require_some(matched, where)


def _require_known(playlists: Sequence[Playlist], given: "GivenTracks", where: str, titled: bool) -> None:
    """Where no playlist has a pid or a title, if there are titles, some track has to be known: popular ones
    would answer nobody."""
    asked = any(playlist.pid is not None or (titled and playlist.title) for playlist in playlists)
    if not asked and not given.attached.cols.numel():
        raise SegueError(
            "No track of the playlist is known.",
            where=where,
            found=none_known(given.uses["unused"].sum()),
            expected="a track that stands on enough playlists of the run, or a line # title: ...",
            fix="add such tracks, or a title",
        )


def _write(found: Continued, run: Run, path: Path, where: str) -> None:
    if path.suffix.lower() in TABLES:
        write_table(found.proposals, path)
    elif path.suffix.lower() == ".html":
        from segue.report.cards import continuation_page

        page = continuation_page(found.label, found.playlists, found.uses, found.proposals, found.model.names)
        write_text(path, page)
    else:
        without = next((row for row, playlist in enumerate(found.playlists) if playlist.pid is None), None)
        if without is not None:
            raise SegueError(
                "A submission names playlists by their pid.",
                where=where,
                found=f"no pid for playlist number {without + 1}",
                expected="a challenge set or an MPD slice",
                fix="--out my.tsv writes a table",
            )
        team = run.config["challenge"]["team"]
        write_submission(found.proposals, path, team["name"], team["contact"])
        require_valid(found.playlists, path)
