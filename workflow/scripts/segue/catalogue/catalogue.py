"""What answers may come from: every track of enough playlists, and all playlists that hold them."""

import functools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from segue.catalogue.queries import Queries
from segue.catalogue.tables import CatalogueTables
from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.files import atomic, save_table
from segue.graph.tables import core_digest
from segue.run.results import CATALOGUE_FILES

KEY = "segue"


class Catalogue:
    """P playlists, N tracks by degree, and of these the first C as candidates.

    ``tracks``, ``playlists``: as in ``tables.CatalogueTables``. In CSR, and memory-mapped: ``rowptr`` [P + 1]
    int64 and ``cols`` [E] int32, the tracks of each playlist, rising; ``t_rowptr`` [N + 1] int64 and
    ``t_cols`` [E] int32, the playlists of each track, rising; ``ends`` [P] int64, where in ``cols`` the
    candidates of each playlist end. ``degree`` [N] int32; ``core``, ``artist``, ``album`` [N] int32, -1 for
    none. ``digest``: ``tables.core_digest`` of the candidates, by which models know what they score.
    """

    def __init__(self, folder: str | Path):
        """Reads what ``save_catalogue`` wrote to ``folder``. Raises SegueError where a file is missing."""
        folder = Path(folder)
        for name in CATALOGUE_FILES:
            if not (folder / name).is_file():
                raise SegueError(
                    "The run has no catalogue.",
                    where=str(folder),
                    found=f"no file {name}",
                    expected=", ".join(CATALOGUE_FILES),
                    fix="set candidates.min_degree, and make it: snakemake --cores 8 -- "
                    f"{folder / 'listed.safetensors'}",
                )
        self.folder = folder
        self.tracks = pl.read_parquet(folder / "tracks.parquet")
        self.playlists = pl.read_parquet(folder / "playlists.parquet")
        with safe_open(str(folder / "listed.safetensors"), framework="pt") as file:
            about = json.loads(file.metadata()[KEY])
            arrays = {name: file.get_tensor(name).numpy() for name in file.keys()}  # noqa: SIM118, no dict
        self.num_candidates: int = about["num_candidates"]
        self.digest: str = about["digest"]
        self.rowptr, self.cols, self.ends = (arrays[name] for name in ("rowptr", "cols", "ends"))
        self.t_rowptr, self.t_cols = arrays["t_rowptr"], arrays["t_cols"]
        self.degree = self.tracks["degree"].to_numpy()
        self.core, self.artist, self.album = (
            self.tracks[name].fill_null(-1).to_numpy() for name in ("core", "artist", "album")
        )

    @property
    def num_playlists(self) -> int:
        return len(self.rowptr) - 1

    @property
    def num_tracks(self) -> int:
        """N, those that are no candidates among them."""
        return len(self.t_rowptr) - 1

    @functools.cached_property
    def titles(self) -> TitleIndex:
        return TitleIndex.load(self.folder / "titles.safetensors")

    @functools.cached_property
    def size(self) -> np.ndarray:
        """[P] int64, tracks of each playlist."""
        return np.diff(self.rowptr)

    @functools.cached_property
    def _row(self) -> dict[str, int]:
        return dict(zip(self.tracks["track_uri"], range(self.num_tracks), strict=True))

    def __contains__(self, uri: str) -> bool:
        return uri in self._row

    def rows(self, uris: Iterable[str]) -> np.ndarray:
        """int64, the index of each of ``uris``; -1 where the catalogue does not have it."""
        return np.array([self._row.get(uri, -1) for uri in uris], dtype=np.int64)

    def queries(self, playlists: Sequence[Sequence[str]], titles: Sequence[str | None]) -> Queries:
        """``playlists``: the track uris of each; one that repeats counts once, an unknown one not at all."""
        return Queries.of([self.rows(dict.fromkeys(uris)) for uris in playlists], titles, self.num_tracks)


def save_catalogue(tables: CatalogueTables, min_degree: int, folder: str | Path) -> None:
    """Writes CATALOGUE_FILES. Candidates are the tracks of ``min_degree`` playlists or more."""
    folder, listed = Path(folder), tables.listed
    num_candidates = int((tables.tracks["degree"] >= min_degree).sum())
    by_track = listed.tocsc()
    before = np.zeros(listed.nnz + 1, dtype=np.int64)
    np.cumsum(listed.indices < num_candidates, out=before[1:])
    rowptr = listed.indptr.astype(np.int64)
    arrays = {
        "rowptr": rowptr,
        "cols": listed.indices.astype(np.int32, copy=False),
        "ends": rowptr[:-1] + before[rowptr[1:]] - before[rowptr[:-1]],
        "t_rowptr": by_track.indptr.astype(np.int64),
        "t_cols": by_track.indices.astype(np.int32, copy=False),
    }
    digest = core_digest(tables.tracks["track_uri"][:num_candidates])
    about = {KEY: json.dumps({"num_candidates": num_candidates, "digest": digest})}
    save_table(tables.tracks, folder / "tracks.parquet")
    save_table(tables.playlists, folder / "playlists.parquet")
    TitleIndex.of(tables.playlists["name"]).save(folder / "titles.safetensors")
    with atomic(folder / "listed.safetensors", sum(array.nbytes for array in arrays.values())) as temporary:
        save_file({name: torch.from_numpy(array) for name, array in arrays.items()}, temporary, about)
