"""The credit of artists in a ranking, against its formula by hand and its definition track by track."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segue.rerank.credit import credited


def log_odds(*p):
    return np.float32([[np.log(one / (1 - one)) if one else -np.inf for one in p]])


def test_by_hand():
    artist = np.array([[7, 3, 7, -1, 7]])
    found = credited(log_odds(0.5, 0.4, 0.6, 0.2, 0), artist, 0.25)
    both = 1 - 0.5 * 0.4
    np.testing.assert_allclose(found, [[0.5, 0.4 * 1.25, 0.6 + 0.25 * both, 0.2, -np.inf]], rtol=1e-6)


def test_no_credit_leaves_the_scores():
    scores = log_odds(0.5, 0.4)
    assert credited(scores, np.array([[0, 0]]), 0.0) is scores


ROWS = st.integers(1, 6).flatmap(
    lambda size: st.lists(
        st.tuples(
            st.lists(st.floats(-9, 9, width=32) | st.just(-np.inf), min_size=size, max_size=size),
            st.lists(st.integers(-1, 3), min_size=size, max_size=size),
        ),
        min_size=1,
        max_size=4,
    )
)


@given(ROWS, st.sampled_from([0.1, 0.25, 1.0]))
def test_each_row_alone_and_only_the_first_of_an_artist_gains(rows, credit):
    scores, artist = np.float32([row for row, _ in rows]), np.array([row for _, row in rows])
    found = credited(scores, artist, credit)
    for values, artists, row in zip(scores, artist, found, strict=True):
        p = [1 / (1 + np.exp(-float(value))) for value in values]
        order = sorted(range(len(p)), key=lambda place: (-values[place], place))
        for place, value in enumerate(values):
            members = [other for other in order if artists[other] == artists[place]]
            expected = p[place]
            if artists[place] >= 0 and members[0] == place:
                expected += credit * (1 - np.prod([1 - p[other] for other in members]))
            if value == -np.inf:
                expected = -np.inf
            np.testing.assert_allclose(row[place], expected, rtol=1e-5, atol=1e-9)
