"""Networks over the candidates of a catalogue: extended from the k-core, and as rankers."""

import numpy as np
import polars as pl
import pytest
import torch
from catalogue_cases import make_catalogue, uris
from safetensors.torch import save_file

import segue
from segue.channels.extension import extended_model
from segue.channels.joint import Joint
from segue.channels.models import ModelScores
from segue.channels.network import Network
from segue.errors import SegueError
from segue.graph.relations import Relations, save_relations
from segue.graph.split import Split, save_split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder
from segue.scorers.frozen import freeze
from segue.serve.from_catalogue import FromCatalogue
from segue.serve.pulls import explains

PLAYLISTS = [
    ("rock", "abc"),
    ("Rock!", "abd"),
    ("jazz", "ce"),  # outside the core, with a track of it
    ("folk", "bd"),
    ("folk", "ef"),
    (None, "dg"),
]
CORE = "ab"


@pytest.fixture
def run(tmp_path):
    """Tracks d, b, a, c, e are on 3, 3, 2, 2, 2 playlists; f and g, on one, are no candidates. The core has
    a and b, and playlists 0, 1 and 3, whose last edge is a test edge."""
    catalogue = make_catalogue(
        tmp_path / "catalogue", PLAYLISTS, min_degree=2, core=CORE, artists={"f": "artist c", "e": "artist c"}
    )
    edges = torch.tensor([[0, 0, 1, 1], [0, 1, 0, 1]])
    none, test = edges[:, :0], torch.tensor([[2], [1]])
    save_split(Split(3, 2, edges, edges, none, test), tmp_path / "split.safetensors")
    own = {"layers": 2, "dim": 4}
    model = Encoder("lgc", 3 + 2, init_std=1.0, generator=torch.Generator().manual_seed(1), **own)
    facts = {
        "model": "lgc-random-fixed",
        "catalogue": core_digest(catalogue.tracks.drop_nulls("core").sort("core")["track_uri"]),
    }
    frozen = freeze(model, edges, 3, 2, stand_in="mean", settings={"conv": "lgc", **own}, facts=facts)
    frozen.save(tmp_path / "scorer.safetensors")
    save_file({"embedding": model.embedding.detach()}, tmp_path / "model.safetensors")
    sources = {name: str(tmp_path / f"{name}.safetensors") for name in ("scorer", "model", "split")}
    return catalogue, sources, frozen, model


def test_the_candidates_are_those_of_the_catalogue_in_its_order(run):
    catalogue, sources, frozen, model = run
    ours = extended_model("x-catalogue", sources, catalogue)
    letters = "".join(catalogue.tracks["track_name"])
    assert letters == "bdacefg"
    assert ours.facts == frozen.facts | {"model": "x-catalogue", "catalogue": catalogue.digest}
    assert ours.degree.tolist() == [2, 3, 2, 2, 2]  # of tracks in the core, there, without the test edge
    for place, track in ((0, 1), (2, 0)):
        assert torch.equal(ours.tracks[place], frozen.tracks[track])
    # c is on playlist 0, of the core, and 2, which holds none of its tracks: nothing, but for the degree.
    first = frozen.layers[0]
    assert torch.equal(ours.layers[0, 3], model.embedding[0] / 2)
    received = (model.embedding[0] / 3**0.5 + torch.zeros(4)) / 2**0.5
    torch.testing.assert_close(ours.layers[1, 3], received)
    # d is on playlists 1 and 3 of the core, the one with two edges that pass messages, the other with none
    # but a test edge, and on 5, unseen.
    received = (model.embedding[1] / 3**0.5 + model.embedding[2]) / 3**0.5
    torch.testing.assert_close(ours.layers[1, 1], received)
    assert first.shape == (2, 4)


def test_a_network_of_another_core_is_refused(run, tmp_path):
    sources = run[1]
    other = make_catalogue(tmp_path / "other", PLAYLISTS, min_degree=2, core="ad")
    with pytest.raises(SegueError, match=r"(?s)another k-core.*model of 2 tracks.*core of 2"):
        extended_model("x", sources, other)


def network(run):
    catalogue, sources, *_ = run
    return Network(extended_model("x-catalogue", sources, catalogue), catalogue)


def asked(catalogue, *playlists):
    return catalogue.queries([uris(tracks) for _, tracks in playlists], [title for title, _ in playlists])


def test_scores_are_the_frozen_network_s_and_rows_do_not_depend_on_each_other(run):
    ours = network(run)
    queries = asked(run[0], ("folk", "ad"), (None, "c"), ("rock", "cab"))
    scores = ours.scores(queries)
    assert torch.equal(scores, ours.frozen.scores(queries.given(5)))
    for row in range(3):
        torch.testing.assert_close(scores[row : row + 1], ours.scores(queries.block(row, row + 1)))
    assert (ours.num_tracks, ours.facts["model"]) == (5, "x-catalogue")


def test_for_a_track_that_is_no_candidate_stands_the_one_of_its_artist(run):
    """Of f's artist are c and e, alike popular: c comes first. Of g's there is none: it says nothing."""
    ours = network(run)
    f, fc, c, g, fg = ours.scores(asked(run[0], *((None, tracks) for tracks in ("f", "fc", "c", "g", "fg"))))
    for same in (fc, f, fg):
        torch.testing.assert_close(same, c)
    assert not g.any()


def test_an_album_goes_before_an_artist(tmp_path):
    playlists = [(None, "ab"), (None, "ab"), (None, "ac")]
    catalogue = make_catalogue(
        tmp_path, playlists, min_degree=2, artists={"a": "x", "c": "x"}, albums={"b": "y", "c": "y"}
    )
    given = catalogue.queries([uris("c"), uris("cb"), uris("ca")], [None] * 3)
    used = ModelScores(Echo(catalogue), catalogue, "networks").scores(given)
    assert used.tolist() == [[0, 1], [0, 1], [1, 1]]


class Echo:
    """Scores a track by how often it is given."""

    def __init__(self, catalogue):
        self.facts = {"model": "echo", "catalogue": catalogue.digest}
        self.num_tracks = catalogue.num_candidates

    def scores(self, given):
        return torch.zeros(given.shape).index_put_(given.edges().unbind(), torch.ones(()), accumulate=True)


def test_without_a_track_the_title_answers_and_nothing_where_it_is_unknown(run):
    ours = network(run)
    queries = asked(run[0], ("rock", ""), ("polka", ""), (None, ""), ("jazz", "a"))
    scores = ours.scores(queries).numpy()
    np.testing.assert_allclose(scores[0], [2, 1, 2, 1, 0])  # b, d, a, c, e on the two lists of that title
    assert not scores[1:3].any()
    own = ModelScores(ours.frozen, run[0], "networks").scores(queries)
    assert np.isnan(own).all(axis=1).tolist() == [True, True, True, False]
    np.testing.assert_array_equal(own[3], scores[3])


def test_a_track_outside_the_core_has_the_artist_that_tracks_of_the_core_have(tmp_path):
    """a and c are by one artist, who is a node; b's is none."""
    catalogue = make_catalogue(tmp_path, PLAYLISTS, min_degree=2, core=CORE, artists={"c": "artist a"})
    edges = torch.tensor([[0, 0, 1, 1], [0, 1, 0, 1]])
    relations = Relations(2, {"artist": 1}, {("track", "artist"): torch.tensor([[0], [0]])})
    save_relations(relations, tmp_path / "relations.safetensors")
    save_split(Split(3, 2, edges, edges, edges[:, :0], edges[:, :0]), tmp_path / "split.safetensors")
    own = {"layers": 2, "dim": 4}
    model = HeteroEncoder("lgc", {"playlist": 3, "track": 2, "artist": 1}, init_std=1.0, **own)
    core = catalogue.tracks.drop_nulls("core").sort("core")["track_uri"]
    facts = {"model": "x", "catalogue": core_digest(core)}
    settings = {"conv": "lgc", **own}
    frozen = freeze(
        *(model, edges, 3, 2), stand_in="zero", settings=settings, facts=facts, relations=relations
    )
    frozen.save(tmp_path / "scorer.safetensors")
    save_file({"embedding": model.embedding.detach()}, tmp_path / "model.safetensors")
    names = ("scorer", "model", "split", "relations")
    ours = extended_model("x", {name: tmp_path / f"{name}.safetensors" for name in names}, catalogue)
    assert "".join(catalogue.tracks["track_name"])[:5] == "bdace"
    # Degrees over all edges: a has a playlist's two and the artist, c two playlists and the artist.
    assert ours.degree.tolist() == [2, 3, 3, 3, 2]
    # c: of playlist 0, of degree 2, of 2, unseen, which has nothing, and of the artist, of degree 1.
    received = model.embedding[0] / 3**0.5 + model.embedding[5] / 2**0.5
    torch.testing.assert_close(ours.layers[1, 3], received.detach() / 3**0.5)


def test_pulls_add_up_to_the_scores_of_an_extended_network(run):
    catalogue, sources, *_ = run
    model = FromCatalogue(Network(extended_model("x-catalogue", sources, catalogue), catalogue), catalogue)
    assert explains(model) == "exact"
    for given, used in (("ac", [0, 1]), ("gfb", [1, 2])):  # g has nothing to stand for it; f has c
        playlist = segue.Playlist(uris(given), "rock")
        answer = model.continue_playlists([playlist], 2)
        assert answer["path"][0] == "both"
        table = segue.pulls(model, playlist, answer["track_uri"])
        sums = table.group_by("track_uri", maintain_order=True).agg(pl.col("pull").sum())["pull"]
        assert sums.to_list() == pytest.approx(answer["score"].to_list(), rel=1e-5, abs=1e-5)
        assert sorted(table["given"].drop_nulls().unique()) == used
    assert segue.pulls(model, segue.Playlist(uris("g"), "rock"), [0]).rows() == []
    joint = FromCatalogue(Joint(catalogue, 20.0, 0.2, 1000, 2.0, 0.0), catalogue)
    assert explains(joint) == "no"
    with pytest.raises(SegueError, match="cannot tell which tracks"):
        segue.pulls(joint, uris("a"), [1])
