"""Models of graphs with artists and albums frozen: playlists and tracks that they never saw."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyg_cases import CONVS

from segue.evaluate import pretended
from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.nn.hetero_encoder import HeteroEncoder
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Pattern
from segue.nn.score import Score
from segue.scorers.cold import cold_rows, with_cold
from segue.scorers.extend import extended
from segue.scorers.frozen import freeze
from segue.scorers.load import load_scorer

P, T, A, B, N, DIM = 8, 7, 3, 4, 5, 4
COUNTS = {"artist": A, "album": B}
ARTISTS, ALBUMS = torch.tensor([0, 1, -1, 2, 2]), torch.tensor([3, -1, 0, 1, 3])  # of the N tracks outside
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def drawn(seed, *shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < 0.5


def relations_of(kinds, seed, more=None):
    """``more``: artist and album of one track more, by kind."""
    edges = {}
    for kind in kinds:
        of_tracks = drawn(seed + COUNTS[kind], T, COUNTS[kind])
        if more is not None:
            row = torch.zeros(1, COUNTS[kind], dtype=torch.bool)
            row[0, more[kind]] = bool(more[kind] >= 0)
            of_tracks = torch.cat([of_tracks, row])
        edges["track", kind] = of_tracks.nonzero().T
    if len(kinds) == 2:
        edges["album", "artist"] = drawn(seed, B, A).nonzero().T
    return Relations(T + (more is not None), {kind: COUNTS[kind] for kind in kinds}, edges)


class Case:
    """A model and its graph, [P, T], with relations."""

    def __init__(self, conv="lgc", kinds=("artist", "album"), degrees="all", seed=0, **options):
        self.graph, self.kinds, self.seed = drawn(seed, P, T), kinds, seed
        own = {"layers": 2} | CONVS[conv]
        self.relations = relations_of(kinds, seed)
        counts = {"playlist": P, "track": T, **self.relations.num_nodes}
        self.model = HeteroEncoder(
            conv,
            counts,
            dim=DIM,
            degrees=degrees,
            weights="learnable",
            init_std=1.0,
            generator=torch.Generator().manual_seed(seed),
            **own,
        ).eval()
        with torch.no_grad():
            for weights in (self.model.alpha, self.model.relation_weights):
                weights.uniform_(0.5, 1, generator=torch.Generator().manual_seed(seed))
        self.frozen = freeze(
            self.model,
            self.graph.nonzero().T,
            P,
            T,
            settings={"conv": conv, "dim": DIM, **own},
            facts={"model": "x", "catalogue": "abc"},
            relations=self.relations,
            **{"stand_in": "zero", **options},
        )

    def features(self):
        """Of all nodes, X^(0..L) by type."""
        return [*self.model.layers(HeteroGraph(self.graph.nonzero().T, P, T, self.relations))]

    def received(self, graph, relations, target, features):
        """Z of the last node of type ``target`` in a larger graph, where all others are as they were."""
        larger = HeteroGraph(graph.nonzero().T, *graph.shape, relations)
        patterns, x, z = larger.messages(self.model.degrees), torch.zeros(1, DIM), torch.zeros(1, DIM)
        for layer, convs in enumerate(self.model.convs):
            total = torch.zeros(1, DIM)
            for place, way in enumerate(self.model.ways):
                if way[1] == target:
                    targets = torch.cat([features[layer][target], x])
                    out = convs["-".join(way)]((features[layer][way[0]], targets), patterns[way])[-1:]
                    total = total + self.model.relation_weights[layer, place] * out
            x = total
            z = z + self.model.alpha[layer + 1] * x
        return z[0]


def pattern(entries):
    return Pattern.from_edges(*entries.nonzero().T, tuple(entries.shape))


EACH = [
    *(
        ("lgc", kinds, degrees)
        for kinds in (("artist",), ("album",), ("artist", "album"))
        for degrees in ("all", "each")
    ),
    *((conv, ("artist", "album"), "all") for conv in CONVS if conv != "lgc"),
]


@pytest.mark.parametrize(("conv", "kinds", "degrees"), EACH)
def test_a_new_playlist_gets_what_a_node_added_to_the_graph_does(conv, kinds, degrees):
    case, row = Case(conv, kinds, degrees), drawn(9, 1, T)
    larger = torch.cat([case.graph, row])
    expected = case.received(larger, case.relations, "playlist", case.features())
    torch.testing.assert_close(case.frozen.embed(pattern(row))[0], expected, **CLOSE)


@pytest.mark.parametrize(("conv", "kinds", "degrees"), EACH)
def test_a_track_outside_gets_what_a_node_added_to_the_graph_does(conv, kinds, degrees):
    """By its nodes alone, and with playlists that hold it, one of them unseen."""
    case = Case(conv, kinds, degrees)
    features = case.features()
    rows, known = cold_rows(case.frozen, ARTISTS, ALBUMS)
    unseen, holders = drawn(5, 1, T), drawn(6, N, P + 1)
    of_nodes = {"artist": ARTISTS, "album": ALBUMS}
    nodes = {kind: of_nodes[kind] for kind in kinds}
    more = extended(
        case.frozen,
        case.model.embedding[:P].detach(),
        pattern(case.graph),
        pattern(unseen),
        pattern(holders),
        torch.arange(T + N),
        {},
        nodes,
    )
    unseen_features, x = [], torch.zeros(1, DIM)
    larger = HeteroGraph(torch.cat([case.graph, unseen]).nonzero().T, P + 1, T, case.relations)
    way, place = ("track", "playlist"), case.model.ways.index(("track", "playlist"))
    for layer, convs in enumerate(case.model.convs):
        unseen_features.append(x)
        targets = torch.cat([features[layer]["playlist"], x])
        out = convs["track-playlist"](
            (features[layer]["track"], targets), larger.messages(case.model.degrees)[way]
        )
        x = case.model.relation_weights[layer, place] * out[-1:]
    wider = [
        each | {"playlist": torch.cat([each["playlist"], own])}
        for each, own in zip(features, [*unseen_features, x], strict=True)
    ]
    for row in range(N):
        mine = {kind: int(of[row]) for kind, of in of_nodes.items()}
        relations = relations_of(kinds, case.seed, mine)
        alone = torch.cat([case.graph, torch.zeros(P, 1, dtype=torch.bool)], dim=1)
        expected = case.received(alone, relations, "track", features)
        torch.testing.assert_close(rows[row], expected, **CLOSE)
        assert known[row] == any(mine[kind] >= 0 for kind in kinds)
        held = torch.cat([torch.cat([case.graph, unseen]), holders[row][:, None]], dim=1)
        expected = case.received(held, relations, "track", wider)
        torch.testing.assert_close(more.tracks[T + row], expected, **CLOSE)


def by_hand(stand_in="zero", prior=None, **nodes):
    """Two playlists with track a, of artist A, who has track b too, which no playlist holds, frozen."""
    relations = Relations(2, {"artist": 1}, {("track", "artist"): torch.tensor([[0, 1], [0, 0]])})
    counts = {"playlist": 2, "track": 2, "artist": 1}
    model = HeteroEncoder("lgc", counts, dim=1, layers=2)
    with torch.no_grad():
        model.embedding.copy_(torch.tensor([[0.0], [0.0], [3.0], [6.0], [5.0]]))
    settings = {"conv": "lgc", "layers": 2, "dim": 1}
    edges = torch.tensor([[0, 1], [0, 0]])
    score = Score(prior=prior)
    frozen = freeze(
        model, edges, 2, 2, stand_in=stand_in, settings=settings, facts={}, score=score, relations=relations
    )
    return replace(frozen, nodes=replace(frozen.nodes, **nodes))


def test_two_lightgcn_layers_by_hand():
    """Degrees over all edges: a has 3, b 1, A 2, and 3 with the cold track, whose own is 1.

    At layer 1 A has 3 / sqrt(2 * 3) + 6 / sqrt(2 * 1), and the cold track 5 / sqrt(3 * 1) of A's input; at
    layer 2 it gets A's divided by sqrt(3 * 1).
    """
    none = torch.tensor([-1])
    of_artist = 3 / 6**0.5 + 6 / 2**0.5
    for inputs, start in (("zero", 0.0), ("mean", 4.5)):
        rows, known = cold_rows(by_hand(inputs=inputs), torch.tensor([0]), none)
        torch.testing.assert_close(rows, torch.tensor([[(start + 5 / 3**0.5 + of_artist / 3**0.5) / 3]]))
        assert known.tolist() == [True]


def test_a_cold_track_has_the_popularity_of_other_tracks():
    """Two playlists hold a, and none holds b, which counts 1: their geometric mean is sqrt(2). Without a
    prior the norm is that of the rows of tracks, of the graph's held ones, or of A's."""
    cold = torch.tensor([0]), torch.tensor([-1])
    for popularity, log in (("own", 0.0), ("core", math.log(2)), ("node", math.log(2) / 2)):
        rows, _ = cold_rows(by_hand(prior=0.5, popularity=popularity), *cold)
        torch.testing.assert_close(rows, torch.tensor([[1.0, 0.5 * log]]))
    rows = by_hand().tracks[:, 0]
    assert (rows > 0).all()
    for popularity, norm in (("core", rows[0]), ("node", (rows[0] * rows[1]).sqrt())):
        torch.testing.assert_close(cold_rows(by_hand(popularity=popularity), *cold)[0][0, 0], norm)


def test_the_album_s_tracks_stand_in_and_else_the_artist_s():
    nodes = Case().frozen.nodes
    of = {"artist": torch.tensor([0, 0, -1, -1]), "album": torch.tensor([1, -1, 1, -1])}
    by_mean = replace(nodes, inputs="mean", popularity="node")
    album, artist = nodes.kinds["album"], nodes.kinds["artist"]
    expected = [album.inputs[1], artist.inputs[0], album.inputs[1], torch.zeros(DIM)]
    assert torch.equal(by_mean.start(of), torch.stack(expected))
    logs = [album.popularity[1], artist.popularity[0], album.popularity[1], nodes.of_all]
    norms = by_mean.rows(Score(), torch.ones(4, DIM), of).norm(dim=1)
    torch.testing.assert_close(norms.log(), torch.stack(logs))
    assert not nodes.start(of).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**20), st.randoms(), st.sampled_from(["lgc", "sage", "gat"]))
def test_a_cold_track_s_row_depends_on_its_own_nodes_alone(seed, random, conv):
    case = Case(conv, seed=seed, score=Score(prior=0.2))
    rows, known = cold_rows(case.frozen, ARTISTS, ALBUMS)
    order = torch.tensor([random.randrange(N) for _ in range(7)])
    ours, ours_known = cold_rows(case.frozen, ARTISTS[order], ALBUMS[order])
    torch.testing.assert_close(ours, rows[order], **CLOSE)
    assert torch.equal(ours_known, known[order])


@pytest.mark.parametrize("conv", CONVS)
def test_a_file_holds_all_of_it_and_is_the_same_bytes_each_time(conv, tmp_path):
    case = Case(conv, score=Score(prior=0.2), stand_in="mean")
    chosen = replace(case.frozen.nodes, inputs="mean", popularity="node")
    ours = with_cold(replace(case.frozen, nodes=chosen), ARTISTS, ALBUMS, {"catalogue": "b"})
    for name in ("a", "b"):
        ours.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    loaded, queries = load_scorer(tmp_path / "a"), pattern(drawn(3, 5, T + N))
    assert torch.equal(loaded.scores(queries), ours.scores(queries))
    for one, other in zip(*(cold_rows(each, ARTISTS, ALBUMS) for each in (loaded, ours)), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(loaded.tracks[T:], cold_rows(ours, ARTISTS, ALBUMS)[0])
    assert loaded.facts == {"catalogue": "b"}


def test_a_model_of_playlists_and_tracks_alone_knows_no_cold_track():
    frozen = replace(Case().frozen, nodes=None)
    with pytest.raises(ValueError, match="knows no artist"):
        cold_rows(frozen, ARTISTS, ALBUMS)


def test_what_stands_in_is_chosen_by_tracks_that_nothing_of_is_left(monkeypatch):
    """Whatever playlists and relations the cold tracks have, their rows, and the playlists', are the same."""
    case, ranked = Case(score=Score(prior=0.2)), []
    monkeypatch.setattr(pretended, "SHARE", 0.3)
    monkeypatch.setattr(pretended, "recall_at_k", lambda *args: ranked.append(args) or 0.0)
    train, held_out = case.graph.nonzero().T, (~case.graph).nonzero().T[:, :6]
    of = {kind: case.relations.of_tracks(kind) for kind in case.kinds}
    cold = pretended._drawn(torch.stack([*of.values()]).amax(0) >= 0, 5)
    assert cold.numel() == 2
    is_cold = torch.isin(train[1], cold)
    for edges in (train, train[:, ~is_cold]):
        split = Split(P, T, edges, edges, held_out, held_out)
        recalls = pretended.cold_stand_ins(case.model, split, case.relations, case.frozen, 3, None, 5)
    assert [*recalls["popularity"]] == ["own", "core", "node"]
    # Where no playlist holds one of them, none is known by them.
    *of_given, own, core, node = ranked[:5]
    assert recalls["inputs"] == {"zero": 0.0, "mean": 0.0}
    others = torch.ones(T, dtype=torch.bool).index_fill(0, cold, False)
    for first, second in zip((own, core, node), ranked[5:], strict=True):
        for one, other in zip(first[:2], second[:2], strict=True):
            torch.testing.assert_close(one, other, **CLOSE)
        assert first[3].degree.sum() == 6
        assert torch.equal(first[1][others], own[1][others])
    for _, _, known, sought, *_ in of_given:
        holds = torch.isin(known.cols, cold)
        assert not torch.isin(sought.cols, cold).any()
        assert torch.isin(sought.rows, known.rows[holds]).all()


def test_inputs_are_chosen_by_playlists_that_are_known_by_cold_tracks_alone():
    """The playlist holds cold track 2, by the artist of 0, and track 3, and is to find 0 before 1.

    With zeros as its input the playlist receives nothing, so that 0 and 1 are tied; with the mean of the
    artist's tracks it is like 0.
    """
    relations = Relations(4, {"artist": 1}, {("track", "artist"): torch.tensor([[0], [0]])})
    model = HeteroEncoder("lgc", {"playlist": 1, "track": 4, "artist": 1}, dim=2, layers=1)
    with torch.no_grad():
        model.embedding.copy_(torch.tensor([[0, 0], [1, 0], [0, 1], [0, 0], [0, 1], [0, 1]]).float())
    settings, edges = {"conv": "lgc", "layers": 1, "dim": 2}, torch.tensor([[0], [3]])
    frozen = freeze(*(model, edges, 1, 4), stand_in="zero", settings=settings, facts={}, relations=relations)
    known, held_out = (
        Pattern.from_edges(torch.zeros_like(tracks), tracks, (1, 4))
        for tracks in (torch.tensor([2, 3]), torch.tensor([0]))
    )
    nodes = torch.tensor([0]), torch.tensor([-1])
    case = pretended.Pretended(frozen, torch.tensor([2]), nodes, known, held_out)
    assert case.recall_when_given("zero", 1, 1) == 0.5
    assert case.recall_when_given("mean", 1, 1) == 1
