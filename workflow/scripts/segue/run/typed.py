"""Text that means another value: Snakemake hands all over as text that is below a key of ``--config``."""

import re
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

INTEGER = re.compile(r"[-+]?\d+")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
BOOLEANS = {"true": True, "false": False}
NULLS = ("", "~", "null")


def typed(value: Any, schema: Schema) -> Any:
    """``value`` with each text that ``schema`` refuses, and that is exactly a value of a type which it wants
    there, as that value, at any depth: ``"12"`` is 12 where an integer is wanted, ``"1e-3"`` a number.

    Text stays where text may stand, ``null`` alone excepted, and so does what means nothing else. Whole
    floats are integers where only these are wanted. ``schema``: complete; what it refuses is left for it to
    refuse.
    """
    if isinstance(value, dict):
        return {key: typed(below, _of_key(schema, key)) for key, below in value.items()}
    if isinstance(value, list):
        items = next((option["items"] for option in _options(schema) if "items" in option), {})
        return [typed(item, items) for item in value]
    wanted = _types(schema)
    if value == "null" and "null" in wanted:
        return None
    if isinstance(value, str) and not Draft202012Validator(schema).is_valid(value):
        value = _meant(value, wanted)
    if isinstance(value, float) and value.is_integer() and "integer" in wanted <= {"integer", "null"}:
        return int(value)
    return value


def _options(schema: Schema) -> list[Schema]:
    return schema.get("oneOf", [schema])


def _of_key(schema: Schema, key: str) -> Schema:
    """Of the value of ``key``, in the first option that has one; {}, which takes all, if none has."""
    for option in _options(schema):
        if key in option.get("properties", {}):
            return option["properties"][key]
        if isinstance(option.get("additionalProperties"), dict):
            return option["additionalProperties"]
    return {}


def _types(schema: Schema) -> set[str]:
    kinds = (option.get("type", []) for option in _options(schema))
    return {kind for one in kinds for kind in ([one] if isinstance(one, str) else one)}


def _meant(text: str, wanted: set[str]) -> Any:
    word = text.lower()
    if "null" in wanted and word in NULLS:
        return None
    if "boolean" in wanted and word in BOOLEANS:
        return BOOLEANS[word]
    if wanted & {"integer", "number"}:
        if INTEGER.fullmatch(text):
            return int(text)
        if NUMBER.fullmatch(text):
            return float(text)
    return text
