"""Are playlists that share an artist more alike than any two? With what chance would say, by permutation."""

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from segue.errors import SegueError

AT_LEAST, AT_MOST = 2, 0.1  # playlists of an artist; as a share of all playlists
ARTISTS = 500  # that are drawn, where there are more
PERMUTATIONS = 99
INTERVAL = (0.025, 0.975)


def draw_artists(pairs: pl.DataFrame, playlists: int, seed: int) -> list[str]:
    """Uris of up to ARTISTS artists, drawn from ``seed`` among those on AT_LEAST playlists and not on more
    than AT_MOST of all ``playlists``; in their order.

    ``pairs``: artist_uri and playlist, each pair once.
    """
    counts = pairs.group_by("artist_uri").len("playlists")
    fit = counts.filter(pl.col("playlists").is_between(AT_LEAST, max(AT_LEAST, AT_MOST * playlists)))
    uris = fit["artist_uri"].sort()
    return uris.sample(min(ARTISTS, len(uris)), seed=seed).sort().to_list()


def artist_members(pairs: pl.DataFrame, artists: list[str], playlists: int) -> csr_array:
    """1 where an artist is on a playlist, [len(artists), playlists] float32."""
    order = pl.DataFrame({"artist_uri": pl.Series(artists, dtype=pl.String), "row": range(len(artists))})
    cells = pairs.join(order, on="artist_uri")
    ones = np.ones(cells.height, dtype=np.float32)
    shape = len(artists), playlists
    return csr_array((ones, (cells["row"].to_numpy(), cells["playlist"].to_numpy())), shape=shape)


def likeness(vectors: np.ndarray, members: csr_array, seed: int) -> dict[str, float]:
    r"""Mean cosine of playlists that share an artist, and of any two.

    For artist a with the :math:`n_a` playlists :math:`S_a`, and unit vectors u,

    .. math:: c_a = \frac{1}{n_a (n_a - 1)} \sum_{i \ne j \in S_a} u_i \cdot u_j
                  = \frac{|\sum_{i \in S_a} u_i|^2 - n_a}{n_a (n_a - 1)}

    and mean_cosine is the mean of :math:`c_a` over the artists. random_cosine is the same of all playlists
    together. low and high: the central 95% of mean_cosine over PERMUTATIONS permutations of the playlists,
    which keep how many playlists artists have and which they share, and lose who is on them.

    ``vectors`` [P, d] float32 of length 1; ``members`` [A, P], each row with 2 playlists or more. Raises
    SegueError when there is no artist.
    """
    if not members.shape[0]:
        raise SegueError(
            "There is no artist to measure likeness by.",
            where="likeness",
            found=f"none on {AT_LEAST} playlists or more and on at most {AT_MOST:.0%} of them",
            expected="one or more",
            fix="keep more playlists by a lower graph.k_core",
        )
    rng = np.random.default_rng(seed)
    everyone = csr_array(np.ones((1, len(vectors)), dtype=np.float32))
    null = [_mean_cosine(rng.permutation(vectors), members) for _ in range(PERMUTATIONS)]
    low, high = np.quantile(null, INTERVAL)
    return {
        "mean_cosine": _mean_cosine(vectors, members),
        "random_cosine": _mean_cosine(vectors, everyone),
        "low": float(low),
        "high": float(high),
    }


def _mean_cosine(vectors: np.ndarray, members: csr_array) -> float:
    count = members.sum(axis=1)
    sums = (members @ vectors).astype(np.float64)
    return float((((sums**2).sum(axis=1) - count) / (count * (count - 1))).mean())
