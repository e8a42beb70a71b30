"""Sparse products against dense ones, and their gradients against finite differences."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import leaky_relu, softmax

from segue.nn.dropout import draw_kept
from segue.nn.pattern import Pattern
from segue.nn.sparse import attend, sddmm, spmm

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
SLOPE = 0.2


@st.composite
def patterns(draw, repeats=False):
    """Row and column indices of entries in any order, and a shape; some rows and columns are empty."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    entry = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))
    entries = draw(st.lists(entry, max_size=25, unique=not repeats))
    return torch.tensor(entries, dtype=torch.int64).reshape(-1, 2).T, (n, m)


def numbers(*shape, seed=0, device="cpu"):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator).to(device)


def dense(pattern, values):
    return torch.zeros(pattern.shape, dtype=values.dtype).index_put(
        (pattern.rows.long(), pattern.cols.long()), values, accumulate=True
    )


def some_pattern(device="cpu"):
    """5 x 6; rows 1 and 4 and columns 3 and 5 are empty; with other columns: unsorted and one entry twice."""
    rows, cols = torch.tensor([0, 2, 2, 3, 0], device=device), torch.tensor([1, 0, 2, 2, 4], device=device)
    return Pattern.from_edges(rows, cols, (5, 6))


def repeating_pattern(device="cpu"):
    return some_pattern(device).with_cols(torch.tensor([5, 1, 3, 3, 0], device=device))


def test_csr_by_hand():
    pattern = some_pattern()
    assert pattern.rowptr.tolist() == [0, 2, 2, 4, 5, 5]
    assert pattern.rows.tolist() == [0, 0, 2, 2, 3]
    assert pattern.cols.tolist() == [1, 4, 0, 2, 2]
    assert pattern.order.tolist() == [2, 0, 3, 4, 1]
    assert pattern.T.rowptr.tolist() == [0, 1, 2, 4, 4, 5, 5]
    assert pattern.T.cols.tolist() == [2, 0, 2, 3, 0]
    assert pattern.T.shape == (6, 5)
    assert {index.dtype for index in (pattern.rowptr, pattern.rows, pattern.cols)} == {torch.int32}


def test_indices_are_int64_where_int32_is_too_small():
    pattern = Pattern.from_edges(torch.tensor([1, 0]), torch.tensor([2**31, 5]), (2, 2**31 + 1))
    assert pattern.cols.tolist() == [5, 2**31]
    assert pattern.rowptr.dtype == pattern.rows.dtype == torch.int64


@given(patterns(repeats=True))
def test_a_pattern_holds_its_edges_and_its_transpose_the_same(drawn):
    (rows, cols), shape = drawn
    pattern = Pattern.from_edges(rows, cols, shape)
    edges = sorted(zip(rows.tolist(), cols.tolist(), strict=True))
    assert list(zip(*pattern.edges().tolist(), strict=True)) == edges
    values = torch.arange(1.0, len(edges) + 1)
    assert torch.equal(dense(pattern.T, values[pattern.order]), dense(pattern, values).T)
    assert torch.equal(pattern.rowptr.diff().long(), torch.bincount(rows, minlength=shape[0]))


@given(patterns(repeats=True), st.integers(1, 3))
def test_spmm_is_the_dense_product(drawn, d):
    pattern = Pattern.from_edges(*drawn[0], drawn[1])
    values, x = numbers(pattern.cols.numel()), numbers(pattern.shape[1], d, seed=1)
    torch.testing.assert_close(spmm(pattern, values, x), dense(pattern, values) @ x)
    single = spmm(pattern, values.float(), x.float())
    torch.testing.assert_close(single, (dense(pattern, values) @ x).float(), rtol=1e-5, atol=1e-5)


@given(patterns(), st.integers(1, 3), st.randoms(use_true_random=False))
def test_sddmm_is_the_dense_product_at_the_entries(drawn, d, random):
    pattern = Pattern.from_edges(*drawn[0], drawn[1])
    cols = torch.tensor([random.randrange(pattern.shape[1]) for _ in pattern.cols], dtype=torch.int64)
    pattern = pattern.with_cols(cols)
    x, y = numbers(pattern.shape[0], d), numbers(pattern.shape[1], d, seed=1)
    expected = (x @ y.T)[pattern.rows.long(), pattern.cols.long()]
    torch.testing.assert_close(sddmm(pattern, x, y), expected)


def attention_inputs(shape, d, device="cpu"):
    n, m = shape
    sizes = (m, d), (n, d), (m,), (n,), (n,)
    return [numbers(*size, seed=seed, device=device) for seed, size in enumerate(sizes)]


@given(patterns(), st.integers(1, 3), st.sampled_from([1.0, 300.0]))
def test_attend_is_the_dense_softmax(drawn, d, scale):
    """With scores far beyond what exp can take, too."""
    pattern = Pattern.from_edges(*drawn[0], drawn[1])
    h, h_self, *scores = attention_inputs(pattern.shape, d)
    source, source_self, target = (scale * score for score in scores)
    z = leaky_relu(source[None, :] + target[:, None], SLOPE)
    z = z.masked_fill(dense(pattern, torch.ones(pattern.cols.numel())) == 0, -torch.inf)
    alpha = softmax(torch.cat([z, leaky_relu(source_self + target, SLOPE)[:, None]], dim=1), dim=1)
    expected = alpha[:, :-1] @ h + alpha[:, -1:] * h_self
    torch.testing.assert_close(attend(pattern, h, h_self, source, source_self, target, slope=SLOPE), expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("make", [some_pattern, repeating_pattern])
def test_gradients_of_spmm(make, device):
    pattern = make(device)
    values, x = numbers(5, device=device), numbers(6, 3, seed=1, device=device)
    inputs = values.requires_grad_(), x.requires_grad_()
    assert torch.autograd.gradcheck(lambda values, x: spmm(pattern, values, x), inputs)
    transposed = values.detach()[pattern.order]
    assert torch.autograd.gradcheck(lambda x: spmm(pattern, values.detach(), x, transposed), x)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("make", [some_pattern, repeating_pattern])
def test_gradients_of_sddmm(make, device):
    pattern = make(device)
    inputs = [numbers(n, 3, seed=n, device=device).requires_grad_() for n in (5, 6)]
    assert torch.autograd.gradcheck(lambda x, y: sddmm(pattern, x, y), inputs)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_gradients_of_attend(dropout, device):
    pattern = some_pattern(device)
    inputs = [value.requires_grad_() for value in attention_inputs(pattern.shape, 3, device)]

    def same_draw(*inputs):
        generator = torch.Generator(device).manual_seed(1)
        return attend(pattern, *inputs, slope=SLOPE, dropout=dropout, generator=generator)

    assert torch.autograd.gradcheck(same_draw, inputs)


def test_attend_drops_each_weight_and_scales_the_others():
    """With equal scores and h = 1 a row of k entries and itself is kept / (1 - dropout) / (k + 1)."""
    n, k, dropout = 4000, 9, 0.3
    pattern = Pattern.from_edges(torch.arange(n).repeat_interleave(k), torch.arange(k).repeat(n), (n, k))
    generator = torch.Generator().manual_seed(1)
    inputs = torch.ones(k, 1), torch.ones(n, 1), torch.zeros(k), torch.zeros(n), torch.zeros(n)
    out = attend(pattern, *inputs, slope=SLOPE, dropout=dropout, generator=generator)
    kept = out * (1 - dropout) * (k + 1)
    torch.testing.assert_close(kept, kept.round(), atol=1e-3, rtol=0)
    assert out.mean().item() == pytest.approx(1, abs=0.01)
    assert kept.var().item() == pytest.approx((k + 1) * dropout * (1 - dropout), rel=0.1)


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.9])
def test_dropout_draws(dropout):
    kept, scale = draw_kept(400_001, dropout, torch.Generator().manual_seed(1), torch.device("cpu"))
    assert kept.shape == (400_001,)
    assert scale == pytest.approx(1 / (1 - dropout), rel=2**-12)
    # Of each of the four positions in a word, too.
    for part in (kept, *(kept[i::4] for i in range(4))):
        deviation = (dropout * (1 - dropout) / len(part)) ** 0.5
        assert part.double().mean().item() == pytest.approx(1 - dropout, abs=5 * deviation)
    again, _ = draw_kept(400_001, dropout, torch.Generator().manual_seed(1), torch.device("cpu"))
    assert torch.equal(kept, again)
    neighbours = torch.corrcoef(torch.stack([kept[1:], kept[:-1]]).double())[0, 1]
    assert abs(neighbours.item()) < 0.01


def test_nothing_at_all():
    empty = torch.empty(0, dtype=torch.int64)
    pattern = Pattern.from_edges(empty, empty, (3, 2))
    assert spmm(pattern, torch.empty(0), torch.ones(2, 4)).tolist() == [[0.0] * 4] * 3
    assert sddmm(pattern, torch.ones(3, 4), torch.ones(2, 4)).shape == (0,)
    own = torch.randn(3, 4)
    out = attend(pattern, torch.ones(2, 4), own, torch.ones(2), torch.ones(3), torch.ones(3), slope=SLOPE)
    torch.testing.assert_close(out, own)


@pytest.mark.parametrize("device", DEVICES)
def test_the_same_bits_each_time(device):
    generator = torch.Generator().manual_seed(0)
    rows, cols = (torch.randint(200, (5000,), generator=generator).to(device) for _ in range(2))
    inputs = [value.float().to(device) for value in attention_inputs((200, 200), 16)]

    def gradients():
        leaves = [value.clone().requires_grad_() for value in inputs]
        pattern = Pattern.from_edges(rows, cols, (200, 200))
        draws = torch.Generator(device).manual_seed(1)
        out = attend(pattern, *leaves, slope=SLOPE, dropout=0.5, generator=draws)
        sddmm(pattern, out, leaves[0]).square().sum().backward()
        return [leaf.grad for leaf in leaves]

    assert all(torch.equal(one, other) for one, other in zip(gradients(), gradients(), strict=True))
