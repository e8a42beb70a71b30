"""The configuration, read, and checked before any job starts with messages that name the key."""

import math
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from segue.data.batches import is_parquet, separator_of
from segue.errors import SegueError, shown
from segue.run.blends import blend_problems
from segue.run.challenge_problems import challenge_problems
from segue.run.models import ALPHAS
from segue.run.problems import describe, nearest
from segue.run.pyg_classes import class_problems
from segue.run.recipes import training_problems
from segue.run.registry import BY_CLASS, SAMPLERS, convolutions
from segue.run.relation_problems import relation_problems
from segue.run.rerank_problems import rerank_problems
from segue.run.schema import NAME, added_by_class, added_like_others, arguments_of_class, complete
from segue.run.title_encoder_problems import title_encoder_problems
from segue.run.tune_problems import tune_problems
from segue.run.typed import typed


def read_config(*paths: str | Path) -> dict[str, Any]:
    """The YAML files ``paths``, each on top of those before it, key by key, as Snakemake lays --configfile
    over the workflow's own. Raises SegueError when one cannot be read or is no YAML mapping."""
    config: dict[str, Any] = {}
    for path in paths:
        try:
            values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except yaml.MarkedYAMLError as error:
            raise _unreadable(path, *_of_fault(error)) from error
        except UnicodeDecodeError as error:
            raise _unreadable(path, str(error), "save it as UTF-8") from error
        except (OSError, yaml.YAMLError) as error:
            raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error
        if not isinstance(values, dict):
            raise _unreadable(path, f"{shown(values)} at the top level")
        config = _merged(config, values)
    return config


def _unreadable(path: str | Path, found: str, fix: str | None = None) -> SegueError:
    return SegueError(
        "The configuration cannot be read.",
        where=str(path),
        found=found,
        expected="a YAML file with keys at its top level, such as config/mpd50.yaml",
        fix=fix,
    )


def _of_fault(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """What is wrong in a YAML file, and what to do."""
    mark, problem = error.problem_mark or error.context_mark, error.problem or error.context
    tab = "'\\t'" in problem
    return (
        f"line {mark.line + 1}, column {mark.column + 1}: {problem}",
        "indent with spaces: YAML takes no tabs" if tab else "correct that line, or the one before it",
    )


def _merged(config: Any, values: Mapping[str, Any]) -> Any:
    if not values:
        return config  # even where it is no mapping: Snakemake's rule
    below = config if isinstance(config, dict) else {}
    return below | {
        key: _merged(below.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in values.items()
    }


def valid_config(config: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """``config`` with text taken for the value that it means, as in ``typed``. Raises SegueError as
    ``check_config`` does."""
    config = typed(config, complete(schema, config))
    check_config(config, schema)
    return config


def check_config(config: dict[str, Any], schema: dict[str, Any]) -> None:
    """Raises a SegueError that lists every problem: the key's path, what was found, what is allowed.

    ``schema`` is a JSON Schema, draft 2020-12, to be completed from the registry. What relates several keys
    to each other, which a schema cannot say, is checked once the schema is satisfied.
    """
    schema = complete(schema, config)
    errors = sorted(Draft202012Validator(schema).iter_errors(config), key=lambda error: error.json_path)
    described = (problem for error in errors for problem in describe(error, schema))
    problems = list(dict.fromkeys(described)) or _relations(config)
    if problems:
        raise SegueError(
            "\n".join(["The configuration is not valid.", *(f"  {problem}" for problem in problems)]),
            fix="correct config/config.yaml, the --configfile or the --config value; "
            "config/README.md describes every key",
        )


def _relations(config: dict[str, Any]) -> list[str]:
    problems = []
    split, train, evaluate = config["split"], config["train"], config["evaluate"]
    shares = split["train"], split["validation"], split["test"]
    if not math.isclose(sum(shares), 1.0, abs_tol=1e-9):
        found = f"{' + '.join(map(str, shares))} = {sum(shares):g}"
        problems.append(f"split: train + validation + test: found {found}, expected 1")
    if train["recall_k"] not in evaluate["k"]:
        problems.append(
            f"train.recall_k: found {train['recall_k']}, expected one of evaluate.k = {evaluate['k']}, "
            "so that validation and test are measured alike"
        )
    if "popularity" not in config["baselines"]["names"]:
        problems.append(
            f"baselines.names: found {config['baselines']['names']}, expected popularity among them, "
            "which shows that two runs were tested alike"
        )
    least = config["drawing"]["nodes"] - 1
    if config["drawing"]["edges"] < least:
        problems.append(
            f"drawing.edges: found {config['drawing']['edges']}, expected drawing.nodes - 1 = {least} "
            "or more, so that every node can have an edge"
        )
    if config["data"]["source"] == "sample" and config["data"]["slices"] == "all":
        problems.append("data.slices: found 'all', expected a number, since the sample has no end")
    if config["data"]["source"] == "edges":
        problems += _edge_problems(config["data"]["edges"], split["column"])
    elif split["column"] is not None:
        problems.append(
            f"split.column: found {split['column']!r}, expected null, since data.source is no edge list"
        )
    problems += _class_problems(config)
    problems += relation_problems(config)
    problems += _sweep_problems(config) or [
        *training_problems(config),
        *blend_problems(config),
        *tune_problems(config),
        *title_encoder_problems(config),
        *rerank_problems(config),
    ]
    return [*problems, *_compare_problems(config), *challenge_problems(config)]


def _class_problems(config: dict[str, Any]) -> list[str]:
    """Of the blocks in section `model` that name a class, or are like another."""
    by_class = added_by_class(config)
    problems = [
        f"model.{name}: found a name with other characters, expected letters, digits and _ after a letter, "
        "since it is part of paths"
        for name in [*by_class, *added_like_others(config)]
        if not re.match(NAME, name)
    ]
    for name in by_class:
        arguments = arguments_of_class(config["model"][name])
        problems += class_problems(f"model.{name}", config["model"][name][BY_CLASS], arguments)
    return problems


def _sweep_problems(config: dict[str, Any]) -> list[str]:
    sweep, own = config["sweep"], config["train"]["seed"]
    names = ["-".join(parts) for parts in product(convolutions(config["model"]), SAMPLERS, ALPHAS)]
    problems = [
        f"sweep.models.{place}: found {name!r}, expected conv-sampler-alpha, as {names[0]}"
        + (nearest(name, names, "; did you mean {!r}?") if "-seed" not in name else "; sweep.seed adds seeds")
        for place, name in enumerate(sweep["models"])
        if name not in names
    ]
    if sweep["seed"] and own not in sweep["seed"]:
        problems.append(
            f"sweep.seed: found {sweep['seed']}, expected train.seed = {own} among them, whose models have "
            "pages and figures"
        )
    return problems


def _compare_problems(config: dict[str, Any]) -> list[str]:
    name, runs = config["compare"]["name"], config["compare"]["runs"]
    problems = []
    if runs and (name is None or name in runs):
        problems.append(f"compare.name: found {shown(name)}, expected a name that no run in compare.runs has")
    if len(runs) > 4:
        problems.append(
            f"compare.runs: found {len(runs)} runs, expected at most 4, to be told apart in a figure"
        )
    problems += [
        f"compare.runs.{other}: found {folder!r}, expected another than `results`, this run's own"
        for other, folder in runs.items()
        if Path(folder) == Path(config["results"])
    ]
    return problems


def _edge_problems(edges: dict[str, Any], column: str | int | None) -> list[str]:
    problems = []
    files, separator = edges["files"], edges["separator"]
    if not files:
        problems.append("data.edges.files: found [], expected one file or more, since data.source is edges")
    assigned = [isinstance(file, dict) for file in files]
    if any(assigned) and not all(assigned):
        problems.append("data.edges.files: found a split for some of the files, expected it for all or none")
    if any(assigned) and column is not None:
        problems.append(
            f"split.column: found {column!r}, expected null, since data.edges.files assigns whole files"
        )
    texts = [path for path in _paths(files) if not is_parquet(path)]
    lists = edges["form"] == "adjacency"
    if lists:
        columns = {
            f"data.edges.columns.{key}": edges["columns"][key] for key in ("position", "artist", "album")
        }
        columns["split.column"] = column
        problems += [
            f"{key}: found {name!r}, expected null, since data.edges.form adjacency has no columns"
            for key, name in columns.items()
            if name is not None
        ]
        problems += [
            f"data.edges.files: found {path}, expected text, since data.edges.form is adjacency"
            for path in _paths(files)
            if is_parquet(path)
        ]
    if separator is None and not lists:
        problems += [
            f"data.edges.separator: found null, expected what is between two fields, "
            f"since the suffix of {path} implies none"
            for path in texts
            if separator_of(path) is None
        ]
    elif separator is not None and (not separator.isascii() or any(mark in separator for mark in '"\r\n')):
        problems.append(
            f"data.edges.separator: found {separator!r}, expected ASCII characters, no quote or line break"
        )
    if texts and not edges["header"] and not lists:
        columns = {f"data.edges.columns.{key}": name for key, name in edges["columns"].items()}
        problems += [
            f"{key}: found {name!r}, expected a number from 1, since data.edges.header is false"
            for key, name in (columns | {"split.column": column}).items()
            if isinstance(name, str)
        ]
    return problems


def _paths(files: list[str | dict[str, str]]) -> list[str]:
    return [file["path"] if isinstance(file, dict) else file for file in files]
