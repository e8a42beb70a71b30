"""choose_playlists, recommend_tracks and make_recommendations_page, one after the other."""

import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

from choose_playlists import choose_in_graph
from make_recommendations_page import make_recommendations_page
from recommend_tracks import recommend_tracks
from segue.errors import SegueError
from segue.graph.ids import with_ids
from segue.graph.split import load_split, save_split, split_edges
from segue.report.cards import recommendations_page
from segue.serve.recommendation import recommendation_table

SETTINGS = {"playlists": 3, "n": 4, "seed": 1, "raw_ids": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    generator = torch.Generator().manual_seed(0)
    pairs = (torch.rand(6, 20, generator=generator) < 0.5).nonzero().T.contiguous()
    save_split(split_edges(pairs), folder / "split.safetensors")
    vectors = {
        name: torch.randn(size, 4, generator=generator) for name, size in (("playlists", 6), ("tracks", 20))
    }
    save_file(vectors, folder / "embeddings.safetensors")
    playlist, track = (pl.Series(side.tolist(), dtype=pl.Int32) for side in pairs)
    tables = {
        "edges": pl.DataFrame({"playlist": playlist, "track": track, "position": track}),
        "playlists": pl.DataFrame(
            {"playlist": range(6), "pid": range(100, 106), "name": [f"List {i}" for i in range(6)]},
            schema_overrides={"playlist": pl.Int32},
        ),
        "tracks": pl.DataFrame(
            {
                "track": range(20),
                "track_uri": [f"uri:{i}" for i in range(20)],
                "track_name": [f"Song {i}" for i in range(20)],
                "artist_name": [f"Artist {i}" for i in range(20)],
            },
            schema_overrides={"track": pl.Int32},
        ),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    # A batch that has one playlist more, pid 200, with the core's track 3 and another.
    pl.DataFrame({"pid": [200], "name": ["Left"]}).write_parquet(folder / "slice_playlists.parquet")
    pl.DataFrame({"playlist": [0, 0], "track": [0, 1]}).write_parquet(folder / "slice_edges.parquet")
    pl.DataFrame({"track_uri": ["uri:3", "uri:x"]}).write_parquet(folder / "slice_tracks.parquet")
    return folder


def choose(folder, target, **settings):
    names = ("playlists", "edges", "tracks")
    choose_in_graph(
        {
            "split": str(folder / "split.safetensors"),
            "playlists": str(folder / "playlists.parquet"),
            "tracks": str(folder / "tracks.parquet"),
        },
        {name: [str(folder / f"slice_{name}.parquet")] for name in names},
        str(target),
        settings=SETTINGS | settings | {"k_core": 5},
    )


def recommend(folder, target, **settings):
    sources = {
        "split": folder / "split.safetensors",
        "embeddings": folder / "embeddings.safetensors",
        "chosen": target.parent / "chosen.parquet",
        "playlists": folder / "playlists.parquet",
        "tracks": folder / "tracks.parquet",
    }
    choose(folder, sources["chosen"], **settings)
    recommend_tracks(
        {name: str(path) for name, path in sources.items()},
        str(target),
        n=SETTINGS["n"],
        raw_ids=settings.get("raw_ids", False),
        block_mb=1,
    )
    return pl.read_parquet(target)


def test_the_table_is_the_library_s(folder, tmp_path):
    table = recommend(folder, tmp_path / "new" / "table.parquet", playlists=[104, 101])
    split, embeddings = (
        load_split(folder / "split.safetensors"),
        load_file(folder / "embeddings.safetensors"),
    )
    playlists, tracks = (pl.read_parquet(folder / f"{name}.parquet") for name in ("playlists", "tracks"))
    playlists = with_ids(playlists, raw_ids=False)
    expected = recommendation_table(split, embeddings, torch.tensor([1, 4]), 4, playlists, tracks, block_mb=1)
    assert table.equals(expected)
    assert table["pid"].to_list() == [101] * 4 + [104] * 4


def test_ids_of_edge_lists_are_no_places(folder, tmp_path):
    """Playlists 0 to 5, which the edge lists call 3, 0, 5, 007, u1 and 1."""
    names = ["3", "0", "5", "007", "u1", "1"]
    table = pl.read_parquet(folder / "playlists.parquet")
    table.with_columns(pid=pl.int_range(6, dtype=pl.Int64), name=pl.Series(names)).write_parquet(
        tmp_path / "playlists.parquet"
    )
    pl.DataFrame({"pid": [6], "name": ["4"]}).write_parquet(tmp_path / "slice_playlists.parquet")
    for name in ("split.safetensors", "embeddings.safetensors", "tracks.parquet", "slice_edges.parquet"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "slice_tracks.parquet").symlink_to(folder / "slice_tracks.parquet")

    def recommended(*ids):
        return recommend(tmp_path, tmp_path / "table.parquet", playlists=[*ids], raw_ids=True)

    found = recommended(5, "1", "007")
    assert found["playlist"].unique(maintain_order=True).to_list() == [2, 3, 5]
    assert found["id"].unique(maintain_order=True).to_list() == ["5", "007", "1"]
    assert found["pid"].null_count() == found.height
    for place in (2, 4):  # of a row, but no id
        with pytest.raises(SegueError) as error:
            recommended("3", place)
        assert error.value.expected.endswith("an id as in the edge lists, such as '3', '0', '5'")
    assert error.value.found == "playlist '4' was dropped by the 5-core: 1 of its 2 tracks survive"
    with pytest.raises(SegueError) as error:
        recommended(7)  # YAML's reading of 007
    assert error.value.found == "the number 7, and the ids '007'"


def test_as_many_playlists_as_are_asked_for(folder, tmp_path):
    assert recommend(folder, tmp_path / "table.parquet")["playlist"].n_unique() == 3
    assert recommend(folder, tmp_path / "table.parquet", playlists="all")["playlist"].n_unique() == 6


def test_dropped_pids_are_explained_and_the_old_choice_stays(folder, tmp_path):
    target = tmp_path / "chosen.parquet"
    target.write_bytes(b"old")
    with pytest.raises(SegueError) as error:
        choose(folder, target, playlists=[101, 300, 200])
    assert error.value.found == (
        "no playlist of the run has the id '300' (near it: '100'); "
        "pid 200 was dropped by the 5-core: 1 of its 2 tracks survive"
    )
    assert error.value.expected == "playlists of the k-core, each by its id: a pid, 100 to 105"
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["chosen.parquet"]


def test_that_tracks_do_not_suffice_is_said_before_a_model_is_asked(folder, tmp_path):
    with pytest.raises(SegueError, match=r"not that many tracks to recommend[\s\S]*found: 19; playlist "):
        choose(folder, tmp_path / "chosen.parquet", playlists="all", n=19)


def test_the_page_is_the_library_s(folder, tmp_path):
    table = recommend(folder, tmp_path / "table.parquet")
    graph = {name: str(folder / f"{name}.parquet") for name in ("edges", "playlists", "tracks")}
    target = tmp_path / "pages" / "page.html"
    split = folder / "split.safetensors"
    make_recommendations_page("m", str(tmp_path / "table.parquet"), str(split), graph, str(target))
    playlist, track = (pl.Series(side.tolist(), dtype=pl.Int32) for side in load_split(split).test)
    held_out = pl.DataFrame({"playlist": playlist, "track": track})
    tables = {name: pl.read_parquet(path) for name, path in graph.items()}
    page = target.read_text(encoding="utf-8")
    assert page == recommendations_page("m", table, held_out=held_out, **tables)
    assert page.count("<article>") == 3
    assert page.count('<li class="hit">') == table["hit"].sum() > 0
