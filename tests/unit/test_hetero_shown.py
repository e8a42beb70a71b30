"""The page of artists and albums: counts, weights, tables and the answer in words, from tables by hand."""

import json
import re

import numpy as np
import polars as pl
import pytest
import torch
from hetero_tables import FAMILIES, GAINS, cold, popularity
from safetensors.numpy import save_file

from segue.graph.edge_types import ways_of
from segue.graph.relations import Relations, save_relations
from segue.report.hetero import (
    cold_answer,
    cold_table,
    in_short,
    popularity_answer,
    popularity_table,
)
from segue.report.relations import relation_counts, relation_weights
from tabulate_hetero import tabulate_hetero

EDGES = {
    ("track", "artist"): torch.tensor([[0, 1, 2], [0, 0, 1]]),
    ("track", "album"): torch.tensor([[0, 1], [0, 0]]),
    ("album", "artist"): torch.tensor([[0], [0]]),
}


def relations_in(folder, kinds=("artist", "album")):
    save_relations(Relations(5, {"artist": 2, "album": 1}, EDGES).of(kinds), folder / "relations.safetensors")
    return folder / "relations.safetensors"


def model_in(folder, relations, **tensors):
    metadata = {"segue": json.dumps({"conv": "lgc"} | ({"relations": relations} if relations else {}))}
    save_file({"alpha": np.ones(3, np.float32)} | tensors, folder / "model.safetensors", metadata=metadata)
    return folder / "model.safetensors"


def test_counts_of_nodes_edges_and_tracks_without(tmp_path):
    assert dict(relation_counts(relations_in(tmp_path)).rows()) == {
        "artists": 2,
        "albums": 1,
        "edges of tracks and artists": 3,
        "edges of tracks and albums": 2,
        "edges of albums and artists": 1,
        "tracks of which no artist is a node": 2,
        "tracks of which no album is a node": 3,
    }
    assert dict(relation_counts(relations_in(tmp_path, ["album"])).rows()) == {
        "albums": 1,
        "edges of tracks and albums": 2,
        "tracks of which no album is a node": 3,
    }


@pytest.mark.parametrize("kinds", [["artist"], ["album"], ["artist", "album"]])
def test_learned_weights_by_the_ways_of_the_encoder(kinds, tmp_path):
    ways = ways_of(["playlist", "track", *kinds])
    weights = np.arange(2 * len(ways), dtype=np.float32).reshape(2, -1)
    path = model_in(tmp_path, {"kinds": kinds, "weights": "learnable"}, relation_weights=weights)
    table = relation_weights(path)
    assert table.columns == ["from", "to", "layer 1", "layer 2"]
    assert table.select("from", "to").rows() == ways
    assert table["layer 2"].to_list() == weights[1].tolist()


def test_fixed_weights_are_not_listed(tmp_path):
    assert relation_weights(model_in(tmp_path, None)) is None
    assert relation_weights(model_in(tmp_path, {"kinds": ["artist"], "weights": "fixed"})) is None


def test_the_answer_says_who_gains_who_loses_and_what_is_not_sure():
    _, rarest, second, third, popular = popularity_answer(popularity(), 300, FAMILIES)
    assert rarest.startswith(
        "On the rarest quarter of tracks 4 of 6 models gain: LightGCN + artist softmax, fixed α +0.0300 "
        "(+0.025"
    )
    assert (
        "2 of 6 models neither gain nor lose for sure: LightGCN + album softmax, fixed α +0.0020 (-0.0030 to "
        "+0.0070)" in rarest
    )
    assert "lose: " not in rarest
    assert second.startswith("On the second quarter of tracks 4 of 6 models gain: ")
    assert third.startswith(
        "On the third quarter of tracks 2 of 6 models gain: LightGCN + artist + album softmax, fixed α "
        "+0.0100; "
    )
    assert popular.startswith("On the most popular quarter of tracks 4 of 6 models lose: ")
    assert list(popularity_answer(popularity(gains={}), 300, FAMILIES)) == []


def test_in_short_the_networks_with_relations_are_counted():
    assert in_short(popularity(), 300) == (
        "On the rarest quarter of tracks, of 6 networks with artists or albums as nodes, 4 find more than "
        "without, 2 find neither more nor less for sure."
    )
    assert in_short(popularity(gains={}), 300) == ""


def test_names_say_what_models_differ_in():
    both = pl.concat(
        [
            popularity(("lgc",)),
            popularity(("lgc",)).with_columns(
                pl.col("model").str.replace("softmax", "random"), sampler=pl.lit("random")
            ),
        ]
    )
    _, rarest, *_ = popularity_answer(both, 300, FAMILIES)
    assert "LightGCN + artist softmax, fixed α +0.0300" in rarest
    assert "LightGCN + artist random, fixed α +0.0300" in rarest


def test_the_answer_about_cold_tracks():
    among_cold, among_all = cold_answer(cold(), FAMILIES)
    assert among_cold.startswith(
        "Among cold tracks, the best model, LightGCN + artist + album softmax, fixed α, finds 4.5% of a "
        "playlist's cold tracks in the top 20, 9.0 times what random order finds. Over the popularity of "
        "their artists that is +0.0250 "
    )
    assert ", so that it is better. " in among_cold
    assert among_cold.endswith("Ranked by artist overlap, which needs no model, 3.0% are found.")
    assert among_all.startswith("Among all tracks")
    every = (
        cold().filter(pl.col("k") > 10).with_columns(k=pl.lit(300), recall=pl.lit(1.0), gain_low=pl.lit(0.0))
    )
    assert list(cold_answer(every, FAMILIES)) == []
    worse = [*cold_answer(cold(("lgc",), ratio=2.0), FAMILIES)]
    assert ", so that it is worse. " in worse[0]
    assert "for sure: LightGCN + artist softmax, fixed α in the top 10, " in worse[1]


def test_tables_name_models_and_have_the_cut_offs_that_sentences_have():
    shown = popularity_table(popularity(), 300, FAMILIES)
    assert shown["model"].unique().len() == 8 + 2
    assert "Item-kNN" in shown["model"]
    assert shown.filter(model="LightGCN + album softmax, fixed α", tracks="rarest quarter")[
        "gain"
    ].to_list() == [GAINS["album"][0]]
    rows = cold_table(cold(), 300, FAMILIES)
    assert rows["K"].unique().sort().to_list() == [20, 300]
    assert rows.height == cold().height * 2 // 3
    assert {"artist popularity", "artist overlap", "random"} <= set(rows["model"])
    assert cold_table(cold(ks=(50, 100, 300)), 300, FAMILIES)["K"].unique().sort().to_list() == [50, 300]


def test_the_page(tmp_path):
    files = {"relations": [str(relations_in(tmp_path))], "cold": [], "coverage": []}
    files["popularity"] = [str(tmp_path / "popularity.parquet")]
    popularity().write_parquet(files["popularity"][0])
    weights = np.ones((1, 8), np.float32)
    how = {"kinds": ["artist", "album"], "weights": "learnable"}
    files["models"] = [str(model_in(tmp_path, how, relation_weights=weights))]
    settings = {"models": ["lgc_both-softmax-fixed"], "k": 300, "families": FAMILIES}
    tabulate_hetero(files, str(tmp_path / "page.html"), invented=False, **settings)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    titles = [
        "The graph",
        "Recall@300 by popularity of the track",
        "Weights of LightGCN + artist + album softmax, fixed α",
    ]
    assert re.findall("<h2>(.*?)</h2>", page) == titles
    assert "upper bound" not in page
    cold().write_parquet(tmp_path / "cold.parquet")
    pl.DataFrame({"known_by": ["artist"], "tracks": [9], "share": [0.9]}).write_csv(tmp_path / "coverage.csv")
    files |= {"cold": [str(tmp_path / "cold.parquet")], "coverage": [str(tmp_path / "coverage.csv")]}
    tabulate_hetero(files, str(tmp_path / "page.html"), invented=True, **settings)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    further = ["Cold tracks", "Cold tracks by what is known of them"]
    assert re.findall("<h2>(.*?)</h2>", page) == [*titles[:2], *further, titles[2]]
    assert "upper bound" in page
    assert ">+0.0300<" in page
