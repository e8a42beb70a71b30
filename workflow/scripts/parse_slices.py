"""Checks a batch of slices and writes its edges, playlists and tracks as Parquet."""

from collections.abc import Iterator
from pathlib import Path

from segue.files import atomic
from segue.jobs import log, logged
from segue.mpd import Slice, read_slice, tables


def parse_slices(sources: list[str], edges: str, playlists: str, tracks: str) -> None:
    """``sources``: slice files; the others: where the tables of `segue.mpd.Tables` go, all three or none."""
    batch = tables(_read(sources), [Path(source).name for source in sources])
    rows = ", ".join(f"{len(table):,} {name}" for name, table in batch._asdict().items())
    log.info("%d slice(s): %s", len(sources), rows)
    with atomic(edges) as first, atomic(playlists) as second, atomic(tracks) as third:
        for table, path in zip(batch, (first, second, third), strict=True):
            table.write_parquet(path, compression="zstd")


def _read(sources: list[str]) -> Iterator[Slice]:
    for source in sources:
        part = read_slice(source)
        log.info("%s: %s playlists, %s entries", source, f"{len(part.playlists):,}", f"{len(part.entries):,}")
        yield part


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        parse_slices(
            snakemake.input.slices,
            snakemake.output.edges,
            snakemake.output.playlists,
            snakemake.output.tracks,
        )
