"""What is found by popularity: known values, sums that are the test's, and gains against the right model."""

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.evaluate.popularity import hits_by_quarter, quarters
from segue.evaluate.protocol import evaluate_scores
from segue.evaluate.relations import base_of, models_table, popularity_table
from segue.evaluate.ties import chance_in_top
from segue.graph.split import split_edges

K = [1, 3, 8]


def test_quarters_hold_tracks_of_one_degree_together():
    assert quarters(torch.tensor([5, 1, 9, 3])).tolist() == [3, 1, 4, 2]
    assert quarters(torch.tensor([1, 1, 1, 1, 1, 2, 7, 7])).tolist() == [1, 1, 1, 1, 1, 3, 4, 4]


def test_the_chance_of_a_tie_at_the_cut():
    scores = torch.tensor([[5.0, 5.0, 5.0, 9.0, -torch.inf], [1.0, 2.0, 3.0, 4.0, 5.0]])
    row, track = torch.tensor([0, 0, 1, 1]), torch.tensor([3, 1, 0, 4])
    assert chance_in_top(scores, 1, row, track).tolist() == [1, 0, 0, 1]
    assert chance_in_top(scores, 2, row, track).tolist() == pytest.approx([1, 1 / 3, 0, 1])
    assert chance_in_top(scores, 5, row, track).tolist() == [1, 1, 1, 1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([None, 4]))
def test_over_the_quarters_hits_add_up_to_recall(seed, max_playlists):
    generator = torch.Generator().manual_seed(seed)
    listed = torch.rand(9, 12, generator=generator) < 0.6
    listed.fill_diagonal_(False)  # a playlist with every track has no negative
    listed[8, 11] = True
    edges = listed.nonzero().T
    split = split_edges(edges, train=0.5, validation=0.1, test=0.4, seed=seed % 100)
    scores = torch.randint(4, (9, 12), generator=generator).float()
    options = {"k": K, "seed": 3, "max_playlists": max_playlists, "block_mb": 0}

    def scores_of_playlists(known, chosen):
        return lambda start, stop: scores[chosen[start:stop]]

    found = hits_by_quarter(split, scores_of_playlists, **options)
    blocks = []
    evaluate_scores(split, scores_of_playlists, **options, each=blocks.append)
    sums = found.group_by("playlist").agg(pl.exclude("quarter").sum()).sort("playlist")
    assert sums["playlist"].to_list() == torch.cat([block["playlist"] for block in blocks]).tolist()
    for k in K:
        recall = torch.cat([block[f"recall@{k}"] for block in blocks])
        assert (sums[f"hits@{k}"] / sums["held_out"]).to_list() == pytest.approx(recall.tolist())


MODELS = models_table(
    [
        {"conv": "lgc", "sampler": "softmax", "alpha": "fixed", "like": "lgc", "relations": relations}
        | {"model": name}
        for name, relations in (("a", "artist"), ("b", "none"))
    ]
    + [{"model": "popularity"}]
)


def test_a_model_is_compared_with_the_same_without_relations():
    assert base_of(MODELS) == {"a": "b", "b": None, "popularity": None}
    other = MODELS.with_columns(sampler=pl.when(pl.col("model") == "a").then(pl.lit("hard")))
    assert base_of(other) == {"a": None, "b": None, "popularity": None}


def test_the_table_by_hand():
    """Playlist 0 has two tracks of quarter 1 to be found, playlist 1 one of each of quarters 1 and 4."""
    rows = {"playlist": [0, 1, 1], "quarter": [1, 1, 4], "held_out": [2, 1, 1]}
    hits = {"a": [2.0, 0.5, 1.0], "b": [1.0, 0.5, 1.0], "popularity": [0.0, 0.0, 1.0]}
    types = {"playlist": pl.Int32, "quarter": pl.Int8, "held_out": pl.Int32}
    tables = {name: pl.DataFrame(rows | {"hits@8": found}).cast(types) for name, found in hits.items()}
    found = popularity_table(tables, MODELS, [8], seed=1)
    first = found.filter(quarter=1).rows_by_key("model", named=True, unique=True)
    assert (first["a"]["recall"], first["b"]["recall"]) == (0.75, 0.5)
    assert (first["a"]["gain"], first["a"]["low"], first["a"]["high"]) == (0.25, 0, 0.5)
    assert (first["b"]["gain"], first["popularity"]["gain"]) == (None, None)
    assert found.filter(model="a").select("quarter", "playlists").rows() == [(1, 2), (4, 1)]
    assert found.filter(quarter=4)["recall"].to_list() == [1, 1, 1]
