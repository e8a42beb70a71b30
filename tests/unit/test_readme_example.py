"""The example of the README, run as it stands there, and the names in it."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
import yaml
from serving_cases import write_served
from sizes import LONG

import segue
from segue.catalogue.titles import TitleIndex
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.sample import names
from segue.sample.catalogue import SampleSettings, make_catalogue
from segue.scorers.frozen import freeze

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
NUM_TRACKS = 40
# Of the default sample, by its number: the most popular one.
ARTIST, NUMBER = "Brilnav Lithwexné", 194610
SAMPLE = SampleSettings(**yaml.safe_load((ROOT / "config/config.yaml").read_text())["data"]["sample"])


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
            "artist_name": [ARTIST if number < 5 else "Somebody" for number in range(NUM_TRACKS)],
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


def answers(example):
    """The tables of an example that continues ``mine``, a playlist by the artist's tracks."""
    found = {}
    exec(example, found)  # noqa: S102, our own README
    table = found["table"]
    assert {"rank", "track_uri", "track_name", "artist_name", "score", "path"} <= {*table.columns}
    assert table["rank"].to_list() == list(range(1, table.height + 1))
    assert table["path"].unique().to_list() == ["tracks"]
    assert table["track_name"].null_count() == 0
    assert not {*found["mine"].tracks} & {*table["track_uri"]}


def test_the_example_runs_and_answers_by_tracks(run):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    answers(example)


def test_the_example_of_the_docstring_runs(run):
    lines = [line.removeprefix(">>> ") for line in segue.__doc__.splitlines() if line.startswith(">>> ")]
    answers("\n".join([*lines[:-1], "table = " + lines[-1]]))


def test_the_artist_is_in_the_default_sample():
    """So that the example finds tracks after `make demo`."""
    (name,) = names.coin_names(SAMPLE.seed, "artist", names.ARTISTS, np.array([NUMBER]))
    assert name == ARTIST
    assert "brilnav lithwexne" in segue.__doc__


@pytest.mark.skipif(not LONG, reason="all tracks there are, some seconds: make test-all")
def test_the_artist_is_the_most_popular_of_the_default_sample():
    catalogue = make_catalogue(SAMPLE)
    assert np.bincount(catalogue.artist, np.diff(catalogue.popularity)).argmax() == NUMBER
