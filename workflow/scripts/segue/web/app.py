"""The application: paths, what they take and give, and what is said where they give nothing."""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from segue.errors import SegueError
from segue.web import bodies, wire
from segue.web.guard import failure, refusal
from segue.web.openapi import description
from segue.web.refused import RefusedError
from segue.web.served import Served

STATIC = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Query:
    """A parameter of a query: a text, or a whole number from 1 to ``most``."""

    name: str
    says: str
    default: str | int
    most: int

    def read(self, request: Request) -> Any:
        """Raises RefusedError where it stands there twice or is none."""
        given = request.query_params.getlist(self.name)
        if not given:
            return self.default
        text = given[0]
        if len(given) > 1:
            raise self._wrong("it stands there twice")
        if isinstance(self.default, str):
            if len(text) > self.most:
                raise self._wrong(f"{len(text):,} characters")
            return text
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= self.most):
            raise self._wrong(repr(text[:20]))
        return int(text)

    def _wrong(self, found: str) -> RefusedError:
        what = "characters at most" if isinstance(self.default, str) else "at most, a whole number from 1"
        return RefusedError(
            "A parameter is not what it has to be.",
            where=self.name,
            found=found,
            expected=f"{self.most} {what}",
        )


@dataclass(frozen=True)
class Endpoint:
    """``path`` of the API, and the function that answers; ``query``: its parameters; ``takes``: the struct of
    its body, bytes for one as it is, None for none; ``gives``: of its answer."""

    method: str
    path: str
    says: str
    answer: Callable[..., Awaitable[msgspec.Struct]]
    gives: type[msgspec.Struct]
    query: tuple[Query, ...] = ()
    takes: Any = None


READ = "/api/read"
TEXT = Query("q", "What is looked for.", "", wire.QUESTION)
COUNT = Query("n", "How many, at most.", 20, wire.FOUND)


FILE = Query("name", "The file's name, whose ending says what it is.", "", wire.QUESTION)


def endpoints(served: Served) -> list[Endpoint]:
    return [
        Endpoint("GET", "/api/run", "The run, its models and the limits.", served.run, wire.Run),
        Endpoint(
            "GET",
            "/api/tracks",
            "Tracks by words of their names, half typed or misspelt.",
            served.tracks,
            wire.Tracks,
            (TEXT, COUNT),
        ),
        Endpoint(
            "GET",
            "/api/playlists",
            "Playlists of the run by pid, or by words of the title.",
            served.playlists,
            wire.Playlists,
            (TEXT, COUNT),
        ),
        Endpoint(
            "GET",
            "/api/playlists/{pid:int}",
            "A playlist of the run, without the tracks that the test holds out.",
            served.playlist,
            wire.PlaylistOfRun,
        ),
        Endpoint(
            "POST",
            READ,
            "The playlists in a file of any form that Segue reads.",
            served.read,
            wire.Read,
            (FILE,),
            takes=bytes,
        ),
        Endpoint(
            "POST",
            "/api/continue",
            "Tracks that models propose for a playlist.",
            served.continued,
            wire.Answer,
            takes=wire.Question,
        ),
        Endpoint(
            "GET",
            "/api/map/{model}",
            "The run's playlists as a model sees them.",
            served.map,
            wire.Map,
        ),
        Endpoint(
            "POST",
            "/api/map/{model}",
            "The place of a playlist on a model's map.",
            served.place,
            wire.Place,
            takes=wire.ToPlace,
        ),
    ]


def application(served: Served) -> Starlette:
    """What answers; to be called through a Guard."""
    points = endpoints(served)
    spec = msgspec.json.encode(description(points))

    async def openapi(request: Request) -> Response:
        return Response(spec, media_type="application/json")

    starlette = Starlette(
        # What is asked most comes first: they are tried one after the other.
        routes=[
            *(Route(one.path, _handler(one), methods=[one.method]) for one in points),
            *_static(),
            Route("/openapi.json", openapi),
        ],
        exception_handlers={
            SegueError: lambda _, error: failure(error),
            RefusedError: lambda _, error: refusal(error),
            HTTPException: _no_such,
            ClientDisconnect: _gone,
            Exception: _fault,
        },
    )
    starlette.router.redirect_slashes = False
    return starlette


def _handler(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    decode = bodies.decoder(endpoint.takes) if endpoint.takes not in (None, bytes) else None

    async def handle(request: Request) -> Response:
        values = {query.name: query.read(request) for query in endpoint.query}
        values |= request.path_params
        if endpoint.takes is None:
            answer = await endpoint.answer(**values)
        elif decode is None:
            _require_type(request, "application/octet-stream")
            answer = await endpoint.answer(await request.body(), **values)
        else:
            _require_type(request, "application/json")
            answer = await endpoint.answer(bodies.decoded(decode, await request.body()), **values)
        return Response(bodies.encoded(answer), media_type="application/json")

    return handle


def _require_type(request: Request, expected: str) -> None:
    """Both are types that no form of another site's page can send."""
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != expected:
        raise RefusedError(
            "The request is of another type.",
            status=415,
            where="Content-Type",
            found=given[:100] or "none",
            expected=expected,
        )


def _static() -> list[Route]:
    """A route for each file of the page, which is held in memory: what is no route here is no file."""

    async def send(request: Request, body: bytes, kind: str) -> Response:
        return Response(body, media_type=kind, headers={"Cache-Control": "no-cache"})

    routes = []
    for path in sorted(STATIC.iterdir()):
        if path.suffix in TYPES:
            answer = functools.partial(send, body=path.read_bytes(), kind=TYPES[path.suffix])
            routes.append(Route("/" if path.name == "index.html" else f"/static/{path.name}", answer))
    return routes


async def _no_such(request: Request, error: HTTPException) -> Response:
    what = {404: "There is nothing at this path.", 405: "The path takes no such method."}
    refused = RefusedError(
        what.get(error.status_code, "The request is refused."),
        status=error.status_code,
        headers=dict(error.headers or {}),
        where=request.url.path[:100],
        found=request.method[:20],
        expected="a path of /openapi.json",
    )
    return refusal(refused)


async def _gone(request: Request, error: ClientDisconnect) -> Response:
    return refusal(RefusedError("The request has no end."))  # which nobody reads


async def _fault(request: Request, error: Exception) -> Response:
    return failure(SegueError("The server has a fault; its terminal says which."), 500)
