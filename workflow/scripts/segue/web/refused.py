"""An answer that is none, with its status and what is to be said of it."""

from segue.errors import SegueError


class RefusedError(SegueError):
    """A request that gets no answer; ``status``: of HTTP, from 400 on; ``headers``: sent with it."""

    def __init__(
        self, what: str, *, status: int = 400, headers: dict[str, str] | None = None, **parts: str
    ) -> None:
        self.status, self.headers = status, headers or {}
        super().__init__(what, **parts)
