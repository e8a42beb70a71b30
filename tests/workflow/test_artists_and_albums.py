"""Artists and albums as nodes, and tracks hidden from training, from the data to figures and pages."""

import re

import polars as pl
import pytest
from safetensors.numpy import load_file
from sizes import LONG

KNOWING = "lgc_both-random-fixed"
CONFIG = {
    "results": "hetero",
    "graph": {"relations": ["artist", "album"]},
    "relations": {"kinds": []},
    "cold": {"share": 0.1},
    "model": {
        "lgc_both": {"like": "lgc", "relations": {"kinds": ["artist", "album"], "weights": "learnable"}}
    },
    "sweep": {"conv": ["lgc", "lgc_both"], "sampler": ["random"], "alpha": ["fixed"]},
    "baselines": {"names": ["popularity"]},
    "maps": {"conv": ["lgc_both"]},
}
TARGETS = [
    f"hetero/{file}"
    for file in (
        "figures/popularity.png",
        "figures/cold.png",
        "figures/likeness.png",
        f"figures/map/{KNOWING}.png",
        "report/hetero.html",
        "report/counts.html",
    )
]


@pytest.mark.skipif(not LONG, reason="a whole run: make test-all")
def test_a_run_with_artists_and_albums(workflow):
    done = workflow.snakemake(*TARGETS, config=CONFIG)
    assert done.returncode == 0, done.stderr
    results = workflow.folder / "hetero"
    artists = pl.read_parquet(results / "graph/artists.parquet")
    placed = pl.read_parquet(results / f"maps/{KNOWING}.parquet").drop_nulls("artist")
    assert set(placed["artist_name"]) <= set(artists["artist_name"])
    assert load_file(results / f"models/{KNOWING}/embeddings.safetensors")["artists"].shape == (
        artists.height,
        8,
    )
    for table, models in (("popularity", 3), ("cold", 4)):
        assert pl.read_parquet(results / f"hetero/{table}.parquet")["model"].n_unique() == models
    counts = (results / "report/counts.html").read_text(encoding="utf-8")
    page = (results / "report/hetero.html").read_text(encoding="utf-8")
    row = f'<tr><td>artists</td><td class="number" data-value="{artists.height}">{artists.height}</td></tr>'
    assert row in counts
    assert row in page
    assert re.findall("<h2>(.*?)</h2>", page) == [
        "The graph",
        "Recall@20 by popularity of the track",
        "Cold tracks",
        "Cold tracks by what is known of them",
        "Weights of LightGCN + artist + album random, fixed α",
    ]
    assert "LightGCN + artist + album" in page
