"""What is wrong with a configuration, in words: the key, what was found, what is allowed."""

import difflib
from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import ValidationError

from segue.errors import shown
from segue.run.registry import BY_CLASS

Schema = dict[str, Any]

REPEATING = ("recipes", "tune.models")  # whose keys are those of other sections
MOST = 3  # keys of the same name that a message lists


def describe(error: ValidationError, schema: Schema) -> list[str]:
    """A line for each thing that is wrong. ``schema``: the whole one, complete."""
    path = ".".join(map(str, error.absolute_path)) or "(top level)"
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        prefix = f"{path}." if error.absolute_path else ""
        return [_unknown_key(prefix, str(key), known, schema) for key in error.instance if key not in known]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        # The validator has an error for each of them.
        return [f"{path}: key {key!r} is missing" for key in missing]
    message = f"{path}: found {shown(error.instance)}, expected {_expected(error.schema)}"
    if error.validator == "enum":
        message += nearest(error.instance, error.schema["enum"], "; did you mean {!r}?")
    return [message]


def _unknown_key(prefix: str, key: str, known: list[str], schema: Schema) -> str:
    paths = sorted(_paths(schema), key=lambda path: path.count("."))
    if prefix + key in paths:  # as it is written here, and not in YAML
        hint = f"write it as {_nested(key)}, after --config as {_option(prefix + key)}; "
    else:
        alone = not prefix  # as --config has it where the section was left out
        hint = _elsewhere(key, paths, alone) or nearest(key, known, "did you mean {!r}? ")
        other = nearest(key, [path.rpartition(".")[2] for path in paths], "{}")
        hint = hint or _elsewhere(other, paths, alone)
    besides = f", and blocks with a {BY_CLASS} of torch_geometric" if prefix == "model." else ""
    return f"{prefix}{key}: unknown key; {hint}allowed here: {', '.join(known)}{besides}"


def _nested(path: str) -> str:
    """The key ``path`` as YAML has it on one line."""
    return "...".join([path.replace(".", ": {") + ": ", "}" * path.count(".")])


def _option(path: str) -> str:
    """The key ``path`` as an argument of --config, which takes no points."""
    section, _, key = path.partition(".")
    return f"'{section}={{{_nested(key)}}}'" if key else f"{section}=..."


def _elsewhere(name: str, paths: list[str], alone: bool) -> str:
    """A hint at the keys of this name, whatever their section; empty where there are none.

    ``alone``: whether to say how --config takes such a key.
    """
    found = [path for path in paths if path.rpartition(".")[2] == name]
    others = f" or {len(found) - MOST} others" if len(found) > MOST else ""
    if not found:
        return ""
    option = f"after --config as {_option(found[0])}; " if alone and "." in found[0] else ""
    return f"did you mean {' or '.join(found[:MOST])}{others}? {option}"


def _paths(schema: Schema, prefix: str = "") -> Iterator[str]:
    """Of all keys, sections before what they hold; not of those that REPEATING ones hold."""
    for key, below in schema.get("properties", {}).items():
        yield f"{prefix}{key}"
        if f"{prefix}{key}" not in REPEATING:
            yield from _paths(below, f"{prefix}{key}.")


def nearest(value: Any, known: list[Any], hint: str) -> str:
    """``hint`` filled in with the one of ``known`` that ``value`` is nearly; empty where none is."""
    close = difflib.get_close_matches(str(value), map(str, known), n=1)
    return hint.format(close[0]) if close else ""


def _expected(schema: dict[str, Any]) -> str:
    if "oneOf" in schema:
        return " or ".join(_expected(option) for option in schema["oneOf"])
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    kind = schema.get("type", "another value")
    text = " or ".join(kind) if isinstance(kind, list) else kind
    if "properties" in schema:
        text = "one key or more" if schema.get("minProperties") else text
        text = f"{text} of {', '.join(schema['properties'])}"
    if "items" in schema:
        unique = "distinct " if schema.get("uniqueItems") else ""
        text = (
            f"a list of {schema.get('minItems', 0)} or more {unique}values, each {_expected(schema['items'])}"
        )
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {schema[key]}" for key, sign in bounds.items() if key in schema]
    if "minLength" in schema:
        exact = schema["minLength"] == schema.get("maxLength")
        limits.append(f"of {'' if exact else 'at least '}{schema['minLength']} character(s)")
    return " ".join([text, " and ".join(limits)]).strip()
