"""Tracks of the k-core that are hidden from training: what a model says of them it knows from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.graph.kcore import Corenesses, Degrees
from segue.graph.merge import Merged, read_rows


@dataclass(frozen=True)
class Cold:
    """``tracks``: ``cold`` Int32, 0..C-1 in the order of track_uri, all fields of a track, and ``degree``
    Int32, the playlists of the core that it is on. ``edges``: ``playlist`` Int32, of the core, and ``cold``
    Int32, sorted; each pair once."""

    tracks: pl.DataFrame
    edges: pl.DataFrame


def draw_cold(
    tracks: Sequence[str], merged: Merged, degree: Degrees, *, share: float, seed: int
) -> np.ndarray:
    """Provisional ids of floor(``share`` T) of the core's T tracks, int64, in the order of track_uri.

    ``tracks``: the batches' tables; ``degree``: in the core, by provisional id. The draw is over the tracks
    in the order of their uris, so that it does not depend on the batches; of raw PCG64 keys those drawn have
    the least, as in ``segue.graph.split``. Raises SegueError where it draws none.
    """
    kept = np.flatnonzero(degree.tracks)
    uris = read_rows(tracks, merged.track_starts, merged.first_row[kept], ["track_uri"])["track_uri"]
    kept = kept[uris.arg_sort().to_numpy()]
    count = int(share * len(kept))
    if not count:
        raise SegueError(
            "No track is hidden from training.",
            where="cold.share",
            found=f"a share of {share:g} of {len(kept):,} tracks in the k-core",
            expected="a share that makes one track or more",
            fix="raise cold.share, or set it to null to hide none",
        )
    order = np.argsort(np.random.PCG64(seed).random_raw(len(kept)), kind="stable")
    return kept[np.sort(order[:count])]


def without(merged: Merged, hidden: np.ndarray) -> Merged:
    """``merged`` without the edges of ``hidden``, provisional ids of tracks; all ids stay."""
    marks = np.zeros(len(merged.first_row), dtype=bool)
    marks[hidden] = True
    stays = ~marks[merged.track]
    return replace(merged, playlist=merged.playlist[stays], track=merged.track[stays])


def require_core(cores: Corenesses, k: int, hidden: int, share: float) -> None:
    """Raises SegueError where ``cores``, of a graph without ``hidden`` tracks, have no K-core for ``k``."""
    if cores.degeneracy < k:
        raise SegueError(
            f"The {k}-core of the graph is empty without the tracks that are hidden from training.",
            where="cold.share",
            found=f"{share:g}, {hidden:,} tracks; then K of at most {cores.degeneracy} leaves a core",
            expected=f"a share that leaves a {k}-core, as graph.k_core has it",
            fix="lower cold.share or graph.k_core, or read more",
        )


def cold_tables(tracks: Sequence[str], merged: Merged, hidden: np.ndarray, playlists: pl.DataFrame) -> Cold:
    """What is known of ``hidden`` tracks, and on which of the core's playlists they are.

    ``tracks``: the batches' tables; ``merged``: with the tracks' edges; ``hidden``: of ``draw_cold``;
    ``playlists``: of the core that was taken without them.
    """
    number = np.full(len(merged.first_row), -1, dtype=np.int32)
    number[hidden] = np.arange(len(hidden))
    theirs = number[merged.track] >= 0
    pairs = pl.DataFrame({"row": merged.playlist[theirs], "cold": number[merged.track[theirs]]})
    rows = merged.playlists.select("pid", "kept").with_row_index("row").filter("kept")
    rows = rows.join(playlists.select("playlist", "pid"), on="pid").with_columns(pl.col("row").cast(pl.Int32))
    edges = pairs.join(rows, on="row").select("playlist", "cold").sort("playlist", "cold")
    degree = np.bincount(edges["cold"].to_numpy(), minlength=len(hidden))
    ordered = np.sort(hidden)
    table = read_rows(tracks, merged.track_starts, merged.first_row[ordered])[
        np.searchsorted(ordered, hidden)
    ]
    numbers = pl.int_range(pl.len(), dtype=pl.Int32).alias("cold")
    return Cold(table.select(numbers, pl.all(), pl.Series("degree", degree, dtype=pl.Int32)), edges)
