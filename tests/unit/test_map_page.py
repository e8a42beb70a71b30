"""The page of a model's maps: what it holds, and its slider, pause and keys in headless Chromium."""

from base64 import b64decode

import numpy as np
import polars as pl
import pytest
from figure_cases import PIXEL, data_of
from playwright.sync_api import expect
from test_figures_maps import GROUPS, table

from segue.analysis.groups import Group
from segue.analysis.view import frames, window
from segue.errors import SegueError
from segue.figures import map_page as pages
from segue.figures.map_page import LEVELS, map_page

RED = [Group("rest", "#C4C4C4"), Group("<i>red", "#FF0000", "s")]


def places(data, frame):
    """[n, 2] from left and from below, 0 to LEVELS."""
    parts = np.frombuffer(b64decode(data["places"]), np.uint8).astype(int).reshape(len(data["epochs"]), -1, 3)
    a, b, c = parts[frame].T
    return np.column_stack([a << 4 | b >> 4, (b & 15) << 8 | c])


def test_the_page_holds_the_places_of_the_picture():
    maps = frames(table())
    data, (x, y, half) = data_of(map_page(table(), GROUPS, "Title")), window(maps.values())
    assert data["epochs"] == [1, 20, 40]
    order = maps[40].with_row_index().sort("group", "near")["index"]
    for frame, part in enumerate(maps.values()):
        expected = (part[order].select("x", "y").to_numpy() - [x - half, y - half]) / (2 * half)
        assert places(data, frame) / LEVELS == pytest.approx(expected, abs=1 / LEVELS)
    assert [*b64decode(data["group"])] == maps[40][order]["group"].to_list()
    genres = [data["genres"][number] for number in np.frombuffer(b64decode(data["genre"]), "<u2")]
    assert genres == maps[40][order]["genre"].to_list()
    for row, name, _ in data["names"]:
        assert genres[row] == name
    assert [(group["name"], group["count"]) for group in data["groups"]] == [
        ("2 rarer genres", "4"),
        ("folk", "4"),
    ]
    assert data["note"] == ""


def test_what_is_too_much_is_thinned_and_said(monkeypatch):
    many = table(range(1, 13), 100)
    monkeypatch.setattr(pages, "BYTES", 4 * 3 * 100)
    data = data_of(map_page(many, GROUPS, "Title"))
    assert data["epochs"] == [1, 5, 8, 12]
    assert data["note"] == "Shown: 4 of the 12 epochs with a map."
    monkeypatch.setattr(pages, "BYTES", 2 * 3 * 40)
    data = data_of(map_page(many, GROUPS, "Title"))
    assert data["epochs"] == [1, 12]
    assert data["note"] == "Shown: 2 of the 12 epochs with a map, 34 of the 100 points."
    assert len(places(data, 0)) == len(b64decode(data["group"])) == 34


def test_the_largest_default_map_is_small():
    assert len(map_page(table(range(1, 14), 10_000), GROUPS, "Title")) < 600_000


def test_a_page_needs_groups():
    with pytest.raises(SegueError, match="no column group"):
        map_page(table().drop("group"), GROUPS, "Title")


def page_of(epochs=(1, 20, 40)):
    grouped = table(epochs).with_columns(group=(pl.col("playlist") == 3).cast(pl.Int32))
    return map_page(grouped, RED, "A title <b>with</b> markup")


def spot(page, frame):
    """Of the one red point, from the left and from the top, from 0 to 1."""
    data = data_of(page)
    x, y = places(data, frame)[[*b64decode(data["group"])].index(1)] / LEVELS
    return [x, 1 - y]


def test_the_last_epoch_is_shown_first_and_the_slider_moves_by_keys(framed):
    html = page_of()
    page = framed(html)
    assert page.text_content("h1") == "A title <b>with</b> markup"
    expect(page.locator("#shown")).to_have_text("Epoch 40")
    assert page.evaluate(PIXEL, spot(html, 2)) == [255, 0, 0, 255]
    slider = page.get_by_role("slider", name="Epoch")
    slider.press("ArrowLeft")
    expect(page.locator("#shown")).to_have_text("Epoch 20")
    assert slider.get_attribute("aria-valuetext") == "Epoch 20"
    assert page.evaluate(PIXEL, spot(html, 1)) == [255, 0, 0, 255]
    slider.press("Home")
    expect(page.locator("#shown")).to_have_text("Epoch 1")
    assert page.locator("#picture").get_attribute("aria-label") == "Map of 8 playlists, epoch 1"
    assert page.locator("#groups button").all_text_contents() == ["<i>red (1)", "rest (7)"]


# More than a slow machine plays while a test looks.
MANY = (1, *range(20, 400, 10))


def test_it_plays_and_pauses_by_keys(framed):
    page = framed(page_of(MANY))
    play, shown = page.locator("#play"), page.locator("#shown")
    expect(play).to_have_text("Play")
    play.press("Space")
    expect(play).to_have_text("Pause")
    expect(shown).to_have_text("Epoch 20", timeout=20_000)
    play.press("Space")
    expect(play).to_have_text("Play")
    paused = page.evaluate("document.getElementById('picture').toDataURL()")
    page.wait_for_timeout(150)
    assert page.evaluate("document.getElementById('picture').toDataURL()") == paused


def test_it_ends_at_the_last_epoch(framed):
    page = framed(page_of((1, 2)))
    page.evaluate(
        """() => {
            window.texts = [];
            for (const id of ["play", "shown"]) {
                const part = document.getElementById(id);
                const note = () => { if (!texts.includes(part.textContent)) texts.push(part.textContent); };
                new MutationObserver(note).observe(part, {childList: true});
            }
        }"""
    )
    page.locator("#play").press("Space")
    page.wait_for_function("texts.includes('Play')", timeout=20_000)
    assert sorted(page.evaluate("texts")) == ["Epoch 1", "Epoch 2", "Pause", "Play"]
    expect(page.locator("#shown")).to_have_text("Epoch 2")


def test_who_wants_less_motion_sees_no_point_move(framed):
    page = framed(page_of(MANY), reduced_motion="reduce")
    page.evaluate(
        """() => {
            window.frames_seen = new Set();
            const map = document.getElementById("picture");
            const look = () => { frames_seen.add(map.toDataURL()); requestAnimationFrame(look); };
            document.getElementById("play").click();
            look();
        }"""
    )
    expect(page.locator("#shown")).to_have_text("Epoch 20", timeout=20_000)
    page.locator("#play").click()
    epochs = 1 + int(page.get_by_role("slider").input_value())
    assert page.evaluate("frames_seen.size") <= epochs + 1  # more names as it is paused


def test_a_group_is_shown_alone_and_nothing_leaves_a_narrow_window(framed):
    html = page_of()
    page = framed(html, 360)
    assert page.evaluate(PIXEL, spot(html, 2))[3] > 240
    rest = page.get_by_role("button", name="rest (7)")
    rest.click()
    assert rest.get_attribute("aria-pressed") == "true"
    assert 0 < page.evaluate(PIXEL, spot(html, 2))[3] < 60
    rest.click()
    assert page.evaluate(PIXEL, spot(html, 2))[3] > 240
    assert page.evaluate("document.documentElement.scrollWidth") <= 344
    assert page.evaluate("document.getElementById('picture').getBoundingClientRect().width") > 300
