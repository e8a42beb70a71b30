"""A user's own graph with node types that become artists and albums."""

from pathlib import Path

import polars as pl
import pytest
import torch
import yaml
from pyg_cases import relations_of_tastes, two_tastes, write_graph
from torch_geometric.data import HeteroData
from torch_geometric.transforms import RandomLinkSplit, ToUndirected

import segue
from segue.errors import SegueError
from segue.run.config import check_config, read_config

ROOT = Path(__file__).parents[2]
LIKES = torch.tensor([[0, 0, 1, 1, 2, 2, 2], [0, 3, 1, 2, 0, 1, 3]])
OWNED = torch.tensor([[0, 1, 3], [1, 1, 0]])  # item 2 is of no brand


def graph(owned=OWNED, reverse=True):
    """Users and items of brands, which are in countries."""
    data = HeteroData()
    for node, size in (("user", 3), ("item", 4), ("brand", 2), ("country", 1)):
        data[node].num_nodes = size
    data["brand"].label = ["Quill", "Moss"]
    data["user", "likes", "item"].edge_index = LIKES
    data["brand", "makes", "item"].edge_index = owned.flip([0])
    data["item", "sold_in", "country"].edge_index = torch.tensor([[0, 1], [0, 0]])
    return ToUndirected()(data) if reverse else data


OWNERS = {"artist": "brand", "album": "country"}


def written(path):
    """playlist, track and whose it is, of each edge, and the configuration, which is valid."""
    config = read_config(ROOT / "config/config.yaml", path)
    check_config(config, yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text()))
    (source,) = config["data"]["edges"]["files"]
    return pl.read_parquet(source), config


@pytest.mark.parametrize("reverse", [True, False])
def test_each_edge_says_whose_its_track_is(tmp_path, reverse):
    path = segue.from_hetero_data(graph(reverse=reverse), tmp_path, ids={"brand": "label"}, owners=OWNERS)
    table, config = written(path)
    brand = {0: "Moss", 1: "Moss", 2: None, 3: "Quill"}
    expected = [(user, item, brand[item], 0 if item < 2 else None) for user, item in LIKES.T.tolist()]
    assert table.select("playlist", "track", "artist", "album").rows() == expected
    assert config["graph"]["relations"] == ["artist", "album"]
    assert (config["data"]["edges"]["columns"]["artist"], config["graph"]["min_degree"]) == ("artist", 1)


def test_a_split_graph_keeps_what_is_not_split(tmp_path):
    kinds = {"edge_types": ("user", "likes", "item"), "rev_edge_types": ("item", "rev_likes", "user")}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        stages = RandomLinkSplit(num_val=0.15, num_test=0.3, neg_sampling_ratio=0.0, **kinds)(graph())
    table, _ = written(segue.from_hetero_data(stages, tmp_path, owners=OWNERS))
    assert set(table["split"]) == {"train", "validation", "test"}
    by_item = dict(table.select("track", "artist").rows())
    assert by_item == {0: 1, 1: 1, 2: None, 3: 0}


def test_a_run_s_graph_goes_out_and_in_again(tmp_path):
    relations = relations_of_tastes()
    results = write_graph(tmp_path / "results", two_tastes(), relations)
    for kind, count in relations.num_nodes.items():
        uris = [f"{kind} {at}" for at in range(count)]
        pl.DataFrame({f"{kind}_uri": uris, f"{kind}_name": uris}).write_parquet(
            results / f"graph/{kind}s.parquet"
        )
    stages = [segue.to_hetero_data(results, stage) for stage in ("train", "validation", "test")]
    owners = {kind: kind for kind in relations.num_nodes}
    ids = dict.fromkeys(("track", *owners), "uri")
    table, _ = written(segue.from_hetero_data(stages, tmp_path / "again", ids=ids, owners=owners))
    for kind in owners:
        of_track = relations.of_tracks(kind).tolist()
        found = dict(table.select("track", kind).rows())
        expected = {f"uri {at}": None if node < 0 else f"{kind} {node}" for at, node in enumerate(of_track)}
        assert found == expected


@pytest.mark.parametrize(
    ("data", "owners", "parts"),
    [
        (graph(), {"artist": "brnad"}, ["`owners` names no node type", "'brnad'", "user, item, brand"]),
        (graph(), {"genre": "brand"}, ["`owners` names no node type", "artist or album"]),
        (graph(), {"artist": "brand", "album": "brand"}, ["`owners` names no", "a node type of its own"]),
        (graph(), {"artist": "brand"}, ["not two node types", "3: user, item, country"]),
        (graph(torch.tensor([[0, 0, 1], [0, 1, 1]])), OWNERS, ["type item have several of type brand (1"]),
        (graph(torch.tensor([[0, 0], [1, 1]]), False), OWNERS, ["1 edges more than once"]),
        (graph(torch.tensor([[4], [1]]), False), OWNERS, ["type item that are not there"]),
    ],
)
def test_what_is_no_owner_is_refused_before_anything_is_written(tmp_path, data, owners, parts):
    with pytest.raises(SegueError) as error:
        segue.from_hetero_data(data, tmp_path / "out", owners=owners)
    for part in (*parts, "next step"):
        assert part in str(error.value)
    assert not (tmp_path / "out").exists()


def test_edges_of_owners_that_differ_are_refused(tmp_path):
    data = graph()
    data["item", "rev_makes", "brand"].edge_index = OWNED[:, :1]
    with pytest.raises(SegueError, match="not joined by edges of one kind"):
        segue.from_hetero_data(data, tmp_path, owners=OWNERS)
    del data["brand", "makes", "item"], data["item", "rev_makes", "brand"]
    with pytest.raises(SegueError, match="found: no edge type"):
        segue.from_hetero_data(data, tmp_path, owners=OWNERS)
