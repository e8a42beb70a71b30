"""How good the models of a run are, as the files of its results tell."""

from pathlib import Path
from typing import Any

from segue.files import read_json


def best_choice(results: Path) -> dict[str, Any]:
    """What best.json says of the network that validation chose; empty where that is not known yet."""
    return _json(results / "metrics/best.json")


def best_network(results: Path) -> str | None:
    """By validation; None where that is not known yet."""
    return best_choice(results).get("model")


def metrics_of(results: Path, model: str | None) -> dict[str, dict[str, float]]:
    """Value and playlists of each metric of a model; empty where it was not tested."""
    return _json(results / f"metrics/{model}.json").get("metrics", {})


def measured(results: Path, model: str) -> dict[str, float | None]:
    """validation_recall, of the epoch or the settings that were chosen, test_recall and test_ndcg of a
    network, a baseline or a blend, at the run's recall_k; None where they were not measured."""
    folder = results / "models" / model
    validation, chosen = _json(folder / "validation.json"), _json(folder / "chosen.json")
    recalls = [validation.get("validation_recall")]
    # Of several settings those with the highest are the chosen ones; null where there was no choice.
    recalls += [one.get("validation_recall") for one in chosen.get("candidates", [])]
    k = validation.get("recall_k") or chosen.get("recall_k")
    test = metrics_of(results, model)
    return {
        "validation_recall": max((recall for recall in recalls if recall is not None), default=None),
        "test_recall": test.get(f"recall@{k}", {}).get("value"),
        "test_ndcg": test.get(f"ndcg@{k}", {}).get("value"),
    }


def verdict(low: float, high: float) -> str:
    """Of a difference by its interval: better or worse where that excludes 0, else undecided."""
    if low > 0:
        return "better"
    return "worse" if high < 0 else "undecided"


def _json(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}
