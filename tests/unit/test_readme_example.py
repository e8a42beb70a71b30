"""The example of the README, run as it stands there."""

import re
from pathlib import Path

import polars as pl
import pytest
import torch
from serving_cases import write_served

from segue.catalogue.titles import TitleIndex
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.scorers.frozen import freeze

README = (Path(__file__).parents[2] / "README.md").read_text()
NUM_TRACKS = 40


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder with the results of a run that is ready to serve, as the working directory."""
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "results"
    tracks = pl.DataFrame(
        {
            "track_uri": [f"spotify:track:{number:022d}" for number in range(NUM_TRACKS)],
            "track_name": [f"Song {number}" for number in range(NUM_TRACKS)],
            "artist_uri": "spotify:artist:1",
            "artist_name": "Somebody",
            "track": range(NUM_TRACKS),
            "stand_in": None,
            "stand_in_by": None,
        },
        schema_overrides={"track": pl.Int32, "stand_in": pl.Int32, "stand_in_by": pl.String},
    )
    edges = torch.stack([torch.arange(NUM_TRACKS) % 4, torch.arange(NUM_TRACKS)])
    settings = {"layers": 2, "dim": 4}
    model = Encoder("sage", 4 + NUM_TRACKS, generator=torch.Generator().manual_seed(1), **settings)
    scorer = freeze(
        model,
        edges,
        4,
        NUM_TRACKS,
        stand_in="zero",
        settings={"conv": "sage", **settings},
        facts={"model": "sage-random-fixed", "catalogue": core_digest(tracks["track_uri"])},
    )
    split = Split(4, NUM_TRACKS, edges, edges, edges[:, :1], edges[:, :1])
    write_served(results, scorer, tracks, TitleIndex.of([None] * 4), split)


def test_the_example_runs(run):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(example, names)  # noqa: S102, our own README
    assert names["table"].columns == [
        *("playlist", "pid", "rank", "track", "track_uri", "track_name", "artist_name", "score", "path")
    ]
    assert names["table"]["rank"].to_list() == list(range(1, 31))
    assert "spotify:track:0000000000000000000001" not in names["table"]["track_uri"]
