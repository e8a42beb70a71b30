"""The maps of a model as they are seen on paper: from one side, about their middles and in one spread."""

from collections.abc import Iterable

import numpy as np
import polars as pl

MARGIN = 1.04


def side_of(points: np.ndarray) -> np.ndarray:
    r"""The side from which ``points`` [n, 3] are seen widest, [3, 3] float64, a row each: right, up, near.

    The rows are the right-singular vectors of the centred points, by falling singular value: principal
    axes. Each has its largest component positive but the last, which makes them a rotation.
    """
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    _, _, (right, up, _) = np.linalg.svd(centred, full_matrices=False)
    right, up = (axis * np.sign(axis[np.abs(axis).argmax()]) for axis in (right, up))
    return np.stack([right, up, np.cross(right, up)])


def seen(points: np.ndarray, side: np.ndarray, of: np.ndarray | None = None) -> np.ndarray:
    r"""``points`` [n, 3] as they are seen from ``side``: right, up and near, [n, 3] float32.

    .. math:: (p_i - m) S^T / \sqrt{\tfrac{1}{n} \sum_j \lVert p_j - m \rVert^2}

    with m the median of each coordinate. Both are those of ``of`` [k, 3], or of ``points`` themselves: how
    far a map spreads says nothing of the embeddings, so that each is drawn on a scale of its own.
    """
    of = points if of is None else of
    middle = np.median(of, axis=0)
    spread = np.sqrt(((of - middle) ** 2).sum(axis=1).mean())
    return ((points - middle) @ side.T / max(spread, np.finfo(np.float32).tiny)).astype(np.float32)


def frames(table: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The rows of each epoch of a map, in rising order, with x (right), y (up) and near in place of x, y, z:
    all from the side that the last epoch is seen widest from.

    ``table``: epoch (integer), x, y, z (Float32) and further columns, which stay. Where it has a playlist
    column, rows without a playlist (artists) turn and scale with the others.
    """
    parts = table.partition_by("epoch", as_dict=True, maintain_order=True)
    maps = {epoch: part for (epoch,), part in sorted(parts.items())}
    side = side_of(_playlists(maps[max(maps)]))
    return {epoch: _frame(part, side) for epoch, part in maps.items()}


def window(maps: Iterable[pl.DataFrame]) -> tuple[float, float, float]:
    """The middle (x, y) of the smallest square that holds the points of all ``maps``, and half its side with
    a margin."""
    points = np.concatenate([part.select("x", "y").to_numpy() for part in maps])
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = (low + high) / 2
    return float(x), float(y), float(MARGIN * max((high - low).max() / 2, 1e-6))


def _frame(part: pl.DataFrame, side: np.ndarray) -> pl.DataFrame:
    places = seen(part.select("x", "y", "z").to_numpy(), side, _playlists(part))
    columns = dict(zip(("x", "y", "near"), places.T, strict=True))
    return part.drop("z").with_columns(**columns)


def _playlists(part: pl.DataFrame) -> np.ndarray:
    rows = part.filter(pl.col("playlist").is_not_null()) if "playlist" in part.columns else part
    return rows.select("x", "y", "z").to_numpy()
