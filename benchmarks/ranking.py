"""Times a refresh of hard negatives, against the article's way, and an evaluation of Recall@300."""

from statistics import median

import torch

from article_negatives import hard_negatives
from measuring import seconds
from segue.evaluate.metrics import recall_at_k
from segue.graph.split import Split
from segue.nn.negatives import HardNegatives
from segue.nn.pattern import Pattern

FRACTION, K, DIM = 0.5, 300, 64  # half of the tracks, as halfway through training
SAMPLE = 5_000  # edges that the article's way is timed on, then scaled to all


def measure(split: Split, repeats: int, device: str) -> dict[str, float]:
    """Medians over ``repeats`` turns after a first one. A refresh draws the negatives of one epoch."""
    generator = torch.Generator(device).manual_seed(0)
    shape = split.num_playlists, split.num_tracks
    playlists, tracks = (torch.randn(n, DIM, generator=generator, device=device) for n in shape)
    edges, held_out = split.train.to(device), split.validation.to(device)
    known, to_find = (Pattern.from_edges(*part, shape) for part in (edges, held_out))
    sampler = HardNegatives(edges, known, epochs=2, min_fraction=FRACTION, refresh_every=1)
    mask = torch.zeros(shape, dtype=torch.bool, device=device)
    mask[edges[0], edges[1]] = True
    part = edges[:, torch.randperm(edges.size(1), generator=generator, device=device)[:SAMPLE]]
    timed = {
        "refresh": lambda: sampler.sample(1, lambda: (playlists, tracks), generator),
        "article_refresh": lambda: hard_negatives(part, playlists, tracks, mask, FRACTION),
        "evaluation": lambda: recall_at_k(playlists, tracks, known, to_find, K),
    }
    share = part.size(1) / edges.size(1)
    scale = {"article_refresh": 1 / share}
    turns = [
        {name: seconds(function) * scale.get(name, 1) for name, function in timed.items()}
        for _ in range(repeats + 1)
    ][1:]
    result = {f"{name}_seconds": median(turn[name] for turn in turns) for name in timed}
    ratio = median(turn["article_refresh"] / turn["refresh"] for turn in turns)
    return result | {"refresh_ratio": ratio, "article_share": share, "tracks_in_fraction": FRACTION}
