"""The settings of one model: sections of the configuration, with what its sampler's recipe puts in place."""

from collections.abc import Iterable, Mapping
from typing import Any

from segue.run.models import KINDS, Model, models_of
from segue.run.registry import LIKE, LOSSES, SAMPLERS

Config = Mapping[str, Any]


def overlaid(section: Config, own: Config) -> dict[str, Any]:
    """``section`` with the values of ``own`` in place of its own, in the blocks in it too."""
    return {
        key: overlaid(value, own.get(key, {})) if isinstance(value, dict) else own.get(key, value)
        for key, value in section.items()
    }


def train_settings(sampler: str, train: Config, recipes: Config) -> dict[str, Any]:
    """Section ``train`` as models of ``sampler`` have it."""
    return overlaid(train, recipes.get(sampler, {}).get("train", {}))


def block_settings(name: str, sizes: Config, recipe: Config) -> dict[str, Any]:
    """The settings of the convolution ``name``: its block in ``sizes``, section model of the configuration,
    with what the sampler's ``recipe`` for that section puts in place.

    Those of a block that is ``like`` another are the other's, but for what it, or the recipe for it, says.
    """
    block = sizes[name]
    if LIKE not in block:
        return overlaid(block, recipe.get(name, {}))
    return block_settings(block[LIKE], sizes, recipe) | block | recipe.get(name, {})


def relation_settings(block: Config, config: Config) -> dict[str, Any]:
    """How a model whose convolution has the settings ``block`` passes messages to artists and albums: section
    relations of ``config``, which the block's own lies over.

    ``kinds``: those of graph.relations that the model has; [] for the bipartite graph.
    """
    own = {**config["relations"], **block.get("relations", {})}
    available = config["graph"]["relations"]
    kinds = available if own["kinds"] is None else own["kinds"]
    return own | {"kinds": [kind for kind in KINDS if kind in kinds]}


def model_settings(model: Model, config: Config) -> dict[str, Any]:
    """What ``model`` is made with: ``dim``, and the settings of its convolution, ``conv``, of its
    ``negatives`` and of its training, ``train``, whose seed is the model's own; and ``relations``, where it
    has artists or albums: kinds, aggregate, weights and degrees.

    The recipe of the model's sampler stands in the place of sections model and train of ``config``.
    """
    sizes, recipe = config["model"], config["recipes"].get(model.sampler, {}).get("model", {})
    conv = block_settings(model.conv, sizes, recipe)
    relations = relation_settings(conv, config)
    conv.pop("relations", None)
    train = train_settings(model.sampler, config["train"], config["recipes"])
    return {
        "dim": recipe.get("dim", sizes["dim"]),
        "conv": conv,
        "negatives": config["negatives"][model.sampler],
        "train": train if model.seed is None else train | {"seed": model.seed},
        **({"relations": relations} if relations["kinds"] else {}),
    }


def kinds_by_conv(models: Iterable[Model], config: Config) -> dict[str, list[str]]:
    """Node types beside playlists and tracks, by the name of each convolution of ``models``."""
    settings = {model.conv: model_settings(model, config) for model in models}
    return {conv: own.get("relations", {}).get("kinds", []) for conv, own in settings.items()}


def training_problems(config: Config) -> list[str]:
    """What of the trainings' settings does not go together, each with its key."""
    models = models_of(config["sweep"], config["train"]["seed"])
    return [
        f"{problem}, for models of the sampler {sampler}"
        for sampler in dict.fromkeys(model.sampler for model in models)
        for problem in problems_of_training(
            sampler, train_settings(sampler, config["train"], config["recipes"])
        )
    ]


def problems_of_training(sampler: str, train: Config) -> list[str]:
    """What of one training's settings, ``train``, does not go together."""
    problems = []
    loss, pairs = train["loss"], SAMPLERS[sampler].pairs
    if LOSSES[loss].pairs != pairs:
        fitting = " or ".join(name for name, entry in LOSSES.items() if entry.pairs == pairs)
        why = "which draws a negative for each positive" if pairs else "which draws no pairs"
        problems.append(f"train.loss: found {loss}, expected {fitting}, {why}")
    if train["l2"] and not pairs:
        problems.append(f"train.l2: found {train['l2']}, expected 0, since there are no pairs to take it of")
    if train["patience"] is not None and train["keep"] != "best":
        problems.append(f"train.patience: found {train['patience']}, expected null, since train.keep is last")
    elif train["patience"] is not None and train["recall_every"] >= train["epochs"]:
        problems.append(
            f"train.patience: found {train['patience']}, expected null, since validation recall is measured "
            f"at the last epoch alone (train.recall_every {train['recall_every']}, train.epochs "
            f"{train['epochs']})"
        )
    return problems
