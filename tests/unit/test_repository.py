"""What the repository says about itself, held to what it is."""

import ast
import functools
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from test_imports import SCRIPTS, closure, file_of

from segue.data.provenance import VERSION
from segue.run.reference import page

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
# By name in lower case: PyPI's names do not tell Jinja2 from jinja2.
RUN, DEV = (
    dict(line.lower().split(";")[0].split("==") for line in (ROOT / name).read_text().splitlines())
    for name in ("requirements.txt", "requirements-dev.txt")
)
LOCK = RUN | DEV
# conda-forge's names that are not PyPI's
PYPI_NAMES = {"pytorch": "torch", "pytorch_geometric": "torch_geometric", "matplotlib-base": "matplotlib"}


def test_config_readme_is_what_the_schema_the_registry_and_the_defaults_make_of_it():
    text = (ROOT / "config/README.md").read_text()
    assert page(text, SCHEMA, CONFIG) == text, "`python -m segue.run.reference` writes it anew"


def test_config_readme_lists_every_key_with_its_default():
    text = (ROOT / "config/README.md").read_text()
    for path, value in leaves(CONFIG):
        shown = yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()
        if path == "recipes":  # each is as long as a run's file
            shown = "{softmax: ...}"
        assert f"\n| `{path}` | `{shown}` | " in text
    assert text.count("\n| `model.gat.heads` | `5` | Attention heads; a linear layer maps") == 1


def leaves(config, path=""):
    for key, value in config.items():
        if isinstance(value, dict) and value and key != "recipes":
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


WORKFLOW = [ROOT / "Snakefile", *sorted((ROOT / "workflow/rules").glob("*.smk"))]
# What checks or lists any setting is not what uses it.
CHECKERS = ("segue/run/config.py", "segue/run/reference.py", "segue/run/registry.py", "segue/report/run.py")


def lookups(text):
    """What is looked up in `config`: ("model", None) for config["model"][wildcards.conv]."""
    for steps in re.findall(r"\bconfig((?:\[[^][]+\]|\.get\([^()]+\))+)", text):
        keys = re.findall(r"""[\[(](?:"(\w+)")?""", steps)
        yield tuple(key or None for key in keys)


def blocks():
    """Text and script of each rule, with the functions and values that it names; and, with None, of what
    stands outside of rules, each function and value by itself."""
    rules, rest = [], {}
    for path in WORKFLOW:
        for part in re.split(r"^(?=\S)(?![\])}])|^ {4}(?=rule )", path.read_text(), flags=re.M):
            script = re.search(r'"\.\./scripts/(\w+\.py)"', part)
            if script:
                rules.append((part, script[1]))
            else:
                name = re.match(r"def (\w+)|(\w+) \+?= ", part)
                key = name[1] or name[2] if name else f"part {len(rest)}"
                rest[key] = rest.get(key, "") + part
    for part, script in rules:
        known, pending = {}, [part]
        while pending:
            for word in re.findall(r"\w+", pending.pop()):
                if word in rest and word not in known:
                    known[word] = rest[word]
                    pending.append(rest[word])
        yield part + "".join(known.values()), script
    yield from ((part, None) for part in rest.values())


@functools.cache
def names_used(path: Path) -> frozenset[str]:
    """What a file takes by name: parameters, fields, and texts that are subscripts, arguments of `get`, or
    several in a tuple, list or set."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.arg(arg=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                names.add(name)
            case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value=str(name)), *_]):
                names.add(name)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                names |= {element.value for element in elements if isinstance(element, ast.Constant)}
    return frozenset(names)


@pytest.fixture(scope="module")
def reads():
    """(what is looked up, the names that all code uses which this is handed to)."""
    checkers = {SCRIPTS / name for name in CHECKERS}
    assert all(path.is_file() for path in checkers)
    convs = set().union(*(closure(path) for path in (SCRIPTS / "segue/nn").glob("*.py")))
    modules = {
        name.strip(): module
        for path in WORKFLOW
        for module, names in re.findall(r"^from (segue[.\w]+) import (\([^)]+|.+)", path.read_text(), re.M)
        for name in names.strip("(").split(",")
    }
    found = []
    for text, script in blocks():
        entry = [SCRIPTS / script] if script else []
        entry += [file_of(modules[word]) for word in set(re.findall(r"\w+", text)) & modules.keys()]
        files = set().union(*map(closure, entry)) - checkers
        # The registry names these as text.
        files |= convs if script in ("train_model.py", "freeze_model.py", "extend_model.py") else set()
        used = set().union(*map(names_used, files)) | set(re.findall(r"\{(\w+)\}", text))
        texts = [text, (SCRIPTS / script).read_text() if script else ""]
        found += [(path, used) for one in texts for path in lookups(one)]
    return found


def is_read(key, found):
    """Whether a key is looked up itself, or what it stands in, for code that uses its name."""
    parts = tuple(key.split("."))
    return any(
        all(step in (None, part) for step, part in zip(path, parts, strict=False))
        and (path[len(parts) - 1 :][:1] == parts[-1:] or parts[-1] in used)
        for path, used in found
    )


def test_captions_show_settings_that_their_rules_have():
    rules = [text for text, script in blocks() if script]
    for path in sorted((ROOT / "workflow/report").glob("*.rst")):
        for section, key in re.findall(r"snakemake\.params\.(\w+)(?:\.(\w+))?", path.read_text()):
            having = [text for text in rules if re.search(rf"report/({path.stem}|{{name}})\.rst", text)]
            assert section == "settings"
            assert any(f'"{key}":' in text for text in having), (path.name, key)


def test_every_config_key_is_read(reads):
    assert [key for key, _ in leaves(CONFIG) if not is_read(key, reads)] == []


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ("train.recall_k", True),
        ("train.rate", False),
        ("model.gat.heads", True),
        ("model.gat.head", False),
        ("artists.a", True),
        ("artists.k", False),
        ("drawing.a", False),
        ("maps.rate", False),
        ("checkpoints.min_dist", False),
        ("sweep.batch", False),
    ],
)
def test_the_search_for_readers_sees(reads, key, read):
    assert is_read(key, reads) == read


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.name)
def test_conda_environments_have_the_lock_s_versions(path):
    dependencies = dict(entry.split(" =") for entry in yaml.safe_load(path.read_text())["dependencies"])
    del dependencies["python"]
    assert dependencies == {name: LOCK[PYPI_NAMES.get(name, name).lower()] for name in dependencies}


def test_the_lock_satisfies_the_ranges():
    text = (ROOT / "pyproject.toml").read_text()
    ranges = dict(re.findall(r'^    "([\w-]+)>=([\d.]+)[^"]*",$', text, re.M))
    assert len(ranges) > 30
    for name, least in ranges.items():
        assert [int(part) for part in LOCK[name.lower()].split(".")] >= [
            int(part) for part in least.split(".")
        ], name


def test_running_installs_no_tool_of_developers():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = {re.match(r"[\w-]+", entry)[0].lower() for entry in project["dependencies"]}
    tools = {re.match(r"[\w-]+", entry)[0].lower() for names in extras.values() for entry in names}
    assert wanted <= RUN.keys()
    # psutil is of Snakemake, which measures jobs with it.
    assert tools - DEV.keys() == {"psutil"}
    assert RUN.keys().isdisjoint(DEV)


def test_the_version_is_the_package_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_nothing_has_the_name_of_a_slice():
    """The MPD may not be passed on: slices of tests are made when they run."""
    folders = ("benchmarks", "config", "docs", "envs", "profiles", "tests", "workflow")
    assert [path for name in folders for path in (ROOT / name).rglob("*mpd.slice.*")] == []
