"""Where the nodes of a drawing are put: each of its communities in a disc; and what these are called."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
import polars as pl

from segue.analysis.subgraph import Subgraph

ITERATIONS = 60  # of the layout of a community; more move little
ANGLES = 48  # at which a disc may touch another
APART = 2.5  # around a disc, in the radius of a disc of one node
WORD = re.compile(r"[^\W\d_]{3,}")


def place_nodes(graph: Subgraph, seed: int) -> pl.DataFrame:
    r"""The nodes with degree (UInt32, edges drawn), community (Int32, 0 the largest) and x, y (Float64).

    Communities are those of Louvain's method (Blondel et al. 2008) on the drawn edges. Each has a disc whose
    area goes by its nodes; the largest is in the middle, and each other touches one before it where the
    edges to those before are shortest. In a disc, Fruchterman and Reingold's forces (1991) on the
    community's own edges say in which direction from the middle a node lies, and which is farther out; of
    n nodes the i-th from the middle is put at :math:`R \sqrt{(i + 1/2) / n}`, so that the disc is filled
    evenly. Coordinates lie in -1..1.
    """
    whole = _drawing(graph)
    found = nx.community.louvain_communities(whole, seed=seed)
    communities = sorted((sorted(nodes) for nodes in found), key=lambda nodes: (-len(nodes), nodes))
    community = np.empty(len(whole), dtype=np.int32)
    for number, nodes in enumerate(communities):
        community[nodes] = number
    radii = np.sqrt([len(nodes) for nodes in communities]) + APART
    middles = _packed(radii, _between(whole, community, len(communities)))
    places = np.empty((len(whole), 2))
    for nodes, middle in zip(communities, middles, strict=True):
        places[nodes] = middle + np.sqrt(len(nodes)) * _disc(whole.subgraph(nodes), nodes, seed)
    low, high = places.min(axis=0), places.max(axis=0)
    places = 2 * (places - (low + high) / 2) / max((high - low).max(), 1)
    return graph.nodes.with_columns(
        degree=pl.Series([whole.degree[node] for node in range(len(whole))], dtype=pl.UInt32),
        community=pl.Series(community),
        x=pl.Series(places[:, 0]),
        y=pl.Series(places[:, 1]),
    )


def name_communities(titles: Mapping[int, Sequence[str]]) -> dict[int, str]:
    r"""A word or two of each community's ``titles``, by community; its first title where no word is common.

    Of the words that at least two titles have, those are taken whose :math:`c_w^2 / C_w` is largest and 1 or
    more, with :math:`c_w` the titles of the community and :math:`C_w` all titles that have the word: the
    second only where it is at least half of the first. Words have three letters or more, and no capitals; of
    equals the first by the alphabet.
    """
    counts = {number: Counter(_words(those)) for number, those in titles.items()}
    overall = sum(counts.values(), Counter())
    names = {}
    for number, those in titles.items():
        score = {word: count**2 / overall[word] for word, count in counts[number].items()}
        score = {word: value for word, value in score.items() if counts[number][word] > 1 and value >= 1}
        best = sorted(score, key=lambda word: (-score[word], word))[:2]
        if len(best) == 2 and score[best[1]] < score[best[0]] / 2:
            best = best[:1]
        names[number] = ", ".join(best) or next(iter(those), "")
    return names


def _words(titles: Sequence[str]) -> list[str]:
    """Those of each title, once a title."""
    return [word for title in titles for word in sorted(set(WORD.findall(title.lower())))]


def _drawing(graph: Subgraph) -> nx.Graph:
    """The drawn edges between rows of the nodes: numbers, whose sets have the same order in each process."""
    rows = {node: row for row, node in enumerate(graph.nodes.select("kind", "index").rows())}
    drawing = nx.Graph()
    drawing.add_nodes_from(range(graph.nodes.height))
    pairs = graph.edges.filter("drawn").select("playlist", "track").rows()
    drawing.add_edges_from((rows["playlist", playlist], rows["track", track]) for playlist, track in pairs)
    return drawing


def _between(graph: nx.Graph, community: np.ndarray, count: int) -> np.ndarray:
    """[count, count]: edges between two communities."""
    ends = community[np.array(graph.edges, dtype=np.int64).reshape(-1, 2)]
    edges = np.zeros((count, count))
    np.add.at(edges, (ends[:, 0], ends[:, 1]), 1)
    return edges + edges.T


def _packed(radii: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The middles [n, 2] of discs that do not overlap, one after the other where it costs least."""
    angles = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    middles = np.zeros((len(radii), 2))
    for number in range(1, len(radii)):
        placed, reach = middles[:number], radii[:number] + radii[number]
        spots = (placed[:, None] + reach[:, None, None] * around).reshape(-1, 2)
        away = np.linalg.norm(spots[:, None] - placed, axis=2)
        free = (away >= reach - 1e-9).all(axis=1)
        # One edge more to each, so that a disc without any keeps to the middle.
        cost = away @ (1 + edges[number, :number])
        middles[number] = spots[np.where(free, cost, np.inf).argmin()]
    return middles


def _disc(graph: nx.Graph, nodes: Sequence[int], seed: int) -> np.ndarray:
    """Places [n, 2] of ``nodes`` in a disc of radius 1, evenly filled."""
    ordered = nx.Graph()
    ordered.add_nodes_from(nodes)
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.edges))
    layout = nx.spring_layout(ordered, iterations=ITERATIONS, seed=seed, method="force")
    places = np.array([layout[node] for node in nodes])
    places -= places.mean(axis=0)
    away = np.linalg.norm(places, axis=1)
    order = np.empty(len(nodes))
    order[np.argsort(away, kind="stable")] = np.arange(len(nodes))
    wanted = np.sqrt((order + 0.5) / len(nodes))
    directions = np.divide(places, away[:, None], out=np.zeros_like(places), where=away[:, None] > 0)
    return wanted[:, None] * directions
