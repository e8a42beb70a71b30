import polars as pl
import pytest

from segue.analysis.artists import artist_groups, artist_playlists, choose_artists
from segue.errors import SegueError

# 100 playlists: x is on 30, u on 5, v on 4, w on 3, and the second v on 2; u and w share playlist 0.
PLAYLISTS = {"x": range(30), "u": range(5), "v": range(40, 44), "w": (0, 50, 51), "v2": (60, 61)}
PAIRS = pl.DataFrame(
    [(f"uri:{artist}", playlist) for artist, held in PLAYLISTS.items() for playlist in held],
    schema={"artist_uri": pl.String, "playlist": pl.Int32},
    orient="row",
)
NAMES = pl.DataFrame(
    {
        "artist_uri": [f"uri:{artist}" for artist in PLAYLISTS],
        "artist_name": ["The Xens", "Ulné", "Vor", "Wim & Son", "VOR"],
    }
)


def choose(a=None, b=None, pairs=PAIRS):
    return choose_artists(pairs, NAMES, 100, a, b)


def test_pairs_are_listed_once_and_unknown_artists_left_out():
    edges = pl.DataFrame({"playlist": [0, 0, 0, 1], "track": [0, 1, 2, 2]})
    tracks = pl.DataFrame({"track": [0, 1, 2], "artist_uri": ["p", "p", None]})
    assert artist_playlists(edges, tracks).rows() == [("p", 0)]


def test_by_default_the_shares_nearest_to_four_percent_with_a_common_playlist():
    without_v = PAIRS.filter(pl.col("artist_uri") != "uri:v")
    assert choose(pairs=without_v) == (
        "uri:u",
        "uri:w",
    )  # 5 and 3 are as near: the first by uri, then its company


def test_artists_by_name_in_any_case_and_by_uri():
    assert choose("the xens", "uri:w") == ("uri:x", "uri:w")
    assert choose("ULNÉ") == ("uri:u", "uri:w")
    assert choose("uri:w", "Ulné") == ("uri:w", "uri:u")


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (
            "vor",
            None,
            r"Several artists(.|\n)*uri:v, 4 playlists(.|\n)*uri:v2, 2 playlists(.|\n)*give the uri",
        ),
        ("Ulne", None, r"no such artist(.|\n)*artists.a(.|\n)*did you mean Ulné"),
        ("THE XEN", None, r"found: 'THE XEN'(.|\n)*did you mean The Xens\?"),
        ("Wim and Son", None, r"did you mean Wim & Son\?"),
        ("Vorr", None, r"did you mean VOR, Vor\?"),  # as like one as the other
        (None, "?", r"no such artist(.|\n)*artists.b(.|\n)*tracks.parquet"),
        ("uri:u", "ulné", r"are one(.|\n)*Ulné \(uri:u, 5 playlists\)"),
        ("uri:u", "uri:v", r"share no playlist(.|\n)*Ulné(.|\n)*Vor(.|\n)*Wim & Son"),
        ("uri:v", None, r"share no playlist(.|\n)*no other artist(.|\n)*choose another artists.a"),
    ],
)
def test_what_cannot_be_studied_is_said(a, b, message):
    with pytest.raises(SegueError, match=message):
        choose(a, b)


def test_a_core_without_artists_is_said():
    with pytest.raises(SegueError, match="no artists to study"):
        choose(pairs=PAIRS.clear())


def test_groups():
    groups = artist_groups(PAIRS, "uri:u", "uri:w")
    assert groups.rows() == [
        (0, "both"), (1, "a"), (2, "a"), (3, "a"), (4, "a"), (50, "b"), (51, "b")
    ]  # fmt: skip
