"""A run's results, tiny and complete, for the tests of what goes to PyG and comes from it."""

import polars as pl
import torch
from training_cases import FILES, RECIPE, SOFTMAX

from segue.graph.relations import Relations, save_relations
from segue.graph.split import save_split, split_edges
from segue.train.run import train_model

TRAIN = {"epochs": 3, "lr": 0.05, "loss": "bpr", "l2": 0.0, "recall_every": 3, "recall_k": 5, "seed": 1}
# Names of {conv} and their sections of the configuration; three of Segue's and four by class.
CONVS = {
    "lgc": {"layers": 2},
    "sage": {"layers": 2},
    "gat": {"layers": 2, "heads": 2, "dropout": 0.5},
    "graph": {"class": "torch_geometric.nn.GraphConv", "layers": 2, "aggr": "mean"},
    "gcn": {"class": "torch_geometric.nn.GCNConv", "layers": 2},
    "gsage": {"class": "torch_geometric.nn.SAGEConv", "layers": 1, "aggr": "max"},
    "attention": {"class": "torch_geometric.nn.TransformerConv", "layers": 2, "heads": 1, "dropout": 0.3},
}


def two_tastes():
    """A split of 20 playlists and 24 tracks; even playlists hold even tracks, mostly."""
    same = (torch.arange(20)[:, None] + torch.arange(24)) % 2 == 0
    chance = torch.where(same, 0.6, 0.05)
    edges = (torch.rand(20, 24, generator=torch.Generator().manual_seed(3)) < chance).nonzero().T
    return split_edges(edges.contiguous(), seed=1)


def relations_of_tastes():
    """Of ``two_tastes``: six artists, and an album of two tracks by each. The last track has neither."""
    track, album = torch.arange(23), torch.arange(6)
    edges = {
        ("track", "artist"): torch.stack([track, track % 6]),
        ("track", "album"): torch.stack([torch.arange(12), torch.arange(12) % 6]),
        ("album", "artist"): torch.stack([album, album]),
    }
    return Relations(24, {"artist": 6, "album": 6}, edges)


def write_graph(folder, split, relations=None):
    """The tables and the split of a run. Playlist i has pid 10 (i + 1), and the first has no title."""
    (folder / "graph").mkdir(parents=True)
    pids = [10 * (index + 1) for index in range(split.num_playlists)]
    names = [f"list {pid}" if pid > 10 else None for pid in pids]
    playlists = pl.DataFrame({"playlist": range(len(pids)), "pid": pids, "name": names})
    playlists.write_parquet(folder / "graph/playlists.parquet")
    numbers = range(split.num_tracks)
    tracks = {
        "track": numbers,
        "track_uri": [f"uri {number}" for number in numbers],
        "track_name": [f"Song {number}" for number in numbers],
        "artist_name": "Somebody",
    }
    pl.DataFrame(tracks).write_parquet(folder / "graph/tracks.parquet")
    save_split(split, folder / "split/split.safetensors")
    if relations:
        save_relations(relations, folder / "split/relations.safetensors")
        for kind, count in relations.num_nodes.items():
            nodes = {
                f"{kind}_{part}": [f"{kind} {part} {number}" for number in range(count)]
                for part in ("uri", "name")
            }
            pl.DataFrame({kind: range(count), **nodes}).write_parquet(folder / f"graph/{kind}s.parquet")
    return folder


def train_into(results, conv, alpha="fixed", prior=None, relations=None):
    """Trains ``{conv}-random-{alpha}`` on the split in ``results``, as its job does.

    With ``prior``, ``{conv}-softmax-{alpha}``, of the best epoch, refitted. ``relations``: settings of the
    model's, with artists or albums.
    """
    name = {"conv": conv, "sampler": "random" if prior is None else "softmax", "alpha": alpha}
    folder = results / "models" / "-".join(name.values())
    targets = {key: str(folder / file) for key, file in FILES.items()}
    train_model(
        str(results / "split/split.safetensors"),
        targets,
        relations=relations,
        relations_file=str(results / "split/relations.safetensors") if relations else None,
        name=name,
        dim=8,
        conv=CONVS[conv] | {"init_std": 0.3},
        negatives={"avoid_known": True} if prior is None else SOFTMAX | {"prior": prior},
        train=TRAIN | {"snapshot_every": None} | ({} if prior is None else RECIPE),
        max_playlists=None,
        block_mb=1,
        device="cpu",
        gpu=0,
        threads=torch.get_num_threads(),
        code="code:1",
        checkpoints={"folder": folder / "checkpoints", "epochs": None, "seconds": None},
        terminated=lambda: False,
    )
