"""Synthetic graphs of the article's size, and of its multiples."""

import numpy as np
import torch
from torch import Tensor

from segue.graph.relations import Relations
from segue.graph.split import Split

ARTICLE = (22_563, 12_247, 1_578_286)  # playlists, tracks and edges of its 30-core
TRAIN, VALIDATION = 0.70, 0.15
TOP_SHARE = 0.0466  # of the playlists hold the MPD's most used track


def synthetic_edges(playlists: int, tracks: int, count: int, seed: int = 0) -> Tensor:
    """[2, count] int64 distinct edges, sorted, of playlists that are all alike.

    A track's popularity falls as a power of its rank r: r <= x is drawn with probability (x / T)^b, b so
    that the first is drawn 0.0466 P times, the share of the MPD's most used track.
    """
    rng = np.random.default_rng(seed)
    power = np.log(count / (TOP_SHARE * playlists)) / np.log(tracks)
    identity = rng.permutation(tracks)
    keys = np.empty(0, dtype=np.int64)
    while keys.size < count:
        size = (count - keys.size) * 6 // 5 + 100
        drawn = identity[(tracks * rng.random(size) ** (1 / power)).astype(np.int64)]
        keys = np.unique(np.append(keys, rng.integers(playlists, size=size) * tracks + drawn))
    keys = np.delete(keys, rng.choice(keys.size, keys.size - count, replace=False))
    return torch.from_numpy(np.stack([keys // tracks, keys % tracks]))


def synthetic_split(scale: float, seed: int = 1) -> Split:
    """The article's graph, its three counts multiplied by ``scale``, split 70/15/15."""
    playlists, tracks, count = (round(scale * size) for size in ARTICLE)
    edges = synthetic_edges(playlists, tracks, count)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    sizes = [round(TRAIN * count), round(VALIDATION * count)]
    parts = order.split([*sizes, count - sum(sizes)])
    train, validation, test = (edges[:, part.sort().values] for part in parts)
    return Split(playlists, tracks, train, train, validation, test)


MPD_ARTISTS, MPD_ALBUMS = 295_860 / 2_262_292, 734_684 / 2_262_292  # for each of its tracks


def synthetic_relations(tracks: int, artists: int, albums: int, seed: int = 2) -> Relations:
    """Each track on an album by an artist; each artist and album has a track, and few of them have many."""
    rng = np.random.default_rng(seed)

    def drawn(count: int, of: int) -> np.ndarray:
        """[count] in 0..of-1, each of which occurs; popularity falls as a power of the rank."""
        rest = (of * rng.random(count - of) ** 2).astype(np.int64)
        return rng.permutation(np.append(np.arange(of), rest))

    album, artist_of = drawn(tracks, albums), drawn(albums, artists)
    ends = {
        ("track", "artist"): (np.arange(tracks), artist_of[album]),
        ("track", "album"): (np.arange(tracks), album),
        ("album", "artist"): (np.arange(albums), artist_of),
    }
    edges = {pair: torch.from_numpy(np.stack(indices)) for pair, indices in ends.items()}
    return Relations(tracks, {"artist": artists, "album": albums}, edges)
