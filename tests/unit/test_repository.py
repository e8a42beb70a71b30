"""What the repository says about itself, held to what it is."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from segue.data.provenance import VERSION
from segue.run.reference import page

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
PYPI_NAMES = {"pytorch": "torch", "pytorch_geometric": "torch_geometric", "matplotlib-base": "matplotlib"}


def test_config_readme_is_what_the_schema_the_registry_and_the_defaults_make_of_it():
    text = (ROOT / "config/README.md").read_text()
    assert page(text, SCHEMA, CONFIG) == text, "`python -m segue.run.reference` writes it anew"


def test_config_readme_lists_every_key_with_its_default():
    text = (ROOT / "config/README.md").read_text()
    for path, value in leaves(CONFIG):
        shown = yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()
        assert f"\n| `{path}` | `{shown}` | " in text
    assert text.count("\n| `model.gat.heads` | `5` | Attention heads; a linear layer maps") == 1


def leaves(config, path=""):
    for key, value in config.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def test_every_config_key_is_read_somewhere():
    text = "".join(
        path.read_text() for path in (ROOT / "workflow").rglob("*") if path.suffix in (".py", ".smk")
    )
    text += (ROOT / "Snakefile").read_text()
    for path, _ in leaves(CONFIG):
        assert re.search(rf"\b{path.split('.')[-1]}\b", text), path


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.name)
def test_conda_environments_have_the_lock_s_versions(path):
    dependencies = dict(entry.split(" =") for entry in yaml.safe_load(path.read_text())["dependencies"])
    del dependencies["python"]
    assert dependencies == {name: LOCK[PYPI_NAMES.get(name, name).lower()] for name in dependencies}


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
