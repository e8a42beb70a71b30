import polars as pl
import pytest

from segue.challenge.challenge_set import leaked_pids, require_apart, require_no_leak
from segue.errors import SegueError

TRAINING = pl.Series("pid", [9, 3, 5, 1_000_001, 4, 6, 8], dtype=pl.Int64)


def test_leaked_pids():
    assert leaked_pids([5, 7, None, 3, 5], TRAINING) == [3, 5]
    assert leaked_pids([None, 7], TRAINING) == []
    assert leaked_pids([], TRAINING) == []


def test_a_leak_is_refused():
    require_no_leak([1, None, 2], TRAINING, "my.json")
    with pytest.raises(SegueError) as error:
        require_no_leak([9, 1_000_001, 2], TRAINING, "my.json", "take them out")
    assert error.value.where == "my.json"
    assert error.value.found == "2 pids of both: 9, 1000001"
    assert error.value.fix == "take them out"
    with pytest.raises(SegueError, match=r"6 pids of both: 3, 4, 5, 6, 8, \.\.\."):
        require_no_leak([3, 4, 5, 6, 8, 9], TRAINING, "my.json")


def test_a_leak_that_is_allowed_is_logged(caplog):
    with caplog.at_level("WARNING", "segue"):
        require_no_leak([9, 2], TRAINING, "my.json", allowed=True)
    assert "holds 1 of the playlists of my.json: pid 9" in caplog.text


def test_playlists_to_choose_by_are_not_those_that_are_reported():
    require_apart(TRAINING, pl.Series([1, 2]), "both")
    with pytest.raises(SegueError, match="2 pids of both: 3, 9"):
        require_apart(TRAINING, pl.Series([9, 1, 3]), "both")
