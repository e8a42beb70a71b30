"""build_kcore, split_edges and build_relations, called as Snakemake calls them."""

import json
from pathlib import Path

import polars as pl
import pytest
from graph_cases import files, quarantine, write_batch

from build_kcore import build_kcore
from build_relations import build_relations
from segue.errors import SegueError
from segue.graph.relations import load_relations
from segue.graph.split import load_split
from split_edges import split_graph


@pytest.fixture
def sources(tmp_path):
    """Two batches: playlists 0..3 hold tracks 0..3 but for their own number; playlist 9 holds track 9."""
    pairs = {"a": [(p, t) for p in (0, 1) for t in range(4) if t != p]}
    pairs["b"] = [(p, t) for p in (2, 3) for t in range(4) if t != p] + [(9, 9)]
    return files([write_batch(tmp_path / name, rows, f"{name}.json") for name, rows in pairs.items()])


@pytest.fixture
def rejected(tmp_path):
    """A file of the quarantine with what is given."""

    def write(*rows):
        quarantine(*rows).write_parquet(tmp_path / "quarantine.parquet")
        return str(tmp_path / "quarantine.parquet")

    return write


@pytest.fixture
def targets(tmp_path):
    names = ("edges", "playlists", "tracks", "degrees", "ladder")
    return {name: str(tmp_path / "graph" / f"{name}.parquet") for name in names} | {
        "ladder_csv": str(tmp_path / "graph" / "ladder.csv"),
        "stats": str(tmp_path / "graph" / "stats.json"),
    }


def settings(**changes):
    return {"k_core": 2, "expect": {}, "on_mismatch": "warn", "max_bad_fraction": 0} | changes


def test_core_of_two_batches(sources, rejected, targets):
    build_kcore(sources, rejected(), targets, settings(expect={"edges": 12, "tracks": 5}))
    stats = json.loads(Path(targets["stats"]).read_text())
    assert stats["degeneracy"] == 3
    assert stats["rejected"] == {"playlists": 0, "entries": 0, "files": 0}
    assert stats["before"]["nodes"] == 10
    assert stats["after"] == {
        "playlists": 4,
        "tracks": 4,
        "nodes": 8,
        "edges": 12,
        "mean_degree": 3.0,
        "mean_degree_playlists": 3.0,
        "mean_degree_tracks": 3.0,
    }
    assert [row["equal"] for row in stats["expected"]] == [True, False]
    edges = pl.read_parquet(targets["edges"])
    assert edges.select("playlist", "track").rows() == [(p, t) for p in range(4) for t in range(4) if t != p]
    # Of two descriptions of a track, the first batch's stays.
    tracks = pl.read_parquet(targets["tracks"])
    assert tracks["track_name"].to_list() == [f"{number} of a" for number in range(4)]
    ladder = pl.read_parquet(targets["ladder"])
    assert ladder.rows() == [(k, 4, 4, 12, 3.0, 3.0, 3.0) for k in (2, 3)]
    assert Path(targets["ladder_csv"]).read_text().splitlines() == [
        "k,playlists,tracks,edges,mean_degree_playlists,mean_degree_tracks,mean_degree",
        "2,4,4,12,3.000,3.000,3.000",
        "3,4,4,12,3.000,3.000,3.000",
    ]


def test_what_was_rejected_is_counted_and_left_out(sources, rejected, targets, tmp_path, caplog):
    # d.json's playlist 0 stands in a.json already; of c.json nothing could be read, it held 10 playlists.
    pairs = [(4, 0), (4, 1), (4, 2), (0, 9)]
    more = files([write_batch(tmp_path / "c", pairs, "d.json")])
    sources = {name: sources[name] + more[name] for name in sources}
    # A playlist whose own number could not be read is no whole file.
    rows = quarantine(("d.json", 0), ("d.json", 77), ("c.json", None))
    path = str(tmp_path / "quarantine.parquet")
    rows.with_columns(pid=pl.when(pl.col("pid") != 77).then("pid")).write_parquet(path)
    with caplog.at_level("INFO", "segue"):
        build_kcore(sources, path, targets, settings(max_bad_fraction=12 / 18))
    stats = json.loads(Path(targets["stats"]).read_text())
    assert stats["rejected"] == {"playlists": 12, "entries": 0, "files": 1}
    assert stats["before"]["edges"] == 12 + 1 + 3
    assert pl.read_parquet(targets["playlists"])["pid"].to_list() == [0, 1, 2, 3, 4]
    assert "rejected: playlists 12, entries 0, files 1" in caplog.text
    with pytest.raises(SegueError, match=r"12 of 18 playlists rejected[\s\S]*at most 66\.00%"):
        build_kcore(sources, path, targets, settings(max_bad_fraction=0.66))


def test_nothing_is_written_on_a_mismatch_that_fails(sources, rejected, targets, tmp_path):
    with pytest.raises(SegueError, match=r"tracks: measured 4, expected 5 \(differs\)"):
        build_kcore(sources, rejected(), targets, settings(expect={"tracks": 5}, on_mismatch="fail"))
    assert not (tmp_path / "graph").exists()


def test_the_split_is_of_the_core(sources, rejected, targets, tmp_path):
    build_kcore(sources, rejected(), targets, settings())
    target = str(tmp_path / "split" / "split.safetensors")
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25, "disjoint_train_ratio": 0.0, "seed": 1}
    split_graph(
        targets["edges"], targets["playlists"], target, shares | {"column": None, "raw_ids": False}, [4]
    )
    split = load_split(target)
    assert (split.num_playlists, split.num_tracks) == (4, 4)
    assert [part.size(1) for part in (split.train, split.validation, split.test)] == [6, 3, 3]
    every = {tuple(edge) for part in (split.train, split.validation, split.test) for edge in part.T.tolist()}
    assert every == {(p, t) for p in range(4) for t in range(4) if t != p}


def test_metrics_that_rank_more_tracks_than_there_are_end_the_run_before_it_trains(
    sources, rejected, targets, tmp_path
):
    build_kcore(sources, rejected(), targets, settings())
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25, "disjoint_train_ratio": 0.0, "seed": 1}
    options = shares | {"column": None, "raw_ids": False}
    target = tmp_path / "split.safetensors"
    with pytest.raises(SegueError, match=r"found: K = 5, and 4 tracks in the k-core\n  expected: at most 4"):
        split_graph(targets["edges"], targets["playlists"], str(target), options, [3, 5])
    assert not target.exists()


@pytest.mark.parametrize(("raw_ids", "named"), [(True, "'u1'"), (False, "11")])
def test_a_playlist_that_holds_every_track_is_named_by_its_id(tmp_path, raw_ids, named):
    pairs = [(0, 0, "train"), (0, 1, "validation"), (0, 2, "test"), (1, 0, "train"), (1, 1, "train")]
    edges = [*pairs, (1, 2, "validation")]
    roles = {"playlist": pl.Int32, "track": pl.Int32, "split": pl.Enum(["train", "validation", "test"])}
    pl.DataFrame(edges, roles, orient="row").write_parquet(tmp_path / "edges.parquet")
    playlists = {"playlist": [0, 1], "pid": [10, 11], "name": ["u0", "u1"]}
    pl.DataFrame(playlists).write_parquet(tmp_path / "playlists.parquet")
    settings = {"train": 0.6, "validation": 0.25, "test": 0.15, "disjoint_train_ratio": 0.0, "seed": 1}
    settings |= {"column": "split", "raw_ids": raw_ids, "validation_by": "edges"}
    paths = [str(tmp_path / name) for name in ("edges.parquet", "playlists.parquet", "split.safetensors")]
    with pytest.raises(SegueError, match=f"the playlist {named}\n  found: all 3 tracks"):
        split_graph(*paths, settings, [3])
    assert not Path(paths[2]).exists()


@pytest.mark.parametrize("roles", ["train validation test", "train test"])
def test_a_split_that_comes_with_the_edges_is_kept(tmp_path, roles):
    roles = roles.split()
    edges = pl.DataFrame(
        {
            "playlist": pl.Series([p for p in range(4) for _ in range(6)], dtype=pl.Int32),
            "track": pl.Series([*range(6)] * 4, dtype=pl.Int32),
            "split": pl.Series((roles * 24)[:24], dtype=pl.Enum(["train", "validation", "test"])),
        }
    )
    edges.write_parquet(tmp_path / "edges.parquet")
    target = str(tmp_path / "split.safetensors")
    settings = {"train": 0.6, "validation": 0.25, "test": 0.15, "disjoint_train_ratio": 0.0, "seed": 1}
    settings |= {"column": "split", "raw_ids": True, "validation_by": "edges"}
    split_graph(str(tmp_path / "edges.parquet"), "", target, settings, [1])
    split = load_split(target)

    def given(role):
        return set(edges.filter(split=role).select("playlist", "track").rows())

    def pairs(part):
        return set(map(tuple, part.T.tolist()))

    assert pairs(split.test) == given("test")
    assert pairs(split.train_and_validation) == given("train") | given("validation")
    drawn = 3  # a quarter of 12
    assert split.validation.size(1) == (len(given("validation")) or drawn)


def test_artists_and_albums_follow_from_the_tracks_alone(tmp_path):
    """Written twice they have the same bytes; playlists and edges are no input."""
    owners = {"artist_uri": ["b", "a", "a", "b"], "album_uri": ["x", "y", "y", None]}
    columns = owners | {"artist_name": ["B", "A", "A", "B"], "album_name": ["X", "Y", "Y", None]}
    tracks = pl.DataFrame({"track": range(4)} | columns, schema_overrides={"track": pl.Int32})
    tracks.write_parquet(tmp_path / "tracks.parquet")
    files = {name: str(tmp_path / f"{name}.parquet") for name in ("artist", "album")}
    target = tmp_path / "relations.safetensors"
    written = []
    for _ in range(2):
        options = {"kinds": [*files], "min_degree": 2, "raw_ids": True}
        build_relations(str(tmp_path / "tracks.parquet"), files, str(target), options)
        written.append([Path(path).read_bytes() for path in (*files.values(), target)])
    assert written[0] == written[1]
    assert pl.read_parquet(files["artist"]).rows() == [(0, "a", "A", 2), (1, "b", "B", 2)]
    relations = load_relations(target)
    assert (relations.num_tracks, relations.num_nodes) == (4, {"artist": 2, "album": 1})
    edges = {ends: pairs.tolist() for ends, pairs in relations.edges.items()}
    assert edges == {
        ("track", "artist"): [[0, 1, 2, 3], [1, 0, 0, 1]],
        ("track", "album"): [[1, 2], [0, 0]],
        ("album", "artist"): [[0], [0]],
    }
