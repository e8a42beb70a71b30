"""Requests that mean no good, over a socket: none is a fault of the server, and none comes back as a page."""

import asyncio
import gzip
import json
import random
import re
from collections.abc import Iterator

import pytest
from command_cases import URI
from web_cases import listening_at, served_run

from segue.web import guard, protocol
from segue.web.app import STATIC
from segue.web.wire import BODY_BYTES, FILE_BYTES

COUNT = 1_000
AT_ONCE = 16
WAITS = b"?"
MARKUP = "<script>alert(1)</script>"
JSON, OCTETS = "application/json", "application/octet-stream"
ROOMS = ("/api/run", "/api/tracks", "/api/playlists", "/api/playlists/72", "/api/read", "/api/continue")
PATHS = (*ROOMS, "/api/map/als", "/openapi.json", "/", "/static/page.js", "/nothing")
METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "X",
)


def request(method: str, path: str, body: bytes = b"", kind: str = JSON, headers: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\nContent-Type: {kind}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{length}{headers}\r\n"
    return head.encode() + body


def hostile() -> Iterator[bytes]:
    """As many as one wants, always the same."""
    yield from bodies()
    yield from fields()
    yield from paths()
    yield from heads()
    yield from files()
    yield from mutations()


def bodies() -> Iterator[bytes]:
    broken = [
        b"", b" ", b"{", b"}", b"[", b"nul", b'"', b'"\xff"', b'{"tracks":', b'{"tracks":[}', b"\x00",
        b"{}{}", b"[" * 60_000, b'{"tracks":' * 5_000, b'{"title":"\\ud800"}', b'{"title":"\\ud800\\u0041"}',
        b'{"title":"\xed\xa0\x80"}', b'{"n":NaN}', b'{"n":Infinity}', b'{"n":1e999}',
        b'{"n":' + b"9" * 5_000 + b"}", b'{"n":1,"n":2}', MARKUP.encode(),
        json.dumps({MARKUP: MARKUP}).encode(), b"\xef\xbb\xbf{}", "{}".encode("utf-16"),
        b'{"__proto__":{"n":1}}', b" " * BODY_BYTES, b"x" * (BODY_BYTES + 1),
    ]  # fmt: skip
    for path in ("/api/continue", "/api/map/als", f"/api/map/{MARKUP}"):
        for body in broken:
            yield request("POST", path, body)
    good = json.dumps({"tracks": [URI(1)]}).encode()
    for kind in (
        "",
        "text/html",
        "text/plain",
        "multipart/form-data",
        "application/jsonp",
        "json",
        "*/*",
        MARKUP,
    ):
        yield request("POST", "/api/continue", good, kind)


def fields() -> Iterator[bytes]:
    values = [
        None, True, -1, 0, 10**30, -(10**30), 1.5, "", "x", "\0", MARKUP, "é" * 300, "../../etc/passwd", [],
        {}, [[]], [None], [1], [{}], [MARKUP], ["\0" * 50], [URI(1)] * 501, ["x" * 201], ["knn"] * 5,
        {"a": [[]]}, "'; drop",
    ]  # fmt: skip
    for name in ("tracks", "title", "pid", "models", "n", MARKUP):
        for value in values:
            asked = {"tracks": [URI(1), URI(2)], "title": "gym"} | {name: value}
            yield request("POST", "/api/continue", json.dumps(asked).encode())
            yield request("POST", "/api/map/als", json.dumps(asked).encode())


def paths() -> Iterator[bytes]:
    tricks = [
        "/../../etc/passwd", "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/%2e%2e/wire.py",
        "//", "///x", "/static//page.js", "/static/page.js/..", "/static/page.js%00.html",
        "/static/\\..\\app.py", "/%", "/%zz", "/%ff%fe", "/%00", f"/{MARKUP}", "/%3Cscript%3E",
        "/static/%3Cscript%3E", "/" + "a" * 20_000, "/a" * 5_000, "/api/playlists/-1", "/api/playlists/1e9",
        "/api/playlists/" + "9" * 300, "/api/playlists/0x10", "/api/playlists/٣", "/api/playlists/%D9%A3",
        "/api/playlists/72/..", "/api/map/", "/api/map/../run", "/api/map/..%2f..%2fetc", "/api/map/%00",
        f"/api/map/{MARKUP}", "/api/map/als%2f", "http://evil.example/", "http://localhost/api/run", "*", "",
        "?", "/?q", "/api/run;x=1", "/api/run#x", "/api/run/", "/API/RUN", "/openapi.json/../api/run",
        "/.git/config", "/cgi-bin/", "/api", "/static",
    ]  # fmt: skip
    for path in tricks:
        yield request("GET", path)
    texts = [
        "", "%00", "%ff", "%ED%A0%80", "a" * 201, "a" * 5_000, MARKUP, "%3Cscript%3E", "(" * 100, "[a-z]*",
        "%25", "&&&", "=", "a&q=b", ";", "%F0%9F%98%80" * 50, "+" * 200, "*", "%2e%2e%2f", "\\u0000",
        "%0d%0aX:1", "'" * 200,
    ]  # fmt: skip
    for path in ("/api/tracks", "/api/playlists"):
        for text in texts:
            yield request("GET", f"{path}?q={text}")
        for n in ("0", "-1", "101", "1e9", "9" * 400, "", "x", "1&n=1", "%00", "٣", MARKUP):
            yield request("GET", f"{path}?q=song&n={n}")
    for method in METHODS:
        for path in PATHS:
            yield request(method, path)


def heads() -> Iterator[bytes]:
    for line in [
        "Content-Length: -1", "Content-Length: 1e3", "Content-Length: 99999999999999999999",
        "Content-Length: ", "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: gzip", "Transfer-Encoding : chunked", "Host: evil.example", "Origin: null",
        f"Origin: {MARKUP}", "Sec-Fetch-Site: cross-site", f"Cookie: {MARKUP}",
        "Origin: http://localhost\r\nOrigin: http://evil.example", "Expect: 100-continue", "Expect: x",
        "\0: x", ": x", "X: \0", "X\x7f: 1", " X: 1", "X: 1\r\n folded",
        "Upgrade: websocket\r\nConnection: Upgrade", "Upgrade: h2c", "X: " + "y" * 40_000,
        "\r\n".join(f"X-{number}: y" for number in range(3_000)), "X-Forwarded-For: " + MARKUP,
        "X-HTTP-Method-Override: DELETE", "Range: bytes=0-", "Accept-Encoding: gzip;q=" + "9" * 400, "é: ü",
        "Host:",
    ]:  # fmt: skip
        for method, path in (("GET", "/api/run"), ("POST", "/api/continue")):
            yield request(method, path, headers=f"{line}\r\n")
    chunked = "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
    for body in (
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"-1\r\n",
        b"ffffffffffffffff\r\n",
        b"2\r\n{}\r\n0\r\nX: y\r\n\r\n",
        b"2;a=b\r\n{}",
    ):
        yield request("POST", "/api/continue", headers=chunked)[:-2] + b"\r\n" + body
    one = b"%x\r\n" % 4096 + b"x" * 4096 + b"\r\n"
    yield request("POST", "/api/continue", headers=chunked) + one * 40
    yield from [
        b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 1_000,
        b"\r\n" * 1_000, b"GET", b"\n\n\n", b"a" * 50_000, b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\n", b"GET  /  HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50, b"HTTP/1.1 200 OK\r\n\r\n",
    ]  # fmt: skip


def files() -> Iterator[bytes]:
    contents = [
        b"", b"\0", b"\xff\xfe\0", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18,
        b"\x1f\x8b\x08\0rubbish", b"\x28\xb5\x2f\xfd\0\0", b"[" * 50_000, b'{"playlists":[{"pid":0}]}',
        b'{"playlists":[]}', b"{}", b"[]", gzip.compress(b"\n" * 2**25), MARKUP.encode(),
        f"{MARKUP} - {MARKUP}".encode(), b"a - b\n" * 3_000, b'artist,title\n"',
        b"track_uri\n" + b"x\n" * 2_000, b"#EXTM3U\n#EXTINF:-1,\n", b"," * 10_000, b"x" * (FILE_BYTES + 1),
        b'[{"trackName":{}}]', b"\xef\xbb\xbf", b"a\tb\tc\n" * 500,
    ]  # fmt: skip
    names = (
        "",
        "a.txt",
        "a.csv",
        "a.json",
        "a.zip",
        "a.json.gz",
        "a.zst",
        "../../etc/passwd",
        MARKUP,
        "a%00.csv",
    )
    for number, content in enumerate(contents):
        for name in names[number % 3 :: 3]:
            yield request("POST", f"/api/read?name={name}", content, OCTETS)
    yield request("POST", f"/api/read?name={'a' * 5_000}", b"x", OCTETS)


def mutations() -> Iterator[bytes]:
    """Bytes of good requests changed, left out and doubled."""
    drawn = random.Random(1)
    asked = json.dumps({"tracks": [URI(1), URI(2)], "title": "gym", "models": ["knn"], "n": 5}).encode()
    good = [
        request("POST", "/api/continue", asked),
        request("GET", "/api/tracks?q=song&n=5"),
        request(
            "POST", "/api/read?name=a.txt", b"# title: x\nArtist 3 - Song 31\n", "application/octet-stream"
        ),
    ]
    while True:
        data = bytearray(drawn.choice(good))
        for _ in range(drawn.randint(1, 8)):
            place = drawn.randrange(len(data))
            change = drawn.randrange(3)
            if change == 0:
                data[place] = drawn.randrange(256)
            elif change == 1:
                del data[place]
            else:
                data[place:place] = data[place : place + drawn.randint(1, 20)]
        yield bytes(data)


async def sent(host: str, port: int, data: bytes, seconds: float = 1) -> bytes:
    """All that comes back until the connection ends; WAITS where it does not."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(-1), seconds)
    except TimeoutError:
        return WAITS
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def all_sent(address: tuple[str, int], requests: list[bytes]) -> list[bytes]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(data: bytes) -> bytes:
        async with room:
            return await sent(*address, data)

    return await asyncio.gather(*map(one, requests))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = served_run(tmp_path_factory.mktemp("a run"))
    yield served
    served.close()


@pytest.fixture(scope="module")
def address(served):
    return listening_at(served)


def test_a_thousand_requests_that_mean_no_good(address):
    requests = [data for data, _ in zip(hostile(), range(COUNT), strict=False)]
    assert len(requests) == COUNT
    good = request("POST", "/api/continue", json.dumps({"tracks": [URI(1)]}).encode())
    before = asyncio.run(sent(*address, good))
    assert before.startswith(b"HTTP/1.1 200")
    answers = asyncio.run(all_sent(address, requests))
    statuses, own = {}, {b"", *(path.read_bytes() for path in STATIC.iterdir())}
    for data, answer in zip(requests, answers, strict=True):
        head, _, body = answer.partition(b"\r\n\r\n")
        if answer in (b"", WAITS):  # for the rest, as it may: how long, another test says
            continue
        assert re.match(rb"HTTP/1.1 [234]\d\d ", head), data[:300]
        statuses[head[9:12]] = statuses.get(head[9:12], 0) + 1
        told = head.lower()
        assert b"x-content-type-options: nosniff" in told, data[:300]
        assert b"content-security-policy: default-src 'none'" in told, data[:300]
        assert b"content-type: application/json" in told or body in own, data[:300]
        if not head.startswith(b"HTTP/1.1 2"):
            assert b"<" not in body, data[:300]
    assert {b"200", b"400", b"404", b"405", b"413", b"415", b"421", b"431"} <= statuses.keys(), statuses
    assert sum(statuses.values()) > 0.9 * COUNT, statuses
    assert _without_date(asyncio.run(sent(*address, good))) == _without_date(before)


def _without_date(answer: bytes) -> bytes:
    return re.sub(rb"date: [^\r]*", b"", answer)


def test_who_is_slow_is_not_waited_for(served, monkeypatch):
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    host, port = listening_at(served)
    head = request("POST", "/api/continue", b"x" * 100)[:-50]
    answer = asyncio.run(sent(host, port, head, seconds=8))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"took too long" in answer
    for data in (b"", b"GET / HTTP/1.1\r\nHost: loc", b"\r\n"):
        assert asyncio.run(sent(host, port, data, seconds=8)) == b""


def test_connections_are_counted(served, monkeypatch):
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    host, port = listening_at(served)

    async def crowd() -> list[bytes]:
        kept = [await asyncio.open_connection(host, port) for _ in range(3)]
        refused = await sent(host, port, b"", seconds=8)
        for _, writer in kept:
            writer.close()
        await asyncio.sleep(0.2)
        return [refused, await sent(host, port, request("GET", "/api/run"))]

    refused, answered = asyncio.run(crowd())
    assert refused.startswith(b"HTTP/1.1 429")
    assert answered.startswith(b"HTTP/1.1 200")
