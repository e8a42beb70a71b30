import errno
import json
import os
import signal
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from matplotlib.figure import Figure
from safetensors.torch import save_file

from segue.errors import SegueError
from segue.figures.style import save_png
from segue.files import atomic, read_json, save_table, write_json, write_text

LIBRARY = Path(__file__).parents[2] / "workflow/scripts"
NUMBERS = np.random.default_rng(1).random(100_000)  # 800,000 bytes that do not compress


def test_a_file_is_whole_or_not_there(tmp_path):
    target = tmp_path / "deep" / "table.parquet"
    with atomic(target) as temporary:
        assert temporary.name == target.name
        assert temporary.parent.parent == target.parent
        assert temporary.parent.name.startswith(".")
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")

    def fail():
        with atomic(target) as temporary:
            temporary.write_text("half")
            raise OSError("no such device")

    with pytest.raises(OSError, match="no such device"):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_file_and_folder_are_synced_around_the_rename(tmp_path, monkeypatch):
    target, steps = tmp_path / "table.csv", []
    sync, replace = os.fsync, Path.replace

    def note_sync(descriptor):
        steps.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    def note_rename(source, to):
        steps.append("rename")
        return replace(source, to)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    write_text(target, "whole")
    assert steps == ["table.csv", "rename", tmp_path.name]
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("number", "on"), [(errno.EINVAL, "file"), (errno.EIO, "file"), (errno.EIO, "folder")]
)
def test_what_could_not_be_synced_is_no_success(tmp_path, monkeypatch, number, on):
    fail_to_sync(monkeypatch, number, on)
    with pytest.raises(OSError, match=os.strerror(number)):
        write_text(tmp_path / "table.csv", "whole")


def test_a_file_system_that_cannot_sync_folders_will_do(tmp_path, monkeypatch):
    fail_to_sync(monkeypatch, errno.EINVAL, "folder")
    write_text(tmp_path / "table.csv", "whole")
    assert (tmp_path / "table.csv").read_text() == "whole"


def fail_to_sync(monkeypatch, number, on):
    def sync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) == (on == "folder"):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", sync)


@pytest.mark.parametrize("name", ["table.csv", "mpd.slice.0-59.json", "gat-hard [1].quality.parquet"])
def test_the_leftover_of_a_killed_process_goes_with_the_next_write(tmp_path, name):
    target = tmp_path / name
    others = [f".{name}", f"x{name}", ".tab.csv-12", ".table.csv-x-12", ".table.csv-12.gz", ".mpd.json-1"]
    for other in others:
        (tmp_path / other).write_text("stays")
    code = (
        "import os, signal, sys; from segue.files import atomic\n"
        "with atomic(sys.argv[1]) as path:\n"
        "    path.write_text('half'); path.with_name('.tmpAbCdEf').write_text('of the writer itself')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, target], env=os.environ | {"PYTHONPATH": str(LIBRARY)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == len(others) + 1
    write_text(target, "whole")
    assert {path.name for path in tmp_path.iterdir()} == {name, *others}


def through_atomic(write):
    def write_target(path):
        with atomic(path) as temporary:
            write(temporary)

    return write_target


def write_figure(path):
    figure = Figure(figsize=(8, 8))
    figure.figimage(np.tile(NUMBERS, 16)[: 1200 * 1200].reshape(1200, 1200), resize=False)
    save_png(figure, path)


@pytest.mark.parametrize(
    ("name", "size", "write"),
    [
        ("a.html", 800_000, lambda path: write_text(path, "x" * 800_000)),
        ("a.parquet", None, through_atomic(pl.DataFrame({"x": NUMBERS}).write_parquet)),
        ("b.parquet", None, partial(save_table, pl.DataFrame({"x": NUMBERS}))),
        ("a.csv", None, through_atomic(pl.DataFrame({"x": NUMBERS}).write_csv)),
        ("a.safetensors", None, through_atomic(partial(save_file, {"x": torch.tensor(NUMBERS)}))),
        ("a.png", None, write_figure),
    ],
)
def test_a_full_disk_is_said_whatever_the_writer_raises(small_disk, name, size, write):
    target = small_disk(200) / name
    target.write_text("old")
    with pytest.raises(SegueError) as raised:
        write(target)
    error = raised.value
    assert error.what == "The disk is full."
    assert error.where == str(target)
    assert error.found.endswith(f" bytes free in {target.parent}")
    free = error.found.split()[0]
    assert 0 < int(free.replace(",", "")) < 200 * 1024
    needed = f"{size:,}" if size else f"more than {free}"
    assert error.expected == f"{needed} bytes for this file"
    assert target.read_text() == "old"
    assert list(target.parent.iterdir()) == [target]


def test_json_is_the_same_bytes_and_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"z": 1.5, "a": "é"})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "z": 1.5,\n  "a": "\xc3\xa9"\n}\n'
    with pytest.raises(ValueError, match="Out of range float values"):
        write_json(tmp_path / "a.json", {"value": float("nan")})
    assert json.loads((tmp_path / "a.json").read_text())["z"] == 1.5
    assert read_json(tmp_path / "a.json") == {"z": 1.5, "a": "é"}
