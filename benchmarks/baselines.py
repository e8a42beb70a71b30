"""Sets the baselines of a run beside what implicit, or a dense matrix inverse for EASE, gives by itself.

PYTHONPATH=workflow/scripts python benchmarks/baselines.py RESULTS [--k 20] [--json FILE]
RESULTS is the folder of a run whose baselines are tested, such as results/lastfm. The settings are those that
the run chose. The other side fits to the same train and validation pairs, lets implicit recommend and
counts hits one playlist at a time; nothing of Segue's fitting, scoring, ranking or metrics has a part in it.
"""

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from implicit.utils import ParameterWarning
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from segue.files import read_json, write_json
from segue.graph.split import load_split

NAMES = ("popularity", "knn", "als", "ease")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="folder of a run")
    parser.add_argument("--k", type=int, default=20, help="one of the run's evaluate.k")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    arguments = parser.parse_args()
    results = compare(arguments.results, arguments.k)
    for name, row in results.items():
        print(
            f"{name:10}  "
            + "  ".join(f"{metric} {a:.4f} by Segue, {b:.4f} directly" for metric, (a, b) in row.items())
        )
    worst = max(abs(a - b) for row in results.values() for a, b in row.values())
    print(f"largest difference {worst:.4f}")
    if arguments.json:
        write_json(arguments.json, {"k": arguments.k, "metrics": results, "largest_difference": worst})


def compare(results: Path, k: int) -> dict[str, dict[str, tuple[float, float]]]:
    """By baseline and metric: the run's value, and the direct one."""
    split = load_split(results / "split/split.safetensors")
    shape = split.num_playlists, split.num_tracks
    known, test = (
        csr_matrix((np.ones(edges.size(1), np.float32), tuple(edges.numpy())), shape)
        for edges in (split.train_and_validation, split.test)
    )
    table = {}
    for name in NAMES:
        metrics = read_json(results / f"metrics/{name}.json")["metrics"]
        chosen = read_json(results / f"models/{name}/chosen.json")["settings"]
        if chosen.get("shrinkage"):
            print(f"{name}: the run chose shrinkage {chosen['shrinkage']:g}, which implicit does not have")
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ParameterWarning)  # implicit's, of matrices that it makes itself
            ids = DIRECT[name](known, k, chosen)
        direct = recall_and_ndcg(ids, test)
        table[name] = {metric: (metrics[f"{metric}@{k}"]["value"], value) for metric, value in direct.items()}
    return table


def recall_and_ndcg(ids: np.ndarray, test: csr_matrix) -> dict[str, float]:
    """Means over the playlists with test edges; ``ids`` [P, k]: best first, negative where there is none."""
    recalls, gains = [], []
    for row in np.flatnonzero(np.diff(test.indptr)):
        wanted = set(test.indices[test.indptr[row] : test.indptr[row + 1]].tolist())
        hits = [place for place, track in enumerate(ids[row].tolist(), start=2) if track in wanted]
        ideal = sum(1 / np.log2(place) for place in range(2, 2 + min(len(wanted), ids.shape[1])))
        recalls.append(len(hits) / len(wanted))
        gains.append(sum(1 / np.log2(place) for place in hits) / ideal)
    return {"recall": float(np.mean(recalls)), "ndcg": float(np.mean(gains))}


def popularity(known: csr_matrix, k: int, chosen: dict) -> np.ndarray:
    """Of equally popular tracks the lower index first, where the run takes the mean over every order."""
    order = np.argsort(-known.sum(0).A1, kind="stable")
    rows = (set(known[row].indices.tolist()) for row in range(known.shape[0]))
    return np.array([[track for track in order if track not in row][:k] for row in rows])


def knn(known: csr_matrix, k: int, chosen: dict) -> np.ndarray:
    model = CosineRecommender(K=chosen["neighbours"])
    model.fit(known, show_progress=False)
    ids, scores = model.recommend(np.arange(known.shape[0]), known, N=k)
    return np.where(scores > 0, ids, -1)


def als(known: csr_matrix, k: int, chosen: dict) -> np.ndarray:
    """By the playlists' own factors from training, which the run's scorer does not have."""
    settings = {name: chosen[name] for name in ("factors", "regularization", "iterations")}
    model = AlternatingLeastSquares(**settings, alpha=chosen["confidence"], random_state=chosen["seed"])
    model.fit(known, show_progress=False)
    return model.recommend(np.arange(known.shape[0]), known, N=k)[0]


def ease(known: csr_matrix, k: int, chosen: dict) -> np.ndarray:
    matrix = known.toarray().astype(np.float64)
    inverse = np.linalg.inv(matrix.T @ matrix + chosen["l2"] * np.eye(matrix.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    scores = np.where(matrix > 0, -np.inf, matrix @ weights)
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


DIRECT: dict[str, Callable[[csr_matrix, int, dict], np.ndarray]] = {
    "popularity": popularity,
    "knn": knn,
    "als": als,
    "ease": ease,
}


if __name__ == "__main__":
    main()
