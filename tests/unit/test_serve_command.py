"""`segue serve`: what it says when it starts, and how it ends."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from command_cases import ROOT, refused, run_segue, write_served_run


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_served_run(tmp_path)
    return tmp_path


def started(*options):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")}
    command = [sys.executable, "-m", "segue.cli.main", "serve", "--port", "0", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, text=True, env=environment)


def test_it_says_where_it_is_and_ends_at_once(run):
    """Also while a connection is open."""
    with started() as server:
        try:
            said = [server.stdout.readline() for _ in range(3)]
            assert said[0] == "Ready: Item-kNN; ALS\n"
            assert said[1].startswith(
                "Not ready, and made by `segue serve --make`: LightGCN random, fixed α; "
            )
            address, port = re.match(r"(http://127\.0\.0\.1:(\d+)/)  Ctrl\+C ends it\.", said[2]).groups()
            with urllib.request.urlopen(f"{address}api/run") as answer:  # noqa: S310
                assert b'"best":"knn"' in answer.read()
            with urllib.request.urlopen(f"{address}api/playlists?q=40") as answer:  # noqa: S310
                # Of a run whose tables of what was read are there.
                assert b'"why":"The run has no playlist with the number 40."' in answer.read()
            with socket.create_connection(("127.0.0.1", int(port))):
                server.send_signal(signal.SIGINT)
                assert server.wait(5) == 0
            assert server.stderr.read() == ""
        finally:
            server.kill()


def test_a_port_that_is_taken(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("serve", "--port", str(port), "--model", "als")
    assert said.startswith("Error: The server cannot listen there.\n")
    assert f"segue serve --port {port + 1}" in said


def test_who_lets_others_in_is_warned(run, monkeypatch):
    monkeypatch.setattr("segue.web.listen.listen", lambda app, listening, started: started())
    done = run_segue("serve", "--port", "0", "--host", "0.0.0.0", "--model", "als")  # noqa: S104
    assert done.exit_code == 0
    assert done.stderr == "Warning: whoever reaches this address can ask; there is no log-in.\n"
    assert run_segue("serve", "--port", "0", "--host", "localhost", "--model", "als").stderr == ""


def test_what_is_not_ready_or_not_there(run):
    said = refused("serve", "--model", "sage-hard-fixed")
    assert said.startswith("Error: The run is not ready: 2 jobs have to run first.\n")
    assert "freeze_model" in said
    assert "the same command with --make" in said
    assert "did you mean als?" in refused("serve", "--model", "alz")
    (run / "results/models/als/scorer.safetensors").unlink()
    (run / "results/models/knn/scorer.safetensors").unlink()
    assert refused("serve").startswith("Error: The run is not ready")


def children(pid):
    """Of a process, those that answer beside it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"spawn_main" in (path.parent / "cmdline").read_bytes():
                found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")
def test_workers_answer_at_one_address_and_end_with_the_first(run):
    with started("--model", "knn", "--workers", "3") as server:
        try:
            assert server.stdout.readline() == "Ready: Item-kNN\n"
            address = server.stdout.readline().split()[0]
            ended, other = children(server.pid)
            os.kill(ended, signal.SIGKILL)
            assert server.stderr.readline() == "A worker has ended, exit code -9; the others go on.\n"
            os.kill(server.pid, signal.SIGSTOP)  # so that it is the other one that answers
            with urllib.request.urlopen(f"{address}api/run", timeout=20) as answer:  # noqa: S310
                assert b'"best":"knn"' in answer.read()
            os.kill(server.pid, signal.SIGCONT)
            server.terminate()
            assert server.wait(10) == -signal.SIGTERM
            waited = time.monotonic()
            while Path(f"/proc/{other}").exists():
                assert time.monotonic() < waited + 10
                time.sleep(0.05)
            assert server.stderr.read() == ""
        finally:
            server.kill()
