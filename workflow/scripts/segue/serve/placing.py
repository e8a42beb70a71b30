"""Where a playlist that nobody trained on lies on a model's map of playlists."""

from pathlib import Path

import polars as pl
from torch import Tensor
from torch.nn.functional import normalize

from segue.errors import SegueError, shown
from segue.graph.split import load_split, of_playlists
from segue.nearest import likest
from segue.nn.pattern import Pattern
from segue.scorers.frozen import Frozen
from segue.serve.asked import checked_playlists, none_known
from segue.serve.continuation import load
from segue.serve.forms import Playlist
from segue.serve.from_core import FromCore

NEIGHBOURS = 10
CLOSE = 1e-3  # added to squared distances, so that the very same tracks do not weigh without bound
Position = tuple[float, float, float]


class NoMapError(SegueError):
    """A model has no map of playlists."""


class Placing:
    r"""The map of a model's last epoch, on which playlists are placed among those that are like them.

    All are compared in the model's own embedding space, where the playlists of the map, too, are embedded by
    their tracks alone (of train and validation edges), as ``Frozen.embed`` does with any. A new one lies at

    .. math:: \frac{\sum_{q \in N} w_q y_q}{\sum_{q \in N} w_q}, \qquad
        w_q = \frac{1}{2 - 2 \cos(z, z_q) + \varepsilon}

    with N its NEIGHBOURS by the cosine, y_q their places on the map, and a small epsilon: inverse distance
    weighting (Shepard 1968). So it is no UMAP of its own, and moves nobody.

    ``points``: playlist Int32, the index in the graph, pid Int64, title String and x, y, z Float32, a row a
    playlist of the map. ``epoch``: of which the map is.
    """

    points: pl.DataFrame
    epoch: int

    def __init__(self, model: FromCore, epoch: int, points: pl.DataFrame, embedded: Tensor):
        """``embedded``: [n, d'] the rows of ``points``, as ``model.embed`` gives them."""
        self._model, self.epoch, self.points = model, epoch, points
        self._vectors = self._directions(embedded)
        self._places = points.select("x", "y", "z").to_torch(dtype=pl.Float32)

    @classmethod
    def load(cls, results: str | Path, model: FromCore | str) -> "Placing":
        """Of the run in the folder ``results``, and a network of it that has a map: by its name, or as
        ``segue.load`` gives it.

        Reads maps/{model}.parquet, graph/playlists.parquet and split/split.safetensors. Raises NoMapError
        where the model has no map, or is no network.
        """
        results = Path(results)
        name = model if isinstance(model, str) else model.name
        path = results / f"maps/{name}.parquet"
        if not path.is_file():
            raise _no_map(results, name)
        model = load(results, name) if isinstance(model, str) else model
        if not isinstance(model, FromCore) or not isinstance(model.scorer, Frozen):
            raise _no_map(results, name)
        table = pl.read_parquet(path)
        epoch = table["epoch"].max()
        places = table.filter(epoch=epoch).drop_nulls("playlist").select("playlist", "x", "y", "z")
        playlists = pl.read_parquet(results / "graph/playlists.parquet", columns=["playlist", "pid", "name"])
        points = places.join(playlists, on="playlist", how="left", maintain_order="left")
        points = points.select("playlist", "pid", pl.col("name").alias("title"), "x", "y", "z")
        chosen = of_playlists(
            load_split(results / "split/split.safetensors"), points["playlist"].to_torch().long()
        )
        theirs = chosen.train_and_validation
        given = Pattern.from_edges(*theirs, (chosen.num_playlists, chosen.num_tracks))
        return cls(model, epoch, points, model.scorer.embed(given))

    def place(self, playlist: Playlist, n: int = NEIGHBOURS) -> tuple[Position, pl.DataFrame]:
        """The place (x, y, z) of ``playlist``, and the ``n`` playlists of the map that are most like it: pid
        Int64, title String, similarity Float32, the cosine, from -1 to 1, the highest first.

        Raises SegueError where none of its tracks is in the graph, nor stood for by another.
        """
        model = self._model
        (playlist,) = checked_playlists([playlist], model.raw_ids, model.index.__contains__)
        given = model.index.find([playlist.tracks]).attached
        if not given.cols.numel():
            raise SegueError(
                "The playlist has no place on the map.",
                where="place",
                found=none_known(len(playlist.tracks)),
                expected="a track that stands on enough playlists of the run",
                fix="add such a track",
            )
        similarity = self._vectors @ self._directions(model.embed(given))[0]
        near = similarity.sort(descending=True, stable=True)
        count = min(NEIGHBOURS, len(similarity))
        weights = 1 / (2 - 2 * near.values[:count].clamp(max=1) + CLOSE)
        x, y, z = (weights @ self._places[near.indices[:count]] / weights.sum()).tolist()
        nearest = self.points[near.indices[:n].tolist()].select("pid", "title")
        return (x, y, z), nearest.with_columns(similarity=pl.Series(near.values[:n].numpy()))

    def _directions(self, rows: Tensor) -> Tensor:
        """[n, d] unit vectors; without the popularity prior's column, which is alike for all playlists."""
        prior = self._model.scorer.score.prior
        return normalize(rows if prior is None else rows[:, :-1], dim=1)


def _no_map(results: Path, name: str) -> NoMapError:
    tables = (results / "maps").glob("*-*.parquet")
    mapped = sorted(path.stem for path in tables if "." not in path.stem)
    return NoMapError(
        "The model has no map of playlists.",
        where=str(results / "maps"),
        found=shown(name) + likest(name, mapped),
        expected="one of " + ", ".join(mapped) if mapped else "a run that has drawn maps",
        fix="name one of these, or draw a network's map: maps.models lists them in the configuration",
    )
