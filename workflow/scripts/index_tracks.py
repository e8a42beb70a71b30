"""Lists every track that was read, with what stands in the graph for those outside it."""

import numpy as np
import polars as pl

from segue.files import save_table
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.serve.tracks import known_tracks


def index_tracks(
    slice_tracks: list[str], core_tracks: str, source: str, nodes: dict[str, str], target: str
) -> None:
    """``source``: the split, whose message-passing edges say how popular a track is. ``nodes``: by kind, the
    tables of artists and albums, of a graph that has them."""
    split = load_split(source)
    degree = np.bincount(split.train_and_validation[1].numpy(), minlength=split.num_tracks)
    tables = {kind: pl.read_parquet(path) for kind, path in nodes.items()}
    tracks = known_tracks(slice_tracks, pl.read_parquet(core_tracks), degree, tables)
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
            dict(zip(snakemake.config["graph"]["relations"], snakemake.input.nodes, strict=True)),
            snakemake.output.tracks,
        )
