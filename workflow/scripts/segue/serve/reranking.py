"""The second stage of a run, with the channels that it ranks by, read from the folder of the results."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from segue.catalogue.catalogue import Catalogue
from segue.channels.fitted import Fitted
from segue.channels.joint import Joint
from segue.channels.table import load_channels
from segue.channels.title_encoder import TitleEncoder
from segue.errors import SegueError
from segue.rerank.features import Features
from segue.rerank.stage import Reranker, SecondStage
from segue.run.registry import BASELINES
from segue.run.results import CHANNELS, STAGE, TITLE_ENCODER, scorer_file
from segue.scorers.base import Scorer
from segue.scorers.load import load_scorer


def load_features(
    results: str | Path,
    joint: Joint,
    models: Sequence[str],
    blend: Mapping[str, float],
    candidates: int,
    title_encoder: bool,
) -> Features:
    """``models``: of the run, whose scores are channels too; ``blend``, ``candidates``: of ``Features``;
    ``title_encoder``: whether the run has one."""
    results = Path(results)
    fitted = Fitted.load(results / Path(CHANNELS[0]).parent, joint.catalogue)
    scorers = {name: _scorer(results, name) for name in models}
    networks, baselines = (
        [scorer for name, scorer in scorers.items() if (name in BASELINES) == is_baseline]
        for is_baseline in (False, True)
    )
    encoder = TitleEncoder.load(results / TITLE_ENCODER, joint.catalogue.digest) if title_encoder else None
    dense, pairs = load_channels(joint, fitted, networks, baselines, encoder)
    return Features(dense, pairs, blend, candidates)


def load_reranker(results: str | Path, joint: Joint) -> Reranker:
    """What ``fit_rerank`` has made in the folder ``results``. Raises SegueError where a file is missing, or
    is of another catalogue."""
    catalogue: Catalogue = joint.catalogue
    stage = SecondStage.load(Path(results) / STAGE, catalogue.digest)
    asked = {name: stage.settings[name] for name in ("models", "blend", "candidates", "title_encoder")}
    features = load_features(results, joint, **asked)
    return Reranker(stage, features, catalogue.num_candidates, catalogue.artist)


def _scorer(results: Path, name: str) -> Scorer:
    path = results / scorer_file(name)
    if not path.is_file():
        raise SegueError(
            "A model is missing whose scores the second stage ranks by.",
            where=str(results),
            found=f"no file {path}",
            expected="the scorers of all models that the second stage was fitted with",
            fix=f"snakemake --cores 8 -- {path}",
        )
    return load_scorer(path)
