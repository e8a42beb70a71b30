"""`segue recommend` on a graph of three playlists and six tracks."""

import json
import os
from types import SimpleNamespace

import polars as pl
import pytest
import torch
from command_cases import answered, refused, settle, write_run
from rich.cells import cell_len
from safetensors.torch import save_file

from segue.cli.recommend import files_of_recommend
from segue.cli.run import open_run
from segue.graph.split import Split, save_split
from segue.scorers.baselines import Popularity
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
def arguments(results, tmp_path, monkeypatch):
    """A function of a playlist and options that returns the command's arguments; the run is where it runs."""
    monkeypatch.chdir(tmp_path)

    def of(playlist, *options, n="3", samplers=("random", "hard")):
        config = {
            "results": "out put",
            "data": {"slices": 1},
            "sweep": {"conv": ["lgc"], "sampler": list(samplers), "alpha": ["fixed"], "models": []},
        }
        settle(results)
        return ["recommend", "-n", n, "--config", write_run(tmp_path, config), *options, "--", playlist]

    return of


@pytest.fixture
def answer(arguments):
    """A function of the same that returns what the command prints."""
    return lambda *parts, width=None, **options: answered(*arguments(*parts, **options), width=width)


@pytest.fixture
def refusal(arguments):
    return lambda *parts, status=1, **options: refused(*arguments(*parts, **options), status=status)


def test_the_whole_answer(answer):
    assert (
        answer("road TRIP 🚗")
        == """\
Road Trip 🚗
pid 5, 9 tracks: 4 in the 10-core, 1 of them held out for the test

On the playlist:
Blue     The Ones
日本     The Twos
No More  The Ones

What LightGCN random, fixed α would add (of 2 models the one with the highest validation Recall@20, 0.432):
rank  score     track  artist
   1  3.000     Red    The Fives
   2  2.500     Grey
   3  1.000  ✓  Green  The Fours

✓ a hit: on the playlist, but held out, so the model did not know. Hits among these 3: 1 of 1.
"""
    )


def test_the_proposals_are_those_of_recommend(answer, results):
    for playlist, pid in enumerate((5, 7, 9)):
        ((_, (best,), (scores,), (hits,)),) = recommend(SPLIT, PLAYLISTS, TRACKS, torch.tensor([playlist]), 3)
        names = pl.read_parquet(results / "graph/tracks.parquet")["track_name"]
        lines = answer(str(pid)).split("\n")
        start = next(number for number, line in enumerate(lines) if line.startswith("rank"))
        for line, track, score, hit in zip(lines[start + 1 :], best, scores, hits, strict=False):
            assert line.split()[1] == f"{score:.3f}"
            assert names[track.item()] in line
            assert ("✓" in line) == hit


def test_the_model_that_was_asked_for(answer, results):
    (results / "metrics/best.json").unlink()
    text = answer("5", "--model", "lgc-random-fixed")
    assert "What LightGCN random, fixed α would add (as --model says):" in text


def test_the_only_model_of_a_run(answer):
    assert "(the only model of the run):" in answer("5", samplers=["random"])


def test_without_held_out_tracks_there_is_nothing_to_hit(answer):
    text = answer("9")
    assert "✓" not in text
    assert text.endswith("None of its tracks was held out, so there is nothing to hit.\n")


def test_long_playlists_are_cut_off(answer, monkeypatch):
    monkeypatch.setattr("segue.cli.recommend.FIRST_TRACKS", 2)
    assert "\n日本  The Twos\nand 1 more\n" in answer("5")


def test_a_playlist_that_the_model_knows_nothing_of(answer, results):
    unknown = Split(3, 6, TRAIN[:, :4], TRAIN[:, :4], torch.tensor([[0], [2]]), TRAIN[:, 4:])
    save_split(unknown, results / "split/split.safetensors")
    assert "On the playlist:\nnone known to the model\n" in answer("9")


def test_raw_ids_stand_where_there_are_no_names(answer, results):
    path = results / "graph/tracks.parquet"
    nothing = pl.lit(None, pl.String)
    pl.read_parquet(path).with_columns(track_name=nothing, artist_name=nothing).write_parquet(path)
    text = answer("5")
    assert "On the playlist:\nuri:2\nuri:1\nuri:0\n" in text
    assert "rank  score     track\n   1  3.000     uri:4\n" in text


@pytest.mark.parametrize("columns", [30, 50, 80, 200])
def test_every_line_fits_the_terminal(answer, results, columns):
    path = results / "graph/tracks.parquet"
    table = pl.read_parquet(path)
    table.with_columns(track_name=pl.col("track_name") + "日本の歌" * 40).write_parquet(path)
    lines = answer("5", width=columns).split("\n")
    assert max(map(cell_len, lines)) <= columns
    assert any("…" in line for line in lines)


def test_control_characters_are_not_printed(answer, results):
    for table, column in (("tracks", "track_name"), ("tracks", "artist_name"), ("playlists", "name")):
        path = results / f"graph/{table}.parquet"
        pl.read_parquet(path).with_columns(pl.lit("a\x1b[2J\nb").alias(column)).write_parquet(path)
    text = answer("5")
    assert "\x1b" not in text
    assert text.startswith("a [2J b\npid 5")


def test_names_are_printed_as_they_are(answer, results):
    path = results / "graph/tracks.parquet"
    odd = ["[bold]No[/bold] More", "[/]", ":smile:", "Green", "[red]", "\\[x]"]
    pl.read_parquet(path).with_columns(track_name=pl.Series(odd)).write_parquet(path)
    text = answer("5")
    assert (
        ":smile:               The Ones\n[/]                   The Twos\n[bold]No[/bold] More  The Ones\n"
        in text
    )
    assert "   1  3.000     [red]  The Fives\n   2  2.500     \\[x]\n" in text


@pytest.mark.parametrize(
    ("playlist", "text"),
    [
        ("12", "pid 12 was dropped by the 10-core: 2 of its 3 tracks survive"),
        ("Polka Night", "“polka night”: pid 12 was dropped by the 10-core: 2 of its 3 tracks survive"),
        ("CHILL", "2 playlists have this title"),
        ("rood trip", "the nearest titles: “Road Trip 🚗”"),
    ],
)
def test_no_answer(refusal, playlist, text):
    said = refusal(playlist)
    assert said.startswith("Error: ")
    assert "  where: PLAYLIST\n" in said
    assert text in said


@pytest.mark.parametrize("playlist", ["", "  ", "\ufe0f"])
def test_no_playlist(refusal, playlist):
    assert "No playlist was named" in refusal(playlist)


def test_more_tracks_than_are_left(refusal):
    said = refusal("5", n="4")
    assert "  where: -n\n  found: 4\n" in said
    assert "at most 3: the graph has 6 tracks, and 3 of them are on the playlist" in said


def test_no_track_is_left(refusal, monkeypatch):
    full = SimpleNamespace(num_tracks=6, train_and_validation=torch.zeros(2, 6))
    monkeypatch.setattr("segue.graph.split.of_playlists", lambda *_: full)
    said = refusal("5", n="3")
    assert "No track is left to recommend." in said
    assert "a playlist with all 6 tracks that the model can propose" in said


def test_a_page_of_one_track_in_capitals(answer, tmp_path):
    assert answer("5", "--out", "my.HTML", n="1").startswith("my.HTML: 1 track of LightGCN")
    html = (tmp_path / "my.HTML").read_text()
    assert "1 playlist, for it the track that scores highest among those" in html


def test_a_baseline_scores_the_playlist_by_its_tracks(answer, arguments, results):
    facts = {"model": "popularity", "catalogue": "x"}
    (results / "models/popularity").mkdir()
    Popularity(torch.tensor([0.0, 1.0, 2.0, 4.0, 5.0, 3.0]), facts).save(
        results / "models/popularity/scorer.safetensors"
    )
    text = answer("5", "--model", "popularity")
    assert "What Popularity would add (as --model says):\n" in text
    rows = [line.split() for line in text.split("\n")[10:13]]
    assert [row[2:4] for row in rows] == [["Red", "The"], ["✓", "Green"], ["Grey"]]  # and none that is known


TITLES = [
    "$(shell touch pwned)",
    "${shell touch pwned} $$HOME $HOME $@",
    "`touch pwned`; touch pwned | touch pwned & $(touch pwned)",
    """it's "quoted" \\ 'twice'""",
    "90's #1 🔥 日本 = : % * ~",
    "-n --make",
    "[bold]x[/]",
]


@pytest.mark.parametrize("title", TITLES)
def test_titles_arrive_whole(answer, results, tmp_path, title):
    for name in ("graph/playlists", "slices/000/playlists"):
        path = results / f"{name}.parquet"
        table = pl.read_parquet(path)
        is_first = pl.col("pid") == 5
        table.with_columns(
            pl.when(is_first).then(pl.lit(title)).otherwise("name").alias("name")
        ).write_parquet(path)
    assert answer(title).split("\n")[0] == title
    assert not (tmp_path / "pwned").exists()


def test_json(answer):
    told = json.loads(answer("5", "--json"))
    assert told["playlist"] == {"id": "5", "pid": 5, "title": "Road Trip 🚗", "num_tracks": 9}
    assert (told["model"], told["in_graph"], told["held_out"]) == ("lgc-random-fixed", 4, 1)
    assert [track["track_uri"] for track in told["known"]] == ["uri:2", "uri:1", "uri:0"]
    assert told["proposals"][1:] == [
        {
            "rank": 2,
            "score": 2.5,
            "track_uri": "uri:5",
            "track_name": "Grey",
            "artist_name": None,
            "hit": False,
        },
        {
            "rank": 3,
            "score": 1.0,
            "track_uri": "uri:3",
            "track_name": "Green",
            "artist_name": "The Fours",
            "hit": True,
        },
    ]


def test_ids_of_edge_lists_are_no_places(arguments, answer, refusal, results, tmp_path):
    """Users 2, 0 and 007 of edge lists stand in rows 0, 1 and 2; user 1 was dropped."""
    arguments("2")
    for name in ("graph/playlists", "slices/000/playlists"):
        path = results / f"{name}.parquet"
        table = pl.read_parquet(path)
        ids = pl.Series("name", ["2", "0", "007", "1"][: table.height])
        table.with_columns(ids, pid=pl.int_range(pl.len())).write_parquet(path)
    config = tmp_path / "mine.yaml"
    (tmp_path / "a.csv").touch()
    os.utime(tmp_path / "a.csv", (1, 1))  # older than what was made from it

    def of_edges(*parts):
        asked = arguments(*parts)
        edges = {"source": "edges", "edges": {"files": ["a.csv"]}}
        config.write_text(json.dumps(json.loads(config.read_text()) | {"data": edges}))
        return asked

    for place, wanted in enumerate(("2", "0", "007")):
        table = tmp_path / "mine.parquet"
        answered(*of_edges(wanted, "--out", "mine.parquet"))
        assert pl.read_parquet(table)["playlist"].unique().to_list() == [place]
        told = json.loads(answered(*of_edges(wanted, "--json")))["playlist"]
        assert (told["id"], told["pid"], told["title"]) == (wanted, None, None)
    assert answered(*of_edges("007")).startswith("Playlist 007\n3 tracks: ")
    assert "playlist '1' was dropped by the 10-core" in refused(*of_edges("1"))
    said = refused(*of_edges("7"))
    assert "No playlist of the run has this id" in said
    assert "an id as in the edge lists, such as '2', '0', '007'; near it: “007”" in said


def test_a_table_and_a_page(answer, refusal, tmp_path):
    said = answer("5", "--out", "mine.parquet")
    assert said == "mine.parquet: 3 tracks of LightGCN random, fixed α for Road Trip 🚗\n"
    assert pl.read_parquet(tmp_path / "mine.parquet")["track_name"].to_list() == ["Red", "Grey", "Green"]
    answer("5", "--out", "mine.html")
    html = (tmp_path / "mine.html").read_text()
    assert "<h2>Road Trip 🚗</h2>" in html
    assert "pid 5: 3 tracks known, 1 held out" in html
    answer("5", "--out", "mine.tsv")
    assert (
        (tmp_path / "mine.tsv")
        .read_text()
        .startswith("\t".join(pl.read_parquet(tmp_path / "mine.parquet").columns))
    )
    assert "ends in .tsv, .parquet, .html" in refusal("5", "--out", "mine.csv")
    assert "no folder to write into" in refusal("5", "--out", "no/such/x.html")
    assert "one of the two" in refusal("5", "--out", "x.html", "--json", status=2)


def test_what_it_says_it_reads_is_all_that_it_reads(arguments, results):
    arguments("12")
    run = open_run("mine.yaml")
    listed = {*files_of_recommend(run, "lgc-random-fixed"), *files_of_recommend(run, None)}
    assert listed == {str(path.relative_to(results.parent)) for path in results.rglob("*") if path.is_file()}
    assert files_of_recommend(run, "als")[0] == "out put/models/als/scorer.safetensors"
    (results / "metrics/best.json").unlink()
    assert files_of_recommend(run, None)[0] == "out put/metrics/best.json"
