"""Tracks for playlists that nobody trained on."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from segue.errors import SegueError, typed
from segue.run.results import answering, is_ranker, served_files
from segue.serve.answering import Continuation
from segue.serve.asked import checked_path
from segue.serve.available import command, require_model, require_run
from segue.serve.forms import Playlist
from segue.serve.from_core import from_core
from segue.serve.rankers import from_catalogue


def load(results: str | Path = "results", model: str | None = None) -> Continuation:
    """A model of the run in the folder ``results``, ready to continue playlists.

    ``model``: its name, as ``segue.models`` lists it; None for the best by validation. Reads its own files
    and those that serve, and split/split.safetensors when a playlist without a known track is asked about.

    Raises SegueError where the folder holds no run, with those near by; where the run has no such model, with
    those that it has; and where a file is missing, with the command that makes it.
    """
    results = checked_path(results, "segue.load")
    require_run(results)
    if model is None:
        model = answering(results)
        if model is None:
            return load_best(results)
    else:
        require_model(results, model)
    paths = _served(results, model)
    return from_catalogue(results, model) if is_ranker(model) else from_core(*paths)


def load_best(results: str | Path) -> Continuation:
    """As ``load``, the network that is best by validation."""
    return from_core(*_served(Path(results), None))


def _served(results: Path, model: str | None) -> list[Path]:
    paths = [results / name for name in served_files(model)]
    for path in paths:
        if not path.is_file():
            raise SegueError(
                "The run is not ready to continue playlists.",
                where=str(results),
                found=f"no file {path}",
                expected="what `segue continue FILE --make` makes before it answers",
                fix=command(results, model),
            )
    return paths


def continue_playlists(
    model: Continuation, playlists: Sequence[Playlist | Sequence[str]], n: int = 500
) -> pl.DataFrame:
    """The ``n`` best tracks of each playlist that are not on it, best first.

    ``model``: what ``load`` or ``add_tracks`` returns. ``playlists``: a list, each a ``Playlist`` or just its
    tracks: uris, web addresses or bare ids of Spotify's; in a run on edge lists their ids. ``n``: 500 are
    what the RecSys Challenge 2018 asks for.

    Columns:

    - ``playlist`` Int32: its place in ``playlists``, from 0; ``pid`` Int64: null where it has none
    - ``rank`` Int32: from 1
    - ``track`` Int32: the index in the graph; ``track_uri``, ``track_name``, ``artist_name`` String
    - ``score`` Float32
    - ``path`` String: what the ranking is by, the playlist's ``tracks``, only ``related`` ones in the graph
      (of the albums or artists of its tracks), its ``title``, ``both`` tracks and title, or ``popularity``
    - ``known_by`` String: where tracks were added, as ``add_tracks`` says

    A score by tracks is the model's, of which the order alone means something; by title alone, where the
    model knows tracks only, it is the share of the playlists of such titles that have the track; by
    popularity the share of all playlists.

    Raises SegueError when these are no playlists, a track is no uri, ``n`` no number from 1 on, when a
    playlist has no track and no title, or leaves fewer than ``n`` tracks, and when of none a track is known,
    and none has a title, nor a pid, as a challenge's have.
    """
    if not isinstance(model, Continuation):
        raise SegueError(
            "There is no model to continue playlists with.",
            where="continue_playlists",
            found=typed(model),
            expected="what segue.load returns",
            fix='model = segue.load("results")',
        )
    return model.continue_playlists(playlists, n)
