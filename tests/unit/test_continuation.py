"""Playlists that nobody trained on, continued by a small model."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from serving_cases import write_served

import segue
from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.scorers.frozen import freeze
from segue.serve.forms import Playlist
from segue.serve.from_core import FromCore

TITLES = ["Road Trip", "gym", "Gym!", None]
EDGES = torch.tensor([[0, 0, 0, 1, 1, 2, 2, 3, 3, 3], [0, 1, 2, 3, 4, 3, 5, 0, 1, 3]])
NUM_TRACKS = 6
TRACKS = pl.DataFrame(
    {
        "track_uri": [*(f"uri:{name}" for name in "abcdef"), "uri:x", "uri:y"],
        "track_name": [*"ABCDEF", "X", None],
        "artist_uri": "artist:1",
        "artist_name": ["One"] * 7 + [None],
        "track": [*range(6), None, None],
        "stand_in": [None] * 6 + [4, None],
        "stand_in_by": [None] * 6 + ["artist", None],
    },
    schema_overrides={"track": pl.Int32, "stand_in": pl.Int32},
)
FACTS = {"catalogue": core_digest(TRACKS["track_uri"].head(6)), "model": "sage-random-fixed"}
PATH = os.environ | {"PYTHONPATH": str(Path(segue.__file__).parents[1])}
SETTINGS = {"layers": 2, "dim": 4}


def scorer(**facts):
    model = Encoder(
        "sage", 4 + NUM_TRACKS, init_std=1.0, generator=torch.Generator().manual_seed(3), **SETTINGS
    )
    return freeze(
        model,
        EDGES,
        4,
        NUM_TRACKS,
        stand_in="mean",
        settings={"conv": "sage", **SETTINGS},
        facts=FACTS | facts,
    )


@pytest.fixture(scope="module")
def model():
    return FromCore(scorer(), TRACKS, TitleIndex.of(TITLES), lambda: EDGES)


def proposed(table):
    """Tracks by playlist, best first."""
    return [rows["track"].to_list() for _, rows in table.group_by("playlist", maintain_order=True)]


def test_the_ranking_is_that_of_the_model_s_scores_without_what_is_on_the_playlist(model):
    given = model.index.find([["uri:a", "uri:d"]])
    scores = model.scorer.scores(given.attached)[0]
    table = model.continue_playlists([Playlist(("uri:a", "uri:d", "uri:a"), pid=7)], 4)
    wanted = [track for track in scores.argsort(descending=True).tolist() if track not in (0, 3)]
    assert proposed(table) == [wanted]
    assert table["score"].to_list() == pytest.approx(scores[wanted].tolist())
    assert table["rank"].to_list() == [1, 2, 3, 4]
    assert table.select("pid", "path").unique().rows() == [(7, "tracks")]
    assert table["track_name"].to_list() == ["ABCDEF"[track] for track in wanted]
    assert table.schema == {
        "playlist": pl.Int32,
        "pid": pl.Int64,
        "rank": pl.Int32,
        "track": pl.Int32,
        "track_uri": pl.String,
        "track_name": pl.String,
        "artist_name": pl.String,
        "score": pl.Float32,
        "path": pl.String,
    }


def test_a_stand_in_is_given_to_the_model_and_may_be_proposed(model):
    related, known = (
        model.continue_playlists([Playlist((uri,))], n) for uri, n in (("uri:x", 6), ("uri:e", 5))
    )
    assert related["path"].unique().to_list() == ["related"]
    assert [track for track in proposed(related)[0] if track != 4] == proposed(known)[0]
    assert 4 in proposed(related)[0]


def test_by_title_the_share_of_such_playlists_then_popularity(model):
    """Playlists 1 and 2 are called gym; track 3 is on both, 4 and 5 on one each, 0 and 1 on two others."""
    table = model.continue_playlists([Playlist(("uri:y",), "GYM")], 6)
    assert proposed(table) == [[3, 4, 5, 0, 1, 2]]
    assert table["score"].to_list() == [1, 0.5, 0.5, 0, 0, 0]
    assert table["path"].unique().to_list() == ["title"]


def by_title(edges, title, n=NUM_TRACKS):
    model = FromCore(scorer(), TRACKS, TitleIndex.of(TITLES), lambda: edges)
    return model.continue_playlists([Playlist((), title)], n)


def test_the_last_playlists_may_have_test_edges_only():
    """Playlists 2 and 3, so that a share is of two playlists of such a title, of which one has tracks."""
    table = by_title(EDGES[:, :5], "gym")
    assert proposed(table) == [[3, 4, 0, 1, 2, 5]]
    assert table["score"].to_list() == [0.5, 0.5, 0, 0, 0, 0]
    assert by_title(EDGES[:, :5], "?!")["score"].to_list() == [0.25] * 5 + [0]


def test_a_title_of_playlists_that_are_held_out_whole_says_nothing():
    rest = EDGES[:, (EDGES[0] == 0) | (EDGES[0] == 3)]
    table = by_title(rest, "gym")
    assert table.equals(by_title(rest, "polka"))
    assert table["path"].unique().to_list() == ["popularity"]
    assert by_title(EDGES[:, :0], "gym")["score"].to_list() == [0] * NUM_TRACKS


@settings(max_examples=60)
@given(
    st.sets(st.integers(0, EDGES.size(1) - 1)),
    st.sampled_from(["gym", "road trip", "trip", "polka", "?"]),
)
def test_whatever_the_split_the_answer_is_the_share_of_such_playlists(kept, title):
    edges = EDGES[:, sorted(kept)]
    table = by_title(edges, title)
    weights = dict(zip(*map(list, TitleIndex.of(TITLES).lookup(title) or ((), ())), strict=True))
    on = [set(edges[1][edges[0] == playlist].tolist()) for playlist in range(len(TITLES))]
    by = "title" if any(on[playlist] for playlist in weights) else "popularity"
    weights = weights if by == "title" else dict.fromkeys(range(len(TITLES)), 1)
    share = [
        sum(weight for playlist, weight in weights.items() if track in on[playlist]) / sum(weights.values())
        for track in range(NUM_TRACKS)
    ]
    assert table["path"].unique().to_list() == [by]
    assert table["score"].to_list() == pytest.approx([share[track] for track in proposed(table)[0]])
    assert sorted(share, reverse=True) == pytest.approx(table["score"].to_list())


def test_without_anything_known_by_popularity(model):
    table = model.continue_playlists([Playlist((), "polka")], 6)
    assert proposed(table) == [[3, 0, 1, 2, 4, 5]]
    assert table["score"].to_list() == [0.75, 0.5, 0.5, 0.25, 0.25, 0.25]
    assert table["path"].unique().to_list() == ["popularity"]


def test_playlists_are_answered_in_their_order_whatever_the_path(model):
    table = model.continue_playlists([Playlist((), "gym"), Playlist(("uri:b",)), Playlist((), "?!")], 2)
    assert table.select("playlist", "path").unique(maintain_order=True).rows() == [
        (0, "title"),
        (1, "tracks"),
        (2, "popularity"),
    ]
    assert table["pid"].null_count() == 6


@settings(max_examples=50)
@given(st.lists(st.lists(st.sampled_from(TRACKS["track_uri"].to_list()), max_size=3), min_size=1, max_size=9))
def test_nothing_that_is_on_a_playlist_and_nothing_twice(model, playlists):
    given = [Playlist(tuple(uris), "gym") for uris in playlists]
    table = model.continue_playlists(given, 3)
    for row, uris in enumerate(playlists):
        tracks = table.filter(playlist=row)["track_uri"].to_list()
        assert len(set(tracks)) == 3
        assert not set(tracks) & set(uris)
    assert model.continue_playlists(given[-1:], 3)["track_uri"].to_list() == tracks


def test_names_of_what_is_known(model):
    assert model.names(["uri:x", "uri:nobody's", "uri:a"]) == [("X", "One"), (None, None), ("A", "One")]
    assert model.name == "sage-random-fixed"


def test_bad_input(model):
    with pytest.raises(SegueError, match="empty and has no title"):
        model.continue_playlists([Playlist(("uri:a",)), Playlist((), " ")], 2)
    with pytest.raises(SegueError, match=r"(?s)playlist number 2.*2 of the graph's 6 tracks.*at most 4"):
        model.continue_playlists([Playlist(("uri:a",)), Playlist(("uri:a", "uri:b"))], 5)
    with pytest.raises(SegueError, match="trained on another graph"):
        FromCore(scorer(catalogue="0" * 64), TRACKS, TitleIndex.of(TITLES), lambda: EDGES)
    with pytest.raises(SegueError, match="A playlist is a list of track uris"):
        segue.continue_playlists(model, ["uri:a"], 2)
    with pytest.raises(SegueError, match="Playlists come in a list"):
        segue.continue_playlists(model, Playlist(("uri:a",)), 2)
    with pytest.raises(SegueError, match="tracks of a playlist come in a list"):
        segue.continue_playlists(model, [Playlist("uri:a")], 2)
    with pytest.raises(SegueError, match=r"(?s)No track of the playlists is known.*2 tracks, none of them"):
        segue.continue_playlists(model, [["nonsense", "uri:y"]], 2)
    for n in (0, -1, "abc", True, 2.5):
        with pytest.raises(SegueError, match="The number of tracks is none"):
            segue.continue_playlists(model, [["uri:a"]], n)


def test_where_tracks_are_uris_every_given_one_has_to_be():
    uris = pl.Series([f"spotify:track:{number:022d}" for number in range(TRACKS.height)])
    tracks = TRACKS.with_columns(track_uri=uris)
    digest = core_digest(uris.head(NUM_TRACKS))
    model = FromCore(scorer(catalogue=digest), tracks, TitleIndex.of(TITLES), lambda: EDGES)
    address = f"https://open.spotify.com/track/{0:022d}"
    assert model.continue_playlists([[address]], 3).equals(model.continue_playlists([[uris[0]]], 3))
    with pytest.raises(SegueError, match=r"(?s)named by no uri.*track number 2.*the text 'nonsense'"):
        model.continue_playlists([[uris[0], "nonsense"]], 3)
    unknown = f"spotify:track:{99:022d}"
    with pytest.raises(SegueError, match="No track of the playlists is known"):
        model.continue_playlists([[unknown]], 3)
    # A challenge asks about playlists of which nothing may be known, and so may who has others beside.
    assert model.continue_playlists([Playlist((unknown,), pid=3)], 3)["path"][0] == "popularity"
    both = model.continue_playlists([[unknown], [uris[0]]], 3)
    assert both["path"].to_list()[::3] == ["popularity", "tracks"]


@pytest.fixture
def results(tmp_path):
    """The folder of a run that is ready to serve."""
    message, validation = EDGES[:, :8], EDGES[:, 8:]
    split = Split(4, NUM_TRACKS, message, message, validation, torch.tensor([[1], [5]]))
    write_served(tmp_path, scorer(), TRACKS, TitleIndex.of(TITLES), split)
    return tmp_path


def test_the_documented_example(results, model):
    """As `import segue` says."""
    loaded = segue.load(results)
    mine = segue.Playlist(tracks=("uri:a", "uri:d"), title="road trip")
    table = segue.continue_playlists(loaded, [mine, ["uri:b"], segue.Playlist((), "gym")], n=3)
    assert table.equals(model.continue_playlists([mine, Playlist(("uri:b",)), Playlist((), "gym")], 3))


def test_a_missing_file_is_named_with_the_command_that_makes_it(results):
    (results / "serving/titles.safetensors").unlink()
    with pytest.raises(SegueError, match=r"(?s)titles\.safetensors.*snakemake --cores 8 -- .*serving/scorer"):
        segue.load(results)
    with pytest.raises(SegueError, match=r"models/als/scorer\.safetensors"):
        segue.load(results, "als")


def test_importing_segue_takes_no_package():
    check = "import sys, segue; print({'torch', 'polars', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, env=PATH)
    assert done.stdout == "set()\n"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = segue.nothing
