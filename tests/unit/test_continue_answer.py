"""`make continue` on a graph of 600 tracks and a few playlists."""

import gzip
import json
import os

import polars as pl
import pytest
import torch
from serving_cases import write_served

from segue.cli import main as ask
from segue.cli.continue_ import answer, needed, read_question
from segue.cli.terminal import width
from segue.errors import SegueError
from segue.files import save_table
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.scorers.frozen import freeze
from segue.serve.titles import TitleIndex

NUM_TRACKS = 600
URI = "spotify:track:{:022d}".format
TRACKS = pl.DataFrame(
    {
        "track_uri": [URI(number) for number in range(NUM_TRACKS + 2)],
        "track_name": [f"Song {number}" for number in range(NUM_TRACKS + 2)],
        "artist_uri": [f"spotify:artist:{number % 7}" for number in range(NUM_TRACKS + 2)],
        "artist_name": [f"Artist {number % 7}" for number in range(NUM_TRACKS + 2)],
        "track": [*range(NUM_TRACKS), None, None],
        "stand_in": [None] * NUM_TRACKS + [9, None],
        "stand_in_by": [None] * NUM_TRACKS + ["album", None],
    },
    schema_overrides={"track": pl.Int32, "stand_in": pl.Int32},
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of a run whose best model is ready to serve; its playlists are 40 and 41."""
    folder = tmp_path_factory.mktemp("a run")
    edges = torch.stack([torch.arange(NUM_TRACKS) % 2, torch.arange(NUM_TRACKS)])
    settings = {"layers": 1, "dim": 4}
    model = Encoder("lgc", 2 + NUM_TRACKS, generator=torch.Generator().manual_seed(1), **settings)
    facts = {"catalogue": core_digest(TRACKS["track_uri"].head(NUM_TRACKS)), "model": "lgc-random-fixed"}
    settings = {"conv": "lgc", **settings}
    frozen = freeze(model, edges, 2, NUM_TRACKS, stand_in="zero", settings=settings, facts=facts)
    parts = [edges[:, 2:], edges[:, 2:], edges[:, :1], edges[:, 1:2]]
    titles = TitleIndex.of(["road trip", "gym"])
    write_served(folder, frozen, TRACKS, titles, Split(2, NUM_TRACKS, *parts))
    save_table(pl.DataFrame({"playlist": [0, 1], "pid": [40, 41]}), folder / "graph/playlists.parquet")
    return folder


@pytest.fixture
def environment(results, tmp_path):
    """A function of a file's content that returns the question as environment variables."""

    def variables(content, name="my.txt", config=None, **parts):
        if content is not None:
            (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        config = {"results": str(results), **(config or {})}
        (tmp_path / "mine.yaml").write_text(json.dumps(config))
        parts = {"PLAYLIST": str(tmp_path / name), "CONFIG": str(tmp_path / "mine.yaml")} | parts
        return {f"SEGUE_{key}": value for key, value in parts.items()}

    return variables


@pytest.fixture
def asked(environment):
    return lambda *parts, **options: read_question(environment(*parts, **options))


def challenge_set(pids, tracks=(1, 2)):
    songs = [{"track_uri": URI(number)} for number in tracks]
    counts = {"num_samples": len(songs), "num_holdouts": 5, "num_tracks": len(songs) + 5}
    return {
        "playlists": [
            {"pid": pid, "name": "gym" if pid % 2 else "polka", **counts, "tracks": songs} for pid in pids
        ]
    }


LINES = f"""\
# title: Mine 🚗
{URI(5)}
{URI(600)}
{URI(601)}
spotify:track:zzzzzzzzzzzzzzzzzzzzzz
Artist 3 - Song 10
Artist 3 - Sang 17
"""


def test_the_whole_answer(asked):
    lines = answer(asked(LINES, N="3")).splitlines()
    assert lines[:4] == [
        "Mine 🚗",
        "5 tracks: 2 in the graph, 1 stood for by a track of the same album, "
        "2 not used, since nothing of them is in the graph",
        "line 7, Artist 3 - Sang 17: not found; near it: “Song 17”, “Song 157”, “Song 171”",
        "",
    ]
    assert lines[4] == "What lgc-random-fixed would add (the best of the run by validation; by its tracks):"
    assert lines[5].split() == ["rank", "score", "track", "artist"]
    assert [line.split()[0] for line in lines[6:]] == ["1", "2", "3"]
    assert all(width(line) <= 40 for line in answer(asked(LINES), 40).splitlines())


def test_a_title_alone(asked):
    text = answer(asked("# title: my gym", N="2"))
    assert "by the playlists with such a title" in text
    assert text.startswith("my gym\n0 tracks: 0 in the graph\n")


def test_several_playlists_on_a_terminal(asked):
    text = answer(asked(challenge_set(range(1, 9)), "set.json", N="2"))
    assert text.count("What lgc-random-fixed would add") == 5
    assert text.endswith("and 3 playlists more: OUT=my.html or OUT=my.parquet has all\n")


def test_a_submission_is_whole_and_keeps_the_rules(asked, tmp_path, capsys):
    out = tmp_path / "submission.csv.gz"
    said = answer(asked(challenge_set([7, 8, 9]), "set.json", OUT=str(out)))
    assert said == f"{out}: 500 tracks of lgc-random-fixed for 3 playlists (3 by their tracks)\n"
    lines = gzip.decompress(out.read_bytes()).decode().splitlines()
    assert lines[0].startswith("team_info,main,")
    assert [line.split(", ")[0] for line in lines[1:]] == ["7", "8", "9"]
    assert {len(line.split(", ")) for line in lines[1:]} == {501}


def test_a_table_and_a_page(asked, tmp_path):
    out = tmp_path / "mine.parquet"
    answer(asked(challenge_set([7, 8], ()), "set.json", OUT=str(out), N="4"))
    table = pl.read_parquet(out)
    assert table.select("pid", "path").unique(maintain_order=True).rows() == [(7, "title"), (8, "popularity")]
    assert table.height == 8
    page = tmp_path / "mine.html"
    said = answer(asked(LINES, OUT=str(page), N="4"))
    assert said.endswith("for 1 playlist (1 by their tracks)\n")
    html = page.read_text()
    assert "<h2>Mine 🚗</h2>" in html
    assert "5 tracks, 2 of them in the graph; continued by its tracks" in html
    assert html.count("<li>") == 5 + 4
    assert "spotify:track:zzzzzzzzzzzzzzzzzzzzzz" in html


def test_what_was_trained_on_is_refused_unless_allowed(asked):
    given = challenge_set([40, 7])
    with pytest.raises(SegueError, match=r"(?s)training data holds.*set\.json.*40"):
        answer(asked(given, "set.json"))
    assert "What lgc" in answer(asked(given, "set.json", ALLOW_LEAK="yes"))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"PLAYLIST": ""}, "No file of playlists was named"),
        ({"PLAYLIST": "none.txt"}, "No such file"),
        ({"N": "many"}, "no number of tracks"),
        ({"OUT": "x.pdf"}, r"ends in \.csv, \.csv\.gz, \.parquet, \.html"),
        ({"OUT": "no/such/folder/x.html"}, "no folder to write into"),
        ({"OUT": "x.csv", "N": "30"}, "500, by the rules of the challenge"),
        ({"ALLOW_LEAK": "please"}, "Whether to allow"),
        ({"MODEL": "lgc-random-fixd"}, "did you mean lgc-random-fixed"),
        ({"MODEL": "alz"}, "did you mean als"),
    ],
)
def test_bad_questions_are_refused_before_any_work(asked, parts, said):
    with pytest.raises(SegueError, match=said):
        asked(LINES, **parts)


def test_bad_answers(asked):
    with pytest.raises(SegueError, match=r"(?s)No track of the playlist is known.*line 1, Nobody - It"):
        answer(asked("Nobody - It"))
    with pytest.raises(SegueError, match=r"(?s)No track of the playlist is known.*1 tracks, none of them in"):
        answer(asked(URI(601)))
    with pytest.raises(SegueError, match=r"(?s)not that many tracks.*600 asked for.*at most 599"):
        answer(asked(URI(3), N="600"))
    with pytest.raises(SegueError, match="no pid for playlist number 1"):
        answer(asked(URI(3), OUT="x.csv"))


def test_ids_of_edge_lists(asked):
    edges = {"data": {"source": "edges", "edges": {"files": ["a.csv"]}}}
    with pytest.raises(SegueError, match="A line names no track"):
        asked("007")
    assert asked("007", config=edges).read.playlists[0].tracks == ("007",)


def test_what_is_needed(asked, results):
    assert needed(asked(LINES)) == [
        f"{results}/{name}"
        for name in (
            "serving/scorer.safetensors",
            "serving/tracks.parquet",
            "serving/titles.safetensors",
            "split/split.safetensors",
            "graph/playlists.parquet",
        )
    ]
    assert needed(asked(LINES, MODEL="als"))[0] == f"{results}/models/als/scorer.safetensors"


def test_the_command(environment, monkeypatch, capsys):
    for name, value in environment(LINES, N="2").items():
        monkeypatch.setitem(os.environ, name, value)
    ask.main(["continue", "--check"])
    assert len(capsys.readouterr().out.splitlines()) == 5
    ask.main(["continue"])
    assert capsys.readouterr().out.startswith("Mine 🚗\n")
    monkeypatch.setitem(os.environ, "SEGUE_MODEL", "als")
    with pytest.raises(SystemExit, match="not ready to continue playlists"):
        ask.main(["continue"])
