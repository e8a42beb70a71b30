"""A part of the core: how many nodes and edges, and which ones."""

import networkx as nx
import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segue.analysis.subgraph import sample_subgraph


def table(pairs):
    return pl.DataFrame(sorted(pairs), schema={"playlist": pl.Int32, "track": pl.Int32}, orient="row")


def graph_of(edges):
    graph = nx.Graph()
    graph.add_edges_from((("playlist", playlist), ("track", track)) for playlist, track in edges.rows())
    return graph


def blocks(count, playlists=12, tracks=40, degree=9, seed=5):
    """``count`` groups of playlists over tracks of their own, and one track that all playlists share."""
    rng = np.random.default_rng(seed)
    pairs = {
        (group * playlists + playlist, 1 + group * tracks + int(track))
        for group in range(count)
        for playlist in range(playlists)
        for track in rng.choice(tracks, degree, replace=False)
    }
    pairs |= {(playlist, 0) for playlist in range(count * playlists)}
    numbers = {track: number for number, track in enumerate(sorted({track for _, track in pairs}))}
    return table((playlist, numbers[track]) for playlist, track in pairs)


@st.composite
def graphs(draw):
    """Edges of a graph whose ids are all taken: no playlist and no track is without an edge."""
    pairs = draw(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 14)), min_size=1, max_size=80))
    sides = [
        {node: number for number, node in enumerate(sorted(set(side)))} for side in zip(*pairs, strict=True)
    ]
    return table((sides[0][playlist], sides[1][track]) for playlist, track in pairs)


def test_nodes_and_edges_are_as_many_as_asked_for():
    for seed in range(5):
        graph = sample_subgraph(blocks(10), 150, 300, seed)
        assert graph.nodes.height == 150
        assert graph.edges["drawn"].sum() == 300
        assert nx.is_connected(graph_of(graph.edges.filter("drawn").select("playlist", "track")))


def test_edges_are_all_that_the_core_has_between_the_nodes():
    whole = blocks(10)
    graph = sample_subgraph(whole, 150, 300, seed=3)
    chosen = {kind: graph.nodes.filter(pl.col("kind") == kind)["index"] for kind in ("playlist", "track")}
    between = whole.filter(*(pl.col(kind).is_in(nodes.implode()) for kind, nodes in chosen.items()))
    assert graph.edges.select("playlist", "track").equals(between)
    # Little is left out: the next playlist brought the edges over the count.
    assert graph.edges.height - 300 < 12


def test_a_smaller_core_is_whole_and_thinned_to_its_edges():
    whole = blocks(2)
    nodes = whole["playlist"].n_unique() + whole["track"].n_unique()
    assert sample_subgraph(whole, nodes, 10_000, 1).edges["drawn"].all()
    assert sample_subgraph(whole, 5000, 10_000, 1).edges.select("playlist", "track").equals(whole)
    thinned = sample_subgraph(whole, 5000, nodes - 1, 1)
    assert thinned.nodes.height == nodes
    tree = graph_of(thinned.edges.filter("drawn").select("playlist", "track"))
    assert nx.is_tree(tree)
    assert len(tree) == nodes


def test_where_there_are_too_few_edges_all_are_drawn():
    star = table((0, track) for track in range(50))
    graph = sample_subgraph(star, 20, 500, 1)
    assert graph.nodes["kind"].to_list() == ["playlist"] + 19 * ["track"]
    assert graph.edges["drawn"].to_list() == 19 * [True]


def test_the_walk_goes_on_in_another_component():
    apart = table((playlist, 3 * playlist + n) for playlist in range(8) for n in range(3))
    graph = sample_subgraph(apart, 20, 30, 1)
    assert graph.nodes.height == 20
    assert graph.edges["drawn"].sum() == 15  # 5 playlists with 3 tracks each


@given(graphs(), st.integers(2, 30), st.integers(0, 40), st.integers(0, 5))
def test_no_node_is_isolated_and_nothing_is_made_up(edges, nodes, more, seed):
    graph = sample_subgraph(edges, nodes, nodes - 1 + more, seed)
    drawn = graph.edges.filter("drawn").select("playlist", "track")
    assert set(graph.edges.select("playlist", "track").rows()) <= set(edges.rows())
    assert graph.nodes.height <= nodes
    assert drawn.height == min(graph.edges.height, nodes - 1 + more)
    assert set(graph_of(drawn)) == set(graph.nodes.rows())


@given(graphs(), st.integers(2, 30), st.integers(0, 5))
def test_thinning_keeps_every_component(edges, nodes, seed):
    graph = sample_subgraph(edges, nodes, nodes - 1, seed)
    pairs = graph.edges.select("playlist", "track")
    before, after = graph_of(pairs), graph_of(graph.edges.filter("drawn").select("playlist", "track"))
    assert nx.number_connected_components(before) == nx.number_connected_components(after)


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does():
    whole = blocks(10)
    first = sample_subgraph(whole, 100, 200, 1)
    again = sample_subgraph(whole.sample(fraction=1, shuffle=True, seed=2), 100, 200, 1)
    assert first.nodes.equals(again.nodes)
    assert first.edges.equals(again.edges)
    assert not first.edges.equals(sample_subgraph(whole, 100, 200, 2).edges)
