"""HTTP connections: how long a request's head may take and be, and how many there may be at once."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segue.web.guard import HEADERS, failure
from segue.web.refused import RefusedError

HEAD_SECONDS = 10.0  # from a connection, or the first byte of a request, to the end of its head
HEAD_BYTES = 2**15
CONNECTIONS = 256


class Connection(HttpToolsProtocol):
    """uvicorn's, which waits for a head as long as one likes, and reads as much of it."""

    _late: asyncio.TimerHandle | None = None
    _head_bytes, _is_large = 0, False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._refuse(RefusedError("There are too many connections.", status=429))
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._late:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._late and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(_too_large())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._forget_head()
        self._is_large = (
            len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES
        )
        if self._is_large:  # what came at once, and with its end
            raise ValueError("too large")  # which ends the parser's work, in ``send_400_response``
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(_too_large() if self._is_large else RefusedError("This is no HTTP request.", found=msg))

    def _expect_head(self) -> None:
        if self._late is None:
            self._head_bytes = 0
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, error: RefusedError) -> None:
        """Says so at the end of the connection; where an answer is on its way, the end alone."""
        if self.cycle is None or self.cycle.response_complete:
            body = failure(error, error.status).body
            told = {**HEADERS, "Content-Type": "application/json", "Content-Length": str(len(body))}
            lines = [
                f"HTTP/1.1 {error.status} Refused",
                *(f"{name}: {value}" for name, value in told.items()),
            ]
            self.transport.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        self.transport.close()


def _too_large() -> RefusedError:
    found = f"over {HEAD_BYTES:,} bytes"
    return RefusedError("The head of the request is too large.", status=431, found=found)
