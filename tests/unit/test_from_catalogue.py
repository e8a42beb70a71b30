"""Playlists continued from a small catalogue, in Python."""

import json

import pytest
from catalogue_cases import make_catalogue, uris

import segue
from segue.channels.joint import Joint
from segue.errors import SegueError
from segue.files import write_json
from segue.serve.from_catalogue import FromCatalogue

PLAYLISTS = [("Rock", "abc"), ("rock", "ab"), ("Indie", "acd"), ("Pop", "e"), ("Pop", "ef")]
SETTINGS = {"shrinkage": 20.0, "title": 0.2, "neighbours": 1000, "power": 2.0, "position": 0.0}


@pytest.fixture
def results(tmp_path):
    """Tracks on one playlist alone are no candidates: b, c, e and a are."""
    make_catalogue(tmp_path / "catalogue", PLAYLISTS, min_degree=2)
    write_json(tmp_path / "models/joint/chosen.json", {"settings": SETTINGS})
    return tmp_path


def answered(model, tracks, title=None, n=2):
    table = model.continue_playlists([segue.Playlist(uris(tracks), title)], n)
    return table["track_name"].to_list(), table["path"].unique().to_list()


def test_by_tracks_by_title_by_both_and_by_popularity(results):
    model = segue.load(results, "joint")
    assert model.name == "joint"
    assert answered(model, "d") == (["a", "c"], ["tracks"])  # d is no candidate, and is used all the same
    assert answered(model, "", "pop", 1) == (["e"], ["title"])
    assert answered(model, "b", "Rock", 2) == (["a", "c"], ["both"])
    assert answered(model, "b", "unheard of", 2) == (["a", "c"], ["tracks"])
    assert answered(model, "", "unheard of", 4) == (["a", "b", "c", "e"], ["popularity"])
    table = model.continue_playlists([segue.Playlist((), "unheard of")], 1)
    assert table["score"].to_list() == pytest.approx([3 / 5])


def test_what_is_known_of_a_playlist_s_tracks(results):
    model = segue.load(results, "joint")
    found = model.index.find([[*uris("ada"), "spotify:track:none"]])
    assert found.uses.row(0, named=True) == {"in_graph": 2, "by_album": 0, "by_artist": 0, "unused": 1}
    assert found.known.edges().tolist() == [[0], [0]]
    assert model.names(uris("f")) == [("f", "artist f")]


def test_what_answers_where_no_model_is_named(results):
    write_json(results / "serving/answering.json", {"model": "joint", "ndcg": {"joint": 0.3}})
    assert segue.load(results).name == "joint"
    write_json(results / "serving/answering.json", {"model": "lgc-random-fixed", "ndcg": {}})
    with pytest.raises(SegueError, match=r"no file .*serving/scorer\.safetensors"):
        segue.load(results)


def test_more_than_there_is(results):
    with pytest.raises(SegueError, match="There are not that many tracks"):
        answered(segue.load(results, "joint"), "ab", n=3)


def test_a_model_of_another_catalogue(results, tmp_path_factory):
    other = make_catalogue(tmp_path_factory.mktemp("other"), PLAYLISTS, min_degree=3)
    with pytest.raises(SegueError, match="made for another catalogue"):
        FromCatalogue(Joint(other, **SETTINGS), segue.load(results, "joint")._catalogue)


def test_no_catalogue(tmp_path):
    write_json(tmp_path / "models/joint/chosen.json", {"settings": SETTINGS})
    with pytest.raises(SegueError, match="not ready to continue") as error:
        segue.load(tmp_path, "joint")
    assert "catalogue/tracks.parquet" in str(error.value)
    assert json.loads((tmp_path / "models/joint/chosen.json").read_text())["settings"] == SETTINGS
