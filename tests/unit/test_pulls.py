"""What each given track adds to a score: in known sums, and of every scorer that is one."""

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.nn.score import Score
from segue.run.registry import CONVOLUTIONS
from segue.scorers import pulls as of_scorers
from segue.scorers.baselines import EASE
from segue.scorers.blend import Blend
from segue.scorers.fit import fit_baseline
from segue.scorers.frozen import freeze
from segue.scorers.pulls import is_sum, pulls_of, pulls_of_many
from segue.serve.forms import Playlist
from segue.serve.from_core import FromCore
from segue.serve.pulls import explains, pulls

NUM_PLAYLISTS, NUM_TRACKS = 9, 12
RNG = np.random.default_rng(4)
ROWS, COLS = np.nonzero(RNG.random((NUM_PLAYLISTS, NUM_TRACKS)) < 0.4)
EDGES = torch.from_numpy(np.stack([ROWS, COLS]))
URIS = [f"uri:{number:02d}" for number in range(NUM_TRACKS)]
# Beside the graph's: x and y have tracks 3 and 3 to stand for them, z has none.
TRACKS = pl.DataFrame(
    {
        "track_uri": [*URIS, "uri:x", "uri:y", "uri:z"],
        "track_name": [f"Name {number}" for number in range(NUM_TRACKS)] + [None] * 3,
        "artist_uri": None,
        "artist_name": None,
        "track": [*range(NUM_TRACKS), None, None, None],
        "stand_in": [None] * NUM_TRACKS + [3, 3, None],
        "stand_in_by": [None] * NUM_TRACKS + ["artist", "artist", None],
    },
    schema_overrides={"track": pl.Int32, "stand_in": pl.Int32},
)
FACTS = {"catalogue": core_digest(pl.Series(URIS)), "model": "it"}
FITTED = {
    "popularity": {},
    "knn": {"neighbours": 4, "shrinkage": 1.0},
    "rp3b": {"neighbours": 4, "power": 1.2, "penalty": 0.4},
    "als": {"factors": 3, "regularization": 0.5, "confidence": 5.0, "iterations": 3, "seed": 1},
    "ease": {"l2": 2.0, "max_tracks": 100},
    "filter": {"before": 0.4, "after": 0.6, "rank": 2, "gain": 0.5, "cut": 1.0, "iterations": 3, "seed": 1},
    "gfcf": {"rank": 2, "gain": 0.3, "iterations": 3, "seed": 1},
}


def network(conv, score=None, stand_in="mean", layers=2):
    own = {"heads": 2, "dropout": 0.0} if conv == "gat" else {}
    shape = {"layers": layers, "dim": 4}
    generator = torch.Generator().manual_seed(5)
    model = Encoder(conv, NUM_PLAYLISTS + NUM_TRACKS, init_std=1.0, generator=generator, **shape, **own)
    with torch.no_grad():  # biases start at zero
        for name, value in model.named_parameters():
            if name.endswith("bias"):
                value.normal_(generator=generator)
    about = {"conv": conv, **shape, **own}
    options = {"stand_in": stand_in, "settings": about, "facts": FACTS}
    return freeze(model, EDGES, NUM_PLAYLISTS, NUM_TRACKS, score=score or Score(), **options)


def scorers():
    shape = NUM_PLAYLISTS, NUM_TRACKS
    found = {name: fit_baseline(name, EDGES, shape, own, FACTS) for name, own in FITTED.items()}
    for conv in ("lgc", "sage", "gat"):
        for way, score in (("dot", None), ("norm", Score(0.5)), ("prior", Score(prior=0.3))):
            found[f"{conv} {way}"] = network(conv, score, stand_in="zero" if way == "norm" else "mean")
    found["blend"] = Blend([found["lgc dot"], found["knn"], found["popularity"]], [1.0, 0.5, 0.25], FACTS)
    found["blend of gat"] = Blend([found["gat dot"], found["knn"]], [1.0, 0.5], FACTS)
    return found


SCORERS = scorers()
SUMS = [name for name, scorer in SCORERS.items() if is_sum(scorer)]
MODELS = {
    name: FromCore(scorer, TRACKS, TitleIndex.of([None] * NUM_PLAYLISTS), lambda: EDGES)
    for name, scorer in SCORERS.items()
}


def test_all_but_attention_are_sums():
    assert set(SCORERS) - set(SUMS) == {"gat dot", "gat norm", "gat prior", "blend of gat"}
    assert {name for name, conv in CONVOLUTIONS.items() if conv.is_sum} == {"lgc", "sage"}
    assert {explains(MODELS[name]) for name in SUMS} == {"exact"}
    assert explains(MODELS["gat dot"]) == "leave-one-out"


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(TRACKS["track_uri"].to_list()), min_size=1, max_size=9),
    st.sampled_from(SUMS),
)
def test_pulls_add_up_to_the_score(uris, name):
    model = MODELS[name]
    if set(uris) == {"uri:z"}:
        return
    answer = model.continue_playlists([uris], 3)
    table = pulls(model, Playlist(tuple(uris)), answer["track_uri"].to_list())
    sums = table.group_by("track_uri", maintain_order=True).agg(pl.col("pull").sum())
    assert sums["track_uri"].to_list() == answer["track_uri"].to_list()
    assert sums["pull"].to_list() == pytest.approx(answer["score"].to_list(), rel=1e-5, abs=1e-5)
    assert table["exact"].all()
    assert table["given"].null_count() == 3
    assert table.equals(pulls(model, uris, answer["track"].to_list()))


def test_known_sums():
    """EASE's are its weights; LightGCN's of one layer the dot products of tracks, by the degrees' roots."""
    weights = torch.arange(NUM_TRACKS**2, dtype=torch.float32).view(NUM_TRACKS, NUM_TRACKS)
    ease = FromCore(EASE(weights, FACTS), TRACKS, TitleIndex.of([None]), lambda: EDGES)
    table = pulls(ease, [URIS[2], URIS[5]], [0, 7])
    assert table.drop("track_name").rows() == [
        (1, "Name 5", URIS[0], 60.0, True),
        (0, "Name 2", URIS[0], 24.0, True),
        (None, None, URIS[0], 0.0, True),
        (1, "Name 5", URIS[7], 67.0, True),
        (0, "Name 2", URIS[7], 31.0, True),
        (None, None, URIS[7], 0.0, True),
    ]
    assert table["track_name"].to_list() == ["Name 0"] * 3 + ["Name 7"] * 3
    lgc = network("lgc", stand_in="zero", layers=1)
    found = pulls_of(lgc, torch.tensor([2, 5]), torch.tensor([7]))
    dots = lgc.layers[0][[2, 5]] @ lgc.tracks[7]
    wanted = lgc.alpha[1] * dots / (2 * (lgc.degree[[2, 5]] + 1)).sqrt()
    assert found.of_given[:, 0].tolist() == pytest.approx(wanted.tolist(), rel=1e-5)
    assert found.rest.tolist() == [0]


def test_a_pull_of_attention_is_what_the_score_loses_without_the_track():
    gat, others = SCORERS["gat dot"], [3, 8]
    table = pulls(MODELS["gat dot"], [URIS[place] for place in (1, *others)], [6])
    score, without = (
        MODELS["gat dot"].continue_playlists([[URIS[place] for place in some]], NUM_TRACKS - len(some))
        for some in ((1, *others), others)
    )
    (full,), (less,) = (one.filter(track=6)["score"].to_list() for one in (score, without))
    pull = table.filter(given=0)["pull"].item()
    assert pull == pytest.approx(full - less, abs=1e-5)
    assert table.height == 3
    assert not table["exact"].any()
    alone = pulls_of(gat, torch.tensor([4]), torch.tensor([6])).of_given
    assert torch.isfinite(alone).all()


def test_what_stands_for_several_tracks_is_shared_and_what_repeats_counts_once():
    model = MODELS["knn"]
    table = pulls(model, ["uri:x", "uri:z", URIS[3], "uri:y", "uri:x"], [0]).drop_nulls("given")
    assert table["given"].to_list() == [0, 2, 3]
    whole = pulls(model, [URIS[3]], [0])["pull"][0]
    assert table["pull"].to_list() == pytest.approx([whole / 3] * 3)


@pytest.mark.parametrize("name", SCORERS)
def test_a_track_that_is_asked_about_twice_is_explained_twice(name):
    model = MODELS[name]
    once, twice = (pulls(model, [URIS[0], URIS[4]], tracks) for tracks in ([7], [7, 2, 7]))
    rows = once.height
    for part in (twice[:rows], twice[2 * rows :]):
        assert part["pull"].to_list() == pytest.approx(once["pull"].to_list(), rel=1e-5, abs=1e-6)


def test_where_there_is_nothing_to_explain():
    model = MODELS["knn"]
    assert pulls(model, Playlist((), "gym"), [0]).rows() == []
    assert pulls(model, [URIS[0]], []).rows() == []
    assert pulls(model, Playlist((), "gym"), [0]).schema == pulls(model, [URIS[0]], [1]).schema
    for bad in (NUM_TRACKS, -1, "uri:x", "nobody's"):
        with pytest.raises(SegueError, match="none that the model proposes"):
            pulls(model, [URIS[0]], [bad])
    for bad in ("uri:01", None, pl.DataFrame({"track": [1]})):
        with pytest.raises(SegueError, match="Tracks come in a list"):
            pulls(model, [URIS[0]], bad)
    for bad in (None, 1.5, True):
        with pytest.raises(SegueError, match="neither a uri nor an index"):
            pulls(model, [URIS[0]], [1, bad])
    with pytest.raises(SegueError, match=r"(?s)A playlist is a list.*where: pulls, playlist number 1"):
        pulls(model, "nonsense", [0])
    with pytest.raises(SegueError, match="cannot tell which tracks"):
        pulls("knn", [URIS[0]], [0])


def test_a_column_of_an_answer_is_a_list_of_tracks():
    model = MODELS["knn"]
    table = model.continue_playlists([[URIS[0]]], 2)
    by_uri, by_index = (pulls(model, [URIS[0]], table[name]) for name in ("track_uri", "track"))
    assert by_uri.equals(by_index)


@pytest.mark.parametrize("name", SCORERS)
@pytest.mark.parametrize("together", [1, of_scorers.HOPS_TOGETHER])
def test_several_playlists_are_explained_as_each_alone(name, together, monkeypatch):
    monkeypatch.setattr(of_scorers, "HOPS_TOGETHER", together)
    given = [torch.tensor(one) for one in ([0, 3, 7], [5], [1, 2, 4, 11])]
    tracks = [torch.tensor(one) for one in ([1, 2], [0, 3, 9], [6])]
    found = pulls_of_many(SCORERS[name], given, tracks)
    for mine, *asked in zip(found, given, tracks, strict=True):
        alone = pulls_of(SCORERS[name], *asked)
        torch.testing.assert_close(mine.of_given, alone.of_given)
        assert (mine.rest is None) == (alone.rest is None)
        if mine.rest is not None:
            torch.testing.assert_close(mine.rest, alone.rest)
