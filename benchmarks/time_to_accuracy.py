"""Seconds until a model passes the test NDCG of implicit's ALS, on the split of a run such as results/lastfm.

    PYTHONPATH=workflow/scripts python benchmarks/time_to_accuracy.py RESULTS [--k 20] [--limit 120]
        [--threads 2] [--json FILE]

Each side fits to train and validation edges together, with 64 dimensions, and is measured on the test
edges after every few steps; the clock stands still while it is measured, and counts what comes before the
first step. ALS, whose NDCG@K the others are to pass, has the settings that the run chose. BPR is implicit's,
with its own settings. PyG is torch_geometric's LightGCN as its example trains it: batches of 8,192 edges,
each with one random track, scores of those edges by the whole graph, Adam. Segue's are LightGCN with BPR in
full batches, and with the softmax on a draw of 1,024 tracks and on all tracks. A side that is not there after
``--limit`` seconds is given up. Of the test edges nothing is chosen by this.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch_geometric.nn import LightGCN

from segue.evaluate.metrics import ranking_metrics
from segue.files import read_json, write_json
from segue.graph.split import Split, load_split
from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph, Pattern
from segue.train.epochs import step
from segue.train.graphs import Stage, embed, score_rows
from segue.train.objectives import build_objective

DIM, LAYERS = 64, 3
LR, BATCH = 0.01, 8192
SOFTMAX = {"beta": 0.5, "temperature": 0.2, "prior": 0.5, "norm_power": [1.0]}
STEPS, SOFTMAX_LR = 150, 0.02  # of the softmax, whose rate falls to 0

Rows = tuple[Tensor, Tensor]  # whose dot products are the scores


def als(split: Split, results: Path, threads: int) -> Iterator[Rows]:
    chosen = read_json(results / "models/als/chosen.json")["settings"]
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=DIM,
            regularization=chosen["regularization"],
            alpha=chosen["confidence"],
            iterations=chosen["iterations"],
            num_threads=threads,
            random_state=chosen["seed"],
        )
        model.fit(matrix(split), show_progress=False)
    yield torch.from_numpy(model.user_factors), torch.from_numpy(model.item_factors)


def bpr(split: Split, results: Path, threads: int) -> Iterator[Rows]:
    with threadpool_limits(1, "blas"):
        model = BayesianPersonalizedRanking(factors=DIM, iterations=20, num_threads=threads, random_state=1)
        while True:
            model.fit(matrix(split), show_progress=False)  # goes on from the factors that it has
            yield torch.from_numpy(model.user_factors), torch.from_numpy(model.item_factors)


def pyg(split: Split, results: Path, threads: int) -> Iterator[Rows]:
    torch.manual_seed(1)
    edges = split.train_and_validation
    playlists, tracks = split.num_playlists, split.num_tracks
    positives = edges + torch.tensor([[0], [playlists]])
    both = torch.cat([positives, positives.flip([0])], dim=1)
    model = LightGCN(playlists + tracks, DIM, LAYERS)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    while True:
        for _ in range(2):
            for index in torch.randperm(edges.size(1)).split(BATCH):
                negatives = torch.stack(
                    [positives[0, index], torch.randint(playlists, playlists + tracks, (index.numel(),))]
                )
                optimizer.zero_grad()
                ranks = model(both, torch.cat([positives[:, index], negatives], dim=1))
                positive, negative = ranks.chunk(2)
                nodes = torch.cat([positives[:, index], negatives], dim=1).unique()
                model.recommendation_loss(positive, negative, node_id=nodes).backward()
                optimizer.step()
        with torch.no_grad():
            yield model.get_embedding(both).split([playlists, tracks])


def segue(split: Split, sampler: str, every: int, tracks: int | None = None) -> Iterator[Rows]:
    graph = Graph(split.train_and_validation, split.num_playlists, split.num_tracks)
    stage = Stage(graph, graph.playlists, graph.playlists)
    weights, generator = (torch.Generator().manual_seed(seed) for seed in (1, 2))
    dropout = 0.0 if tracks is None else 0.5
    model = Encoder(
        "lgc",
        split.num_playlists + split.num_tracks,
        dim=DIM,
        layers=LAYERS,
        edge_dropout=dropout,
        generator=weights,
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    objective = build_objective(
        stage,
        sampler=sampler,
        loss="bpr" if tracks is None else "softmax",
        l2=0.0,
        settings={"avoid_known": True} if tracks is None else SOFTMAX | {"tracks": tracks},
        epochs=STEPS,
        block_mb=16,
        generator=torch.Generator().manual_seed(3),
    )
    done = 0
    while tracks is None or done < STEPS:
        for _ in range(every):
            if tracks is not None:
                for group in optimizer.param_groups:
                    group["lr"] = SOFTMAX_LR * (1 - done / STEPS)
            objective.draw(done, lambda: embed(model, graph), generator)
            step(model, optimizer, graph, objective, generator)
            done += 1
        yield score_rows(objective.score, embed(model, graph), graph)


SIDES: dict[str, Callable[[Split, Path, int], Iterator[Rows]]] = {
    "implicit ALS": als,
    "implicit BPR": bpr,
    "PyG LightGCN, its example": pyg,
    "Segue LightGCN, BPR": lambda split, results, threads: segue(split, "random", 20),
    "Segue LightGCN, softmax of 1,024": lambda split, results, threads: segue(split, "softmax", 5, 1024),
    "Segue LightGCN, softmax of all": lambda split, results, threads: segue(split, "softmax", 5, 10**9),
}


def matrix(split: Split) -> csr_matrix:
    edges = split.train_and_validation
    ones = np.ones(edges.size(1), np.float32)
    return csr_matrix((ones, tuple(edges.numpy())), (split.num_playlists, split.num_tracks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="folder of a run")
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds of one side")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the results there, too")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    split = load_split(arguments.results / "split/split.safetensors")
    shape = split.num_playlists, split.num_tracks
    known, held_out = (
        Pattern.from_edges(*edges, shape) for edges in (split.train_and_validation, split.test)
    )

    def ndcg(rows: Rows) -> float:
        found = ranking_metrics(*(each.contiguous() for each in rows), known, held_out, [arguments.k])
        return found[f"ndcg@{arguments.k}"]["value"]

    goal, table = None, {}
    for name, side in SIDES.items():
        spent, best, passed = 0.0, 0.0, None
        started = time.perf_counter()
        for rows in side(split, arguments.results, arguments.threads):
            spent += time.perf_counter() - started
            best = max(best, ndcg(rows))
            if goal is None:
                goal = best
            if best > goal or name == "implicit ALS":
                passed = spent
            if passed is not None or spent > arguments.limit:
                break
            started = time.perf_counter()
        table[name] = {"seconds": passed, "spent": spent, "ndcg": best}
        print(
            f"{name:34}  {'not' if passed is None else f'{passed:.2f} s':>8}  {spent:6.1f} s  {best:.4f}",
            flush=True,
        )
    if arguments.json:
        write_json(arguments.json, {"k": arguments.k, "goal": goal, "sides": table})


if __name__ == "__main__":
    main()
