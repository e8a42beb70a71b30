"""Writes the figures of the other scripts here as a Markdown page.

PYTHONPATH=workflow/scripts python benchmarks/report.py FOLDER [--tasks | --page] > benchmarks/RESULTS.md

FOLDER holds epoch.json, softmax.json, hetero.json, scale.json, sample.json, ingest.json, workflow.json,
kcore.json and catalogue.json, and for the sections of --tasks alone serving.json, searching.json, serve.json
(all that --page takes), reranking.json, baselines.json, accuracy.json, titles.json, channels.json,
challenge.parquet, errors.parquet, paired.parquet, ablation.parquet, lastfm.parquet, popularity.parquet and
cold.parquet.
"""

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from sample_statistics import PUBLISHED
from segue.challenge.scores import METRICS
from segue.report.ablation import ablation_table, answer
from segue.report.challenge import errors_of_means, how_sure, overall, published
from segue.report.winners import who_won

TABLES = ("challenge", "errors", "paired", "ablation", "lastfm", "popularity", "cold")
LABELS = {"lgc": "LightGCN", "sage": "GraphSAGE", "gat": "GAT", "gat 5 heads": "GAT, 5 heads"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column aligned left and the others right."""
    lines = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def epochs(results: dict) -> str:
    def row(conv: str, result: dict) -> list[str]:
        fused = "csr_seconds" in result
        return [
            LABELS[conv],
            f"{result['reference_seconds']:.2f}",
            f"{result['csr_seconds']:.2f}" if fused else "",
            f"{result['segue_seconds']:.3f}",
            f"**{result['reference_ratio']:.1f}x**",
            f"**{result['csr_ratio']:.1f}x**" if fused else "",
            f"{result['reference_peak_bytes'] / 1e6:,.0f}",
            f"{result['csr_peak_bytes'] / 1e6:,.0f}" if fused else "",
            f"{result['segue_peak_bytes'] / 1e6:,.0f}",
            f"**{result['memory_ratio']:.1f}x**",
        ]

    sides = ["PyG", "PyG CSR", "Segue"]
    times, memory = ([f"{side} {unit}" for side in sides] for unit in ("s", "MB"))
    head = ["conv", *times, "faster", "than CSR", *memory, "smaller"]
    return table(head, (row(*item) for item in results["epoch"].items()))


def softmaxes(results: dict) -> str:
    """The section of ``softmax.py``'s figures."""

    def row(model: str, result: dict) -> list[str]:
        plain = "plain_seconds" in result
        return [
            LABELS[model],
            f"{result['plain_seconds']:.2f}" if plain else "",
            f"**{result['segue_seconds']:.3f}**",
            f"**{result['plain_ratio']:.1f}x**" if plain else "",
            f"{result['plain_peak_bytes'] / 2**30:.2f}" if plain else "",
            f"**{result['segue_peak_bytes'] / 2**30:.2f}**",
        ]

    loss = results["loss"]
    head = ["conv", "plain s", "Segue s", "faster", "plain peak GiB", "Segue peak GiB"]
    return f"""\
A step on the same graph: {results["drawn"]:,} tracks drawn, 3 layers, edge dropout 0.5, GAT with one head.
Plain is PyG and autograd, with one matrix of all playlists and drawn tracks (`softmax.py`). Peaks are
those of whole processes.

{table(head, (row(*item) for item in results["step"].items()))}

The loss alone, forward and backward: {loss["segue_seconds"]:.3f} s, plain {loss["plain_seconds"]:.2f} s, \
**{loss["plain_ratio"]:.1f}x**.

Where Segue's time goes:

{profiles(results["step"])}"""


def relations(results: dict) -> str:
    """The section of ``hetero.py``'s figures."""

    def row(conv: str, result: dict) -> list[str]:
        plain = "plain_seconds" in result
        return [
            LABELS[conv],
            f"{result['bipartite_seconds']:.3f}",
            f"{result['both_seconds']:.3f}",
            f"**{result['ratio']:.2f}x**",
            f"{result['plain_seconds']:.2f}" if plain else "",
            f"**{result['faster']:.1f}x**" if plain else "",
            *(
                f"{result[f'{sampler}_{side}_seconds']:.3f}"
                for sampler in ("hard", "softmax")
                for side in ("bipartite", "both")
            ),
        ]

    head = ["conv", "without s", "with s", "ratio", "HeteroConv s", "faster"]
    head += [f"{sampler} {side} s" for sampler in ("hard", "softmax") for side in ("without", "with")]
    return f"""\
The epoch of the first table without and with artists and albums, {results["artist"]:,} and \
{results["album"]:,} nodes and {results["relation_edges"]:,} edges, as many for each track as the MPD has; the
reference is PyG's `HeteroConv` on an `edge_index` for each direction (`hetero.py`). Then the epochs of other
samplers; hard negatives are drawn in each fifth of them.

{table(head, (row(*item) for item in results["epoch"].items()))}"""


def profiles(results: dict) -> str:
    def line(conv: str, shares: dict[str, float]) -> str:
        parts = (f"{kind} {share:.0%}" for kind, share in shares.items() if share >= 0.01)
        return f"- {LABELS[conv]}: {', '.join(parts)}"

    return "\n".join(line(conv, result["profile"]) for conv, result in results.items() if "profile" in result)


def products(results: dict) -> str:
    reached, copied = (results["bandwidth"][f"{name}_bytes_per_second"] / 1e9 for name in ("spmm", "copy"))
    return f"""\
LightGCN's products move {reached:.0f} GB/s, counted as if no row were in the cache; a copy moves
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


def catalogues(results: dict) -> str:
    """The section of ``catalogue.py``'s figures."""

    def row(size: dict) -> list[str]:
        counts, answer = size["answer"]["counts"], size["answer"]
        stages = [size["build"], size["extend"], answer]
        return [
            f"{size['slices']:,}",
            *(f"{counts[name]:,}" for name in ("edges", "candidates", "outside")),
            *(
                cell
                for stage in stages
                for cell in (f"{stage['seconds']:.1f}", f"**{stage['peak_bytes'] / 2**30:.1f}**")
            ),
            *(f"{1000 * answer['seconds_per_playlist'][name]:.0f}" for name in ("joint", "network")),
        ]

    head = ["slices", "edges", "candidates", "outside the core"]
    head += ["build s", "GiB", "extend s", "GiB", "load s", "GiB", "joint ms", "network ms"]
    return f"""\
What answers from all tracks on {results["sizes"][0]["min_degree"]} playlists or more: the job that builds the
catalogue, the one that extends a LightGCN of 4 layers to the candidates, and 500 tracks for a playlist.
Loading counts the first answer of each. Seconds are of the processor, one thread; the peak is the whole
process's.
All titles here share a word, so that joint neighbours compare one with all of them: the most they can take.

{table(head, map(row, results["sizes"]))}"""


def samples(results: dict) -> str:
    """The section of ``sample_statistics.py``'s figures."""

    def row(name: str, slices: int, published: float, bar: float | None) -> list[str]:
        measured = results["statistics"][str(slices)][name]
        digits = ",.0f" if published > 1000 else ".2f" if published > 1 else ".2%"
        return [
            f"{slices:,}",
            name,
            f"{published:{digits}}",
            f"{measured:{digits}}",
            f"{measured / published - 1:+.1%}",
            "" if bar is None else f"± {bar:.0%}",
        ]

    rows = [row(*entry) for entry in PUBLISHED if str(entry[1]) in results["statistics"]]
    writing = results["writing"]
    return f"""\
{table(["slices", "statistic", "MPD", "sample", "off by", "bar"], rows)}

The core is the 30-core; its published counts are the article's. Shares are of playlists, of the top artist of
entries. One process makes and writes a slice of {writing["slice_bytes"] / 1e6:.0f} MB in \
**{writing["slice_seconds"]:.2f} s**, after {writing["catalogue_seconds"]:.1f} s once for the catalogue."""


def ingests(ingest: dict, workflow: dict) -> str:
    """The section of ``ingest.py``'s and ``workflow_data.py``'s figures."""
    sides = {"segue": "Segue", "loop": "`json.load` and a loop", "checked": "the same with Segue's checks"}
    rows = [
        [
            label,
            *(f"{ingest[f'{side}_{kind}seconds_per_slice']:.3f}" for kind in ("", "cpu_")),
            "" if side == "segue" else f"**{ingest[f'{side}_wall_ratio']:.2f}x**",
        ]
        for side, label in sides.items()
    ]
    read, graph = workflow["read"], workflow["graph"]
    return f"""\
From slice files in the page cache to Parquet, a batch of {ingest["slices"]} slices, one thread:

{table(["", "s a slice", "CPU s", "Segue is faster"], rows)}

Segue's peak is {ingest["peak_mib"]} MiB.

Through Snakemake on {workflow["cores"]} cores, {workflow["slices"]} slices of the sample:

- making them: {workflow["make"]["seconds"]:.0f} s, in a job each;
- reading them: **{read["seconds"]:.1f} s**, in {workflow["jobs"]} jobs of at most \
{read["peak_bytes"] / 2**20:.0f} MiB; at that rate {read["seconds"] / workflow["slices"] * 1000 / 60:.1f} \
minutes for 1,000;
- merge, k-core, ids and split: **{graph["seconds"]:.1f} s**."""


def data_page(sample: dict, ingest: dict, workflow: dict, kcore: dict, catalogue: dict) -> str:
    return f"""\
## The sample

{samples(sample)}

## Reading slices

{ingests(ingest, workflow)}

## The graph

Seconds from the batches' tables to the split, on tables made for it (`graph_data.py`); 1,000 slices are the
whole MPD. Merge and k-core give every node's coreness, and so every K's core.

{cores(kcore)}

## The catalogue

{catalogues(catalogue)}
"""


def servings(results: dict) -> str:
    """The section of ``serving.py``'s figures."""

    def row(conv: str, result: dict) -> list[str]:
        return [
            LABELS[conv],
            f"**{result['milliseconds']:.1f}**",
            f"**{result['submission_seconds']:.1f}**",
            f"{result['largest_difference']:.0e}",
        ]

    head = ["conv", "one playlist, ms", "10,000 to a submission, s", "off the whole model by"]
    return table(head, (row(*item) for item in results.items()))


def reranked(results: dict) -> str:
    """A sentence of ``reranking.py``'s figures."""
    usual, most = (f"{results[key]:.0f} ms" for key in ("milliseconds", "most_milliseconds"))
    submission = (
        f"{results['submission_seconds']:.0f} s for {results['playlists']:,} to a submission, checked"
    )
    return (
        f"The second stage of `config/challenge.yaml` takes {usual} for a playlist ({most} for one in 20), "
        f"and {submission}; it is loaded in {results['loading_seconds']:.1f} s."
    )


def loads(results: dict) -> str:
    """The section of ``serve_load.py``'s figures."""
    asked = {
        "continue": "20 tracks continued by 30 of two models, with pulls",
        "search": "tracks by half-typed names",
        "read": "a list of 20 tracks by name",
        "all": "all",
    }
    rows = [
        [
            text,
            *(
                f"**{measured['milliseconds'][kind][share]:.0f}**"
                for measured in (results, results["two"])
                for share in ("p50", "p95", "p99")
            ),
        ]
        for kind, text in asked.items()
    ]
    memory = ", ".join(f"{size:,.0f} MB after {int(done):,}" for done, size in results["memory_mb"].items())
    models = " and ".join(f"`{name}`" for name in results["models"])
    return f"""\
## The page

`segue serve` on the default run, loaded by {results["clients"]} clients that ask again as soon as they are
answered (`serve_load.py`); {results["cores"]} cores, on which the clients run, too. Of ten requests six
continue a playlist, by {models},
three search and one reads. Milliseconds of {results["requests"]:,} requests, of which one process answers \
{results["per_second"]:.0f} a second, and two
(`--workers 2`) {results["two"]["per_second"]:.0f}:

{table(["request", *("median", "95 of 100", "99 of 100"), *("two: median", "95 of 100", "99 of 100")], rows)}

With all models one is ready in {results["ready_seconds"]:.0f} s. Its memory, of what processes share
its part, by requests answered: {memory}.
Two have {max(results["two"]["memory_mb"].values()):,.0f} MB.
"""


def searches(results: dict) -> str:
    """Sentence and table of ``searching.py``'s figures."""
    rows = [
        [
            f"{int(count):,}",
            f"{result['build_seconds']:.1f}",
            f"{result['peak_bytes'] / 2**30:.1f}",
            f"**{result['milliseconds']:.1f}**",
            f"{result['most_milliseconds']:.1f}",
            f"{result['found']:.1%}",
        ]
        for count, result in results["search"].items()
    ]
    head = ["tracks", "index, s", "peak GiB", "one question, ms", "1 in 20, ms", "among the first 20"]
    return f"""\
What 50 given tracks add to the scores of 30 proposals is told in {results["pulls_milliseconds"]:.1f} ms. A \
track is found by its names,
in any order, with a wrong letter and the last word cut short (`searching.py`):

{table(head, rows)}"""


def challenges(summary: pl.DataFrame, errors: pl.DataFrame, paired: pl.DataFrame) -> str:
    """The section of a challenge, of challenge/{summary,errors,paired}.parquet of its run."""
    rows = overall(summary)
    sure = errors_of_means(errors, rows["model"])
    titles = [metric.title for metric in METRICS.values()]
    lines = [
        [
            row["model"],
            *(f"{row[name]:.4f} ± {error[name]:.4f}" for name in titles),
            *(f"{value:.4f}" for value in [*row.values()][1 + len(titles) :]),
        ]
        for row, error in zip(rows.iter_rows(named=True), sure.iter_rows(named=True), strict=True)
    ]
    best = [*(str(value) for value in published().row(0)), "", ""]
    said = "\n".join(f"- {sentence}" for sentence in (*who_won(summary), *how_sure(summary, paired)))
    return f"""\
{summary["playlists"].max():,} playlists, means with their standard errors. The last column: what share of the
tracks to be found is among a contender's candidates.

{table(["", *rows.columns[1:]], [*lines, best])}

{said}"""


def ablations(ablation: pl.DataFrame) -> str:
    """``ablation``: challenge/ablation.parquet of a run on the sample."""
    parts = [" ".join(answer(ablation, invented=True))]
    for title, group in (("group of channels", True), ("channel", False)):
        rows = ablation_table(ablation, group)
        lines = [
            [name, *(f"{value:+.4f} ± {error:.4f}" for value, error in zip(*[iter(values)] * 2, strict=True))]
            for name, *values in rows.iter_rows()
        ]
        parts.append(table([f"without this {title}", *rows.columns[1::2]], lines))
    return "\n\n".join(parts)


def found_by_popularity(popularity: pl.DataFrame, k: int = 300) -> str:
    """Recall and gain by quarter; ``popularity``: hetero/popularity.parquet of a run."""
    rows = popularity.filter(k=k).rows_by_key("model", named=True)

    def cell(row: dict) -> str:
        if row["gain"] is None:
            return f"{row['recall']:.4f}"
        text = "{recall:.4f}, {gain:+.4f} ({low:+.4f} to {high:+.4f})".format(**row)
        return f"**{text}**" if row["low"] > 0 else text

    lines = ([name, *map(cell, of_model)] for name, of_model in rows.items())
    return table(["model", "quarter 1", "2", "3", "4"], lines)


def found_cold(cold: pl.DataFrame, ks: dict[str, int]) -> str:
    """``cold``: hetero/cold.parquet of a run; ``ks``: the cut-off, by what tracks are ranked among."""
    shown = [
        cold.filter(among=among, k=k).rows_by_key("model", named=True, unique=True) for among, k in ks.items()
    ]

    def cells(row: dict) -> list[str]:
        gain = ""
        if row["gain"] is not None:
            gain = "{gain:+.3f} ({gain_low:+.3f} to {gain_high:+.3f})".format(**row)
        return [f"{row['recall']:.3f}", f"{row['ratio_to_random']:.1f}x", gain]

    lines = ([name, *(cell for rows in shown for cell in cells(rows[name]))] for name in shown[0])
    parts = [[f"among {among}, Recall@{k}", "of random", "- artist popularity"] for among, k in ks.items()]
    return table(["", *parts[0], *parts[1]], lines)


def benchmarks_of_others(summary: pl.DataFrame, direct: dict) -> str:
    """``summary``: metrics/summary.parquet of a run; ``direct``: of ``baselines.py``."""
    k = direct["k"]
    names = [f"recall@{k}", f"ndcg@{k}"]

    def row(result: dict) -> list[str]:
        theirs = direct["metrics"].get(result["model"])
        return [
            result["model"],
            *(f"{result[name]:.4f}" for name in names),
            *(f"{theirs[name][1]:.4f}" if theirs else "" for name in ("recall", "ndcg")),
        ]

    head = ["", f"Recall@{k}", f"NDCG@{k}", f"Recall@{k} directly", f"NDCG@{k} directly"]
    return table(head, map(row, summary.iter_rows(named=True)))


def times_to_accuracy(results: dict) -> str:
    """``results``: of ``time_to_accuracy.py``."""

    def row(name: str, side: dict) -> list[str]:
        there = "" if side["seconds"] is None else f"**{side['seconds']:.2f}**"
        return [name, there, f"{side['spent']:.1f}", f"{side['ndcg']:.4f}"]

    head = ["", "s until above ALS", "s spent", f"highest NDCG@{results['k']}"]
    return table(head, [row(name, side) for name, side in results["sides"].items()])


def tasks_page(
    *,
    serving: dict,
    serve: dict,
    searching: dict,
    reranking: dict,
    baselines: dict,
    accuracy: dict,
    titles: dict,
    channels: dict,
    challenge: pl.DataFrame,
    errors: pl.DataFrame,
    paired: pl.DataFrame,
    ablation: pl.DataFrame,
    lastfm: pl.DataFrame,
    popularity: pl.DataFrame,
    cold: pl.DataFrame,
) -> str:
    return f"""\
## Serving

A loaded model and playlists of 50 tracks that it was not trained on, against the article's 12,247 tracks, 500
tracks each, with names; median of 1,000 for one. The last column: by how much a score of 2,000 playlists of
the graph, embedded by their tracks and their own input embedding, differs at most from the whole model's.

{servings(serving)}

{searches(searching)}

{reranked(reranking)}

{loads(serve)}
## The challenge on the sample

`config/challenge.yaml`: the RecSys Challenge's ten categories on 50 invented slices.

{challenges(challenge, errors, paired)}

{ablations(ablation)}

{titles_page(titles)}
{channels_page(channels)}
## Artists and albums

`config/hetero.yaml`: the same networks without artists and albums, with either and with both, on 50 invented
slices (docs/hetero.md). Test Recall@300 by quarter of the held-out track's popularity, the least popular in
quarter 1, and the difference to the same model without relations with its paired 95% interval; in bold where
that is above 0.

{found_by_popularity(popularity)}

Tracks that were hidden from training, ranked among themselves and among all tracks, with the difference to
ranking by the popularity of their artist.

{found_cold(cold, {"cold": 20, "all": 300})}

## Last.fm

`config/lastfm.yaml`: the published split, the article's recipe for the graph networks, and the softmax's.
Directly: what implicit, or numpy for EASE, gives without Segue.

{benchmarks_of_others(lastfm, baselines)}

Time until a model's test NDCG is above ALS's, measuring left out (`time_to_accuracy.py`); of ALS, until it
is fitted.

{times_to_accuracy(accuracy)}
"""


def titles_page(results: dict) -> str:
    """The section of ``titles.py``'s figures."""
    rows = pl.DataFrame(results["rows"])
    rankers = rows["ranker"].unique(maintain_order=True).to_list()
    keys = ["category", "varied", "variant", "playlists"]

    def cells(of: dict[str, dict]) -> list[str]:
        encoder = of["encoder"]
        means = (" / ".join(f"{of[name][metric]:.3f}" for metric in METRICS) for name in rankers)
        return [*means, f"{encoder['ndcg_difference']:+.3f} ± {encoder['ndcg_error']:.3f}"]

    def lines(category: int, varied: float) -> Iterable[list[str]]:
        groups = rows.filter(category=category, varied=varied).group_by(keys, maintain_order=True)
        for (_, _, variant, playlists), group in groups:
            of = {row["ranker"]: row for row in group.iter_rows(named=True)}
            yield [variant, f"{playlists}", *cells(of)]

    head = ["title", "playlists", *rankers, "encoder - joint, NDCG"]
    share = max(rows["varied"])
    parts = [
        f"{known}, learned from {what}:\n\n{table(head, lines(category, varied))}"
        for category, known in ((1, "The title alone"), (2, "The title and the first track"))
        for varied, what in ((0.0, "the sample's titles"), (share, f"titles of which {share:.0%} vary"))
    ]
    titles, seconds = (
        " and ".join(f"{fit[name]:,.0f}" for fit in results["fits"]) for name in ("titles", "seconds")
    )
    return f"""\
## Titles

What validation playlists of the challenge can be continued by: R-precision / NDCG / clicks, and the encoder's
gain in NDCG over joint neighbours with its paired standard error (`titles.py`). The index and the encoder
know the title alone. The encoder learns from {titles} distinct titles in the space of
{results["network"]}, in {seconds} s of one core. Of a language that no title has, it knows the words that
look alike.

{(chr(10) * 2).join(parts)}
"""


def channels_page(results: dict) -> str:
    """The section of ``channels.py``'s figures."""
    rows = results["rows"]
    total = {"channel": "**all**"} | {key: sum(row[key] for row in rows) for key in ("block", "alone")}
    lines = ([row["channel"], f"{row['block']:.2f}", f"{row['alone']:.2f}"] for row in [*rows, total])
    return f"""\
## Channels

What each channel of the second stage takes of one core for a playlist, in blocks of 50 and alone
(`channels.py`): {results["playlists"]:,} playlists, {results["tracks"]:,} candidates.
From Cosine on, they look at {results["candidates"]:,} of these.

{table(["channel", "in blocks, ms", "alone, ms"], lines)}
"""


def page(*, epoch: dict, softmax: dict, hetero: dict, scale: dict, tasks: dict, **data: dict) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"""\
# Benchmarks

Written by `make bench`. Machine: {os.cpu_count()} CPU cores, {memory:.0f} GiB; {epoch["device"]}, \
{epoch["threads"]} threads, torch {epoch["torch"]}, float32.
Medians; ratios are medians of the ratios of neighbouring turns.

## A training epoch

{epoch["playlists"]:,} playlists × {epoch["tracks"]:,} tracks, {epoch["train_edges"]:,} train edges, 64 \
dimensions; LightGCN has 4 layers, GraphSAGE 3, GAT 3 of 5 heads.
PyG's layers run on an `edge_index`, and those that fuse on a CSR `adj_t` too; scores by index and sum,
autograd (`plain_pyg.py`).

{epochs(epoch)}

Where Segue's time goes:

{profiles(epoch["epoch"])}

{products(epoch)}

## A step with the softmax loss

{softmaxes(softmax)}

## An epoch with artists and albums

{relations(hetero)}

## Ranking

{rankings(epoch)}

The article's sweep, 12 models × 300 epochs with validation each epoch, Recall@300 each tenth and a refresh
each fifth, from the figures above and from epochs of `segue.train.loop.train`: \
**{epoch["sweep_seconds"] / 60:.0f} minutes**.

## Scale

LightGCN, whole epochs; {scale["device"]}, {scale["threads"]} threads. 40x is the size of the whole MPD. \
The peak is the whole process's.

{sizes(scale)}

{data_page(**data)}
{tasks_page(**tasks)}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tasks", action="store_true", help="only serving, the challenge and Last.fm")
    parser.add_argument("--page", action="store_true", help="only the section of segue serve")
    arguments = parser.parse_args()

    def read(name: str) -> dict:
        return json.loads((arguments.folder / f"{name}.json").read_text())

    if arguments.page:
        print(loads(read("serve")), end="")
        return
    tables = {name: pl.read_parquet(arguments.folder / f"{name}.parquet") for name in TABLES}
    tasks = {
        name: read(name)
        for name in (
            "serving",
            "serve",
            "searching",
            "reranking",
            "baselines",
            "accuracy",
            "titles",
            "channels",
        )
    } | tables
    if arguments.tasks:
        print(tasks_page(**tasks), end="")
        return
    names = ("epoch", "softmax", "hetero", "scale", "sample", "ingest", "workflow", "kcore", "catalogue")
    print(page(**{name: read(name) for name in names}, tasks=tasks), end="")


if __name__ == "__main__":
    main()
