"""choose_artists, map_playlists, measure_likeness, and what is drawn and listed of them."""

import json

import numpy as np
import polars as pl
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from animate_map import animate_map
from choose_artists import choose_study
from map_playlists import map_playlists
from measure_likeness import measure_likeness
from plot_artists import plot_artists
from plot_likeness import plot_likeness
from plot_map import plot_map
from segue.errors import SegueError
from segue.figures.maps import genre_map, read_map
from segue.report.tables import labelled, quality_table
from tabulate_embeddings import tabulate_embeddings

NAME = {"conv": "lgc", "sampler": "random", "alpha": "fixed"}
SETTINGS = {"neighbours": 8, "min_dist": 0.5, "seed": 1, "max_playlists": None}
GENRES = ["folk", "rock", "jazz"]
PLAYLISTS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """60 playlists of three genres, each with its own tracks and artists; two artists share playlist 0."""
    folder = tmp_path_factory.mktemp("maps")
    rng = np.random.default_rng(0)
    genre = np.arange(PLAYLISTS) % 3
    centres = rng.normal(size=(3, 16))
    vectors = [rng.normal(size=(PLAYLISTS, 16)), centres[genre] + 0.1 * rng.normal(size=(PLAYLISTS, 16))]
    snapshots = {"epochs": np.array([1, 20], np.int32), "playlists": np.stack(vectors).astype(np.float16)}
    save_file(snapshots, folder / "snapshots.safetensors")
    pids = pl.Series("pid", range(100, 100 + PLAYLISTS), dtype=pl.Int32)
    core = pl.DataFrame({"playlist": pl.Series(range(PLAYLISTS), dtype=pl.Int32), "pid": pids})
    core.write_parquet(folder / "playlists.parquet")
    themes = pl.DataFrame({"pid": pids, "genre": [GENRES[g] for g in genre]})
    for part in (0, 1):
        themes[30 * part : 30 * (part + 1)].write_parquet(folder / f"themes.{part}.parquet")
    # Artist 3g + i is on every fifth playlist of genre g; artist 1 on playlist 0 too, which has artist 0.
    edges = [(p, 5 * genre[p] + p // 3 % 5) for p in range(PLAYLISTS)] + [(0, 1)]
    pl.DataFrame(edges, schema={"playlist": pl.Int32, "track": pl.Int32}, orient="row").write_parquet(
        folder / "edges.parquet"
    )
    pl.DataFrame(
        {
            "track": pl.Series(range(15), dtype=pl.Int32),
            "artist_uri": [f"uri:{track:02}" for track in range(15)],
            "artist_name": [f"Artist {track}" for track in range(15)],
        }
    ).write_parquet(folder / "tracks.parquet")
    return folder


def themes(folder):
    return [str(folder / f"themes.{part}.parquet") for part in (0, 1)]


def map_of(folder, settings=SETTINGS, snapshots="snapshots", artists=(), **changes):
    targets = {name: str(folder / "out" / f"{name}.parquet") for name in ("map", "quality")}
    arguments = {"themes": themes(folder)} | changes
    map_playlists(
        str(folder / f"{snapshots}.safetensors"),
        str(folder / "playlists.parquet"),
        arguments["themes"],
        targets,
        name=NAME,
        settings=settings,
        artists=artists,
    )
    return targets


def study_of(folder, a=None, b=None):
    targets = {"groups": str(folder / "out" / "groups.parquet"), "artists": str(folder / "out" / "a.json")}
    sources = {name: str(folder / f"{name}.parquet") for name in ("edges", "tracks", "playlists")}
    choose_study(sources, targets, {"a": a, "b": b})
    return targets


def likeness_of(folder):
    target = str(folder / "out" / "likeness.parquet")
    sources = {name: str(folder / f"{name}.parquet") for name in ("edges", "tracks")}
    sources["artists"] = study_of(folder)["artists"]
    measure_likeness(str(folder / "snapshots.safetensors"), sources, target, name=NAME, seed=1)
    return target


def test_the_map_finds_the_genres_that_the_embeddings_know(folder):
    targets = map_of(folder)
    places = pl.read_parquet(targets["map"])
    assert places.columns == ["epoch", "playlist", "x", "y", "z"]
    assert places["epoch"].to_list() == [1] * PLAYLISTS + [20] * PLAYLISTS
    assert places["playlist"].to_list() == list(range(PLAYLISTS)) * 2
    quality = pl.read_parquet(targets["quality"])
    assert quality.select("conv", "sampler", "alpha", "epoch", "playlists").rows() == [
        ("lgc", "random", "fixed", 1, 60),
        ("lgc", "random", "fixed", 20, 60),
    ]
    assert quality["purity"][0] < 0.5
    assert quality["purity"][1] > 0.95
    assert quality["shuffled_purity"].to_list() == pytest.approx([1 / 3, 1 / 3], abs=0.06)


def test_a_map_of_some_playlists_without_themes(folder, tmp_path):
    targets = map_of(folder, SETTINGS | {"max_playlists": 30}, themes=[])
    places = pl.read_parquet(targets["map"])
    assert places["playlist"].n_unique() == 30
    assert "purity" not in pl.read_parquet(targets["quality"]).columns
    plot_map(targets["map"], "not read", [], str(tmp_path / "map.png"), "lgc-random-fixed")
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.width > picture.height > 300


def test_artists_lie_among_the_playlists_of_their_genre(folder, tmp_path):
    tensors = load_file(folder / "snapshots.safetensors")
    # An artist a genre, with the mean of its playlists; the one with most tracks comes first.
    artists = [[vectors[genre::3].mean(axis=0) for genre in range(3)] for vectors in tensors["playlists"]]
    save_file(tensors | {"artists": np.array(artists)}, folder / "with_artists.safetensors")
    table = {
        "artist": range(3),
        "artist_uri": ["uri:00", "uri:05", "uri:10"],
        "artist_name": ["Ré", "Mi", "Fa"],
    }
    nodes = pl.DataFrame(table | {"tracks": [5, 9, 5]}, schema_overrides={"artist": pl.Int32})
    nodes.write_parquet(folder / "artists.parquet")

    alone = pl.read_parquet(map_of(folder)["map"])
    tables = [str(folder / f"{name}.parquet") for name in ("artists", "edges", "tracks")]
    targets = map_of(folder, snapshots="with_artists", artists=tables)
    drawn, placed = read_map(targets["map"])
    further = {"artist": pl.Int32, "artist_name": pl.String}
    assert pl.read_parquet_schema(targets["map"]) == alone.schema | further
    assert drawn.equals(alone)
    assert placed.select("epoch", "artist_name").rows() == [
        (epoch, name) for epoch in (1, 20) for name in ("Mi", "Ré", "Fa")
    ]
    last = drawn.filter(epoch=20).select("x", "y", "z").to_numpy()
    for artist, *place in placed.filter(epoch=20).select("artist", "x", "y", "z").iter_rows():
        near = np.linalg.norm(last - place, axis=1).argsort()[:10]
        assert set(near % 3) == {artist}

    # Each is on four of the 20 playlists of its genre, and of the 60 there are.
    quality = pl.read_parquet(targets["quality"])
    assert quality["any_share"].to_list() == pytest.approx([4 / 60, 4 / 60])
    assert 0.1 <= quality["artist_share"][1] <= 0.4
    shown = quality_table(labelled(quality))
    assert shown["near artists, theirs"].to_list() == quality["artist_share"].to_list()

    core = str(folder / "playlists.parquet")
    table, groups = genre_map(targets["map"], core, themes(folder))
    assert groups[-1].name == "artists"
    assert table.filter(group=len(groups) - 1)["name"].to_list() == ["Mi", "Ré", "Fa"] * 2
    assert table.filter(pl.col("group") < len(groups) - 1)["name"].null_count() == alone.height
    plot_map(targets["map"], core, [], str(tmp_path / "map.png"), "m")
    animate_map(targets["map"], core, themes(folder), str(tmp_path / "map.html"), "lgc-random-fixed")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert '"name": "artists"' in page
    assert page.count('"artist"]') == 3


def test_too_few_playlists_write_nothing(folder, tmp_path):
    with pytest.raises(SegueError, match="60 playlists"):
        map_of(folder, SETTINGS | {"neighbours": 60})


def test_the_study_names_both_artists_and_their_playlists(folder):
    targets = study_of(folder, a="artist 1")
    assert json.loads((folder / "out" / "a.json").read_text(encoding="utf-8")) == {
        "a": {"name": "Artist 1", "uri": "uri:01", "only": 4},
        "b": {"name": "Artist 0", "uri": "uri:00", "only": 3},
        "both": 1,
    }
    groups = dict(pl.read_parquet(targets["groups"]).rows())
    assert groups[0] == "both"
    assert [playlist for playlist, group in groups.items() if group == "a"] == [3, 18, 33, 48]


def test_likeness_of_many_artists_and_of_the_two(folder):
    table = pl.read_parquet(likeness_of(folder))
    assert table["group"].unique(maintain_order=True).to_list() == ["artists", "Artist 0", "Artist 1"]
    last = table.filter(pl.col("epoch") == 20, pl.col("group") == "artists").row(0, named=True)
    assert last["artists"] == 15
    assert last["mean_cosine"] > last["high"] > last["random_cosine"] > last["low"]
    first = table.filter(pl.col("epoch") == 1, pl.col("group") == "artists").row(0, named=True)
    assert first["low"] - 0.1 < first["mean_cosine"] < first["high"] + 0.1


def test_pictures_and_the_page_of_them(folder, tmp_path):
    made, study = map_of(folder), study_of(folder)
    plot_map(made["map"], str(folder / "playlists.parquet"), themes(folder), str(tmp_path / "m.png"), "m")
    plot_artists(made["map"], study["groups"], study["artists"], str(tmp_path / "a.png"), "m")
    plot_likeness([likeness_of(folder)], str(tmp_path / "l.png"))
    core, page = str(folder / "playlists.parquet"), str(tmp_path / "m.html")
    animate_map(made["map"], core, themes(folder), page, "lgc-random-fixed")
    pictures = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(pictures) == ["a.png", "l.png", "m.html", "m.png"]
    assert pictures["a.png"] != pictures["m.png"]
    assert b"<h1>LightGCN random, fixed \xce\xb1: map of the playlists</h1>" in pictures["m.html"]
    tabulate_embeddings([likeness_of(folder)], [made["quality"]], str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "one of 15 artists" in page
    assert "Artist 0" in page
    assert "genre purity" in page
