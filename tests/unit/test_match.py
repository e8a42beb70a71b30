import polars as pl
import pytest

from segue.errors import SegueError
from segue.serve.forms import NamedTrack
from segue.serve.match import match_names, require_some

TRACKS = pl.DataFrame(
    [
        ("uri:1", "Road Song", "artist:1", "The Björks", 0),
        ("uri:2", "Road Song", "artist:1", "The Björks", None),
        ("uri:0", "Road Song", "artist:1", "The Björks", None),
        ("uri:3", "Night - Remastered 2011", "artist:1", "The Björks", None),
        ("uri:4", "Night", "artist:2", "Twins", None),
        ("uri:5", "Night", "artist:3", "TWINS!", 1),
        ("uri:6", "Day (feat. Nobody) [Live]", "artist:2", "Twins", 2),
        ("uri:9", "Sun", "artist:4", "Sol", None),
        ("uri:8", "Sun", "artist:4", "Sol", None),
        ("uri:a", "???", "artist:5", "!!!", 3),
        ("uri:b", None, "artist:6", None, 4),
    ],
    schema={
        **dict.fromkeys(["track_uri", "track_name", "artist_uri", "artist_name"], pl.String),
        "track": pl.Int32,
    },
    orient="row",
)


def match(*pairs):
    return match_names([NamedTrack(*pair, line) for line, pair in enumerate(pairs, 1)], TRACKS)


@pytest.mark.parametrize(
    ("artist", "title", "uri"),
    [
        ("the bjorks", "ROAD  SONG!", "uri:1"),  # of three, the one in the graph
        ("The Björks", "Night", "uri:3"),  # a version
        ("The Björks", "Night - Live", "uri:3"),
        ("twins", "Day", None),
        ("twins", "Day [Live]", "uri:6"),
        ("Twins", "Day feat. Nobody Else", None),
        ("Sol", "sun", "uri:8"),  # none in the graph: the first
        ("!!!", "???", "uri:a"),
    ],
)
def test_one_track(artist, title, uri):
    assert match((artist, title)).uris == [uri]


def test_artists_of_one_name_are_ambiguous():
    matched = match(("Twins", "Night"))
    assert matched.uris == [None]
    assert matched.found == []
    assert matched.problems() == [
        "line 1, Twins - Night: could be by TWINS! (artist:3) or by Twins (artist:2)"
    ]


def test_unknown_ones_come_with_what_is_near():
    matched = match(("Sol", "Suns"), ("Soll", "Sun"), ("Zz", "Top"), ("Sol", "Sun"))
    assert matched.uris == [None, None, None, "uri:8"]  # each in the place of the name that was asked for
    assert matched.found == ["uri:8"]
    assert matched.problems() == [
        "line 1, Sol - Suns: not found; near it: “Sun”",
        "line 2, Soll - Sun: not found; near it: the artist Sol",
        "line 3, Zz - Top: not found",
    ]


def test_a_wrong_first_letter_and_a_missing_article_are_near():
    assert match(("Dol", "Sun"), ("Bjorks", "Road Song"), ("SOL", "Sunn"), ("Twinz", "x")).problems() == [
        "line 1, Dol - Sun: not found; near it: the artist Sol",
        "line 2, Bjorks - Road Song: not found; near it: the artist The Björks",
        "line 3, SOL - Sunn: not found; near it: “Sun”",
        "line 4, Twinz - x: not found; near it: the artist TWINS!",  # one of the two of this key
    ]


def test_of_equally_near_names_the_first_are_named():
    names = [f"Band {letter}" for letter in "dcba"]
    tracks = pl.DataFrame({"track_name": "x", "artist_name": names, "track": range(4)}).with_columns(
        track_uri=pl.col("artist_name"), artist_uri=pl.col("artist_name")
    )
    (problem,) = match_names([NamedTrack("Band e", "x", 1)], tracks).problems()
    assert problem.endswith("near it: the artist Band a, the artist Band b, the artist Band c")


def test_the_order_of_the_file_stays():
    assert match(("Sol", "Sun"), ("!!!", "???"), ("The Björks", "Night")).uris == ["uri:8", "uri:a", "uri:3"]
    assert match().uris == []


def test_a_file_of_which_nothing_is_known():
    matched = match(*[("Soll", f"Song {number}") for number in range(8)])
    with pytest.raises(SegueError) as error:
        require_some(matched, "my.txt")
    message = str(error.value)
    assert "line 5, Soll - Song 4: not found; near it: the artist Sol" in message
    assert "line 6" not in message
    assert "and 3 more" in message
    assert "my.txt" in message
