"""The page of `segue serve`, used in headless Chromium: by mouse, by keyboard alone, by touch, by axe."""

import re
from contextlib import contextmanager
from itertools import product

import polars as pl
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from command_cases import NUM_TRACKS, URI
from playwright.sync_api import expect
from sizes import LONG, quick_or_long
from web_cases import listening_at, served_run

from segue.files import save_table
from segue.graph.tables import core_digest
from segue.scorers.baselines import ALS

WIDTHS = (1280, 400)  # pixels
OPTION = "[role=option]"
REFUSED, AWAY = "the server responded with a status of {}", "net::ERR_FAILED"
WRONG, BUSY = REFUSED.format("400 (Bad Request)"), REFUSED.format("429 (Too Many Requests)")
NO_SUCH = REFUSED.format("404 (Not Found)")
MARKUP = "<img src=x onerror=document.title='broken'>" + "W" * 150
METAL, METAL_HELD_OUT = "New Classic Metal 🔥", {"Song 1", "Song 4"}  # of ``write_served_run``


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    served = served_run(tmp_path_factory.mktemp("a run"), edit)
    host, port = listening_at(served)
    yield f"http://{host}:{port}/"
    served.close()


def edit(results):
    """Track 7 and playlist 9 are called MARKUP. ALS finds the held-out tracks of each playlist, whose tracks
    have one direction, their own. The network has a map."""
    _rename(results / "graph/tracks.parquet", "track_name", pl.col("track") == 7)
    _rename(results / "serving/tracks.parquet", "track_name", pl.col("track") == 7)
    _rename(results / "graph/playlists.parquet", "name", pl.col("pid") == 9)
    factors = torch.full((NUM_TRACKS, 4), 0.01)
    factors[torch.arange(60), torch.arange(60) % 3] = 1
    uris = pl.read_parquet(results / "graph/tracks.parquet")["track_uri"]
    facts = {"catalogue": core_digest(uris), "model": "als"}
    ALS(factors, 0.1, 10.0, facts).save(results / "models/als/scorer.safetensors")
    places = {
        "epoch": [1, 1, 1, 2, 2, 2],
        "playlist": [0, 1, 2] * 2,
        **{axis: [0.0, 1, 2, 3, 5, 4] for axis in "xyz"},
    }
    schema = {"epoch": pl.Int32, "playlist": pl.Int32, **dict.fromkeys("xyz", pl.Float32)}
    save_table(pl.DataFrame(places, schema), results / "maps/lgc-random-fixed.parquet")


def _rename(path, column, rows):
    renamed = pl.when(rows).then(pl.lit(MARKUP)).otherwise(column).alias(column)
    save_table(pl.read_parquet(path).with_columns(renamed), path)


@contextmanager
def opened(chromium, address, width, height=800, logged=(), **screen):
    """A page of ``address``, which must stay within the window, ask this server alone, and log nothing but
    that a resource was not loaded, and why: ``logged``."""
    context = chromium.new_context(viewport={"width": width, "height": height}, **screen)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", lambda entry: faults.append(f"{entry.type}: {entry.text}"))
    page.on(
        "request", lambda request: request.url.startswith((address, "data:")) or faults.append(request.url)
    )
    page.goto(address)
    page.locator("#examples button").first.wait_for()
    yield page
    assert beyond(page) == []
    assert page.title() == "Segue · Built-in sample"
    context.close()
    assert faults == [f"error: Failed to load resource: {why}" for why in logged]


def beyond(page):
    """Elements that leave the window to the left or right, but for names that are cut by an ellipsis."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter(element => {
            const {left, right, width} = element.getBoundingClientRect();
            return width && !element.matches(".why *") && (left < -1 || right > innerWidth + 1);
        }).map(element => element.outerHTML.slice(0, 80))"""
    )


def add_track(page, text):
    field = page.get_by_role("combobox", name="Add a track")
    field.fill(text)
    page.locator(OPTION).first.click()
    settled(page)


def settled(page):
    """Until answers are there for what was asked last."""
    page.locator("#columns[aria-busy=false] .proposal").first.wait_for()


def told(page):
    """What a screen reader hears."""
    return page.locator("#status")


def is_focused(page, selector):
    return page.evaluate("selector => document.activeElement.matches(selector)", selector)


def names(page, where):
    return page.locator(f"{where} .name").all_inner_texts()


def pulling(proposal):
    return proposal.locator(".why bdi").all_text_contents()


@pytest.mark.parametrize("width", quick_or_long([400], WIDTHS))
def test_a_playlist_is_built_and_continued(chromium, address, width):
    with opened(chromium, address, width) as page:
        add_track(page, "song 12")
        add_track(page, "artist 3 song 10")
        assert names(page, "#tracks") == ["Song 12", "Song 10"]
        columns = page.locator(".column")
        shown = 20 if width == 1280 else 10
        assert [column.locator(".proposal").count() for column in columns.all()] == [shown, shown]
        lefts = [column.bounding_box()["x"] for column in columns.all()]
        assert (lefts[0] < lefts[1]) == (width == 1280)  # side by side, or below each other
        proposed = columns.nth(0).locator(".proposal").nth(2)
        title = proposed.locator(".name").inner_text()
        assert sorted(pulling(proposed)) == ["Song 10", "Song 12"]
        proposed.hover()
        assert page.locator("#tracks .pulls").count() == 2
        proposed.click()
        page.wait_for_function("title => ![...document.querySelectorAll('.proposal .name')].some("
                               "name => name.textContent === title)", arg=title)  # fmt: skip
        assert names(page, "#tracks") == ["Song 12", "Song 10", title]
        page.get_by_role("button", name=re.compile("^Remove Song 12 ")).click()
        assert names(page, "#tracks") == ["Song 10", title]
        page.get_by_role("button", name="Undo").click()
        assert names(page, "#tracks") == ["Song 12", "Song 10", title]
        page.get_by_role("button", name="Show more").click()
        page.locator(f".column:first-child li:nth-child({2 * shown}) .proposal").wait_for()


def tab_to(page, selector, key="Tab"):
    """By the keyboard alone; where it is has to be seen, and all stops on the way, within the window."""
    for _ in range(80):
        page.keyboard.press(key)
        is_seen, is_there, element = page.evaluate(
            """selector => {
                const {activeElement} = document;
                const focused = activeElement.closest(".picker") ?? activeElement;
                const {top, bottom} = focused.getBoundingClientRect();
                const isSeen = getComputedStyle(focused).outlineStyle === "solid";
                return [isSeen && bottom > 0 && top < innerHeight, activeElement.matches(selector),
                        activeElement.outerHTML.slice(0, 80)];
            }""",
            selector,
        )
        assert is_seen, element
        if is_there:
            return
    raise AssertionError(f"{selector} is not reached")


@pytest.mark.parametrize("width", quick_or_long([400], WIDTHS))
def test_by_keyboard_alone(chromium, address, width):
    with opened(chromium, address, width) as page:
        press = page.keyboard.press

        tab_to(page, "#title")
        page.keyboard.type("Road Trip")
        tab_to(page, "#track")
        for text in ("song 20", "song 21", "song 22"):
            page.keyboard.type(text)
            press("Enter")  # before it is found
            page.locator("#tracks", has_text=text.capitalize()).wait_for()
        settled(page)
        assert names(page, "#tracks") == ["Song 20", "Song 21", "Song 22"]
        tab_to(page, ".handle")
        press("ArrowDown")
        press("ArrowDown")
        assert names(page, "#tracks") == ["Song 21", "Song 22", "Song 20"]
        assert "Song 20 by Artist 6 is number 3 now" in told(page).inner_text()
        press("Delete")
        assert names(page, "#tracks") == ["Song 21", "Song 22"]
        assert is_focused(page, "#tracks li:last-child .handle")
        settled(page)
        tab_to(page, ".proposal")
        press("ArrowDown")
        press("ArrowRight")
        title = page.evaluate("document.activeElement.querySelector('.name').textContent")
        assert title == names(page, ".column:nth-child(2) .proposals li:nth-child(2)")[0]
        press("Enter")
        told(page).get_by_text(f"Added {title}").wait_for(state="attached")
        settled(page)
        assert names(page, "#tracks") == ["Song 21", "Song 22", title]
        assert is_focused(page, ".column:nth-child(2) li:nth-child(2) .proposal")
        tab_to(page, "#compare", "Shift+Tab")
        press("Enter")
        assert is_focused(page, ".column:nth-child(3) select")
        settled(page)
        assert page.locator(".column").count() == 3
        tab_to(page, "#open-known", "Shift+Tab")
        press("Enter")
        page.keyboard.type("classic")
        page.locator(OPTION, has_text=METAL).wait_for()
        press("Escape")  # closes the list alone
        assert page.get_by_role("dialog").is_visible()
        press("Escape")
        assert not page.get_by_role("dialog").is_visible()
        assert is_focused(page, "#open-known")
        press("Enter")
        page.keyboard.type("classic")
        page.locator(OPTION, has_text=METAL).wait_for()
        press("Enter")
        told(page).get_by_text(f"Opened {METAL}").wait_for(state="attached")
        assert is_focused(page, "#open-known")
        settled(page)
        tab_to(page, "#nearest button")
        press("Enter")  # which is gone with what was near before
        page.wait_for_function("() => document.activeElement.id === 'playlist'")
        settled(page)
        tab_to(page, "#open-read")
        press("Enter")
        page.keyboard.type(f"Artist 6 - Song 62\nby {MARKUP[:5]} - nobody")
        press("Tab")
        press("Enter")
        page.get_by_role("table").wait_for()
        assert is_focused(page, "#read-result")
        settled(page)
        assert told(page).inner_text().startswith("Added 1 track. 1 row left out. First proposals: ")
        press("Escape")
        assert is_focused(page, "#open-read")
        tab_to(page, ".copies button")
        press("Enter")
        page.locator("#news", has_text="Copied").wait_for()
        tab_to(page, "#undo", "Shift+Tab")
        while page.locator("#undo").is_enabled():
            press("Enter")
        assert is_focused(page, "#playlist")
        assert names(page, "#tracks") == []


@pytest.mark.parametrize("width", quick_or_long([400], [400, 320]))
def test_by_touch(chromium, address, width):
    with opened(chromium, address, width, has_touch=True, is_mobile=True) as page:
        assert too_small(page) == []
        for text in ("song 30", "song 31", "song 32"):
            page.locator("#track").tap()
            page.keyboard.type(text)
            option = page.locator(OPTION, has_text=text.capitalize()).first
            option.wait_for()
            assert too_small(page) == []
            option.tap()
        settled(page)
        rows, tracks = page.locator("#tracks li"), page.locator("#tracks .name")
        rows.nth(2).locator(".handle").tap()
        rows.nth(2).get_by_role("button", name=re.compile("up$")).tap()
        expect(tracks).to_have_text(["Song 30", "Song 32", "Song 31"])
        rows.nth(1).get_by_role("button", name=re.compile("up$")).tap()
        assert too_small(page) == []
        expect(tracks).to_have_text(["Song 32", "Song 30", "Song 31"])
        drag_by_finger(page, rows.nth(0).locator(".handle"), rows.nth(2))
        expect(tracks).to_have_text(["Song 30", "Song 31", "Song 32"])
        assert page.evaluate("scrollY") == 0
        rows.nth(1).get_by_role("button", name=re.compile("^Remove")).tap()
        expect(tracks).to_have_text(["Song 30", "Song 32"])
        settled(page)
        proposed = page.locator(".proposal").nth(1)
        title = proposed.locator(".name").inner_text()
        assert all(one.is_visible() for one in proposed.locator(".amount").all())
        proposed.tap()
        page.locator("#news", has_text=f"Added {title} by").wait_for()
        expect(tracks).to_have_text(["Song 30", "Song 32", title])


def too_small(page):
    """Of what is tapped, what is below WCAG 2.2's target size, 2.5.8."""
    return page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, a, textarea, [role=option]")].filter(
            element => {
                const {width, height} = element.getBoundingClientRect();
                return width && Math.min(width, height) < 24;
            }
        ).map(element => element.outerHTML.slice(0, 80))"""
    )


def drag_by_finger(page, start, end):
    touching = page.context.new_cdp_session(page)
    here, there = start.bounding_box(), end.bounding_box()
    x, last = here["x"] + 8, there["y"] + there["height"] - 4
    for kind, y in [("touchStart", here["y"] + 8), *(("touchMove", last - step) for step in (20, 10, 0))]:
        touching.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touching.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_playlist_of_the_run_with_hits_and_its_place_on_the_map(chromium, address):
    with opened(chromium, address, 1280) as page:
        before = page.get_by_role("img", name="Map of 3 playlists after epoch 2").screenshot()
        page.get_by_role("button", name=METAL).click()
        settled(page)
        assert "2 tracks of it held out" in page.locator("#known").inner_text()
        for column in page.locator(".column").all():
            marked = set(names(column, ".proposal:has(.hit)"))
            assert marked == set(names(column, ".proposal")) & METAL_HELD_OUT
            assert column.locator(".found").inner_text() == f"✓ {len(marked)} of 2 held-out tracks"
        nearest = page.locator("#nearest button")
        nearest.first.wait_for()
        titles = nearest.all_inner_texts()
        assert sorted(titles) == sorted(["Road Trip", MARKUP])  # not itself
        said = page.get_by_role("img").get_attribute("aria-label")
        assert said.endswith(f"Yours lies nearest to {', '.join(titles)}")
        assert page.get_by_role("img").screenshot() != before

        page.get_by_label("Model of column 1").select_option(
            label="ALS"
        )  # which changes places with the other
        settled(page)
        assert page.get_by_label("Model of column 2").input_value() == "lgc-random-fixed"
        assert set(names(page, ".column:first-child")[:2]) == METAL_HELD_OUT
        copy_column(page)
        page.locator(".hit").first.click()
        page.get_by_text("✓ 1 of 1 held-out tracks").first.wait_for()
        nearest.last.click()
        page.wait_for_function("title => document.getElementById('title').value === title", arg=titles[-1])


def copy_column(page):
    column = page.locator(".column").first
    column.get_by_role("button", name="Copy uris").click()
    uris = [one.get_attribute("data-uri") for one in column.locator(".proposal").all()]
    assert page.evaluate("navigator.clipboard.readText()").split("\n") == uris
    column.get_by_role("button", name="Copy CSV").click()
    page.wait_for_function("() => navigator.clipboard.readText().then(text => text.startsWith('rank,'))")
    table = pl.read_csv(page.evaluate("navigator.clipboard.readText()").encode())
    assert table["track_uri"].to_list() == uris
    assert table["track_name"].to_list() == names(column, ".proposals")
    assert table["rank"].to_list() == list(range(1, 21))
    assert table["score"].is_sorted(descending=True)


@pytest.mark.parametrize("width", quick_or_long([1280], WIDTHS))
def test_a_list_is_pasted_or_dropped_and_no_name_is_markup(chromium, address, width):
    with opened(chromium, address, width) as page:
        page.get_by_role("button", name="Paste a list").click()
        page.get_by_label("A track a line").fill(f"{URI(3)}\n{MARKUP}\nArtist 0 - {MARKUP}\n")
        page.get_by_role("button", name="Add these").click()
        page.get_by_role("table").wait_for()
        assert page.locator("#read-result").inner_text().startswith("Added 2 tracks. 1 row left out.")
        row = page.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
        assert row[0] == "line 2"
        assert MARKUP[:40] in row[1]  # of long rows the server tells the beginning
        assert "names no track" in row[2]
        page.get_by_role("button", name="Close").click()
        assert names(page, "#tracks") == ["Song 3", MARKUP]
        page.evaluate(
            """lines => {
                const dropped = new DataTransfer();
                dropped.items.add(new File([lines], "mine.csv"));
                document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true}));
            }""",
            f"title,artist\n{MARKUP},Artist 0\nSong 8,Artist 1\n",
        )
        told(page).get_by_text("Added 1 track. 1 was on it already. First").wait_for(state="attached")
        assert names(page, "#tracks") == ["Song 3", MARKUP, "Song 8"]
        add_track(page, "<img")
        page.get_by_role("button", name="Playlists of the run").click()
        page.get_by_role("combobox", name="Words of its title").fill("img")
        assert page.locator(OPTION).first.locator(".name").inner_text() == MARKUP
        assert page.locator("img").count() == 0


def test_rows_are_dragged_and_the_address_keeps_all(chromium, address):
    with opened(chromium, address, 1280) as page:
        page.get_by_label("Title", exact=True).fill("Ærlig & <b>")
        for text in ("song 30", "song 31", "song 32"):
            add_track(page, text)
        page.get_by_label("Model of column 1").select_option("knn")
        last, first = (page.locator(".handle").nth(place).bounding_box() for place in (2, 0))
        page.mouse.move(last["x"] + 5, last["y"] + 5)
        page.mouse.down()
        page.mouse.move(first["x"] + 5, first["y"] + 2, steps=5)
        page.mouse.up()
        assert names(page, "#tracks") == ["Song 32", "Song 30", "Song 31"]
        page.wait_for_function("() => /model=knn.*32&track.*30&track.*31$/.test(location.hash)")
        page.reload()
        settled(page)
        assert names(page, "#tracks") == ["Song 32", "Song 30", "Song 31"]
        assert page.get_by_label("Title", exact=True).input_value() == "Ærlig & <b>"
        assert page.get_by_label("Model of column 1").input_value() == "knn"


def test_faults_are_told_and_late_answers_dropped(chromium, address):
    with opened(chromium, address, 400, logged=[WRONG]) as page:
        waiting = []
        page.route("**/api/continue", lambda route: waiting.append(route))
        for text in ("song 40", "song 41"):
            page.get_by_role("combobox", name="Add a track").fill(text)
            page.locator(OPTION).first.click()
            page.wait_for_function("() => document.querySelectorAll('#tracks li').length > 0")
            page.wait_for_timeout(200)
        assert page.locator("#columns").get_attribute("aria-busy") == "true"
        waiting[1].continue_()
        settled(page)
        assert {name for one in page.locator(".proposal").all() for name in pulling(one)} == {
            "Song 40",
            "Song 41",
        }
        waiting[0].abort()  # which nobody waits for
        assert page.get_by_role("alert").count() == 0
        refusal = {
            "what": "Too many.",
            "where": "",
            "found": "501",
            "expected": "500",
            "fix": "remove <b>one</b>",
        }
        page.route("**/api/continue", lambda route: route.fulfill(status=400, json={"error": refusal}))
        page.get_by_label("Title", exact=True).fill("x")
        alert = page.get_by_role("alert")
        alert.wait_for()
        assert alert.inner_text().replace("\n\n", "\n").split("\n") == [
            "Too many.", "Found", "501", "Expected", "500", "Next step", "remove <b>one</b>"
        ]  # fmt: skip


def test_one_can_go_back_and_no_address_loses_tracks(chromium, address):
    with opened(chromium, address, 400, logged=[NO_SUCH]) as page:
        add_track(page, "song 40")
        page.get_by_role("button", name="Playlists of the run").click()
        page.get_by_role("combobox", name="Words of its title").fill("classic")
        page.locator(OPTION, has_text=METAL).click()
        page.locator("#known").wait_for()
        page.go_back()
        page.locator("#known").wait_for(state="hidden")
        page.locator("#tracks", has_text="Song 40").wait_for()
        page.go_forward()
        page.locator("#known").wait_for()
        page.evaluate("uri => location.hash = `#pid=77777&title=שלום&track=${uri}`", URI(41))
        page.locator("#tracks", has_text="Song 41").wait_for()
        assert page.get_by_label("Title", exact=True).input_value() == "שלום"
        assert page.locator("#known").is_hidden()
        told_of = page.locator("#address-fault")
        settled(page)
        assert "no playlist with the number 77777" in told_of.inner_text()
        page.get_by_label("Title", exact=True).fill("x")
        assert told_of.inner_text() == ""
        page.evaluate("location.hash = '#pid=abc'")
        told_of.get_by_text("The address of this page names no playlist.").wait_for()
        page.evaluate("location.hash = '#pid=72'")  # alone: all that it has
        page.locator("#known", has_text="Playlist 72 of the run").wait_for()
        assert page.get_by_label("Title", exact=True).input_value() == METAL
        assert told_of.inner_text() == ""


@pytest.mark.parametrize("width", WIDTHS)
def test_playlists_of_the_run_are_told_apart_and_counted(chromium, address, width):
    with opened(chromium, address, width) as page:
        found = [{"pid": n, "title": "Metal", "tracks": 1_000, "held_out": 100} for n in range(3000, 3012)]
        many = {"playlists": found, "more": 1_179, "why": None}
        page.route("**/api/playlists?q=m**", lambda route: route.fulfill(json=many))
        page.get_by_role("button", name="Playlists of the run").click()
        field, rest = page.get_by_role("combobox", name="Words of its title"), page.locator("dialog .rest")
        field.fill("metal")
        rest.get_by_text("and 1,179 others: type on").wait_for()
        options = page.locator("dialog [role=option]")
        assert [row.split()[2] for row in options.all_inner_texts()] == [str(one["pid"]) for one in found]
        page.keyboard.press("ArrowUp")  # to the last one
        edge = page.get_by_role("dialog").bounding_box()
        for whole in (options.last, rest):
            box = whole.bounding_box()
            assert box["y"] + box["height"] < edge["y"] + edge["height"]
        field.fill("4")
        rest.get_by_text("The graph has no playlist with the number 4.").wait_for()
        field.fill("zzz")
        rest.get_by_text("No playlist of that title.").wait_for()


def test_what_is_read_is_told_as_what_it_is(chromium, address):
    def pasted(lines):
        page.get_by_label("A track a line").fill("\n".join(lines))
        page.get_by_role("button", name="Add these").click()

    with opened(chromium, address, 400) as page:
        result = page.locator("#read-result")
        page.get_by_role("button", name="Paste a list").click()
        pasted(URI(number) for number in range(600))
        result.get_by_text("Added 500 tracks. 100 more do not fit: it takes 500.").wait_for()
        assert result.locator("*").count() == 1
        pasted([URI(599)])
        result.get_by_text("Added 0 tracks. 1 more does not fit: it takes 500.").wait_for()
        assert result.inner_text() == "Added 0 tracks. 1 more does not fit: it takes 500."
        page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("button", name="Paste a list").click()
        file = {"name": "mine.txt", "mimeType": "text/plain"}
        text = f"# title: Bj\xf6rk\n{URI(3)}\n".encode("cp1252")
        page.locator("#file").set_input_files(file | {"buffer": text})
        result.get_by_text("Note: read as cp1252: not UTF-8, by the byte 0xf6 of line 1.").wait_for()
        assert result.get_by_role("table").count() == 0
        page.locator("#file").set_input_files(
            file | {"buffer": "\n".join(["nothing"] * 201 + [URI(4)]).encode()}
        )
        result.get_by_text("Added 1 track. 201 rows left out.").wait_for()
        result.get_by_text("and 1 more", exact=True).wait_for()


def test_a_wide_window_has_the_heading_above_the_playlist(chromium, address):
    with opened(chromium, address, 2200) as page:
        lefts = [page.locator(one).bounding_box()["x"] for one in ("h1", "#playlist")]
        assert lefts[0] == lefts[1]


def busy(route):
    route.fulfill(status=429, headers={"Retry-After": "0.2"}, json={"error": {"what": "Too many requests."}})


TROUBLES = {
    "busy": (busy, BUSY, "Too many requests."),
    "away": (lambda route: route.abort(), AWAY, "The server does not answer."),
}


@pytest.mark.parametrize("name", quick_or_long(["busy"], [*TROUBLES]))
def test_a_server_that_was_away_is_asked_again(chromium, address, name):
    trouble, why, said = TROUBLES[name]
    with opened(chromium, address, 400, logged=[why] * 2) as page:
        page.route("**/api/continue", trouble, times=1)
        page.route("**/api/map/**", trouble, times=1)
        page.get_by_role("combobox", name="Add a track").fill("song 40")
        page.locator(OPTION).first.click()
        assert said in page.get_by_role("alert").inner_text()
        page.get_by_role("alert").wait_for(state="detached")
        settled(page)
        page.locator("#nearest button").first.wait_for()


@pytest.mark.skipif(not LONG, reason="it waits for seconds")
def test_a_slow_answer_is_awaited_aloud(chromium, address):
    with opened(chromium, address, 400) as page:
        waiting = []
        page.route("**/api/continue", lambda route: waiting.append(route))
        page.get_by_role("combobox", name="Add a track").fill("song 40")
        page.locator(OPTION).first.click()
        page.get_by_text("The server is still at it.").first.wait_for()
        assert told(page).inner_text() == "The server is still at it."
        waiting[0].continue_()
        settled(page)
        assert page.locator("#waiting").is_hidden()


def test_dialogs_stay_within_a_window_zoomed_to_400_percent(chromium, address):
    with opened(chromium, address, 320, 256) as page:
        for button in ("Paste a list", "Playlists of the run"):
            page.get_by_role("button", name=button).click()
            box = page.get_by_role("dialog").bounding_box()
            assert 0 <= box["y"] <= box["y"] + box["height"] <= page.viewport_size["height"]
            page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("width", "scheme"),
    quick_or_long([(1280, "light"), (400, "dark")], [*product(WIDTHS, ("light", "dark"))]),
)
def test_nothing_keeps_anyone_out(chromium, address, width, scheme):
    """Contrast, names and roles, by axe-core."""
    with opened(chromium, address, width, color_scheme=scheme, logged=[WRONG]) as page:

        def check(state):
            found = Axe().run(page).response["violations"]
            faults = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
            assert faults == [], state

        check("nothing on it yet")
        page.get_by_role("combobox", name="Add a track").fill("song")
        page.locator(OPTION).first.wait_for()
        check("options")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="New Classic Metal 🔥").click()
        settled(page)
        page.locator(".proposal").nth(1).focus()
        check("proposals")
        page.get_by_role("button", name="Paste a list").click()
        page.get_by_role("button", name="Add these").click()
        page.get_by_role("alert").wait_for()
        check("a fault in a dialog")
