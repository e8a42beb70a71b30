"""Recommendations by name; which playlists get some; why one does not."""

import polars as pl
import pytest
import torch
import yaml

from segue.errors import SegueError
from segue.evaluate.protocol import evaluate
from segue.graph.ids import why_dropped, with_ids
from segue.graph.split import Split, split_edges
from segue.serve.recommendation import choose_playlists, recommendation_table

PLAYLISTS = pl.DataFrame(
    {"playlist": [0, 1, 2], "id": ["10", "7", "30"], "pid": [10, 7, 30]},
    schema_overrides={"playlist": pl.Int32},
)
TRACKS = pl.DataFrame(
    {
        "track": [0, 1, 2, 3],
        "track_uri": ["uri:a", "uri:b", "uri:c", "uri:d"],
        "track_name": ["A", "B", None, "D"],
        "artist_name": ["X", "Y", None, "X"],
    }
)
SPLIT = Split(
    3,
    4,
    train_message=torch.tensor([[0, 1, 2], [0, 1, 2]]),
    train=torch.tensor([[0, 1, 2], [0, 1, 2]]),
    validation=torch.tensor([[2], [3]]),
    test=torch.tensor([[0, 2], [3, 0]]),
)


def test_the_table_by_hand():
    embeddings = {
        "playlists": torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]),
        "tracks": torch.tensor([[9.0, 1.0], [1.0, 3.0], [2.0, 9.0], [3.0, 9.0]]),
    }
    table = recommendation_table(SPLIT, embeddings, torch.tensor([0, 2]), 2, PLAYLISTS, TRACKS, block_mb=1)
    assert table.rows() == [
        (0, "10", 10, 1, 3.0, 3, "uri:d", "D", "X", True),
        (0, "10", 10, 2, 2.0, 2, "uri:c", None, None, False),
        (2, "30", 30, 1, 3.0, 1, "uri:b", "B", "Y", False),
        (2, "30", 30, 2, 1.0, 0, "uri:a", "A", "X", True),
    ]
    assert dict(table.schema) == {
        "playlist": pl.Int32,
        "id": pl.String,
        "pid": pl.Int64,
        "rank": pl.Int32,
        "score": pl.Float32,
        "track": pl.Int32,
        "track_uri": pl.String,
        "track_name": pl.String,
        "artist_name": pl.String,
        "hit": pl.Boolean,
    }


def test_playlists_with_a_hit_are_as_many_as_the_test_counts():
    generator = torch.Generator().manual_seed(0)
    split = split_edges((torch.rand(40, 60, generator=generator) < 0.3).nonzero().T.contiguous())
    embeddings = {
        name: torch.randn(size, 4, generator=generator) for name, size in (("playlists", 40), ("tracks", 60))
    }
    index = pl.int_range(60, dtype=pl.Int32, eager=True)
    tracks = pl.DataFrame({"track": index}).with_columns(
        pl.col("track").cast(pl.String).alias(name) for name in TRACKS.columns[1:]
    )
    playlists = pl.DataFrame({"playlist": index[:40], "pid": index[:40].cast(pl.Int64)})
    playlists = with_ids(playlists, raw_ids=False)
    tested = choose_playlists(1000, split, playlists, seed=0)
    table = recommendation_table(split, embeddings, tested, 10, playlists, tracks, block_mb=1)
    measured = evaluate(split, embeddings["playlists"], embeddings["tracks"], k=[10], seed=0)["hit_rate@10"]
    hits = table.group_by("playlist").agg(pl.col("hit").any())["hit"]
    assert 0 < hits.sum() < len(hits) == measured["playlists"]
    assert hits.mean() == pytest.approx(measured["value"])


def test_pids_all_and_a_number():
    def chosen(wanted, seed=0):
        return choose_playlists(wanted, SPLIT, PLAYLISTS, seed).tolist()

    assert chosen([30, 7]) == [1, 2]
    assert chosen("all") == [0, 1, 2]
    assert chosen(9) == [0, 2]  # playlist 1 has no test edge
    assert {tuple(chosen(1, seed)) for seed in range(20)} == {(0,), (2,)}
    assert chosen(1, seed=3) == chosen(1, seed=3)
    assert chosen(["30", 7, 30]) == [1, 2]
    with pytest.raises(SegueError) as error:
        chosen([7, 9, 8, "x"])
    assert error.value.found == "; ".join(f"no playlist of the run has the id '{one}'" for one in (9, 8, "x"))


@pytest.mark.parametrize(
    ("number", "text"), [(7, "007"), (8, "010"), (31, "0x1F"), (5400, "1:30:00"), (1000, "1_000")]
)
def test_a_number_that_may_be_another_id_is_refused(number, text):
    """YAML reads each of these texts as the number, where it is not in quotes."""
    assert yaml.safe_load(text) == number
    ids = PLAYLISTS.with_columns(id=pl.Series(["1", str(number), text]))
    with pytest.raises(SegueError) as error:
        choose_playlists([number], SPLIT, ids, 0, raw_ids=True)
    assert f"the number {number}, and the ids" in error.value.found
    assert choose_playlists([str(number)], SPLIT, ids, 0, raw_ids=True).tolist() == [1]
    assert choose_playlists([text], SPLIT, ids, 0, raw_ids=True).tolist() == [2]


def test_a_fraction_is_no_id_and_text_is():
    ids = PLAYLISTS.with_columns(id=pl.Series(["7", "7.00", "8"]))
    with pytest.raises(SegueError) as error:
        choose_playlists([7.0], SPLIT, ids, 0, raw_ids=True)
    assert error.value.found == "the number 7.0, and the ids '7.00'"
    assert choose_playlists([7, "7.00"], SPLIT, ids, 0, raw_ids=True).tolist() == [0, 1]


@pytest.fixture
def batches(tmp_path):
    """Two batches: pids 1 and 2, then 3; their tracks have ids of their own."""
    contents = [
        ([1, 2], [(0, 0), (0, 1), (1, 1), (1, 2), (1, 3)], ["a", "b", "c", "d"]),
        ([3], [(0, 0), (0, 1)], ["d", "b"]),
    ]
    paths = {"playlists": [], "edges": [], "tracks": []}
    for number, (pids, pairs, uris) in enumerate(contents):
        tables = {
            "playlists": pl.DataFrame({"pid": pids, "name": [f"n{pid}" for pid in pids]}),
            "edges": pl.DataFrame(pairs, schema={"playlist": pl.Int32, "track": pl.Int32}, orient="row"),
            "tracks": pl.DataFrame({"track_uri": uris}),
        }
        for name, table in tables.items():
            path = tmp_path / f"{number}-{name}.parquet"
            table.write_parquet(path)
            paths[name].append(str(path))
    return paths


@pytest.mark.parametrize(
    ("pid", "text"),
    [
        (1, "pid 1 was dropped by the 10-core: 1 of its 2 tracks survive"),
        (2, "pid 2 was dropped by the 10-core: 2 of its 3 tracks survive"),
        (3, "pid 3 was dropped by the 10-core: 2 of its 2 tracks survive"),
        (4, None),
    ],
)
def test_why_a_playlist_is_not_in_the_core(batches, pid, text):
    core = pl.DataFrame({"track_uri": ["b", "d"]})
    assert why_dropped(str(pid), 10, **batches, core_tracks=core, raw_ids=False) == text
    of_edges = text and text.replace(f"pid {pid}", f"playlist 'n{pid}'")
    assert why_dropped(f"n{pid}", 10, **batches, core_tracks=core, raw_ids=True) == of_edges
