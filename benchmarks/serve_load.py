"""Loads `segue serve` with clients that never wait, and measures its answers and its memory.

PYTHONPATH=workflow/scripts python benchmarks/serve_load.py FOLDER [--json FILE]
FOLDER: where a finished run was made. 16 clients, each with a connection of its own and its next question
once it has an answer; of ten questions six continue a playlist of 20 tracks by 30 of the best network and of
the best baseline, with pulls, three search tracks by half-typed names, and one reads a list of 20 tracks by
name; all are drawn anew. The server has one process of its own, and then two, on a free port of this machine
alone, and ends when this does. Linux.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
import uvloop

CLIENTS, GIVEN, PROPOSED = 16, 20, 30
MIX = {"continue": 6, "search": 3, "read": 1}  # of ten
MEASURED = 20_000  # requests for the times; memory is looked at as more follow
LONGEST = 600  # seconds for either
HOST = "127.0.0.1"


class Questions:
    """Requests as bytes, drawn from ``seed``; ``models``: of which a playlist's continuation is asked."""

    def __init__(self, tracks: pl.DataFrame, models: list[str], port: int, seed: int):
        self._random = random.Random(seed)  # noqa: S311
        self._models, self._host = models, f"{HOST}:{port}"
        self._names = (
            tracks.drop_nulls(["track_name", "artist_name"]).select("artist_name", "track_name").rows()
        )
        self._uris = tracks.drop_nulls("track")["track_uri"].to_list()
        self._kinds = [kind for kind, count in MIX.items() for _ in range(count)]

    def draw(self) -> tuple[str, bytes]:
        kind = self._random.choice(self._kinds)
        return kind, getattr(self, f"_{kind}")()

    def _continue(self) -> bytes:
        tracks = self._random.sample(self._uris, GIVEN)
        asked = {"tracks": tracks, "title": "road trip", "models": self._models, "n": PROPOSED}
        return self._post("/api/continue", json.dumps(asked).encode(), "application/json")

    def _search(self) -> bytes:
        artist, title = self._random.choice(self._names)
        text = f"{title} {artist}".lower()
        text = urllib.parse.quote(text[: self._random.randint(3, len(text))])
        return self._head("GET", f"/api/tracks?n=10&q={text}") + b"\r\n"

    def _read(self) -> bytes:
        lines = [" - ".join(names) for names in self._random.sample(self._names, GIVEN)]
        return self._post("/api/read?name=my.txt", "\n".join(lines).encode(), "application/octet-stream")

    def _post(self, path: str, body: bytes, kind: str) -> bytes:
        said = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return self._head("POST", path) + said.encode() + body

    def _head(self, method: str, path: str) -> bytes:
        return f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n".encode()


class Client(asyncio.Protocol):
    """Sends the next question when it has the whole of an answer; ``load`` has them, and the times."""

    def __init__(self, load: "Load"):
        self._load, self._buffer, self._whole = load, bytearray(), None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._whole is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end])
            self._status = int(head[9:12])
            self._whole = end + 4 + int(re.search(rb"content-length: (\d+)", head)[1])
        if len(self._buffer) >= self._whole:
            self._load.answered(self._kind, self._status, time.perf_counter() - self._asked)
            self._buffer.clear()
            self._whole = None
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.end(error or ConnectionError("the server ended a connection"))

    def _ask(self) -> None:
        question = self._load.next()
        if question is not None:
            self._kind, request = question
            self._asked = time.perf_counter()
            self._transport.write(request)


class Load:
    """``count`` requests, and the milliseconds of each by kind."""

    def __init__(self, questions: list[tuple[str, bytes]]):
        self._questions = deque(questions)
        self._left = len(questions)
        self.times: dict[str, list[float]] = {kind: [] for kind in MIX}
        self._done = asyncio.get_running_loop().create_future()

    def next(self) -> tuple[str, bytes] | None:
        return self._questions.popleft() if self._questions else None

    def answered(self, kind: str, status: int, seconds: float) -> None:
        if status != 200:
            self.end(RuntimeError(f"{kind}: status {status}"))
        self.times[kind].append(1000 * seconds)
        self._left -= 1
        if not self._left:
            self.end(None)

    def end(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error) if error else self._done.set_result(None)

    async def run(self, port: int) -> float:
        """Seconds until all are answered."""
        loop, started = asyncio.get_running_loop(), time.perf_counter()
        made = [await loop.create_connection(lambda: Client(self), HOST, port) for _ in range(CLIENTS)]
        try:
            await asyncio.wait_for(self._done, LONGEST)
        finally:
            for transport, _ in made:
                transport.abort()
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--requests", type=int, default=MEASURED, help="for the times")
    parser.add_argument("--long", type=int, default=100_000, help="for the memory, in all")
    arguments = parser.parse_args()
    results = measure(arguments.folder, arguments.requests, arguments.long)
    results["two"] = measure(arguments.folder, arguments.requests, 0, workers=2)
    print(json.dumps(results, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


def measure(folder: Path, requests: int, long: int, workers: int = 1) -> dict:
    started = time.perf_counter()
    command = [sys.executable, "-m", "segue.cli.main", "serve", "--port", "0", "--rate", "1000000"]
    command += ["--workers", str(workers)]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment()
    ) as server:
        try:
            port = next(port_of(server.stdout))
            ready = time.perf_counter() - started
            models = asked_models(port)
            tracks = pl.read_parquet(folder / "results/serving/tracks.parquet")
            memory, times, seconds = {}, {}, 0.0
            # What is asked first is no measurement: everything is met for the first time.
            first, done = requests // 10, 0
            more = [one for one in (10_000, 50_000, long) if first + requests < one <= long]
            for number, whole in enumerate([first, first + requests, *dict.fromkeys(more)]):
                count = whole - done
                questions = Questions(tracks, models, port, number)
                load, took = uvloop.run(loaded([questions.draw() for _ in range(count)], port))
                done += count
                memory[done] = sum(map(held, [server.pid, *children(server.pid)]))
                if number == 1:
                    times, seconds = load.times, took
        finally:
            server.terminate()
    return {
        "clients": CLIENTS,
        "cores": len(os.sched_getaffinity(0)),
        "requests": requests,
        "models": models,
        "ready_seconds": ready,
        "per_second": requests / seconds,
        "milliseconds": {
            kind: quantiles(one) for kind, one in (*times.items(), ("all", [*chain(*times.values())]))
        },
        "memory_mb": {done: round(size / 2**20, 1) for done, size in memory.items()},
    }


async def loaded(questions: list[tuple[str, bytes]], port: int) -> tuple[Load, float]:
    load = Load(questions)
    return load, await load.run(port)


def environment() -> dict[str, str]:
    scripts = str(Path(__file__).resolve().parents[1] / "workflow/scripts")
    return os.environ | {"PYTHONPATH": scripts, "OMP_NUM_THREADS": "1"}


def port_of(lines: Iterator[str]) -> Iterator[int]:
    for line in lines:
        if match := re.match(rf"http://{HOST}:(\d+)/", line):
            yield int(match[1])


def asked_models(port: int) -> list[str]:
    """The best network and the best baseline by validation."""
    with urllib.request.urlopen(f"http://{HOST}:{port}/api/run") as answer:
        models = json.load(answer)["models"]
    return [
        max((one for one in models if one["kind"] == kind), key=lambda one: one["validation_recall"] or 0)[
            "id"
        ]
        for kind in ("network", "baseline")
    ]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def held(pid: int) -> int:
    """Bytes of memory that a process has; of what several share, such as the files of models, its part."""
    pages = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", pages, re.MULTILINE)[1]) * 1024


def quantiles(times: list[float]) -> dict[str, float]:
    return {f"p{share}": float(np.percentile(times, share)) for share in (50, 95, 99)}


if __name__ == "__main__":
    main()
