"""Chooses the playlists that every model recommends tracks for."""

from functools import partial

import polars as pl

from segue.files import save_table
from segue.graph.ids import why_dropped, with_ids
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.serve.recommendation import choose_playlists, require_enough


def choose_in_graph(
    sources: dict[str, str], slices: dict[str, list[str]], target: str, *, settings: dict
) -> None:
    """``sources``: split, playlists and tracks. ``slices``: the batches' tables of playlists, edges and
    tracks, to say what became of a playlist that the core lacks; else empty. ``settings``: the section
    ``recommend`` of the configuration, ``k_core``, and ``raw_ids``: whether ids are of edge lists.

    Writes playlist Int32, in rising order.
    """
    split = load_split(sources["split"])
    raw_ids = settings["raw_ids"]
    playlists, tracks = (pl.read_parquet(sources[name]) for name in ("playlists", "tracks"))
    playlists = with_ids(playlists, raw_ids)
    why = partial(why_dropped, k=settings["k_core"], **slices, core_tracks=tracks, raw_ids=raw_ids)
    chosen = choose_playlists(settings["playlists"], split, playlists, settings["seed"], raw_ids, why)
    require_enough(split, chosen, settings["n"])
    log.info("%d playlists", len(chosen))
    save_table(pl.DataFrame({"playlist": pl.Series(chosen.numpy(), dtype=pl.Int32)}), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        choose_in_graph(
            {name: snakemake.input[name] for name in ("split", "playlists", "tracks")},
            {
                name: list(snakemake.input[f"slice_{name}"])
                for name in ("playlists", "edges", "tracks")
                if isinstance(snakemake.params.settings["playlists"], list)
            },
            snakemake.output.chosen,
            settings=snakemake.params.settings,
        )
