"""Counts and metrics, as the report lists them."""

import polars as pl

from segue.report.tables import (
    best_and_least,
    graph_counts,
    labelled,
    metric_tables,
    read_counts,
    rejected_counts,
    split_counts,
)

STATS = {
    "k_core": 3,
    "rejected": {"playlists": 7, "entries": 5, "files": 1},
    "before": {
        "playlists": 8,
        "tracks": 12,
        "nodes": 20,
        "edges": 40,
        "mean_degree": 4.0,
        "mean_degree_playlists": 5.0,
        "mean_degree_tracks": 3.333,
    },
    "after": {
        "playlists": 6,
        "tracks": 4,
        "nodes": 10,
        "edges": 20,
        "mean_degree": 4.0,
        "mean_degree_playlists": 3.333,
        "mean_degree_tracks": 5.0,
    },
}
EMPTY = dict.fromkeys(STATS["after"], 0)


def test_what_was_read_and_rejected():
    assert read_counts(3, STATS).rows() == [
        ("files with playlists", 3),
        ("playlists", 8),
        ("playlists rejected", 7),
        ("entries rejected by themselves", 5),
        ("whole files rejected", 1),
    ]
    held_out = read_counts(3, STATS | {"held_out": 2})
    assert held_out.rows()[2] == ("playlists held out for the challenge", 2)
    assert held_out.height == 6
    cold = read_counts(3, STATS | {"cold": {"tracks": 2, "edges": 9}})
    assert cold.rows()[5:] == [("tracks hidden from training", 2), ("edges hidden from training", 9)]


def test_the_core_beside_the_graph_that_was_read():
    table = graph_counts(STATS, (50, 24))
    assert table.columns == ["count", "read", "3-core", "kept"]
    assert table.rows() == [
        ("playlists", 8, 6, 0.75),
        ("tracks", 12, 4, 1 / 3),
        ("nodes", 20, 10, 0.5),
        ("edges", 40, 20, 0.5),
        ("entries on playlists, repeats counted", 50, 24, 0.48),
        ("edges of a node, mean", 4.0, 4.0, None),
        ("edges (tracks) of a playlist, mean", 5.0, 3.333, None),
        ("edges (playlists) of a track, mean", 3.333, 5.0, None),
    ]


def test_of_nothing_no_share_is_kept():
    table = graph_counts(STATS | {"before": EMPTY, "after": EMPTY}, (0, 0))
    assert table["kept"].to_list() == 8 * [None]


def test_the_split_counts_an_edge_of_two_roles_once_in_the_whole():
    rows = [(0, 0, "train_message"), (0, 1, "train_message"), (1, 1, "train_message"), (0, 0, "train")]
    rows += [(0, 2, "validation"), (2, 2, "test")]
    table = split_counts(pl.DataFrame(rows, schema=["playlist", "track", "role"], orient="row"))
    assert table.columns == ["edges that", "edges", "share of all edges", "playlists", "tracks"]
    assert table.with_columns(pl.col("share of all edges").round(9)).rows() == [
        ("training: pass messages", 3, 0.6, 2, 2),
        ("training: are predicted", 1, 0.2, 1, 1),
        ("validation: are predicted", 1, 0.2, 1, 1),
        ("test: are predicted", 1, 0.2, 1, 1),
    ]


def test_reasons_are_added_up_the_most_first():
    quarantine = pl.DataFrame(
        [("bad pid", 1, 0), ("no JSON", 1000, 0), ("bad pid", 1, 0), ("again", 2, 0), ("local", 0, 3)],
        schema=["what", "playlists", "entries"],
        orient="row",
    )
    assert rejected_counts(quarantine).rows() == [
        ("no JSON", 1, 1000, 0),
        ("again", 1, 2, 0),
        ("bad pid", 2, 2, 0),
        ("local", 1, 0, 3),
    ]


def summary():
    return pl.DataFrame(
        {
            "model": ["lgc-random-fixed", "popularity"],
            "conv": ["lgc", None],
            "sampler": ["random", None],
            "alpha": ["fixed", None],
            "playlists": [5, 5],
            "recall@10": [0.2, 0.1],
            "recall@100": [0.4, 0.3],
            "recall@50": [0.3, 0.2],
            "coverage@10": [0.9, 0.1],
            "coverage@100": [1.0, 0.2],
            "coverage@50": [0.95, 0.15],
            "mrr": [0.5, 0.25],
            "roc_auc": [0.8, None],
            "bpr_loss": [0.3, None],
        }
    )


def test_metrics_are_grouped_with_the_chosen_cut_off_first():
    tables = dict(metric_tables(labelled(summary()), 50))
    assert list(tables) == ["Top 50", "Whole ranking", "Top 10", "Top 100"]
    assert tables["Top 50"].columns == ["model", "Recall@50", "Coverage@50"]
    assert tables["Top 50"].rows() == [
        ("LightGCN random, fixed α", 0.3, 0.95),
        ("Popularity", 0.2, 0.15),
    ]
    assert tables["Whole ranking"].columns[1:] == ["MRR", "ROC-AUC", "BPR loss"]
    assert tables["Whole ranking"].rows() == [
        ("LightGCN random, fixed α", 0.5, 0.8, 0.3),
        ("Popularity", 0.25, None, None),
    ]


def test_of_a_loss_the_least_is_best_and_coverage_has_no_best():
    tables = dict(metric_tables(labelled(summary()), 50))
    assert best_and_least(tables["Whole ranking"]) == (["MRR", "ROC-AUC"], ["BPR loss"])
    assert best_and_least(tables["Top 10"]) == (["Recall@10"], [])
