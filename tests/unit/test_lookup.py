"""One playlist, or why there is not one."""

import polars as pl
import pytest

from segue.cli.lookup import find_playlist, title_key
from segue.errors import SegueError

CORE = pl.DataFrame(
    [
        (0, 5, "Road Trip", 31),
        (1, 7, "chill", 20),
        (2, 9, "Chill", 40),
        (3, 11, "summer ☀\ufe0f", 12),
        (4, 12, "summer", 12),
        (5, 20, 'R&B "slow" 🔥', 9),
        (6, 21, "90", 9),
        (7, 22, "late night road trip", 9),
    ],
    schema=["playlist", "pid", "name", "num_tracks"],
    orient="row",
)
DROPPED = pl.DataFrame(
    [(30, "polka", 6), (31, "Chilled polka", 5), (32, "road", 5), (90, "none", 5)],
    schema=["pid", "name", "num_tracks"],
    orient="row",
)
READ = pl.concat([CORE.drop("playlist"), DROPPED])


def find(asked, core=CORE, read=READ):
    return find_playlist(asked, core, read, lambda pid: f"why {pid}")


def refusal(asked, **tables):
    with pytest.raises(SegueError) as error:
        find(asked, **tables)
    assert error.value.where == "PLAYLIST"
    return error.value


@pytest.mark.parametrize(
    ("asked", "playlist"),
    [
        ("5", 0),
        (" 12 ", 4),
        ("road trip", 0),  # whole, though another title has both words
        ("  ROAD   trip ", 0),
        ("summer", 4),
        ("SUMMER ☀", 3),  # an emoji counts, its style does not
        ('r&b "slow" 🔥', 5),
        ("🔥", 5),
        ("slow b", 5),  # words in any order, whole or not
        ("night", 7),
    ],
)
def test_one_is_meant(asked, playlist):
    assert find(asked) == playlist


def test_a_number_is_a_pid_before_it_is_a_title():
    assert find("21") == 6
    assert refusal("90").what == "The playlist is not in the graph.\n  “none”: why 90"
    # No playlist has this pid, so it may be a title.
    assert find("90", read=READ.filter(pl.col("pid") != 90)) == 6


@pytest.mark.parametrize("asked", ["99999999999999999999", "9" * 5000, "²", "٣", "-5", "5.0"])
def test_what_looks_like_a_pid_and_is_none(asked):
    assert "No playlist of the run" in refusal(asked).what


def test_several_with_the_same_title():
    error = refusal("CHILL")
    assert error.what == (
        "2 playlists have this title:\n  pid  tracks  title\n    7      20  chill\n    9      40  Chill"
    )
    assert error.fix == "say which by its pid: segue recommend 7"


def test_several_with_the_words():
    error = refusal("trip oa")
    assert error.what.startswith("2 playlists have these words in the title:\n")
    assert error.what.endswith("late night road trip")


def test_of_many_the_first_are_listed():
    columns = {"playlist": range(25), "pid": range(100, 125), "name": ["Road trip"] * 25}
    core = pl.DataFrame(columns | {"num_tracks": [9] * 25})
    lines = refusal("road trip", core=core, read=core.drop("playlist")).what.split("\n")
    assert lines[0] == "25 playlists have this title:"
    assert [line.split()[0] for line in lines[2:-1]] == [str(pid) for pid in range(100, 120)]
    assert lines[-1] == "  and 5 more"


def test_a_dropped_playlist_is_explained():
    assert refusal("30").what == "The playlist is not in the graph.\n  “polka”: why 30"
    assert refusal("Polka").what == "The playlist is not in the graph.\n  “polka”: why 30"
    # Its whole title, though the graph has titles with this word.
    assert refusal("road").what == "The playlist is not in the graph.\n  “road”: why 32"
    assert refusal("olk").what.split("\n")[1:] == ["  “polka”: why 30", "  “Chilled polka”: why 31"]
    assert "lower graph.k_core" in refusal("30").fix


def test_of_many_dropped_ones_the_first_are_explained():
    read = pl.DataFrame({"pid": range(50, 57), "name": ["polka"] * 7, "num_tracks": [5] * 7})
    lines = refusal("polka", read=read).what.split("\n")
    assert lines[1:] == [
        *(f"  “polka”: why {pid}" for pid in range(50, 55)),
        "  and 2 more that were dropped",
    ]


def test_nearest_titles_are_offered():
    error = refusal("raod tripp")
    assert error.found == "“raod tripp”"
    assert error.expected == "a pid or words of a title; the nearest titles: “Road Trip”"
    assert refusal("zzzzzz").expected == "a pid or words of a title"


def test_what_would_move_the_cursor_is_not_printed():
    core = CORE.with_columns(name=pl.lit("a\x1b[2J\nb"))
    text = str(refusal("a b\x1b", core=core, read=core.drop("playlist")))
    assert "\x1b" not in text
    several = str(refusal("a", core=core, read=core.drop("playlist")))
    assert "\x1b" not in several
    assert several.count("a [2J b") == core.height


def test_titles_are_compared_without_case_and_spacing():
    assert title_key(" Ärger\tim  STRASSE ") == title_key("A\u0308rger im Straße")
    assert title_key("a🔥") != title_key("a")
