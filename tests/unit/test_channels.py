"""The channels of a second stage against their formulas, worked out by hand and with dense matrices."""

import math

import numpy as np
import pytest
import torch
from catalogue_cases import make_catalogue, uris

from segue.channels.credits import Credits
from segue.channels.dense import LowRank
from segue.channels.fitted import Fitted
from segue.channels.joint import Joint
from segue.channels.models import ModelScores
from segue.channels.table import BLEND, CHANNELS, TITLES_IN_BLEND, load_channels
from segue.channels.title_encoder import TitleEncoder
from segue.errors import SegueError
from segue.graph.tables import core_digest

# By degree: a and c on three, b and e on two, d and f on one.
PLAYLISTS = [("Rock", "abc"), ("rock", "ab"), ("Indie", "acd"), ("Pop", "e"), ("Pop", "efc")]
ARTISTS = {"a": "The Ones", "b": "The Ones", "c": "Cee", "d": "Cee", "e": "Eve", "f": None}
ALBUMS = {"a": "first", "b": "second", "c": "third", "d": "third", "e": "fourth", "f": "fifth"}


@pytest.fixture
def catalogue(tmp_path):
    return make_catalogue(tmp_path, PLAYLISTS, artists=ARTISTS, albums=ALBUMS, core="abc")


@pytest.fixture
def fitted(catalogue):
    return Fitted.of(catalogue, rank=3, seed=1)


@pytest.fixture
def asked(catalogue):
    """Of tracks and title, tracks alone, a title alone, and nothing that is known."""
    tracks = [uris("ab"), uris("c"), [], []]
    return catalogue.queries(tracks, ["eve and the ones", None, "POP", "unheard of"])


def joint(catalogue, neighbours=1000):
    return Joint(catalogue, 20.0, 0.2, neighbours, 2.0, 0.0)


def channels(catalogue, fitted, networks=(), baselines=()):
    dense, pairs = load_channels(joint(catalogue), fitted, networks, baselines)
    return {channel.name: channel for channel in dense}, {one.names[0]: one for one in pairs}


def by_letter(catalogue, row):
    return dict(zip(catalogue.tracks["track_name"], row.tolist(), strict=True))


def all_pairs(catalogue, queries, dense):
    """Every candidate as a candidate of each playlist, and what the ``dense`` channels say of them."""
    candidates = np.tile(np.arange(catalogue.num_candidates), (len(queries), 1))
    return candidates, {name: channel.scores(queries) for name, channel in dense.items()}


def test_every_channel_is_in_the_table_and_no_other(catalogue, fitted):
    known = torch.ones(8, dtype=torch.bool)
    encoder = TitleEncoder(torch.ones(8, 2), torch.ones(2), known, torch.ones(6, 2), {}, {})
    dense, pairs = load_channels(joint(catalogue), fitted, [], [], encoder)
    names = [channel.name for channel in dense] + [name for one in pairs for name in one.names]
    assert {name.split("/")[0] for name in names} == set(CHANNELS)
    assert len(set(names)) == len(names)
    assert {*BLEND, *TITLES_IN_BLEND} <= {channel.name for channel in dense}


def test_shares_are_those_of_the_joint_neighbours(catalogue, fitted, asked):
    expected = joint(catalogue).scores(asked).numpy()
    found = channels(catalogue, fitted)[0]["joint"].scores(asked)
    sums = np.array([row.max() for row in expected])
    known = sums > 0
    assert known.tolist() == [True, True, True, False]
    np.testing.assert_allclose(
        found[known] / found[known].max(1, keepdims=True), expected[known] / sums[known, None], rtol=1e-6
    )
    assert (found <= 1 + 1e-6).all()
    assert not found[3].any()


def test_the_title_alone_says_what_its_namesakes_have(catalogue, fitted, asked):
    row = by_letter(catalogue, channels(catalogue, fitted)[0]["title"].scores(asked)[2])
    assert row == pytest.approx({"e": 1, "f": 0.5, "c": 0.5, "a": 0, "b": 0, "d": 0})


def test_artists_by_hand(catalogue):
    artists = Credits.of(catalogue, catalogue.artist)
    # The Ones are on the first three playlists, Cee on the first, third and last.
    similarity = artists.similarity(catalogue.rows(uris("abc")))
    ones, cee = math.log(3) / math.sqrt(3 + 20), math.log(2) / math.sqrt(3 + 20)
    raw = [(ones + cee) / math.sqrt(2), ones, (ones + cee) / math.sqrt(2), 0, cee / math.sqrt(2)]
    np.testing.assert_allclose(similarity, np.array(raw) / max(raw))
    share = artists.share(np.array([0, 2]), np.array([0.25, 0.75]))
    row = by_letter(catalogue, artists.to_tracks(share, 6))
    assert row == {"a": 1.25, "b": 1.25, "c": 1.75, "d": 1.75, "e": 0, "f": 0}


def test_credits_are_the_dense_matrix(catalogue):
    albums = Credits.of(catalogue, catalogue.album)
    dense = np.zeros((5, albums.number), int)
    for row, (_, tracks) in enumerate(PLAYLISTS):
        np.add.at(dense[row], catalogue.album[catalogue.rows(uris(tracks))], 1)
    found = np.zeros_like(dense)
    found[np.repeat(np.arange(5), np.diff(albums.rowptr)), albums.cols] = albums.counts
    assert (found == dense).all()
    holders = np.split(albums.t_cols, albums.t_rowptr[1:-1])
    assert [one.tolist() for one in holders] == [np.flatnonzero(column).tolist() for column in dense.T]


def test_an_artist_who_is_named_in_the_title(catalogue, fitted, asked):
    rows = channels(catalogue, fitted)[0]["named"].scores(asked)
    assert by_letter(catalogue, rows[0]) == pytest.approx(
        {"a": 1, "b": 1, "e": 1, "c": 0, "d": 0, "f": 0}, rel=1e-6
    )
    assert not rows[1:].any()


def test_factors_are_the_two_hops(catalogue):
    listed = np.zeros((5, 6))
    for row, (_, tracks) in enumerate(PLAYLISTS):
        listed[row, catalogue.rows(uris(tracks))] = 1
    degree = listed.sum(0)
    normal = listed / np.sqrt(listed.sum(1))[:, None] / np.sqrt(degree)
    vectors = np.linalg.eigh(normal.T @ normal)[1][:, -2:]
    factors = Fitted.of(catalogue, rank=2, seed=3).factors
    scores = np.eye(6, dtype=np.float32)
    expected = (scores / np.sqrt(degree)) @ vectors @ vectors.T * np.sqrt(degree)
    np.testing.assert_allclose(factors.smoothed(scores), expected, atol=1e-4)
    queries = catalogue.queries([uris("ab")], [None])
    np.testing.assert_allclose(factors.of_given(queries)[0], expected[[0, 2]].sum(0), atol=1e-4)


def test_a_low_rank_without_a_candidate_has_no_say(tmp_path):
    catalogue = make_catalogue(tmp_path, PLAYLISTS, min_degree=2)
    low = LowRank(Fitted.of(catalogue, rank=2, seed=1).factors)
    rows = low.scores(catalogue.queries([uris("d"), uris("ad"), []], [None] * 3))
    assert np.isnan(rows).all(1).tolist() == [True, False, True]


def test_what_candidates_are_to_the_given_tracks(catalogue, fitted, asked):
    dense, pairs = channels(catalogue, fitted)
    candidates, found = all_pairs(catalogue, asked, dense)
    artist = pairs["artist/given"].values(asked, candidates, found)
    assert by_letter(catalogue, artist["artist/given"][0]) == pytest.approx(
        {**dict.fromkeys("ab", math.log(3)), **dict.fromkeys("cdef", 0)}
    )
    assert artist["artist/share"][1].max() == 1
    # a, c, b, e, d, f: of those of one artist the first, and the second.
    assert artist["artist/place"][0] == pytest.approx(np.log([1, 1, 2, 1, 2, 1]))
    # 5 of the 12 entries are of The Ones.
    assert artist["artist/lift"][0, 0] == pytest.approx(math.log((2 + 0.5) / (2 * 5 / 12 + 0.5)))
    of_all = dict(zip(catalogue.tracks["track_name"], found["all"][0], strict=True))
    others = by_letter(catalogue, artist["artist/others"][0])
    assert others == pytest.approx(
        {"a": of_all["b"], "b": of_all["a"], "c": of_all["d"], "d": of_all["c"], "e": 0, "f": 0}, abs=1e-6
    )
    near = pairs["near/mean"].values(asked, candidates, found)
    assert near["near/most"][0, [0, 2]] == pytest.approx([1, 1])
    assert np.isnan(near["near/mean"][2]).all()
    given = pairs["given/artists"].values(asked, candidates, found)
    assert given["given/artists"][:2, 0].tolist() == [0.5, 1]
    assert given["given/popularity"][0, 0] == pytest.approx((math.log(3) + math.log(2)) / 2)
    assert given["titled/likest"][:, 0].tolist() == [0, 0, 1, 0]
    assert given["titled/namesakes"][2, 0] == pytest.approx(math.log(3))


def test_popularity_by_hand(catalogue, fitted, asked):
    dense, pairs = channels(catalogue, fitted)
    values = pairs["popularity"].values(asked, *all_pairs(catalogue, asked, dense))
    rows = {name.removeprefix("popularity/"): by_letter(catalogue, row[0]) for name, row in values.items()}
    assert rows["popularity"]["a"] == pytest.approx(math.log(3))
    assert rows["of_artist"]["b"] == pytest.approx(math.log(3 + 2))
    assert rows["tracks"] == pytest.approx({**dict.fromkeys("abcd", math.log(2)), "e": 0, "f": 0})
    assert rows["in_artist"]["d"] == pytest.approx(math.log(1 / 4))
    shares = {**dict.fromkeys("abef", 0), "c": math.log(3 / 4), "d": math.log(1 / 4)}
    assert rows["in_album"] == pytest.approx(shares)
    assert [name for name, value in rows["core"].items() if value] == ["a", "c", "b"]


def test_lifts_by_hand(catalogue, fitted, asked):
    dense, pairs = channels(catalogue, fitted)
    candidates, found = all_pairs(catalogue, asked, dense)

    def row(name):
        return by_letter(catalogue, pairs[name].values(asked, candidates, found)[name][2])

    # The two playlists with the title have 3 and 1 tracks: f and c of the first, and e of both.
    assert row("title/lift")["f"] == pytest.approx(math.log((1 / 2 + 1 / 5) / ((1 + 1) / 5)))
    assert row("artist_titles/lift")["d"] == pytest.approx(math.log((1 / 2 + 1 / 5) / ((3 + 1 + 1) / 5)))
    assert row("artist_titles/track")["d"] == pytest.approx(math.log(1 / 2 * 1 / 4 + 1 / 5))
    named = pairs["named/track"].values(asked, candidates, found)["named/track"][0]
    assert by_letter(catalogue, named)["b"] == pytest.approx(math.log(2 / 5 + 1 / 5))


class Counting:
    """Scores a track by the number of given ones, on the tracks of the core, or on all."""

    def __init__(self, digest, num_tracks):
        self.facts, self.num_tracks = {"model": "counting", "catalogue": digest}, num_tracks

    def scores(self, given):
        return given.rowptr.diff()[:, None].float() + torch.arange(given.shape[1])


def test_a_model_of_the_core_knows_its_tracks_alone(catalogue, asked):
    core = catalogue.tracks.drop_nulls("core").sort("core")["track_uri"]
    rows = ModelScores(Counting(core_digest(core), 3), catalogue, "networks").scores(asked)
    row = by_letter(catalogue, rows[0])
    assert {name: row[name] for name in "abc"} == {"a": 2, "b": 3, "c": 4}
    assert all(math.isnan(row[name]) for name in "def")
    assert np.isnan(rows[2:]).all()
    whole = ModelScores(Counting(catalogue.digest, 6), catalogue, "networks").scores(asked)
    assert whole[0].tolist() == [2, 3, 4, 5, 6, 7]
    with pytest.raises(SegueError, match="scores other tracks than the catalogue has"):
        ModelScores(Counting("another", 3), catalogue, "networks")


def test_a_row_does_not_depend_on_the_others(catalogue, fitted, asked):
    dense, pairs = channels(catalogue, fitted)
    candidates, found = all_pairs(catalogue, asked, dense)
    for row in range(len(asked)):
        one = asked.block(row, row + 1)
        own, said = all_pairs(catalogue, one, dense)
        for name in dense:
            np.testing.assert_allclose(said[name][0], found[name][row], rtol=1e-5, atol=1e-7, err_msg=name)
        for pair in pairs.values():
            together = pair.values(asked, candidates, found)
            for name, value in pair.values(one, own, said).items():
                np.testing.assert_allclose(value[0], together[name][row], rtol=1e-4, atol=1e-5, err_msg=name)


def test_what_is_saved_is_read_again(catalogue, fitted, asked, tmp_path):
    fitted.save(tmp_path / "channels", catalogue.digest)
    again = Fitted.load(tmp_path / "channels", catalogue)
    first, second = (channels(catalogue, one)[0] for one in (fitted, again))
    for name in first:
        np.testing.assert_array_equal(first[name].scores(asked), second[name].scores(asked))


def test_other_files_are_refused(catalogue, fitted, tmp_path):
    fitted.save(tmp_path, "of another catalogue")
    with pytest.raises(SegueError, match="fitted on another catalogue"):
        Fitted.load(tmp_path, catalogue)
    (tmp_path / "fitted.safetensors").write_bytes(b"no tensors")
    with pytest.raises(SegueError, match="no file of fitted channels"):
        Fitted.load(tmp_path, catalogue)


def test_one_random_seed_gives_the_same_bits(catalogue):
    first, second = (Fitted.of(catalogue, rank=3, seed=5).factors.vectors for _ in range(2))
    np.testing.assert_array_equal(first, second)
