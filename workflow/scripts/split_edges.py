"""Splits the edges of the k-core into train, validation and test edges."""

from collections.abc import Sequence

import polars as pl
import torch
from torch import Tensor

from segue.errors import SegueError
from segue.graph.given import ROLES, drawn_by, given_split
from segue.graph.split import TENSORS, Split, require_cutoffs, save_split, split_edges
from segue.jobs import log, logged

# The settings that a ready-made assignment leaves open.
GIVEN = ("validation", "validation_by", "disjoint_train_ratio", "seed")
# And what random splits do not read.
NOT_DRAWN = ("column", "raw_ids", "validation_by")


def split_graph(source: str, playlists: str, target: str, settings: dict, ks: Sequence[int]) -> None:
    """``source`` and ``playlists``: the core's edges and playlists as Parquet; ``settings``: the section
    ``split`` of the configuration, and ``raw_ids``: whether ids are of edge lists. ``ks``: the cut-offs
    of the metrics, held to the number of tracks here, before anything trains.

    Where the edges have a column ``split`` (Enum train, validation, test), it is the split.
    """
    names = pl.read_parquet_schema(source).keys() & {"playlist", "track", "split"}
    table = pl.read_parquet(source, columns=sorted(names))
    edges = table.select("playlist", "track").cast(pl.Int64).to_torch().T.contiguous()
    if "split" in table.columns:
        split = _as_given(edges, table["split"], settings)
    else:
        shares = {key: value for key, value in settings.items() if key not in NOT_DRAWN}
        split = split_edges(edges, **shares)
    require_cutoffs(ks, split.num_tracks)
    _require_negatives(split, playlists, settings["raw_ids"])
    log.info("%s", ", ".join(f"{name} {getattr(split, name).size(1):,} edges" for name in TENSORS))
    save_split(split, target)


def _require_negatives(split: Split, playlists: str, raw_ids: bool) -> None:
    """A playlist needs a track that neither trains nor validates: else the training ends without a loss."""
    known = torch.bincount(split.train_and_validation[0], minlength=split.num_playlists)
    full = (known == split.num_tracks).nonzero()[:, 0]
    if len(full):
        key = "name" if raw_ids else "pid"
        named = pl.read_parquet(playlists, columns=["playlist", key]).filter(playlist=int(full[0]))[key][0]
        raise SegueError(
            "A playlist holds every track, so that nothing can be recommended for it.",
            where=f"the playlist {named!r}" + (f" and {len(full) - 1} more" if len(full) > 1 else ""),
            found=f"all {split.num_tracks:,} tracks of the k-core in its train and validation edges",
            expected="a track that is in none of them",
            fix="leave the playlist out, make some of its edges test edges, lower graph.k_core or read more",
        )


def _as_given(edges: Tensor, roles: pl.Series, settings: dict) -> Split:
    codes = roles.to_physical().cast(pl.Int64).to_torch()
    if "validation" not in roles.unique():
        by = settings["validation_by"]
        log.info(
            "No edge is assigned to validation: split.validation = %g of the train edges is drawn for it, "
            "by %s.",
            settings["validation"],
            by,
        )
        found = drawn_by(edges[0], codes == ROLES.index("test"))
        if found not in (None, by):
            log.warning(
                "The test edges look drawn by %s. A validation that is drawn as the test was chooses better: "
                "set split.validation_by: %s, or leave it if you know how the test was drawn.",
                found,
                found,
            )
    return given_split(edges, codes, **{key: settings[key] for key in GIVEN})


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        split_graph(
            snakemake.input.edges,
            snakemake.input.playlists,
            snakemake.output.split,
            snakemake.params.settings,
            snakemake.config["evaluate"]["k"],  # a change splits nothing anew
        )
