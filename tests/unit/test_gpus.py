import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segue.errors import SegueError
from segue.run import gpus as devices
from segue.run.gpus import claimed, claimed_gpu, visible_devices

# Claims a device, says which and when, holds it for a while, says when it lets go.
CLAIM = """
import sys, time
from pathlib import Path
from segue.run.gpus import claimed

with claimed(sys.argv[2].split(","), Path(sys.argv[1]), poll=0.02) as device:
    print(device, time.monotonic(), end=" ", flush=True)
    time.sleep(float(sys.argv[3]))
    print(time.monotonic(), flush=True)
"""


def claim(folder, names, seconds):
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(folder), ",".join(names), str(seconds)],
        env=os.environ | {"PYTHONPATH": "workflow/scripts"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_never_share_a_device_and_all_get_one(tmp_path):
    processes = [claim(tmp_path, ["0", "GPU-b/1"], 0.3) for _ in range(6)]
    spans = []
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        name, start, end = output.split()
        spans.append((name, float(start), float(end)))
    assert {name for name, *_ in spans} == {"0", "GPU-b/1"}
    for number, (name, start, end) in enumerate(spans):
        for other, other_start, other_end in spans[:number]:
            assert name != other or end <= other_start or other_end <= start


def test_a_killed_process_frees_its_device(tmp_path):
    with claim(tmp_path, ["0"], 600) as holder:
        assert holder.stdout.readline(1)  # it has begun to say which
        holder.send_signal(signal.SIGKILL)
    started = time.monotonic()
    with claimed(["0"], tmp_path, poll=0.02) as device:
        assert device == "0"
    assert time.monotonic() - started < 5


def test_one_process_claims_one_after_the_other(tmp_path):
    with claimed(["a", "b"], tmp_path) as first, claimed(["a", "b"], tmp_path) as second:
        assert (first, second) == ("a", "b")
    with claimed(["a", "b"], tmp_path) as again:
        assert again == "a"


def test_the_folder_of_the_locks_is_private(tmp_path):
    folder = tmp_path / "locks"
    with claimed(["0"], folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["0.lock"]


def linked(path):
    path.symlink_to(path.with_name("elsewhere"))


def linked_to_a_folder(path):
    path.with_name("elsewhere").mkdir(mode=0o700)
    linked(path)


def open_to_others(path):
    path.mkdir()
    path.chmod(0o770)


@pytest.mark.parametrize(
    ("put", "found"),
    [
        (linked, "a symbolic link"),
        (linked_to_a_folder, "a symbolic link"),
        (Path.touch, "a file"),
        (open_to_others, "a folder with mode 0770"),
    ],
)
def test_a_folder_of_locks_that_another_could_have_put_there_is_refused(tmp_path, put, found):
    folder = tmp_path / "locks"
    put(folder)
    with pytest.raises(SegueError, match=f"where: {folder}\n  found: {found}\n"), claimed(["0"], folder):
        pass
    assert not (folder / "0.lock").exists()


def test_a_folder_of_locks_of_another_user_is_refused(tmp_path, monkeypatch):
    (tmp_path / "locks").mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with (
        pytest.raises(SegueError, match=r"found: a folder of the user with id \d+\n.*user with id 12345"),
        claimed(["0"], tmp_path / "locks"),
    ):
        pass


@pytest.mark.parametrize(
    ("listed", "devices"),
    [("0,1", ["0", "1"]), (" 2 , GPU-x ", ["2", "GPU-x"]), ("0,-1,2", ["0"]), ("", []), ("-1", [])],
)
def test_visible_devices_are_those_that_cuda_sees(monkeypatch, listed, devices):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    assert visible_devices() == devices


def test_all_devices_are_those_of_nvidia_smi(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_devices() == []
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nprintf 'GPU-1\\nGPU-2\\n'\n")
    tool.chmod(0o755)
    assert visible_devices() == ["GPU-1", "GPU-2"]
    tool.write_text("#!/bin/sh\necho 'Failed to initialize NVML'\nexit 9\n")
    with pytest.raises(SegueError, match=r"cannot be listed(.|\n)*Failed to initialize NVML"):
        visible_devices()


def test_a_job_sees_the_device_it_claimed_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(devices, "lock_folder", lambda: tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    with claimed_gpu("auto", 1):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "3"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3,5"


@pytest.mark.parametrize(
    ("device", "gpu", "listed"), [("cpu", 1, "3,5"), ("auto", 0, "3,5"), ("auto", 1, "3")]
)
def test_where_there_is_no_choice_nothing_changes(monkeypatch, tmp_path, device, gpu, listed):
    monkeypatch.setattr(devices, "lock_folder", lambda: tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    with claimed_gpu(device, gpu):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == listed
    assert list(tmp_path.iterdir()) == []
