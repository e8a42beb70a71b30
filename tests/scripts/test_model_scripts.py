"""train_model, evaluate_model, fit_baseline, evaluate_baseline and summarise_metrics, one after the other."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import load_file
from training_cases import FILES

from compare_models import compare_models
from evaluate_baseline import evaluate_baseline
from evaluate_blend import evaluate_blend
from evaluate_model import evaluate_model
from fit_baseline import fit
from fit_blend import fit_blend
from segue.errors import SegueError
from segue.evaluate.freeze import frozen_model
from segue.graph.split import load_split, save_split, split_edges
from segue.nn.pattern import Pattern
from segue.run.models import Model
from segue.scorers.blend import blended
from segue.scorers.fit import fit_baseline
from segue.scorers.load import load_scorer
from segue.train.run import train_model
from summarise_metrics import summarise_metrics

NAME = {"conv": "gat", "sampler": "hard", "alpha": "learnable"}
EVALUATE = {"k": [2, 5], "seed": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def split(folder):
    generator = torch.Generator().manual_seed(0)
    edges = (torch.rand(12, 20, generator=generator) < 0.5).nonzero().T.contiguous()
    save_split(split_edges(edges), folder / "split.safetensors")
    return str(folder / "split.safetensors")


def train(split, folder, **changes):
    targets = {name: str(folder / "model" / file) for name, file in FILES.items()}
    settings = {
        "epochs": 5,
        "lr": 0.01,
        "loss": "bpr",
        "l2": 0.0,
        "recall_every": 2,
        "recall_k": 5,
        "snapshot_every": 3,
        "seed": 1,
    }
    options = {
        "name": NAME,
        "dim": 4,
        "conv": {"layers": 2, "heads": 2, "dropout": 0.5},
        "negatives": {"min_fraction": 0.2, "refresh_every": 2},
        "train": settings,
        "max_playlists": None,
        "block_mb": 1,
        "device": "cpu",
        "gpu": 1,
        "threads": torch.get_num_threads(),
        "code": "code:1",
        "checkpoints": {"folder": folder / "checkpoints", "epochs": None, "seconds": None},
        "terminated": lambda: False,
    }
    train_model(split, targets, **(options | changes))
    return targets


@pytest.fixture(scope="module")
def trained(split, folder):
    return train(split, folder)


def test_history_and_weights(trained):
    history = pl.read_parquet(trained["history"])
    assert history.select("conv", "sampler", "alpha", "recall_k").unique().rows() == [
        ("gat", "hard", "learnable", 5)
    ]
    assert history["validation_recall"].is_null().to_list() == [True, False, True, False, False]
    assert history["layer_weights"].list.len().to_list() == [3] * 5
    assert "seconds" not in history.columns  # wall times would differ from run to run
    weights = load_file(trained["model"])
    assert weights["alpha"].tolist() == pytest.approx(history["layer_weights"][-1].to_list())
    assert weights["embedding"].shape == (32, 4)
    assert weights["convs.0.conv.att_src"].shape == (1, 2, 4)
    assert load_file(trained["embeddings"])["tracks"].shape == (20, 4)


def test_snapshots(trained):
    snapshots = load_file(trained["snapshots"])
    assert snapshots["epochs"].tolist() == [1, 3, 5]
    assert snapshots["playlists"].shape == (3, 12, 4)
    assert snapshots["playlists"].dtype == torch.float16


BLEND = {"scorer": "scorer.safetensors", "chosen": "chosen.json"}
GRIDS = {"popularity": {}, "knn": {"neighbours": [2, 9], "shrinkage": [0]}}


@pytest.fixture(scope="module")
def baselines(split, folder):
    """Paths of scorer, choice and metrics of each."""
    tracks = pl.DataFrame({"track_uri": [f"spotify:track:{i:022d}" for i in range(20)]})
    tracks.write_parquet(folder / "tracks.parquet")
    made = {}
    for name, grid in GRIDS.items():
        paths = [str(folder / name / file) for file in ("scorer.safetensors", "chosen.json", "m.json")]
        options = {"max_playlists": None, "seed": 1, "block_mb": 1, "threads": 1}
        tracks = str(folder / "tracks.parquet")
        fit(name, split, tracks, *paths[:2], grid=grid, recall_k=5, **options)
        targets = {"metrics": paths[2], "playlists": paths[2].replace(".json", ".parquet")}
        evaluate_baseline(name, split, paths[0], targets, EVALUATE, block_mb=1, threads=1)
        made[name] = paths
    return made


def test_baselines_are_fitted_with_what_was_chosen_and_know_their_tracks(baselines, split):
    whole = load_split(split)
    for name, (path, chosen, _) in baselines.items():
        choice = json.loads(Path(chosen).read_text())
        assert choice["model"] == name
        scorer = load_scorer(path)
        uris = "\n".join(f"spotify:track:{i:022d}" for i in range(20))
        assert scorer.facts == {"model": name, "catalogue": hashlib.sha256(uris.encode()).hexdigest()}
        shape = whole.num_playlists, whole.num_tracks
        again = fit_baseline(name, whole.train_and_validation, shape, choice["settings"], scorer.facts)
        given = Pattern.from_edges(*whole.train_and_validation, shape)
        assert torch.equal(scorer.scores(given), again.scores(given))
    recalls = [tried["validation_recall"] for tried in choice["candidates"]]
    assert choice["settings"]["neighbours"] == (2 if recalls[0] >= recalls[1] else 9)


def test_summary(split, trained, baselines, folder):
    model = str(folder / "m" / "gat.json")
    written = {"metrics": model, "playlists": str(folder / "m" / "gat.parquet")}
    evaluate_model(split, trained["embeddings"], written, model=Model(**NAME), settings=EVALUATE, block_mb=1)
    targets = {name: str(folder / "m" / f"summary.{name}") for name in ("parquet", "csv")}
    others = [metrics for _, _, metrics in baselines.values()]
    summarise_metrics([model], others, targets, k=5)
    summary = pl.read_parquet(targets["parquet"])
    assert summary["model"].to_list() == ["gat-hard-learnable", "popularity", "knn"]
    assert summary["conv"].to_list() == ["gat", None, None]
    for row, path in zip(summary.iter_rows(named=True), [model, *others], strict=True):
        metrics = json.loads(Path(path).read_text())["metrics"]
        assert {name: entry["value"] for name, entry in metrics.items()}.items() <= row.items()
        assert {entry["playlists"] for entry in metrics.values()} == {row["playlists"]}
        each = pl.read_parquet(path.replace(".json", ".parquet"))
        assert each.schema["playlist"] == pl.Int32
        assert len(each) == row["playlists"] == each["playlist"].n_unique()
        for name in each.columns[1:]:
            assert each[name].mean() == pytest.approx(metrics[name]["value"], rel=1e-14)
    # Other scores than the models' are no logits.
    assert summary["bpr_loss"].is_null().to_list() == [False, True, True]
    assert (
        Path(targets["csv"]).read_text().startswith("model,conv,sampler,alpha,playlists,recall@2,recall@5,")
    )


def test_each_model_is_compared_with_each_baseline(baselines, folder):
    each = [chosen.replace("chosen.json", "m.parquet") for _, chosen, _ in baselines.values()]
    # Of two seeds, whose mean is what knn got, and so nothing is between them.
    first, second = str(folder / "first.parquet"), str(folder / "second.parquet")
    metrics = pl.selectors.float()
    pl.read_parquet(each[1]).with_columns(metrics + 0.25).write_parquet(first)
    pl.read_parquet(each[1]).with_columns(metrics - 0.25).write_parquet(second)
    (folder / "best.json").write_text('{"model": "lgc-random-fixed"}')
    targets = {name: str(folder / f"compared.{name}") for name in ("parquet", "csv", "others", "errors")}
    compare_models(
        [first, second, each[1], *each],
        str(folder / "best.json"),
        [chosen for _, chosen, _ in baselines.values()],
        targets,
        models=["lgc-random-fixed", "lgc-random-fixed", "a blend"],
        baselines=list(baselines),
        metrics=["recall@5", "ndcg@2"],
        seed=1,
    )
    table = pl.read_parquet(targets["parquet"])
    assert table.select("metric", "model", "baseline").rows() == [
        (metric, model, baseline)
        for metric in ("recall@5", "ndcg@2")
        for model in ("lgc-random-fixed", "a blend")
        for baseline in baselines
    ]
    others = pl.read_parquet(targets["others"])
    assert others.select("metric", "model", "other").rows() == [
        (metric, "lgc-random-fixed", "a blend") for metric in ("recall@5", "ndcg@2")
    ]
    assert others["difference"].abs().max() < 1e-12  # both got what knn got
    of_knn = table.filter(pl.col("baseline") == "knn")
    assert of_knn["verdict"].to_list() == ["undecided"] * 4
    assert of_knn.select(pl.max_horizontal(pl.col("difference", "low", "high").abs())).max().item() < 1e-12
    recalls = {
        name: max(tried["validation_recall"] for tried in json.loads(Path(chosen).read_text())["candidates"])
        for name, (_, chosen, _) in baselines.items()
    }
    assert set(table.filter("by_validation")["baseline"]) == {max(recalls, key=recalls.get)}
    assert pl.read_parquet(targets["errors"])["model"].unique(maintain_order=True).to_list() == [
        "lgc-random-fixed",
        "a blend",
        *baselines,
    ]


def test_a_blend_of_a_network_and_a_baseline(split, trained, baselines, folder):
    knn, chosen, _ = baselines["knn"]
    options = {"recall_k": 5, "max_playlists": None, "seed": 1, "block_mb": 1}
    files = {"split": split, "tracks": str(folder / "tracks.parquet")}
    scorer = str(folder / "model" / "scorer.safetensors")
    frozen = frozen_model(
        "model", files | {name: trained[name] for name in ("model", "validated")}, **options
    )
    frozen.save(scorer)
    members = {"scorers": [scorer, knn], "chosen": [chosen], "validated": [trained["validated"]]}
    targets = {name: str(folder / "both" / file) for name, file in BLEND.items()}
    of = ["model", "knn"]
    fit_blend("both", files, members, targets, of=of, weights=[0, 0.5], threads=1, **options)
    choice = json.loads(Path(targets["chosen"]).read_text())
    recalls = [tried["validation_recall"] for tried in choice["candidates"]]
    # Alone, it is what it was when it trained.
    assert recalls[0] == json.loads(Path(trained["validation"]).read_text())["validation_recall"]
    assert choice["settings"] == {"model": 1, "knn": 0.5 * (recalls[1] > recalls[0])}
    blend = load_scorer(targets["scorer"])
    assert (blend.facts["model"], blend.facts["of"]) == ("both", of)
    assert blend.facts["catalogue"] == frozen.facts["catalogue"]
    given = Pattern.from_edges(torch.tensor([0, 0]), torch.tensor([3, 7]), (2, 20))
    alone = blended([frozen.scores(given), load_scorer(knn).scores(given)], blend.weights)
    torch.testing.assert_close(blend.scores(given), alone)

    tested = {name: str(folder / "both" / f"m.{name}") for name in ("metrics", "playlists")}
    evaluate_blend("both", split, targets["scorer"], [trained["embeddings"]], tested, EVALUATE, 1, 1)
    found = json.loads(Path(tested["metrics"]).read_text())["metrics"]
    assert pl.read_parquet(tested["playlists"])["recall@5"].mean() == pytest.approx(
        found["recall@5"]["value"]
    )


def test_a_failed_training_leaves_nothing(split, tmp_path):
    settings = {
        "epochs": 9,
        "lr": 1e30,
        "loss": "bpr",
        "l2": 0.0,
        "recall_every": 2,
        "recall_k": 5,
        "snapshot_every": 3,
        "seed": 1,
    }
    with pytest.raises(SegueError, match="no longer finite"):
        train(split, tmp_path, train=settings)
    assert not (tmp_path / "model").exists()
