"""Checks a batch of slices and writes its edges, playlists and tracks as Parquet, and what was rejected."""

from typing import Any

from segue.data.ingest import Batch
from segue.data.provenance import source_record, write_batch
from segue.data.quarantine import rejected_row, summary
from segue.data.slices import Source
from segue.data.sources import read_md5sums, read_source, require_md5, without_mark
from segue.errors import SegueError
from segue.jobs import keep_freed_memory, log, logged


def parse_slices(
    sources: list[Source], targets: dict[str, str], on_bad_slice: str, md5sums: str | None
) -> None:
    """``targets``: where each table of `segue.data.ingest.Tables` goes by its name, all of them or none.

    ``on_bad_slice``: ``fail`` or ``quarantine``; ``md5sums``: the file with the slices' MD5, or None.
    """
    keep_freed_memory()  # each slice's text goes where the last one was
    sums = None if md5sums is None else read_md5sums(md5sums)
    batch = Batch(quarantine=on_bad_slice == "quarantine")
    records = []
    for source in sources:
        try:
            records.append(_add(batch, source, sums))
        except SegueError as error:
            if on_bad_slice == "fail":
                raise
            first, last = source.pids
            batch.reject(rejected_row(source.name, None, last - first + 1, error, whole_file=True))
    tables = batch.tables()
    rows = ", ".join(
        f"{len(table):,} {name}" for name, table in tables._asdict().items() if name != "quarantine"
    )
    log.info("%d slice(s): %s", len(sources), rows)
    for line in summary(tables.quarantine):
        log.warning(line)
    write_batch(targets, tables._asdict(), records)


def _add(batch: Batch, source: Source, sums: dict[str, str] | None) -> dict[str, Any]:
    text = read_source(source)
    if sums is not None:
        require_md5(source, text, sums)
    playlists, entries = batch.add(without_mark(text), source.name, str(source))
    log.info("%s: %s playlists, %s entries", source, f"{playlists:,}", f"{entries:,}")
    return source_record(source, text)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        parse_slices(
            [Source(*source) for source in snakemake.params.settings["sources"]],
            dict(snakemake.output.items()),
            snakemake.params.settings["on_bad_slice"],
            snakemake.input.get("md5sums") or None,
        )
