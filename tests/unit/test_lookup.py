"""One playlist, or why there is not one."""

import polars as pl
import pytest

from segue.cli.lookup import find_playlist, title_key
from segue.errors import SegueError
from segue.graph.ids import with_ids

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
).with_columns(id=pl.col("pid").cast(pl.String))
DROPPED = pl.DataFrame(
    [(30, "polka", 6), (31, "Chilled polka", 5), (32, "road", 5), (90, "none", 5)],
    schema=["pid", "name", "num_tracks"],
    orient="row",
).with_columns(id=pl.col("pid").cast(pl.String))
READ = pl.concat([CORE.drop("playlist"), DROPPED])


def find(asked, core=CORE, read=READ, raw_ids=False):
    return find_playlist(asked, core, read, lambda wanted: f"why {wanted}", raw_ids)


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


@pytest.mark.parametrize("asked", ["99999999999999999999", "9" * 5000, "²", "٣", "-5", "5.0", "05"])
def test_what_looks_like_a_pid_and_is_none(asked):
    assert "No playlist of the run" in refusal(asked).what


def test_a_number_that_is_no_pid_is_no_part_of_a_title():
    core = CORE.with_columns(name=pl.lit("Summer 2015"))
    error = refusal("2015", core=core.head(1), read=READ)
    assert error.expected == "a pid, 5 to 5; or a title, such as “Summer 2015”"
    assert refusal("8").expected == "a pid, 5 to 22; or a title"
    assert refusal("222").expected == "a pid, 5 to 22; near it: “22”; or a title"


@pytest.fixture
def users():
    """Users of edge lists, whose places in the table are not their ids."""
    ids = ["7", "0", "5", "007", "5.0", "u5", " 9", "1"]
    table = pl.DataFrame({"playlist": range(8), "pid": range(8), "name": ids, "num_tracks": [9] * 8})
    gone = pl.DataFrame({"pid": [8], "name": ["3"], "num_tracks": [1]})
    core, read = (with_ids(one, raw_ids=True) for one in (table, pl.concat([table.drop("playlist"), gone])))
    return {"core": core, "read": read, "raw_ids": True}


@pytest.mark.parametrize(
    ("asked", "playlist"),
    [("5", 2), ("0", 1), ("7", 0), ("007", 3), ("5.0", 4), ("u5", 5), (" 9", 6), ("1", 7), (" 1 ", 7)],
)
def test_an_id_of_edge_lists_is_the_id_and_no_place(users, asked, playlist):
    assert find(asked, **users) == playlist


def test_what_is_no_id_of_edge_lists(users):
    assert refusal("3", **users).what == "The playlist is not in the graph.\n  why 3"
    for asked in ("2", "4", "6", "U5", "u", "07", "5.00", "9"):
        error = refusal(asked, **users)
        assert error.what == "No playlist of the run has this id."
        assert error.expected.startswith("an id as in the edge lists, such as '7', '0', '5'")
    assert "“007”" in refusal("07", **users).expected


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
    core = pl.DataFrame(columns | {"num_tracks": [9] * 25}).with_columns(id=pl.col("pid").cast(pl.String))
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
    read = with_ids(
        pl.DataFrame({"pid": range(50, 57), "name": ["polka"] * 7, "num_tracks": [5] * 7}), raw_ids=False
    )
    lines = refusal("polka", read=read).what.split("\n")
    assert lines[1:] == [
        *(f"  “polka”: why {pid}" for pid in range(50, 55)),
        "  and 2 more that were dropped",
    ]


def test_nearest_titles_are_offered():
    error = refusal("raod tripp")
    assert error.found == "“raod tripp”"
    assert error.expected == "a pid or words of a title; the nearest titles: “Road Trip”"
    assert refusal("-trip-").expected.endswith("; the nearest titles: “Road Trip”, “late night road trip”")
    assert refusal("--").expected == "a pid or words of a title"
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
