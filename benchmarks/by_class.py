"""Times PyG's convolutions as Segue calls them by their class, and as plain PyG on the joined edge_index.

PYTHONPATH=workflow/scripts python benchmarks/by_class.py [--edges 200000] [--dim 64] [--threads 1]
One layer, forward and backward, both directions of a random graph of 3,500 x 1,900 nodes. The middle column
is Segue's call on an edge_index, which a layer that multiplies by no sparse matrix takes anyway.
"""

import argparse
from dataclasses import replace
from statistics import median

import torch

from measuring import seconds
from plain_pyg import node_edges
from segue.nn.pattern import Graph
from segue.nn.pyg import PyGConv

SIZES = 3500, 1900
LAYERS = {
    "GraphConv": {},
    "GCNConv": {},
    "GINConv": {"nn": "mlp"},
    "LGConv": {},
    "SAGEConv": {},
    "GATv2Conv": {},
    "TransformerConv": {},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edges", type=int, default=200_000)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    generator = torch.Generator().manual_seed(0)
    keys = torch.randperm(SIZES[0] * SIZES[1], generator=generator)[: arguments.edges]
    edges = torch.stack([keys // SIZES[1], keys % SIZES[1]])
    print("milliseconds, medians    as Segue calls it    on an edge_index    plain PyG")
    for name, settings in LAYERS.items():
        conv = PyGConv(f"torch_geometric.nn.{name}", arguments.dim, settings, generator)
        times = measure(conv, edges, arguments.dim, arguments.repeats)
        print(f"{name:25}{times[0]:17.0f}{times[1]:20.0f}{times[2]:13.0f}", flush=True)


def measure(conv: PyGConv, edges: torch.Tensor, dim: int, repeats: int) -> list[float]:
    """Milliseconds of the three, called in turn."""
    graph, edge_index, plain = Graph(edges, *SIZES), node_edges(edges, SIZES[0]), conv.plain()
    x = torch.randn(sum(SIZES), dim, requires_grad=True)
    exact = conv.way

    def by_segue(fused: bool) -> None:
        conv.way = replace(exact, fused=fused)
        playlists, tracks = x.split(SIZES)
        outputs = conv((tracks, playlists), graph.playlists), conv((playlists, tracks), graph.tracks)
        torch.cat(outputs).sum().backward()

    calls = (
        lambda: by_segue(exact.fused),
        lambda: by_segue(False),
        lambda: plain(x, edge_index).sum().backward(),
    )
    rounds = [[seconds(call) for call in calls] for _ in range(repeats + 1)][1:]
    return [1000 * median(times) for times in zip(*rounds, strict=True)]


if __name__ == "__main__":
    main()
