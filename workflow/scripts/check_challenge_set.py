"""Looks at a given challenge set before anything is trained: is it one, and was nothing of it read."""

import polars as pl

from segue.challenge.challenge_set import require_no_leak
from segue.challenge.given_set import counted, read_challenge_set
from segue.files import write_json
from segue.jobs import log, logged


def check_challenge_set(challenge_set: str, playlists: list[str], tracks: list[str], target: str) -> None:
    """``playlists``, ``tracks``: tables of what was read, a file a batch; ``target``: JSON of counts."""
    given = read_challenge_set(challenge_set)
    pids = pl.concat(pl.read_parquet(path, columns=["pid"])["pid"] for path in playlists)
    require_no_leak(
        [playlist.pid for playlist in given],
        pids,
        challenge_set,
        fix="take these playlists out of data.dir, or correct challenge.set",
    )
    known = pl.scan_parquet(tracks).select(pl.col("track_uri").unique()).collect()["track_uri"]
    counts = counted(given, known)
    for row in counts["given"]:
        log.info("{tracks} tracks given: {playlists:,} playlists".format(**row))
    log.info(
        "{playlists:,} playlists, {titled:,} with a title; {tracks_read:,} of the {tracks:,} tracks "
        "given were read".format(**counts)
    )
    write_json(target, counts)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        check_challenge_set(
            snakemake.input.challenge_set,
            list(snakemake.input.playlists),
            list(snakemake.input.tracks),
            snakemake.output.counts,
        )
