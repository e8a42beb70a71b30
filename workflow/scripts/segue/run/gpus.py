"""One GPU of several for each process, on a machine where nothing else shares them out."""

import contextlib
import os
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from segue.errors import SegueError
from segue.jobs import log

POLL_SECONDS = 1.0


@contextmanager
def claimed_gpu(device: str, gpu: int) -> Iterator[None]:
    """Leaves the process one GPU that no other holds, in ``CUDA_VISIBLE_DEVICES``, while the block runs.

    Waits while all are held. Must come before anything that initialises CUDA, ``torch.cuda.is_available()``
    included, since CUDA reads that variable once. Where ``device`` is ``cpu``, ``gpu``, the number of GPUs
    granted, is 0, or there is no choice because a scheduler, the user or the machine leaves one GPU or none,
    nothing is claimed and nothing changes.
    """
    devices = visible_devices() if gpu and device != "cpu" else []
    if len(devices) < 2:
        yield
        return
    with claimed(devices, lock_folder()) as name:
        before = os.environ.get("CUDA_VISIBLE_DEVICES")
        os.environ["CUDA_VISIBLE_DEVICES"] = name
        log.info("claimed GPU %s, one of %d", name, len(devices))
        try:
            yield
        finally:
            if before is None:
                del os.environ["CUDA_VISIBLE_DEVICES"]
            else:
                os.environ["CUDA_VISIBLE_DEVICES"] = before


def visible_devices() -> list[str]:
    """The GPUs that this process may use: what ``CUDA_VISIBLE_DEVICES`` lists, else the UUIDs of all that
    ``nvidia-smi`` knows; none where there is no ``nvidia-smi``. CUDA is not initialised.

    As in CUDA, entries after one that names no device, such as -1, do not count.
    """
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if listed is None:
        return _all_devices()
    devices = []
    for entry in map(str.strip, listed.split(",")):
        if not entry or entry.startswith("-"):
            break
        devices.append(entry)
    return devices


def _all_devices() -> list[str]:
    command = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except FileNotFoundError:
        return []
    except (OSError, subprocess.SubprocessError) as error:
        raise SegueError(
            "The GPUs of this machine cannot be listed.",
            where=" ".join(command),
            found=(getattr(error, "stderr", None) or getattr(error, "stdout", None) or str(error)).strip(),
            expected="a UUID for each GPU",
            fix="repair the driver, name the GPUs in CUDA_VISIBLE_DEVICES, or train with device: cpu",
        ) from error
    return done.stdout.split()


def lock_folder() -> Path:
    """The folder of this user's lock files, on a file system of this machine."""
    return Path(tempfile.gettempdir()) / f"segue-gpus-{os.getuid()}"


def _make_private(folder: Path) -> None:
    """Makes ``folder``, or raises SegueError where what is there is not this user's own.

    All processes of a user have to find it, so its name is known to others, who might put something there
    first: a link to another place, or a folder whose locks they hold.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        problem = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "a file"
    elif found.st_uid != os.getuid():
        problem = f"a folder of the user with id {found.st_uid}"
    elif stat.S_IMODE(found.st_mode) & 0o077:
        problem = f"a folder with mode {stat.S_IMODE(found.st_mode):04o}"
    else:
        return
    raise SegueError(
        "The locks of the GPUs are not safe where they are.",
        where=str(folder),
        found=problem,
        expected=f"a folder with mode 0700 of the user with id {os.getuid()}, or nothing yet",
        fix="remove it, or set TMPDIR to a folder of yours on this machine, the same for all its runs; where "
        "CUDA_VISIBLE_DEVICES names one GPU there is nothing to lock",
    )


@contextmanager
def claimed(devices: Sequence[str], folder: Path, poll: float = POLL_SECONDS) -> Iterator[str]:
    """Yields one of ``devices`` that no other process holds, the first free one; waits while all are held.

    A claim is an advisory lock on a file in ``folder``, which the kernel drops with the process that holds
    it, however that ends. All who share devices must name them alike and use one folder, which is private:
    users of one machine have to share out its GPUs themselves.
    """
    _make_private(folder)
    # Without kernel locks, a file left by a killed process would hold its device for ever.
    locks = {
        name: FileLock(folder / f"{quote(name, safe='')}.lock", fallback_to_soft=False) for name in devices
    }
    waited = False
    while True:
        for name, lock in locks.items():
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            try:
                yield name
            finally:
                lock.release()
            return
        if not waited:
            log.info("waiting for one of %d GPUs, all of them claimed: %s", len(devices), ", ".join(devices))
            waited = True
        time.sleep(poll)
