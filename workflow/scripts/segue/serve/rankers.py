"""The rankers of a run, read from its folder of results."""

from pathlib import Path

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.rankers import Ranker
from segue.channels.joint import Joint
from segue.channels.network import Network
from segue.errors import SegueError
from segue.files import read_json
from segue.run.results import EXTENDED, JOINT, network_of, own_files
from segue.scorers.load import load_scorer
from segue.serve.from_catalogue import FromCatalogue


def from_catalogue(results: str | Path, model: str) -> FromCatalogue:
    """What answers from the catalogue of the run in the folder ``results`` by the name of ``model``."""
    catalogue = Catalogue(Path(results) / "catalogue")
    return FromCatalogue(load_ranker(results, model, catalogue), catalogue)


def load_ranker(results: str | Path, name: str, catalogue: Catalogue) -> Ranker:
    """``name``: JOINT, or a network's with EXTENDED. Reads ``results.own_files``. Raises SegueError where
    there is no such ranker."""
    results = Path(results)
    if name == JOINT:
        return Joint(catalogue, **read_json(results / f"models/{JOINT}/chosen.json")["settings"])
    if network_of(name):
        return Network(load_scorer(results / own_files(name)[0]), catalogue)
    raise SegueError(
        "No model of this name answers from the catalogue.",
        where=str(results),
        found=repr(name),
        expected=f"{JOINT}, or the name of a network and {EXTENDED}",
        fix="correct the name",
    )
