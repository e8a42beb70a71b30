"""Tracks that a model is told of after its training, and given tracks outside its graph, by their nodes."""

import json
from pathlib import Path

import polars as pl
import pytest
import torch
from command_cases import answered, refused, settle, write_run
from polars.testing import assert_frame_equal
from serving_cases import write_served

import segue
from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.files import save_table
from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.hetero_encoder import HeteroEncoder
from segue.nn.pattern import Pattern
from segue.scorers.baselines import Popularity
from segue.scorers.cold import cold_rows, with_cold
from segue.scorers.frozen import freeze
from segue.serve.from_core import FromCore
from segue.serve.more_tracks import read_tracks

EDGES = torch.tensor([[0, 0, 0, 1, 1, 2, 2, 3, 3, 3], [0, 1, 2, 3, 4, 3, 5, 0, 1, 3]])
ARTIST, ALBUM = [0, 0, 1, 1, None, 0], [0, 0, None, 1, 1, None]  # of the tracks of the graph
TRACKS = pl.DataFrame(
    {
        "track_uri": [*(f"uri:{name}" for name in "abcdef"), "uri:v", "uri:w", "uri:x", "uri:y"],
        "track_name": [*"ABCDEF", "V", "W", "X", "Y"],
        "artist_uri": ["art:0", "art:0", "art:1", "art:1", "art:9", "art:0", "art:8", "art:9", "art:1", None],
        "artist_name": ["Zero"] * 10,
        "track": [*range(6), None, None, None, None],
        "stand_in": [None] * 6 + [None, 4, 3, None],
        "stand_in_by": [None] * 6 + [None, "artist", "album", None],
        "album_uri": ["alb:0", "alb:0", None, "alb:1", "alb:1", None, None, None, "alb:1", None],
        "artist": [*ARTIST, None, None, 1, None],
        "album": [*ALBUM, None, None, 1, None],
    },
    schema_overrides=dict.fromkeys(("track", "stand_in", "artist", "album"), pl.Int32),
)
URIS, URI = TRACKS["track_uri"].head(6), "spotify:track:{:022d}".format


def edges_of(nodes):
    pairs = [(track, node) for track, node in enumerate(nodes) if node is not None]
    return torch.tensor(pairs).T.contiguous()


def made(kinds=("artist", "album"), tracks=TRACKS):
    """A model of 4 playlists and 6 tracks with relations."""
    edges = {("track", "artist"): edges_of(ARTIST), ("track", "album"): edges_of(ALBUM)}
    edges["album", "artist"] = torch.tensor([[0, 1], [0, 1]])
    relations = Relations(6, {"artist": 2, "album": 2}, edges).of(kinds)
    counts = {"playlist": 4, "track": 6, **relations.num_nodes}
    settings = {"layers": 2, "dim": 4}
    model = HeteroEncoder(
        "sage", counts, init_std=1.0, generator=torch.Generator().manual_seed(3), **settings
    )
    frozen = freeze(
        *(model, EDGES, 4, 6),
        stand_in="mean",
        settings={"conv": "sage", **settings},
        facts={"catalogue": core_digest(tracks["track_uri"].head(6)), "model": "sage_both-random-fixed"},
        relations=relations,
    )
    return FromCore(frozen, tracks, TitleIndex.of(["Road Trip", "gym", "Gym!", None]), lambda: EDGES)


@pytest.fixture(scope="module")
def model():
    return made()


NEW = [
    {"track_uri": "uri:n1", "track_name": "N1", "artist_uri": "art:1", "album_uri": "alb:0"},
    {"track_uri": "uri:n2", "artist_uri": "art:7", "artist_name": "Seven"},
    {"track_uri": " uri:x ", "artist_uri": "art:0", "album_uri": ""},
    {"track_uri": "uri:n3", "artist_uri": None, "album_uri": "alb:1"},
]


def test_added_tracks_are_proposed_and_the_answer_says_by_what_they_are_known(model):
    larger = segue.add_tracks(model, NEW)
    table = larger.continue_playlists([["uri:a", "uri:e"]], 7)
    known_by = {"uri:n1": "artist+album", "uri:x": "artist", "uri:n3": "album"}
    assert {*table["track_uri"]} == {"uri:b", "uri:c", "uri:d", "uri:f", *known_by}
    for uri, track, by in table.select("track_uri", "track", "known_by").iter_rows():
        assert by == known_by.get(uri, "trained")
        assert track == [*URIS, "uri:n1", "uri:x", "uri:n3"].index(uri)
    names = dict(table.select("track_uri", "track_name").iter_rows())
    assert (names["uri:n1"], names["uri:n3"]) == ("N1", None)
    # Scores are those of the tracks' rows; other tracks' are what they were.
    given = Pattern.from_edges(torch.tensor([0, 0]), torch.tensor([0, 4]), (1, 6))
    rows, _ = cold_rows(model.scorer, torch.tensor([1, 0, -1]), torch.tensor([0, -1, 1]))
    playlist = model.scorer.embed(given)[0]
    expected = {uri: float(playlist @ row) for uri, row in zip(known_by, rows, strict=True)}
    expected |= dict(zip(URIS, (playlist @ model.scorer.tracks.T).tolist(), strict=True))
    for uri, score in table.select("track_uri", "score").iter_rows():
        assert score == pytest.approx(expected[uri], rel=1e-4, abs=1e-5)
    assert larger.left_out == ["uri:n2"]
    assert "uri:n2" not in larger.index


def test_pulls_add_up_where_tracks_outside_the_graph_are_embedded(model):
    for asked, uris in (
        (model, ["uri:x", "uri:a", "uri:y"]),
        (segue.add_tracks(model, NEW), ["uri:n1", "uri:c"]),
    ):
        answer = asked.continue_playlists([uris], 4)
        table = segue.pulls(asked, uris, answer["track_uri"])
        sums = table.group_by("track_uri", maintain_order=True).agg(pl.col("pull").sum())["pull"]
        assert sums.to_list() == pytest.approx(answer["score"].to_list(), rel=1e-5, abs=1e-5)
        assert {*table["given"]} == {None, 0, 1}


def test_the_model_that_was_added_to_stays_as_it_was(model):
    before = model.continue_playlists([["uri:a"]], 5)
    segue.add_tracks(model, NEW)
    assert model.continue_playlists([["uri:a"]], 5).equals(before)
    assert "known_by" not in before.columns


def test_added_tracks_may_be_given_and_more_added(model):
    once = segue.add_tracks(segue.add_tracks(model, NEW[:1]), pl.DataFrame(NEW[3:]))
    both = segue.add_tracks(model, [NEW[0], NEW[3]])
    asked = [["uri:n1", "uri:a"], ["uri:n3"]]
    tables = [each.continue_playlists(asked, 5) for each in (once, both)]
    assert_frame_equal(*tables, rel_tol=1e-4)
    given = both.index.find(asked)
    assert given.uses.rows(named=True)[0] == {
        "in_graph": 2,
        "embedded": 0,
        "by_album": 0,
        "by_artist": 0,
        "unused": 0,
    }
    assert "uri:n1" not in tables[0].filter(playlist=0)["track_uri"]


def test_given_tracks_outside_the_graph_follow_from_their_own_artist_and_album(model):
    """x has both; w has a stand-in by an artist that is no node; v and y have nothing."""
    asked = [["uri:a", "uri:x", "uri:w", "uri:v", "uri:y", "uri:x", "uri:zzz"], ["uri:x"]]
    given = model.index.find(asked)
    assert given.uses.rows() == [(1, 1, 0, 1, 3), (0, 1, 0, 0, 0)]
    assert given.uses.columns == ["in_graph", "embedded", "by_album", "by_artist", "unused"]
    table = model.continue_playlists(asked, 3)
    larger = with_cold(model.scorer, torch.tensor([1]), torch.tensor([1]), model.scorer.facts)
    entries = torch.tensor([[0, 0, 0, 1], [0, 4, 6, 6]])
    scores = larger.scores(Pattern.from_edges(*entries, (2, 7)))[:, :6]
    scores[0, 0] = -torch.inf
    for row in range(2):
        best = scores[row].argsort(descending=True)[:3]
        assert table.filter(playlist=row)["track"].to_list() == best.tolist()
        assert table.filter(playlist=row)["score"].to_list() == pytest.approx(scores[row][best].tolist())
    assert table["path"].to_list() == ["tracks"] * 3 + ["related"] * 3


def test_a_model_with_artists_alone_knows_tracks_by_these():
    larger = segue.add_tracks(made(("artist",)), NEW)
    assert larger.left_out == ["uri:n2", "uri:n3"]
    assert larger.core["known_by"].to_list() == ["trained"] * 6 + ["artist"] * 2


def test_a_title_alone_and_popularity_put_added_tracks_last(model):
    larger = segue.add_tracks(model, NEW)
    for title in ("gym", "polka"):
        table = larger.continue_playlists([segue.Playlist((), title)], 9)
        assert table["known_by"].to_list() == ["trained"] * 6 + ["artist+album", "artist", "album"]


BAD = [
    ("spotify:track:x", "come in a table", "'spotify:track:x', a str", "list of dicts"),
    ([["uri:n"]], "come in a table", "a list", "list of dicts"),
    ([], "no tracks to add", "no row", "a row a track"),
    ([{"track_uri": "uri:n"}], "lacks a column", "columns track_uri", "artist_uri or album_uri"),
    ([{"uri": "uri:n", "artist_uri": "a"}], "lacks a column", "columns uri, artist_uri", "track_uri"),
    ([NEW[0], NEW[0]], "stands there twice", "'uri:n1' (2 such rows in all)", "each track once"),
    ([{**NEW[0], "track_uri": " "}], "has no uri", "None", "an id"),
    ([NEW[0], {**NEW[0], "track_uri": "uri:a"}], "in the graph already", "'uri:a'", "does not know"),
    ([NEW[1]], "No track can be added", "the first with artist 'art:7' and album None", "graph.min_degree"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "what", "found", "expected"), BAD)
def test_tracks_that_cannot_be_added(model, table, what, found, expected):
    with pytest.raises(SegueError) as error:
        segue.add_tracks(model, table)
    assert what in error.value.what
    assert found in error.value.found
    assert expected in error.value.expected
    assert error.value.where.startswith("add_tracks")


def test_models_that_know_no_artist_say_what_does():
    popular = Popularity(torch.ones(6), {"catalogue": core_digest(URIS), "model": "popularity"})
    core = FromCore(popular, TRACKS, TitleIndex.of([None] * 4), lambda: EDGES)
    for model, fix in ((core, "config/hetero.yaml"), ("results", "segue.load")):
        with pytest.raises(SegueError) as error:
            segue.add_tracks(model, NEW)
        assert fix in error.value.fix
    assert core.index.find([["uri:x"]]).uses.columns == ["in_graph", "by_album", "by_artist", "unused"]


def test_a_model_with_albums_wants_tracks_that_are_listed_with_these():
    with pytest.raises(SegueError, match="listed without their album, which the model knows"):
        made(tracks=TRACKS.drop("album"))


def test_tables_are_read_by_their_suffix(tmp_path):
    rows = pl.DataFrame({"track_uri": ["007", "a,b"], "artist_uri": ["1", None]})
    rows.write_csv(tmp_path / "a.csv")
    rows.write_csv(tmp_path / "a.tsv", separator="\t", quote_style="never")
    rows.write_parquet(tmp_path / "a.parquet")
    for suffix in ("csv", "tsv", "parquet"):
        assert read_tracks(tmp_path / f"a.{suffix}").equals(rows)
    (tmp_path / "empty.csv").touch()
    for name, what in (
        ("a.txt", "in no table"),
        ("none.csv", "cannot be read"),
        ("empty.csv", "cannot be read"),
    ):
        with pytest.raises(SegueError, match=what):
            read_tracks(tmp_path / name)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run whose best model is such a one; its tracks are URI(0), ..., in the order of TRACKS."""
    monkeypatch.chdir(tmp_path)
    numbered = TRACKS.with_columns(track_uri=pl.Series([URI(number) for number in range(TRACKS.height)]))
    model, results = made(tracks=numbered), tmp_path / "results"
    parts = EDGES[:, 2:], EDGES[:, 2:], EDGES[:, :1], EDGES[:, 1:2]
    write_served(results, model.scorer, numbered, model.titles, Split(4, 6, *parts))
    playlists = pl.DataFrame({"playlist": range(4), "pid": range(4)})
    save_table(playlists, results / "graph/playlists.parquet")
    settle(tmp_path)
    (tmp_path / "my.txt").write_text(f"# title: Mine\n{URI(0)}\n{URI(8)}\n")
    new = pl.DataFrame({"track_uri": [URI(20), URI(21)], "artist_uri": ["art:1", "art:7"]})
    new.write_csv(tmp_path / "new.csv")
    write_run(tmp_path, {})
    return tmp_path


def test_the_command_adds_tracks_and_says_which_and_by_what(run):
    lines = answered("continue", "my.txt", "-n", "6", "--add", "new.csv").splitlines()
    assert lines[:3] == [
        "Mine",
        "2 tracks: 1 in the graph, 1 outside it, by its own album or artist",
        "1 track added, by artists or albums of the graph; 1 left out, whose artist and album it lacks: "
        + URI(21),
    ]
    assert lines[5].split() == ["rank", "score", "track", "artist", "known", "by"]
    assert sorted(line.split()[-1] for line in lines[6:]) == ["artist", *["trained"] * 5]
    found = json.loads(answered("continue", "my.txt", "-n", "6", "--add", "new.csv", "--json"))
    assert [one["known_by"] for one in found["playlists"][0]["proposals"]].count("artist") == 1
    assert found["playlists"][0]["tracks"]["embedded"] == 1
    assert "1 track added" in found["notes"][0]
    assert "1 track added" in answered(
        "continue", "my.txt", "-n", "6", "--add", "new.csv", "--out", "a.parquet"
    )
    assert "known_by" in pl.read_parquet("a.parquet").columns
    answered("continue", "my.txt", "-n", "6", "--add", "new.csv", "--out", "a.html")
    assert Path("a.html").read_text().count("<span>new, by its artist</span>") == 1
    plain = json.loads(answered("continue", "my.txt", "-n", "5", "--json"))
    assert (plain["notes"], "known_by" in plain["playlists"][0]["proposals"][0]) == ([], False)


def test_the_command_names_the_row_of_a_table_that_is_wrong(run):
    (run / "new.csv").write_text(f"track_uri,artist_uri\n{URI(20)},art:1\n{URI(0)},art:1\n")
    told = refused("continue", "my.txt", "--add", "new.csv")
    assert told.startswith("Error: A track to add is in the graph already.\n  where: new.csv, row 2\n")
