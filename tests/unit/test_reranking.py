"""The second stage of a run's folder: read with its channels, and refused where something is missing."""

import json

import numpy as np
import pytest
import torch
from catalogue_cases import make_catalogue, uris

from segue.channels.fitted import Fitted
from segue.channels.joint import Joint
from segue.channels.table import BLEND
from segue.errors import SegueError
from segue.files import write_json
from segue.graph.tables import core_digest
from segue.rerank.logistic import GROUPS, Logistic
from segue.rerank.stage import SecondStage
from segue.scorers.baselines import Popularity
from segue.serve.rankers import load_ranker
from segue.serve.reranking import load_features

PLAYLISTS = [("Rock", "abcd"), ("rock", "abce"), ("Pop", "cdef"), ("pop", "efa"), (None, "bd")]
JOINT = {"shrinkage": 20.0, "title": 0.2, "neighbours": 1000, "power": 2.0, "position": 0.0}


@pytest.fixture
def run(tmp_path):
    """A folder of results, and its catalogue: tracks a to f, of which a to d are in the core."""
    catalogue = make_catalogue(tmp_path / "catalogue", PLAYLISTS, core="abcd")
    write_json(tmp_path / "models/joint/chosen.json", {"settings": JOINT})
    Fitted.of(catalogue, rank=2, seed=1).save(tmp_path / "channels", catalogue.digest)
    facts = {
        "model": "knn",
        "catalogue": core_digest(catalogue.tracks.drop_nulls("core").sort("core")["track_uri"]),
    }
    Popularity(torch.tensor([3.0, 3, 3, 3]), facts).save(tmp_path / "models/knn/scorer.safetensors")
    return tmp_path, catalogue


def save_stage(folder, catalogue, weighed):
    """A second stage of one feature."""
    features = load_features(folder, Joint(catalogue, **JOINT), ["knn"], BLEND, 500, False)
    shape = len(GROUPS), len(features.names)
    weights = np.zeros(shape)
    weights[:, features.names.index(weighed)] = 1
    model = Logistic(np.zeros(shape), np.ones(shape), weights, np.zeros(len(GROUPS)))
    settings = {"blend": BLEND, "candidates": 500, "models": ["knn"], "artist_credit": 0.0}
    stage = SecondStage(
        "logistic", model, features.names, catalogue.digest, settings | {"title_encoder": False}
    )
    stage.save(folder / "models/rerank/rerank.safetensors")


def test_the_ranker_of_a_folder(run):
    folder, catalogue = run
    save_stage(folder, catalogue, "joint")
    ranker = load_ranker(folder, "rerank", catalogue)
    assert ranker.facts["model"] == "rerank"
    asked = catalogue.queries([uris("a"), []], ["rock", "Pop"])
    joint = load_ranker(folder, "joint", catalogue).scores(asked).numpy()
    scores = ranker.scores(asked).numpy()
    for row, given in enumerate(([catalogue.rows(uris("a"))[0]], [])):
        free = [track for track in range(6) if track not in given]
        by_stage, by_joint = (sorted(free, key=lambda t: (-own[row, t], t)) for own in (scores, joint))
        top = [track for track in by_joint if joint[row, track] > 0]
        assert by_stage[: len(top)] == top
    assert ranker.features.groups["knn"] == "baselines"


def test_a_folder_that_lacks_something_is_refused(run):
    folder, catalogue = run
    with pytest.raises(SegueError, match="no file of a second stage"):
        load_ranker(folder, "rerank", catalogue)
    save_stage(folder, catalogue, "joint")
    (folder / "models/knn/scorer.safetensors").unlink()
    with pytest.raises(
        SegueError, match=r"(?s)model is missing.*snakemake --cores 8 -- .*/models/knn/scorer"
    ):
        load_ranker(folder, "rerank", catalogue)


def test_another_catalogue_is_refused(run, tmp_path_factory):
    folder, catalogue = run
    save_stage(folder, catalogue, "joint")
    other = make_catalogue(tmp_path_factory.mktemp("other"), [*PLAYLISTS, ("New", "xyz")])
    with pytest.raises(SegueError, match="trained on another catalogue"):
        load_ranker(folder, "rerank", other)


def test_settings_are_plain_text(run):
    folder, catalogue = run
    save_stage(folder, catalogue, "joint")
    settings = SecondStage.load(folder / "models/rerank/rerank.safetensors", catalogue.digest).settings
    assert json.loads(json.dumps(settings)) == settings
