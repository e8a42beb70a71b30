"""measure_popularity and compare_relations of a network, a baseline and a blend of both; measure_cold."""

import polars as pl
import pytest
import torch
from safetensors.torch import save_file

from compare_relations import compare_relations
from evaluate_blend import evaluate_blend
from measure_cold import measure_cold
from measure_popularity import measure_popularity
from segue.graph.relations import Relations
from segue.graph.split import load_split, save_split, split_edges
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder
from segue.scorers.blend import save_blend
from segue.scorers.fit import fit_baseline
from segue.scorers.frozen import freeze

EVALUATE = {"k": [2, 5], "seed": 1}
SHARED = {"block_mb": 1, "threads": 1}


@pytest.fixture
def run(tmp_path):
    """A folder with a split, and the files of a network, a baseline and a blend."""
    generator = torch.Generator().manual_seed(0)
    split = split_edges((torch.rand(12, 20, generator=generator) < 0.5).nonzero().T.contiguous())
    save_split(split, tmp_path / "split.safetensors")
    encoder = Encoder("lgc", 32, dim=4, layers=2, generator=generator)
    settings = {"conv": "lgc", "layers": 2, "dim": 4}
    facts = {"model": "net", "catalogue": "x"}
    network = freeze(
        encoder, split.train_and_validation, 12, 20, stand_in="zero", settings=settings, facts=facts
    )
    network.save(tmp_path / "net.safetensors")
    (tmp_path / "net").mkdir()
    rows = {"playlists": torch.randn(12, 4, generator=generator), "tracks": network.tracks}
    save_file(rows, tmp_path / "net/embeddings.safetensors")
    edges, about = split.train_and_validation, facts | {"model": "ease"}
    fit_baseline("ease", edges, (12, 20), {"l2": 2.0, "max_tracks": 20}, about).save(
        tmp_path / "ease.safetensors"
    )
    members = [tmp_path / f"{name}.safetensors" for name in ("net", "ease")]
    facts |= {"model": "blend", "of": ["net", "ease"]}
    save_blend(tmp_path / "blend.safetensors", members, [1.0, 0.5], facts)
    return tmp_path


def measured(run, scorer, embeddings=()):
    target = run / "hits.parquet"
    paths = [str(run / name) for name in embeddings]
    measure_popularity(
        str(run / "split.safetensors"),
        scorer and str(run / scorer),
        paths,
        str(target),
        settings=EVALUATE,
        **SHARED,
    )
    return pl.read_parquet(target)


def test_each_kind_of_model_finds_what_its_test_does(run):
    found = {
        "net": measured(run, None, ["net/embeddings.safetensors"]),
        "ease": measured(run, "ease.safetensors"),
        "blend": measured(run, "blend.safetensors", ["net/embeddings.safetensors"]),
    }
    targets = {"metrics": str(run / "blend.json"), "playlists": str(run / "blend.parquet")}
    networks = [str(run / "net/embeddings.safetensors")]
    split, scorer = (str(run / f"{name}.safetensors") for name in ("split", "blend"))
    evaluate_blend("blend", split, scorer, networks, targets, EVALUATE, **SHARED)
    sums = found["blend"].group_by("playlist").agg(pl.exclude("quarter").sum()).sort("playlist")
    tested = pl.read_parquet(targets["playlists"])
    for k in EVALUATE["k"]:
        recall = sums[f"hits@{k}"] / sums["held_out"]
        assert recall.to_list() == pytest.approx(tested[f"recall@{k}"].to_list())
    assert not found["net"].equals(found["ease"])

    paths = []
    for name, table in found.items():
        paths.append(str(run / f"{name}.parquet"))
        table.write_parquet(paths[-1])
    own = {"conv": "lgc", "sampler": "softmax", "alpha": "fixed", "like": "lgc"}
    models = [
        {"model": "net", "relations": "none"} | own,
        {"model": "ease"},
        {"model": "blend", "relations": "artist"} | own,
    ]
    targets = {"parquet": str(run / "popularity.parquet"), "csv": str(run / "popularity.csv")}
    compare_relations(paths, targets, models=models, k=EVALUATE["k"], shown=5, seed=1)
    table = pl.read_parquet(targets["parquet"])
    assert table.filter(pl.col("gain").is_not_null())["model"].unique().to_list() == ["blend"]
    assert pl.read_csv(targets["csv"]).height == table.height


def test_tracks_that_are_known_by_their_artist_alone(run):
    """Artists 0 to 9 have two tracks each; cold are one of artist 3, one of nobody and one of a stranger."""
    edges = torch.stack([torch.arange(20), torch.arange(20) // 2])
    relations = Relations(20, {"artist": 10}, {("track", "artist"): edges})
    counts = {"playlist": 12, "track": 20, "artist": 10}
    generator = torch.Generator().manual_seed(0)
    encoder = HeteroEncoder("lgc", counts, dim=4, layers=2, generator=generator)
    split = load_split(run / "split.safetensors")
    settings, facts = {"conv": "lgc", "layers": 2, "dim": 4}, {"model": "net", "catalogue": "x"}
    network = freeze(
        encoder,
        split.train_and_validation,
        12,
        20,
        stand_in="zero",
        settings=settings,
        facts=facts,
        relations=relations,
    )
    network.save(run / "scorer.safetensors")
    uris = [f"artist {number}" for number in range(10)]
    artists = [uri for uri in uris for _ in range(2)]
    tables = {
        "tracks": {"artist_uri": artists},
        "artists": {"artist": range(10), "artist_uri": uris},
        "cold_tracks": {"artist_uri": ["artist 3", None, "stranger"], "album_uri": ["a", None, None]},
        "cold_edges": {"playlist": [0, 0, 5], "cold": [0, 1, 2]},
    }
    sources = {name: str(run / f"{name}.parquet") for name in tables}
    for name, columns in tables.items():
        pl.DataFrame(columns).write_parquet(sources[name])
    sources["split"] = str(run / "split.safetensors")
    targets = {
        name: str(run / file)
        for name, file in (("parquet", "cold.parquet"), ("csv", "cold.csv"), ("coverage", "coverage.csv"))
    }
    measure_cold(
        sources,
        [(str(run / "net/embeddings.safetensors"), str(run / "scorer.safetensors"))],
        targets,
        models=[{"model": "net", "like": "lgc", "relations": "artist"}],
        k=[1, 2],
        max_playlists=None,
        seed=1,
        **SHARED,
    )
    table = pl.read_parquet(targets["parquet"])
    references = ["random", "artist popularity", "artist overlap"]
    assert table["model"].unique(maintain_order=True).to_list() == [*references, "net"]
    # Among the cold ones track 0 comes first, and the other two share the places after it.
    known = table.filter(pl.col("model").is_in(["artist popularity", "net"]), among="cold")
    assert known["recall"].to_list() == [0.25, 0.625] * 2
    assert pl.read_csv(targets["coverage"])["tracks"].to_list() == [1, 0, 1]
