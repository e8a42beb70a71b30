"""Maps of the run's playlists as models see them, and the place of another one on them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from segue.analysis.groups import alike, by_genre, genres_of
from segue.analysis.view import seen, side_of
from segue.serve.forms import Playlist
from segue.serve.placing import NoMapError, Placing
from segue.web.models import Models
from segue.web.refused import RefusedError
from segue.web.wire import Group, Map, Near, Place, Points

NEAREST = 5


class MapOfModel:
    """As the figures have it: seen from the side that shows its last epoch widest. ``answer``: the map."""

    def __init__(self, placing: Placing, themes: Sequence[Path]):
        self._placing = placing
        points = placing.points
        grouped, groups = by_genre(points, genres_of(points, map(str, themes))) if themes else alike(points)
        self._xyz = points.select("x", "y", "z").to_numpy()
        self._side = side_of(self._xyz)
        x, y, _ = seen(self._xyz, self._side).round(4).T.tolist()
        self.answer = Map(
            placing.epoch,
            Points(points["pid"].to_list(), x, y, grouped["group"].to_list()),
            [Group(one.name, one.colour) for one in groups],
        )

    def place(self, playlist: Playlist) -> Place:
        """One with a pid is the map's own of this pid, which is not among the nearest. Raises SegueError
        where it has no place."""
        place, nearest = self._placing.place(playlist, NEAREST + 1)
        nearest = nearest.filter(pl.col("pid").ne_missing(playlist.pid)).head(NEAREST)
        x, y, _ = seen(np.array([place], np.float32), self._side, of=self._xyz)[0].tolist()
        return Place(x, y, [Near(*row) for row in nearest.iter_rows()])


class Maps:
    """Of ``models`` of the run in the folder ``results``, read when they are first asked for."""

    def __init__(self, results: Path, models: Models):
        self._results, self._models = results, models
        self._maps: dict[str, MapOfModel] = {}

    def of(self, name: str) -> MapOfModel:
        """Raises RefusedError where there is no such model, or no map of it."""
        if name not in self._maps:
            self._maps[name] = self._read(name)
        return self._maps[name]

    def _read(self, name: str) -> MapOfModel:
        self._models.require([name])
        try:
            placing = Placing.load(self._results, self._models.loaded[name])
        except NoMapError as error:
            parts = {"where": "model", "found": error.found, "expected": error.expected}
            raise RefusedError(error.what, status=404, **parts) from error
        return MapOfModel(placing, sorted((self._results / "sample").glob("themes.*.parquet")))
