"""Times continuations by a loaded model at the article's size, and checks them against the model.

PYTHONPATH=workflow/scripts python benchmarks/serving.py [--json FILE]
One playlist of 50 tracks against 12,247, median of 1,000; 10,000 playlists of 50 tracks to a submission of
500 tracks each, as a gzip file. The largest difference from the scores of the whole model is over 2,000
playlists of the graph, embedded by their tracks and their own input embedding. Models are untrained: that
costs the same.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import torch

from measuring import seconds
from segue.catalogue.titles import TitleIndex
from segue.challenge.submission import write_submission
from segue.graph.split import Split, of_playlists
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph, Pattern
from segue.run.registry import CONVOLUTIONS
from segue.scorers.frozen import freeze
from segue.serve.forms import Playlist
from segue.serve.from_core import FromCore
from synthetic import synthetic_split

LAYERS = {"lgc": 4, "sage": 3, "gat": 3}
DIM, SEEDS, COMPARED = 64, 50, 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--single", type=int, default=1_000, help="playlists that are timed one by one")
    parser.add_argument("--batch", type=int, default=10_000, help="playlists of the submission")
    arguments = parser.parse_args()
    split = synthetic_split(1)
    results = {conv: measure(split, conv, arguments.single, arguments.batch) for conv in CONVOLUTIONS}
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


def measure(split: Split, conv: str, single: int, batch: int) -> dict[str, float]:
    """Milliseconds of one playlist, seconds of a submission, the largest difference of a score."""
    shape = split.num_playlists, split.num_tracks
    settings = {"layers": LAYERS[conv], "dim": DIM} | ({"heads": 5} if conv == "gat" else {})
    model = Encoder(conv, sum(shape), generator=torch.Generator().manual_seed(0), **settings).eval()
    edges = split.train_and_validation
    tracks = track_table(split.num_tracks)
    facts = {"model": conv, "catalogue": core_digest(tracks["track_uri"])}
    frozen = freeze(model, edges, *shape, stand_in="mean", settings={"conv": conv, **settings}, facts=facts)
    loaded = FromCore(frozen, tracks, TitleIndex.of([]), lambda: edges)
    rng = np.random.default_rng(0)

    def playlists(count: int) -> list[Playlist]:
        drawn = (rng.choice(split.num_tracks, SEEDS, replace=False) for _ in range(count))
        return [
            Playlist(tuple(tracks["track_uri"].gather(places)), pid=pid) for pid, places in enumerate(drawn)
        ]

    asked = playlists(single + 10)
    times = [seconds(lambda one=one: loaded.continue_playlists([one], 500)) for one in asked][10:]
    many = playlists(batch)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "submission.csv.gz")
        took = seconds(
            lambda: write_submission(loaded.continue_playlists(many, 500), path, "Segue", "a@example.org")
        )
    result = {
        "milliseconds": 1000 * median(times),
        "submission_seconds": took,
        "largest_difference": difference(model, frozen, split),
    }
    print(conv, json.dumps(result), flush=True)
    return result


def track_table(count: int) -> pl.DataFrame:
    """Tracks that are all in the graph."""
    number = pl.int_range(count, eager=True)
    uri = pl.format("spotify:track:{}", number.cast(pl.String).str.zfill(22))
    return pl.DataFrame({"track": number.cast(pl.Int32)}).with_columns(
        track_uri=uri,
        track_name=pl.format("Track {}", number),
        artist_name=pl.format("Artist {}", number // 10),
        stand_in=pl.lit(None, pl.Int32),
        stand_in_by=pl.lit(None, pl.String),
    )


@torch.inference_mode()
def difference(model: Encoder, frozen, split: Split) -> float:
    chosen = torch.arange(0, split.num_playlists, split.num_playlists // COMPARED)
    whole, tracks = model(Graph(split.train_and_validation, split.num_playlists, split.num_tracks))
    part = of_playlists(split, chosen)
    given = Pattern.from_edges(*part.train_and_validation, (part.num_playlists, part.num_tracks))
    alone = frozen.embed(given, model.embedding[chosen], counted=True) @ frozen.tracks.T
    return (alone - whole[chosen] @ tracks.T).abs().max().item()


if __name__ == "__main__":
    main()
