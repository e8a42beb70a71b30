import torch
from hypothesis import given
from hypothesis import strategies as st

from segue.nn.topk import kth_largest, positions, rows_per_block, top_k

# Few distinct values, so that there are many ties; -inf stands for a masked track.
ROWS = st.integers(1, 8).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([-float("inf"), -1.5, 0.0, 2.0, 3.0]), min_size=width, max_size=width),
        min_size=1,
    )
)


@given(ROWS, st.data())
def test_top_k_is_a_stable_sort_cut_off(rows, data):
    k = data.draw(st.integers(1, len(rows[0])))
    expected = [sorted(range(len(row)), key=lambda column: -row[column])[:k] for row in rows]
    scores = torch.tensor(rows)
    assert top_k(scores, k).tolist() == expected
    assert kth_largest(scores, k)[:, 0].tolist() == [
        row[best[-1]] for row, best in zip(rows, expected, strict=True)
    ]


def test_top_k_of_large_random_rows():
    scores = torch.randn(50, 3000, generator=torch.Generator().manual_seed(0))
    # A stable sort, since float32 draws repeat.
    expected = scores.sort(dim=1, descending=True, stable=True).indices[:, :300]
    assert torch.equal(top_k(scores, 300), expected)


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1))
def test_positions(rows):
    flat, counts = positions(torch.tensor(rows))
    assert flat.tolist() == [4 * i + j for i, row in enumerate(rows) for j in range(4) if row[j]]
    assert counts.tolist() == [sum(row) for row in rows]


def test_rows_per_block():
    assert rows_per_block(num_tracks=2**18, megabytes=64) == 64
    assert rows_per_block(num_tracks=2**30, megabytes=64) == 1
