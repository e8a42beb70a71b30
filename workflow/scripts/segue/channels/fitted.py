"""What channels have of the catalogue beforehand: its artists and albums, their names, and its factors."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.titles import TitleIndex
from segue.channels.credits import Credits
from segue.channels.factors import Factors
from segue.errors import SegueError
from segue.files import atomic
from segue.nn.readable import readable
from segue.run.results import CHANNELS

KEY = "segue"
FITTED, NAMES = (Path(name).name for name in CHANNELS)
CREDITS = ("rowptr", "cols", "counts", "t_rowptr", "t_cols")


@dataclass(frozen=True)
class Fitted:
    """``names``: of the artists, by their numbers, those of tracks that are no candidates among them."""

    artists: Credits
    albums: Credits
    factors: Factors
    names: TitleIndex

    @classmethod
    def of(cls, catalogue: Catalogue, *, rank: int, seed: int) -> "Fitted":
        """``rank``, ``seed``: of ``Factors``."""
        names: list[str | None] = [None] * (int(catalogue.artist.max(initial=-1)) + 1)
        # The name on its most popular track, which comes first.
        for artist, name in catalogue.tracks.select("artist", "artist_name").reverse().iter_rows():
            if artist is not None and artist >= 0:
                names[artist] = name
        return cls(
            Credits.of(catalogue, catalogue.artist),
            Credits.of(catalogue, catalogue.album),
            Factors.of(catalogue, rank, seed),
            TitleIndex.of(names),
        )

    def save(self, folder: str | Path, digest: str) -> None:
        """Writes FITTED and NAMES to ``folder``; ``digest``: of the catalogue's candidates."""
        tensors = {"vectors": self.factors.vectors}
        for kind in ("artists", "albums"):
            tensors |= {f"{kind}.{name}": getattr(getattr(self, kind), name) for name in CREDITS}
        about = {KEY: json.dumps({"catalogue": digest})}
        with atomic(Path(folder) / FITTED, sum(array.nbytes for array in tensors.values())) as temporary:
            save_file({name: torch.from_numpy(array) for name, array in tensors.items()}, temporary, about)
        self.names.save(Path(folder) / NAMES)

    @classmethod
    def load(cls, folder: str | Path, catalogue: Catalogue) -> "Fitted":
        """What ``save`` wrote, memory-mapped. Raises SegueError where it is no such file, or is of another
        catalogue than this."""
        path = Path(folder) / FITTED
        with readable(path, "This is no file of fitted channels.", f"a {FITTED} that Segue made"):
            with safe_open(str(path), framework="pt") as file:
                digest = json.loads((file.metadata() or {})[KEY])["catalogue"]
                arrays = {name: file.get_tensor(name).numpy() for name in file.keys()}  # noqa: SIM118, no dict
            credits = [
                Credits(of_track, *(arrays[f"{kind}.{name}"] for name in CREDITS))
                for kind, of_track in (("artists", catalogue.artist), ("albums", catalogue.album))
            ]
            vectors = arrays["vectors"]
        if digest != catalogue.digest:
            raise SegueError(
                "The channels were fitted on another catalogue.",
                where=str(path),
                found=f"candidates of digest {digest}",
                expected=f"{catalogue.digest}, those of the run's catalogue",
                fix="run the workflow again: it fits them anew",
            )
        factors = Factors(vectors, catalogue.degree[: catalogue.num_candidates])
        return cls(*credits, factors, TitleIndex.load(Path(folder) / NAMES))
