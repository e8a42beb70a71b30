"""Parquet files that say what they are and what they were made from."""

import json
import zlib
from pathlib import Path
from typing import Any

import polars as pl

from segue.slices import Source
from segue.version import VERSION

KEY = "segue"  # of the file's metadata, beside Arrow's own schema
# Rows that have their own minima and maxima, so that readers can skip the others. Polars' default, by name.
ROW_GROUP = 2**18


def source_record(source: Source, text: bytes) -> dict[str, Any]:
    """What identifies a slice: file, member of an archive or null, and size and CRC-32 of its text.

    CRC-32 finds damage, which is what this is for, in half the time of SHA-256.
    """
    return {
        "file": source.path,
        "member": source.member,
        "bytes": len(text),
        "crc32": f"{zlib.crc32(text):08x}",
    }


def write_table(path: str | Path, table: pl.DataFrame, schema: str, sources: list[dict[str, Any]]) -> None:
    """Writes ``table`` as Parquet: zstd, statistics of each row group, dictionaries where strings repeat.

    ``schema`` names the table's kind, such as ``slices/edges``; ``sources`` are those of `source_record`.
    """
    about = {"version": VERSION, "schema": schema, "sources": sources}
    table.write_parquet(
        path,
        compression="zstd",
        statistics=True,
        row_group_size=ROW_GROUP,
        metadata={KEY: json.dumps(about, ensure_ascii=False)},
    )


def read_provenance(path: str | Path) -> dict[str, Any]:
    """``version``, ``schema`` and ``sources``, as `write_table` was given them."""
    return json.loads(pl.read_parquet_metadata(path)[KEY])
