"""The README is short, and what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("config/*.md")])


def test_it_is_short():
    assert len(README.splitlines()) <= 120


def test_its_tree_names_every_package_in_at_most_20_lines():
    (tree,) = re.findall(r"^```\n(Snakefile.*?)^```$", README, re.M | re.S)
    assert len(tree.splitlines()) <= 20
    named = set(re.findall(r"\w+", " ".join(line[:29] for line in tree.splitlines())))
    library = ROOT / "workflow/scripts/segue"
    packages = {path.name for path in library.iterdir() if (path / "__init__.py").is_file()}
    assert packages <= named
    folders = {"config", "profiles", "envs", "benchmarks", "docs", "tests"}
    assert folders <= named
    assert all((ROOT / folder).is_dir() for folder in folders)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [
        target for target in targets if "://" not in target and not (page.parent / target).resolve().exists()
    ]
    assert not missing


def test_files_that_commands_name_are_there():
    named = re.findall(r"(?:--configfile|CONFIG=|--profile) ?(\S+)", README)
    assert len(named) >= 5
    assert not [path for path in named if not (ROOT / path).exists()]
