"""The picture of the split, and which part of it is shown."""

import numpy as np
import polars as pl
import pytest
from figure_cases import assert_texts_apart, png
from matplotlib import rc_context
from matplotlib.colors import to_rgb

from segue.analysis import neighbourhood as near
from segue.analysis.neighbourhood import neighbourhood, split_roles
from segue.errors import SegueError
from segue.figures.names import shortened
from segue.figures.split import BOTH, LINES, MESSAGE, PREDICTED, ROW, SPREAD, STAGES, UNUSED, split_picture


def roles(edges):
    """``edges``: {(playlist, track): role, or two with a +}."""
    rows = [(*edge, role) for edge, text in edges.items() for role in text.split("+")]
    return pl.DataFrame(rows, schema=["playlist", "track", "role"], orient="row")


TRAIN = "train_message+train"
SMALL = {
    (0, 0): TRAIN,
    (0, 1): TRAIN,
    (0, 2): "validation",
    (0, 3): "test",
    (1, 0): TRAIN,
    (1, 3): "validation",
}


def tables(playlists, tracks, name="List {}", track_name="Song {}", artist="Artist {}"):
    return (
        pl.DataFrame(
            {"playlist": range(playlists), "name": [name.replace("{}", str(n)) for n in range(playlists)]},
        ),
        pl.DataFrame(
            {
                "track": range(tracks),
                "track_name": [track_name.replace("{}", str(n)) for n in range(tracks)],
                "artist_name": [artist and artist.replace("{}", str(n)) for n in range(tracks)],
            },
            schema_overrides={"artist_name": pl.String},
        ),
    )


def lines(ax, kind):
    """(track's row, playlist's height) of the lines of a kind: that of the playlist whose node is nearest."""
    heights = np.array([y for _, y in ax.collections[0].get_offsets()])
    ends = [line.get_ydata() for line in ax.get_lines() if line.get_label() == kind]
    return sorted((float(row), float(heights[np.abs(heights - end).argmin()])) for row, end in ends)


# Which part.


def lists(*sizes, role=TRAIN):
    """Playlists of ``sizes`` tracks, each from track 0 on."""
    return {(playlist, track): role for playlist, size in enumerate(sizes) for track in range(size)}


def chosen(table):
    return neighbourhood(table).filter("centre")["playlist"].unique().to_list()


def test_roles_are_the_file_s():
    edges = {
        "train_message": np.array([[0, 1], [2, 3]]),
        "train": np.array([[0], [2]]),
        "validation": np.zeros((2, 0), dtype=np.int64),
        "test": np.array([[4], [5]]),
    }
    assert split_roles(edges).rows() == [
        (0, 2, "train_message"),
        (1, 3, "train_message"),
        (0, 2, "train"),
        (4, 5, "test"),
    ]


def test_the_playlist_nearest_to_the_typical_size_is_chosen_and_the_first_of_equals():
    assert chosen(roles(lists(5, 14, 11, 13))) == [2]
    assert chosen(roles(lists(30, 13, 11, 50))) == [1]


def test_a_playlist_with_more_roles_comes_before_one_of_better_size():
    edges = lists(12, 3) | {(1, 0): "validation", (1, 1): "test"}
    assert chosen(roles(edges)) == [1]


def test_an_edge_of_two_roles_is_one_track():
    # Playlist 0 has 12 rows on 6 tracks, playlist 1 12 rows on 12 tracks, and as many roles.
    edges = {(0, track): TRAIN for track in range(6)}
    edges |= {(1, track): ["train_message", "train"][track % 2] for track in range(12)}
    assert chosen(roles(edges)) == [1]


def test_others_are_those_that_share_the_most_and_only_with_the_playlist_s_tracks():
    edges = {(0, track): TRAIN for track in range(12)}
    edges |= {(1, track): TRAIN for track in range(2)} | {(2, track): TRAIN for track in range(1, 4)}
    edges |= {(3, track): TRAIN for track in range(8, 11)} | {(3, 40 + n): TRAIN for n in range(50)}
    part = neighbourhood(roles(edges))
    assert part["playlist"].unique().sort().to_list() == [0, 2, 3]
    assert part["track"].max() == 11
    assert part.filter(pl.col("playlist") == 3)["track"].unique().sort().to_list() == [8, 9, 10]


def test_of_many_tracks_some_of_each_role_are_drawn():
    edges = {
        (0, track): "test" if track < 15 else "validation" if track < 30 else TRAIN for track in range(100)
    }
    part = neighbourhood(roles(edges))
    counts = part.group_by("role").agg(pl.col("track").n_unique()).rows()
    assert sorted(counts) == [("test", 3), ("train", 11), ("train_message", 11), ("validation", 2)]
    figure = split_picture(roles(edges), *tables(1, 100))
    assert figure.texts[0].get_text() == "The split around the playlist “List 0” and 16 of its 100 tracks"
    assert near.MOST == 16


# The picture.


def test_lines_are_what_each_stage_does_with_an_edge():
    figure = split_picture(roles(SMALL), *tables(2, 4))
    own, other = 1.25, 3.75  # heights of playlists 0 and 1
    train = [(0.0, own), (0.0, other), (1.0, own)]
    validation, test = [(2.0, own), (3.0, other)], [(3.0, own)]
    training, validating, testing = figure.axes
    assert lines(training, BOTH) == train
    assert lines(training, MESSAGE) == lines(training, PREDICTED) == []
    assert lines(training, UNUSED) == sorted(validation + test)
    assert lines(validating, MESSAGE) == train
    assert lines(validating, PREDICTED) == validation
    assert lines(validating, UNUSED) == test
    assert lines(testing, MESSAGE) == sorted(train + validation)
    assert lines(testing, PREDICTED) == test
    assert lines(testing, UNUSED) == []
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == [MESSAGE, BOTH, PREDICTED, UNUSED]


def test_edges_of_a_playlist_end_apart_in_the_order_of_the_tracks():
    axes = split_picture(roles(lists(12, 3)), *tables(2, 12)).axes
    ends = sorted(tuple(map(float, line.get_ydata())) for line in axes[0].get_lines())
    own = [end for _, end in ends if abs(end - 2.75) < 1]
    assert np.diff(own) == pytest.approx([SPREAD / 12] * 11)
    assert np.mean(own) == pytest.approx(2.75)


def test_supervision_that_passes_no_messages_joins_them_after_training():
    edges = SMALL | {(0, 0): "train", (1, 0): "train_message", (0, 1): "train_message"}
    training, validating, _ = split_picture(roles(edges), *tables(2, 4)).axes
    # The tracks that pass messages stand before those that are predicted only.
    assert lines(training, MESSAGE) == [(0.0, 1.25), (1.0, 3.75)]
    assert lines(training, PREDICTED) == [(1.0, 1.25)]
    assert lines(validating, MESSAGE) == [(0.0, 1.25), (1.0, 1.25), (1.0, 3.75)]


def test_tracks_stand_in_the_order_of_the_stages():
    edges = {(0, 0): "test", (0, 1): "validation", (0, 2): TRAIN, (0, 3): TRAIN}
    figure = split_picture(roles(edges), *tables(1, 4))
    names = [text for text in figure.axes[0].texts if text.get_text().startswith("Song")]
    assert [text.get_text() for text in sorted(names, key=lambda text: text.xy[1])] == [
        f"Song {track} – Artist {track}" for track in (2, 3, 1, 0)
    ]


def test_nodes_are_in_the_same_places_at_every_stage_with_the_playlist_halfway():
    edges = lists(12, 8, 8, role=TRAIN) | {(0, 11): "test"}
    figure = split_picture(roles(edges), *tables(3, 12))
    places = [[c.get_offsets().tolist() for c in ax.collections] for ax in figure.axes]
    assert places[0] == places[1] == places[2]
    playlists, tracks = places[0]
    assert playlists[1] == [1, 5.5]
    assert tracks == [[0, row] for row in range(12)]


def test_numbers_are_of_the_whole_graph():
    edges = SMALL | {(5, 60 + n): TRAIN for n in range(1000)} | {(6, 60): "test"}
    figure = split_picture(roles(edges), *tables(7, 2000))
    notes = [
        " ".join(ax.texts[-1 if ax is not figure.axes[0] else 2].get_text().split()) for ax in figure.axes
    ]
    assert notes == [
        "Of the whole graph 1,003 edges pass messages, 1,003 are predicted",
        "Of the whole graph 1,003 edges pass messages, 2 are predicted",
        "Of the whole graph 1,005 edges pass messages, 2 are predicted",
    ]
    assert [ax.get_title(loc="left") for ax in figure.axes] == [stage.name for stage in STAGES]


def test_kinds_of_lines_differ_without_colour():
    """Solid ones by how dark they are."""
    looks = [(str(style["linestyle"]), to_rgb(style["color"])[1] > 0.5) for style in LINES.values()]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("size", [1, 3, 12, 200])
@pytest.mark.parametrize("name", ["{}", "A title of a playlist that goes on {}", "W" * 100])
def test_texts_are_apart_and_inside(size, name):
    edges = lists(size, size, size, size)
    figure = split_picture(roles(edges), *tables(4, size, name=name, track_name=name))
    assert_texts_apart(figure)
    rows = max(min(size, near.MOST), 6)
    assert figure.axes[0].bbox.height / figure.dpi == pytest.approx(ROW * rows)


@pytest.mark.parametrize("name", ["$x^2$ 💜", "a $ b", "   ", "\n\t", "🔥🔥", r"\frac{1}", "", "夜"])
def test_any_title_can_be_drawn(name, tmp_path):
    png(split_picture(roles(SMALL), *tables(2, 4, name=name, track_name=name)), tmp_path)


def test_tracks_without_artists_have_names():
    figure = split_picture(roles(SMALL), *tables(2, 4, artist=None))
    assert [text.get_text() for text in figure.axes[0].texts][-4:] == [f"Song {n}" for n in range(4)]


def test_text_is_shortened_to_what_can_be_set():
    assert shortened("two\n words ", 500) == "two words"
    assert shortened("💜 $5 👍🏽 🏳️‍🌈", 500) == r"\$5"
    assert shortened("日本 🎌", 500) == "□□"
    assert shortened("💜", 500) == "□"
    assert shortened(" ", 500) == "untitled"
    short = shortened("iiii iiii iiii", 20)
    assert short.startswith("iiii")
    assert short.endswith("…")
    assert len(short) > len(shortened("WWWW WWWW WWWW", 20))
    assert len(short) > len(shortened("iiii iiii iiii", 20, weight="bold", size=12))


def test_equal_tables_make_equal_bytes(tmp_path):
    edges, names = roles(lists(12, 9, 9, 4)), tables(4, 12)
    first = png(split_picture(edges, *names), tmp_path)
    with rc_context({"font.size": 21, "lines.linewidth": 9}):
        shuffled = [table.sample(fraction=1, shuffle=True, seed=1) for table in (edges, *names)]
        assert png(split_picture(*shuffled), tmp_path) == first


def test_a_missing_column_is_named():
    playlists, tracks = tables(2, 4)
    with pytest.raises(SegueError, match="no column artist_name"):
        split_picture(roles(SMALL), playlists, tracks.drop("artist_name"))
