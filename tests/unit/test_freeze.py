"""A trained model with artists and albums, frozen as its job does."""

import logging

import pytest
import torch
from pyg_cases import relations_of_tastes, train_into, two_tastes, write_graph
from safetensors.torch import load_file

from segue.evaluate.freeze import frozen_model
from segue.evaluate.pretended import best_stand_in
from segue.graph.split import load_split
from segue.nn.pattern import Pattern
from segue.scorers.blend import Blend, save_blend
from segue.scorers.load import load_scorer

NAMES = ("model", "validated")
RELATIONS = {"aggregate": "sum", "strength": 1.0, "weights": "learnable", "degrees": "all"}


@pytest.mark.parametrize(
    ("conv", "prior", "kinds"), [("lgc", 0.5, ["artist", "album"]), ("sage", None, ["album"])]
)
def test_it_scores_what_the_trained_model_does_and_says_what_stands_in(tmp_path, caplog, conv, prior, kinds):
    results = write_graph(tmp_path, two_tastes(), relations_of_tastes())
    train_into(results, conv, prior=prior, relations=RELATIONS | {"kinds": kinds})
    (folder,) = (results / "models").iterdir()
    sources = {name: folder / f"{name}.safetensors" for name in NAMES}
    sources |= {name: results / f"split/{name}.safetensors" for name in ("split", "relations")}
    sources["tracks"] = results / "graph/tracks.parquet"
    caplog.set_level(logging.INFO)
    options = {"recall_k": 5, "max_playlists": None, "seed": 1, "block_mb": 1}
    ours = frozen_model("mine", {name: str(path) for name, path in sources.items()}, **options)
    ours.save(tmp_path / "a")
    loaded = load_scorer(tmp_path / "a")
    rows, split = load_file(folder / "embeddings.safetensors"), load_split(sources["split"])
    given = Pattern.from_edges(*split.train_and_validation, (split.num_playlists, split.num_tracks))
    own = load_file(sources["model"])["embedding"][: split.num_playlists]
    torch.testing.assert_close(loaded.tracks, rows["tracks"], rtol=1e-5, atol=1e-5)
    embedded = loaded.embed(given, own, counted=True)
    torch.testing.assert_close(embedded, rows["playlists"], rtol=1e-5, atol=1e-5)

    recalls = ours.facts["cold_recalls"]
    assert (ours.nodes.inputs, ours.nodes.popularity) == tuple(map(best_stand_in, recalls.values()))
    assert [*recalls] == ["inputs", "popularity"]
    assert [*ours.nodes.kinds] == kinds
    assert f"input {ours.nodes.inputs} for a cold track that is given: validation Recall@5" in caplog.text
    assert caplog.text.count("chosen") == 3

    save_blend(tmp_path / "both", [tmp_path / "a"] * 2, [1, 1], loaded.facts)
    blend = load_scorer(tmp_path / "both")
    assert isinstance(blend, Blend)
    assert torch.equal(blend.members[1].scores(given), loaded.scores(given))
