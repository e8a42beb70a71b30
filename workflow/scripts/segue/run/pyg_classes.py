"""What PyG's convolutions are called and which arguments they take, read from its source.

Importing torch_geometric takes seconds: a name in the configuration is held against its files instead, before
any job starts, and with the same words when the layer is built.
"""

import ast
import difflib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PREFIXES = ("torch_geometric.nn.", "torch_geometric.nn.conv.")
CHANNELS = ("in_channels", "out_channels", "channels")  # `model.dim` of each
OF_ENCODER = ("conv", "dim", "alpha", "generator")  # what stands beside a layer's arguments under these names
GIVEN = ("x", "edge_index")  # to every layer, each time
# Convolutions around a network of their own, and how many features of a node it takes at once.
AROUND_MLP = {"GINConv": 1, "EdgeConv": 2}
MLP = "mlp"
# In training it draws negatives of its own from Python's global generator, for a loss that is not used.
UNSEEDED = ("SuperGATConv",)


@dataclass(frozen=True)
class Facts:
    """Of a convolution: the arguments of its constructor, those among them that must be given, and what its
    ``forward`` must be given besides features and edges."""

    arguments: tuple[str, ...]
    required: tuple[str, ...]
    inputs: tuple[str, ...]


def class_problems(where: str, dotted: str, arguments: Mapping[str, Any]) -> list[str]:
    """What is wrong with a layer of class ``dotted`` and these constructor arguments; a line for each.

    ``where``: the section that they stand in. Nothing is found where torch_geometric is not installed: jobs
    may run in another environment than what starts them, and the job looks again.
    """
    folder = _folder()
    if folder is None:
        return []
    prefix, name = dotted[: dotted.rfind(".") + 1], dotted.rpartition(".")[2]
    modules = _modules(folder)
    if prefix not in PREFIXES or name not in modules:
        near = difflib.get_close_matches(name, modules, n=1, cutoff=0.5)
        hint = f"; did you mean {PREFIXES[0]}{near[0]}?" if near else ""
        return [f"{where}.class: found {dotted!r}, expected {PREFIXES[0]}<one of PyG's convolutions>{hint}"]
    facts = facts_of(name)
    problems = [_argument_problem(where, name, facts, key, arguments[key]) for key in arguments]
    problems += [
        f"{where}.{key}: nothing found, expected a value, since {name} has no default for it"
        if key != "nn"
        else f"{where}.nn: nothing found; {_about_networks(name)}"
        for key in facts.required
        if key not in arguments and key not in CHANNELS
    ]
    if name in UNSEEDED:
        problems.append(
            f"{where}.class: found {name}, whose training draws from Python's global generator, so that "
            "no run could be repeated; expected a convolution without, such as GATv2Conv"
        )
    if facts.inputs:
        problems.append(
            f"{where}.class: found {name}, which needs {' and '.join(facts.inputs)} of each graph besides "
            "features and edges; expected a convolution of features and edges alone"
        )
    return [problem for problem in problems if problem]


def _argument_problem(where: str, name: str, facts: Facts, key: str, value: Any) -> str:
    if key in CHANNELS:
        return f"{where}.{key}: found {value!r}, expected nothing: it is model.dim, in and out"
    if key in OF_ENCODER:
        return f"{where}.{key}: found {value!r}, expected nothing: to Segue that name means another thing"
    if key not in facts.arguments:
        known = [argument for argument in facts.arguments if argument not in CHANNELS]
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"{where}.{key}: {name} has no such argument; {hint}it has {', '.join(known)}"
    if key == "cached" and value:
        return f"{where}.cached: found true, expected false, since training and test have different graphs"
    if key == "nn" and (value != MLP or name not in AROUND_MLP):
        return f"{where}.nn: found {value!r}; {_about_networks(name)}"
    return ""


def _about_networks(name: str) -> str:
    if name in AROUND_MLP:
        return f"expected {MLP}, two linear layers with a ReLU between them"
    return f"{name} wants a network of its own there, which a configuration cannot hold; choose another class"


@functools.cache
def facts_of(name: str) -> Facts:
    """Of the convolution ``name``, one of PyG's."""
    folder = _folder()
    names, required, rest = _constructor(folder / _modules(folder)[name], name)
    if rest:
        passed_on, _, _ = _constructor(folder / "message_passing.py", "MessagePassing")
        names += [key for key in passed_on if key not in names]
    forward = _method(folder / _modules(folder)[name], name, "forward")
    _, inputs, _ = _parameters(forward) if forward else ([], [], False)
    return Facts(tuple(names), tuple(required), tuple(key for key in inputs if key not in GIVEN))


@functools.cache
def _folder() -> Path | None:
    """The folder of PyG's convolutions, without importing it; None where it is not installed."""
    spec = find_spec("torch_geometric")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "nn/conv" if places else None


@functools.cache
def _modules(folder: Path) -> dict[str, str]:
    """The file of each convolution that PyG exports, by its name."""
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    exported = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    files = {
        alias.name: f"{node.module.replace('.', '/')}.py"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    return {name: files[name] for name in exported if name in files and name != "MessagePassing"}


def _constructor(path: Path, name: str) -> tuple[list[str], list[str], bool]:
    method = _method(path, name, "__init__")
    return _parameters(method) if method else ([], [], True)


@functools.cache
def _method(path: Path, name: str, method: str) -> ast.FunctionDef | None:
    """The last definition of a method, those before it being overloads; of a base class in the same file
    where the class has none."""
    classes = {
        node.name: node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    while name in classes:
        found = [
            node for node in classes[name].body if isinstance(node, ast.FunctionDef) and node.name == method
        ]
        if found:
            return found[-1]
        name = ast.unparse(classes[name].bases[0])
    return None


def _parameters(method: ast.FunctionDef) -> tuple[list[str], list[str], bool]:
    """Names, those without a default, and whether others are passed on; self left out."""
    args = method.args
    positional = [arg.arg for arg in args.args][1:]
    named = [arg.arg for arg in args.kwonlyargs]
    required = positional[: len(positional) - len(args.defaults)]
    required += [key for key, default in zip(named, args.kw_defaults, strict=True) if default is None]
    return positional + named, required, args.kwarg is not None
