"""Lists every track that was read, with what stands in the graph for those outside it."""

import numpy as np
import polars as pl

from segue.files import save_table
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.serve.tracks import known_tracks


def index_tracks(slice_tracks: list[str], core_tracks: str, source: str, target: str) -> None:
    """``source``: the split, whose message-passing edges say how popular a track is."""
    split = load_split(source)
    degree = np.bincount(split.train_and_validation[1].numpy(), minlength=split.num_tracks)
    tracks = known_tracks(slice_tracks, pl.read_parquet(core_tracks), degree)
    inside, by = tracks["track"].count(), tracks["stand_in_by"].value_counts().drop_nulls()
    log.info(
        "%d tracks, %d of them in the graph; outside it, %s",
        tracks.height,
        inside,
        ", ".join(f"{count} have a stand-in by {group}" for group, count in sorted(by.rows()))
        or "no stand-in",
    )
    save_table(tracks, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        index_tracks(
            snakemake.input.slice_tracks,
            snakemake.input.tracks,
            snakemake.input.split,
            snakemake.output.tracks,
        )
