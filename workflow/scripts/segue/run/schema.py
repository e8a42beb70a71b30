"""The JSON Schema of the configuration, with what follows from the registry filled in."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from segue.run.kinds import EDGE_DROPOUT, INIT_STD, LAYERS, Setting
from segue.run.models import ALPHAS, Model
from segue.run.registry import BASELINES, BY_CLASS, CONVOLUTIONS, LIKE, LOSSES, SAMPLERS

Schema = dict[str, Any]

# Names of blocks in section `model`: values of the wildcard {conv}, which "-" divides from the others.
NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
# Of a block that names a convolution of torch_geometric. Its other keys are arguments of that class, which
# alone knows them.
BY_CLASS_SECTION: Schema = {
    "type": "object",
    "required": [BY_CLASS, LAYERS.name, INIT_STD.name],
    "properties": {
        BY_CLASS: {
            "description": "Dotted name of a convolution of torch_geometric; other keys are its arguments.",
            "type": "string",
        }
    },
}
RELATIONS = "relations"  # a section, and what a block in section `model` may have of it
# Of `train`: how trials are compared, and not what is tried.
NOT_TRIED = ("seed", "recall_every", "recall_k", "snapshot_every", "refit")


def complete(schema: Schema, config: Mapping[str, Any]) -> Schema:
    """``schema``, which says nothing of convolutions, losses, samplers and baselines, with the registry's.

    Sections ``model.<name>``, ``negatives.<name>`` and ``baselines.<name>`` of their settings, and the names
    that the sweep and others choose among. ``config``: the configuration, whose section ``model`` may have
    blocks that name a ``class`` besides.
    """
    schema = copy.deepcopy(schema)
    sections = schema["properties"]
    blocks = _sections(sections["model"], CONVOLUTIONS.values())
    blocks.update({name: by_class() for name in added_by_class(config)})
    blocks.update(_like_others(config, blocks))
    relations = _partial(sections[RELATIONS]) | {"description": "What of `relations` is its own."}
    for name in blocks.keys() - {"dim"}:
        blocks[name]["properties"][RELATIONS] = relations
    _sections(sections["negatives"], SAMPLERS.values())
    _sections(sections["baselines"], (entry for entry in BASELINES.values() if entry.settings))
    convolutions = [name for name in blocks if name != "dim"]
    for section, key, names in (
        ("sweep", "conv", convolutions),
        ("maps", "conv", convolutions),
        ("sweep", "sampler", SAMPLERS),
        ("maps", "sampler", SAMPLERS),
        ("baselines", "names", BASELINES),
    ):
        sections[section]["properties"][key]["items"]["enum"] = list(names)
    sections["train"]["properties"]["loss"]["enum"] = list(LOSSES)
    recipe = {name: _partial(sections[name]) for name in ("train", "model")}
    sections["recipes"]["properties"] = {
        name: {"type": "object", "additionalProperties": False, "properties": recipe} for name in SAMPLERS
    }
    sections["tune"]["properties"]["models"]["properties"] = _tunable(sections, convolutions)
    return schema


def _like_others(config: Mapping[str, Any], blocks: Mapping[str, Schema]) -> dict[str, Schema]:
    """Of the blocks in section ``model`` of ``config`` that are like another one: its keys, none required."""
    names = [name for name in blocks if name != "dim"]
    like = {"description": "The convolution whose settings the block has, but for its own.", "enum": names}
    return {
        name: _partial(of_other) | {"required": [LIKE], "properties": of_other["properties"] | {LIKE: like}}
        for name, block in added_like_others(config).items()
        for of_other in [blocks.get(str(block[LIKE]), {"type": "object", "properties": {}})]
    }


def _partial(section: Schema) -> Schema:
    """``section``, and those in it, with no key required."""
    partial = {key: value for key, value in section.items() if key != "required"}
    if "properties" in section:
        partial["properties"] = {
            key: _partial(value) if value.get("type") == "object" else value
            for key, value in section["properties"].items()
        }
    return partial


def _tunable(sections: Mapping[str, Schema], convolutions: Iterable[str]) -> dict[str, Schema]:
    """What ``tune`` may ask of each model that there can be, and of each baseline with settings, by name."""
    of_model, of_negatives, of_training = (
        sections[name]["properties"] for name in ("model", "negatives", "train")
    )
    trained = {f"train.{key}": value for key, value in of_training.items() if key not in NOT_TRIED}
    asked = {}
    for conv, sampler, alpha in product(convolutions, SAMPLERS, ALPHAS):
        of_conv, drawn = of_model[conv]["properties"], of_negatives[sampler]["properties"]
        own = {
            f"conv.{key}": value for key, value in of_conv.items() if key not in (BY_CLASS, LIKE, RELATIONS)
        }
        own |= {f"negatives.{key}": value for key, value in drawn.items()}
        # Of a class of torch_geometric only itself knows the arguments.
        asked[Model(conv, sampler, alpha).name] = _asked(
            {"dim": of_model["dim"]} | own | trained, closed=BY_CLASS not in of_conv
        )
    for name, entry in BASELINES.items():
        if entry.settings:
            own = {setting.name: value_schema(replace(setting, several=False)) for setting in entry.settings}
            asked[name] = _asked(own, closed=True)
    return asked


def _asked(settings: Mapping[str, Schema], *, closed: bool) -> Schema:
    """An entry of ``tune.models`` whose grid has candidates of ``settings``, and where it is not ``closed``
    of others."""
    several = {"type": "array", "minItems": 1, "uniqueItems": True}
    grid = {
        "description": "Lists of candidates, by key.",
        "type": "object",
        "additionalProperties": False if closed else several,
        "minProperties": 1,
        "properties": {
            key: several | {"description": one["description"], "items": one} for key, one in settings.items()
        },
    }
    draw = {
        "description": "Combinations that are tried; null: all.",
        "type": ["integer", "null"],
        "minimum": 1,
    }
    seed = {"description": "Seed of the draw of combinations.", "type": "integer", "minimum": 0}
    return {
        "description": "What is tried.",
        "type": "object",
        "additionalProperties": False,
        "required": ["grid"],
        "properties": {"grid": grid, "draw": draw, "seed": seed},
    }


def added_by_class(config: Mapping[str, Any]) -> list[str]:
    """Names of the blocks in section ``model`` of ``config`` that name a class, in their order."""
    return list(_added(config, BY_CLASS))


def added_like_others(config: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks in section ``model`` of ``config`` that are like another one, by name, in their order."""
    return _added(config, LIKE)


def _added(config: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The blocks in section ``model`` that the registry does not know, and that have the ``key``."""
    model = config.get("model")
    blocks = model.items() if isinstance(model, dict) else ()
    return {
        str(name): block
        for name, block in blocks
        if name not in CONVOLUTIONS and isinstance(block, dict) and key in block
    }


def arguments_of_class(block: Mapping[str, Any]) -> dict[str, Any]:
    """Those keys of a block that names a class which are the class's own."""
    others = (BY_CLASS, LIKE, RELATIONS, LAYERS.name, EDGE_DROPOUT.name, INIT_STD.name)
    return {key: value for key, value in block.items() if key not in others}


def _sections(parent: Schema, entries: Iterable[Any]) -> dict[str, Schema]:
    """Adds a section for each entry to those of ``parent``, which it returns."""
    for entry in entries:
        section = _closed(entry.settings)
        if described := getattr(entry, "description", ""):
            section["description"] = described
        parent["properties"][entry.name] = section
        parent["required"].append(entry.name)
    return parent["properties"]


def by_class() -> Schema:
    """Of a block in section ``model`` that names a class."""
    of_encoder = {setting.name: value_schema(setting) for setting in (LAYERS, EDGE_DROPOUT, INIT_STD)}
    return BY_CLASS_SECTION | {"properties": BY_CLASS_SECTION["properties"] | of_encoder}


def _closed(settings: Iterable[Setting]) -> Schema:
    properties = {setting.name: value_schema(setting) for setting in settings}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def value_schema(setting: Setting) -> Schema:
    """What a setting may be."""
    bounds = {
        "minimum": setting.at_least,
        "exclusiveMinimum": setting.above,
        "maximum": setting.at_most,
        "exclusiveMaximum": setting.below,
    }
    one = {"type": setting.kind} | {name: bound for name, bound in bounds.items() if bound is not None}
    if setting.several:
        one = {"type": "array", "minItems": 1, "uniqueItems": True, "items": one}
    return {"description": setting.description, **one}
