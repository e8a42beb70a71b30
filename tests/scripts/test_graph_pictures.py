"""The scripts of the graph's pictures and of the report's tables: files in, the library's results out."""

import json
import re

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save_file

from plot_kcore_idea import plot_kcore_idea
from plot_split import plot_split
from plot_subgraph import plot_subgraph
from sample_subgraph import write_subgraph
from segue.analysis.communities import place_nodes
from segue.analysis.neighbourhood import split_roles
from segue.analysis.subgraph import sample_subgraph
from segue.figures import style
from segue.figures.kcore_idea import kcore_idea
from segue.figures.split import split_picture
from segue.figures.subgraph import subgraph
from segue.figures.subgraph_page import subgraph_page
from tabulate_counts import tabulate_counts
from tabulate_metrics import tabulate_metrics

PAIRS = [(playlist, track) for playlist in range(6) for track in range(playlist, playlist + 4)]
EDGES = pl.DataFrame(PAIRS, schema={"playlist": pl.Int32, "track": pl.Int32}, orient="row")
EDGES = EDGES.with_columns(count=pl.Series([2, *(len(PAIRS) - 1) * [1]], dtype=pl.Int32))
SIZES = {"playlists": 6, "tracks": 9, "nodes": 15, "edges": 24}
MEANS = {"mean_degree": 3.2, "mean_degree_playlists": 4.0, "mean_degree_tracks": 2.667}
STATS = {
    "k_core": 2,
    "rejected": {"playlists": 1, "entries": 0, "files": 0},
    "before": SIZES | {"edges": 48} | MEANS,
    "after": SIZES | MEANS,
}


def split():
    pairs = np.array(PAIRS).T
    parts = {"train_message": pairs[:, 6:], "train": pairs[:, 6:]}
    parts |= {"validation": pairs[:, :3], "test": pairs[:, 3:6]}
    return {name: np.ascontiguousarray(part) for name, part in parts.items()}


@pytest.fixture
def results(tmp_path):
    """Files that the scripts read, by name."""
    paths = {name: str(tmp_path / f"{name}.parquet") for name in ("edges", "playlists", "tracks", "ladder")}
    EDGES.write_parquet(paths["edges"])
    names = [f"List {number}" for number in range(6)]
    pl.DataFrame(
        {"playlist": range(6), "name": names, "slice": 4 * ["a.json"] + 2 * ["b.json"]}
    ).write_parquet(paths["playlists"])
    songs = {"track_name": [f"Song {n}" for n in range(9)], "artist_name": [f"Artist {n}" for n in range(9)]}
    pl.DataFrame({"track": range(9)} | songs).write_parquet(paths["tracks"])
    pl.DataFrame({"k": [2], "mean_degree": [3.25]}).write_parquet(paths["ladder"])
    paths |= {"split": str(tmp_path / "split.safetensors"), "stats": str(tmp_path / "stats.json")}
    save_file(split(), paths["split"])
    (tmp_path / "stats.json").write_text(json.dumps(STATS))
    return paths


def png(figure, folder):
    style.save_png(figure, folder / "expected.png")
    return (folder / "expected.png").read_bytes()


def rows(html):
    """Cells of each row of a page's tables."""
    found = (re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", html))
    return [row for row in found if row]


def test_plot_kcore_idea(tmp_path):
    plot_kcore_idea(str(tmp_path / "figures" / "idea.png"))
    assert (tmp_path / "figures" / "idea.png").read_bytes() == png(kcore_idea(), tmp_path)


def test_a_subgraph_is_sampled_then_drawn(results, tmp_path):
    nodes, edges = str(tmp_path / "drawn" / "nodes.parquet"), str(tmp_path / "drawn" / "edges.parquet")
    write_subgraph(results["edges"], nodes, edges, {"nodes": 10, "edges": 12, "seed": 4})
    graph = sample_subgraph(EDGES, 10, 12, 4)
    placed = place_nodes(graph, 4)
    assert pl.read_parquet(nodes).equals(placed)
    assert pl.read_parquet(edges).equals(graph.edges)
    assert placed.height == 10
    sources = results | {"nodes": nodes, "edges": edges}
    targets = {name: str(tmp_path / "figures" / name) for name in ("figure", "page")}
    plot_subgraph(sources, targets)
    playlists, tracks = (pl.read_parquet(results[name]) for name in ("playlists", "tracks"))
    drawn = subgraph(placed, graph.edges, playlists, 2, 15)
    assert (tmp_path / "figures" / "figure").read_bytes() == png(drawn, tmp_path)
    page = (tmp_path / "figures" / "page").read_text(encoding="utf-8")
    assert page == subgraph_page(placed, graph.edges, playlists, tracks, 2, 15)


def test_plot_split_reads_roles_and_names(results, tmp_path):
    target = tmp_path / "figures" / "split.png"
    plot_split(results["split"], results["playlists"], results["tracks"], str(target))
    tables = pl.read_parquet(results["playlists"]), pl.read_parquet(results["tracks"])
    assert target.read_bytes() == png(split_picture(split_roles(split()), *tables), tmp_path)


@pytest.mark.parametrize("rejected", [[], ["a <bad> pid", "no JSON"]])
def test_counts(results, tmp_path, rejected):
    counts = {"playlists": [1] * len(rejected), "entries": [0] * len(rejected)}
    quarantine = pl.DataFrame({"what": rejected} | counts)
    quarantine = quarantine.cast({"what": pl.String, "playlists": pl.Int64, "entries": pl.Int64})
    quarantine.write_parquet(tmp_path / "quarantine.parquet")
    target = tmp_path / "report" / "counts.html"
    tabulate_counts(
        2 * [results["edges"]],
        2 * [results["playlists"]],
        results["edges"],
        results["stats"],
        results["ladder"],
        str(tmp_path / "quarantine.parquet"),
        results["split"],
        str(target),
    )
    found = rows(target.read_text(encoding="utf-8"))
    assert ["files with playlists", "2"] in found
    assert ["edges", "48", "24", "50.0%"] in found
    assert ["entries on playlists, repeats counted", "50", "25", "50.0%"] in found
    assert ["training: are predicted", "18", "75.0%", "5", "7"] in found
    assert ["2", "3.2"] in found
    assert [row for row in found if row[0].startswith(("a &lt;bad", "no JSON"))] == (
        [["a &lt;bad&gt; pid", "1", "1", "0"], ["no JSON", "1", "1", "0"]] if rejected else []
    )


def test_metrics_of_a_single_model(tmp_path):
    models = {"model": ["gat-hard-fixed", "popularity"], "conv": ["gat", None], "sampler": ["hard", None]}
    values = {"recall@5": [0.25, 0.5], "recall@50": [0.75, 0.5], "bpr_loss": [0.123456, None]}
    summary = pl.DataFrame(models | {"alpha": ["fixed", None]} | values)
    summary.write_parquet(tmp_path / "summary.parquet")
    target = tmp_path / "report" / "summary.html"
    paired = {"metric": ["recall@50"], "model": ["gat-hard-fixed"], "baseline": ["popularity"]}
    values = {"playlists": [9], "difference": [0.25], "low": [-0.125], "high": [0.5]}
    verdict = {"verdict": ["undecided"], "by_validation": [True]}
    pl.DataFrame(paired | values | verdict).write_parquet(tmp_path / "paired.parquet")
    paths = [str(tmp_path / f"{name}.parquet") for name in ("summary", "paired")]
    tabulate_metrics(*paths, [], str(target), k=50)
    html = target.read_text(encoding="utf-8")
    assert re.findall("<h2>(.*?)</h2>", html) == [
        "Top 50",
        "Whole ranking",
        "Top 5",
        "GAT hard, fixed α against each baseline",
        "Each model against Popularity",
    ]
    assert rows(html) == [
        ["GAT hard, fixed α", "<code>gat-hard-fixed</code>", "0.7500"],
        ["Popularity", "<code>popularity</code>", "0.5000"],
        ["GAT hard, fixed α", "0.1235"],
        ["Popularity", ""],
        ["GAT hard, fixed α", "0.2500"],
        ["Popularity", "0.5000"],
        ["Popularity", "Recall@50", "+0.2500", "-0.1250", "+0.5000", "undecided"],
        ["GAT hard, fixed α", "Recall@50", "+0.2500", "-0.1250", "+0.5000", "undecided"],
    ]
    assert re.findall(r'class="number best"[^>]*>(.*?)<', html) == ["0.7500", "0.1235", "0.5000"]
