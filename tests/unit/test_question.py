"""What is asked, and what is said before any work."""

import pytest
import yaml

from segue.cli.recommend import needed, read_question
from segue.errors import SegueError


def question(**values):
    names = {"PLAYLIST": "chill", "MODEL": "", "N": "10", "CONFIG": ""} | values
    return read_question({f"SEGUE_{name}": value for name, value in names.items()})


@pytest.fixture
def overrides(tmp_path):
    """A function that writes a file of overrides and returns its path."""

    def write(values):
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(values))
        return str(tmp_path / "mine.yaml")

    return write


def test_the_default_configuration_is_the_workflow_s():
    asked = question(PLAYLIST=' $(x) `y` "z" 🔥')
    assert (asked.playlist, asked.model, asked.n) == (' $(x) `y` "z" 🔥', None, 10)
    assert asked.config["graph"]["k_core"] == 10
    assert str(asked.results) == "results"
    assert len(asked.models) == 12
    assert asked.batch_tables()["edges"] == [
        f"results/slices/{batch}/edges.parquet" for batch in ("000", "001")
    ]


def test_another_configuration_is_laid_over_it(overrides):
    path = overrides({"results": "out put", "graph": {"k_core": 3}, "sweep": {"conv": ["sage"]}})
    asked = question(CONFIG=path, MODEL="sage-hard-fixed")
    assert asked.config["graph"] == {"k_core": 3, "expect": {}, "on_mismatch": "warn"}
    assert asked.models == [f"sage-{rest}" for rest in MODELS_OF_A_CONV]
    assert needed(asked)[0] == "out put/models/sage-hard-fixed/embeddings.safetensors"


MODELS_OF_A_CONV = ["random-fixed", "random-learnable", "hard-fixed", "hard-learnable"]


def test_one_model_or_all_to_know_the_best(overrides):
    path = overrides({"data": {"slices": 1}, "sweep": {"conv": ["gat"]}})
    tables = [
        "results/split/split.safetensors",
        "results/graph/edges.parquet",
        "results/graph/playlists.parquet",
        "results/graph/tracks.parquet",
        "results/slices/000/playlists.parquet",
        "results/slices/000/edges.parquet",
        "results/slices/000/tracks.parquet",
    ]
    one = needed(question(CONFIG=path, MODEL="gat-random-fixed"))
    assert one == ["results/models/gat-random-fixed/embeddings.safetensors", *tables]
    assert needed(question(CONFIG=path)) == [
        "results/metrics/best.json",
        *(f"results/models/gat-{rest}/embeddings.safetensors" for rest in MODELS_OF_A_CONV),
        *tables,
    ]


@pytest.mark.parametrize("playlist", ["", "  ", "\ufe0f"])
def test_no_playlist(playlist):
    with pytest.raises(SegueError, match="No playlist was named"):
        question(PLAYLIST=playlist)


@pytest.mark.parametrize("n", [" ", "0", "-1", "1.5", "ten", "٣", "1" * 5000])
def test_no_number(n):
    with pytest.raises(SegueError, match="no number of tracks") as error:
        question(N=n)
    assert error.value.where == "N"


def test_an_unknown_model_is_refused_with_those_of_the_sweep(overrides):
    path = overrides({"sweep": {"conv": ["gat"], "alpha": ["fixed"]}})
    with pytest.raises(SegueError) as error:
        question(MODEL="gat-hrd-fixed", CONFIG=path)
    assert error.value.expected == "one of gat-random-fixed, gat-hard-fixed"
    assert error.value.fix == "did you mean gat-hard-fixed?"
    with pytest.raises(SegueError) as error:
        question(MODEL="../../x", CONFIG=path)
    assert error.value.fix == "correct MODEL, or leave it out for the best"


def test_a_wrong_configuration_is_refused(overrides):
    with pytest.raises(SegueError, match="did you mean 'k_core'"):
        question(CONFIG=overrides({"graph": {"kcore": 3}}))
    with pytest.raises(SegueError, match="cannot be read"):
        question(CONFIG="nowhere.yaml")
