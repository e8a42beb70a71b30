"""The benchmark's tables keep the contract of the real ones."""

import polars as pl
from graph_cases import files, quarantine

from graph_data import Size, write_batches
from segue.graph.merge import merge


def test_the_tables_are_what_parse_slices_would_write(tmp_path):
    count = write_batches(tmp_path, Size(playlists=400, tracks=5_000, batches=4))
    sources = files(sorted(tmp_path.iterdir()))
    pids, uris, pairs = [], set(), 0
    for edges, playlists, tracks in zip(*sources.values(), strict=True):
        edges, playlists, tracks = map(pl.read_parquet, (edges, playlists, tracks))
        assert edges.schema == dict.fromkeys(("playlist", "track", "position", "count"), pl.Int32)
        assert edges.select("playlist", "position").rows() == sorted(
            edges.select("playlist", "position").rows()
        )
        assert not edges.select("playlist", "track").is_duplicated().any()
        assert set(edges["playlist"]) == set(range(playlists.height))
        assert set(edges["track"]) == set(range(tracks.height))
        assert tracks["track_uri"].is_unique().all()
        assert tracks["track_uri"].str.contains("^spotify:track:[0-9A-Za-z]{22}$").all()
        pids += playlists["pid"].to_list()
        uris |= set(tracks["track_uri"])
        pairs += edges.height
    assert pids == list(range(400))
    assert len(uris) == 5_000
    assert pairs == count == len(merge(*sources.values(), quarantine()).playlist)
    assert 50 < count / 400 < 80  # tracks a playlist, 66 on average
