"""A run that is served: what is asked of it, and who works at what."""

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.serve.answering import Continuation
from segue.serve.asked import checked_playlists
from segue.serve.forms import Playlist
from segue.serve.ids import IdColumns
from segue.serve.search import TrackSearch
from segue.serve.tracks import USES
from segue.web import wire
from segue.web.answers import Asked, answering
from segue.web.maps import Maps
from segue.web.models import Models
from segue.web.playlists import RunPlaylists, WhyDropped
from segue.web.reading import QUICK_BYTES, Reader
from segue.web.work import Worker, one_by_one

TOGETHER = 16  # questions that are answered at once
WAITING, WAITING_LONG = 256, 32
SEARCHES = 512  # that are remembered


@dataclass(frozen=True)
class Facts:
    """``title``: what the run is called; ``invented``: whether its playlists are the sample's; ``ids``: of a
    run on edge lists; ``names``: of the models to be offered, the first the one that is asked where none is
    named; ``why_dropped``: of ``RunPlaylists``."""

    results: Path
    title: str
    invented: bool
    ids: IdColumns | None
    recall_k: int
    names: Sequence[str]
    why_dropped: WhyDropped | None = None


class Served:
    """Reads the tables of the run, and its models. Methods that answer raise SegueError where they cannot."""

    def __init__(self, facts: Facts):
        self._facts = facts
        self._models = models = Models(facts.results, facts.names)
        self._playlists = RunPlaylists(facts.results, facts.why_dropped)
        maps, search = Maps(facts.results, models), TrackSearch(models.first.tracks)
        self._answering = {
            name: answering(model, name, models.labels[name]) for name, model in models.loaded.items()
        }
        self._found = one_by_one(functools.lru_cache(SEARCHES)(lambda asked: _found(search, *asked)))
        self._playlists_found = one_by_one(lambda asked: self._playlists.find(*asked))
        self._playlist = one_by_one(self._playlists.of)
        self._reader = reader = Reader(models.first, facts.ids)
        self._read_at_once = one_by_one(reader.at_once)
        self._map = one_by_one(lambda name: maps.of(name).answer)
        self._place = one_by_one(lambda asked: maps.of(asked[0]).place(asked[1]))
        self._quick, self._long = Worker("quick", TOGETHER, WAITING), Worker("long", TOGETHER, WAITING_LONG)

    @property
    def models(self) -> list[wire.Model]:
        return self._models.described

    def close(self) -> None:
        self._quick.stop()
        self._long.stop()

    async def run(self) -> wire.Run:
        facts = self._facts
        return wire.Run(
            facts.title,
            facts.invented,
            self._playlists.count,
            self._models.first.core.height,
            facts.names[0],
            facts.recall_k,
            self.models,
            wire.Limits(),
        )

    async def tracks(self, q: str, n: int) -> wire.Tracks:
        return await self._quick.ask(self._found, (q.strip(), n))

    async def playlists(self, q: str, n: int) -> wire.Playlists:
        return await self._quick.ask(self._playlists_found, (q, n))

    async def playlist(self, pid: int) -> wire.PlaylistOfRun:
        return await self._quick.ask(self._playlist, pid)

    async def read(self, data: bytes, name: str) -> wire.Read:
        if len(data) <= QUICK_BYTES and (read := await self._quick.ask(self._read_at_once, (data, name))):
            return read
        return await self._long.ask(self._reader.together, (data, name))

    async def continued(self, question: wire.Question) -> wire.Answer:
        names = self._models.require(question.models)
        playlist = self._asked(question.tracks, question.title, question.pid)
        held_out = None if question.pid is None else self._playlists.held_out(question.pid)
        asked = Asked(playlist, question.n, held_out)
        answers = await asyncio.gather(
            *(self._quick.ask(self._answering[name], asked) for name in names), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return wire.Answer(_given(self._models.loaded[names[0]], playlist.tracks), answers)

    async def map(self, model: str) -> wire.Map:
        return await self._long.ask(self._map, model)

    async def place(self, asked: wire.ToPlace, model: str) -> wire.Place:
        return await self._long.ask(self._place, (model, self._asked(asked.tracks, asked.title, asked.pid)))

    def _asked(self, tracks: Sequence[str], title: str | None, pid: int | None = None) -> Playlist:
        """Its distinct tracks as uris; on edge lists without its title, which is an id."""
        model, title = self._models.first, None if self._facts.ids else title
        asked = Playlist(tuple(dict.fromkeys(tracks)), title, pid)
        return checked_playlists([asked], model.raw_ids, model.index.__contains__)[0]


def _found(search: TrackSearch, text: str, n: int) -> wire.Tracks:
    return wire.Tracks([wire.Track(*row) for row in search.find(text, n).iter_rows()])


USED = {USES[0]: "graph", USES[-1]: "unused"}  # all else is related


def _given(model: Continuation, uris: Sequence[str]) -> list[wire.Given]:
    uses, names = model.index.uses_of(uris), model.names(uris)
    return [
        wire.Given(uri, *name, USED.get(use, "related"))
        for uri, name, use in zip(uris, names, uses, strict=True)
    ]
