"""What the repository says about itself, held to what it is."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from segue.data.version import VERSION

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
# By name in lower case: PyPI's names do not tell Jinja2 from jinja2.
LOCK = dict(
    line.lower().split("==")
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if not line.startswith("#")
)
# conda-forge's names that are not PyPI's
PYPI_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def keys(schema, config, path=""):
    """Path, default and description of every key, as config/README.md lists them."""
    for key, child in schema["properties"].items():
        if child.get("properties") and key != "expect":
            yield from keys(child, config[key], f"{path}{key}.")
        else:
            yield f"{path}{key}", config[key], child["description"]


def shown(value):
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_config_readme_lists_every_key_with_its_default():
    table = [f"| `{path}` | `{shown(value)}` | {text} |" for path, value, text in keys(SCHEMA, CONFIG)]
    assert [line for line in (ROOT / "config/README.md").read_text().splitlines() if line in table] == table
    assert (ROOT / "config/README.md").read_text().endswith("\n".join(table) + "\n")


def test_every_config_key_is_read_somewhere():
    text = "".join(
        path.read_text() for path in (ROOT / "workflow").rglob("*") if path.suffix in (".py", ".smk")
    )
    text += (ROOT / "Snakefile").read_text()
    for path, _, _ in keys(SCHEMA, CONFIG):
        assert re.search(rf"\b{path.split('.')[-1]}\b", text), path


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.name)
def test_conda_environments_have_the_lock_s_versions(path):
    dependencies = dict(entry.split(" =") for entry in yaml.safe_load(path.read_text())["dependencies"])
    del dependencies["python"]
    assert dependencies == {name: LOCK[PYPI_NAMES.get(name, name).lower()] for name in dependencies}


def test_conda_environments_hold_what_their_scripts_import():
    modules = {
        "matplotlib": "matplotlib-base",
        "torch": "pytorch",
        "yaml": "pyyaml",
        "sklearn": "scikit-learn",
        "umap": "umap-learn",
        **{
            name: name for name in ("filelock", "jinja2", "msgspec", "networkx", "numpy", "polars", "pyarrow")
        },
        **{name: name for name in ("implicit", "safetensors", "scipy", "threadpoolctl", "zstandard")},
    }
    scripts = ROOT / "workflow/scripts"
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    used = re.findall(r'envs/(\w+)\.yaml"(?:(?!\nrule ).)*?scripts/(\w+)\.py', rules, re.S)
    assert {script for _, script in used} == {path.stem for path in scripts.glob("*.py")}
    for env, script in used:
        reached, pending = set(), [scripts / f"{script}.py"]
        imports = set()
        while pending:
            source = pending.pop().read_text()
            imports |= set(re.findall(r"^\s*(?:import|from) (\w+)", source, re.M))
            for name in re.findall(r"^(?:from segue\.|from segue import |import segue\.)(\w+)", source, re.M):
                if name not in reached:
                    reached.add(name)
                    pending.append(scripts / "segue" / f"{name}.py")
        available = yaml.safe_load((ROOT / f"envs/{env}.yaml").read_text())["dependencies"]
        missing = {modules[name] for name in imports & set(modules)} - {
            entry.split()[0] for entry in available
        }
        assert not missing, f"{script} needs {missing} in envs/{env}.yaml"


def test_the_lock_satisfies_the_ranges():
    text = (ROOT / "pyproject.toml").read_text()
    ranges = dict(re.findall(r'^    "([\w_]+)>=([\d.]+)",$', text, re.M))
    assert len(ranges) > 10
    for name, least in ranges.items():
        assert [int(part) for part in LOCK[name.lower()].split(".")] >= [
            int(part) for part in least.split(".")
        ], name


def test_the_version_is_the_package_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_the_library_does_not_import_snakemake():
    for path in (ROOT / "workflow/scripts/segue").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) snakemake", path.read_text(), re.M), path.name


def test_training_needs_no_tables():
    """From split.py to evaluation.py, and whatever scores playlists: torch, numpy and safetensors only."""
    allowed = {"torch", "numpy", "safetensors", "segue", *sys.stdlib_module_names}
    names = (
        "split edges sparse convs models sampling losses training training_state ranking metrics evaluation "
        "inductive scorers scorer_files popularity item_knn als ease scorer_evaluation"
    )
    for name in names.split():
        source = (ROOT / f"workflow/scripts/segue/{name}.py").read_text()
        assert set(re.findall(r"^(?:import|from) (\w+)", source, re.M)) <= allowed, name


def test_the_readme_s_tree_names_every_module():
    readme = (ROOT / "README.md").read_text()
    for path in (ROOT / "workflow/scripts/segue").rglob("*.py"):
        if path.stem != "__init__":
            assert re.search(rf"^    [\w, ]*\b{path.stem}\b", readme, re.M), path.stem
