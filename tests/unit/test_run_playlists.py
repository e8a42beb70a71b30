"""Which playlists of a run the page of `segue serve` finds, and which it proposes to begin with."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from segue.web.playlists import RunPlaylists
from segue.web.refused import RefusedError

KEPT = 5  # tracks of each playlist that are not held out


def run_of(folder, titles, held_out, why_dropped=None):
    """Playlists with these titles, and so many tracks held out each; pids count from 100."""
    for name in ("graph", "split"):
        (folder / name).mkdir(exist_ok=True)
    count, most = len(titles), KEPT + max(held_out)
    pl.DataFrame(
        {"playlist": range(count), "pid": range(100, 100 + count), "name": titles},
        schema={"playlist": pl.Int32, "pid": pl.Int64, "name": pl.String},
    ).write_parquet(folder / "graph/playlists.parquet")
    pl.DataFrame(
        {column: [f"{column} {track}" for track in range(most)] for column in ("track_uri", "track_name")}
    ).with_columns(artist_name="track_name").write_parquet(folder / "graph/tracks.parquet")
    rows = [(playlist, track) for playlist, held in enumerate(held_out) for track in range(KEPT + held)]
    edges = pl.DataFrame(rows, {"playlist": pl.Int32, "track": pl.Int32}, orient="row")
    edges.with_columns(position=pl.col("track")).write_parquet(folder / "graph/edges.parquet")
    test = [row for row in rows if row[1] >= KEPT]
    save_file({"test": np.array(test, np.int64).reshape(-1, 2).T.copy()}, folder / "split/split.safetensors")
    return RunPlaylists(folder, why_dropped)


def test_those_of_middle_length_are_proposed_from_all_over_the_run(tmp_path):
    held_out = [9, 3, 4, 0, 3, 1, 2, 3, 0, 3, 8, 7]
    titles = ["a", "b", "c", "d", "", "f", "g", None, "i", "j", "k", "l"]
    proposed = run_of(tmp_path, titles, held_out).find("", 3).playlists
    # Stretches of those with any held out: a b c "" | f g None | j k l; the middle of all is 3.
    assert [(one.title, one.tracks, one.held_out) for one in proposed] == [
        ("b", 5, 3),
        ("g", 5, 2),
        ("j", 5, 3),
    ]


@settings(max_examples=25)
@given(held_out=st.lists(st.integers(0, 6), min_size=1, max_size=20), n=st.integers(1, 25))
def test_there_are_as_many_as_asked_for_or_all(tmp_path_factory, held_out, n):
    playlists = run_of(tmp_path_factory.mktemp("a run"), ["x"] * len(held_out), held_out)
    proposed = playlists.find("", n).playlists
    pids = [one.pid for one in proposed]
    assert pids == sorted(set(pids))
    assert all(one.held_out for one in proposed)
    assert len(pids) == min(n, sum(held > 0 for held in held_out))
    assert proposed == playlists.find("", n).playlists


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("metal", ["metal", "Metal", "Metal 🔥", "my metal", "Metal 2015"]),
        ("Metal", ["Metal", "metal", "Metal 🔥", "my metal", "Metal 2015"]),
        (" Metal 🔥 ", ["Metal 🔥"]),
        ("🔥", ["Metal 🔥"]),
        ("2015", ["Metal 2015"]),
        ("103", ["Metal"]),
    ],
)
def test_the_very_title_comes_first_then_the_shortest(tmp_path, asked, found):
    titles = ["Metal 2015", "my metal", "Metal 🔥", "Metal", "metal", None]
    playlists = run_of(tmp_path, titles, [1] * 6)
    assert [one.title for one in playlists.find(asked, 10).playlists] == found
    two = playlists.find(asked, 2)
    assert ([one.title for one in two.playlists], two.more) == (found[:2], max(0, len(found) - 2))


def test_why_no_playlist_has_a_number(tmp_path):
    def why_dropped(wanted, core_tracks):
        assert core_tracks["track_uri"][0] == "track_uri 0"
        return "4 was dropped" if wanted == "4" else None

    playlists = run_of(tmp_path, ["a", "41", "44"], [1] * 3, why_dropped)
    assert playlists.find("100", 9).why is None
    assert playlists.find("41", 9).why is None  # so it is a title
    found = playlists.find("4", 9)
    assert [one.title for one in found.playlists] == ["41", "44"]
    assert found.why == "The playlist is not in the graph: 4 was dropped."
    assert playlists.find("7", 9).why == "The run has no playlist with the number 7."
    with pytest.raises(RefusedError, match="4 was dropped") as error:
        playlists.of(4)
    assert (error.value.status, error.value.expected) == (404, "a playlist of the graph, 100 to 102")
    # Of a run whose tables of what was read are gone, no more is known.
    assert run_of(tmp_path, ["a"], [1]).find("4", 9).why == "The graph has no playlist with the number 4."
