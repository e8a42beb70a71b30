"""One GPU of several for each process: with made-up devices, since a claim needs no CUDA."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segue import devices
from segue.devices import claimed, claimed_gpu, visible_devices
from segue.errors import SegueError

SCRIPTS = Path(devices.__file__).parents[1]
# Claims one of argv[3:], says so, holds it for a while. A second process on the device would find its file.
WORKER = """
import sys, time
from pathlib import Path
from segue.devices import claimed

folder, seconds, names = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
with claimed(names, folder / "locks", poll=0.01) as name:
    (folder / f"in-use-{name}").touch(exist_ok=False)
    print(name, flush=True)
    time.sleep(seconds)
    (folder / f"in-use-{name}").unlink()
"""


def worker(folder, seconds, names):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), str(seconds), *names],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_never_two_on_one_device_and_all_finish(tmp_path):
    names = ["GPU-a", "GPU-b", "GPU-c"]
    workers = [worker(tmp_path, 0.3, names) for _ in range(8)]
    ends = [one.communicate(timeout=60) for one in workers]
    assert [one.returncode for one in workers] == [0] * 8, ends
    claims = [name.strip() for name, _ in ends]
    assert set(claims) == set(names)
    assert not list(tmp_path.glob("in-use-*"))


def test_a_killed_holder_frees_its_device(tmp_path):
    with worker(tmp_path, 600, ["0"]) as holder:
        assert holder.stdout.readline() == "0\n"
        (tmp_path / "in-use-0").unlink()
        with worker(tmp_path, 0, ["0"]) as waiting:
            time.sleep(0.5)
            assert waiting.poll() is None
            holder.send_signal(signal.SIGKILL)
            assert waiting.communicate(timeout=30)[0] == "0\n"


def test_a_claim_ends_with_its_block_also_after_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="out of memory"), claimed(["0"], tmp_path):
        raise RuntimeError("out of memory")
    with claimed(["0"], tmp_path) as name:
        assert name == "0"


def test_waiting_is_logged_once(tmp_path, caplog, monkeypatch):
    waits = []

    def give_up_at_the_third(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            raise InterruptedError

    monkeypatch.setattr(time, "sleep", give_up_at_the_third)
    with caplog.at_level("INFO", logger="segue"), worker(tmp_path, 600, ["7"]) as holder:
        holder.stdout.readline()
        (tmp_path / "in-use-7").unlink()
        with pytest.raises(InterruptedError), claimed(["7"], tmp_path / "locks"):
            pass
        holder.kill()
    assert [record.getMessage() for record in caplog.records] == [
        "waiting for one of 1 GPUs, all of them claimed: 7"
    ]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("0,1", ["0", "1"]),
        (" 2 , GPU-8f4e ", ["2", "GPU-8f4e"]),
        ("0", ["0"]),
        ("", []),
        ("-1", []),
        ("0,-1,1", ["0"]),
        ("MIG-GPU-1/0/0,MIG-GPU-1/1/0", ["MIG-GPU-1/0/0", "MIG-GPU-1/1/0"]),
    ],
)
def test_the_devices_that_cuda_would_see(monkeypatch, listed, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    assert visible_devices() == expected


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """A function that puts an nvidia-smi first on PATH, which runs a line of shell."""

    def install(line):
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin/nvidia-smi"
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr(devices.tempfile, "tempdir", None)

    return install


def test_all_of_the_machine_s_gpus(nvidia_smi):
    nvidia_smi('[ "$*" = "--query-gpu=uuid --format=csv,noheader" ] && printf "GPU-11\\nGPU-22\\n"')
    assert visible_devices() == ["GPU-11", "GPU-22"]


def test_no_gpu_without_nvidia_smi(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert visible_devices() == []


def test_a_driver_that_fails_is_named(nvidia_smi):
    nvidia_smi("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18")
    with pytest.raises(SegueError, match="Driver/library version mismatch"):
        visible_devices()


def test_one_of_several_is_left_for_the_process(nvidia_smi):
    nvidia_smi("printf 'GPU-11\\nGPU-22\\n'")
    with claimed_gpu("auto", gpu=1):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-11"
        folder = devices.lock_folder()
        with claimed(["GPU-11", "GPU-22"], folder) as name:
            assert name == "GPU-22"
        assert folder.stat().st_mode & 0o777 == 0o700
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


@pytest.mark.parametrize(
    ("listed", "device", "gpu"),
    [("3", "auto", 1), ("", "cuda", 1), ("0,1", "cpu", 1), ("0,1", "auto", 0)],
    ids=["a scheduler chose", "none", "the CPU is asked for", "no GPU granted"],
)
def test_nothing_is_claimed_where_there_is_no_choice(monkeypatch, listed, device, gpu):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    monkeypatch.setattr(devices, "claimed", None)
    with claimed_gpu(device, gpu):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == listed
