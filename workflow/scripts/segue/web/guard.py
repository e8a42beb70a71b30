"""What stands before the application: who may ask, how much, how often, how slowly; headers for all."""

import asyncio
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from segue.errors import SegueError
from segue.web.bodies import encoded
from segue.web.refused import RefusedError
from segue.web.wire import BODY_BYTES, Failure, Problem

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
BODY_SECONDS = 20.0  # from a request's head to the end of its body
AT_ONCE = 64  # requests that are worked at
ADDRESSES = 4096  # whose rates are remembered


@dataclass(frozen=True)
class Rate:
    """Requests of one address: ``burst`` at once, and ``per_second`` in the long run."""

    per_second: float = 50.0
    burst: int = 200


class Buckets:
    """A token bucket for each of the last ADDRESSES addresses."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic):
        self._rate, self._clock = rate, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when

    def wait(self, address: str) -> float:
        """Seconds until the address may ask; 0 where it may now, which takes a token."""
        now = self._clock()
        tokens, then = self._buckets.pop(address, (float(self._rate.burst), now))
        tokens = min(self._rate.burst, tokens + (now - then) * self._rate.per_second)
        allowed = tokens >= 1
        self._buckets[address] = tokens - allowed, now
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate.per_second


def failure(error: SegueError, status: int = 400, headers: dict[str, str] | None = None) -> Response:
    """The answer that says ``error``. Its JSON has no ``<``, should anything ever take it for a page."""
    problem = Problem(error.what, error.where, error.found, error.expected, error.fix)
    body = encoded(Failure(problem)).replace(b"<", b"\\u003c")
    return Response(body, status, headers, "application/json")


def refusal(error: RefusedError) -> Response:
    return failure(error, error.status, error.headers)


class Guard:
    """Calls ``app`` with requests that keep the rules, and gives every answer HEADERS.

    ``names``: hosts by which pages may call the server beside ``localhost`` and addresses, so that no page of
    another site gets to it by a name of its own that leads here (DNS rebinding). ``body_bytes``: of paths
    that take more than BODY_BYTES.
    """

    def __init__(self, app: App, names: Iterable[str], rate: Rate, body_bytes: dict[str, int]):
        self._app, self._buckets, self._body_bytes = app, Buckets(rate), body_bytes
        self._names = {"localhost", *(name.lower() for name in names)}
        self._at_work = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *RAW_HEADERS]
            await send(message)

        try:
            self._require_welcome(scope)
        except RefusedError as error:
            # The body, if there is one, stays unread, so that the connection is of no more use.
            error.headers["Connection"] = "close"
            await refusal(error)(scope, receive, with_headers)
            return
        self._at_work += 1
        try:
            limit = self._body_bytes.get(scope["path"], BODY_BYTES)
            await self._app(scope, bounded(receive, limit, BODY_SECONDS), with_headers)
        finally:
            self._at_work -= 1

    def _require_welcome(self, scope: Message) -> None:
        headers = _single(scope["headers"])
        self._require_host(headers.get(b"host", ""))
        if (scope["method"], scope["path"]) != ("GET", "/"):  # to which pages of other sites may lead
            _require_same_origin(headers)
        _require_short(headers, self._body_bytes.get(scope["path"], BODY_BYTES))
        wait = self._buckets.wait(scope["client"][0] if scope["client"] else "")
        if not wait and self._at_work >= AT_ONCE:
            wait = 1.0
        if wait:
            raise RefusedError(
                "Too many requests.",
                status=429,
                headers={"Retry-After": str(math.ceil(wait))},
                found="more than the server works at",
                expected=f"the next in {math.ceil(wait)} s",
            )

    def _require_host(self, host: str) -> None:
        name = _name_of(host)
        if name in self._names or _is_address(name):
            return
        raise RefusedError(
            "The server is not called by this name.",
            status=421,
            where="Host",
            found=host[:100],
            expected=" or ".join(sorted(self._names)) + ", or its address",
            fix="say --host with the name that it is to have",
        )


def bounded(receive: Receive, limit: int, seconds: float) -> Receive:
    """``receive`` that raises RefusedError for a body of more than ``limit`` bytes, or that takes longer."""
    left, is_whole = limit, False
    deadline = asyncio.get_running_loop().time() + seconds

    async def next_part() -> Message:
        nonlocal left, is_whole
        if is_whole:  # what comes now is the end of the connection, for which there is no hurry
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            raise RefusedError(
                "The request took too long to arrive.",
                status=408,
                headers={"Connection": "close"},
                found=f"no end after {seconds:g} s",
            ) from error
        is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        left -= len(message.get("body", b""))
        if left < 0:
            raise _too_large(f"over {limit:,} bytes", limit)
        return message

    return next_part


def _too_large(found: str, limit: int) -> RefusedError:
    return RefusedError(
        "The request is too large.",
        status=413,
        headers={"Connection": "close"},
        where="the body",
        found=found,
        expected=f"at most {limit:,} bytes",
        fix="ask for less at a time",
    )


def _single(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """Those that have to stand there once at most. Raises RefusedError where one stands there twice."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name not in (b"host", b"origin", b"sec-fetch-site", b"content-length"):
            continue
        if name in found:
            raise RefusedError(
                "A header stands there twice.", where=name.decode(), found=value.decode("latin-1")
            )
        found[name] = value.decode("latin-1")
    return found


def _require_same_origin(headers: dict[bytes, str]) -> None:
    """No page of another site asks, or shows what is asked."""
    site, origin, host = (headers.get(name) for name in (b"sec-fetch-site", b"origin", b"host"))
    if site in (None, "none", "same-origin") and origin in (None, f"http://{host}", f"https://{host}"):
        return
    raise RefusedError(
        "Only the server's own page may ask.",
        status=403,
        where="Origin" if origin else "Sec-Fetch-Site",
        found=(origin or site or "")[:100],
        expected=f"http://{host}",
    )


def _require_short(headers: dict[bytes, str], limit: int) -> None:
    length = headers.get(b"content-length", "0")
    if not length.isdecimal() or int(length) > limit:
        raise _too_large(f"{length[:20]} bytes", limit)


def _name_of(host: str) -> str:
    """A Host header without its port."""
    name, separator, port = host.rpartition(":")
    is_port = bool(separator) and (port.isdecimal() or not port) and not name.endswith(":")
    if is_port and (":" not in name or name.endswith("]")):
        host = name
    return host.lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
