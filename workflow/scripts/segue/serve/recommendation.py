"""The best tracks of playlists of the graph, as indices and by name."""

from collections.abc import Callable, Iterator, Sequence

import polars as pl
import torch
from torch import Tensor

from segue.errors import SegueError
from segue.graph.ids import near_ids, require_ids, what_ids_are
from segue.graph.split import Split, draw_playlists, of_playlists
from segue.nn.pattern import Pattern
from segue.nn.topk import rows_per_block, top_k
from segue.scorers.base import Scorer


def recommend(
    split: Split, playlists: Tensor, tracks: Tensor, chosen: Tensor, n: int, block_mb: int = 16
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """The ``n`` best tracks of each ``chosen`` playlist that are not on it, block by block.

    ``playlists`` [P, d] and ``tracks`` [T, d]: embeddings whose dot products are the scores; ``chosen``: [m]
    playlist indices. As in the test, what the embeddings passed messages over (train and validation edges)
    is on the playlist and test edges are not, so that these can be hit.

    Yields, in the order of ``chosen`` and for as many playlists as ``block_mb`` MiB of scores hold: playlist
    indices [b] int64, track indices [b, n] int64, best first and of equal ones the lower index, their scores
    [b, n] float32, and whether each is a test edge [b, n] bool. Raises SegueError when a playlist has fewer
    than ``n`` tracks left.
    """
    embeddings = playlists[chosen]
    return _ranked(split, chosen, n, block_mb, lambda start, stop: embeddings[start:stop] @ tracks.T)


def recommend_by_tracks(
    split: Split, scorer: Scorer, chosen: Tensor, n: int, block_mb: int = 16
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """As ``recommend``, by a scorer, such as a baseline, that knows a playlist by its tracks alone.

    Those are what the test gives it: the tracks of the train and validation edges.
    """
    part = of_playlists(split, chosen)
    given = Pattern.from_edges(*part.train_and_validation, (part.num_playlists, part.num_tracks))
    return _ranked(split, chosen, n, block_mb, lambda start, stop: scorer.scores(given.block(start, stop)))


def _ranked(
    split: Split, chosen: Tensor, n: int, block_mb: int, scores_of: Callable[[int, int], Tensor]
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """``scores_of``: [stop - start, T] scores of a block of ``chosen``, to be written to."""
    part = of_playlists(split, chosen)
    shape = part.num_playlists, part.num_tracks
    known, held_out = (Pattern.from_edges(*edges, shape) for edges in (part.train_and_validation, part.test))
    _require_enough(known, chosen, n)
    block = rows_per_block(part.num_tracks, block_mb)
    for start in range(0, part.num_playlists, block):
        stop = min(start + block, part.num_playlists)
        scores = scores_of(start, stop)
        scores[known.entries(start, stop)] = -torch.inf
        best = top_k(scores, n)
        rows = torch.arange(start, stop).repeat_interleave(n)
        hit = held_out.contains(rows, best.flatten()).view_as(best)
        yield chosen[start:stop], best, scores.gather(1, best), hit


def require_enough(split: Split, chosen: Tensor, n: int) -> None:
    """Raises SegueError when one of the ``chosen`` playlists [m] has fewer than ``n`` tracks left."""
    part = of_playlists(split, chosen)
    shape = part.num_playlists, part.num_tracks
    _require_enough(Pattern.from_edges(*part.train_and_validation, shape), chosen, n)


def _require_enough(known: Pattern, chosen: Tensor, n: int) -> None:
    if not chosen.numel():
        return
    fewest = int(known.num_others.min())
    if n > fewest:
        place = int(known.num_others.argmin())
        raise SegueError(
            "There are not that many tracks to recommend.",
            where="recommend.n",
            found=f"{n}; playlist {int(chosen[place])} of the graph has {int(known.degree[place])} of its "
            f"{known.shape[1]} tracks already",
            expected=f"at most {fewest}",
            fix=f"set recommend.n to {fewest} or less",
        )


def choose_playlists(
    wanted: int | str | Sequence[int | str],
    split: Split,
    playlists: pl.DataFrame,
    seed: int,
    raw_ids: bool = False,
    why_missing: Callable[[str], str | None] = lambda _: None,
) -> Tensor:
    """Playlist indices [m] int64, in rising order.

    ``wanted``: a number, of playlists that are drawn from ``seed`` among those with test edges; a list of
    ids; or ``all``. ``playlists``: the k-core's table, with playlist (its index) and id (``with_ids``).
    Raises SegueError when ids are not in it; ``why_missing`` says of one what became of it, if it ever was
    there.
    """
    if wanted == "all":
        return torch.arange(split.num_playlists)
    if isinstance(wanted, int):
        return draw_playlists(split.test, wanted, seed)
    ids = require_ids(wanted, playlists["id"])
    rows = playlists.filter(pl.col("id").is_in(ids))
    there = set(rows["id"])
    missing = [one for one in ids if one not in there]
    if missing:
        raise SegueError(
            "There are no recommendations for some playlists.",
            where="recommend.playlists",
            found="; ".join(why_missing(one) or _no_id(one, playlists["id"]) for one in missing),
            expected=f"playlists of the k-core, each by its id: {what_ids_are(playlists['id'], raw_ids)}",
            fix="correct these ids or take them out, or lower graph.k_core",
        )
    return rows["playlist"].sort().cast(pl.Int64).to_torch()


def _no_id(wanted: str, ids: pl.Series) -> str:
    near = ", ".join(map(repr, near_ids(wanted, ids)))
    return f"no playlist of the run has the id {wanted!r}" + (f" (near it: {near})" if near else "")


def recommendation_table(
    split: Split,
    model: dict[str, Tensor] | Scorer,
    chosen: Tensor,
    n: int,
    playlists: pl.DataFrame,
    tracks: pl.DataFrame,
    block_mb: int,
) -> pl.DataFrame:
    """A row a proposal: playlist, id, pid, rank (from 1), score, track, its uri, name and artist, and hit.

    ``model``: its embeddings of playlists [P, d] and tracks [T, d], or a scorer of playlists by their tracks.
    ``playlists`` (``with_ids``), ``tracks``: the k-core's tables. hit: whether the track is a test edge of
    the playlist. Sorted by playlist, then rank.
    """
    if isinstance(model, dict):
        parts = recommend(split, model["playlists"], model["tracks"], chosen, n, block_mb)
    else:
        parts = recommend_by_tracks(split, model, chosen, n, block_mb)
    columns = [torch.cat(column) for column in zip(*parts, strict=True)]
    which, best, scores, hit = (column.flatten().numpy() for column in columns)
    rows = pl.DataFrame(
        {
            "playlist": pl.Series(which, dtype=pl.Int32).gather(pl.int_range(len(best), eager=True) // n),
            "rank": (pl.int_range(len(best), eager=True) % n + 1).cast(pl.Int32),
            "score": scores,
            "track": pl.Series(best, dtype=pl.Int32),
            "hit": hit,
        }
    )
    ids = playlists.select("id", "pid")[rows["playlist"].cast(pl.UInt32)]
    names = tracks.select("track_uri", "track_name", "artist_name")[rows["track"].cast(pl.UInt32)]
    return rows.with_columns(*ids.get_columns(), *names.get_columns()).select(
        "playlist", "id", "pid", "rank", "score", "track", "track_uri", "track_name", "artist_name", "hit"
    )
