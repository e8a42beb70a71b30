"""Tables as files."""

from pathlib import Path

import polars as pl

from segue.files import atomic


def save_table(table: pl.DataFrame, path: str | Path) -> None:
    """Writes ``table`` as Parquet, whole or not at all."""
    with atomic(path) as temporary:
        table.write_parquet(temporary, compression="zstd")
