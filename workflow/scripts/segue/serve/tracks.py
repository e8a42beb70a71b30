"""The tracks that playlists may name, as indices of the graph, and what stands for those outside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from segue.graph.merge import number, read_rows, row_starts
from segue.nn.pattern import Pattern
from segue.run.models import KINDS

COLUMNS = ("track_uri", "track_name", "artist_uri", "artist_name", "album_uri")
GROUPS = ("album", "artist")  # where a stand-in is looked for, in this order


def known_tracks(
    paths: Sequence[str],
    core: pl.DataFrame,
    degree: np.ndarray,
    nodes: Mapping[str, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Every track that the run has read, with its place in the graph or one that stands for it there.

    ``paths``: the batches' tables of tracks; ``core``: the k-core's, in the order of its track indices;
    ``degree``: [T] integer, playlists of each track of the core that pass messages. ``nodes``: by kind, the
    tables of artists and albums of a graph that has them.

    Columns: track_uri, track_name, artist_uri, artist_name; track Int32, the index in the core, null outside
    it; stand_in Int32, for a track outside it the core's track of the same album with the highest degree, or
    else of the same artist, null where there is none; stand_in_by, ``album`` or ``artist``; degree Int32,
    null outside the core. Of equal degrees the lower index stands in. With ``nodes`` also album_uri, and
    artist and album, Int32, the index of the node, null for none, as far as there are such nodes. Sorted by
    track_uri.
    """
    inside = core.select("track", *COLUMNS).with_columns(degree=pl.Series(degree))
    tracks = _distinct(paths).join(inside.select("track_uri", "track", "degree"), on="track_uri", how="left")
    for group in GROUPS:
        key = f"{group}_uri"
        first = inside.sort("degree", "track", descending=[True, False]).unique(key, keep="first")
        named = first.drop_nulls(key).select(key, pl.col("track").alias(f"by_{group}"))
        tracks = tracks.join(named, on=key, how="left")
    outside = pl.col("track").is_null()
    chosen = [pl.when(outside).then(f"by_{group}") for group in GROUPS]
    by = pl.coalesce(
        pl.when(one.is_not_null()).then(pl.lit(group)) for one, group in zip(chosen, GROUPS, strict=True)
    )
    for kind, table in (nodes or {}).items():
        tracks = tracks.join(table.select(f"{kind}_uri", kind), on=f"{kind}_uri", how="left")
    return tracks.select(
        *COLUMNS[:-1],
        "track",
        pl.coalesce(chosen).alias("stand_in"),
        by.alias("stand_in_by"),
        pl.col("degree").cast(pl.Int32),
        *([COLUMNS[-1], *nodes] if nodes else []),
    ).sort("track_uri")


def _distinct(paths: Sequence[str]) -> pl.DataFrame:
    """The first description of every track, batch by batch."""
    uris = [pl.read_parquet(path, columns=["track_uri"])["track_uri"] for path in paths]
    starts, (_, first_row) = row_starts(uris), number(pl.concat(uris))
    del uris
    return read_rows(paths, starts, first_row, COLUMNS)


USES = ("in_graph", "by_album", "by_artist", "unused")
EMBEDDED = "embedded"  # of tracks outside the graph, by their own artist and album, where the model can


@dataclass(frozen=True)
class GivenTracks:
    """What n playlists start from, in track indices of the graph.

    ``known``: [n, T] the tracks that are on a playlist, which must not be recommended. ``attached``: [n, T +
    O] these and, for tracks outside the graph, what stands for them there, or where the model embeds them,
    these themselves, T + their place in ``TrackIndex.outside``. ``uses``: a row a playlist, how many of its
    distinct tracks are in the graph, are EMBEDDED where a model can, have a stand-in by their album or by
    their artist, or are unused.
    """

    known: Pattern
    attached: Pattern
    uses: pl.DataFrame


class TrackIndex:
    """Looks tracks up by uri; ``tracks``: the table of ``known_tracks``; ``kinds``: of the nodes by which the
    model embeds tracks outside the graph.

    ``outside``: the columns ``kinds`` of those O tracks, by their order in the table.
    """

    def __init__(self, tracks: pl.DataFrame, kinds: Sequence[str] = ()):
        self.num_tracks, self.kinds = tracks["track"].count(), [*kinds]
        self._row = dict(zip(tracks["track_uri"], range(tracks.height), strict=True))
        self._uses = (USES[0], EMBEDDED, *USES[1:]) if kinds else USES
        use = pl.when(pl.col("track").is_not_null()).then(0)
        track, uses = [pl.col("track")], [use]
        if kinds:
            is_outside = pl.col("track").is_null() & pl.any_horizontal(pl.col(kinds).is_not_null())
            self.outside = tracks.filter(is_outside).select(kinds)
            place = self.num_tracks + is_outside.cum_sum().cast(pl.Int32) - 1
            track.append(pl.when(is_outside).then(place))
            uses.append(pl.when(is_outside).then(self._uses.index(EMBEDDED)))
        else:
            self.outside = tracks.head(0).select(kinds)
        uses += [
            pl.when(pl.col("stand_in_by") == name.removeprefix("by_")).then(self._uses.index(name))
            for name in ("by_album", "by_artist")
        ]
        unused = self._uses.index("unused")
        columns = tracks.select(
            track=pl.coalesce(*track, "stand_in", pl.lit(-1)),
            use=pl.coalesce(*uses, pl.lit(unused)).cast(pl.Int8),
        )
        # One row more, for a track that was never read.
        self._track = np.append(columns["track"].to_numpy(), np.int32(-1))
        self._use = np.append(columns["use"].to_numpy(), np.int8(unused))

    def __contains__(self, uri: str) -> bool:
        return uri in self._row

    def rows(self, uris: Iterable[str]) -> np.ndarray:
        """int64, where each of ``uris`` stands in the table; -1 where it does not."""
        return np.array([self._row.get(uri, -1) for uri in uris], dtype=np.int64)

    def attached(self, uris: Iterable[str]) -> np.ndarray:
        """int32, the column of ``GivenTracks.attached`` that each of ``uris`` has; -1 for none."""
        return self._track[self.rows(uris)]

    def uses_of(self, uris: Iterable[str]) -> list[str]:
        """What each of ``uris`` is to an answer: a column of ``GivenTracks.uses``."""
        return [self._uses[use] for use in self._use[self.rows(uris)]]

    def nodes(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """``node_indices`` of those of ``outside`` at ``places`` [n] int64."""
        return node_indices(self.outside[places.numpy()])

    def find(self, playlists: Sequence[Sequence[str]]) -> GivenTracks:
        """``playlists``: the track uris of each; one that repeats counts once."""
        distinct = [dict.fromkeys(uris) for uris in playlists]
        playlist = np.repeat(np.arange(len(distinct)), [len(uris) for uris in distinct])
        row = self.rows(uri for uris in distinct for uri in uris)
        track, use = self._track[row], self._use[row]
        number = len(self._uses)
        uses = np.bincount(playlist * number + use, minlength=len(distinct) * number)
        inside, some, shape = use == 0, track >= 0, (len(distinct), self.num_tracks)
        known = attached = _pattern(playlist[inside], track[inside], shape)
        if self.outside.height or (inside != some).any():
            shape = shape[0], self.num_tracks + self.outside.height
            attached = _pattern(playlist[some], track[some], shape)
        counted = pl.DataFrame(uses.reshape(-1, number), schema=dict.fromkeys(self._uses, pl.Int64))
        return GivenTracks(known, attached, counted)


def _pattern(playlist: np.ndarray, track: np.ndarray, shape: tuple[int, int]) -> Pattern:
    # Several tracks may have one stand-in, or one that is on the playlist itself.
    keys = np.unique(playlist * shape[1] + track)
    rows, cols = (torch.from_numpy(part) for part in np.divmod(keys, shape[1]))
    return Pattern.from_edges(rows, cols, shape)


def node_indices(tracks: pl.DataFrame) -> tuple[Tensor, Tensor]:
    """Artist and album of n tracks, [n] int64 each, -1 where there is none, or no such column."""
    artists, albums = (
        tracks[kind].fill_null(-1).cast(pl.Int64).to_torch()
        if kind in tracks.columns
        else torch.full((tracks.height,), -1)
        for kind in KINDS
    )
    return artists, albums
