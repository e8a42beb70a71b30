"""Playlists like the ones to be continued, and what tracks they have."""

import numpy as np

from segue.catalogue.catalogue import Catalogue


def ranges(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """int64, all of ``starts[i]..stops[i]-1``, one i after the other."""
    counts = stops - starts
    shift = starts - (np.cumsum(counts) - counts)
    return np.arange(counts.sum()) + np.repeat(shift, counts)


def by_tracks(
    catalogue: Catalogue, tracks: np.ndarray, shrinkage: float, position: float = 0.0
) -> np.ndarray:
    r"""[P] float64, how much each playlist q shares with one that has ``tracks`` S, 1 at most:

    .. math:: \frac{y_q}{\max y}, \qquad
        y_q = |q|^{-1/2} \sum_{t \in S \cap q} (d_t + \lambda)^{-1/2}\, w_t, \quad w_t = (1 + i_t)^{-position}

    with d_t the playlists that have t, lambda the ``shrinkage``, and i_t how many places before the last of S
    the track stands. Zeros where S is empty.
    """
    places = np.arange(len(tracks) - 1, -1, -1.0)
    weight = (1 + places) ** -position / np.sqrt(catalogue.degree[tracks] + shrinkage)
    listing = catalogue.t_rowptr, catalogue.t_cols, catalogue.size
    return shared(listing, tracks, weight)


def shared(
    listing: tuple[np.ndarray, np.ndarray, np.ndarray], entries: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    r"""[P] float64, :math:`|q|^{-1/2} \sum_{e \in q} w_e` over the ``entries`` e that a playlist q has, as a
    share of the largest; zeros where it has none.

    ``listing``: CSR of the playlists of each entry, rowptr and cols, and |q|, [P].
    """
    rowptr, cols, size = listing
    starts, stops = rowptr[entries], rowptr[entries + 1]
    having = [cols[start:stop] for start, stop in zip(starts, stops, strict=True)]
    if not having:
        return np.zeros(len(size))
    sums = np.bincount(np.concatenate(having), np.repeat(weight, stops - starts), len(size)) / np.sqrt(size)
    return sums / sums.max()


def by_title(catalogue: Catalogue, title: str | None) -> np.ndarray:
    """[P] float64, the cosine of each playlist's title with ``title``, as in ``TitleIndex``, or zeros."""
    cosine = np.zeros(catalogue.num_playlists)
    if title:
        playlists, values = catalogue.titles.cosines(title)
        cosine[playlists] = values
    return cosine


def nearest(similarity: np.ndarray, count: int) -> np.ndarray:
    """int64, rising: the ``count`` playlists of highest ``similarity`` [P] above 0, and all that are like the
    last of them, so that their order means nothing."""
    playlists = np.flatnonzero(similarity)
    if len(playlists) > count:
        found = similarity[playlists]
        least = np.partition(found, len(found) - count)[len(found) - count]
        playlists = playlists[found >= least]
    return playlists


def scores_of_neighbours(
    catalogue: Catalogue, similarity: np.ndarray, neighbours: int, power: float
) -> np.ndarray:
    r"""[C] float32, :math:`s_t = \sum_q y_q^{power} R_{qt}` over the ``neighbours`` nearest playlists q, with
    ``similarity`` y [P] and R the catalogue's playlists."""
    near = nearest(similarity, neighbours)
    return sums_of_tracks(catalogue, near, similarity[near] ** power)


def sums_of_tracks(catalogue: Catalogue, playlists: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""[C] float32, :math:`\sum_q w_q R_{qt}` over ``playlists`` q with their ``weights`` w."""
    starts, stops = catalogue.rowptr[playlists], catalogue.ends[playlists]
    tracks = catalogue.cols[ranges(starts, stops)]
    sums = np.bincount(tracks, np.repeat(weights, stops - starts), catalogue.num_candidates)
    return sums.astype(np.float32)
