"""A run that is served: its models, its playlists and its tracks, and who works at what."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.web.answers import Answers, Asked, playlist_of
from segue.web.models import Models, Offered
from segue.web.playlists import RunPlaylists
from segue.web.wire import Answer, Limits, Question, Run
from segue.web.work import Worker

MOST = 16  # questions for one model that are answered together


@dataclass(frozen=True)
class Facts:
    """``title``: what the run is called; ``invented``: whether its playlists are the sample's; ``raw_ids``:
    of edge lists; ``best``: of ``offered``, who is asked where none is named."""

    results: Path
    title: str
    invented: bool
    raw_ids: bool
    recall_k: int
    offered: Sequence[Offered]
    best: str


class Served:
    """Reads the tables of the run, and its best model."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self.models = Models(facts.results, facts.offered, facts.best)
        self.first = self.models.loaded(facts.best)
        self.playlists = RunPlaylists(facts.results)
        self._answers = Answers(self.models)
        self._worker: Worker = Worker(self._answers.together, MOST, "answers")

    def run(self) -> Run:
        facts = self.facts
        return Run(
            facts.title,
            facts.invented,
            self.playlists.count,
            self.first.core.height,
            facts.best,
            facts.recall_k,
            self.models.described(),
            Limits(),
        )

    async def continued(self, question: Question) -> Answer:
        names = self.models.require(question.models)
        title = None if self.facts.raw_ids else question.title  # of edge lists, whose titles are ids
        playlist = playlist_of(self.first, question.tracks, title, question.pid)
        held_out = None if question.pid is None else self.playlists.held_out(question.pid)
        asked = Asked(playlist, question.n, held_out)
        answers = [await self._worker.ask(name, asked) for name in names]
        return Answer(self._answers.given(names[0], playlist.tracks), answers)

    def close(self) -> None:
        self._worker.stop()
