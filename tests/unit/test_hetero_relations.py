"""Artists and albums in a run's graph as PyG's HeteroData, and that they tell nothing of edges to predict."""

import polars as pl
import pytest
import torch
from pyg_cases import two_tastes, write_graph
from torch_geometric.nn import HeteroConv, SAGEConv
from torch_geometric.transforms import ToUndirected

import segue
from build_relations import build_relations
from segue.errors import SegueError
from segue.graph.split import Split, save_split

STAGES = ("train", "validation", "test")
FORWARD = [("track", "by", "artist"), ("track", "on", "album"), ("album", "by", "artist")]
REVERSE = [("artist", "rev_by", "track"), ("album", "rev_on", "track"), ("artist", "rev_by", "album")]


def write_relations(results, kinds=("artist", "album")):
    """Track i is of artist i // 3, and on album i // 2 but for the last two, which have none."""
    path = results / "graph/tracks.parquet"
    tracks = pl.read_parquet(path)
    album = pl.when(pl.col("track") < tracks.height - 2).then(pl.format("al{}", pl.col("track") // 2))
    tracks.with_columns(
        artist_uri=pl.format("ar{}", pl.col("track") // 3), album_uri=album, album_name=album
    ).write_parquet(path)
    tables = {kind: str(results / f"graph/{kind}s.parquet") for kind in kinds}
    target = results / "split/relations.safetensors"
    build_relations(str(path), tables, str(target), {"min_degree": 2, "raw_ids": False})
    return target


@pytest.fixture
def results(tmp_path):
    folder = write_graph(tmp_path / "results", two_tastes())
    write_relations(folder)
    return folder


def test_it_has_nodes_of_four_types_and_edges_both_ways(results):
    data = segue.to_hetero_data(results, "train")
    nodes, edges = data.metadata()
    assert nodes == ["playlist", "track", "artist", "album"]
    assert set(edges[2:]) == {*FORWARD, *REVERSE}
    assert (data["artist"].num_nodes, data["album"].num_nodes) == (8, 11)
    assert data["artist"].uri == [f"ar{at}" for at in range(8)]
    assert data["album"].name == sorted(f"al{at}" for at in range(11))
    assert data["track", "by", "artist"].edge_index.tolist() == [[*range(24)], [at // 3 for at in range(24)]]
    album = data["track", "on", "album"].edge_index
    names = [data["album"].uri[at] for at in album[1].tolist()]
    assert (album[0].tolist(), names) == ([*range(22)], [f"al{at // 2}" for at in range(22)])
    shared = {(f"al{at // 2}", f"ar{at // 3}") for at in range(22)}
    of_albums = data["album", "by", "artist"].edge_index.T.tolist()
    assert {(data["album"].uri[a], data["artist"].uri[b]) for a, b in of_albums} == shared
    assert data.validate()
    layer = HeteroConv({kind: SAGEConv((-1, -1), 4) for kind in data.edge_types})
    x = {node: torch.ones(data[node].num_nodes, 2) for node in data.node_types}
    assert {node: len(out) for node, out in layer(x, data.edge_index_dict).items()} == data.num_nodes_dict
    both = data.edge_index_dict
    for kind in (("track", "rev_contains", "playlist"), *REVERSE):
        del data[kind]
    again = ToUndirected()(data)
    assert all(torch.equal(again[kind].edge_index, edges) for kind, edges in both.items())
    assert set(again.edge_types) == set(both)


def test_a_relation_is_the_same_at_every_stage_and_nothing_in_it_is_predicted(results):
    stages = [segue.to_hetero_data(results, stage) for stage in STAGES]
    for kind in (*FORWARD, *REVERSE):
        first, *others = (stage[kind].edge_index for stage in stages)
        assert all(torch.equal(first, other) for other in others)
        assert all(list(stage[kind].keys()) == ["edge_index"] for stage in stages)
    labelled = {kind for stage in stages for kind in stage.edge_types if "edge_label" in stage[kind]}
    assert labelled == {("playlist", "contains", "track")}


def test_a_playlist_is_joined_with_tracks_alone(results):
    """Or the artists of tracks that are to be predicted would tell of them."""
    for stage in STAGES:
        kinds = segue.to_hetero_data(results, stage).edge_types
        assert {kind for kind in kinds if "playlist" in kind} == {
            ("playlist", "contains", "track"),
            ("track", "rev_contains", "playlist"),
        }


def test_relations_do_not_depend_on_which_playlists_hold_which_tracks(tmp_path):
    """Of other edges between as many nodes, and so of any edge that is tested, they are the same bytes."""
    split, written = two_tastes(), []
    turned = {
        name: torch.stack([getattr(split, name)[0], (getattr(split, name)[1] + 7) % 24])
        for name in ("train_message", "train", "validation", "test")
    }
    for name, one in (("one", split), ("other", Split(20, 24, **turned))):
        written.append(write_relations(write_graph(tmp_path / name, one)).read_bytes())
    assert written[0] == written[1]
    one, other = (segue.to_hetero_data(tmp_path / name, "test") for name in ("one", "other"))
    kind = "playlist", "contains", "track"
    assert not torch.equal(one[kind].edge_label_index, other[kind].edge_label_index)
    assert all(torch.equal(one[kind].edge_index, other[kind].edge_index) for kind in (*FORWARD, *REVERSE))


def test_artists_alone_are_three_types_of_nodes(tmp_path):
    results = write_graph(tmp_path / "results", two_tastes())
    write_relations(results, ("artist",))
    data = segue.to_hetero_data(results, "test")
    assert data.node_types == ["playlist", "track", "artist"]
    assert [kind for kind in data.edge_types if "playlist" not in kind] == [FORWARD[0], REVERSE[0]]


def test_relations_of_another_graph_are_refused(results):
    table = pl.read_parquet(results / "graph/albums.parquet")
    table[:-1].write_parquet(results / "graph/albums.parquet")
    with pytest.raises(SegueError, match=r"relations\.safetensors is of another graph") as error:
        segue.to_hetero_data(results, "train")
    assert "found: 24 tracks, 8 artists, 11 albums\n  expected: 24 tracks, 8 artists, 10" in str(error.value)


def test_a_missing_table_of_nodes_is_named(results):
    (results / "graph/albums.parquet").unlink()
    with pytest.raises(SegueError, match=r"no file .*albums\.parquet"):
        segue.to_hetero_data(results, "train")


def test_the_split_of_another_graph_is_told_by_its_counts(results):
    split = two_tastes()
    save_split(Split(20, 25, *[split.train] * 4), results / "split/split.safetensors")
    with pytest.raises(SegueError, match="20 playlists, 25 tracks"):
        segue.to_hetero_data(results, "train")
