"""The server on its port, until it is told to end."""

import gc
import socket
from collections.abc import Callable, Iterable

import torch
import uvicorn

from segue.errors import SegueError
from segue.web.app import READ, application
from segue.web.guard import Guard, Rate
from segue.web.protocol import Connection
from segue.web.served import Facts, Served
from segue.web.wire import FILE_BYTES

IDLE_SECONDS = 60  # that a connection may wait for its next request
ANY = ("0.0.0.0", "::", "")  # noqa: S104, addresses that are all of the machine's


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def bound(host: str, port: int) -> socket.socket:
    """A socket on ``host`` and ``port``, 0 for a free one. Raises SegueError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise SegueError(
            "The server cannot listen there.",
            where=f"{host}, port {port}",
            found=error.strerror or str(error),
            expected="an address of this machine, and a port that no other program has",
            fix=f"name another port: segue serve --port {port + 1}; 0 takes any that is free",
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def guarded(served: Served, names: Iterable[str] = (), rate: Rate | None = None) -> Guard:
    return Guard(application(served), names, rate or Rate(), {READ: FILE_BYTES})


def answer(
    started: Callable[[Served], None],
    facts: Facts,
    listening: socket.socket,
    names: Iterable[str],
    rate: Rate,
) -> None:
    """Reads the run, and answers as ``listen`` does; ``names``, ``rate``: as in ``Guard``."""
    torch.set_num_threads(1)  # a question has too little to do to be shared
    served = Served(facts)
    gc.freeze()  # what is loaded stays: to look through it for garbage would stop answers for a moment
    try:
        listen(guarded(served, names, rate), listening, lambda: started(served))
    finally:
        served.close()


def listen(app: Guard, listening: socket.socket, started: Callable[[], None]) -> None:
    """Answers until SIGINT or SIGTERM, and at once no more. Calls ``started`` when it does answer."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=1,
    )
    Server(config).run(sockets=[listening])
