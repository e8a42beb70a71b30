"""The command `segue` in a folder with a run, for the tests of it."""

import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import save_file
from serving_cases import write_served

from segue.catalogue.titles import TitleIndex
from segue.cli.main import segue
from segue.files import save_table
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.scorers.baselines import ALS
from segue.scorers.frozen import freeze

ROOT = Path(__file__).parents[1]


def run_segue(*arguments: str, width: int | None = None) -> Result:
    """Runs the command in the working directory; ``width``: of the terminal, None where there is none.

    What it prints is in ``stdout`` and ``stderr``. An exception that is no exit fails the test.
    """
    with pytest.MonkeyPatch.context() as patch:
        if width is not None:
            patch.setattr(
                "segue.cli.terminal.shutil.get_terminal_size", lambda: os.terminal_size((width, 24))
            )
            patch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)
            patch.setenv("TERM", "dumb")  # no colours
        done = CliRunner().invoke(segue, arguments, prog_name="segue")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert "Traceback" not in done.stderr
    return done


def answered(*arguments: str, width: int | None = None) -> str:
    """What the command prints, where it has to end well, and to say nothing on stderr."""
    done = run_segue(*arguments, width=width)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def refused(*arguments: str, status: int = 1) -> str:
    """What the command says on stderr, where it has to fail with ``status``, and to print nothing else."""
    done = run_segue(*arguments)
    assert (done.exit_code, done.stdout) == (status, ""), done.output
    return done.stderr


def write_run(folder: Path, config: dict) -> str:
    """Makes ``folder`` a place to run Snakemake in: the default configuration, and ``config`` as overrides.

    Returns the name of the file of these.
    """
    (folder / "config").mkdir(exist_ok=True)
    shutil.copy(ROOT / "config/config.yaml", folder / "config")
    (folder / "mine.yaml").write_text(json.dumps(config))
    return "mine.yaml"


def settle(folder: Path) -> None:
    """Gives all files one time, so that none is older than what it is made from."""
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))


NUM_TRACKS = 600
URI = "spotify:track:{:022d}".format


def write_served_run(folder: Path) -> None:
    """Makes ``folder`` a place with a small finished run.

    Three playlists, of which pid 72 is "New Classic Metal 🔥", NUM_TRACKS tracks, the model lgc-random-fixed,
    which is the best, sage-hard-fixed, and the baselines als and knn.
    """
    write_run(folder, {})
    results = folder / "results"
    names = pl.DataFrame(
        {
            "track_uri": [URI(number) for number in range(NUM_TRACKS)],
            "track_name": [f"Song {number}" for number in range(NUM_TRACKS)],
            "artist_uri": [f"spotify:artist:{number % 7}" for number in range(NUM_TRACKS)],
            "artist_name": [f"Artist {number % 7}" for number in range(NUM_TRACKS)],
        }
    )
    tracks = names.with_columns(track=pl.int_range(NUM_TRACKS, dtype=pl.Int32))
    read = pl.DataFrame(
        {"pid": [5, 72, 9], "name": ["Road Trip", "New Classic Metal 🔥", "gym"], "num_tracks": [9, 30, 9]}
    )
    pairs = torch.stack([torch.arange(NUM_TRACKS) % 3, torch.arange(NUM_TRACKS)])[:, :60]
    edges = pl.DataFrame({"playlist": pairs[0].numpy(), "track": pairs[1].numpy()}).with_columns(
        position=pl.lit(0)
    )
    for batch in ("000", "001"):
        for name, table in {"playlists": read, "edges": edges, "tracks": names}.items():
            part = table if batch == "000" else table.head(0)
            save_table(part, results / f"slices/{batch}/{name}.parquet")
    save_table(
        read.with_columns(playlist=pl.int_range(3, dtype=pl.Int32)), results / "graph/playlists.parquet"
    )
    save_table(edges.cast({"playlist": pl.Int32, "track": pl.Int32}), results / "graph/edges.parquet")
    save_table(tracks, results / "graph/tracks.parquet")
    split = Split(3, NUM_TRACKS, pairs[:, 9:], pairs[:, 9:], pairs[:, 6:9], pairs[:, :6])
    facts = {"catalogue": core_digest(tracks["track_uri"])}
    settings = {"layers": 1, "dim": 4}
    model = Encoder("lgc", 3 + NUM_TRACKS, generator=torch.Generator().manual_seed(1), **settings)
    frozen = freeze(
        *(model, split.train_and_validation, 3, NUM_TRACKS),
        stand_in="zero",
        settings={"conv": "lgc", **settings},
        facts=facts | {"model": "lgc-random-fixed"},
    )
    stand_ins = {"stand_in": pl.lit(None, pl.Int32), "stand_in_by": pl.lit(None, pl.String)}
    write_served(results, frozen, tracks.with_columns(**stand_ins), TitleIndex.of(read["name"]), split)
    factors = torch.randn(NUM_TRACKS, 4, generator=torch.Generator().manual_seed(2))
    for name in ("lgc-random-fixed", "sage-hard-fixed", "als", "knn"):
        (results / "models" / name).mkdir(parents=True)
        if "-" in name:
            tensors = {"playlists": factors[:3].clone(), "tracks": factors}
            save_file(tensors, results / f"models/{name}/embeddings.safetensors")
        else:
            scorer = ALS(factors, 0.1, 10.0, facts | {"model": name})
            scorer.save(results / f"models/{name}/scorer.safetensors")
    best = {"model": "lgc-random-fixed", "recall_k": 300, "validation_recall": 0.4321}
    (results / "metrics").mkdir()
    (results / "metrics/best.json").write_text(json.dumps(best))
    settle(results)
