"""The examples of docs/pyg.md, run as they stand there."""

import ast
import re
from pathlib import Path

import polars as pl
import pytest
import torch
import yaml
from pyg_cases import relations_of_tastes, train_into, two_tastes, write_graph
from safetensors.torch import load_file

from segue.nn.encoder import Encoder
from segue.run.config import check_config, read_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/pyg.md").read_text(encoding="utf-8")
GRAPH, RELATED, OWN, TRAINED = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(BY_CLASS,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With the results of a run that has trained GraphSAGE."""
    folder = tmp_path_factory.mktemp("docs")
    train_into(write_graph(folder / "results", two_tastes()), "sage")
    return folder


def run(example, folder, monkeypatch):
    """The example's names, run in ``folder`` as the working directory."""
    monkeypatch.chdir(folder)
    names = {}
    with torch.random.fork_rng():
        exec(example, names)  # noqa: S102, our own page
    return names


def schema():
    return yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())


def test_the_graph_of_a_run(folder, monkeypatch, capsys):
    names = run(GRAPH, folder, monkeypatch)
    split = two_tastes()
    assert torch.equal(names["edges"].edge_index, split.train_message)
    assert "20 24\n['Song 0', 'Song 1', 'Song 2'] [None, 'list 20', 'list 30']\n" in capsys.readouterr().out


def test_artists_and_albums(tmp_path, monkeypatch, capsys):
    write_graph(tmp_path / "results/hetero", two_tastes(), relations_of_tastes())
    for kind, count in relations_of_tastes().num_nodes.items():
        names = [f"{kind} {at}" for at in range(count)]
        table = pl.DataFrame({f"{kind}_uri": names, f"{kind}_name": names})
        table.write_parquet(tmp_path / f"results/hetero/graph/{kind}s.parquet")
    names = run(RELATED, tmp_path, monkeypatch)
    assert "['playlist', 'track', 'artist', 'album'] ['artist 0', 'artist 1'," in capsys.readouterr().out
    assert len(names["layer"].convs) == 8
    listed = re.findall(r'`(\("\w+", "\w+", "\w+"\))` \|', PAGE)
    assert {ast.literal_eval(kind) for kind in listed} == set(names["kinds"])


def test_a_graph_of_your_own(folder, monkeypatch, capsys):
    run(OWN, folder, monkeypatch)
    assert capsys.readouterr().out == "books/config.yaml\n"
    config = read_config(ROOT / "config/config.yaml", folder / "books/config.yaml")
    check_config(config, schema())
    assert Path(config["results"]) == folder / "books/results"


def test_convolutions_by_their_class(folder):
    (folder / "by_class.yaml").write_text(BY_CLASS)
    config = read_config(ROOT / "config/config.yaml", folder / "by_class.yaml")
    check_config(config, schema())
    assert config["sweep"]["conv"] == ["lgc", "graph", "gatv2"]
    for conv, layer in (("graph", "GraphConv(8, 8)"), ("gatv2", "GATv2Conv(8, 8, heads=4)")):
        model = Encoder(conv, 10, dim=8, generator=torch.Generator(), **config["model"][conv])
        assert [str(each.layer) for each in model.convs] == [layer] * 2


def test_a_trained_model(folder, monkeypatch):
    z = run(TRAINED, folder, monkeypatch)["z"]
    expected = load_file(folder / "results/models/sage-random-fixed/embeddings.safetensors")
    torch.testing.assert_close(z["playlist"], expected["playlists"], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(z["track"], expected["tracks"], rtol=1e-5, atol=1e-5)
