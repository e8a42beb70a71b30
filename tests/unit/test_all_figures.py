"""What holds for each figure with models in it."""

import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from figure_cases import curves, degrees, history, png, spiked, summary
from matplotlib.colors import to_hex

from segue.figures import looks
from segue.figures.alpha import alpha_curves, layer_weight_curves
from segue.figures.comparison import compared_table, run_comparison
from segue.figures.curves import auc_curves, loss_curves, recall_curves
from segue.figures.degrees import degree_distribution
from segue.figures.loss_recall import loss_recall_paths
from segue.figures.metrics import final_metrics

FIGURES = {
    "loss": lambda history, summary, degrees: loss_curves(history, "bpr"),
    "recall": lambda history, summary, degrees: recall_curves(history),
    "roc_auc": lambda history, summary, degrees: auc_curves(history),
    "loss_recall": lambda history, summary, degrees: loss_recall_paths(history, "bpr"),
    "alpha": lambda history, summary, degrees: alpha_curves(history),
    "layer_weights": lambda history, summary, degrees: layer_weight_curves(history),
    "comparison": lambda history, summary, degrees: run_comparison(
        compared_table({"A": summary, "B": summary}), ["A", "B"], 300
    ),
    "metrics": lambda history, summary, degrees: final_metrics(summary, 300),
    "degrees": lambda history, summary, degrees: degree_distribution(degrees, 3),
}
every_figure = pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)


@every_figure
def test_a_convolution_looks_the_same_in_all_figures(draw):
    for ax in draw(history(), summary(), degrees()).axes:
        for name, line in curves(ax).items():
            conv, sampler, _ = name.split("-")
            look = looks.conv_look(conv)
            assert (line.get_color(), line.get_marker()) == (look.colour, look.marker)
            face = look.colour if sampler == "random" else "white"
            assert to_hex(line.get_markerfacecolor()) == to_hex(face)


@every_figure
def test_equal_tables_make_equal_bytes(draw, tmp_path):
    tables = spiked(history(), 12.5, epoch=2), summary(), degrees()
    first = png(draw(*tables), tmp_path)
    # Neither the order of rows nor a user's settings change a figure.
    with matplotlib.rc_context({"font.size": 21, "lines.linewidth": 9, "savefig.facecolor": "red"}):
        again = png(draw(*(table.sample(fraction=1, shuffle=True, seed=1) for table in tables)), tmp_path)
        assert matplotlib.rcParams["font.size"] == 21
    assert again == first
    assert b"tEXt" not in first


def test_pyplot_stays_out():
    scripts = next(path for path in sys.path if path.endswith("workflow/scripts"))
    drawing = [
        f"segue.figures.{path.stem}"
        for path in Path(scripts, "segue/figures").glob("*.py")
        if "matplotlib" in path.read_text()
    ]
    assert len(drawing) > 5
    code = f"import sys, {', '.join(drawing)}; sys.exit('matplotlib.pyplot' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=scripts, check=True)
