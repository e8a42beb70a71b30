"""One playlist, its tracks and playlists that share them: a part of the split small enough to be drawn."""

import numpy as np
import polars as pl

ROLES = ("train_message", "train", "validation", "test")
TYPICAL = 12  # tracks of the playlist that is looked for
OTHERS = 2  # playlists beside it
MOST = 16  # tracks that are drawn at most


def split_roles(split: dict[str, np.ndarray]) -> pl.DataFrame:
    """playlist, track (Int64) and role (one of ROLES): a row an edge and role, in the order of the file.

    ``split``: of each of ROLES the edges, [2, E_i] int64, as segue.graph.split writes them.
    """
    parts = [
        pl.DataFrame({"playlist": split[role][0], "track": split[role][1]}).with_columns(role=pl.lit(role))
        for role in ROLES
    ]
    return pl.concat(parts)


def neighbourhood(roles: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``roles`` between up to MOST tracks of a playlist and it, or one of OTHERS playlists.

    The playlist: of those with edges of the most roles the one whose number of tracks is nearest to TYPICAL;
    of equals the first. The others: those that share the most of its drawn tracks, of equals the first.
    Of more than MOST tracks, MOST are drawn, evenly spaced in the order of ROLES and of the tracks.

    Returns playlist, track, role and ``centre`` (Boolean): whether the edge is the playlist's own.
    """
    candidates = roles.group_by("playlist").agg(
        roles=pl.col("role").n_unique(), distance=(pl.col("track").n_unique().cast(pl.Int64) - TYPICAL).abs()
    )
    candidates = candidates.sort("roles", "distance", "playlist", descending=[True, False, False])
    centre = candidates["playlist"][0]
    tracks = by_position(roles.filter(pl.col("playlist") == centre))
    tracks = tracks.gather(np.linspace(0, len(tracks) - 1, min(MOST, len(tracks))).round().astype(int))
    near = roles.filter(pl.col("track").is_in(tracks.implode()))
    shares = near.filter(pl.col("playlist") != centre).group_by("playlist").agg(pl.col("track").n_unique())
    others = shares.sort("track", "playlist", descending=[True, False])["playlist"][:OTHERS]
    near = near.with_columns(centre=pl.col("playlist") == centre)
    return near.filter(pl.col("centre") | pl.col("playlist").is_in(others.implode()))


def by_position(own: pl.DataFrame) -> pl.Series:
    """The tracks of ``own``, a playlist's rows, by the first of ROLES that the edge has, then by index."""
    roles = own.with_columns(pl.col("role").cast(pl.Enum(ROLES)))
    return roles.group_by("track").agg(pl.col("role").min()).sort("role", "track")["track"]
