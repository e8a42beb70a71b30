"""Which of a playlist's tracks pull a proposal, and how strongly."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from segue.channels.network import Network
from segue.errors import SegueError, shown
from segue.scorers.base import Scorer
from segue.scorers.cold import with_cold
from segue.scorers.pulls import is_sum, pulls_of, pulls_of_many
from segue.serve.answering import Continuation
from segue.serve.asked import checked_playlists, checked_proposals
from segue.serve.forms import Playlist
from segue.serve.from_catalogue import FromCatalogue
from segue.serve.from_core import FromCore

WHERE = "pulls"
EXPLAINS = ("exact", "leave-one-out", "no")


def explains(model: Continuation) -> str:
    """How ``pulls`` explains the scores of ``model``: of EXPLAINS; no where it ranks by many channels."""
    scorer = _scorer(model)
    if scorer is None:
        return EXPLAINS[-1]
    return EXPLAINS[0] if is_sum(scorer) else EXPLAINS[1]


def _scorer(model: Any) -> Scorer | None:
    """What scores tracks by the given ones; None where that is not all that ``model`` ranks by."""
    if isinstance(model, FromCore):
        return model.scorer
    is_network = isinstance(model, FromCatalogue) and isinstance(model.scorer, Network)
    return model.scorer.frozen if is_network else None


def pulls(
    model: Continuation, playlist: Playlist | Sequence[str], tracks: Sequence[int | str]
) -> pl.DataFrame:
    """Why a model proposes tracks: what each track of ``playlist`` adds to the scores of ``tracks``.

    ``model``: what ``load`` or ``add_tracks`` returns, of a network, a baseline or a blend. ``tracks``: uris,
    or indices in the graph, as in column track of an answer of ``continue_playlists``.

    Columns:

    - ``given`` Int32: the place in the playlist's tracks, from 0; ``given_name`` String: what that is called
    - ``track_uri``, ``track_name`` String: of ``tracks``
    - ``pull`` Float32
    - ``exact`` Boolean

    Of each of ``tracks``, in their order, there are the given ones, the strongest pull first. A track that
    occurs again counts where it comes first; where one outside the graph is stood for by another, or by the
    same as another, they share its pull alike; one that is of no use has no row.

    Where ``exact``, the pulls of a track add up to its score, with one row more, last, where given is null:
    what none of the given tracks brings, such as the popularity in a score. So it is with LightGCN,
    GraphSAGE, all baselines, and blends of these: each has scores that are sums over given tracks, with what
    belongs to the playlist as a whole (its number of tracks, the length of its embedding) taken as it is.
    Else, as with GAT's attention, a pull is what the score loses without the track, all others as they are.

    No row at all where the answer is by a title or popularity alone.

    Raises SegueError where the model ranks by many channels at once, as a second stage does, or one of
    ``tracks`` is none that it proposes.
    """
    if _scorer(model) is None:
        raise SegueError(
            "The model cannot tell which tracks pull a proposal.",
            where=WHERE,
            found=model.name if isinstance(model, Continuation) else shown(model),
            expected="a network, a baseline or a blend",
            fix="ask one of these: segue.models lists them",
        )
    (playlist,) = checked_playlists([playlist], model.raw_ids, model.index.__contains__, WHERE)
    wanted = _indices(model, checked_proposals(tracks, WHERE))
    distinct, of_wanted = wanted.unique(return_inverse=True)
    ((places, of_given, rest),) = pulled(model, [playlist.tracks], [distinct])
    of_given, rest = of_given[:, of_wanted.numpy()], None if rest is None else rest[of_wanted.numpy()]
    return _table(model, playlist.tracks, wanted, places, of_given, rest)


# Places [k] int32 in the playlist of the tracks that are of use; [k, n] float32, their pulls; and [n]
# float32, the rest, None where all together are no score.
Pulled = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def pulled(model: Continuation, playlists: Sequence[Sequence[str]], tracks: Sequence[Tensor]) -> list[Pulled]:
    """What ``pulls`` tells of each of ``playlists``, uris, as arrays; ``tracks``: [n] int64 for each,
    distinct indices in the graph."""
    given = [_given(model, uris) for uris in playlists]
    some = [row for row, (places, _) in enumerate(given) if len(places) and len(tracks[row])]
    distinct = {row: given[row][1].unique(return_inverse=True, return_counts=True) for row in some}
    asked = {row: _asked(model, distinct[row][0], tracks[row]) for row in some}
    scorer = _scorer(model)
    same = [row for row in some if asked[row][0] is scorer]
    of_same = pulls_of_many(scorer, *zip(*(asked[row][1:] for row in same), strict=True)) if same else []
    found = dict(zip(same, of_same, strict=True))
    found |= {row: pulls_of(*asked[row]) for row in some if row not in found}
    all_found: list[Pulled] = [
        (places, np.empty((0, len(mine)), np.float32), None)
        for (places, _), mine in zip(given, tracks, strict=True)
    ]
    for row, mine in found.items():
        _, of_place, shared = distinct[row]
        of_given = mine.of_given[of_place] / shared[of_place, None]
        all_found[row] = given[row][0], of_given.numpy(), mine.rest.numpy() if mine.exact else None
    return all_found


def _indices(model: Continuation, tracks: Sequence[int | str]) -> Tensor:
    """[n] int64, of tracks that the model orders."""
    known = model.index.find([[one] if isinstance(one, str) else [] for one in tracks]).known
    index = np.array([-1 if isinstance(one, str) else one for one in tracks], dtype=np.int64)
    index[known.rows.numpy()] = known.cols.numpy()
    bad = np.flatnonzero((index < 0) | (index >= model.scorer.num_tracks))
    if len(bad):
        raise SegueError(
            "A track is none that the model proposes.",
            where=WHERE,
            found=shown(tracks[bad[0]]),
            expected=f"uris of tracks of the graph, or their indices, below {model.scorer.num_tracks:,}",
            fix="ask about what continue_playlists answers: its column track_uri or track",
        )
    return torch.from_numpy(index)


def _given(model: Continuation, uris: Sequence[str]) -> tuple[np.ndarray, Tensor]:
    """Places [k] in the playlist of the tracks that are of use, and what they are attached by, [k] int64."""
    first: dict[str, int] = {}
    for place, uri in enumerate(uris):
        first.setdefault(uri, place)
    if isinstance(model, FromCore):
        cols = model.index.attached(first)
    else:
        cols = model.scorer.attached(model.index.rows(first))
    places = np.array([*first.values()], dtype=np.int32)
    return places[cols >= 0], torch.from_numpy(cols[cols >= 0]).long()


def _asked(model: Continuation, given: Tensor, tracks: Tensor) -> tuple[Scorer, Tensor, Tensor]:
    """What scores ``tracks`` [n] by ``given`` [k], and the indices of both in it: the model, or where tracks
    outside its graph are embedded by their artists and albums, one of these and of ``tracks`` alone."""
    number = model.scorer.num_tracks
    is_outside = given >= number
    if not is_outside.any():
        return _scorer(model), given, tracks
    inside, outside = torch.cat([given[~is_outside], tracks]).unique(), given[is_outside]
    scorer = with_cold(model.scorer.part(inside), *model.index.nodes(outside - number), model.scorer.facts)
    place = torch.searchsorted(inside, given)  # those outside come last, and are as many after it
    place[is_outside] = len(inside) + torch.arange(len(outside))
    return scorer, place, torch.searchsorted(inside, tracks)


def _table(
    model: Continuation,
    uris: Sequence[str],
    tracks: Tensor,
    places: np.ndarray,
    of_given: np.ndarray,
    rest: np.ndarray | None,
) -> pl.DataFrame:
    """``of_given``: [k, n], of those of ``uris`` at ``places`` [k]; ``rest``: [n]."""
    order = np.argsort(-of_given, axis=0, kind="stable")
    given = places[order] if len(of_given) else order
    pull = np.take_along_axis(of_given, order, axis=0)
    if rest is not None:  # a row of no given track
        given, pull = np.vstack([given, np.full_like(given[:1], -1)]), np.vstack([pull, rest])
    # By proposal, its given tracks one after the other.
    given, proposal = given.T.ravel(), np.repeat(tracks.numpy(), len(pull))
    names = pl.Series([*(name for name, _ in model.names(uris)), None], dtype=pl.String)
    proposals = model.core.select("track_uri", "track_name")[pl.Series(proposal).cast(pl.UInt32)]
    return proposals.select(
        pl.Series("given", given, dtype=pl.Int32).replace(-1, None),
        names.gather(np.where(given < 0, len(uris), given)).alias("given_name"),
        "track_uri",
        "track_name",
        pl.Series("pull", pull.T.ravel(), dtype=pl.Float32),
        pl.lit(rest is not None).alias("exact"),
    )
