"""Which rules an edit makes stale, by what `snakemake --dry-run` says."""

import pytest

EVALUATION = {"evaluate_model", "summarise_metrics", "plot_metrics", "tabulate_metrics", "tabulate_run"}
HISTORY_FIGURES = {
    f"plot_{name}" for name in ("loss", "recall", "roc_auc", "loss_recall", "alpha", "layer_weights")
}
MAP_FIGURES = {"plot_map", "animate_map", "plot_artists"}
EMBEDDINGS = MAP_FIGURES | {"map_playlists", "measure_likeness", "plot_likeness", "tabulate_embeddings"}
RECOMMENDATIONS = {"pick_best", "recommend_tracks", "make_recommendations_page"}
TRAINING = {"train_model"} | HISTORY_FIGURES | EMBEDDINGS | RECOMMENDATIONS | EVALUATION
SPLIT = {"split_edges", "rank_popularity", "plot_split", "tabulate_counts"} | TRAINING
GRAPH_FIGURES = {"plot_degrees", "plot_kcore_ladder", "plot_subgraph"}
GRAPH = {"build_kcore", "sample_subgraph", "choose_artists"} | GRAPH_FIGURES | SPLIT
QUARANTINE = {"list_quarantine"} | GRAPH
INGEST = {"parse_slices"} | QUARANTINE
SAMPLE = {"make_catalogue", "make_sample"} | INGEST  # slices made anew need the catalogue, which is temporary
FIGURES = (
    GRAPH_FIGURES
    | HISTORY_FIGURES
    | MAP_FIGURES
    | {"plot_kcore_idea", "plot_split", "plot_likeness", "plot_metrics"}
)


@pytest.mark.parametrize(
    ("module", "stale"),
    [
        ("style.py", FIGURES),
        ("sampling.py", {"rank_popularity"} | TRAINING),
        ("models.py", TRAINING),
        ("metrics.py", {"rank_popularity"} | TRAINING),
        ("evaluation.py", {"rank_popularity"} | EVALUATION),
        ("split.py", SPLIT),
        ("graph.py", GRAPH),
        ("mpd.py", INGEST),
        ("sample.py", SAMPLE),
        ("catalogue.py", SAMPLE),
        ("ingest.py", INGEST),
        ("quarantine.py", INGEST),
        ("coreness.py", GRAPH | {"plot_kcore_idea"}),
        ("settings.py", set()),
    ],
)
def test_editing_a_module(edited, module, stale):
    path = edited.folder / "workflow/scripts/segue" / module
    path.write_text(path.read_text() + "\n# edited\n")
    assert edited.stale_rules() == stale


def test_editing_a_script(edited):
    path = edited.folder / "workflow/scripts/plot_loss.py"
    path.write_text(path.read_text() + "\n# edited\n")
    assert edited.stale_rules() == {"plot_loss"}


def test_touching_every_source_makes_nothing_stale(edited):
    sources = [
        path
        for name in ("workflow", "config", "envs", "profiles")
        for path in edited.folder.glob(f"{name}/**/*")
    ]
    for path in [*sources, edited.folder / "Snakefile"]:
        path.touch()
    assert edited.stale_rules() == set()


@pytest.mark.parametrize(
    ("config", "stale"),
    [
        ({"train": {"lr": 0.02}}, TRAINING),
        ({"model": {"dim": 4}}, TRAINING),
        ({"evaluate": {"k": [5, 10, 20]}}, {"rank_popularity"} | EVALUATION),
        ({"split": {"seed": 2}}, SPLIT),
        ({"graph": {"k_core": 4}}, GRAPH),
        ({"data": {"sample": {"seed": 2}}}, SAMPLE),
        ({"data": {"slices": 2}}, QUARANTINE),
        ({"data": {"on_bad_slice": "quarantine"}}, INGEST),
        ({"data": {"max_bad_fraction": 0.5}}, GRAPH),
        ({"threads": 2}, {"tabulate_run"}),
    ],
)
def test_changing_a_setting(edited, config, stale):
    assert edited.stale_rules(config=config) == stale


def test_settings_of_one_convolution_retrain_no_other(edited):
    config = {"model": {"gat": {"dropout": 0.4}}}
    for conv, stale in {"gat": {"train_model", "evaluate_model"}, "lgc": set(), "sage": set()}.items():
        assert edited.stale_rules(f"results/metrics/{conv}-random-fixed.json", config=config) == stale


def test_two_settings_that_swap_their_values_are_noticed(edited):
    first = {"split": {"train": 0.7, "validation": 0.2, "test": 0.1}}
    done = edited.snakemake("results/split/split.safetensors", config=first)
    assert done.returncode == 0, done.stderr
    assert edited.stale_rules("results/split/split.safetensors", config=first) == set()
    swapped = {"split": {"train": 0.7, "validation": 0.1, "test": 0.2}}
    assert edited.stale_rules("results/split/split.safetensors", config=swapped) == {"split_edges"}
