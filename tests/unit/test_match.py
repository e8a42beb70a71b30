import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.serve.exact import ExactNames
from segue.serve.forms import NamedTrack
from segue.serve.match import KINDS, match_names, require_some
from segue.serve.names import artists_of, key, key_of, titles, words, words_of

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
        ("twins", "Day", "uri:6"),  # of several versions the only one
        ("twins", "Day [Live]", "uri:6"),
        ("Twins", "Day feat. Nobody Else", "uri:6"),
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


def test_names_the_other_way_round_or_numbered_are_said_and_not_taken():
    matched = match(("Road song", "the Bjorks"), ("3) Sol", "Sun"), ("Sun", "Soll"), ("Sol", "Sol"))
    assert matched.found == []
    assert matched.problems() == [
        "line 1, Road song - the Bjorks: not found; "
        "near it: “The Björks - Road Song”, the other way round: artist before title",
        "line 2, 3) Sol - Sun: not found; near it: “Sol - Sun”, without its number",
        "line 3, Sun - Soll: not found",
        "line 4, Sol - Sol: not found",
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


def catalogue(*rows, in_graph=()):
    """Tracks of ``artist - title``, with uris of their numbers; an artist's uri is the name."""
    names = [row.split(" - ", 1) for row in rows]
    artists, songs = (list(side) for side in zip(*names, strict=True))
    return pl.DataFrame(
        {
            "track_uri": [f"{place}" for place in range(len(rows))],
            "track_name": songs,
            "artist_uri": artists,
            "artist_name": artists,
            "track": [place if place in in_graph else None for place in range(len(rows))],
        },
        schema_overrides={"track": pl.Int32},
    )


SONGS = catalogue(
    "Lena Quill - Night Ferry",
    "Lena Quill - Night Ferry - Live",
    "Lena Quill - Harbour (Remastered 2011)",
    "Marble & Fog - Low Tide",
    "Marble - Low Tide",
    "Fog - High Tide",
    "Brødrene Lys - Smøre",
    "Straße - Ægir & Łódź",
    "Marble - Sands (feat. Fog) - Radio Edit",
    "Marble - Sands (Part 1)",
    "Marble - Ropes - From the Film",
    "Marble - Ropes - Acoustic",
    "Lena Quill - Live Wires",
    "Tide, Ltd. - Buoy",
    in_graph=(11,),
)


BETWEEN = [
    ", ",
    ",",
    ";",
    " & ",
    " feat. ",
    " ft. ",
    " Featuring ",
    " x ",
    " X ",
    " × ",
    " / ",
    "/",
    " vs. ",
    " + ",
]


@pytest.mark.parametrize(
    ("artist", "title", "uri", "kind"),
    [
        ("lena quill", "night ferry", 0, "exact"),
        ("Lena Quill", "Night Ferry (Live)", 1, "exact"),  # the version that is asked for is there
        ("Lena Quill", "Night Ferry [Remastered 2011]", 0, "version"),  # and where not, that which is none
        ("Lena Quill", "Night Ferry - Radio Edit", 0, "version"),
        ("Lena Quill", "Night Ferry (Live) [2011 Mix] - Mono", 0, "version"),
        ("Lena Quill", "Harbour", 2, "version"),
        ("Lena Quill", "Harbour - Acoustic", 2, "version"),
        ("Marble", "Ropes", 11, "version"),  # of two versions that in the graph
        ("Marble", "Sands (Part 1)", 9, "exact"),
        ("Marble", "Sands (Part 2)", None, None),  # a part is no version
        ("Marble", "Sands (Radio Edit)", 8, "featured artists"),
        ("Marble feat. Fog", "Sands", 8, "artist of several, version"),
        ("Lena Quill", "Wires", None, None),
        ("Brodrene Lys", "Smore", 6, "spelling"),
        ("Strasse", "AEgir and Lodz", 7, "spelling"),
        ("STRASSE", "Aegir & Lodz - Live", 7, "version"),
        ("Marble and Fog", "Low Tide", 3, "spelling"),
        ("Marble & Fog", "Low Tide", 3, "exact"),  # a band of its own, though Marble has such a song
        ("Marble & Fog; Lena Quill", "Low Tide", 3, "artist of several"),
        ("Lena Quill, Marble & Fog", "Low Tide", 3, "artist of several"),
        ("Tide, Ltd.", "Buoy", 13, "exact"),
        ("Nobody / Tide, Ltd.", "Buoy (Demo)", 13, "artist of several, version"),
        *((f"Fog{between}Nobody", "High Tide", 5, "artist of several") for between in BETWEEN),
        ("Fog (feat. Nobody)", "High Tide", 5, "artist of several"),
        ("Nobody & Fog", "High Tide", 5, "artist of several"),
        ("Foggy", "High Tide", None, None),
        ("Fogx Nobody", "High Tide", None, None),
        ("", "High Tide", None, None),
        ("Fog", "(Live)", None, None),
        ("&", "&", None, None),
    ],
)  # fmt: skip
def test_kinds(artist, title, uri, kind):
    matched = match_names([NamedTrack(artist, title, 1)], SONGS)
    assert (matched.uris, matched.kinds) == ([None if uri is None else str(uri)], [kind])
    assert matched.counted() == ({kind: 1} if kind else {})


def test_several_artists_with_such_a_song_are_ambiguous():
    tracks = catalogue("Ann - Low Tide", "Bob - Low Tide (Live)", "Cy - Low Tide")
    matched = match_names(
        [NamedTrack("Ann, Bob", "Low Tide", 1), NamedTrack("Ann & Cy", "Low Tide", 2)], tracks
    )
    assert matched.uris == ["0", None]  # Bob has but a version
    assert matched.problems() == ["line 2, Ann & Cy - Low Tide: could be by Ann (Ann) or by Cy (Cy)"]


def test_songs_that_spelling_alone_makes_one_are_ambiguous():
    tracks = catalogue("Ann - Løve", "Ann - Love", "Ann - Lœve", "Ann - Loeve")
    asked = [NamedTrack("Ann", title, 1) for title in ("Love", "Løve", "Lœve", "LOEVE")]
    assert match_names(asked, tracks).uris == ["1", "0", "2", "3"]
    tracks = catalogue("Ann - Rød & Blå", "Ann - Röd & Blå", "Ann - Rød and Blå")
    matched = match_names([NamedTrack("Ann", "Rod and Bla", 1)], tracks)
    assert matched.problems() == [
        "line 1, Ann - Rod and Bla: could be “Rød & Blå” (0) or “Röd & Blå” (1) or “Rød and Blå” (2)"
    ]


def test_of_many_candidates_the_first_are_named():
    tracks = catalogue(*(f"Ann {letter} - Low Tide" for letter in "abcdefg"))
    tracks = tracks.with_columns(artist_name=pl.lit("Ann"))
    (problem,) = match_names([NamedTrack("Ann", "Low Tide", 1)], tracks).problems()
    assert problem.endswith("or by Ann (Ann e) or 2 more")


def test_the_parts_of_a_cell_are_tried_together_first():
    assert [*artists_of("A & B, C")] == [("A & B", 2), ("B, C", 2), ("A", 1), ("B", 1), ("C", 1)]
    assert [*artists_of("A")] == []
    assert [*artists_of("A;")] == [("A", 1)]
    assert [*artists_of("A" + " " * 10**6 + "& B")] == [("A", 1), ("B", 1)]
    assert len([*artists_of(", ".join("abcdefghijklmnopqrstuvwxyz"))]) == 12 * 13 // 2 - 1


WORDS = st.sampled_from(
    ["Low", "Tide", "Ø", "o", "Live", "&", "and", "(Live)", "- Live", "feat. Ann", "(x)", "ß", "!"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
ARTISTS = st.sampled_from(["Ann", "Bob", "Ann & Bob", "Ånn", "Bøb", "Bob, Ann"])


@settings(max_examples=40)
@given(st.lists(st.tuples(ARTISTS, NAMES), min_size=1, max_size=8), st.data())
def test_what_is_there_as_it_is_written_is_found_and_nothing_else(rows, data):
    """By the exact key where there is one; whatever is found has an artist and a title that are alike."""
    tracks = catalogue(*(" - ".join(row) for row in rows)).with_columns(
        artist_name=pl.Series([artist for artist, _ in rows]),
        artist_uri=pl.Series([artist for artist, _ in rows]),
        track_name=pl.Series([title for _, title in rows]),
    )
    asked = data.draw(st.lists(st.tuples(ARTISTS, NAMES) | st.sampled_from(rows), max_size=6))
    matched = match_names([NamedTrack(*one, 1) for one in asked], tracks)
    assert len(matched.uris) == len(matched.kinds) == len(asked)
    assert len(matched.found) + len(matched.ambiguous) + len(matched.unknown) == len(asked)
    assert all((uri is None) == (kind is None) for uri, kind in zip(matched.uris, matched.kinds, strict=True))
    names = pl.DataFrame({"name": [title for _, title in rows + asked]}).select(**titles(pl.col("name")))
    for place, (one, uri, kind) in enumerate(zip(asked, matched.uris, matched.kinds, strict=True)):
        if one in rows:
            assert kind in ("exact", None)  # None: Ann and Ånn have the same key
        if uri is not None:
            looked, _ = KINDS[kind]
            assert names[looked][int(uri)] == names[looked][len(rows) + place]


def test_near_artists_are_looked_for_so_often_and_no_more(monkeypatch):
    monkeypatch.setattr("segue.serve.hints.LOOKED_FOR", 2)
    asked = [
        NamedTrack(artist, "x", line) for line, artist in enumerate(("Soll", "Twinz", "Soll", "Sool"), 1)
    ]
    endings = [problem.rpartition(": ")[2] for problem in match_names(asked, TRACKS).problems()]
    assert endings == ["the artist Sol", "the artist TWINS!", "the artist Sol", "not found"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  Don\u2019t STOP, Beyoncé!", "dont stop beyonce"),
        ("AC/DC", "ac dc"),
        ("Sigur Rós & Ølvar", "sigur ros and olvar"),
        ("🔥 ", "🔥"),
        ("", ""),
    ],
)
def test_words_of_a_name(text, wanted):
    assert pl.select(words(pl.lit(text))).item() == wanted


# Letters of all kinds but those that are younger than Python's tables of Unicode.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=12)


@settings(max_examples=200)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_keys_of_one_text_are_those_of_a_column(texts):
    column = pl.DataFrame({"text": texts}, {"text": pl.String})
    keys = column.select(key=key(pl.col("text")), words=words(pl.col("text")))
    assert [key_of(text) for text in texts] == keys["key"].to_list()
    assert [words_of(text) for text in texts] == keys["words"].to_list()


ASKED = st.tuples(
    st.sampled_from(["the bjorks", "Twins", "TWINS!", "sol", "!!!", "Nobody", ""]),
    st.sampled_from(["ROAD song", "Night", "Night - Remastered 2011", "Day", "sun", "???", "", "x"]),
)


@given(st.lists(ASKED, max_size=8))
def test_exact_names_are_what_match_names_finds_first(pairs):
    named = [NamedTrack(*pair, line) for line, pair in enumerate(pairs, 1)]
    matched = match_names(named, TRACKS)
    expected = [
        uri if kind == "exact" else None for uri, kind in zip(matched.uris, matched.kinds, strict=True)
    ]
    assert ExactNames(TRACKS).find(named) == expected
    assert ExactNames(TRACKS.clear()).find(named) == [None] * len(named)
