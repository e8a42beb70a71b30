"""Where the nodes of a drawing are put, and what its communities are called."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_subgraph import blocks, graphs, table

from segue.analysis.communities import name_communities, place_nodes
from segue.analysis.subgraph import sample_subgraph


def discs(placed):
    """Middle and radius of each community's box."""
    for _, part in sorted(placed.partition_by("community", as_dict=True).items()):
        points = part.select("x", "y").to_numpy()
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        yield middle, np.linalg.norm(points - middle, axis=1).max(), part.height


def test_blocks_are_communities_in_discs_apart():
    graph = sample_subgraph(blocks(5), 5000, 10_000, 1)
    placed = place_nodes(graph, 1)
    assert placed.select("kind", "index").equals(graph.nodes)
    playlists = placed.filter(kind="playlist").with_columns(block=pl.col("index") // 12)
    assert playlists.select("block", "community").n_unique() == playlists["community"].n_unique() == 5
    found = [*discs(placed)]
    for number, (middle, radius, nodes) in enumerate(found):
        assert nodes <= found[number - 1][2] or number == 0
        for other, apart, _ in found[:number]:
            assert np.linalg.norm(middle - other) > radius + apart


def test_discs_are_filled_evenly():
    """Half of the nodes lie in the middle half of a disc's area."""
    placed = place_nodes(sample_subgraph(blocks(3), 5000, 10_000, 1), 1)
    parts = placed.partition_by("community")
    for (_, radius, nodes), part in zip(discs(placed), parts, strict=True):
        away = np.linalg.norm(
            part.select("x", "y").to_numpy() - part.select("x", "y").to_numpy().mean(axis=0), axis=1
        )
        assert (away < radius * 0.5**0.5).mean() == pytest.approx(0.5, abs=0.1)
        assert radius**2 / nodes == pytest.approx(
            next(discs(placed))[1] ** 2 / next(discs(placed))[2], rel=0.2
        )


def test_discs_with_edges_between_them_are_brought_together():
    def away(pairs):
        """Between the playlists of each two blocks, in the mean."""
        placed = place_nodes(sample_subgraph(table(pairs), 5000, 10_000, 1), 1).filter(kind="playlist")
        points = placed.group_by(pl.col("index") // 12).agg(pl.col("x", "y").mean()).sort("index")
        places = points.select("x", "y").to_numpy()
        return np.linalg.norm(places[:, None] - places, axis=2)

    pairs = set(blocks(8).rows())
    before = away(pairs)
    one, other = np.unravel_index(before.argmax(), before.shape)
    first = 1 + max(track for _, track in pairs)
    pairs |= {(12 * block + n, first + n) for block in (int(one), int(other)) for n in range(12)}
    assert away(pairs)[one, other] < 0.6 * before[one, other]


@given(graphs(), st.integers(2, 30), st.integers(0, 5))
def test_every_node_has_one_place_and_its_degree(edges, nodes, seed):
    graph = sample_subgraph(edges, nodes, 40, seed)
    placed = place_nodes(graph, seed)
    assert placed.select("kind", "index").equals(graph.nodes)
    assert placed.select("x", "y").n_unique() == placed.height
    assert placed.select("x", "y").to_numpy().__abs__().max() <= 1 + 1e-9
    assert placed["degree"].sum() == 2 * graph.edges["drawn"].sum()


def test_places_do_not_depend_on_edges_that_are_not_drawn():
    graph = sample_subgraph(blocks(4), 5000, 250, 1)
    assert not graph.edges["drawn"].all()
    assert place_nodes(graph, 1)["degree"].sum() == 2 * 250


def test_another_process_puts_them_in_the_same_places(tmp_path):
    """Whatever order the sets of strings have there."""
    blocks(3).write_parquet(tmp_path / "edges.parquet")
    code = (
        "import polars as pl, sys; from segue.analysis.communities import place_nodes;"
        "from segue.analysis.subgraph import sample_subgraph;"
        "graph = sample_subgraph(pl.read_parquet(sys.argv[1]), 5000, 10_000, 1);"
        "place_nodes(graph, 1).write_parquet(sys.argv[2])"
    )
    paths = [str(tmp_path / name) for name in ("edges.parquet", "placed.parquet")]
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONHASHSEED": "77"}
    subprocess.run([sys.executable, "-c", code, *paths], env=environment, check=True)
    here = place_nodes(sample_subgraph(blocks(3), 5000, 10_000, 1), 1)
    assert pl.read_parquet(paths[1]).equals(here)


def test_names_are_the_words_that_tell_communities_apart():
    titles = {
        0: ["Sad Folk", "folk!", "my folk mix", "80s folk & soul"],
        1: ["Soul mix", "soul", "jazz mix", "Jazz on repeat", "mix"],
        2: ["Best of Wim", "best of Øfal"],
        3: ["best", "🔥"],
        4: [],
    }
    assert name_communities(titles) == {0: "folk", 1: "mix, jazz", 2: "best", 3: "best", 4: ""}
    assert name_communities({0: ["a b", "a b"], 1: ["Über Über Über", "x"]}) == {
        0: "a b",
        1: "Über Über Über",
    }
