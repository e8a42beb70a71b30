"""UMAP maps of playlist embeddings, one an epoch, that can be laid on each other; and what they are worth.

McInnes, Healy and Melville 2018, "UMAP: Uniform manifold approximation and projection".
"""

import warnings
from pathlib import Path

import numpy as np
import polars as pl
from safetensors.numpy import load_file

from segue.errors import SegueError

DIMENSIONS = 3
NEIGHBOURS = 10  # that a map is judged by
ARTISTS = 60  # on a map
# Rounds of the layout and its first step, which falls to 0. UMAP's own 500 rounds start from nothing, the
# last map here from the spectral layout, and each other, as in the second half of the rounds, from a map.
ROUNDS, STEP = 200, 1.0
LATER_ROUNDS, LATER_STEP = 100, 0.5
CHUNK = 256  # rows of distances that are in memory at once


def load_snapshots(path: str | Path, nodes: str = "playlists") -> dict[int, np.ndarray]:
    """Unit vectors [n, d] float32 of the ``nodes`` by epoch, in rising order; a zero embedding stays zero."""
    tensors = load_file(path)
    return {
        int(epoch): unit_rows(vectors.astype(np.float32))
        for epoch, vectors in zip(tensors["epochs"], tensors[nodes], strict=True)
    }


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """``vectors`` [n, d], each divided by its length; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def choose_points(count: int, at_most: int | None, seed: int) -> np.ndarray:
    """Playlist indices int64 in rising order: all ``count``, or ``at_most`` that are drawn from ``seed``."""
    if at_most is None or at_most >= count:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size=at_most, replace=False))


def frequent_artists(artists: pl.DataFrame) -> pl.DataFrame:
    """artist, artist_uri and artist_name of the ARTISTS with most tracks of the core, these first; of equal
    ones by uri.

    ``artists``: artist, artist_uri, artist_name and tracks.
    """
    order = artists.sort("tracks", "artist_uri", descending=[True, False])
    return order.head(ARTISTS).select("artist", "artist_uri", "artist_name")


def align_maps(
    snapshots: dict[int, np.ndarray], *, neighbours: int, min_dist: float, seed: int
) -> dict[int, np.ndarray]:
    """A map [n, 3] float32 of each of ``snapshots`` (unit vectors [n, d] by epoch), in the same order.

    Nearness is that of the cosine. The last epoch's map starts from the spectral layout. Each other starts
    from the map of the epoch after it, and is then moved and turned as a whole to lie on it as well as it
    can: a playlist stays where it is unless its neighbours change. The axes mean nothing. Raises SegueError
    when there are no more than ``neighbours`` points.
    """
    points = len(next(iter(snapshots.values())))
    if points <= neighbours:
        raise SegueError(
            "There are too few playlists for a map.",
            where="maps.neighbours",
            found=f"{neighbours} neighbours, {points} playlists",
            expected=f"fewer neighbours than playlists, at most {points - 1}",
            fix="lower maps.neighbours, or keep more playlists: raise maps.max_playlists, lower graph.k_core",
        )
    maps, later = {}, None
    for epoch in sorted(snapshots, reverse=True):
        places = _map(snapshots[epoch], later, neighbours, min_dist, seed)
        later = maps[epoch] = places if later is None else _laid_on(places, later)
    return dict(sorted(maps.items()))


def place_among(others: np.ndarray, vectors: np.ndarray, places: np.ndarray) -> np.ndarray:
    r"""Where ``others`` lie on a map of ``vectors`` that was made without them, [m, 3] float32.

    .. math:: \frac{1}{k} \sum_{j \in N_k(i)} y_j

    with y the ``places`` [n, 3] and :math:`N_k(i)` the k rows of ``vectors`` [n, d] nearest to row i of
    ``others`` [m, d], all unit vectors; k is NEIGHBOURS, or n where that is less.
    """
    _, near = _neighbours(vectors, min(NEIGHBOURS, len(vectors))).kneighbors(others)
    return places[near].mean(axis=1)


def share_near(others: np.ndarray, places: np.ndarray, members: np.ndarray) -> float:
    """Of the NEIGHBOURS playlists at ``places`` [n, 3] that are nearest to one of ``others`` [m, 3], the
    share that is its own, by ``members`` [m, n] bool; a mean over ``others``."""
    _, near = _neighbours(places, min(NEIGHBOURS, len(places))).kneighbors(others)
    return float(np.take_along_axis(members, near, axis=1).mean())


def trust(vectors: np.ndarray, places: np.ndarray) -> float:
    r"""Trustworthiness of a map (Venna and Kaski 2001): 1 where each point's neighbours in it are true ones.

    .. math:: 1 - \frac{2}{n k (2n - 3k - 1)} \sum_i \sum_{j \in N_k(i)} \max(0, r(i, j) - k)

    with :math:`N_k(i)` the k nearest points to i in ``places`` [n, 3], and r(i, j) the rank of j by distance
    from i in ``vectors`` [n, d]. k is NEIGHBOURS, or of few points the most that the formula allows.
    """
    n, k = len(vectors), min(NEIGHBOURS, (len(vectors) - 1) // 2)
    near = _nearest(places, k)[1]
    lost = 0
    for rows in np.array_split(np.arange(n), -(-n // CHUNK)):
        away = _squared_distances(vectors[rows], vectors)
        away[np.arange(len(rows)), rows] = np.inf
        theirs = np.take_along_axis(away, near[rows], axis=1)
        ranks = 1 + np.stack([(away < of[:, None]).sum(axis=1) for of in theirs.T], axis=1)
        lost += int(np.maximum(0, ranks - k).sum())
    return 1 - 2 * lost / (n * k * (2 * n - 3 * k - 1))


def purity(places: np.ndarray, labels: pl.Series) -> float:
    """Share of the nearest points of a point that have its label, a mean over all points.

    ``places`` [n, 3]; ``labels`` [n]. There are NEIGHBOURS nearest points, or all others where n is small.
    """
    return _share_alike(_judged(places), _numbers(labels))


def shuffled_purity(places: np.ndarray, labels: pl.Series, seed: int, rounds: int = 20) -> float:
    """Mean ``purity`` over ``rounds`` permutations of ``labels``: that of a map that knows none of them."""
    near, numbers, rng = _judged(places), _numbers(labels), np.random.default_rng(seed)
    return float(np.mean([_share_alike(near, rng.permutation(numbers)) for _ in range(rounds)]))


def _judged(places: np.ndarray) -> np.ndarray:
    return _nearest(places, min(NEIGHBOURS, len(places) - 1))[1]


def _numbers(labels: pl.Series) -> np.ndarray:
    return labels.rank("dense").to_numpy()


def _share_alike(near: np.ndarray, numbers: np.ndarray) -> float:
    return float((numbers[near] == numbers[:, None]).mean())


def _map(
    vectors: np.ndarray, start: np.ndarray | None, neighbours: int, min_dist: float, seed: int
) -> np.ndarray:
    """From ``start`` [n, 3], or from the spectral layout where there is None."""
    from umap import UMAP  # compiles for seconds

    distances, indices = _nearest(vectors, neighbours - 1)
    # UMAP counts a point as its own first neighbour. To find them here takes a tenth of the time it would.
    itself = np.arange(len(vectors))[:, None]
    known = np.hstack([itself, indices]), np.hstack([np.zeros_like(distances[:, :1]), distances]), None
    umap = UMAP(
        n_components=DIMENSIONS,
        n_neighbors=neighbours,
        min_dist=min_dist,
        metric="euclidean",
        init="spectral" if start is None else start,
        n_epochs=ROUNDS if start is None else LATER_ROUNDS,
        learning_rate=STEP if start is None else LATER_STEP,
        precomputed_knn=known,
        random_state=seed,
        n_jobs=1,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*NNDescent object: transforming new data")
        return umap.fit_transform(vectors).astype(np.float32)


def _laid_on(places: np.ndarray, other: np.ndarray) -> np.ndarray:
    """``places`` [n, 3] moved and turned, or mirrored, to the least squared distance from ``other``."""
    from scipy.linalg import orthogonal_procrustes

    middle, onto = places.mean(axis=0), other.mean(axis=0)
    turn, _ = orthogonal_procrustes(places - middle, other - onto)
    return (places - middle) @ turn + onto


def _squared_distances(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """[m, n] float64, of each row of ``some`` [m, d] from each of ``others`` [n, d]."""
    some, others = some.astype(np.float64), others.astype(np.float64)
    return (some**2).sum(axis=1)[:, None] - 2 * some @ others.T + (others**2).sum(axis=1)


def _nearest(points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances and indices [n, k] of the nearest others; between unit vectors the order is the cosine's."""
    return _neighbours(points, k).kneighbors()


def _neighbours(points: np.ndarray, k: int):
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points)
