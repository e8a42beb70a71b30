"""`make recommend` on a graph of three playlists and six tracks."""

import json
import os

import polars as pl
import pytest
import torch
from safetensors.torch import save_file

from segue.cli import main as ask
from segue.cli.recommend import answer, needed, read_question
from segue.cli.terminal import width
from segue.errors import SegueError
from segue.graph.split import Split, save_split
from segue.serve.recommendation import recommend

TRAIN = torch.tensor([[0, 0, 1, 1, 2], [1, 0, 2, 3, 4]])
SPLIT = Split(3, 6, TRAIN, TRAIN, torch.tensor([[0], [2]]), torch.tensor([[0, 1], [3, 4]]))
PLAYLISTS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
TRACKS = torch.tensor([[9.0, 1.0], [9.0, 2.0], [9.0, 7.0], [1.0, 7.0], [3.0, 5.0], [2.5, 4.0]])


@pytest.fixture
def results(tmp_path):
    """A finished run with one batch and one of its two models; pid 12 was dropped."""
    folder = tmp_path / "out put"
    for place in ("graph", "slices/000", "split", "models/lgc-random-fixed", "metrics"):
        (folder / place).mkdir(parents=True)
    read = pl.DataFrame(
        [(5, "Road Trip 🚗", 9), (7, "chill", 4), (9, "Chill", 3), (12, "polka night", 3)],
        schema=["pid", "name", "num_tracks"],
        orient="row",
    )
    names = ["No More", "日本", "Blue", "Green", "Red", "Grey"]
    tracks = pl.DataFrame(
        {
            "track_uri": [f"uri:{number}" for number in range(6)],
            "track_name": names,
            "artist_name": ["The Ones", "The Twos", "The Ones", "The Fours", "The Fives", None],
        }
    )
    every = torch.cat([SPLIT.train_and_validation, SPLIT.test], dim=1)
    edges = pl.DataFrame({"playlist": every[0].tolist(), "track": every[1].tolist()}).with_columns(
        position=7 - pl.col("track")
    )
    dropped = pl.DataFrame({"playlist": [3, 3, 3], "track": [4, 5, 6], "position": [0, 1, 2]})
    lost = pl.DataFrame({"track_uri": "uri:lost", "track_name": "Lost", "artist_name": "Nobody"})
    tables = {
        "slices/000/playlists": read,
        "slices/000/edges": pl.concat([edges.select(dropped.columns), dropped]),
        "slices/000/tracks": pl.concat([tracks, lost]),
        "graph/playlists": read.head(3).with_columns(playlist=pl.int_range(3, dtype=pl.Int32)),
        "graph/tracks": tracks.with_columns(track=pl.int_range(6, dtype=pl.Int64)),
        "graph/edges": edges,
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    save_split(SPLIT, folder / "split/split.safetensors")
    save_file(
        {"playlists": PLAYLISTS, "tracks": TRACKS}, folder / "models/lgc-random-fixed/embeddings.safetensors"
    )
    best = {"model": "lgc-random-fixed", "recall_k": 20, "validation_recall": 0.4321}
    (folder / "metrics/best.json").write_text(json.dumps(best))
    return folder


@pytest.fixture
def environment(results, tmp_path):
    """A function of the question's parts that returns them as environment variables."""

    def variables(playlist, model="", n="3", samplers=("random", "hard")):
        config = {
            "results": str(results),
            "data": {"slices": 1},
            "sweep": {"conv": ["lgc"], "sampler": list(samplers), "alpha": ["fixed"]},
        }
        (tmp_path / "mine.yaml").write_text(json.dumps(config))
        parts = {"PLAYLIST": playlist, "MODEL": model, "N": n, "CONFIG": str(tmp_path / "mine.yaml")}
        return {f"SEGUE_{name}": value for name, value in parts.items()}

    return variables


@pytest.fixture
def asked(environment):
    return lambda *parts, **options: read_question(environment(*parts, **options))


def test_the_whole_answer(asked):
    assert (
        answer(asked("road TRIP 🚗"))
        == """\
Road Trip 🚗
pid 5, 9 tracks: 4 in the 10-core, 1 of them held out for the test

On the playlist:
Blue     The Ones
日本     The Twos
No More  The Ones

What lgc-random-fixed would add (of 2 models the one with the highest validation Recall@20, 0.432):
rank  score     track  artist
   1  3.000     Red    The Fives
   2  2.500     Grey
   3  1.000  ✓  Green  The Fours

✓ a hit: on the playlist, but held out, so the model did not know. Hits among these 3: 1 of 1.
"""
    )


def test_the_proposals_are_those_of_recommend(asked, results):
    for playlist, pid in enumerate((5, 7, 9)):
        ((_, (best,), (scores,), (hits,)),) = recommend(SPLIT, PLAYLISTS, TRACKS, torch.tensor([playlist]), 3)
        names = pl.read_parquet(results / "graph/tracks.parquet")["track_name"]
        lines = answer(asked(str(pid))).split("\n")
        start = next(number for number, line in enumerate(lines) if line.startswith("rank"))
        for line, track, score, hit in zip(lines[start + 1 :], best, scores, hits, strict=False):
            assert line.split()[1] == f"{score:.3f}"
            assert names[track.item()] in line
            assert ("✓" in line) == hit


def test_the_model_that_was_asked_for(asked, results):
    (results / "metrics/best.json").unlink()
    assert "What lgc-random-fixed would add (as MODEL says):" in answer(asked("5", "lgc-random-fixed"))


def test_the_only_model_of_a_run(asked):
    assert "(the only model of the run):" in answer(asked("5", samplers=["random"]))


def test_without_held_out_tracks_there_is_nothing_to_hit(asked):
    text = answer(asked("9"))
    assert "✓" not in text
    assert text.endswith("None of its tracks was held out, so there is nothing to hit.\n")


def test_long_playlists_are_cut_off(asked, monkeypatch):
    monkeypatch.setattr("segue.cli.recommend.FIRST_TRACKS", 2)
    assert "\n日本  The Twos\nand 1 more\n" in answer(asked("5"))


def test_a_playlist_that_the_model_knows_nothing_of(asked, results):
    unknown = Split(3, 6, TRAIN[:, :4], TRAIN[:, :4], torch.tensor([[0], [2]]), TRAIN[:, 4:])
    save_split(unknown, results / "split/split.safetensors")
    assert "On the playlist:\nnone known to the model\n" in answer(asked("9"))


def test_raw_ids_stand_where_there_are_no_names(asked, results):
    path = results / "graph/tracks.parquet"
    nothing = pl.lit(None, pl.String)
    pl.read_parquet(path).with_columns(track_name=nothing, artist_name=nothing).write_parquet(path)
    text = answer(asked("5"))
    assert "On the playlist:\nuri:2\nuri:1\nuri:0\n" in text
    assert "rank  score     track\n   1  3.000     uri:4\n" in text


@pytest.mark.parametrize("columns", [30, 50, 80, 200])
def test_every_line_fits_the_terminal(asked, results, columns):
    path = results / "graph/tracks.parquet"
    table = pl.read_parquet(path)
    table.with_columns(track_name=pl.col("track_name") + "日本の歌" * 40).write_parquet(path)
    lines = answer(asked("5"), columns).split("\n")
    assert max(map(width, lines)) <= columns
    assert any("…" in line for line in lines)


def test_control_characters_are_not_printed(asked, results):
    for table, column in (("tracks", "track_name"), ("tracks", "artist_name"), ("playlists", "name")):
        path = results / f"graph/{table}.parquet"
        pl.read_parquet(path).with_columns(pl.lit("a\x1b[2J\nb").alias(column)).write_parquet(path)
    text = answer(asked("5"))
    assert "\x1b" not in text
    assert text.startswith("a [2J b\npid 5")


@pytest.mark.parametrize(
    ("playlist", "text"),
    [
        ("12", "pid 12 was dropped by the 10-core: 2 of its 3 tracks survive"),
        ("Polka Night", "“polka night”: pid 12 was dropped by the 10-core: 2 of its 3 tracks survive"),
        ("CHILL", "2 playlists have this title"),
        ("rood trip", "the nearest titles: “Road Trip 🚗”"),
    ],
)
def test_no_answer(asked, playlist, text):
    with pytest.raises(SegueError, match="PLAYLIST") as error:
        answer(asked(playlist))
    assert text in str(error.value)


def test_more_tracks_than_are_left(asked):
    with pytest.raises(SegueError) as error:
        answer(asked("5", n="4"))
    assert (error.value.where, error.value.found) == ("N", "4")
    assert error.value.expected == "at most 3: the graph has 6 tracks, and 3 of them are on the playlist"


def test_what_is_needed_is_all_that_is_read(asked, results):
    question = asked("12", "lgc-random-fixed")
    wanted = {str(path) for path in needed(question)}
    present = {str(path) for path in results.rglob("*") if path.is_file()}
    assert present - wanted == {str(results / "metrics/best.json")}
    assert wanted <= present


def test_the_command_answers_on_stdout(environment, asked, monkeypatch, capsys):
    for name, value in environment("5").items():
        monkeypatch.setitem(os.environ, name, value)
    monkeypatch.setattr(ask.sys, "stdout", Reconfigurable(ask.sys.stdout))
    ask.main(["recommend"])
    assert capsys.readouterr().out == answer(asked("5"))
    ask.main(["recommend", "--check"])
    assert capsys.readouterr().out.splitlines() == needed(asked("5"))


class Reconfigurable:
    """pytest's stdout, with the method of a real one that it lacks."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def reconfigure(self, errors):
        assert errors == "replace"


@pytest.mark.parametrize("arguments", [["recommend"], ["recommend", "--check"]])
def test_the_command_refuses_with_a_reason(environment, monkeypatch, arguments):
    for name, value in environment(" ").items():
        monkeypatch.setitem(os.environ, name, value)
    with pytest.raises(SystemExit, match="Error: No playlist was named"):
        ask.main(arguments)
