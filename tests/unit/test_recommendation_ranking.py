"""The best tracks that are not on a playlist, against the obvious way to find them."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.graph.split import Split
from segue.serve.recommendation import recommend

# Of a pair: no edge, and the roles of one.
ROLES = NONE, MESSAGE, SUPERVISION, VALIDATION, TEST = range(5)


def split_of(roles):
    """The split whose edges are the pairs of ``roles`` [P][T] that are not NONE."""
    roles = torch.tensor(roles)
    parts = [(roles == role).nonzero().T.contiguous() for role in ROLES[1:]]
    return Split(*roles.shape, *parts)


@st.composite
def problems(draw):
    num_playlists, num_tracks = draw(st.integers(1, 5)), draw(st.integers(1, 7))
    row = st.lists(st.sampled_from(ROLES), min_size=num_tracks, max_size=num_tracks)
    roles = draw(st.lists(row, min_size=num_playlists, max_size=num_playlists))
    chosen = sorted(draw(st.sets(st.integers(0, num_playlists - 1), min_size=1)))
    # Few values, so that many scores are equal; small whole ones, so that no sum is rounded.
    value = st.integers(-2, 2)
    vectors = st.lists(st.tuples(value, value), min_size=12, max_size=12)
    embeddings = torch.tensor(draw(vectors), dtype=torch.float32)
    return roles, chosen, embeddings[:num_playlists], embeddings[num_playlists : num_playlists + num_tracks]


@given(problems(), st.data())
def test_recommendations_are_a_sorted_list_cut_off(problem, data):
    roles, chosen, playlists, tracks = problem
    free = {p: [t for t, role in enumerate(roles[p]) if role in (NONE, TEST)] for p in chosen}
    fewest = min(map(len, free.values()))
    assume(fewest)
    n = data.draw(st.integers(1, fewest), label="n")
    expected = []
    for p in chosen:
        score = {t: sum(a * b for a, b in zip(playlists[p], tracks[t], strict=True)).item() for t in free[p]}
        best = sorted(free[p], key=lambda t: (-score[t], t))[:n]
        expected.append((p, best, [score[t] for t in best], [roles[p][t] == TEST for t in best]))
    block_mb = data.draw(st.sampled_from([0, 1]), label="block_mb")  # 0: each playlist by itself
    blocks = list(recommend(split_of(roles), playlists, tracks, torch.tensor(chosen), n, block_mb))
    assert len(blocks) == (1 if block_mb else len(chosen))
    found = [row for block in blocks for row in zip(*(part.tolist() for part in block), strict=True)]
    assert found == expected


def test_more_than_are_left_is_an_error_that_says_how_many_are():
    roles = [[MESSAGE, TEST, NONE, NONE], [MESSAGE, SUPERVISION, VALIDATION, NONE]]
    vectors = torch.ones(4, 2)
    with pytest.raises(SegueError) as error:
        list(recommend(split_of(roles), vectors[:2], vectors, torch.tensor([0, 1]), 2))
    assert error.value.found == "2; playlist 1 of the graph has 3 of its 4 tracks already"
    assert error.value.expected == "at most 1"
    (only,) = recommend(split_of(roles), vectors[:2], vectors, torch.tensor([0]), 3)
    assert only[1].tolist() == [[1, 2, 3]]
