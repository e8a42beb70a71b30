"""The scripts that draw: files in, the library's figure out."""

import polars as pl
import pytest
from figure_cases import SOFTMAX, assert_texts_apart

from compare_runs import compare_runs
from plot_degrees import plot_degrees
from plot_histories import DRAW, plot_histories
from plot_kcore_ladder import plot_kcore_ladder
from plot_metrics import plot_metrics
from segue.errors import SegueError
from segue.figures import style
from segue.figures.alpha import alpha_curves, layer_weight_curves
from segue.figures.comparison import compared_table, run_comparison
from segue.figures.curves import auc_curves, loss_curves, recall_curves
from segue.figures.degrees import degree_distribution
from segue.figures.kcore_ladder import core_sizes
from segue.figures.loss_recall import loss_recall_paths
from segue.figures.measures import METRICS
from segue.figures.metrics import final_metrics
from segue.run.kinds import Loss
from segue.run.registry import LOSSES, SAMPLERS

MODELS = [("lgc", "random", "fixed"), ("lgc", "random", "learnable")]
DEGREES = pl.DataFrame(
    {
        "stage": ["before", "before", "before", "after", "after"],
        "side": ["playlist", "playlist", "track", "playlist", "track"],
        "degree": [1, 4, 2, 2, 2],
        "nodes": [3, 2, 9, 2, 3],
    }
)


def history(number):
    epoch = pl.col("epoch")
    return pl.select(
        *(
            pl.lit(value).alias(name)
            for name, value in zip(("conv", "sampler", "alpha"), MODELS[number], strict=True)
        ),
        pl.int_range(1, 21, dtype=pl.Int32).alias("epoch"),
        recall_k=pl.lit(300, pl.Int32),
    ).with_columns(
        validation_loss=0.7 / epoch + 0.1 * number,
        validation_auc=0.9 - 0.3 / epoch,
        layer_weights=pl.concat_list(0.5 + epoch / 50, 0.5 - epoch / 90),
        validation_recall=pl.when(epoch % 10 == 0).then(epoch / 100 + 0.2 * number),
    )


def summary():
    names = [name.format(k=10) for name in METRICS]
    models = [(*model, number / 10) for number, model in enumerate(MODELS)]
    rows = [
        {"model": model, "conv": conv, "sampler": sampler, "alpha": alpha, "playlists": 5}
        | dict.fromkeys(names, value)
        for conv, sampler, alpha, value in models
        for model in [f"{conv}-{sampler}-{alpha}"]
    ]
    popularity = {"model": "popularity", "playlists": 5} | dict.fromkeys(names, 0.05) | {"roc_auc": None}
    return pl.DataFrame([*rows, popularity], infer_schema_length=None)


def summary_errors():
    models = summary().select("model", pl.lit("mrr").alias("metric"), pl.col("mrr").alias("mean"))
    return models.with_columns(error=pl.lit(0.01))


def summary_seeds():
    models = summary().drop_nulls("conv").select("model", pl.lit("mrr").alias("metric"), sd=pl.lit(0.01))
    return models.with_columns(least=pl.lit(0.0), largest=pl.lit(0.3))


@pytest.fixture
def histories(tmp_path):
    paths = [tmp_path / "in" / f"{number}.parquet" for number in range(len(MODELS))]
    paths[0].parent.mkdir()
    for number, path in enumerate(paths):
        history(number).write_parquet(path)
    return [str(path) for path in paths]


def png(figure, folder):
    style.save_png(figure, folder / "expected.png")
    return (folder / "expected.png").read_bytes()


def test_plot_histories_draws_all_histories(histories, tmp_path):
    # These models have pairs; of others the loss has a figure of its own.
    targets = {name: str(tmp_path / "figures" / f"{name}.png") for name in DRAW if name != "softmax_loss"}
    plot_histories(histories, targets, loss="bce")
    whole = pl.concat([history(0), history(1)])
    expected = {
        "loss": loss_curves(whole, "bce"),
        "recall": recall_curves(whole),
        "roc_auc": auc_curves(whole),
        "loss_recall": loss_recall_paths(whole, "bce"),
        "alpha": alpha_curves(whole),
        "layer_weights": layer_weight_curves(whole),
    }
    assert targets.keys() == expected.keys()
    for name, figure in expected.items():
        assert (tmp_path / "figures" / f"{name}.png").read_bytes() == png(figure, tmp_path), name
    assert len(list((tmp_path / "figures").iterdir())) == 6


def test_values_of_two_losses_stand_in_two_figures(histories, tmp_path, monkeypatch):
    monkeypatch.setitem(SAMPLERS, "softmax", SOFTMAX)
    monkeypatch.setitem(LOSSES, "softmax", Loss("softmax", "softmax", "", unit="nats per edge"))
    of_softmax = history(0).with_columns(sampler=pl.lit("softmax"), validation_loss=8 + 1 / pl.col("epoch"))
    of_softmax.write_parquet(tmp_path / "softmax.parquet")
    targets = {
        name: str(tmp_path / f"{name}.png") for name in ("loss", "loss_recall", "softmax_loss", "recall")
    }
    plot_histories([*histories, str(tmp_path / "softmax.parquet")], targets, loss="bpr")
    pairs = pl.concat([history(0), history(1)])
    expected = {
        "loss": loss_curves(pairs, "bpr"),
        "loss_recall": loss_recall_paths(pairs, "bpr"),
        "softmax_loss": loss_curves(of_softmax, "softmax"),
        "recall": recall_curves(pl.concat([pairs, of_softmax])),
    }
    for name, figure in expected.items():
        assert_texts_apart(figure)
        assert (tmp_path / f"{name}.png").read_bytes() == png(figure, tmp_path), name


def test_plot_histories_draws_what_is_asked_for(histories, tmp_path):
    target = tmp_path / "figures" / "recall.png"
    plot_histories(histories[:1], {"recall": str(target)}, loss="bpr")
    assert target.read_bytes() == png(recall_curves(history(0)), tmp_path)
    assert [path.name for path in target.parent.iterdir()] == ["recall.png"]


def test_compare_runs_writes_the_table_and_draws_it(tmp_path):
    # This run has one model of the other's two.
    tables = {"BPR": summary(), "BCE": summary()[1:]}
    paths = [str(tmp_path / f"{run}.parquet") for run in tables]
    for table, path in zip(tables.values(), paths, strict=True):
        table.write_parquet(path)
    csv, figure = tmp_path / "metrics" / "comparison.csv", tmp_path / "figures" / "comparison.png"
    compare_runs(paths, ["BPR", "BCE"], str(csv), str(figure), k=10)
    rows = [line.split(",")[:2] for line in csv.read_text().splitlines()]
    assert rows == [["run", "model"], ["BPR", "lgc-random-learnable"], ["BCE", "lgc-random-learnable"]]
    assert figure.read_bytes() == png(run_comparison(compared_table(tables), ["BPR", "BCE"], 10), tmp_path)


def test_plot_metrics_draws_the_summary_at_k(tmp_path):
    summary().write_parquet(tmp_path / "summary.parquet")
    target = tmp_path / "figures" / "metrics.png"
    errors, spread = summary_errors(), summary_seeds()
    paths = [str(tmp_path / f"{name}.parquet") for name in ("summary", "errors", "seeds")]
    errors.write_parquet(paths[1])
    spread.write_parquet(paths[2])
    plot_metrics(*paths[:2], [], str(target), k=10)
    assert target.read_bytes() == png(final_metrics(summary(), 10, errors), tmp_path)
    plot_metrics(*paths[:2], paths[2:], str(target), k=10)
    assert target.read_bytes() == png(final_metrics(summary(), 10, errors, spread), tmp_path)


def test_plot_degrees_draws_the_table(tmp_path):
    DEGREES.write_parquet(tmp_path / "degrees.parquet")
    target = tmp_path / "figures" / "degrees.png"
    plot_degrees(str(tmp_path / "degrees.parquet"), str(target), k=2)
    assert target.read_bytes() == png(degree_distribution(DEGREES, 2), tmp_path)


def test_plot_kcore_ladder_draws_the_table(tmp_path):
    sizes = {"playlists": [6, 4], "tracks": [8, 5], "edges": [30, 20]}
    means = {"mean_degree": [4.3, 4.4], "mean_degree_playlists": [5.0, 5.0], "mean_degree_tracks": [3.8, 4.0]}
    ladder = pl.DataFrame({"k": [2, 3]} | sizes | means)
    ladder.write_parquet(tmp_path / "ladder.parquet")
    target = tmp_path / "figures" / "kcore_ladder.png"
    plot_kcore_ladder(str(tmp_path / "ladder.parquet"), str(target), k=3)
    assert target.read_bytes() == png(core_sizes(ladder, 3), tmp_path)


def test_a_figure_that_cannot_be_drawn_leaves_the_old_one(histories, tmp_path):
    target = tmp_path / "figures" / "recall.png"
    target.parent.mkdir()
    target.write_bytes(b"old")
    history(1).with_columns(validation_recall=pl.lit(None, pl.Float64)).write_parquet(histories[1])
    with pytest.raises(SegueError, match="lgc-random-learnable"):
        plot_histories(histories, {"recall": str(target)}, loss="bpr")
    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["recall.png"]
