"""Small catalogues for tests: playlists with titles, and tracks by their letters."""

import polars as pl
from scipy.sparse import csr_array

from segue.catalogue.catalogue import Catalogue, save_catalogue
from segue.catalogue.tables import CatalogueTables


def make_catalogue(folder, playlists, min_degree=1, artists=None, albums=None, core=()):
    """``playlists``: (title, tracks as text, a letter each); pids count from 100. ``artists``, ``albums``: by
    letter, else a track has those of its own name. ``core``: letters of the tracks in the k-core, whose
    playlists are those with such a track."""
    degree = {}
    for _, tracks in playlists:
        for track in tracks:
            degree[track] = degree.get(track, 0) + 1
    order = sorted(degree, key=lambda track: (-degree[track], track))
    place = {track: number for number, track in enumerate(order)}
    numbers = {track: number for number, track in enumerate(sorted(core))}
    artist_of = {track: (artists or {}).get(track, f"artist {track}") for track in order}
    album_of = {track: (albums or {}).get(track, f"album {track}") for track in order}
    artist_ids, album_ids = (
        {name: number for number, name in enumerate(sorted({*of.values()} - {None}))}
        for of in (artist_of, album_of)
    )
    tracks = pl.DataFrame(
        {
            "track": range(len(order)),
            "track_uri": [f"spotify:track:{track}" for track in order],
            "track_name": order,
            "artist_uri": [artist_of[track] for track in order],
            "artist_name": [artist_of[track] for track in order],
            "album_uri": [album_of[track] for track in order],
            "degree": [degree[track] for track in order],
            "core": [numbers.get(track) for track in order],
            "artist": [artist_ids.get(artist_of[track]) for track in order],
            "album": [album_ids.get(album_of[track]) for track in order],
        },
        schema_overrides=dict.fromkeys(("track", "degree", "core", "artist", "album"), pl.Int32),
    )
    inside = [row for row, (_, tracks) in enumerate(playlists) if {*tracks} & {*core}]
    lists = pl.DataFrame(
        {
            "playlist": range(len(playlists)),
            "pid": range(100, 100 + len(playlists)),
            "name": [title for title, _ in playlists],
            "core": [inside.index(row) if row in inside else None for row in range(len(playlists))],
        },
        schema_overrides={"playlist": pl.Int32, "pid": pl.Int64, "name": pl.String, "core": pl.Int32},
    )
    pairs = [(row, place[track]) for row, (_, tracks) in enumerate(playlists) for track in tracks]
    rows, cols = zip(*pairs, strict=True)
    listed = csr_array(([1] * len(pairs), (rows, cols)), shape=(len(playlists), len(order)), dtype="int8")
    listed.sort_indices()
    save_catalogue(CatalogueTables(tracks, lists, listed), min_degree, folder)
    return Catalogue(folder)


def uris(letters):
    return [f"spotify:track:{letter}" for letter in letters]
