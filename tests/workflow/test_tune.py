"""Settings chosen by trials, as jobs of the workflow, and what a change of a grid reruns."""

import json

import polars as pl
from safetensors import safe_open
from tiny_workflow import planned_jobs

LGC, KNN = "lgc-random-fixed", "knn"
GRID = {"train.lr": [0.0001, 0.05], "conv.layers": [1, 2]}
TARGETS = [
    f"results/models/{LGC}/model.safetensors",
    f"results/models/{KNN}/scorer.safetensors",
    "results/figures/tune.png",
    "results/report/tune.html",
]


def config_of(grid):
    return {
        "sweep": {"conv": ["lgc"], "sampler": ["random"], "alpha": ["fixed"]},
        "tune": {
            "rounds": [0.5, 1.0],
            "keep": 0.5,
            "models": {LGC: {"grid": grid}, KNN: {"grid": {"neighbours": [1, 20], "shrinkage": [0]}}},
        },
    }


def test_a_tuned_run(edited):
    done = edited.snakemake(*TARGETS, config=config_of(GRID))
    assert done.returncode == 0, done.stderr
    results = edited.folder / "results"
    trials = pl.read_parquet(results / "tune/tune.parquet")
    assert trials.group_by("model", "round", maintain_order=True).len().rows() == [
        (LGC, 1, 4),
        (LGC, 2, 2),
        (KNN, 1, 2),
    ]
    first, last = (trials.filter(pl.col("round") == number, model=LGC) for number in (1, 2))
    assert {*last["trial"]} == {*first.sort("validation_recall", descending=True)["trial"][:2]}
    assert (first["epochs"].unique().to_list(), last["epochs"].unique().to_list()) == ([2], [4])

    for model, rows in ((LGC, last), (KNN, trials.filter(model=KNN))):
        best = rows.filter(pl.col("validation_recall") == pl.col("validation_recall").max()).row(
            0, named=True
        )
        chosen = json.loads((results / "tune" / model / "chosen.json").read_text())
        assert chosen["trial"] == best["trial"]
        assert trials.filter("chosen", model=model)["trial"].to_list() == [best["trial"]]

    # What was trained and fitted is what was chosen: the same recall, the same layers.
    chosen = json.loads((results / f"tune/{LGC}/chosen.json").read_text())
    found = json.loads((results / f"models/{LGC}/validation.json").read_text())
    assert found["tuned"] == chosen["settings"]
    assert found["validation_recall"] == chosen["validation_recall"]
    with safe_open(str(results / f"models/{LGC}/model.safetensors"), framework="pt") as file:
        about = json.loads(file.metadata()["segue"])
    assert about["settings"]["layers"] == chosen["settings"]["conv.layers"]
    fitted = json.loads((results / f"models/{KNN}/chosen.json").read_text())
    assert fitted["tuned"] == {"neighbours": 20, "shrinkage": 0}

    # One value more, before the others: its trials, and what reads the new ranking, from checkpoints.
    wider = config_of({"conv.layers": [3, *GRID["conv.layers"]], "train.lr": GRID["train.lr"]})
    done = edited.snakemake("--dry-run", *TARGETS, config=wider)
    jobs = planned_jobs(done.stdout + done.stderr)
    assert jobs["try_model"] == 2 + 3
    assert not jobs.keys() & {"try_baseline", "fit_baseline", "split_edges"}
