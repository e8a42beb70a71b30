"""The catalogue: what it is made of, its numbers, and queries in them."""

import numpy as np
import polars as pl
import pytest
import torch
from catalogue_cases import make_catalogue, uris
from hypothesis import given
from hypothesis import strategies as st

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.catalogue.rankers import best_tracks
from segue.catalogue.tables import FIELDS, catalogue_tables
from segue.errors import SegueError
from segue.graph.merge import merge
from segue.graph.tables import core_digest

PLAYLISTS = [("Rock", "abc"), ("rock", "ab"), (None, "ad"), ("Pop", "e")]


def test_tracks_are_numbered_by_degree_and_candidates_come_first(tmp_path):
    catalogue = make_catalogue(tmp_path, PLAYLISTS, min_degree=2)
    assert catalogue.tracks["track_name"].to_list() == ["a", "b", "c", "d", "e"]
    assert catalogue.degree.tolist() == [3, 2, 1, 1, 1]
    assert (catalogue.num_playlists, catalogue.num_tracks, catalogue.num_candidates) == (4, 5, 2)
    assert catalogue.digest == core_digest(pl.Series(uris("ab")))
    assert catalogue.cols.tolist() == [0, 1, 2, 0, 1, 0, 3, 4]
    assert catalogue.ends.tolist() == [2, 5, 6, 7]  # where those of the two candidates end
    assert catalogue.t_rowptr.tolist() == [0, 3, 5, 6, 7, 8]
    assert catalogue.t_cols.tolist() == [0, 1, 2, 0, 1, 0, 2, 3]


def test_queries_keep_the_order_and_leave_out_what_is_unknown(tmp_path):
    catalogue = make_catalogue(tmp_path, PLAYLISTS)
    queries = catalogue.queries([uris("dxad"), [], uris("b")], ["Rock", None, ""])
    assert queries.rowptr.tolist() == [0, 2, 2, 3]
    assert queries.tracks.tolist() == [3, 0, 1]
    assert [(tracks.tolist(), title) for tracks, title in queries.block(1, 3)] == [([], None), ([1], "")]
    assert queries.given().edges().tolist() == [[0, 0, 2], [0, 3, 1]]
    assert queries.given(2).edges().tolist() == [[0, 2], [0, 1]]
    assert queries.given(2).shape == (3, 2)


def test_a_missing_catalogue_is_said_to_be_so(tmp_path):
    with pytest.raises(SegueError, match=r"set candidates\.min_degree"):
        Catalogue(tmp_path)


LISTS = st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=8, unique=True), min_size=1, max_size=12)


@given(LISTS, st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_tables_hold_every_edge_whatever_the_batches(tmp_path_factory, lists, random, held):
    """Against a dictionary of playlists."""
    folder = tmp_path_factory.mktemp("slices")
    pids = random.sample(range(50), len(lists))
    cut = random.randint(0, len(lists))
    files = {"edges": [], "playlists": [], "tracks": []}
    for number, part in enumerate([range(cut), range(cut, len(lists))]):
        names = [f"t{track:02}" for track in {track for row in part for track in lists[row]}]
        tables = {
            "edges": pl.DataFrame(
                [(i, names.index(f"t{track:02}")) for i, row in enumerate(part) for track in lists[row]],
                schema={"playlist": pl.Int32, "track": pl.Int32},
                orient="row",
            ),
            "playlists": pl.DataFrame(
                {
                    "pid": [pids[row] for row in part],
                    "slice": ["s"] * len(part),
                    "name": [str(pids[row]) for row in part],
                },
                schema={"pid": pl.Int64, "slice": pl.String, "name": pl.String},
            ),
            "tracks": pl.DataFrame(dict.fromkeys(FIELDS, names), schema=dict.fromkeys(FIELDS, pl.String)),
        }
        for name, table in tables.items():
            files[name].append(folder / f"{name}-{number}.parquet")
            table.write_parquet(files[name][-1])
    rejected = pl.DataFrame(schema={"slice": pl.String, "pid": pl.Int64})
    merged = merge(*files.values(), rejected, pl.Series(pids[:held], dtype=pl.Int64))
    kept = {pid: {f"t{track:02}" for track in tracks} for pid, tracks in zip(pids, lists, strict=True)}
    for pid in pids[:held]:
        del kept[pid]
    core_tracks = pl.DataFrame({"track": [0], "track_uri": ["t03"]}, schema_overrides={"track": pl.Int32})
    core_playlists = pl.DataFrame(
        {"playlist": [0], "pid": [pids[-1]]}, schema_overrides={"playlist": pl.Int32}
    )
    tables = catalogue_tables(files["playlists"], files["tracks"], merged, core_playlists, core_tracks)
    assert tables.playlists["pid"].to_list() == sorted(kept)
    names = tables.tracks["track_uri"].to_list()
    found = {
        pid: {names[track] for track in tables.listed[[row]].indices}
        for row, pid in enumerate(tables.playlists["pid"])
    }
    assert found == kept
    counted = [sum(name in tracks for tracks in kept.values()) for name in names]
    assert tables.tracks["degree"].to_list() == counted
    assert names == sorted(names, key=lambda name: (-counted[names.index(name)], name))
    assert tables.tracks.filter(pl.col("core").is_not_null())["track_uri"].to_list() in ([], ["t03"])
    assert tables.tracks.select((pl.col("artist") == pl.col("album")).all()).item() or not names


class ByIndex:
    """Scores a track by its index, those above 3 alike."""

    num_tracks, facts = 6, {}

    def scores(self, queries):
        return torch.tensor([[0.0, 1, 2, 3, 3, 3]]).repeat(len(queries), 1)


def test_the_best_tracks_are_not_given_and_equal_ones_come_by_degree():
    queries = Queries.of([np.array([3, 7]), np.array([], int)], ["", None], 9)
    best, scores = best_tracks(ByIndex(), queries, 3)
    assert best.tolist() == [[4, 5, 2], [3, 4, 5]]
    assert scores.tolist() == [[3, 3, 2], [3, 3, 3]]
