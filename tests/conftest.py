"""Fixtures for several folders of tests. Every name in them is invented."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings
from slice_cases import slice_text

# Before torch and the like are imported: `make test` has a process a core, and a rule's script takes what its
# rule has. Polars has two, so that an order that its threads decide can show.
for name in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
    os.environ.setdefault(f"{name}_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "2")

# No deadline: these machines are shared and noisy. The same examples each time: a red run can be run again.
settings.register_profile("segue", deadline=None, derandomize=True)
settings.load_profile("segue")

# What takes longest starts first, so that no process is left with it at the end; by name within tests/. Of
# two processes one makes the finished run, for the kills, while the other has a file that does not need it.
LONGEST = (
    "workflow/test_torture.py",
    "workflow/test_challenge.py",
    "workflow/test_staleness.py",
    "workflow/test_run.py",
    "workflow/test_dry_run.py",
    "workflow/test_slices_to_tables.py",
    "workflow/test_gpu_workstation.py",
    "workflow/test_report_in_browser.py",
    "workflow/test_extending.py",
    "workflow/test_edges_source.py",
    "workflow/test_faults.py",
    "workflow/test_elsewhere.py",
    "workflow/test_bad_input.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    place = {str(folder / name): number for number, name in enumerate(LONGEST)}
    assert all(map(os.path.isfile, place))
    items.sort(key=lambda item: place.get(str(item.path), len(LONGEST)))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """A function ``made_once(name, make)``: the folder of that name, which ``make(folder)`` has filled.

    Whichever of the processes of one `make test` comes first makes it, and the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name: str, make: Callable[[Path], None]) -> Path:
        folder, made = base / name, base / f"{name}.made"
        with FileLock(base / f"{name}.lock"):
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of one that failed
                folder.mkdir()
                make(folder)
                made.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def write_slice() -> Callable[[Path, list[dict[str, Any]]], Path]:
    """A function that writes playlists, as ``slice_text`` takes them, to a path, and returns the path."""

    def write(path: Path, playlists: list[dict[str, Any]]) -> Path:
        path.write_text(slice_text(playlists), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def chromium():
    """A headless browser, of one module: while Playwright runs, its thread can have no other event loop."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no Chromium is installed")
    flags = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def framed(chromium):
    """A function that opens a page in a sandboxed frame that may run scripts and nothing else; at the end
    none has logged an error or asked for anything."""
    faults, contexts = [], []

    def opened(page, width=1000, **options):
        contexts.append(context := chromium.new_context(viewport={"width": width, "height": 900}, **options))
        outer = context.new_page()
        outer.on("console", lambda entry: faults.append(entry.text))
        outer.on("pageerror", lambda error: faults.append(str(error)))
        outer.on("request", lambda request: faults.append(request.url))
        style = f"border: 0; width: {width - 16}px; height: 800px"
        outer.set_content(f'<iframe sandbox="allow-scripts" style="{style}"></iframe>')
        outer.locator("iframe").evaluate("(frame, page) => { frame.srcdoc = page; }", page)
        outer.frame_locator("iframe").locator("#picture[aria-label]").wait_for()
        return outer.frames[1]

    yield opened
    for context in contexts:
        context.close()
    # The tests read pixels, the page does not.
    assert [fault for fault in faults if "willReadFrequently" not in fault] == []


@pytest.fixture
def small_disk(tmp_path_factory):
    """A function that mounts a new file system of some KiB (tmpfs), and returns its folder."""
    mounted = []

    def mount(kib, folder=None):
        folder = folder or tmp_path_factory.mktemp("small disk")
        options = ["-t", "tmpfs", "-o", f"size={kib}k", "tmpfs"]
        done = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)  # noqa: S607
        if done.returncode:
            pytest.skip(f"mounting a small disk is not allowed here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)  # noqa: S607
