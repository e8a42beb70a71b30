"""The rankers of a run, read from its folder of results."""

from pathlib import Path

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.rankers import Ranker
from segue.channels.joint import Joint
from segue.errors import SegueError
from segue.files import read_json
from segue.run.results import JOINT
from segue.serve.from_catalogue import FromCatalogue


def from_catalogue(results: str | Path, model: str) -> FromCatalogue:
    """What answers from the catalogue of the run in the folder ``results`` by the name of ``model``."""
    catalogue = Catalogue(Path(results) / "catalogue")
    return FromCatalogue(load_ranker(results, model, catalogue), catalogue)


def load_ranker(results: str | Path, name: str, catalogue: Catalogue) -> Ranker:
    """``name``: JOINT. Reads ``results.own_files``. Raises SegueError where there is no such ranker."""
    results = Path(results)
    if name == JOINT:
        return Joint(catalogue, **read_json(results / f"models/{JOINT}/chosen.json")["settings"])
    raise SegueError(
        "No model of this name answers from the catalogue.",
        where=str(results),
        found=repr(name),
        expected=JOINT,
        fix="correct the name",
    )
