"""A run's graph as PyG's HeteroData, held to RandomLinkSplit's, and HeteroData as the data of a run."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from pyg_cases import write_graph
from torch_geometric.data import HeteroData
from torch_geometric.transforms import RandomLinkSplit, ToUndirected

import segue
from segue.data.edge_lists import read_edges
from segue.data.edge_tables import tables
from segue.errors import SegueError
from segue.graph.split import Split, save_split, split_edges
from segue.run.config import check_config, read_config

ROOT = Path(__file__).parents[2]
FORWARD, REVERSE = ("playlist", "contains", "track"), ("track", "rev_contains", "playlist")
EDGES = torch.tensor([[0, 0, 1, 1, 2, 2, 2], [0, 3, 1, 2, 0, 1, 3]])


@pytest.fixture
def split():
    """Each role has edges of its own: 2 pass messages, 1 is supervision only, 1 validation, 3 test edges."""
    return Split(3, 4, EDGES[:, :2], EDGES[:, 2:3], EDGES[:, 3:4], EDGES[:, 4:])


@pytest.fixture
def results(tmp_path, split):
    return write_graph(tmp_path / "results", split)


def graph(edges=EDGES, sizes=(3, 4), reverse=True):
    """A user's own graph."""
    data = HeteroData()
    for node, size in zip(("user", "item"), sizes, strict=True):
        data[node].num_nodes = size
    data["user", "likes", "item"].edge_index = edges
    return ToUndirected()(data) if reverse else data


def linked(data, **settings):
    """Train, validation and test by PyG; with negatives, of which there are few, unless told otherwise."""
    settings = {"neg_sampling_ratio": 0.7} | settings
    kinds = {"edge_types": ("user", "likes", "item"), "rev_edge_types": ("item", "rev_likes", "user")}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return RandomLinkSplit(num_val=0.15, num_test=0.3, **kinds, **settings)(data)


def written(path):
    """The pairs of ids of each role in the run that ``path`` configures, as its tables have them."""
    config = yaml.safe_load(path.read_text())
    (source,) = config["data"]["edges"]["files"]
    column = config.get("split", {}).get("column")
    read = read_edges(source, playlist="playlist", track="track", split=column)
    batch = tables([read.edges], ["edges.parquet"])
    pids, uris = batch.playlists["name"].to_list(), batch.tracks["track_uri"].to_list()
    roles = batch.edges["split"] if column else ["all"] * batch.edges.height
    assert set(batch.edges["count"]) == {1}
    pairs = {}
    for role, p, t in zip(roles, batch.edges["playlist"], batch.edges["track"], strict=True):
        pairs.setdefault(role, set()).add((pids[p], uris[t]))
    return pairs


def texts(edges):
    return {(str(p), str(t)) for p, t in edges.T.tolist()}


@pytest.mark.parametrize(
    ("stage", "message", "supervision"),
    [("train", [0, 1], [2]), ("validation", [0, 1, 2], [3]), ("test", [0, 1, 2, 3], [4, 5, 6])],
)
def test_each_stage_has_its_edges(results, stage, message, supervision):
    data = segue.to_hetero_data(results, stage)
    assert torch.equal(data[FORWARD].edge_index, EDGES[:, message])
    assert torch.equal(data[REVERSE].edge_index, EDGES[:, message].flip([0]))
    assert torch.equal(data[FORWARD].edge_label_index, EDGES[:, supervision])
    assert data[FORWARD].edge_label.tolist() == [1.0] * len(supervision)
    assert data.validate()


def test_nodes_have_names(results):
    data = segue.to_hetero_data(results, "test")
    assert data["playlist"].title == [None, "list 20", "list 30"]
    assert data["playlist"].pid.tolist() == [10, 20, 30]
    assert data["track"].uri == ["uri 0", "uri 1", "uri 2", "uri 3"]
    assert data["track"].name == ["Song 0", "Song 1", "Song 2", "Song 3"]
    assert data["track"].artist == ["Somebody"] * 4
    assert (data["playlist"].num_nodes, data["track"].num_nodes) == (3, 4)


@pytest.mark.parametrize("disjoint", [0.0, 0.4])
def test_it_is_what_random_link_split_gives(tmp_path, disjoint):
    """Keys, types and sizes of every stage, of a graph that both split alike."""
    edges = torch.cartesian_prod(torch.arange(5), torch.arange(8)).T
    ours = split_edges(edges, train=0.55, validation=0.15, test=0.3, disjoint_train_ratio=disjoint)
    write_graph(tmp_path / "results", ours)
    theirs = linked(graph(edges, (5, 8)), neg_sampling_ratio=0.0, disjoint_train_ratio=disjoint)
    for stage, expected in zip(("train", "validation", "test"), theirs, strict=True):
        data = segue.to_hetero_data(tmp_path / "results", stage)
        for kind, other in zip((FORWARD, REVERSE), expected.edge_types, strict=True):
            found, store = data[kind], expected[other]
            assert set(found.keys()) == set(store.keys())
            for key in store:
                assert (found[key].dtype, found[key].shape) == (store[key].dtype, store[key].shape), key


def test_homogeneous_ids_are_segue_s_node_ids(results):
    plain = segue.to_hetero_data(results, "train").to_homogeneous()
    assert plain.edge_index.tolist() == [[0, 0, 3, 6], [3, 6, 0, 0]]


@pytest.mark.parametrize(
    ("stage", "missing", "part"),
    [
        ("tset", None, "did you mean 'test'"),
        ("test", "split/split.safetensors", "split.safetensors"),
        ("test", "graph/tracks.parquet", "tracks.parquet"),
    ],
)
def test_what_cannot_be_had_is_named(results, stage, missing, part):
    if missing:
        (results / missing).unlink()
    with pytest.raises(SegueError, match=part):
        segue.to_hetero_data(results, stage)


def test_the_split_of_another_graph_is_refused(results, split):
    save_split(
        Split(3, 5, split.train, split.train, split.validation, split.test),
        results / "split/split.safetensors",
    )
    with pytest.raises(SegueError, match="another graph"):
        segue.to_hetero_data(results, "test")


@pytest.mark.parametrize("reverse", [True, False])
def test_edges_alone_are_written_without_a_split(tmp_path, reverse):
    path = segue.from_hetero_data(graph(reverse=reverse), tmp_path / "mine")
    assert path == tmp_path / "mine/config.yaml"
    assert written(path) == {"all": texts(EDGES)}


def test_the_three_of_random_link_split_keep_their_stages(tmp_path):
    for negatives in (0.0, 0.7):
        train, validation, test = linked(graph(), neg_sampling_ratio=negatives, is_undirected=True)
        kind = ("user", "likes", "item")
        path = segue.from_hetero_data([train, validation, test], tmp_path / f"{negatives}")
        positives = [
            stage[kind].edge_label_index[:, stage[kind].edge_label > 0] for stage in (validation, test)
        ]
        assert written(path) == {
            "train": texts(train[kind].edge_index),
            "validation": texts(positives[0]),
            "test": texts(positives[1]),
        }
        assert sum(map(len, written(path).values())) == EDGES.size(1)


def test_edges_to_predict_are_tested_and_the_others_train(tmp_path):
    *_, test = linked(graph())
    kind = ("user", "likes", "item")
    pairs = written(segue.from_hetero_data(test, tmp_path))
    assert pairs.keys() == {"train", "test"}
    assert pairs["train"] == texts(test[kind].edge_index)
    assert pairs["train"] | pairs["test"] == texts(EDGES)


def test_a_run_s_graph_goes_out_and_in_again(tmp_path, results, split):
    stages = [segue.to_hetero_data(results, stage) for stage in ("train", "validation", "test")]
    path = segue.from_hetero_data(stages, tmp_path / "again", ids={"playlist": "pid", "track": "uri"})
    named = {
        role: {(str(10 * (p + 1)), f"uri {t}") for p, t in edges.T.tolist()}
        for role, edges in (
            ("train", split.all_train),
            ("validation", split.validation),
            ("test", split.test),
        )
    }
    assert written(path) == named


def test_the_configuration_is_valid_on_top_of_the_workflow_s(tmp_path):
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    *_, test = linked(graph())
    for name, data in (("plain", graph()), ("split", test)):
        path = segue.from_hetero_data(data, tmp_path / name)
        config = read_config(ROOT / "config/config.yaml", path)
        check_config(config, schema)
        assert Path(config["results"]) == (tmp_path / name / "results").resolve()
        assert config["split"]["column"] == ("split" if name == "split" else None)


def third(data):
    data["artist"].num_nodes = 2
    return data


def among_users(data):
    data["user", "follows", "user"].edge_index = torch.tensor([[0], [1]])
    return data


def two_kinds(data):
    data["user", "skips", "item"].edge_index = EDGES[:, :2]
    return data


def without_edges(data):
    del data["user", "likes", "item"].edge_index
    data["user", "likes", "item"].edge_attr = torch.ones(2)
    return data


def of_which(data, edges, key="edge_index"):
    data["user", "likes", "item"][key] = edges
    return data


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (third(graph()), ["two node types", "3: user, item, artist"]),
        (among_users(graph()), ["not bipartite", "follows"]),
        (two_kinds(graph()), ["more than one edge type", "skips"]),
        (without_edges(graph(reverse=False)), ["no edge_index", "edge_attr"]),
        (graph(EDGES[:, [0, 1, 1, 2, 2, 2]]), ["3 edges more than once", "3 different"]),
        (graph(EDGES, (3, 3)), ["type item", "2 in all", "from 0 to 2"]),
        (graph(EDGES - 1), ["type user", "2 in all", "ids from -1 to 1"]),
        (graph(EDGES.float()), ["no edge_index", "torch.float32"]),
        (of_which(graph(), EDGES[:, :2]), ["reverse edge type holds other edges", "rev_likes"]),
        (of_which(graph(), EDGES[:, :2], "edge_label_index"), ["both trained and predicted", "2 edges"]),
        ([graph(), graph()], ["2 object(s)", "RandomLinkSplit"]),
        ([graph(), graph(), graph()], ["train has no edges to predict"]),
    ],
)
def test_what_is_no_bipartite_graph_is_refused_before_anything_is_written(tmp_path, data, parts):
    with pytest.raises(SegueError) as error:
        segue.from_hetero_data(data, tmp_path / "out")
    for part in (*parts, "next step"):
        assert part in str(error.value)
    assert not (tmp_path / "out").exists()


def test_stages_in_another_order_are_refused(tmp_path):
    train, validation, test = linked(graph(), neg_sampling_ratio=0.0)
    with pytest.raises(SegueError, match="different splits"):
        segue.from_hetero_data([train, test, validation], tmp_path)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["a", "a", "b"], "2 different"),
        (["a", "b"], "2 different"),
        (None, "no such attribute"),
        ([1.5, 2, 3], "float"),
    ],
)
def test_ids_that_are_none_are_refused(tmp_path, values, found):
    data = graph()
    if values is not None:
        data["user"].key = values
    with pytest.raises(SegueError, match=found):
        segue.from_hetero_data(data, tmp_path, ids={"user": "key"})


def test_ids_of_an_unknown_node_type_are_refused(tmp_path):
    with pytest.raises(SegueError, match="usre"):
        segue.from_hetero_data(graph(), tmp_path, ids={"usre": "key"})


def test_importing_the_modules_does_not_import_pyg():
    modules = "segue.graph.hetero, segue.graph.hetero_source"
    code = f"import sys, {modules}; sys.exit('torch_geometric' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "workflow/scripts", check=False)
    assert done.returncode == 0
