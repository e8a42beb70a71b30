"""Playlists of a challenge with their answers, in the catalogue's indices: what is chosen by, and scored."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.catalogue.rankers import Ranker, best_tracks
from segue.challenge.challenge_set import require_no_leak
from segue.challenge.metrics import RANKS, challenge_metrics
from segue.errors import SegueError
from segue.serve.read import read_playlists


@dataclass(frozen=True)
class Validation:
    """``queries``: n playlists; ``category``: [n] int32. The tracks that are to be found of playlist i are
    ``wanted[starts[i]:starts[i + 1]]``, int64 catalogue indices; ``artist``: [N] int32, the catalogue's."""

    queries: Queries
    category: np.ndarray
    starts: np.ndarray
    wanted: np.ndarray
    artist: np.ndarray

    def metrics(self, lists: np.ndarray, rows: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """``challenge_metrics`` of ``lists`` [n, k], catalogue indices best first; of the playlists ``rows``
        alone, rising, where they are said."""
        starts, wanted = self.starts, self.wanted
        if rows is not None:
            sizes = np.diff(starts)
            wanted = wanted[np.repeat(np.isin(np.arange(len(sizes)), rows), sizes)]
            starts = np.append(0, np.cumsum(sizes[rows]))
        return challenge_metrics(lists.astype(np.int64), starts, wanted, self.artist.astype(np.int64))

    def measure(self, ranker: Ranker) -> dict[str, np.ndarray]:
        """The metrics of what ``ranker`` finds."""
        ranks = min(RANKS, ranker.num_tracks - int(self.queries.sizes.max(initial=0)))
        return self.metrics(best_tracks(ranker, self.queries, ranks)[0])


def read_validation(catalogue: Catalogue, challenge_set: str | Path, answers: str | Path) -> Validation:
    """``challenge_set``: JSON, and ``answers``, ``challenge_set.ANSWERS``, of ``hold_out_playlists``.

    Raises SegueError where the catalogue's playlists hold one of these, or an answer is not in the catalogue.
    """
    playlists = read_playlists(challenge_set).playlists
    wanted = pl.read_parquet(answers)
    require_no_leak([playlist.pid for playlist in playlists], catalogue.playlists["pid"], str(challenge_set))
    place = pl.DataFrame({"pid": [playlist.pid for playlist in playlists]}).with_row_index("row")
    wanted = wanted.join(place, on="pid", how="left").sort("row", maintain_order=True)
    tracks = catalogue.rows(wanted["track_uri"])
    if wanted["row"].has_nulls() or (unknown := int((tracks < 0).sum())):
        raise SegueError(
            "Answers do not belong to the playlists, or to the catalogue.",
            where=str(answers),
            found=f"{wanted['row'].null_count()} answers for other playlists"
            if wanted["row"].has_nulls()
            else f"{unknown} tracks that no playlist of the catalogue has",
            expected="the answers of these playlists, each on a playlist that was not held out",
            fix="make both again with one configuration: snakemake makes only what is stale",
        )
    sizes = np.bincount(wanted["row"].to_numpy(), minlength=len(playlists))
    category = wanted.unique("row", keep="first", maintain_order=True)["category"].to_numpy()
    return Validation(
        catalogue.queries(
            [playlist.tracks for playlist in playlists], [playlist.title for playlist in playlists]
        ),
        category,
        np.append(0, np.cumsum(sizes)),
        tracks,
        catalogue.artist,
    )
