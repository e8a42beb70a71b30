"""Batches of tables as ``parse_slices`` writes them, for the tests of the graph."""

import polars as pl

from segue.data.quarantine import SCHEMA

URI = "spotify:track:{:022d}".format


def write_batch(folder, pairs, slice_name="a.json", split=None):
    """Writes the tables of (pid, track number) ``pairs``; ``split``: the split of each pair.

    The playlists stand in the order of their first pair and so do the tracks; a pair's position is its place
    in ``pairs``. A track is named after the folder.
    """
    folder.mkdir(parents=True)
    pids, numbers = (list(dict.fromkeys(column)) for column in zip(*pairs, strict=True))
    edges = pl.DataFrame(
        {
            "playlist": [pids.index(pid) for pid, _ in pairs],
            "track": [numbers.index(number) for _, number in pairs],
            "position": range(len(pairs)),
            "count": 1,
        }
    ).cast(pl.Int32)
    if split is not None:
        edges = edges.with_columns(split=pl.Series(split, dtype=pl.Enum(["train", "validation", "test"])))
    edges.sort("playlist", "position").write_parquet(folder / "edges.parquet")
    names = [f"list {pid}" for pid in pids]
    pl.DataFrame({"pid": pids, "name": names, "slice": slice_name}).write_parquet(
        folder / "playlists.parquet"
    )
    tracks = {"track_uri": [URI(number) for number in numbers]}
    tracks |= {"track_name": [f"{number} of {folder.name}" for number in numbers]}
    pl.DataFrame(tracks).write_parquet(folder / "tracks.parquet")
    return folder


def files(folders):
    """Lists of the folders' edges, playlists and tracks."""
    names = ("edges", "playlists", "tracks")
    return {name: [str(folder / f"{name}.parquet") for folder in folders] for name in names}


def quarantine(*rows):
    """A table of (slice, pid) that were rejected; pid None is a whole file of 10 playlists."""
    return pl.DataFrame(
        [
            {
                "slice": name,
                "pid": pid,
                "playlists": 10 if pid is None else 1,
                "entries": 0,
                "whole_file": pid is None,
            }
            | {"what": "Bad.", "where": name, "found": "x", "expected": "y"}
            for name, pid in rows
        ],
        schema=SCHEMA,
    )
