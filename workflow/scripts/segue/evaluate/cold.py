r"""How well tracks are found that training never saw, by what models and simple rules know of them.

Cold tracks were taken out of the graph with all their edges, and these edges are to be found: for each
playlist, known by its train and validation edges, its cold tracks are ranked among the C cold ones, or among
these and the T tracks of the graph that it is not known to have. References:

==================  ==================================================================================
random              any order is as likely: Recall@K is :math:`\min(1, K / n)` of n candidates
artist popularity   how many train and validation edges the artist's tracks of the graph have
artist overlap      how many of the playlist's tracks are by the artist; of equal ones, the former
==================  ==================================================================================

A candidate whose artist has no track in the graph comes last, and so does one of which a model knows neither
artist nor album; of tracks with one score, each order is as likely (`evaluate.ties`).
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from segue.evaluate.metrics import metrics_of_scores
from segue.evaluate.paired import PERCENTILES, resampled_means
from segue.evaluate.protocol import ScoresOf
from segue.evaluate.relations import MODELS
from segue.graph.split import Split, draw_playlists, of_playlists
from segue.nn.pattern import Pattern
from segue.nn.topk import rows_per_block

RANDOM, POPULARITY, OVERLAP = "random", "artist popularity", "artist overlap"
AMONG = ("cold", "all")
LAST = torch.finfo(torch.float32).min


@dataclass(frozen=True)
class ColdTest:
    """``playlists``: [n] int64, those that are asked about, by index; ``known``: [n, T], their tracks of the
    graph; ``held_out``: [n, C], their cold tracks. ``artist``: [T + C] int64, the artist of each track, of
    those of the graph first, from 0; -1 where it is not known. ``degree``: [T], train and validation edges.
    """

    playlists: Tensor
    known: Pattern
    held_out: Pattern
    artist: Tensor
    degree: Tensor

    @property
    def num_tracks(self) -> int:
        """T, of the graph."""
        return self.known.shape[1]

    @property
    def num_cold(self) -> int:
        return self.held_out.shape[1]

    def of(self, scores_of: ScoresOf, ks: Sequence[int], block_mb: int = 16) -> dict[str, pl.DataFrame]:
        """Of each of AMONG, playlist (Int32) and Recall@K of each playlist. ``scores_of``: [n, T + C]."""
        return {among: self._ranked(scores_of, among, ks, block_mb) for among in AMONG}

    def random(self, ks: Sequence[int]) -> dict[str, pl.DataFrame]:
        """As ``of``, of every order of the candidates."""
        candidates = {
            "cold": torch.full((len(self.playlists),), self.num_cold),
            "all": self.num_tracks + self.num_cold - self.known.degree,
        }
        return {
            among: self._table({f"recall@{k}": (k / count.double()).clamp(max=1) for k in ks})
            for among, count in candidates.items()
        }

    @functools.cached_property
    def popularity(self) -> Tensor:
        """[T + C] float32, of each track's artist; 0 where that has no track in the graph."""
        return self._of_artist(self.degree.float()[None])[0]

    def by_popularity(self, start: int, stop: int) -> Tensor:
        return self.popularity.repeat(stop - start, 1)

    def by_overlap(self, start: int, stop: int) -> Tensor:
        given = self.known.block(start, stop)
        rows, tracks = given.edges()
        counts = torch.zeros(given.shape)
        counts[rows, tracks] = 1
        by_artist = self._of_artist(counts)
        return by_artist + self.popularity / (1 + self.popularity.max())

    def by_model(self, playlists: Tensor, tracks: Tensor, cold: Tensor, is_known: Tensor) -> ScoresOf:
        """Dot products of rows: of all playlists [P, d], of the graph's tracks [T, d] and of the cold ones
        [C, d], of which ``is_known`` [C] says which a model can embed."""
        playlists, rows = playlists[self.playlists], torch.cat([tracks, cold])
        last = self.num_tracks + (~is_known).nonzero()[:, 0]

        def scores(start: int, stop: int) -> Tensor:
            return (playlists[start:stop] @ rows.T).index_fill_(1, last, LAST)

        return scores

    def _of_artist(self, values: Tensor) -> Tensor:
        """[n, T + C]: of each track the sum of ``values`` [n, T] over its artist's tracks of the graph."""
        artist = self.artist[: self.num_tracks]
        known = artist >= 0
        sums = values.new_zeros(len(values), int(self.artist.max()) + 1)
        sums.index_add_(1, artist[known], values[:, known])
        return sums[:, self.artist.clamp(min=0)].mul_(self.artist >= 0)

    def _ranked(self, scores_of: ScoresOf, among: str, ks: Sequence[int], block_mb: int) -> pl.DataFrame:
        first, every = self.num_tracks if among == "cold" else 0, self.num_tracks + self.num_cold
        count, step = every - first, rows_per_block(every, block_mb)
        rows, cold = self.held_out.edges()
        shape = len(self.playlists), count
        held_out = Pattern.from_edges(rows, cold + count - self.num_cold, shape)
        known = self.known.edges() if among == "all" else torch.empty(2, 0, dtype=torch.int64)
        blocks = []

        def scores(start: int, stop: int) -> Tensor:
            parts = (scores_of(row, min(row + step, stop))[:, first:] for row in range(start, stop, step))
            return torch.cat([*parts])

        metrics_of_scores(
            scores, Pattern.from_edges(*known, shape), held_out, ks, block_mb, each=blocks.append
        )
        names = [f"recall@{k}" for k in ks]
        return self._table({name: torch.cat([block[name] for block in blocks]) for name in names})

    def _table(self, recalls: dict[str, Tensor]) -> pl.DataFrame:
        columns = {"playlist": self.playlists} | recalls
        table = pl.DataFrame({name: values.numpy() for name, values in columns.items()})
        return table.with_columns(pl.col("playlist").cast(pl.Int32))


def cold_test(
    split: Split,
    edges: Tensor,
    artist: Tensor,
    max_playlists: int | None,
    seed: int,
) -> ColdTest:
    """The test on ``edges`` [2, E] int64, of playlist and cold track, every cold track with some; ``artist``:
    as there. Where playlists are drawn, they are drawn as in the test, of those with a cold track."""
    num_cold = artist.numel() - split.num_tracks
    chosen = draw_playlists(edges, max_playlists, seed)
    part = of_playlists(split, chosen)
    place = torch.searchsorted(chosen, edges[0]).clamp(max=len(chosen) - 1)
    asked = chosen[place] == edges[0]
    shape = len(chosen), split.num_tracks
    return ColdTest(
        playlists=chosen,
        known=Pattern.from_edges(*part.train_and_validation, shape),
        held_out=Pattern.from_edges(place[asked], edges[1][asked], (len(chosen), num_cold)),
        artist=artist,
        degree=torch.bincount(split.train_and_validation[1], minlength=split.num_tracks),
    )


def cold_table(
    found: Mapping[str, Mapping[str, pl.DataFrame]], models: pl.DataFrame, ks: Sequence[int], seed: int
) -> pl.DataFrame:
    """Recall@K of cold tracks: a row a model or reference, what they are ranked among, and cut-off.

    ``found``: of each name, RANDOM and POPULARITY among them, what ``ColdTest.of`` returned; ``models``: as
    of ``relations.models_table``, of the models, whose columns come first, null of references. Further
    columns: among (String), k (Int32), playlists (Int64), recall with the interval low and high of a
    bootstrap over playlists, ratio_to_random, and gain with gain_low and gain_high: how much higher recall is
    than that of artist popularity, by a paired bootstrap (Float64; null of itself).
    """
    rows = []
    for among in AMONG:
        columns = {
            (name, k): tables[among][f"recall@{k}"].to_numpy() for name, tables in found.items() for k in ks
        }
        values = np.stack([*columns.values()], axis=1)
        means, resampled = values.mean(axis=0), resampled_means(values, seed)
        place = {key: number for number, key in enumerate(columns)}
        for (name, k), own in place.items():
            other, chance = place[POPULARITY, k], place[RANDOM, k]
            interval = np.percentile(resampled[:, own], PERCENTILES)
            gain = [None] * 3
            if name != POPULARITY:
                difference = resampled[:, own] - resampled[:, other]
                gain = [means[own] - means[other], *np.percentile(difference, PERCENTILES)]
            rows.append(
                (name, among, k, len(values), means[own], *interval, means[own] / means[chance], *gain)
            )
    schema = {
        "model": pl.String,
        "among": pl.String,
        "k": pl.Int32,
        "playlists": pl.Int64,
        **dict.fromkeys(
            ("recall", "low", "high", "ratio_to_random", "gain", "gain_low", "gain_high"), pl.Float64
        ),
    }
    table = pl.DataFrame(rows, schema, orient="row")
    table = table.join(models, on="model", how="left", maintain_order="left")
    return table.select(*MODELS, pl.exclude(*MODELS))


def coverage_table(artist: Tensor, album: Tensor, edges: Tensor) -> pl.DataFrame:
    """Of how many cold tracks the graph has the artist, the album, either: a row each.

    ``artist``, ``album``: [C] int64, -1 where there is no node; ``edges``: [2, E], playlist and cold track.
    Returns known_by (String), tracks (Int64), share, and share_of_edges, of the edges (Float64).
    """
    degree = torch.bincount(edges[1], minlength=len(artist)).double()
    known = {"artist": artist >= 0, "album": album >= 0, "artist or album": (artist >= 0) | (album >= 0)}
    rows = [
        (name, int(has.sum()), float(has.double().mean()), float(degree[has].sum() / degree.sum()))
        for name, has in known.items()
    ]
    return pl.DataFrame(rows, ["known_by", "tracks", "share", "share_of_edges"], orient="row")
