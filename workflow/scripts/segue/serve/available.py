"""What a folder of results holds that can be loaded, and what to say of a name that it does not hold."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from safetensors import safe_open

from segue.errors import SegueError, shown
from segue.nearest import called_like, likest
from segue.run.families import Families, families_of
from segue.run.labels import kind, label
from segue.run.measured import best_network, measured
from segue.run.registry import BASELINES, LIKE
from segue.run.results import EXTENDED, JOINT, RERANK, answering, served_files
from segue.serve.asked import checked_path

PARTS = ("models", "serving", "catalogue")  # folders of which a run's results have one at least
LISTED = 12  # names in a message
SCHEMA = {
    "model": pl.String,
    "label": pl.String,
    "kind": pl.String,
    "validation_recall": pl.Float64,
    "test_recall": pl.Float64,
    "test_ndcg": pl.Float64,
    "best": pl.Boolean,
    "ready": pl.Boolean,
}


def models(results: str | Path = "results") -> pl.DataFrame:
    """The models of the run in the folder ``results``, the best by validation first.

    Columns:

    - ``model`` String: its name, as ``load`` takes it
    - ``label`` String: what it is called in figures and pages
    - ``kind`` String: ``network``, ``baseline``, ``blend``, or ``catalogue``, of what answers from all tracks
      of enough playlists that the run has read
    - ``validation_recall``, ``test_recall``, ``test_ndcg`` Float64: Recall@K and NDCG@K, with K the run's
      ``train.recall_k``; null where they were not measured
    - ``best`` Boolean: whether ``load`` takes it where none is named
    - ``ready`` Boolean: whether it can be loaded as it is

    Raises SegueError where the folder holds no run, with the folders near by that do.
    """
    results = checked_path(results, "segue.models")
    require_run(results)
    names = [path.name for path in sorted((results / "models").glob("*")) if _is_model(path)]
    names += [
        f"{name}{EXTENDED}" for name in names if (results / f"models/{name}/catalogue.safetensors").is_file()
    ]
    best = answering(results) or best_network(results)
    families = _families(results, names)
    rows = [_row(results, name, families) | {"best": name == best} for name in names]
    table = pl.DataFrame(rows, schema=SCHEMA)
    return table.sort("best", "validation_recall", "model", descending=[True, True, False], nulls_last=True)


def require_run(results: Path) -> None:
    """Raises SegueError where the folder holds no run."""
    if any((results / part).is_dir() for part in PARTS):
        return
    near = [folder for base in dict.fromkeys([Path(), results.parent]) for folder in _runs_in(base)]
    names = [str(folder) for folder in dict.fromkeys(near)]
    wanted = str(results)
    raise SegueError(
        "There is no run in this folder.",
        where=str(results.absolute()),
        found=("a folder without " + ", ".join(f"{part}/" for part in PARTS))
        if results.is_dir()
        else "a file"
        if results.exists()
        else "no such folder" + likest(wanted, names),
        expected="the folder of a run's results" + (f"; near by: {_some(names)}" if names else ""),
        fix="name one of these" if names else "make a run first: `make demo` makes one in results",
    )


def require_model(results: Path, model: str) -> None:
    """Raises SegueError where the run in ``results`` has no such model."""
    table = models(results)
    if isinstance(model, str) and model in table["model"]:
        return
    ready, others = (
        table.filter(pl.col("ready") == is_ready)["model"].to_list() for is_ready in (True, False)
    )
    listed = [f"ready are {_some(ready)}" if ready else "none is ready"]
    listed += [f"trained, and not ready yet: {_some(others)}"] if others else []
    near = called_like(str(model), dict(table.select("model", "label").iter_rows()))
    # A name that the registry knows may be one of the run's models that is not made yet.
    makes = isinstance(model, str) and (model in BASELINES or label(model) != model)
    raise SegueError(
        "There is no such model in the run.",
        where=str(results),
        found=shown(model) + (f"; did you mean {near!r}?" if near else ""),
        expected="; ".join(listed),
        fix=f'segue.models("{results}") lists them; leave the name out for the best'
        + (f"; where the configuration has it, {command(results, model)} makes it" if makes else ""),
    )


def command(results: Path, model: str | None) -> str:
    """What makes the files that ``model`` is loaded from; None: of the best network."""
    return "snakemake --cores 8 -- " + " ".join(str(results / name) for name in served_files(model))


def _runs_in(base: Path) -> Iterable[Path]:
    try:
        folders = sorted(path for path in base.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []
    # Results may lie one below: results/mpd50.
    below = [
        path for folder in folders if _has_run(folder) for path in sorted(folder.iterdir()) if _has_run(path)
    ]
    return [folder for folder in [*folders, *below] if _has_run(folder)]


def _has_run(folder: Path) -> bool:
    return folder.is_dir() and any((folder / part).is_dir() for part in PARTS[:2])


def _some(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")


def _is_model(folder: Path) -> bool:
    own = ("model.safetensors", "scorer.safetensors")
    return folder.is_dir() and (
        folder.name in (JOINT, RERANK) or any((folder / name).is_file() for name in own)
    )


def _row(results: Path, name: str, families: Families) -> dict[str, Any]:
    return {
        "model": name,
        "label": label(name, families),
        "kind": kind(name),
        **measured(results, name),
        "ready": all((results / path).is_file() for path in served_files(name)),
    }


def _families(results: Path, names: Iterable[str]) -> Families:
    """Of the networks' convolutions, as their files tell of them."""
    blocks: dict[str, dict[str, Any]] = {}
    kinds: dict[str, list[str]] = {}
    for name in names:
        path = results / f"models/{name}/model.safetensors"
        if path.is_file():
            with safe_open(str(path), framework="np") as file:
                about = json.loads((file.metadata() or {}).get("segue", "{}"))
            if about:
                blocks[about["conv"]] = about["settings"]
                kinds[about["conv"]] = (about.get("relations") or {}).get("kinds", [])
    for own in [*blocks.values()]:  # one that is like another of which there is no model
        blocks.setdefault(own.get(LIKE, ""), {})
    return families_of(blocks, kinds)
