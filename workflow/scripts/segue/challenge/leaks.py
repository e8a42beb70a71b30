"""Playlists to be continued that the training data holds already: nothing is tested by those."""

from collections.abc import Iterable

import polars as pl

from segue.errors import SegueError
from segue.jobs import log

SHOWN = 5


def leaked_pids(pids: Iterable[int | None], training: pl.Series) -> list[int]:
    """Those of ``pids`` that are in ``training``, the pids that a model learned from; rising, each once."""
    asked = pl.Series("pid", list(pids), dtype=pl.Int64).drop_nulls().unique()
    return asked.filter(asked.is_in(training.implode())).sort().to_list()


def require_no_leak(
    pids: Iterable[int | None], training: pl.Series, where: str, fix: str = "", allowed: bool = False
) -> None:
    """Raises SegueError where ``training`` holds one of ``pids``; where that is ``allowed``, logs it.

    ``where`` names what the pids are from, ``fix`` what its reader can do about it.
    """
    leaked = leaked_pids(pids, training)
    if not leaked:
        return
    shown = ", ".join(map(str, leaked[:SHOWN])) + (", ..." if len(leaked) > SHOWN else "")
    if allowed:
        log.warning("The training data holds %d of the playlists of %s: pid %s", len(leaked), where, shown)
        return
    raise SegueError(
        "The training data holds playlists that are to be continued.",
        where=where,
        found=f"{len(leaked):,} pids of both: {shown}",
        expected="playlists that no model learned from, or what is to be found is known",
        fix=fix,
    )
