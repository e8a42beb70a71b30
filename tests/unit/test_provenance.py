import polars as pl
import pyarrow.parquet as pq

from segue.data.mpd import TRACK_SCHEMA
from segue.data.provenance import (
    BLOCK,
    ROW_GROUP,
    VERSION,
    file_record,
    read_provenance,
    source_record,
    write_table,
)
from segue.data.slices import Source

SOURCES = [source_record(Source("mpd/a.zip", "x/mpd.slice.0-9.json"), b"abc")]


def test_a_table_says_what_it_is_and_where_it_comes_from(tmp_path):
    table = pl.DataFrame({"name": ["Møn 🌙", None]})
    write_table(tmp_path / "t.parquet", table, "slices/tracks", SOURCES)
    assert pl.read_parquet(tmp_path / "t.parquet").equals(table)
    about = {"file": "mpd/a.zip", "member": "x/mpd.slice.0-9.json", "bytes": 3, "crc32": "352441c2"}
    expected = {"version": VERSION, "schema": "slices/tracks", "sources": [about]}
    assert read_provenance(tmp_path / "t.parquet") == expected


def test_a_file_is_described_without_being_held_whole(tmp_path):
    path = tmp_path / "edges.csv"
    for text in (b"", b"abc", b"x" * BLOCK, bytes(range(256)) * (BLOCK // 100)):
        path.write_bytes(text)
        assert file_record(str(path)) == source_record(Source(str(path)), text)


def test_row_groups_statistics_compression_and_dictionaries(tmp_path):
    """Artists and albums repeat and get a dictionary; to a track uri, which stands once, one adds nothing."""
    rows = 2 * ROW_GROUP - 7
    columns = {
        "track_uri": pl.Series([f"spotify:track:{i:022}" for i in range(rows)]),
        **{
            name: pl.Series([f"{name}:{i // 40:022}" for i in range(rows)])
            for name in TRACK_SCHEMA
            if name in ("artist_uri", "album_uri")
        },
    }
    write_table(
        tmp_path / "t.parquet", pl.DataFrame(columns | {"duration_ms": pl.arange(rows, eager=True)}), "x", []
    )
    metadata = pq.ParquetFile(tmp_path / "t.parquet").metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [
        ROW_GROUP,
        ROW_GROUP - 7,
    ]
    for number in range(2):
        group = metadata.row_group(number)
        chunks = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
        assert {chunk.compression for chunk in chunks.values()} == {"ZSTD"}
        assert {name: "RLE_DICTIONARY" in chunk.encodings for name, chunk in chunks.items()} == {
            "track_uri": False,
            "artist_uri": True,
            "album_uri": True,
            "duration_ms": False,
        }
        statistics = chunks["duration_ms"].statistics
        assert (statistics.min, statistics.max, statistics.null_count) == (
            number * ROW_GROUP,
            min((number + 1) * ROW_GROUP, rows) - 1,
            0,
        )
