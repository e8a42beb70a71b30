"""The rankers of a run, read from its folder of results."""

from pathlib import Path

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.rankers import Ranker
from segue.channels.joint import Joint
from segue.channels.network import Network
from segue.errors import SegueError
from segue.files import read_json
from segue.run.results import EXTENDED, JOINT, RERANK, network_of, own_files
from segue.scorers.load import load_scorer
from segue.serve.from_catalogue import FromCatalogue
from segue.serve.reranking import load_reranker


def from_catalogue(results: str | Path, model: str) -> FromCatalogue:
    """What answers from the catalogue of the run in the folder ``results`` by the name of ``model``."""
    catalogue = Catalogue(Path(results) / "catalogue")
    return FromCatalogue(load_ranker(results, model, catalogue), catalogue)


def load_ranker(results: str | Path, name: str, catalogue: Catalogue) -> Ranker:
    """``name``: JOINT, RERANK, or a network's with EXTENDED. Reads ``results.own_files``. Raises SegueError
    where there is no such ranker."""
    results = Path(results)
    if name == JOINT:
        return load_joint(results, catalogue)
    if name == RERANK:
        return load_reranker(results, load_joint(results, catalogue))
    if network_of(name):
        return Network(load_scorer(results / own_files(name)[0]), catalogue)
    raise SegueError(
        "No model of this name answers from the catalogue.",
        where=str(results),
        found=repr(name),
        expected=f"{JOINT}, {RERANK}, or the name of a network and {EXTENDED}",
        fix="correct the name",
    )


def load_joint(results: str | Path, catalogue: Catalogue) -> Joint:
    """With the settings that the validation playlists have chosen."""
    return Joint(catalogue, **read_json(Path(results) / f"models/{JOINT}/chosen.json")["settings"])
