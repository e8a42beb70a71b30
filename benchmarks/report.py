"""Writes the figures of ``epoch.py`` and ``scale.py`` as a Markdown page.

python benchmarks/report.py EPOCH.json SCALE.json > benchmarks/RESULTS.md
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

LABELS = {"lgc": "LGC", "sage": "SAGE", "gat": "GAT"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column aligned left and the others right."""
    lines = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def epochs(results: dict) -> str:
    def row(conv: str, result: dict) -> list[str]:
        return [
            LABELS[conv],
            f"{result['reference_seconds']:.2f}",
            f"{result['segue_seconds']:.3f}",
            f"**{result['ratio']:.1f}x**",
            f"{result['reference_peak_bytes'] / 1e6:,.0f}",
            f"{result['segue_peak_bytes'] / 1e6:,.0f}",
            f"**{result['memory_ratio']:.1f}x**",
        ]

    head = ["conv", "PyG s", "Segue s", "faster", "PyG MB", "Segue MB", "smaller"]
    return table(head, (row(*item) for item in results["epoch"].items()))


def profiles(results: dict) -> str:
    def line(conv: str, shares: dict[str, float]) -> str:
        parts = (f"{kind} {share:.0%}" for kind, share in shares.items() if share >= 0.01)
        return f"- {LABELS[conv]}: {', '.join(parts)}"

    return "\n".join(
        line(conv, result["profile"]) for conv, result in results["epoch"].items() if "profile" in result
    )


def products(results: dict) -> str:
    reached, copied = (results["bandwidth"][f"{name}_bytes_per_second"] / 1e9 for name in ("spmm", "copy"))
    return f"""\
LGC's products move {reached:.0f} GB/s, counted as if no row were in the cache; a copy moves
{copied:.0f} GB/s."""


def rankings(results: dict) -> str:
    r = results["ranking"]
    return f"""\
- A refresh of hard negatives (top {r["tracks_in_fraction"]:.0%} of each playlist's other tracks):
  {r["refresh_seconds"]:.2f} s. The article's way, timed on {r["article_share"]:.2%} of the edges and scaled:
  {r["article_refresh_seconds"]:.0f} s. **{r["refresh_ratio"]:.0f}x**.
- Recall@300 of all playlists: **{r["evaluation_seconds"]:.2f} s**."""


def sizes(results: dict) -> str:
    def row(size: dict) -> list[str]:
        return [
            f"{size['factor']}x",
            *(f"{size[name]:,}" for name in ("playlists", "tracks", "train_edges")),
            f"{size['seconds']:.2f}",
            f"{size['nanoseconds_per_edge']:.0f}",
            f"{size['peak_bytes'] / 1e9:.1f}",
            f"{size['spmm_bytes_per_second'] / 1e9:.0f}",
        ]

    head = ["edges", "playlists", "tracks", "train edges", "s an epoch", "ns an edge", "peak GB", "SpMM GB/s"]
    return table(head, map(row, results["sizes"]))


def cores(results: dict) -> str:
    """The section of ``kcore.py``'s figures."""
    stages = ["merge", "k_core", "ladder", "ids", "write", "split"]

    def row(size: dict) -> list[str]:
        before, after = size["before"], size["after"]
        return [
            f"{size['slices']:,}",
            f"{before['edges']:,}",
            f"{after['edges']:,}",
            *(f"{size['seconds'][stage]:.2f}" for stage in stages),
            f"**{size['total_seconds']:.1f}**",
            f"**{size['peak_bytes'] / 2**30:.1f}**",
        ]

    head = ["slices", "edges", "core's edges", *(stage.replace("_", "-") for stage in stages), "all", "GiB"]
    lines = [table(head, map(row, results["sizes"]))]
    for size in results["sizes"]:
        if "networkx" in size:
            seconds, peak = size["networkx"]["seconds"], size["networkx"]["peak_bytes"] / 2**30
            lines.append(
                f"networkx on {size['slices']} slices: {seconds['build']:.1f} s to read and build, "
                f"{seconds['k_core']:.1f} s for the core, {peak:.1f} GiB; Segue's merge and k-core take "
                f"{size['merge_and_k_core_seconds']:.2f} s: **{size['ratio']:.0f}x**."
            )
    return "\n\n".join(lines)


def page(epoch: dict, scale: dict) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"""\
# Benchmarks

Written by `make bench`. Machine: {os.cpu_count()} CPU cores, {memory:.0f} GiB; {epoch["device"]}, \
{epoch["threads"]} threads, torch {epoch["torch"]}, float32.
Medians; ratios are medians of the ratios of neighbouring turns.

## A training epoch

{epoch["playlists"]:,} playlists × {epoch["tracks"]:,} tracks, {epoch["train_edges"]:,} train edges, 64 \
dimensions; LGC has 4 layers, SAGE 3, GAT 3 of 5 heads.
The reference is PyG's layers on an `edge_index`, scores by index and sum, autograd (`plain_pyg.py`).

{epochs(epoch)}

Where Segue's time goes:

{profiles(epoch)}

{products(epoch)}

## Ranking

{rankings(epoch)}

The article's sweep, 12 models × 300 epochs with validation each epoch, Recall@300 each tenth and a refresh
each fifth, from the figures above and from epochs of `segue.training.train`: \
**{epoch["sweep_seconds"] / 60:.0f} minutes**.

## Scale

LGC, whole epochs; {scale["device"]}, {scale["threads"]} threads. 40x is the size of the whole MPD. The peak \
is the whole process's.

{sizes(scale)}
"""


if __name__ == "__main__":
    print(page(*(json.loads(Path(path).read_text()) for path in sys.argv[1:3])), end="")
