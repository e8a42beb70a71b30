"""A thread for what takes more than a moment, where questions that wait are answered together."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from segue.web.refused import RefusedError

# Of questions, to an answer or an exception for each.
Together = Callable[[Sequence[Any]], Sequence[Any]]


def one_by_one(answer: Callable[[Any], Any]) -> Together:
    """Of a function of one question."""

    def together(questions: Sequence[Any]) -> list[Any]:
        return [tried(question) for question in questions]

    def tried(question: Any) -> Any:
        try:
            return answer(question)
        except Exception as error:
            return error

    return together


@dataclass(frozen=True)
class _Asked:
    together: Together
    question: Any
    future: asyncio.Future
    loop: asyncio.AbstractEventLoop


class Worker:
    """Calls functions in a thread of its own, one after the other, each with up to ``most`` of its questions
    that came while it was at others, in their order.

    An exception that the function raises is every question's. More than ``waiting`` questions are refused.
    The thread ends with ``stop``, or with the process.
    """

    def __init__(self, name: str, most: int, waiting: int):
        self._most, self._most_waiting = most, waiting
        self._waiting: deque[_Asked] = deque()
        self._some = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def ask(self, together: Together, question: Any) -> Any:
        """What ``together`` answers to ``question``."""
        loop = asyncio.get_running_loop()
        asked = _Asked(together, question, loop.create_future(), loop)
        with self._some:
            if len(self._waiting) >= self._most_waiting:
                raise RefusedError(
                    "The server is busy.",
                    status=429,
                    headers={"Retry-After": "1"},
                    found=f"{len(self._waiting)} requests that wait",
                    fix="ask again in a second",
                )
            self._waiting.append(asked)
            self._some.notify()
        return await asked.future

    def stop(self) -> None:
        """Ends after what is worked at, whose answers nobody gets any more."""
        with self._some:
            self._stopped = True
            self._some.notify()

    def _run(self) -> None:
        while batch := self._next():
            try:
                answers = batch[0].together([one.question for one in batch])
            except Exception as error:
                answers = [error] * len(batch)
            with contextlib.suppress(RuntimeError):  # of a loop that was closed: nobody waits any more
                batch[0].loop.call_soon_threadsafe(_tell, [*zip(batch, answers, strict=True)])

    def _next(self) -> list[_Asked]:
        """Waits for questions, and takes the first and those of its function; none at the end."""
        with self._some:
            while not self._waiting and not self._stopped:
                self._some.wait()
            if self._stopped:
                return []
            together, batch, others = self._waiting[0].together, [], deque()
            for one in self._waiting:
                mine = one.together == together and len(batch) < self._most
                (batch if mine else others).append(one)
            self._waiting = others
            return batch


def _tell(answered: Sequence[tuple[_Asked, Any]]) -> None:
    for asked, answer in answered:
        if asked.future.cancelled():  # who asked is gone
            continue
        if isinstance(answer, Exception):
            asked.future.set_exception(answer)
        else:
            asked.future.set_result(answer)
