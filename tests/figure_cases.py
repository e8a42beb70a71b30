"""Tables to draw, and what a reader sees of a figure: lines, texts, bytes."""

import json
import re
from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from segue.figures import looks, style
from segue.figures.measures import METRICS
from segue.run.kinds import Sampler
from segue.run.registry import CONVOLUTIONS, SAMPLERS

# With pairs of a positive and a negative, whose losses stand in one figure.
PAIRED = [name for name, entry in SAMPLERS.items() if entry.pairs]
MODELS = list(product(CONVOLUTIONS, PAIRED, looks.ALPHAS))
# A loss without pairs; whatever the registry has, in these looks.
SOFTMAX = Sampler("softmax", "softmax", "", line=(0, (1, 1)), filled=True, pairs=False)
LGC_ALONE = [("lgc", "random", "fixed")]
SUBSETS = {
    "all": MODELS,
    "one": LGC_ALONE,
    "one hard": [("sage", "hard", "learnable")],
    "one convolution": [model for model in MODELS if model[0] == "gat"],
    "random": [model for model in MODELS if model[1] == "random"],
    "hard": [model for model in MODELS if model[1] == "hard"],
    "learnable": [model for model in MODELS if model[2] == "learnable"],
    "no common part": [("lgc", "random", "fixed"), ("gat", "hard", "learnable")],
}
every_subset = pytest.mark.parametrize("models", SUBSETS.values(), ids=SUBSETS)


def history(models=MODELS, epochs=60):
    """Curves that fall, for hard negatives rise again, and differ by less than a label is high."""
    rows = []
    for conv, sampler, alpha in models:
        number = MODELS.index((conv, sampler, alpha))
        for epoch in range(1, epochs + 1):
            share = epoch / epochs
            late = 0.2 * max(0.0, share - 0.5) if sampler == "hard" else 0.0
            measured = epoch % 10 == 0 or epoch == epochs
            rows.append(
                {
                    "conv": conv,
                    "sampler": sampler,
                    "alpha": alpha,
                    "epoch": epoch,
                    "validation_loss": 0.2 + 0.005 * number + 0.48 * np.exp(-6 * share) + late,
                    "validation_auc": 0.9 - 0.01 * number - 0.4 * np.exp(-5 * share),
                    "validation_recall": 0.7 - 0.01 * number - 0.4 * np.exp(-5 * share) if measured else None,
                    "recall_k": 300,
                    "layer_weights": layer_weights(conv, alpha, share),
                }
            )
    return pl.DataFrame(rows).cast({"epoch": pl.Int32, "recall_k": pl.Int32})


def layer_weights(conv, alpha, share):
    """Of 4 layers and the input for lgc, else of 3; learnable ones part from 1/(layers + 1)."""
    count = 5 if conv == "lgc" else 4
    return [
        1 / count + (0.1 * share * (layer - 1.3) if alpha == "learnable" else 0) for layer in range(count)
    ]


def spiked(table, loss, *, epoch, model=("gat", "random", "fixed")):
    return table.with_columns(
        pl.when(pl.col("epoch") == epoch, *(pl.col(name) == value for name, value in keys(model)))
        .then(loss)
        .otherwise("validation_loss")
        .alias("validation_loss")
    )


def keys(model):
    return zip(("conv", "sampler", "alpha"), model, strict=True)


def rows_of(table, model):
    return table.filter(*(pl.col(name) == value for name, value in keys(model))).sort("epoch")


BASELINES = {"popularity": 0.2, "knn": 0.48, "als": 0.46}  # the metric that comes first


def summary(models=MODELS, k=300):
    names = [name.format(k=k) for name in METRICS]
    rows = [
        {"model": "-".join(model), **dict(keys(model)), "playlists": 1786}
        | {name: 0.5 + 0.05 * i + 0.01 * MODELS.index(model) for i, name in enumerate(names)}
        for model in models
    ]
    none = {"conv": None, "sampler": None, "alpha": None, "playlists": 1786}
    baselines = [
        {"model": model, **none} | {name: level + 0.05 * i for i, name in enumerate(names)}
        for model, level in BASELINES.items()
    ]
    return pl.DataFrame([*rows, *baselines], infer_schema_length=None)


def degrees():
    """Before: playlists of degree 2 (6), 4 (3), 20 (1); tracks of 1 (70), 5 (25), 60 (5); after: from 3."""
    columns = ("stage", "side", "degree", "nodes")
    rows = [
        ("before", "playlist", 4, 3),
        ("before", "playlist", 2, 6),
        ("before", "playlist", 20, 1),
        ("before", "track", 1, 70),
        ("before", "track", 5, 25),
        ("before", "track", 60, 5),
        ("after", "playlist", 3, 2),
        ("after", "playlist", 10, 2),
        ("after", "track", 3, 3),
        ("after", "track", 9, 1),
    ]
    schema = dict(zip(columns, (pl.String, pl.String, pl.UInt32, pl.UInt32), strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def curves(ax):
    """Lines of models by their name."""
    names = {"-".join(model) for model in MODELS}
    return {line.get_label(): line for line in ax.get_lines() if line.get_label() in names}


def layout(figure):
    """Lays the figure out, as texts get their places by drawing only."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    return renderer


def texts(figure):
    """What a reader sees of text, and its box in pixels (an annotation's without its arrow)."""
    renderer = layout(figure)
    ticks = {
        tick.label1: low <= tick.get_loc() <= high
        for ax in figure.axes
        for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim())))
        for tick in axis.get_major_ticks()
    }
    return [
        (text.get_text(), Text.get_window_extent(text, renderer))
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible() and ticks.get(text, True)
    ]


def overlaps(a, b):
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def assert_texts_apart(figure):
    seen = texts(figure)
    for (text, box), (other, other_box) in combinations(seen, 2):
        assert not overlaps(box, other_box), f"{text!r} lies over {other!r}"
    for text, box in seen:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert inside, f"{text!r} is cut off"


def png(figure, folder):
    path = folder / "figure.png"
    style.save_png(figure, path)
    return path.read_bytes()


# Red, green, blue and opacity at a place from 0 to 1.
PIXEL = """([x, y]) => {
    const map = document.getElementById("picture"), [a, b] = [x, y].map(part => Math.round(part * map.width));
    return [...map.getContext("2d").getImageData(a, b, 1, 1).data];
}"""


def data_of(page):
    return json.loads(re.search('<script id="data" type="application/json">(.*?)</script>', page)[1])
