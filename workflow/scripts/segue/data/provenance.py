"""Parquet files that say what they are and what they were made from."""

import json
import zlib
from pathlib import Path
from typing import Any

import polars as pl

from segue.data.slices import Source
from segue.files import atomic

KEY = "segue"  # of the file's metadata, beside Arrow's own schema
# Rows that have their own minima and maxima, so that readers can skip the others. Polars' default, by name.
ROW_GROUP = 2**18
BLOCK = 2**20  # bytes of a file that are held at a time


def source_record(source: Source, text: bytes) -> dict[str, Any]:
    """What identifies a slice: file, member of an archive or null, and size and CRC-32 of its text.

    CRC-32 finds damage, which is what this is for, in half the time of SHA-256.
    """
    return _record(source.path, source.member, len(text), zlib.crc32(text))


def file_record(path: str) -> dict[str, Any]:
    """As `source_record`, of a file as it lies there: a packed one is not unpacked."""
    size = crc = 0
    with Path(path).open("rb") as file:
        while block := file.read(BLOCK):
            size, crc = size + len(block), zlib.crc32(block, crc)
    return _record(path, None, size, crc)


def _record(path: str, member: str | None, size: int, crc: int) -> dict[str, Any]:
    return {"file": path, "member": member, "bytes": size, "crc32": f"{crc:08x}"}


def write_batch(
    targets: dict[str, str], tables: dict[str, pl.DataFrame], sources: list[dict[str, Any]]
) -> None:
    """Writes each table of a batch to its target; kinds are ``slices/`` and the name."""
    for name, table in tables.items():
        write_table(targets[name], table, f"slices/{name}", sources)


def write_table(path: str | Path, table: pl.DataFrame, schema: str, sources: list[dict[str, Any]]) -> None:
    """Writes ``table`` as Parquet: zstd, statistics of each row group, dictionaries where strings repeat;
    whole or not at all.

    ``schema`` names the table's kind, such as ``slices/edges``; ``sources`` are those of
    `source_record` or `file_record`.
    """
    about = {"version": VERSION, "schema": schema, "sources": sources}
    with atomic(path) as temporary:
        table.write_parquet(
            temporary,
            compression="zstd",
            compression_level=1,  # as small as the default's 3 here, and quicker
            statistics=True,
            row_group_size=ROW_GROUP,
            metadata={KEY: json.dumps(about, ensure_ascii=False)},
        )


def read_provenance(path: str | Path) -> dict[str, Any]:
    """``version``, ``schema`` and ``sources``, as `write_table` was given them."""
    return json.loads(pl.read_parquet_metadata(path)[KEY])


VERSION = "0.1.0"
