"""The title encoder: n-grams by hand, what it learns from known playlists, and its file."""

import math
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml
from catalogue_cases import make_catalogue
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from segue.catalogue.queries import Queries
from segue.channels.fit_title_encoder import TitleLoss, fit_title_encoder, title_means
from segue.channels.ngrams import Bags, ngrams
from segue.channels.title_encoder import TitleEncoder
from segue.errors import SegueError
from segue.run.title_encoder_problems import title_encoder_problems
from segue.scorers.base import save_scorer

ROOT = Path(__file__).parents[2]
SETTINGS = {"ngrams": [3, 4], "buckets": 512, "tracks": 1000, "epochs": 30, "lr": 0.2, "batch": 4, "seed": 1}
SPANS = {"shortest": 3, "longest": 4, "buckets": 512}
WORDS = ("thrash metal", "metal hammer", "metal nights", "smooth jazz", "jazz lounge", "late night jazz")
# Metal has the tracks a to d, jazz e to h.
PLAYLISTS = [(f"{words}", "abcd" if "metal" in words else "efgh") for words in WORDS for _ in range(3)]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return make_catalogue(tmp_path_factory.mktemp("catalogue"), [*PLAYLISTS, (None, "ae"), ("🎸", "abcd")])


@pytest.fixture(scope="module")
def tracks(catalogue):
    """Rows of a network that has told metal from jazz, as the catalogue has the tracks."""
    metal = torch.tensor([name in "abcd" for name in catalogue.tracks["track_name"]])
    noise = 0.1 * torch.randn(8, 3, generator=torch.Generator().manual_seed(1))
    return torch.where(metal[:, None], torch.tensor([1.0, 0, 0]), torch.tensor([0, 1.0, 0])) + noise


@pytest.fixture(scope="module")
def encoder(catalogue, tracks):
    return fit_title_encoder(catalogue, network(catalogue, tracks), SETTINGS)


def network(catalogue, tracks):
    """What is used of a network with these rows of ``tracks``."""
    return SimpleNamespace(tracks=tracks, facts={"model": "some network", "catalogue": catalogue.digest})


def best(encoder, catalogue, title):
    """The four best tracks for a title, as a set of letters."""
    scores = encoder.scores(queries([title]))[0]
    return {catalogue.tracks["track_name"][i] for i in np.argsort(-scores)[:4].tolist()}


def queries(titles):
    return Queries.of([np.empty(0) for _ in titles], titles, 8)


# N-grams.


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Rap", ["=rap", "<ra", "rap", "ap>", "<rap", "rap>"]),
        ("ô O", ["=o", "<o>"]),
        ("🎶", ["=🎶", "<🎶>"]),
        ("夏の歌", ["=夏の歌", "<夏の", "夏の歌", "の歌>", "<夏の歌", "夏の歌>"]),
        ("aaa", ["=aaa", "<aa", "aaa", "aa>", "<aaa", "aaa>"]),
        ("!?", []),
    ],
)
def test_ngrams_by_hand(title, found):
    assert ngrams(title, 3, 4) == found


def test_buckets_are_the_same_on_every_machine():
    assert zlib.crc32(b"=rap") == 1486055556
    bags = Bags.of(["Rap", None, "ô"], SPANS)
    assert bags.starts.tolist() == [0, 6, 6]
    assert bags.sizes.tolist() == [6, 0, 2]
    assert bags.ids.tolist()[6:] == sorted(zlib.crc32(ngram.encode()) % 512 for ngram in ("=o", "<o>"))


@given(st.lists(st.text("abc 🎶", max_size=6), min_size=1, max_size=5), st.data())
def test_bags_are_taken_and_thinned_out_title_by_title(titles, data):
    rows = data.draw(st.lists(st.integers(0, len(titles) - 1), max_size=6))
    few = SPANS | {"buckets": 16}
    known = torch.tensor(data.draw(st.lists(st.booleans(), min_size=16, max_size=16)))
    taken = Bags.of(titles, few).take(torch.tensor(rows, dtype=torch.int64))
    again = Bags.of([titles[row] for row in rows], few)
    assert (taken.starts.tolist(), taken.ids.tolist()) == (again.starts.tolist(), again.ids.tolist())
    thin = taken.only(known)
    ends = [*thin.starts.tolist(), len(thin.ids)]
    for number, row in enumerate(rows):
        whole = Bags.of([titles[row]], few).ids
        assert thin.ids[ends[number] : ends[number + 1]].tolist() == whole[known[whole]].tolist()


# What is learned.


def test_means_of_a_title_count_each_track_as_often_as_playlists_have_it(tmp_path):
    catalogue = make_catalogue(tmp_path, [("Pop!", "ab"), ("pop", "a"), ("rock", "c"), (None, "c")])
    rows = torch.tensor([[1.0, 0], [0, 1.0], [5.0, 7.0]])
    by_name = dict(zip(catalogue.tracks["track_name"], rows.tolist(), strict=True))
    names, means, playlists = title_means(catalogue, rows)
    assert names == ["pop", "rock"]
    pop = [(2 * x + y) / 3 for x, y in zip(by_name["a"], by_name["b"], strict=True)]
    assert means.tolist() == [pytest.approx(pop), by_name["c"]]
    assert playlists.tolist() == [2, 1]


def test_the_loss_is_the_cross_entropy_weighted_by_playlists():
    tracks = torch.tensor([[1.0, 0], [0, 2.0]])
    loss = TitleLoss(
        tracks, torch.tensor([1, 1]), tracks.mean(0, keepdim=True).repeat(2, 1), torch.tensor([4.0, 1]), 2
    )
    rows = torch.tensor([[1.0, 0], [0, 1.0]])
    first = math.log(math.e + 1) - 0.5
    second = math.log(1 + math.e**2) - 1
    value = loss.drawn(rows, torch.tensor([0, 1]), torch.Generator())
    assert float(value) == pytest.approx((2 * first + second) / 3)


def test_draws_are_corrected_by_their_chance():
    """Over many draws, the sum over the drawn ones is that over all."""
    generator = torch.Generator().manual_seed(1)
    tracks = torch.randn(30, 2, generator=generator)
    loss = TitleLoss(tracks, torch.arange(30), torch.zeros(1, 2), torch.ones(1), 10)
    rows, title = torch.tensor([[0.3, -0.2]]), torch.tensor([0])
    sums = [loss.drawn(rows, title, generator).exp() for _ in range(2000)]
    assert float(torch.stack(sums).mean()) == pytest.approx(float(loss.whole(rows, title).exp()), rel=0.02)


def test_two_kinds_of_titles_are_told_apart(encoder, catalogue):
    for title in ("thrash metal", "METAL", "doom metal", "🎸"):
        assert best(encoder, catalogue, title) == set("abcd")
    for title in ("smooth jazz", "Jazz!!", "acid jazz"):
        assert best(encoder, catalogue, title) == set("efgh")


def test_a_typo_is_nearest_to_what_was_meant(tmp_path):
    titles = ["workout", "summer", "country", "classical", "reggae", "everything"]
    playlists = [
        (pattern.format(title), letter)
        for title, letter in zip(titles, "abcdef", strict=True)
        for pattern in ("{}", "my {}", "{} mix", "best {} songs")
    ]
    catalogue = make_catalogue(tmp_path, playlists)
    encoder = fit_title_encoder(catalogue, network(catalogue, torch.eye(6)), SETTINGS)
    originals, _ = encoder.embed(titles)
    typos = ["workuot", "sumer", "conutry", "clasical", "reggaee", "evreything"]
    for number, row in enumerate(encoder.embed(typos)[0]):
        assert int(torch.cosine_similarity(row[None], originals).argmax()) == number
        assert int((encoder.tracks @ row).argmax()) == number


def test_without_a_known_title_it_says_nothing(encoder):
    scores = encoder.scores(queries([None, "", "!?", "xyzzy", "metal"]))
    assert scores.dtype == np.float32
    assert np.isnan(scores[:4]).all()
    assert np.isfinite(scores[4]).all()


def test_a_row_does_not_depend_on_the_others(encoder):
    titles = ["metal", None, "late jazz", "🎸 metal"]
    together = encoder.scores(queries(titles))
    for row, title in zip(together, titles, strict=True):
        np.testing.assert_array_equal(encoder.scores(queries([title]))[0], row)


def test_one_seed_one_result_and_draws_too(catalogue, tracks):
    settings = SETTINGS | {"tracks": 5, "epochs": 3}
    known = network(catalogue, tracks)
    first, again = (fit_title_encoder(catalogue, known, settings) for _ in range(2))
    assert torch.equal(first.table, again.table)
    assert torch.equal(first.base, again.base)
    other = fit_title_encoder(catalogue, known, settings | {"seed": 2})
    assert not torch.equal(first.table, other.table)


def test_a_catalogue_without_titles_is_refused(tmp_path):
    catalogue = make_catalogue(tmp_path, [(None, "ab"), ("?!", "a")])
    with pytest.raises(SegueError, match=r"nothing to learn from[\s\S]*set title_encoder.model to null"):
        fit_title_encoder(catalogue, network(catalogue, torch.ones(2, 2)), SETTINGS)


def test_a_single_title_is_learned(tmp_path):
    catalogue = make_catalogue(tmp_path, [("pop", "ab"), (None, "c")])
    encoder = fit_title_encoder(catalogue, network(catalogue, torch.eye(3)), SETTINGS)
    scores = dict(zip(catalogue.tracks["track_name"], encoder.scores(queries(["Pop!"]))[0], strict=True))
    assert min(scores["a"], scores["b"]) > scores["c"]


def test_a_network_of_another_catalogue_is_refused(catalogue, tracks):
    other = SimpleNamespace(tracks=tracks, facts={"model": "some network", "catalogue": "of others"})
    with pytest.raises(SegueError, match="some network, of digest of others"):
        fit_title_encoder(catalogue, other, SETTINGS)


# Its file.


def test_what_is_saved_is_read(encoder, catalogue, tmp_path):
    encoder.save(tmp_path / "encoder.safetensors")
    again = TitleEncoder.load(tmp_path / "encoder.safetensors", catalogue.digest)
    asked = queries(["metal", None, "jaz"])
    np.testing.assert_array_equal(again.scores(asked), encoder.scores(asked))
    assert (again.settings, again.facts) == (encoder.settings, encoder.facts)
    assert again.facts["titles"] == 7
    encoder.save(tmp_path / "twice.safetensors")
    assert (tmp_path / "twice.safetensors").read_bytes() == (tmp_path / "encoder.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"kind": "knn"}, "a scorer of kind 'knn'"),
        ({"tensors": {"base": torch.zeros(4)}}, "tensors of other sizes than 512 buckets and 4 dimensions"),
        ({"tensors": {"known": torch.zeros(512)}}, "not base, known, table and tracks of their kinds"),
        ({"tensors": {"base": torch.full((3,), math.nan)}}, "values that are no finite numbers"),
        ({"settings": {"shortest": 3}}, "no settings shortest, longest, buckets"),
        ({"catalogue": "of others"}, "candidates of digest of others"),
    ],
)
def test_another_file_is_refused(encoder, catalogue, tmp_path, change, found):
    encoder.save(tmp_path / "encoder.safetensors")
    tensors = load_file(tmp_path / "encoder.safetensors") | change.pop("tensors", {})
    kind = change.pop("kind", TitleEncoder.KIND)
    save_scorer(tmp_path / "other.safetensors", kind, tensors, {"settings": SPANS, **encoder.facts, **change})
    with pytest.raises(SegueError) as error:
        TitleEncoder.load(tmp_path / "other.safetensors", catalogue.digest)
    assert found in str(error.value)
    assert "other.safetensors" in str(error.value)


# Its settings.


def test_what_is_wrong_with_its_settings():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert title_encoder_problems(config) == []
    asked = config | {"title_encoder": config["title_encoder"] | {"model": "lgc-hrd-fixed", "ngrams": [4, 3]}}
    assert title_encoder_problems(asked) == [
        "title_encoder.ngrams: found [4, 3], expected the shortest before the longest",
        "title_encoder.model: found 'lgc-hrd-fixed', expected null or a model of this run, as "
        "lgc-random-fixed; did you mean 'lgc-hard-fixed'?",
        "title_encoder.model: found 'lgc-hrd-fixed' without candidates.min_degree, expected a number there: "
        "titles are learned from the playlists of the catalogue",
    ]
