"""The softmax loss against the formula written out, its gradients against autograd's, and its draws."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_sparse import DEVICES, numbers, patterns

from segue.nn.pattern import Pattern
from segue.nn.softmax import SoftmaxLoss
from segue.nn.systematic import ONE, inclusion, systematic_sample

SETTINGS = {"tracks": 3, "temperature": 0.2, "beta": 0.5, "prior": 0.7}


def written_out(loss, edges, playlists, tracks, drawn, settings):
    """The formula, an edge at a time, with the draw's probabilities."""
    logits = torch.cosine_similarity(playlists[:, None], tracks[None], dim=2) / settings["temperature"]
    logits = logits + settings["prior"] * loss.supervision.T.degree.clamp(min=1).double().log()
    rows, cols = edges.edges()
    positive = logits[rows, cols]
    if drawn is not None:
        logits = logits[:, drawn] - (loss.included[drawn].double() / ONE).log()
    return (logits[rows].logsumexp(dim=1) - positive).mean()


def compare(edges, settings, dtype, *, block_mb=16, device="cpu", tolerance):
    """Value and gradients of the loss with a draw, and of the formula in float64."""
    loss = SoftmaxLoss(edges, **settings, block_mb=block_mb)
    drawn = loss.draw(torch.Generator(device).manual_seed(1))
    inputs = [numbers(n, 3, seed=n, device=device) for n in edges.shape]
    results = []
    for as_written in (False, True):
        x = [each.to(torch.float64 if as_written else dtype).requires_grad_() for each in inputs]
        value = written_out(loss, edges, *x, drawn, settings) if as_written else loss.of(edges, *x, drawn)
        value.backward()
        results.append([value.detach(), *(each.grad for each in x)])
    for ours, theirs in zip(*results, strict=True):
        assert ours.dtype == dtype
        torch.testing.assert_close(ours.double(), theirs, rtol=tolerance, atol=tolerance)


def some_edges(device="cpu", playlists=40, tracks=30, share=0.3):
    """Playlist 2 and track 4 have no edges."""
    there = torch.rand(playlists, tracks, generator=torch.Generator().manual_seed(3)) < share
    there[2], there[:, 4] = False, False
    return Pattern.from_edges(*there.nonzero().T.to(device), (playlists, tracks))


@given(
    patterns().filter(lambda drawn: drawn[0].numel()),
    st.integers(1, 7),
    st.sampled_from([0.05, 0.2, 1.0]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from([0.0, 0.5]),
)
def test_it_is_the_formula_and_its_gradient_autograd_s(drawn, tracks, temperature, beta, prior):
    edges = Pattern.from_edges(*drawn[0], drawn[1])
    settings = {"tracks": tracks, "temperature": temperature, "beta": beta, "prior": prior}
    compare(edges, settings, torch.float64, tolerance=1e-10)
    compare(edges, settings, torch.float32, tolerance=1e-5)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("tracks", [7, 30])
@pytest.mark.parametrize("temperature", [0.2, 1e-3])
def test_blocks_of_a_few_playlists_give_the_same(tracks, temperature, device, monkeypatch):
    """With logits far beyond what exp can take, too."""
    monkeypatch.setattr("segue.nn.softmax.rows_per_block", lambda count, megabytes: megabytes)
    settings = SETTINGS | {"tracks": tracks, "temperature": temperature}
    for rows in (1, 3, 39, 40, 100):
        compare(some_edges(device), settings, torch.float64, block_mb=rows, device=device, tolerance=1e-10)
    # Of float32 inputs a cosine is off by 1e-7, and a logit by that over the temperature.
    tolerance = 1e-5 if temperature == 0.2 else 1e-2
    compare(some_edges(device), settings, torch.float32, block_mb=7, device=device, tolerance=tolerance)


def test_of_all_tracks_it_is_torch_s_cross_entropy():
    edges = some_edges()
    playlists, tracks = (numbers(n, 3, seed=n) for n in edges.shape)
    rows, cols = edges.edges()
    logits = torch.nn.functional.normalize(playlists) @ torch.nn.functional.normalize(tracks).T / 0.2
    for prior in (0.0, 0.5):
        popularity = torch.bincount(cols, minlength=30).clamp(min=1).double().pow(prior).log()
        expected = torch.nn.functional.cross_entropy((logits + popularity)[rows], cols)
        for count in (30, 31):
            loss = SoftmaxLoss(edges, tracks=count, temperature=0.2, beta=1.0, prior=prior)
            assert loss.draw(torch.Generator()) is None
            torch.testing.assert_close(loss(playlists, tracks, torch.Generator()), expected)


def test_other_positives_count_by_the_popularities_of_the_supervision():
    edges = some_edges()
    others = Pattern.from_edges(torch.tensor([2, 2, 7]), torch.tensor([4, 5, 4]), edges.shape)
    loss = SoftmaxLoss(edges, **SETTINGS)
    inputs = [numbers(n, 3, seed=n) for n in edges.shape]
    for drawn in (None, torch.tensor([0, 4, 9])):
        expected = written_out(loss, others, *inputs, drawn, SETTINGS)
        torch.testing.assert_close(loss.of(others, *inputs, drawn), expected)


def test_a_vector_of_zeros_has_cosine_0_and_no_gradient():
    edges = some_edges()
    playlists, tracks = (numbers(n, 3, seed=n) for n in edges.shape)
    playlists[0], tracks[1] = 0.0, 0.0
    inputs = playlists.requires_grad_(), tracks.requires_grad_()
    loss = SoftmaxLoss(edges, **SETTINGS)
    value = loss.of(edges, *inputs)
    torch.testing.assert_close(value, written_out(loss, edges, *inputs, None, SETTINGS))
    value.backward()
    assert not playlists.grad[0].any()
    assert not tracks.grad[1].any()
    assert playlists.grad.isfinite().all()
    assert tracks.grad.isfinite().all()


def test_a_playlist_without_edges_has_no_gradient():
    edges = some_edges()
    playlists, tracks = (numbers(n, 3, seed=n).requires_grad_() for n in edges.shape)
    SoftmaxLoss(edges, **SETTINGS)(playlists, tracks, torch.Generator().manual_seed(0)).backward()
    assert not playlists.grad[2].any()
    assert playlists.grad[3].any()


@pytest.mark.parametrize("device", DEVICES)
def test_one_seed_gives_the_same_bits(device):
    edges = some_edges(device, 3000, 2000, 0.01)
    results = []
    for _ in range(2):
        inputs = [numbers(n, 16, seed=n, device=device).float().requires_grad_() for n in edges.shape]
        loss = SoftmaxLoss(edges, **SETTINGS | {"tracks": 500}, block_mb=1)
        value = loss(*inputs, torch.Generator(device).manual_seed(5))
        value.backward()
        results.append([value.detach(), *(each.grad for each in inputs)])
    assert all(map(torch.equal, *results))


@given(
    st.lists(st.floats(-20, 20), min_size=2, max_size=30).flatmap(
        lambda logs: st.tuples(st.just(logs), st.integers(1, len(logs) - 1))
    )
)
def test_inclusion_probabilities_are_as_the_weights_up_to_1(drawn):
    logs, count = drawn
    included = inclusion(torch.tensor(logs, dtype=torch.float64), count).double() / ONE
    assert math.isclose(included.sum().item(), count, abs_tol=1e-9)
    weights = torch.tensor(logs, dtype=torch.float64).exp()
    certain = included == 1
    factor = (count - certain.sum()) / weights[~certain].sum()
    torch.testing.assert_close(included, (factor * weights).clamp(max=1), rtol=1e-9, atol=4 / ONE)


def test_a_sample_of_every_start_and_order_holds_each_as_often_as_is_said(monkeypatch):
    """And so 1 / probability makes any sum over the sample unbiased: exactly, over all that can be drawn."""
    included = torch.tensor([8, 5, 2, 1, 8]) * (ONE // 8)  # 24 eighths: three are drawn, two of them always
    values = torch.tensor([1.0, 20.0, 300.0, 4000.0, 50000.0], dtype=torch.float64)
    times, sums = torch.zeros(5), []
    for order, start in itertools.product(itertools.permutations(range(5)), range(8)):
        monkeypatch.setattr(torch, "randperm", lambda *_, order=order, **__: torch.tensor(order))
        monkeypatch.setattr(
            torch, "randint", lambda *_, start=start, **__: torch.tensor(start * (ONE // 8) + 12345)
        )
        drawn = systematic_sample(included, torch.Generator())
        assert len(drawn) == 3
        times[drawn] += 1
        sums.append((values[drawn] / (included[drawn] / ONE)).sum())
    assert torch.equal(times / (120 * 8), included / ONE)
    assert torch.stack(sums).mean().item() == pytest.approx(values.sum().item(), rel=1e-12)


def test_draws_hold_m_tracks_popular_ones_more_often():
    edges = some_edges()
    loss = SoftmaxLoss(edges, **SETTINGS | {"tracks": 9})
    generator = torch.Generator().manual_seed(0)
    times = torch.zeros(30)
    for _ in range(4000):
        drawn = loss.draw(generator)
        assert len(drawn) == 9
        times[drawn] += 1
    probability = loss.included / ONE
    deviation = (probability * (1 - probability) / 4000).sqrt()
    assert ((times / 4000 - probability).abs() < 5 * deviation).all()
    degree = edges.T.degree.clamp(min=1).double()
    torch.testing.assert_close(
        probability.double(), 9 * degree.sqrt() / degree.sqrt().sum(), rtol=1e-4, atol=0
    )


def test_prior_and_correction_are_one_constant_where_beta_is_gamma():
    """So the embeddings' gradient is that of a softmax over uniform draws without a prior."""
    edges = some_edges()
    loss = SoftmaxLoss(edges, tracks=9, temperature=0.2, beta=0.5, prior=0.5)
    drawn = loss.draw(torch.Generator().manual_seed(0))
    constant = loss.prior - (loss.included.double() / ONE).log()
    torch.testing.assert_close(constant, constant[:1].expand_as(constant))
    plain = SoftmaxLoss(edges, tracks=9, temperature=0.2)
    gradients = []
    for each in (loss, plain):
        inputs = [numbers(n, 3, seed=n).requires_grad_() for n in edges.shape]
        each.of(edges, *inputs, drawn).backward()
        gradients.append([x.grad for x in inputs])
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs)
