"""One thread for what takes more than a moment, and requests that wait for it answered together."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
Together = Callable[[Hashable, Sequence[Asked]], Sequence["Answered | Exception"]]


class Worker(Generic[Asked, Answered]):
    """Calls ``together(key, asked)`` in a thread of its own, with up to ``most`` questions of one key that
    came while it was at others, in their order; it returns an answer, or an exception, for each.

    Questions of one key are answered together where that costs less than one by one. An exception that
    ``together`` raises is every question's. Its thread ends with ``stop``, or with the process.
    """

    def __init__(self, together: Together, most: int, name: str):
        self._together, self._most = together, most
        self._waiting: deque[tuple[Hashable, Asked, asyncio.Future, asyncio.AbstractEventLoop]] = deque()
        self._some = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def ask(self, key: Hashable, question: Asked) -> Answered:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._some:
            self._waiting.append((key, question, future, loop))
            self._some.notify()
        return await future

    def stop(self) -> None:
        with self._some:
            self._stopped = True
            self._some.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            key, loop = batch[0][0], batch[0][3]
            try:
                answers = self._together(key, [question for _, question, _, _ in batch])
            except Exception as error:
                answers = [error] * len(batch)
            done = [(future, answer) for (_, _, future, _), answer in zip(batch, answers, strict=True)]
            try:
                loop.call_soon_threadsafe(_tell, done)
            except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
                return

    def _next(self) -> list[tuple[Hashable, Asked, asyncio.Future, asyncio.AbstractEventLoop]]:
        """Waits for questions, and takes the first and those of its key; none at the end."""
        with self._some:
            while not self._waiting and not self._stopped:
                self._some.wait()
            if self._stopped:
                return []
            key, batch, others = self._waiting[0][0], [], deque()
            for one in self._waiting:
                mine = one[0] == key and len(batch) < self._most
                (batch if mine else others).append(one)
            self._waiting = others
            return batch


def _tell(done: Sequence[tuple[asyncio.Future, Any]]) -> None:
    for future, answer in done:
        if future.cancelled():  # the one who asked is gone
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
