"""The candidates of a run's validation playlists, with all that its channels say of them."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.catalogue.catalogue import Catalogue
from segue.challenge.validation import Validation, read_validation
from segue.channels.table import BLEND, TITLES_IN_BLEND
from segue.jobs import log
from segue.rerank.examples import Examples, collect
from segue.rerank.features import Features
from segue.serve.rankers import load_joint
from segue.serve.reranking import load_features


@dataclass(frozen=True)
class Collected:
    """``examples``: the candidates of the playlists of ``validation`` and their ``features``."""

    catalogue: Catalogue
    validation: Validation
    features: Features
    examples: Examples


@contextmanager
def collected(
    results: str | Path, challenge_set: str, answers: str, near: str | Path, settings: Mapping[str, Any]
) -> Iterator[Collected]:
    """``results``: folder where catalogue, channels and models are; ``challenge_set``, ``answers``: of the
    validation playlists; ``settings``: the configuration's ``rerank``, and whether the run has a
    title_encoder.

    The features lie in a file beside ``near``, which is gone after the block.
    """
    catalogue = Catalogue(Path(results) / "catalogue")
    validation = read_validation(catalogue, challenge_set, answers)
    joint = load_joint(results, catalogue)
    asked = {name: settings[name] for name in ("models", "candidates", "title_encoder")}
    blend = BLEND | TITLES_IN_BLEND if settings["title_encoder"] else BLEND
    features = load_features(results, joint, **asked, blend=blend)
    wanted = validation.starts, validation.wanted
    with tempfile.TemporaryDirectory(dir=Path(near).parent) as folder:
        file = Path(folder) / "values.npy"
        examples = collect(features, validation.queries, *wanted, catalogue.num_candidates, file)
        found = examples.relevant.sum()
        log.info("%d of the %d tracks to be found are candidates", found, len(validation.wanted))
        yield Collected(catalogue, validation, features, examples)
