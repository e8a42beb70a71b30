"""Times the search of tracks by what people type, and what tells which given tracks pull a proposal.

PYTHONPATH=workflow/scripts python benchmarks/searching.py [--json FILE]
As many tracks as a small run reads, and as the MPD has, with invented names. Each question is the name of a
track that is drawn, its words turned around, one of them with a wrong letter, the last cut short. Pulls are
those of 50 given tracks on 30 proposals, by LightGCN at the article's size; medians.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl
import torch

from measuring import peak_memory, seconds
from segue.catalogue.titles import TitleIndex
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.sample import names
from segue.scorers.frozen import freeze
from segue.serve.from_core import FromCore
from segue.serve.pulls import pulls
from segue.serve.search import TrackSearch
from serving import track_table
from synthetic import synthetic_split

COUNTS = (40_000, 2_262_292)
ASKED, SHOWN, GIVEN, PROPOSALS = 300, 20, 50, 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results there, too")
    arguments = parser.parse_args()
    results = {"pulls_milliseconds": explained(), "search": {str(count): searched(count) for count in COUNTS}}
    print(json.dumps(results, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


def named_tracks(count: int) -> pl.DataFrame:
    number = np.arange(count)
    named = track_table(count).with_columns(
        track_name=pl.Series(names.coin_names(1, "track", names.TRACKS, number)),
        artist_name=pl.Series(names.coin_names(1, "artist", names.ARTISTS, number // 10)),
    )
    return named.with_columns(degree=pl.lit(1, pl.Int32))


def searched(count: int) -> dict[str, float]:
    """Seconds to make the index, milliseconds of a question, and the share of tracks that are among those
    shown."""
    tracks, rng, made = named_tracks(count), np.random.default_rng(0), []
    build = seconds(lambda: made.append(TrackSearch(tracks)))
    index, times, found = made[0], [], 0
    for row in rng.choice(count, ASKED, replace=False).tolist():
        uri, title, artist = tracks.select("track_uri", "track_name", "artist_name").row(row)
        asked, answer = _mistyped(f"{artist} {title}".split(), rng), []
        times.append(
            1000 * seconds(lambda asked=asked, answer=answer: answer.append(index.find(asked, SHOWN)))
        )
        found += uri in answer[0]["track_uri"]
    return {
        "build_seconds": build,
        "milliseconds": float(np.median(times)),
        "most_milliseconds": float(np.quantile(times, 0.95)),
        "found": found / ASKED,
        "peak_bytes": peak_memory("cpu"),
    }


def _mistyped(words: list[str], rng: np.random.Generator) -> str:
    words = [words[place] for place in rng.permutation(len(words))]
    longest = max(range(len(words) - 1), key=lambda place: len(words[place]))
    wrong = rng.integers(len(words[longest]))
    words[longest] = words[longest][:wrong] + "x" + words[longest][wrong + 1 :]
    words[-1] = words[-1][: max(2, len(words[-1]) - 2)]
    return " ".join(words)


def explained() -> float:
    split, settings = synthetic_split(1), {"layers": 4, "dim": 64}
    shape, tracks = (split.num_playlists, split.num_tracks), track_table(split.num_tracks)
    model = Encoder("lgc", sum(shape), generator=torch.Generator().manual_seed(0), **settings).eval()
    facts = {"model": "lgc", "catalogue": core_digest(tracks["track_uri"])}
    options = {"stand_in": "mean", "settings": {"conv": "lgc", **settings}, "facts": facts}
    frozen = freeze(model, split.train_and_validation, *shape, **options)
    loaded = FromCore(frozen, tracks, TitleIndex.of([]), lambda: split.train_and_validation)
    rng, times = np.random.default_rng(0), []
    for _ in range(ASKED):
        given = tracks["track_uri"].gather(rng.choice(split.num_tracks, GIVEN, replace=False)).to_list()
        proposed = loaded.continue_playlists([given], PROPOSALS)["track"]
        times.append(1000 * seconds(lambda given=given, proposed=proposed: pulls(loaded, given, proposed)))
    return float(np.median(times))


if __name__ == "__main__":
    main()
