"""The metrics of the RecSys Challenge 2018: R-precision, NDCG and recommended-songs clicks."""

import numpy as np
from numpy.typing import NDArray

from segue.errors import SegueError

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]

RANKS = 500  # recommended tracks that count
ARTIST_CREDIT = 0.25  # for an artist of a held-out track, as part of a track
PAGE = 10  # tracks that one click shows
NO_HIT = RANKS / PAGE + 1  # clicks where no recommended track is relevant


def challenge_metrics(
    recommended: Int64, starts: Int64, held_out: Int64, artist: Int64
) -> dict[str, Float64]:
    r"""Each playlist's metrics, of its first 500 recommended tracks R against its held-out tracks G.

    ==================  ===============================================================================
    r_precision         :math:`(|S_T \cap G_T| + 0.25\,|S_A \cap G_A|) / |G_T|`, S the first
                        :math:`|G_T|` tracks of R, T the tracks and A the artists of either, each once;
                        up to 1.25
    r_precision_tracks  :math:`|S_T \cap G_T| / |G_T|`
    ndcg                :math:`\sum_{r_i \in G} 1/\log_2(1 + i)` over its largest value,
                        :math:`\sum_{i \le \min(|G|, 500)} 1/\log_2(1 + i)`
    clicks              :math:`\lfloor (i - 1) / 10 \rfloor` for the rank i of the first relevant track,
                        51 without one
    ==================  ===============================================================================

    As in "An Analysis of Approaches Taken in the ACM RecSys Challenge 2018 for Automatic Music Playlist
    Continuation" (https://doi.org/10.1145/3344257, section 3.3). NDCG is that of the organisers' code,
    which scored the challenge: its rules page printed log2 i as the discount from the second rank on, and
    the length of the intersection of G and R as the limit of the ideal, which no perfect ranking needs.

    A list has no ties: what a model scored alike stands in it as its user would see it, by index, and that
    order counts, as of a submission the order is all that is known.

    ``recommended``: [n, k] ids of tracks in order, distinct in a row; -1 fills rows of fewer tracks at
    their end. ``starts``: [n + 1], ``held_out``: the ids ``held_out[starts[i]:starts[i + 1]]`` are those of
    playlist i, distinct too. Ids are any numbering 0..I-1 of all tracks that either names, those outside
    the graph included. ``artist``: [I] the artist id of each track; -1, where it is unknown, matches none.

    Returns float64 [n] by name. Raises SegueError when a playlist has no held-out track, a track stands
    twice in a row, or an id is out of range.
    """
    recommended, size = recommended[:, :RANKS], np.diff(starts)
    _require(recommended, size, starts, held_out, len(artist))
    playlists, ranks = recommended.shape
    row = np.arange(playlists)
    owner = np.repeat(row, size)
    filled = recommended >= 0

    hits = np.zeros_like(filled)
    hits[filled] = np.isin(
        _pairs(row[:, None], recommended, len(artist))[filled],
        _pairs(owner, held_out, len(artist)),
        assume_unique=True,
    )
    in_cut = np.arange(ranks) < size[:, None]
    found = (hits & in_cut).sum(axis=1)
    cut_row, cut_rank = np.nonzero(in_cut & filled)
    shared = _shared(cut_row, artist[recommended[cut_row, cut_rank]], owner, artist[held_out], playlists)

    discount = 1 / np.log2(np.arange(2, RANKS + 2))
    ideal = discount.cumsum()[np.minimum(size, RANKS) - 1]
    first = hits.argmax(axis=1) if ranks else np.zeros(playlists)
    return {
        "r_precision": (found + ARTIST_CREDIT * shared) / size,
        "r_precision_tracks": found / size,
        "ndcg": hits @ discount[:ranks] / ideal,
        "clicks": np.where(hits.any(axis=1), first // PAGE, NO_HIT),
    }


def _pairs(row: Int64, value: Int64, values: int) -> Int64:
    """A number for each pair of a row and a value in 0..values-1; row by row, so that they sort as pairs."""
    return row * values + value


def _shared(row: Int64, artist: Int64, other_row: Int64, other_artist: Int64, rows: int) -> Int64:
    """[rows] how many artists stand in either list of a row, each once; -1 is none."""
    artists = max(artist.max(initial=-1), other_artist.max(initial=-1)) + 1
    ours, theirs = (
        _distinct(_pairs(place[known := names >= 0], names[known], artists))
        for place, names in ((row, artist), (other_row, other_artist))
    )
    both = np.intersect1d(ours, theirs, assume_unique=True)
    return np.bincount(both // max(artists, 1), minlength=rows)


def _distinct(values: Int64) -> Int64:
    """Each value once, sorted; several times as fast as np.unique, which hashes."""
    values = np.sort(values)
    return values[np.diff(values, prepend=-1) > 0]


def _require(recommended: Int64, size: Int64, starts: Int64, held_out: Int64, tracks: int) -> None:
    if len(size) != len(recommended) or starts[0] != 0 or starts[-1] != len(held_out):
        raise SegueError(
            "Recommendations and held-out tracks are not of the same playlists.",
            found=f"{len(recommended)} rows, {len(size)} playlists, {len(held_out)} held-out tracks of which "
            f"numbers {starts[0]} to {starts[-1]} are theirs",
            expected="a row for each playlist, and a playlist for each held-out track",
        )
    if (size < 1).any():
        raise SegueError(
            "A playlist has no held-out track, so that no metric is defined.",
            where=f"playlist {size.argmin()}",
            found=f"{(size < 1).sum()} such playlist(s)",
            expected="one held-out track or more for each",
        )
    owner = np.repeat(np.arange(len(size)), size)
    for name, ids, least in (("recommended", recommended, -1), ("held-out", held_out, 0)):
        if ids.size and (ids.min() < least or ids.max() >= tracks):
            raise SegueError(
                f"The id of a {name} track is out of range.",
                found=f"ids from {ids.min()} to {ids.max()}",
                expected=f"{least} to {tracks - 1}",
            )
    in_rows = np.sort(recommended, axis=1)
    twice = ((in_rows[:, 1:] == in_rows[:, :-1]) & (in_rows[:, 1:] >= 0)).any(axis=1)
    keys = np.sort(_pairs(owner, held_out, tracks))
    twice[keys[1:][keys[1:] == keys[:-1]] // max(tracks, 1)] = True
    if twice.any():
        raise SegueError(
            "A track stands twice among a playlist's recommended or held-out tracks.",
            where=f"playlist {twice.argmax()}",
            found=f"{twice.sum()} such playlist(s)",
            expected="each track once",
        )
