"""Lists what all batches rejected, and playlists that stand in several of them."""

import polars as pl

from segue.data.provenance import write_table
from segue.data.quarantine import SCHEMA, repeated_playlists, summary
from segue.errors import SegueError
from segue.jobs import log, logged


def list_quarantine(quarantines: list[str], playlists: list[str], target: str, on_bad_slice: str) -> None:
    """``quarantines`` and ``playlists``: files of the batches, in the order of the slices.

    Where a pid stands in several batches its first playlist stays. With ``on_bad_slice`` ``fail`` this
    raises SegueError. How much may be rejected is for what uses the list to say, so that the list is there.
    """
    pids = pl.concat(pl.read_parquet(path, columns=["slice", "pid"]) for path in playlists)
    repeated = repeated_playlists(pids)
    if on_bad_slice == "fail" and not repeated.is_empty():
        first = repeated.row(0, named=True)
        raise SegueError(
            "A playlist stands in several slices.",
            where=first["where"],
            found=f"{first['found']} ({repeated['pid'].n_unique()} repeated pids in all)",
            expected="each pid once",
            fix="remove the slices that overlap from data.dir, or set data.on_bad_slice to quarantine",
        )
    rejected = pl.concat([pl.DataFrame(schema=SCHEMA), *map(pl.read_parquet, quarantines), repeated])
    for line in summary(rejected):
        log.warning(line)
    if rejected.is_empty():
        log.info("Nothing was rejected.")
    write_table(target, rejected, "quarantine", [])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        list_quarantine(
            snakemake.input.quarantines,
            snakemake.input.playlists,
            snakemake.output.quarantine,
            **snakemake.params.settings,
        )
