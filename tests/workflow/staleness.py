"""What makes which rules stale, written by hand: config keys, modules of the library, and who reads whom.

`test_staleness.py` holds it to the jobs that Snakemake plans. `python tests/workflow/staleness.py` prints the
section of config/README.md that shows it.
"""

from dataclasses import dataclass
from typing import Any

OF_ALL_MODELS = "plot_histories pick_best summarise_metrics compare_models plot_likeness tabulate_embeddings"
# What the page of a run shows, and nothing else reads.
SHOWN = (
    "make_recommendations_page plot_degrees plot_kcore_idea plot_kcore_ladder plot_subgraph "
    "plot_split plot_metrics plot_histories plot_map animate_map plot_artists plot_likeness "
    "tabulate_run tabulate_counts tabulate_metrics tabulate_embeddings plot_trials tabulate_trials "
    "plot_popularity tabulate_hetero plot_cold compare_runs plot_ablation plot_challenge "
    "tabulate_ablation tabulate_challenge"
)
# What reads a rule's outputs, beside `tabulate_run`, which reads every job's benchmark, and every setting.
READERS = {
    "make_catalogue": "make_sample",
    "make_sample": "parse_slices map_playlists plot_map animate_map",
    "parse_slices": "list_quarantine hold_out_playlists check_challenge_set build_kcore index_tracks "
    "tabulate_counts build_catalogue",
    "parse_edges": "list_quarantine build_kcore index_tracks tabulate_counts",
    "list_quarantine": "hold_out_playlists build_kcore tabulate_counts build_catalogue",
    "hold_out_playlists": "build_kcore continue_challenge score_challenge tabulate_challenge "
    "build_catalogue choose_joint continue_from_catalogue ablate fit_rerank choose_answering",
    "build_kcore": "split_edges plot_degrees plot_kcore_ladder sample_subgraph plot_subgraph plot_split "
    "choose_artists map_playlists plot_map animate_map measure_likeness fit_baseline fit_blend "
    "recommend_tracks choose_playlists make_recommendations_page tabulate_counts freeze_model freeze_best "
    "index_tracks index_titles continue_challenge score_challenge build_catalogue build_relations "
    "measure_cold write_report",
    "build_relations": "train_model try_model freeze_model freeze_best index_tracks measure_cold "
    "tabulate_hetero map_playlists tabulate_counts",
    "split_edges": "train_model try_model try_baseline evaluate_model fit_baseline evaluate_baseline "
    "fit_blend evaluate_blend recommend_tracks choose_playlists make_recommendations_page plot_split "
    "tabulate_counts freeze_model freeze_best index_tracks continue_challenge extend_model "
    "measure_popularity measure_cold choose_answering",
    "train_model": "plot_histories pick_best evaluate_model recommend_tracks map_playlists measure_likeness "
    "freeze_model freeze_best fit_blend evaluate_blend extend_model measure_popularity measure_cold "
    "tabulate_hetero write_report",
    "try_model": "rank_trials choose_trial collect_trials",
    "try_baseline": "choose_trial collect_trials",
    "rank_trials": "try_model",
    "choose_trial": "train_model fit_baseline collect_trials",
    "collect_trials": "plot_trials tabulate_trials",
    "evaluate_model": "summarise_metrics compare_models",
    "fit_baseline": "evaluate_baseline fit_blend compare_models continue_challenge fit_rerank ablate "
    "continue_from_catalogue measure_popularity",
    "evaluate_baseline": "summarise_metrics compare_models",
    "measure_cold": "plot_cold tabulate_hetero",
    "measure_popularity": "compare_relations",
    "fit_blend": "evaluate_blend continue_challenge measure_popularity",
    "evaluate_blend": "summarise_metrics compare_models",
    "summarise_metrics": "plot_metrics tabulate_metrics compare_runs write_report",
    "compare_models": "plot_metrics tabulate_metrics write_report",
    "pick_best": "freeze_best compare_models write_report choose_answering",
    "choose_playlists": "recommend_tracks",
    "recommend_tracks": "make_recommendations_page",
    "sample_subgraph": "plot_subgraph",
    "choose_artists": "plot_artists measure_likeness",
    "map_playlists": "plot_map animate_map plot_artists tabulate_embeddings",
    "measure_likeness": "plot_likeness tabulate_embeddings",
    "freeze_model": "fit_blend continue_challenge extend_model measure_cold",
    "index_tracks": "continue_challenge choose_answering",
    "index_titles": "continue_challenge choose_answering",
    "continue_challenge": "score_challenge",
    "score_challenge": "summarise_challenge compare_challenge",
    "summarise_challenge": "plot_challenge tabulate_challenge write_report",
    "compare_challenge": "plot_challenge tabulate_challenge write_report",
    "continue_from_catalogue": "score_challenge",
    "build_catalogue": "choose_joint continue_from_catalogue score_challenge extend_model fit_channels "
    "fit_title_encoder fit_rerank ablate choose_answering",
    "choose_joint": "continue_from_catalogue fit_rerank ablate choose_answering",
    "fit_channels": "continue_from_catalogue fit_rerank ablate choose_answering",
    "fit_title_encoder": "continue_from_catalogue fit_rerank ablate",
    "fit_rerank": "continue_from_catalogue choose_answering",
    "ablate": "plot_ablation tabulate_ablation",
    "extend_model": "continue_from_catalogue fit_title_encoder ablate choose_answering fit_rerank",
    "compare_relations": "plot_popularity tabulate_hetero write_report",
    "freeze_best": "choose_answering",
    **dict.fromkeys(SHOWN.split(), "write_report"),
}
EVERY_RULE = " ".join(sorted({*READERS, *" ".join(READERS.values()).split(), "plot_kcore_idea"}))
# A temporary file, made again for whoever needs it.
NEEDS = {"make_sample": "make_catalogue"}


@dataclass(frozen=True)
class Row:
    """``first``: rules that a key concerns itself; what comes after them follows. ``change``: of the finished
    run ``base``, which the key means something to. ``spared``: what would come after them, but is not among
    the targets of that run then, or is of other models only. ``note``: what else there is to say."""

    first: str
    change: dict[str, Any]
    base: str = "sample"
    spared: str = ""
    note: str = ""


def row(first: str, key: str, value: Any, **others: Any) -> Row:
    change = value
    for part in reversed(key.split(".")):
        change = {part: change}
    return Row(first, change, **others)


TRAIN = "train_model"
SAMPLE = "make_catalogue make_sample"
TEST = "evaluate_model evaluate_baseline"
FIT = "fit_baseline"
K = "summarise_metrics compare_models plot_metrics tabulate_metrics"
EDGES = {"base": "edges"}
FOLDER = {"base": "directory"}
CHALLENGE = {"base": "challenge"}
CATALOGUE = {"base": "catalogue"}
GIVEN = {"base": "given"}
TUNE = {"base": "tune"}
HETERO = {"base": "hetero"}
UNTUNED = "fit_baseline evaluate_baseline"  # of another model's trials
MAPS = "plot_map animate_map plot_artists"
MAPPING = f"map_playlists {MAPS}"  # of LGC alone, in the default run
NEW_MODELS = "new models are trained, tested and asked"

KEYS = {
    "results": row(
        "make_catalogue plot_kcore_idea", "results", "elsewhere", note="all is made anew, in the other folder"
    ),
    "device": row(TRAIN, "device", "cpu"),
    "threads": row("", "threads", 2),
    "score_block_mb": row("", "score_block_mb", 8),
    "sweep.conv": row(OF_ALL_MODELS, "sweep.conv", ["lgc", "gat"], note=NEW_MODELS),
    "sweep.sampler": row(OF_ALL_MODELS, "sweep.sampler", ["random"], note=NEW_MODELS),
    "sweep.alpha": row(OF_ALL_MODELS, "sweep.alpha", ["learnable"], note=NEW_MODELS),
    "sweep.models": Row(
        OF_ALL_MODELS,
        {"sweep": {"alpha": ["fixed"], "models": ["sage-hard-learnable"]}},
        note=NEW_MODELS,
    ),
    "sweep.seed": row(
        "summarise_metrics compare_models",
        "sweep.seed",
        [1],
        base="seeds",
        note="new models are trained and tested",
    ),
    "data.source": Row(
        "parse_slices map_playlists plot_map animate_map",
        {"data": {"source": "directory", "dir": "other slices"}},
    ),
    "data.dir": row("parse_slices", "data.dir", "other slices", **FOLDER),
    "data.slices": row(
        "list_quarantine map_playlists plot_map animate_map",
        "data.slices",
        2,
        note="new slices are made and parsed",
    ),
    "data.order": Row("parse_slices", {"data": {"order": "lexicographic", "slices": 2}}, "directory"),
    "data.slices_per_job": row("parse_slices", "data.slices_per_job", 1),
    "data.on_bad_slice": row(
        "parse_slices list_quarantine",
        "data.on_bad_slice",
        "quarantine",
        note="of edge lists `parse_edges`",
    ),
    "data.max_bad_fraction": row("build_kcore", "data.max_bad_fraction", 0.5),
    "data.md5sums": row("parse_slices", "data.md5sums", "md5sums", **FOLDER),
    **{
        f"data.sample.{key}": row(SAMPLE, f"data.sample.{key}", value)
        for key, value in (
            ("seed", 2),
            ("playlists_per_slice", 50),
            ("mean_tracks", 29),
            ("tracks", 300),
            ("genres", 3),
        )
    },
    "data.sample.title_variants": row("make_sample", "data.sample.title_variants", 0.5),
    "data.edges.files": row("parse_edges", "data.edges.files", ["a.csv", "b.csv"], **EDGES),
    "data.edges.form": row("parse_edges", "data.edges.form", "adjacency", **EDGES),
    "data.edges.separator": row("parse_edges", "data.edges.separator", ";", **EDGES),
    "data.edges.header": Row(
        "parse_edges", {"data": {"edges": {"header": False, "columns": {"playlist": 1, "track": 2}}}}, "edges"
    ),
    **{
        f"data.edges.columns.{key}": row("parse_edges", f"data.edges.columns.{key}", "when", **EDGES)
        for key in ("playlist", "track", "position", "artist", "album")
    },
    "graph.k_core": row("build_kcore plot_degrees plot_kcore_ladder choose_playlists", "graph.k_core", 4),
    "graph.expect": row("build_kcore", "graph.expect", {"edges": 9}),
    "graph.on_mismatch": row("build_kcore", "graph.on_mismatch", "fail"),
    "graph.relations": row(
        "build_relations try_model train_model", "graph.relations", ["artist"], **HETERO, spared=UNTUNED
    ),
    "graph.min_degree": row("build_relations", "graph.min_degree", 3, **HETERO, spared=UNTUNED),
    **{
        f"relations.{key}": row("try_model train_model", f"relations.{key}", value, **HETERO, spared=UNTUNED)
        for key, value in (
            ("kinds", ["artist"]),
            ("aggregate", "mean"),
            ("strength", 2.0),
            ("weights", "learnable"),
            ("degrees", "each"),
        )
    },
    "split.seed": row("split_edges", "split.seed", 2),
    "split.train": Row("split_edges", {"split": {"train": 0.65, "validation": 0.2}}),
    "split.validation": Row("split_edges", {"split": {"validation": 0.2, "test": 0.1}}),
    "split.test": Row("split_edges", {"split": {"test": 0.2, "train": 0.65}}),
    "split.disjoint_train_ratio": row("split_edges", "split.disjoint_train_ratio", 0.3),
    "split.column": row("parse_edges split_edges", "split.column", "part", **EDGES),
    "split.validation_by": row("split_edges", "split.validation_by", "playlists", **EDGES),
    "model.dim": row(TRAIN, "model.dim", 4),
    "model.lgc.layers": row(TRAIN, "model.lgc.layers", 2),
    "model.lgc.edge_dropout": row(TRAIN, "model.lgc.edge_dropout", 0.3),
    "model.lgc.init_std": row(TRAIN, "model.lgc.init_std", 0.3),
    "model.gat.layers": row(TRAIN, "model.gat.layers", 2, spared=MAPPING),
    "model.gat.heads": row(TRAIN, "model.gat.heads", 3, spared=MAPPING),
    "model.gat.dropout": row(TRAIN, "model.gat.dropout", 0.4, spared=MAPPING),
    "model.gat.edge_dropout": row(TRAIN, "model.gat.edge_dropout", 0.3, spared=MAPPING),
    "model.gat.init_std": row(TRAIN, "model.gat.init_std", 0.3, spared=MAPPING),
    "model.sage.layers": row(TRAIN, "model.sage.layers", 2, spared=MAPPING),
    "model.sage.edge_dropout": row(TRAIN, "model.sage.edge_dropout", 0.3, spared=MAPPING),
    "model.sage.init_std": row(TRAIN, "model.sage.init_std", 0.3, spared=MAPPING),
    "negatives.random.avoid_known": row(TRAIN, "negatives.random.avoid_known", False),
    "negatives.hard.min_fraction": row(TRAIN, "negatives.hard.min_fraction", 0.4),
    "negatives.hard.refresh_every": row(TRAIN, "negatives.hard.refresh_every", 1),
    "negatives.softmax.tracks": row(TRAIN, "negatives.softmax.tracks", 9, spared=MAPPING),
    "negatives.softmax.beta": row(TRAIN, "negatives.softmax.beta", 0.2, spared=MAPPING),
    "negatives.softmax.temperature": row(TRAIN, "negatives.softmax.temperature", 0.4, spared=MAPPING),
    "negatives.softmax.prior": row(TRAIN, "negatives.softmax.prior", 0.4, spared=MAPPING),
    "negatives.softmax.norm_power": row(TRAIN, "negatives.softmax.norm_power", [1.0], spared=MAPPING),
    "train.seed": row(TRAIN, "train.seed", 2),
    "train.epochs": row(TRAIN, "train.epochs", 3),
    "train.lr": row(TRAIN, "train.lr", 0.02),
    "train.decay": row(TRAIN, "train.decay", "linear"),
    "train.loss": row(f"{TRAIN} plot_histories", "train.loss", "bce"),
    "train.l2": row(TRAIN, "train.l2", 0.1),
    "train.recall_every": row(TRAIN, "train.recall_every", 1),
    "train.recall_k": row(f"{TRAIN} {FIT} {K}", "train.recall_k", 5),
    "train.keep": row(TRAIN, "train.keep", "best"),
    "train.patience": Row(TRAIN, {"train": {"keep": "best", "patience": 1}}),
    "train.refit": row(TRAIN, "train.refit", True),
    "train.snapshot_every": row(TRAIN, "train.snapshot_every", 2),
    "recipes": row(TRAIN, "recipes.softmax.train.epochs", 7, spared=MAPPING),
    **{f"checkpoints.{key}": row("", f"checkpoints.{key}", 9) for key in ("epochs", "seconds")},
    "checkpoints.resume": row("", "checkpoints.resume", "any"),
    "baselines.names": row(
        "summarise_metrics compare_models",
        "baselines.names",
        ["popularity", "knn"],
        note="new baselines are fitted and tested",
    ),
    **{
        f"baselines.{key}": row(FIT, f"baselines.{key}", value)
        for key, value in (
            ("knn.neighbours", [3]),
            ("knn.shrinkage", [1]),
            ("als.factors", [3]),
            ("als.regularization", [3.0]),
            ("als.confidence", [3.0]),
            ("als.iterations", 3),
            ("als.seed", 3),
            ("ease.l2", [3]),
            ("ease.max_tracks", 9000),
            ("rp3b.neighbours", [3]),
            ("rp3b.power", [0.5]),
            ("rp3b.penalty", [0.1]),
            ("gfcf.rank", [3]),
            ("gfcf.gain", [0.1]),
            ("gfcf.iterations", [3]),
            ("gfcf.seed", 3),
            ("filter.before", [0.1]),
            ("filter.after", [0.1]),
            ("filter.rank", [3]),
            ("filter.gain", [0.3]),
            ("filter.cut", [0.3]),
            ("filter.iterations", [3]),
            ("filter.seed", 3),
        )
    },
    "blends": row(
        "fit_blend",
        "blends",
        [{"name": "both", "of": ["lgc-random-fixed", "filter"], "weights": [0, 2]}],
        base="blends",
    ),
    "tune.max_trials": row("", "tune.max_trials", 99),
    "tune.rounds": row("try_model", "tune.rounds", [0.5, 0.75, 1.0], spared=UNTUNED, **TUNE),
    "tune.keep": row("rank_trials", "tune.keep", 0.9, spared=UNTUNED, **TUNE),
    "tune.models": row(
        "try_model",
        "tune.models",
        {"lgc-random-fixed": {"grid": {"train.lr": [0.1, 0.2, 0.3, 0.4]}}},
        spared=UNTUNED,
        note="in the first round new trials alone are made",
        **TUNE,
    ),
    "evaluate.k": row(TEST, "evaluate.k", [5, 10, 20]),
    "evaluate.seed": row(f"{TEST} {FIT} freeze_model freeze_best", "evaluate.seed", 2),
    "evaluate.max_playlists": row(f"{TRAIN} {TEST} {FIT}", "evaluate.max_playlists", 20),
    "drawing.nodes": row("sample_subgraph", "drawing.nodes", 100),
    "drawing.edges": row("sample_subgraph", "drawing.edges", 2000),
    "drawing.seed": row("sample_subgraph", "drawing.seed", 2),
    "maps.conv": row("map_playlists", "maps.conv", ["gat"]),
    "maps.sampler": row("map_playlists", "maps.sampler", ["hard"]),
    "maps.alpha": row("map_playlists", "maps.alpha", ["learnable"]),
    "maps.neighbours": row("map_playlists", "maps.neighbours", 10),
    "maps.min_dist": row("map_playlists", "maps.min_dist", 0.1),
    "maps.max_playlists": row("map_playlists", "maps.max_playlists", 100),
    "maps.seed": row("map_playlists measure_likeness", "maps.seed", 2),
    "artists.a": row("choose_artists", "artists.a", "x"),
    "artists.b": row("choose_artists", "artists.b", "x"),
    "recommend.playlists": row("choose_playlists", "recommend.playlists", 3),
    "recommend.n": row("choose_playlists recommend_tracks", "recommend.n", 5),
    "recommend.seed": row("choose_playlists", "recommend.seed", 2),
    "compare.name": row("compare_runs", "compare.name", "changed", base="compare"),
    "compare.runs": row("compare_runs", "compare.runs", {"third": "copy"}, base="compare"),
    "cold.share": row("build_kcore", "cold.share", 0.2, **HETERO),
    "cold.seed": row("build_kcore", "cold.seed", 2, **HETERO),
    "challenge.playlists_per_category": row(
        "hold_out_playlists", "challenge.playlists_per_category", 1, **CHALLENGE
    ),
    "challenge.set": row(
        "check_challenge_set continue_challenge continue_from_catalogue", "challenge.set", "b.json", **GIVEN
    ),
    **{
        f"challenge.{key}": row("hold_out_playlists", f"challenge.{key}", value, **CHALLENGE)
        for key, value in (
            ("validation_per_category", 1),
            ("categories", [4]),
            ("lone_tracks", "refuse"),
            ("seed", 2),
        )
    },
    **{
        f"challenge.team.{key}": row(
            "continue_challenge continue_from_catalogue", f"challenge.team.{key}", "else", **CATALOGUE
        )
        for key in ("name", "contact")
    },
    "candidates.min_degree": row("build_catalogue", "candidates.min_degree", 3, **CATALOGUE),
    **{
        f"joint.{key}": row("choose_joint", f"joint.{key}", [value], **CATALOGUE)
        for key, value in (
            ("shrinkage", 10.0),
            ("title", 0.3),
            ("neighbours", 9),
            ("power", 1.0),
            ("position", 0.5),
        )
    },
    **{
        f"channels.{key}": row("fit_channels", f"channels.{key}", value, **CATALOGUE)
        for key, value in (("rank", 64), ("seed", 2))
    },
    "title_encoder.model": row(
        "fit_rerank ablate continue_from_catalogue", "title_encoder.model", None, **CATALOGUE
    ),
    **{
        f"title_encoder.{key}": row("fit_title_encoder", f"title_encoder.{key}", value, **CATALOGUE)
        for key, value in (
            ("ngrams", [2, 4]),
            ("buckets", 99),
            ("tracks", 9),
            ("epochs", 2),
            ("lr", 0.1),
            ("batch", 9),
            ("seed", 2),
        )
    },
    **{
        f"rerank.{key}": row(first, f"rerank.{key}", value, **CATALOGUE)
        for key, first, value in (
            ("stages", "fit_rerank", ["trees"]),
            ("models", "fit_rerank ablate continue_from_catalogue", ["knn", "ease"]),
            ("without", "fit_rerank", [["title"]]),
            ("artist_credit", "fit_rerank", [0.25]),
            *(
                (key, "fit_rerank ablate", value)
                for key, value in (
                    ("candidates", 600),
                    ("folds", 3),
                    ("share", 0.3),
                    ("logistic.penalty", 2.0),
                    ("trees.trees", 9),
                    ("trees.leaves", 9),
                    ("trees.depth", 2),
                    ("trees.learning_rate", 0.2),
                    ("trees.l2", 1.0),
                    ("trees.least", 9),
                )
            ),
            ("ablation", "ablate", "trees"),
            ("seed", "fit_rerank ablate", 2),
        )
    },
}

# Rules, and the modules that their scripts run. Some are run by the Snakefile or by `segue` alone.
CODE = [
    (
        EVERY_RULE,
        "__init__ errors files jobs",
    ),
    (
        "ablate build_catalogue build_kcore check_challenge_set choose_answering choose_joint "
        "compare_challenge continue_challenge continue_from_catalogue extend_model fit_baseline fit_blend "
        "fit_channels fit_rerank fit_title_encoder freeze_best freeze_model hold_out_playlists "
        "plot_ablation plot_challenge plot_kcore_idea score_challenge summarise_challenge tabulate_ablation "
        "tabulate_challenge write_report",
        "graph.kcore",
    ),
    (
        "animate_map compare_runs plot_ablation plot_artists plot_challenge plot_cold plot_degrees "
        "plot_histories plot_kcore_idea plot_kcore_ladder plot_likeness plot_map plot_metrics "
        "plot_popularity plot_split plot_subgraph plot_trials",
        "figures.style",
    ),
    (
        "choose_answering choose_playlists continue_challenge evaluate_baseline evaluate_blend "
        "evaluate_model extend_model fit_baseline fit_blend freeze_best freeze_model index_tracks "
        "measure_cold measure_popularity recommend_tracks split_edges train_model try_baseline try_model",
        "graph.split",
    ),
    (
        "ablate build_catalogue build_kcore check_challenge_set choose_answering choose_joint "
        "compare_challenge continue_challenge continue_from_catalogue fit_rerank hold_out_playlists "
        "plot_ablation plot_challenge score_challenge summarise_challenge tabulate_ablation "
        "tabulate_challenge write_report",
        "challenge.holdout",
    ),
    (
        "ablate build_catalogue choose_answering choose_joint choose_playlists continue_challenge "
        "continue_from_catalogue evaluate_baseline evaluate_blend evaluate_model extend_model fit_baseline "
        "fit_blend fit_channels fit_rerank fit_title_encoder freeze_best freeze_model index_tracks "
        "measure_cold measure_popularity recommend_tracks train_model try_baseline try_model",
        "nn.dropout nn.pattern",
    ),
    (
        "ablate build_catalogue build_kcore check_challenge_set choose_answering choose_joint "
        "continue_challenge continue_from_catalogue extend_model fit_baseline fit_blend fit_channels "
        "fit_rerank fit_title_encoder freeze_best freeze_model hold_out_playlists index_tracks",
        "graph.merge",
    ),
    (
        "ablate choose_answering choose_joint choose_playlists continue_challenge continue_from_catalogue "
        "evaluate_baseline evaluate_blend evaluate_model fit_baseline fit_blend fit_rerank "
        "fit_title_encoder freeze_best freeze_model measure_cold measure_popularity recommend_tracks "
        "train_model try_baseline try_model",
        "nn.topk",
    ),
    (
        "ablate choose_answering choose_joint compare_challenge fit_rerank plot_ablation plot_challenge "
        "score_challenge summarise_challenge tabulate_ablation tabulate_challenge write_report",
        "challenge.metrics",
    ),
    (
        "ablate choose_joint compare_challenge fit_rerank plot_ablation plot_challenge score_challenge "
        "summarise_challenge tabulate_ablation tabulate_challenge write_report",
        "challenge.scores",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend evaluate_model extend_model fit_baseline fit_blend fit_channels fit_rerank "
        "fit_title_encoder freeze_best freeze_model measure_cold measure_popularity train_model "
        "try_baseline try_model",
        "nn.sparse",
    ),
    (
        "ablate choose_answering choose_playlists continue_challenge continue_from_catalogue "
        "evaluate_baseline evaluate_blend evaluate_model extend_model fit_baseline fit_blend fit_channels "
        "fit_rerank fit_title_encoder freeze_best freeze_model measure_cold measure_popularity "
        "recommend_tracks try_baseline",
        "scorers.base nn.readable",
    ),
    (
        "ablate check_challenge_set choose_answering choose_joint continue_challenge "
        "continue_from_catalogue fit_rerank list_quarantine make_sample parse_edges parse_slices "
        "tabulate_run",
        "data.slice_names data.slice_places data.slices",
    ),
    (
        "evaluate_baseline evaluate_blend evaluate_model fit_baseline fit_blend freeze_best freeze_model "
        "measure_cold measure_popularity train_model try_baseline try_model",
        "evaluate.metrics evaluate.ties nn.losses nn.negatives",
    ),
    (
        "ablate build_catalogue build_kcore choose_answering choose_joint continue_challenge "
        "continue_from_catalogue extend_model fit_baseline fit_blend fit_channels fit_rerank "
        "fit_title_encoder freeze_best freeze_model",
        "graph.tables",
    ),
    (
        "evaluate_baseline evaluate_blend evaluate_model fit_baseline fit_blend freeze_best freeze_model "
        "measure_cold measure_popularity try_baseline",
        "evaluate.protocol",
    ),
    (
        "compare_runs plot_ablation plot_challenge plot_cold plot_histories plot_likeness plot_metrics "
        "plot_popularity plot_trials",
        "figures.looks",
    ),
    (
        "compare_runs plot_challenge plot_cold plot_histories plot_likeness plot_metrics plot_popularity",
        "figures.rows",
    ),
    (
        "animate_map compare_runs make_recommendations_page plot_ablation plot_artists plot_challenge "
        "plot_cold plot_histories plot_likeness plot_map plot_metrics plot_popularity plot_trials "
        "tabulate_ablation tabulate_challenge tabulate_counts tabulate_embeddings tabulate_hetero "
        "tabulate_metrics tabulate_run tabulate_trials write_report",
        "run.labels run.families",
    ),
    (
        "animate_map compare_runs continue_from_catalogue fit_title_encoder make_recommendations_page "
        "plot_ablation plot_artists plot_challenge plot_cold plot_histories plot_likeness plot_map "
        "plot_metrics plot_popularity plot_trials tabulate_ablation tabulate_challenge tabulate_counts "
        "tabulate_embeddings tabulate_hetero tabulate_metrics tabulate_run tabulate_trials write_report",
        "run.baselines run.kinds run.registry",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend extend_model fit_rerank fit_title_encoder freeze_best freeze_model measure_cold "
        "measure_popularity train_model try_model",
        "nn.encoder nn.score nn.hetero_graph",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend extend_model fit_blend fit_rerank fit_title_encoder freeze_best freeze_model "
        "measure_cold measure_popularity train_model try_model",
        "nn.functional",
    ),
    (
        "tabulate_ablation tabulate_challenge tabulate_counts tabulate_embeddings tabulate_hetero "
        "tabulate_metrics tabulate_run tabulate_trials write_report",
        "report.html",
    ),
    (
        "ablate build_catalogue check_challenge_set choose_answering choose_joint continue_challenge "
        "continue_from_catalogue fit_rerank parse_edges parse_slices",
        "data.mpd",
    ),
    (
        "list_quarantine parse_edges parse_slices tabulate_run",
        "data.provenance",
    ),
    (
        "build_kcore list_quarantine parse_edges parse_slices",
        "data.quarantine",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_blend extend_model "
        "fit_blend fit_rerank freeze_best freeze_model measure_cold measure_popularity train_model "
        "try_model",
        "nn.convs",
    ),
    (
        "tabulate_challenge tabulate_counts tabulate_embeddings tabulate_hetero tabulate_metrics "
        "write_report",
        "report.tables",
    ),
    (
        "tabulate_challenge write_report",
        "report.winners",
    ),
    (
        "tabulate_challenge",
        "report.challenge",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend extend_model fit_rerank fit_title_encoder freeze_best freeze_model measure_cold "
        "measure_popularity",
        "scorers.frozen scorers.nodes scorers.receiving",
    ),
    (
        "animate_map plot_artists plot_map",
        "figures.maps analysis.groups analysis.view",
    ),
    (
        "animate_map plot_artists plot_map plot_split plot_subgraph",
        "figures.names",
    ),
    (
        "ablate continue_challenge continue_from_catalogue evaluate_baseline fit_baseline fit_blend "
        "fit_rerank measure_popularity try_baseline",
        "scorers.baselines scorers.fit",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend fit_baseline fit_blend fit_channels fit_rerank measure_popularity",
        "scorers.filters scorers.fit_filters",
    ),
    (
        "choose_artists map_playlists measure_likeness",
        "analysis.artists",
    ),
    (
        "map_playlists measure_likeness",
        "analysis.maps analysis.likeness",
    ),
    (
        "plot_split tabulate_counts",
        "analysis.neighbourhood",
    ),
    (
        "ablate build_kcore check_challenge_set choose_answering choose_joint continue_challenge "
        "continue_from_catalogue fit_rerank hold_out_playlists",
        "challenge.challenge_set",
    ),
    (
        "ablate check_challenge_set choose_answering choose_joint continue_challenge "
        "continue_from_catalogue fit_rerank parse_slices",
        "data.sources",
    ),
    (
        "freeze_best freeze_model",
        "evaluate.freeze nn.saved evaluate.pretended",
    ),
    (
        "plot_metrics",
        "figures.metrics",
    ),
    (
        "plot_histories plot_likeness",
        "figures.panels",
    ),
    (
        "make_catalogue make_sample",
        "sample.catalogue sample.names",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend extend_model fit_rerank fit_title_encoder measure_cold measure_popularity",
        "scorers.load",
    ),
    (
        "ablate check_challenge_set choose_answering choose_joint continue_challenge "
        "continue_from_catalogue fit_rerank make_recommendations_page",
        "serve.forms",
    ),
    (
        "ablate build_catalogue choose_answering choose_joint continue_challenge continue_from_catalogue "
        "extend_model fit_channels fit_rerank fit_title_encoder index_titles",
        "catalogue.titles",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue fit_rerank index_tracks",
        "serve.tracks",
    ),
    (
        "plot_subgraph sample_subgraph",
        "analysis.subgraph analysis.communities",
    ),
    (
        "split_edges",
        "graph.given",
    ),
    (
        "continue_challenge continue_from_catalogue",
        "challenge.rules challenge.answer",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue fit_rerank",
        "serve.asked serve.answering",
    ),
    (
        "build_catalogue continue_challenge continue_from_catalogue",
        "challenge.submission",
    ),
    (
        "ablate animate_map build_catalogue choose_answering choose_joint compare_runs "
        "continue_from_catalogue extend_model fit_channels fit_rerank fit_title_encoder "
        "make_recommendations_page plot_ablation plot_artists plot_challenge plot_cold plot_histories "
        "plot_likeness plot_map plot_metrics plot_popularity plot_trials tabulate_ablation "
        "tabulate_challenge tabulate_counts tabulate_embeddings tabulate_hetero tabulate_metrics "
        "tabulate_run tabulate_trials write_report",
        "run.results",
    ),
    (
        "",
        "serve.continuation run.recipes cli.check_submission cli.continue_ cli.continued cli.lookup "
        "cli.main cli.models cli.options cli.recommend cli.run cli.terminal graph.hetero "
        "graph.hetero_source nn.export nn.pyg run.chain run.config run.digest run.due run.folder "
        "run.problems run.pyg_classes run.reference run.resources run.schema run.typed serve.match "
        "serve.names run.blends run.tune_problems run.challenge_problems run.title_encoder_problems "
        "run.rerank_problems run.relation_problems serve.additions nn.export_hetero nn.pyg_layers "
        "graph.hetero_checks graph.hetero_owners serve.more_tracks scorers.pulls serve.placing serve.pulls "
        "serve.search serve.available serve.likest api_page cli.serve web.answers web.app web.guard "
        "web.listen web.models web.openapi web.playlists web.protocol web.refused web.served web.wire "
        "web.work web.maps web.reading report.outcome serve.exact serve.hints web.workers web.bodies",
    ),
    (
        "compare_challenge compare_models compare_relations measure_cold write_report",
        "run.measured",
    ),
    (
        "plot_cold",
        "figures.cold",
    ),
    (
        "plot_cold plot_popularity",
        "figures.families",
    ),
    (
        "plot_popularity",
        "figures.popularity",
    ),
    (
        "build_relations",
        "graph.nodes",
    ),
    (
        "ablate fit_rerank",
        "challenge.second_stage rerank.examples rerank.fit challenge.collected",
    ),
    (
        "ablate choose_answering continue_from_catalogue fit_rerank",
        "rerank.features rerank.logistic rerank.stage rerank.trees channels.dense channels.evidence "
        "channels.models channels.pairs channels.table serve.from_catalogue serve.rankers channels.network "
        "rerank.both rerank.credit serve.reranking channels.popularity",
    ),
    (
        "fit_title_encoder",
        "channels.fit_title_encoder",
    ),
    (
        "ablate choose_answering continue_from_catalogue fit_rerank fit_title_encoder",
        "channels.ngrams channels.title_encoder",
    ),
    (
        "plot_ablation",
        "figures.ablation",
    ),
    (
        "tabulate_ablation",
        "report.ablation",
    ),
    (
        "ablate choose_answering continue_from_catalogue fit_channels fit_rerank",
        "channels.credits channels.factors channels.fitted",
    ),
    (
        "ablate check_challenge_set choose_answering choose_joint continue_challenge "
        "continue_from_catalogue fit_rerank",
        "serve.cells serve.challenge_json serve.headers serve.ids serve.lists serve.objects serve.read "
        "serve.tables serve.unpack serve.uris",
    ),
    (
        "parse_edges",
        "data.adjacency data.batches data.edge_checks data.edge_columns data.edge_faults data.edge_lines "
        "data.edge_lists data.edge_tables data.edge_texts data.edge_owners",
    ),
    (
        "parse_slices",
        "data.entries data.ingest data.salvage",
    ),
    (
        "compare_models pick_best",
        "evaluate.best",
    ),
    (
        "fit_baseline try_baseline",
        "evaluate.choose",
    ),
    (
        "plot_histories",
        "figures.alpha figures.curves figures.loss_recall",
    ),
    (
        "plot_challenge",
        "figures.challenge",
    ),
    (
        "compare_runs",
        "figures.comparison",
    ),
    (
        "compare_challenge compare_models compare_relations measure_cold",
        "evaluate.paired",
    ),
    (
        "summarise_metrics",
        "evaluate.summary",
    ),
    (
        "tabulate_metrics",
        "report.paired",
    ),
    (
        "plot_degrees",
        "figures.degrees",
    ),
    (
        "plot_kcore_idea",
        "figures.kcore_idea",
    ),
    (
        "plot_kcore_ladder",
        "figures.kcore_ladder",
    ),
    (
        "plot_likeness",
        "figures.likeness",
    ),
    (
        "plot_split",
        "figures.split",
    ),
    (
        "plot_subgraph",
        "figures.subgraph figures.subgraph_page",
    ),
    (
        "make_recommendations_page",
        "report.cards",
    ),
    (
        "tabulate_run",
        "report.run",
    ),
    (
        "train_model try_model",
        "run.gpus train.checkpoints train.epochs train.graphs train.loop train.objectives train.repeatable "
        "train.run train.state train.validation",
    ),
    (
        "train_model",
        "nn.softmax",
    ),
    (
        "fit_title_encoder train_model",
        "nn.systematic",
    ),
    (
        "ablate animate_map build_catalogue build_relations choose_answering choose_joint compare_runs "
        "continue_challenge continue_from_catalogue evaluate_baseline evaluate_blend evaluate_model "
        "extend_model fit_channels fit_rerank fit_title_encoder freeze_best freeze_model index_tracks "
        "make_recommendations_page map_playlists measure_cold measure_likeness measure_popularity "
        "plot_ablation plot_artists plot_challenge plot_cold plot_histories plot_likeness plot_map "
        "plot_metrics plot_popularity plot_trials tabulate_ablation tabulate_challenge tabulate_counts "
        "tabulate_embeddings tabulate_hetero tabulate_metrics tabulate_run tabulate_trials train_model "
        "try_model write_report",
        "run.models",
    ),
    (
        "make_sample",
        "sample.playlists sample.slices sample.variants",
    ),
    (
        "choose_playlists recommend_tracks",
        "graph.ids serve.recommendation",
    ),
    (
        "ablate choose_answering choose_artists choose_playlists continue_from_catalogue fit_rerank "
        "map_playlists measure_likeness recommend_tracks",
        "nearest",
    ),
    (
        "evaluate_blend fit_blend measure_cold measure_popularity",
        "evaluate.blends",
    ),
    (
        "ablate choose_answering continue_challenge continue_from_catalogue evaluate_baseline "
        "evaluate_blend extend_model fit_blend fit_rerank fit_title_encoder measure_cold measure_popularity",
        "scorers.blend",
    ),
    (
        "plot_trials",
        "figures.trials",
    ),
    (
        "tabulate_trials",
        "report.trials",
    ),
    (
        "ablate choose_joint choose_trial fit_baseline fit_rerank rank_trials tabulate_trials train_model "
        "try_baseline try_model",
        "run.trials",
    ),
    (
        "try_model",
        "train.trial",
    ),
    (
        "check_challenge_set",
        "challenge.given_set",
    ),
    (
        "ablate build_catalogue choose_answering choose_joint continue_from_catalogue extend_model "
        "fit_channels fit_rerank fit_title_encoder",
        "catalogue.catalogue catalogue.queries catalogue.tables",
    ),
    (
        "ablate choose_answering choose_joint continue_from_catalogue fit_rerank",
        "catalogue.rankers channels.joint",
    ),
    (
        "ablate choose_answering choose_joint continue_from_catalogue extend_model fit_channels fit_rerank "
        "fit_title_encoder",
        "channels.neighbours",
    ),
    (
        "choose_joint",
        "challenge.choose",
    ),
    (
        "ablate choose_answering choose_joint fit_rerank",
        "challenge.validation",
    ),
    (
        "compare_runs plot_ablation plot_challenge plot_cold plot_histories plot_likeness plot_metrics "
        "plot_popularity plot_trials tabulate_challenge write_report",
        "run.contenders",
    ),
    (
        "choose_answering continue_challenge",
        "serve.from_core",
    ),
    (
        "extend_model",
        "channels.extension",
    ),
    (
        "choose_answering continue_challenge extend_model freeze_best freeze_model measure_cold",
        "scorers.extend",
    ),
    (
        "ablate build_relations choose_answering continue_challenge continue_from_catalogue "
        "evaluate_baseline evaluate_blend extend_model fit_rerank fit_title_encoder freeze_best "
        "freeze_model measure_cold measure_popularity train_model try_model",
        "graph.relations",
    ),
    (
        "freeze_best freeze_model train_model try_model",
        "nn.hetero_encoder",
    ),
    (
        "choose_answering continue_challenge freeze_best freeze_model measure_cold",
        "scorers.cold",
    ),
    (
        "build_kcore",
        "graph.cold",
    ),
    (
        "measure_popularity",
        "evaluate.popularity",
    ),
    (
        "compare_relations measure_cold",
        "evaluate.relations",
    ),
    (
        "measure_cold",
        "evaluate.cold",
    ),
    (
        "tabulate_hetero write_report",
        "report.hetero",
    ),
    (
        "tabulate_counts tabulate_hetero",
        "report.relations",
    ),
    (
        "ablate build_relations choose_answering continue_challenge continue_from_catalogue "
        "evaluate_baseline evaluate_blend extend_model fit_rerank fit_title_encoder freeze_best "
        "freeze_model measure_cold measure_popularity tabulate_counts tabulate_hetero train_model try_model",
        "graph.edge_types",
    ),
    (
        "compare_runs plot_metrics",
        "figures.measures",
    ),
    (
        "animate_map",
        "figures.map_page",
    ),
    (
        "animate_map plot_subgraph",
        "figures.pages",
    ),
    (
        "write_report",
        "report.captions report.glance report.layout report.page report.challenge_glance",
    ),
    (
        "make_recommendations_page tabulate_ablation tabulate_challenge tabulate_counts tabulate_embeddings "
        "tabulate_hetero tabulate_metrics tabulate_run tabulate_trials write_report",
        "report.style",
    ),
]
MODULES = {module: rules for rules, modules in CODE for module in modules.split()}


def after(first: str) -> set[str]:
    """``first`` and all that reads their results, and so on."""
    found, pending = set(), first.split()
    while pending:
        rule = pending.pop()
        if rule not in found:
            found.add(rule)
            pending += [*READERS.get(rule, "").split(), *NEEDS.get(rule, "").split()]
    return found


def readme_section() -> str:
    """The tables of config/README.md: keys, those of the same effect in one row; and rules with readers."""
    effects: dict[tuple[str, str], list[str]] = {}
    for key, row in KEYS.items():
        effects.setdefault((row.first, row.note), []).append(key)
    lines = ["| key | reruns, with all that reads its results | besides |", "|---|---|---|"]
    for (first, note), keys in effects.items():
        lines.append(f"| {_listed(keys)} | {_listed(first.split()) or 'nothing'} | {note} |")
    lines += ["", "| rule | its results are read by |", "|---|---|"]
    lines += [f"| `{rule}` | {_listed(readers.split())} |" for rule, readers in READERS.items()]
    return "\n".join(lines)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    print(readme_section())
