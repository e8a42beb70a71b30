"""Merges the tables of all slices and takes the k-core of their graph."""

from collections.abc import Sequence

import polars as pl

from segue.challenge.challenge_set import require_apart
from segue.data.quarantine import require_few_rejected
from segue.files import atomic, save_table, write_json
from segue.graph.cold import cold_tables, draw_cold, require_core, without
from segue.graph.kcore import (
    Corenesses,
    compare_expected,
    core_degrees,
    corenesses,
    degree_table,
    degrees,
    graph_stats,
    ladder,
    report_expected,
)
from segue.graph.merge import Merged, merge
from segue.graph.tables import core_tables
from segue.jobs import log, logged

TABLES = ("edges", "playlists", "tracks")


def build_kcore(
    sources: dict[str, list[str]],
    quarantine: str,
    targets: dict[str, str],
    settings: dict,
    held_out: Sequence[str] = (),
) -> None:
    """``sources``: lists of files by table, one a batch; ``quarantine``: what was rejected of all batches.

    ``settings``: k_core, expect and on_mismatch of section ``graph`` of the configuration,
    ``max_bad_fraction`` and, where tracks are hidden from training, section ``cold``.

    ``held_out``: tables of the playlists, by pid, that are left out whole: to be reported, for validation.

    ``targets``: edges, playlists, tracks, degrees, ladder, ladder_csv and stats; of hidden tracks cold_tracks
    and cold_edges too.
    """
    k = settings["k_core"]
    rejected = pl.read_parquet(quarantine)
    parts = [pl.read_parquet(path)["pid"] for path in held_out]
    if len(parts) > 1:
        require_apart(*parts, where=" and ".join(held_out))
    kept_back = pl.concat(parts) if parts else None
    merged = merge(*(sources[name] for name in TABLES), rejected, kept_back)
    refused = {
        "playlists": int(rejected["playlists"].sum()),
        "entries": int(rejected["entries"].sum()),
        "files": int(rejected["whole_file"].sum()),
    }
    accepted = {"playlists": int(merged.playlists["kept"].sum())}
    if refused["entries"]:
        accepted["entries"] = _entries(sources["edges"])
    require_few_rejected(rejected, accepted, settings["max_bad_fraction"])
    log.info("rejected: %s", _listed(refused))
    apart = {}
    if kept_back is not None:
        apart = {"held_out": len(kept_back)}
        log.info("held out: playlists %s", f"{len(kept_back):,}")

    graph, cores = merged, _corenesses(merged)
    if cold := settings.get("cold"):
        whole = core_degrees(merged.playlist, merged.track, cores, k)
        hidden = draw_cold(sources["tracks"], merged, whole, **cold)
        graph = without(merged, hidden)
        cores = _corenesses(graph)
        require_core(cores, k, len(hidden), cold["share"])
        counts = {"tracks": len(hidden), "edges": len(merged.track) - len(graph.track)}
        apart |= {"cold": counts}
        log.info("hidden from training: %s", _listed(counts))

    edges, shape = (graph.playlist, graph.track), (graph.playlists.height, len(graph.first_row))
    steps = ladder(*edges, cores, k)
    whole, core = degrees(*edges, *shape), core_degrees(*edges, cores, k)
    before, after = graph_stats(whole), graph_stats(core)
    for stage, stats in (("before", before), (f"{k}-core", after)):
        log.info("%s: %s", stage, _listed(stats))
    log.info("the largest K whose core is not empty: %d", cores.degeneracy)
    comparison = compare_expected(after, settings["expect"])
    report_expected(comparison, settings["on_mismatch"])

    tables = core_tables(*(sources[name] for name in TABLES), graph, core)
    tables = {name: getattr(tables, name) for name in TABLES}
    if cold:
        known = cold_tables(sources["tracks"], merged, hidden, tables["playlists"])
        tables |= {"cold_tracks": known.tracks, "cold_edges": known.edges}
    for name, table in (tables | {"degrees": degree_table(whole, core), "ladder": steps}).items():
        save_table(table, targets[name])
    with atomic(targets["ladder_csv"]) as path:
        steps.write_csv(path, float_precision=3)
    stats = {"k_core": k, "degeneracy": cores.degeneracy, "rejected": refused, **apart, "before": before}
    write_json(targets["stats"], stats | {"after": after, "expected": comparison})


def _corenesses(graph: Merged) -> Corenesses:
    return corenesses(graph.playlist, graph.track, graph.playlists.height, len(graph.first_row))


def _entries(edges: list[str]) -> int:
    return pl.scan_parquet(edges).select(pl.col("count").cast(pl.Int64).sum()).collect().item()


def _listed(counts: dict) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in counts.items())


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        build_kcore(
            {name: snakemake.input[name] for name in TABLES},
            snakemake.input.quarantine,
            dict(snakemake.output.items()),
            snakemake.params.settings,
            snakemake.input.held_out,
        )
