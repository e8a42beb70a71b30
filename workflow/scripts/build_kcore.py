"""Merges the tables of all slices and takes the k-core of their graph."""

import polars as pl

from segue.errors import SegueError
from segue.files import atomic, write_json
from segue.graph import compare_expected, degree_table, graph_stats, k_core, merge
from segue.jobs import log, logged


def build_kcore(sources: dict[str, list[str]], targets: dict[str, str], settings: dict) -> None:
    """``sources``: lists of files by table; ``targets``: edges, playlists, tracks, degrees and stats."""
    whole = merge(*(pl.read_parquet(sources[name]) for name in ("edges", "playlists", "tracks")))
    core, rounds = k_core(whole, settings["k_core"])
    before, after = graph_stats(whole), graph_stats(core)
    for stage, stats in (("before", before), (f"{settings['k_core']}-core", after)):
        log.info("%s: %s", stage, ", ".join(f"{name} {value:,}" for name, value in stats.items()))
    comparison = compare_expected(after, settings["expect"])
    _report(comparison, settings["on_mismatch"])

    tables = {"edges": core.edges, "playlists": core.playlists, "tracks": core.tracks}
    for name, table in (tables | {"degrees": degree_table(whole, core)}).items():
        with atomic(targets[name]) as path:
            table.write_parquet(path, compression="zstd")
    stats = {"k_core": settings["k_core"], "rounds": rounds, "before": before, "after": after}
    write_json(targets["stats"], stats | {"expected": comparison})


def _report(comparison: list[dict], on_mismatch: str) -> None:
    lines = [
        f"{row['count']}: measured {row['measured']:,}, expected {row['expected']:,}"
        + ("" if row["equal"] else " (differs)")
        for row in comparison
    ]
    for line in lines:
        log.info(line)
    if on_mismatch == "fail" and not all(row["equal"] for row in comparison):
        raise SegueError(
            "The core is not the expected one.",
            where="graph.expect",
            found="; ".join(lines),
            expected="equal counts, since graph.on_mismatch is fail",
            fix="check data.slices, data.order and graph.k_core, or set graph.on_mismatch to warn",
        )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        build_kcore(dict(snakemake.input.items()), dict(snakemake.output.items()), snakemake.params.settings)
