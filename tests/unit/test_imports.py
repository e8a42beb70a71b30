"""Who may import whom: the packages of the library in one direction, and what each environment must hold."""

import ast
import functools
import graphlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from segue.run.registry import BASELINES, CONVOLUTIONS, LOSSES, SAMPLERS

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
# What a package may import besides itself and the modules at the top.
ALLOWED = {
    "data": set(),
    "sample": {"data"},
    "run": {"data"},
    "graph": {"data", "run"},
    "nn": {"run", "graph"},
    "scorers": {"run", "graph", "nn"},
    "catalogue": {"data", "run", "graph", "nn"},
    "channels": {"run", "graph", "nn", "scorers", "catalogue"},
    "evaluate": {"run", "graph", "nn", "scorers"},
    "train": {"run", "graph", "nn", "evaluate"},
    "rerank": {"run", "nn", "catalogue", "channels"},
    "serve": {"data", "run", "graph", "nn", "scorers", "catalogue", "channels", "rerank"},
    "challenge": {"data", "run", "graph", "nn", "scorers", "catalogue", "channels", "rerank", "serve"},
    "analysis": {"run", "graph", "nn"},
    "figures": {"run", "graph", "challenge", "analysis"},
    "report": {"data", "run", "graph", "serve", "challenge", "analysis"},
    "web": {"data", "run", "catalogue", "scorers", "serve", "analysis"},
    "cli": {"data", "run", "graph", "nn", "scorers", "catalogue", "serve", "challenge", "report", "web"},
}
# These train where there is a GPU and neither Snakemake nor polars.
TRAINING = {"torch", "torch_geometric", "numpy", "safetensors", "segue", *sys.stdlib_module_names}
CONDA_NAMES = {
    "PIL": "pillow",
    "matplotlib": "matplotlib-base",
    "torch": "pytorch",
    "torch_geometric": "pytorch_geometric",
    "yaml": "pyyaml",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
}


@functools.cache
def imports(path: Path, outermost: bool = False) -> tuple[str, ...]:
    """Dotted names of what a file imports but for type checkers; ``outermost``: at its top alone."""
    return tuple(_imports(path, outermost))


def _imports(path: Path, outermost: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    typing_only = {
        child
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in tree.body if outermost else ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if SCRIPTS.joinpath(*full.split(".")).with_suffix(".py").is_file() else node.module


def file_of(module: str) -> Path:
    path = SCRIPTS.joinpath(*module.split("."))
    return path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"


# What modules load from the registry, by its targets; to be counted among their imports.
LOADED = {
    "segue.nn.encoder": [*(entry.target for entry in CONVOLUTIONS.values()), "segue.nn.pyg.layer"],
    "segue.scorers.receiving": [entry.frozen for entry in CONVOLUTIONS.values()],
    "segue.scorers.fit": [entry.target for entry in BASELINES.values()],
    "segue.scorers.load": [entry.scorer for entry in BASELINES.values()],
    "segue.train.objectives": [entry.target for entry in (*LOSSES.values(), *SAMPLERS.values())],
}


def loaded(path: Path) -> list[str]:
    """Modules that a file loads from the registry."""
    name = ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)
    return [target.rpartition(".")[0] for target in LOADED.get(name, ())]


def closure(path: Path) -> set[Path]:
    """The file, and every file of the library that it reaches."""
    reached, pending = set(), [path]
    while pending:
        file = pending.pop()
        if file not in reached:
            reached.add(file)
            pending += [
                file_of(name) for name in [*imports(file), *loaded(file)] if name.split(".")[0] == "segue"
            ]
    return reached


MODULES = {
    ".".join(path.relative_to(SCRIPTS).with_suffix("").parts): path
    for path in sorted((SCRIPTS / "segue").rglob("*.py"))
    if path.name != "__init__.py"
}


def package(module: str) -> str:
    """The name of a module's package; empty at the top of the library."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 else ""


def test_every_package_is_named_here():
    assert {package(module) for module in MODULES} - {""} == set(ALLOWED)
    assert len(MODULES) > 50
    assert all(module.count(".") <= 2 for module in MODULES)


def test_the_installed_packages_are_all_there_are():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = set(project["tool"]["setuptools"]["packages"])
    assert named == {"segue", *(f"segue.{name}" for name in ALLOWED)}


def test_the_allowed_directions_have_no_cycle():
    assert len([*graphlib.TopologicalSorter(ALLOWED).static_order()]) == len(ALLOWED)


@pytest.mark.parametrize("module", MODULES)
def test_packages_import_in_one_direction(module):
    used = {name for name in imports(MODULES[module]) if name.split(".")[0] == "segue"}
    packages = {package(name) for name in used} - {"", package(module)}
    assert packages <= ALLOWED.get(package(module), set()), f"{module} imports {sorted(packages)}"


def test_modules_import_without_a_cycle():
    graph = {module: {name for name in imports(path) if name in MODULES} for module, path in MODULES.items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_inner_packages_have_empty_init_files():
    """Or every rule would depend on them."""
    inits = [path for path in (SCRIPTS / "segue").rglob("__init__.py") if path.parent.name != "segue"]
    assert len(inits) == len(ALLOWED)
    assert not any(path.read_text() for path in inits)


# The command imports what it runs by name.
SERVING = ["serve.continuation", *(f"cli.{name}" for name in ("recommend", "continue_", "check_submission"))]


@pytest.mark.parametrize("name", SERVING)
def test_serving_reaches_neither_training_nor_figures(name):
    reached = {path.relative_to(SCRIPTS / "segue").parts[0] for path in closure(MODULES[f"segue.{name}"])}
    assert {"serve"} <= reached
    assert not reached & {"train", "figures", "analysis"}


def test_only_training_freezing_and_export_import_torch_geometric():
    """Its import takes seconds. The encoder imports the code of its convolutions when it is built."""
    modules = {name for name, path in MODULES.items() if imports_on_start("torch_geometric", path)}
    exports = {"segue.nn.pyg_layers", "segue.nn.export_hetero", "segue.nn.export"}
    assert modules == {"segue.nn.convs", "segue.nn.pyg", *exports}
    assert not [path.stem for path in SCRIPTS.glob("*.py") if imports_on_start("torch_geometric", path)]
    scripts = {path.stem for path in SCRIPTS.glob("*.py") if imports_on_start("segue.nn.encoder", path)}
    assert scripts == {"train_model", "try_model", "freeze_model", "freeze_best"}
    packages = {package(name) for name, path in MODULES.items() if imports_on_start("segue.nn.encoder", path)}
    assert packages == {"nn", "train", "evaluate"}


def imports_on_start(library: str, path: Path) -> bool:
    """Whether a file, or one that it imports as it is imported itself, imports that library or module."""
    reached, pending = set(), [path]
    while pending:
        file = pending.pop()
        if file not in reached:
            reached.add(file)
            names = [*imports(file, outermost=True)]
            if library in {*names, *(name.split(".")[0] for name in names)}:
                return True
            pending += [file_of(name) for name in names if name.split(".")[0] == "segue"]
    return False


def test_what_modules_load_from_the_registry_is_known_here():
    users = {name: path for name, path in MODULES.items() if "segue.run.registry" in imports(path)}
    loading = {name for name, path in users.items() if re.search(r"\.load(_\w+)?\(\)", path.read_text())}
    assert loading == set(LOADED)


def test_the_library_does_not_import_snakemake():
    for module, path in MODULES.items():
        assert "snakemake" not in {name.split(".")[0] for name in imports(path)}, module


def test_training_needs_no_tables():
    """``segue.nn``, ``segue.train``, split and relations of ``segue.graph``, and all that they reach."""
    roots = [path for name, path in MODULES.items() if package(name) in ("nn", "train")]
    reached, pending = set(), [*roots, MODULES["segue.graph.split"], MODULES["segue.graph.relations"]]
    while pending:
        file = pending.pop()
        if file not in reached:
            reached.add(file)
            names = [*imports(file, outermost=True)]
            pending += [file_of(name) for name in names if name.split(".")[0] == "segue"]
            assert {name.split(".")[0] for name in names} <= TRAINING, file
    assert len(reached) > 12


PYPI_NAMES = {"PIL": "pillow", "yaml": "pyyaml", "umap": "umap-learn", "sklearn": "scikit-learn"}
# Not imported: run as programs; taken by uvicorn where they are; come with umap-learn.
OTHERS = {"snakemake", "httptools", "uvloop", "scikit-learn"}


def test_the_package_states_what_it_imports_and_no_more():
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    stated = {re.match(r"[\w-]+", dependency)[0] for dependency in dependencies}
    paths = [*MODULES.values(), *SCRIPTS.glob("*.py")]
    names = {name.split(".")[0] for path in paths for name in imports(path)}
    used = {PYPI_NAMES.get(name, name) for name in names - {"segue", *sys.stdlib_module_names}}
    assert stated - OTHERS == used - OTHERS


def scripts_with_environments() -> list[tuple[str, str]]:
    """(environment, script) of each rule."""
    rules = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    found = re.findall(r'envs/(\w+)\.yaml"(?:(?!\nrule ).)*?scripts/(\w+)\.py', rules, re.S)
    return sorted(set(found))


def test_every_script_has_a_rule():
    assert {script for _, script in scripts_with_environments()} == {
        path.stem for path in SCRIPTS.glob("*.py")
    }


@pytest.mark.parametrize(("environment", "script"), scripts_with_environments())
def test_conda_environments_hold_what_their_scripts_import(environment, script):
    entries = yaml.safe_load((ROOT / f"envs/{environment}.yaml").read_text())["dependencies"]
    available = {entry.split()[0] for entry in entries}
    names = {name.split(".")[0] for path in closure(SCRIPTS / f"{script}.py") for name in imports(path)}
    others = names - {"segue", *sys.stdlib_module_names}
    assert {CONDA_NAMES.get(name, name) for name in others} <= available
