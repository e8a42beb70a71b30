"""The tracks of playlists that nobody trained on, as indices of the graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch

from segue.nn.sparse import Pattern

USES = ("in_graph", "by_album", "by_artist", "unused")


@dataclass(frozen=True)
class Seeds:
    """What n playlists start from, in track indices of the graph.

    ``known``: [n, T] the tracks that are on a playlist, which must not be recommended. ``given``: [n, T]
    these and, for tracks outside the graph, what stands for them there. ``uses``: a row a playlist, how many
    of its distinct tracks are in the graph, have a stand-in by their album or by their artist, or are
    unused.
    """

    known: Pattern
    given: Pattern
    uses: pl.DataFrame


class SeedIndex:
    """Looks tracks up by uri; ``tracks``: the table of ``serving_tables.known_tracks``."""

    def __init__(self, tracks: pl.DataFrame):
        self.num_tracks = tracks["track"].count()
        self._row = dict(zip(tracks["track_uri"], range(tracks.height), strict=True))
        by = [
            pl.when(pl.col("stand_in_by") == name.removeprefix("by_")).then(USES.index(name))
            for name in ("by_album", "by_artist")
        ]
        use = pl.when(pl.col("track").is_not_null()).then(0)
        columns = tracks.select(
            track=pl.coalesce("track", "stand_in", pl.lit(-1)),
            use=pl.coalesce(use, *by, pl.lit(USES.index("unused"))).cast(pl.Int8),
        )
        # One row more, for a track that was never read.
        self._track = np.append(columns["track"].to_numpy(), np.int32(-1))
        self._use = np.append(columns["use"].to_numpy(), np.int8(USES.index("unused")))

    def rows(self, uris: Iterable[str]) -> np.ndarray:
        """int64, where each of ``uris`` stands in the table; -1 where it does not."""
        return np.array([self._row.get(uri, -1) for uri in uris], dtype=np.int64)

    def find(self, playlists: Sequence[Sequence[str]]) -> Seeds:
        """``playlists``: the track uris of each; one that repeats counts once."""
        distinct = [dict.fromkeys(uris) for uris in playlists]
        playlist = np.repeat(np.arange(len(distinct)), [len(uris) for uris in distinct])
        row = self.rows(uri for uris in distinct for uri in uris)
        track, use = self._track[row], self._use[row]
        uses = np.bincount(playlist * len(USES) + use, minlength=len(distinct) * len(USES))
        inside = use == 0
        return Seeds(
            self._pattern(playlist[inside], track[inside], len(distinct)),
            self._pattern(playlist[track >= 0], track[track >= 0], len(distinct)),
            pl.DataFrame(uses.reshape(-1, len(USES)), schema=dict.fromkeys(USES, pl.Int64)),
        )

    def _pattern(self, playlist: np.ndarray, track: np.ndarray, num_playlists: int) -> Pattern:
        # Several tracks may have one stand-in, or one that is on the playlist itself.
        keys = np.unique(playlist * self.num_tracks + track)
        rows, cols = (torch.from_numpy(part) for part in np.divmod(keys, self.num_tracks))
        return Pattern.from_edges(rows, cols, (num_playlists, self.num_tracks))
