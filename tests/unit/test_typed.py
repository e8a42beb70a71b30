"""Text that means a number, a boolean or null is that, wherever the configuration wants one."""

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from segue.run.config import read_config, valid_config
from segue.run.schema import complete
from segue.run.typed import typed

ROOT = Path(__file__).parents[2]
CONFIG = read_config(ROOT / "config/config.yaml")
SCHEMA = read_config(ROOT / "workflow/schemas/config.schema.yaml")
WHOLE = complete(SCHEMA, CONFIG)


def leaves(schema, path=()):
    """Path and schema of every key that is no section, and of the items of every list."""
    for key, below in schema.get("properties", {}).items():
        yield from leaves(below, (*path, key)) if "properties" in below else [((*path, key), below)]


def as_text(value):
    """As ``--config`` hands it over: all scalars are text."""
    if isinstance(value, dict):
        return {key: as_text(below) for key, below in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return value if isinstance(value, str) else yaml.safe_dump(value).removesuffix("\n...\n")


def kinds(schema):
    return {
        kind
        for option in schema.get("oneOf", [schema])
        for kind in ([option["type"]] if isinstance(option.get("type"), str) else option.get("type", []))
    }


# Such as a number that a schema may allow.
VALUES = {"integer": ("12", 12), "number": ("0.5", 0.5), "boolean": ("false", False), "null": ("null", None)}
CASES = [
    pytest.param(path, kind, id=f"{'.'.join(path)}-{kind}")
    for path, schema in leaves(WHOLE)
    for kind in sorted(kinds(schema) & VALUES.keys())
    if "string" not in kinds(schema) or kind == "null"
]


def nested(path, value):
    for key in reversed(path):
        value = {key: value}
    return value


@pytest.mark.parametrize(("path", "kind"), CASES)
def test_text_is_what_the_schema_wants(path, kind):
    text, value = VALUES[kind]
    found = typed(nested(path, text), WHOLE)
    assert found == nested(path, value)
    for key in path:
        found = found[key]
    assert type(found) is type(value)


def test_every_kind_of_key_is_among_these():
    paths = {".".join(case.values[0]) for case in CASES}
    assert {"train.epochs", "train.lr", "data.slices", "model.gat.dropout", "baselines.als.seed"} <= paths
    assert {"negatives.random.avoid_known", "data.edges.header", "checkpoints.seconds", "threads"} <= paths
    assert len(paths) > 50


def test_the_default_run_given_as_text_is_the_default_run():
    assert valid_config(as_text(CONFIG), SCHEMA) == CONFIG


STRINGS = [
    pytest.param(path, id=".".join(path))
    for path, schema in leaves(WHOLE)
    if "string" in kinds(schema) and "enum" not in schema and schema.get("maxLength") != 1
]


@pytest.mark.parametrize("path", STRINGS)
@pytest.mark.parametrize("text", ["12", "true", "~", "Null", "1e-3"])
def test_text_stays_where_text_is_wanted(path, text):
    assert typed(nested(path, text), WHOLE) == nested(path, text)


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("train.lr", "1e-3", 0.001),
        ("train.lr", "1", 1),
        ("train.epochs", "-2", -2),  # refused as what it is
        ("train.epochs", "2.5", 2.5),
        ("train.epochs", "1e3", 1000),
        ("train.epochs", 12.0, 12),
        ("train.epochs", "12 ", "12 "),
        ("train.epochs", "1_000", "1_000"),
        ("train.epochs", "0x10", "0x10"),
        ("train.epochs", "twelve", "twelve"),
        ("train.lr", "nan", "nan"),
        ("train.snapshot_every", "", None),
        ("train.snapshot_every", "~", None),
        ("train.loss", "12", "12"),
        ("artists.a", "null", None),
        ("data.edges.separator", "~", "~"),
        ("results", "null", "null"),
        ("negatives.random.avoid_known", "True", True),
        ("negatives.random.avoid_known", "yes", "yes"),
        ("negatives.random.avoid_known", "1", "1"),
        ("data.slices", "all", "all"),
        ("recommend.playlists", ["007", "5.0", "x", 5], ["007", "5.0", "x", 5]),  # ids, as they are written
        ("recommend.playlists", [5.0], [5.0]),
        ("recommend.playlists", "7", 7),
        ("data.edges.files", [{"path": "1", "split": "train"}], [{"path": "1", "split": "train"}]),
        ("compare.runs", {"A": "12"}, {"A": "12"}),
        ("baselines.als.factors", ["32"], [32]),
    ],
)
def test_known_values(path, text, value):
    found = typed(nested(path.split("."), text), WHOLE)
    assert found == nested(path.split("."), value)
    for key in path.split("."):
        found = found[key]
    assert type(found) is type(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([path for path, _ in leaves(WHOLE)]), JSON)
def test_nothing_is_lost_and_nothing_changes_twice(path, value):
    before = copy.deepcopy(value)
    once = typed(nested(path, value), WHOLE)
    assert value == before
    assert typed(once, WHOLE) == once
