"""`segue continue` on a graph of 600 tracks and a few playlists."""

import gzip
import json
import shutil

import polars as pl
import pytest
import torch
from catalogue_cases import make_catalogue
from command_cases import answered, refused, run_segue, settle, write_run
from rich.cells import cell_len
from serving_cases import write_served

from segue.catalogue.titles import TitleIndex
from segue.cli.continue_ import files_of_continue
from segue.cli.run import open_run
from segue.files import save_table, write_json
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.scorers.frozen import freeze

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
    settle(folder)
    return folder


@pytest.fixture
def arguments(results, tmp_path, monkeypatch):
    """A function of a file's content and options that returns the command's arguments."""
    monkeypatch.chdir(tmp_path)

    def of(content, *options, name="my.txt", config=None):
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        config = {"results": str(results), **(config or {})}
        return ["continue", "--config", write_run(tmp_path, config), *options, "--", name]

    return of


@pytest.fixture
def answer(arguments):
    """A function of the same that returns what the command prints."""
    return lambda *parts, width=None, **options: answered(*arguments(*parts, **options), width=width)


@pytest.fixture
def refusal(arguments):
    return lambda *parts, status=1, **options: refused(*arguments(*parts, **options), status=status)


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


def test_the_whole_answer(answer):
    lines = answer(LINES, "-n", "3").splitlines()
    assert lines[:5] == [
        "Mine 🚗",
        "5 tracks: 2 in the graph, 1 stood for by a track of the same album, "
        "2 not used, since nothing of them is in the graph",
        "1 name not found:",
        "  line 7, Artist 3 - Sang 17: not found; near it: “Song 17”, “Song 157”, “Song 171”",
        "",
    ]
    why = "the best of the run by validation; by its tracks"
    assert lines[5] == f"What LightGCN random, fixed α would add ({why}):"
    assert lines[6].split() == ["rank", "score", "track", "artist"]
    assert [line.split()[0] for line in lines[7:]] == ["1", "2", "3"]
    assert len(answer(LINES).splitlines()) == 7 + 30
    assert all(cell_len(line) <= 40 for line in answer(LINES, width=40).splitlines())


def test_a_title_alone(answer):
    text = answer("# title: my [b]gym[/b]\x1b[2J", "-n", "2")
    assert "by the playlists with such a title" in text
    assert text.startswith("my [b]gym[/b] [2J\nno tracks: a title alone\n")
    assert "; by the playlists with such a title):" in text
    text = answer("# title: gym\nNobody - It", "-n", "2")
    assert "such a title, since none of its tracks is known):" in text
    text = answer(challenge_set([8], ()), "-n", "1", name="set.json")
    assert "the most popular tracks, since no word of its title is known):" in text


def test_names_that_the_run_has_otherwise(answer, refusal):
    said = refusal("Song 10 - Artist 3")
    assert "Song 10 - Artist 3: not found; near it: “Artist 3 - Song 10”, the other way round: " in said
    assert "found: 1 track by name, none of which" in said
    assert "near it: “Artist 3 - Song 10”, without its number\n" in refusal("1. Artist 3 - Song 10")


def test_no_track_is_left(refusal):
    said = refusal("\n".join(map(URI, range(600))), "-n", "3")
    assert "No track is left to recommend." in said
    assert "a playlist with all 600 tracks that the model can propose" in said


def test_a_suffix_in_capitals(answer, tmp_path):
    answer(challenge_set([7]), "--out", "A.CSV.GZ", name="set.json")
    assert gzip.decompress((tmp_path / "A.CSV.GZ").read_bytes()).startswith(b"team_info,")
    assert run_segue("check-submission", "set.json", "A.CSV.GZ").exit_code == 0
    assert answer(URI(3), "--out", "a.HTML", "-n", "1").startswith("a.HTML: 1 track of LightGCN")
    html = (tmp_path / "a.HTML").read_text()
    assert "1 of 1 playlist</output>" in html
    assert "of it the track that scores highest among those that are not on it." in html
    assert "1 track, 1 of them in the graph; continued by its tracks" in html
    answer(URI(3), "--out", "a.Parquet")
    assert pl.read_parquet(tmp_path / "a.Parquet").height == 30


def test_several_playlists_on_a_terminal(answer):
    text = answer(challenge_set(range(1, 9)), "-n", "2", name="set.json")
    assert text.count("What LightGCN random, fixed α would add") == 5
    assert text.endswith("and 3 playlists more: --out my.html or --out my.tsv has all\n")


def test_json_has_all(answer):
    told = json.loads(answer(challenge_set(range(1, 9)), "-n", "2", "--json", name="set.json"))
    assert told["model"] == "lgc-random-fixed"
    assert [playlist["pid"] for playlist in told["playlists"]] == [*range(1, 9)]
    first = told["playlists"][0]
    assert (first["title"], first["by"], first["tracks"]["in_graph"]) == ("gym", "tracks", 2)
    assert [track["rank"] for track in first["proposals"]] == [1, 2]
    assert {*first["proposals"][0]} == {"rank", "score", "track_uri", "track_name", "artist_name"}
    said = json.loads(answer(LINES, "--json"))["not_found"]
    assert said == ["line 7, Artist 3 - Sang 17: not found; near it: “Song 17”, “Song 157”, “Song 171”"]


def test_looser_names_are_counted(answer):
    given = "Artist 3, Artist 9 - Song 10 (Live)\nArtist 4 - Song 11 - Remastered 2011\nArtist 5 - Song 12\n"
    assert answer(given).splitlines()[2] == "Found by name: 1 exact, 1 version, 1 artist of several, version"
    told = json.loads(answer(given, "--json"))
    assert told["found_by_name"] == {"exact": 1, "version": 1, "artist of several, version": 1}
    assert told["not_found"] == []
    assert "Found by name" not in answer("Artist 5 - Song 12\n")


def test_a_submission_is_whole_and_keeps_the_rules(answer, tmp_path):
    out = "submission.csv.gz"
    said = answer(challenge_set([7, 8, 9]), "--out", out, name="set.json")
    assert said == f"{out}: 500 tracks of LightGCN random, fixed α for 3 playlists (3 by their tracks)\n"
    lines = gzip.decompress((tmp_path / out).read_bytes()).decode().splitlines()
    assert lines[0].startswith("team_info,main,")
    assert [line.split(", ")[0] for line in lines[1:]] == ["7", "8", "9"]
    assert {len(line.split(", ")) for line in lines[1:]} == {501}
    assert run_segue("check-submission", "set.json", out).stdout.startswith(f"{out} is right: 3 playlists")


def test_a_table_and_a_page(answer, tmp_path):
    answer(challenge_set([7, 8], ()), "--out", "mine.parquet", "-n", "4", name="set.json")
    table = pl.read_parquet(tmp_path / "mine.parquet")
    assert table.select("pid", "path").unique(maintain_order=True).rows() == [(7, "title"), (8, "popularity")]
    assert table.height == 8
    answer(challenge_set([7, 8], ()), "--out", "mine.tsv", "-n", "4", name="set.json")
    assert pl.read_csv(tmp_path / "mine.tsv", separator="\t", schema=table.schema).equals(table)
    said = answer(LINES, "--out", "mine.html", "-n", "4")
    assert said.endswith("for 1 playlist (1 by their tracks); 1 name not found (line 7)\n")
    html = (tmp_path / "mine.html").read_text()
    assert "<h2>Mine 🚗</h2>" in html
    assert "5 tracks, 2 of them in the graph; continued by its tracks" in html
    assert html.count("<li>") == 5 + 4
    assert "spotify:track:zzzzzzzzzzzzzzzzzzzzzz" in html


def test_what_was_trained_on_is_refused_unless_allowed(answer, refusal):
    given = challenge_set([40, 7])
    said = refusal(given, name="set.json")
    assert "training data holds" in said
    assert "set.json" in said
    assert "40" in said
    assert "--allow-leak" in said
    assert "What LightGCN" in answer(given, "--allow-leak", name="set.json")


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["-n", "many"], 2, "no whole number"),
        (["--out", "x.pdf"], 1, "ends in .csv, .csv.gz, .tsv, .parquet, .html"),
        (["--out", "no/such/folder/x.html"], 1, "no folder to write into"),
        (["--out", "x.csv", "-n", "30"], 1, "500, by the rules of the challenge\n  next step: --out my.tsv"),
        (["--out", "x.html", "--json"], 2, "one of the two"),
        (["--alow-leak"], 2, "--allow-leak"),
        (["--model", "lgc-random-fixd"], 1, "did you mean lgc-random-fixed"),
        (["--model", "alz"], 1, "did you mean als"),
        (["--model", "Item-kNN"], 1, "did you mean knn?"),
        (["another.txt"], 2, "unexpected extra argument"),
    ],
)
def test_bad_questions_are_refused_before_any_work(refusal, monkeypatch, options, status, said):
    monkeypatch.setattr("segue.cli.run.Run.ready", lambda *_: pytest.fail("work was begun"))
    assert said in refusal(LINES, *options, status=status)


def test_a_file_that_is_not_there_is_refused_before_any_work(arguments, monkeypatch):
    monkeypatch.setattr("segue.cli.run.Run.ready", lambda *_: pytest.fail("work was begun"))
    arguments(LINES)
    assert "No such file" in refused("continue", "none.txt")
    assert "Missing argument 'FILE'" in refused("continue", status=2)


def test_no_answer(refusal):
    said = refusal("Nobody - It")
    assert "No track of the playlist is known" in said
    assert "line 1, Nobody - It" in said
    said = refusal(URI(601))
    assert "No track of the playlist is known" in said
    assert "1 track, which is not in" in said
    said = refusal(URI(3), "-n", "600")
    assert "not that many tracks" in said
    assert "600 asked for" in said
    assert "at most 599" in said
    assert "no pid for playlist number 1" in refusal(URI(3), "--out", "x.csv")


def test_ids_of_edge_lists(answer, refusal, tmp_path):
    (tmp_path / "a.csv").touch()
    edges = {"data": {"source": "edges", "edges": {"files": ["a.csv"]}}}
    assert "No row of the playlist names a track" in refusal("007")
    assert "1 track, which is not in the graph" in refusal("007", config=edges)


def test_places_in_tables_of_edge_lists_are_no_pids(answer, tmp_path):
    (tmp_path / "a.csv").touch()
    edges = {"data": {"source": "edges", "edges": {"files": ["a.csv"]}}}
    assert "What LightGCN" in answer(challenge_set([40, 7]), name="set.json", config=edges)


def test_tables_of_edge_lists_by_the_run_s_own_columns(answer, refusal, tmp_path):
    (tmp_path / "a.csv").touch()
    columns = {"playlist": "user", "track": "artist"}
    edges = {"data": {"source": "edges", "edges": {"files": ["a.csv"], "columns": columns}}}
    table = f"user,artist,plays\nu1,{URI(5)},9\nu2,{URI(7)},1\nu1,{URI(6)},3\nu2,,4\n"
    text = answer(table, "-n", "2", name="my.csv", config=edges)
    assert text.startswith("1 row left out:\n  line 5: 'u2, , 4': has no id of a track\n")
    assert "\nu1\n2 tracks: 2 in the graph\n" in text
    assert "\nu2\n1 track: 1 in the graph\n" in text
    said = refusal("user,artist\nu1,none\nu2,such\n", name="my.csv", config=edges)
    assert "2 tracks, none of them in the graph" in said
    said = refusal("who,what\n1,2\n", name="my.csv", config=edges)
    assert "the column 'artist', as data.edges.columns.track says" in said


def test_playlist_0_is_called_by_its_pid(answer):
    shown = answer({"playlists": [challenge_set([0])["playlists"][0] | {"name": None}]}, name="set.json")
    assert shown.splitlines()[0] == "Playlist 0"


def test_rows_that_name_no_track_are_listed(answer, refusal):
    lines = [URI(5), "spotify:local:Somebody:::9", "some words", URI(6), *["spotify:episode:1"] * 5]
    text = "\n".join(lines)
    assert answer(text, "-n", "2").splitlines()[:10] == [
        "Playlist my.txt",
        "2 tracks: 2 in the graph",
        "7 rows left out:",
        "  line 2: 'spotify:local:Somebody:::9': a local file, which only its owner has",
        "  line 3: 'some words': names no track, as a track uri (spotify:track:...), its web address, or "
        '"artist - title" does',
        *(f"  line {n}: 'spotify:episode:1': an episode of a podcast, no track" for n in (5, 6, 7, 8, 9)),
    ]
    told = json.loads(answer(text, "--json"))
    assert [one["place"] for one in told["left_out"]] == [f"line {n}" for n in (2, 3, 5, 6, 7, 8, 9)]
    assert told["left_out"][0] == {
        "place": "line 2",
        "found": "'spotify:local:Somebody:::9'",
        "why": "a local file, which only its owner has",
    }
    said = answer(text, "--out", "mine.html")
    assert said.endswith("; 7 rows left out (line 2, line 3, line 5, line 6, line 7, …)\n")
    assert "No row of the playlist names a track." in refusal("\n".join(lines[1:3]))


def test_all_that_is_lost_is_in_the_order_of_the_file(answer):
    """Whatever is wrong with a row; places are told apart by their numbers, not their letters."""
    lines = [URI(5), "Nobody - It", "some words", *[URI(6)] * 6, "Nobody - That", "more words"]
    text = answer("\n".join(lines), "-n", "2")
    told = text.splitlines()[2:7]
    assert told[0] == "2 rows left out, 2 names not found:"
    assert [one.split(":")[0].split(",")[0] for one in told[1:]] == [
        "  line 2", "  line 3", "  line 10", "  line 11"
    ]  # fmt: skip
    table = ["playlist,track_uri", f"a,{URI(5)}", "b,x", "a,y", f"b,{URI(6)}", "b,z", "a,w"]
    told = json.loads(answer("\n".join(table), "-n", "2", "--json", name="my.csv"))
    assert [one["place"] for one in told["left_out"]] == [f"line {n}" for n in (3, 4, 6, 7)]


def test_many_names_that_are_not_found_do_not_bury_the_answer(answer):
    text = answer("\n".join([URI(5), *["Nobody - It"] * 30]), "-n", "2")
    assert text.count("Nobody - It: not found") == 20
    assert "and 10 more: --json has all\n" in text


def test_a_bad_playlist_is_named_and_gone_on_without(answer, refusal, tmp_path):
    given = challenge_set([7, 8, 9])
    given["playlists"][1]["num_samples"] = 5
    said = refusal(given, "--out", "out.csv", name="set.json")
    assert "set.json: $.playlists[1].num_samples, pid 8" in said
    assert "--skip-bad to go on without it" in said
    said = answer(given, "--skip-bad", "--out", "out.csv", name="set.json")
    assert (
        "for 2 playlists (2 by their tracks); 1 playlist skipped ($.playlists[1].num_samples, pid 8)" in said
    )
    assert said.endswith("; without these it is no whole submission\n")
    told = json.loads(answer(given, "--skip-bad", "--json", "-n", "2", name="set.json"))
    assert [one["pid"] for one in told["playlists"]] == [7, 9]
    assert told["skipped"] == [
        {
            "place": "$.playlists[1].num_samples, pid 8",
            "found": "5, and 2 tracks",
            "why": "A playlist has not as many tracks as it says.",
        }
    ]
    given["playlists"][2]["pid"] = 7
    assert "A pid is there twice." in refusal(given, "--skip-bad", name="set.json")


def test_several_playlists_of_a_table_with_names_among_their_uris(answer):
    rows = [
        "Playlist name,Track name,Artist name,Spotify - id",
        f"One,Song 3,Artist 3,{URI(3)[-22:]}",
        "Two,Song 10,Artist 3,",
        f"One,Song 4,Artist 4,{URI(4)[-22:]}",
        "One,Song 17,Artist 3,",
        "Two,Sang 17,Artist 3,",
    ]
    text = answer("\n".join(rows), "-n", "2", name="my.csv")
    assert (
        text.splitlines()[1]
        == "  line 6, Artist 3 - Sang 17: not found; near it: “Song 17”, “Song 157”, “Song 171”"
    )
    assert "One\n3 tracks: 3 in the graph\n" in text
    assert "Two\n1 track: 1 in the graph\n" in text


def test_what_is_read(arguments, results):
    arguments(LINES)
    run = open_run("mine.yaml")
    assert files_of_continue(run, None) == [
        f"{results}/{name}"
        for name in (
            "serving/scorer.safetensors",
            "serving/tracks.parquet",
            "serving/titles.safetensors",
            "split/split.safetensors",
            "graph/playlists.parquet",
        )
    ]
    assert files_of_continue(run, "als")[0] == f"{results}/models/als/scorer.safetensors"


def test_another_model_has_to_be_made(refusal):
    said = refusal(LINES, "--model", "als")
    assert "Error: The run is not ready: 12 jobs have to run first.\n" in said
    rules = [line.split()[:2] for line in said.split("\n")[2:10]]
    assert rules == [
        ["make_sample", "4"],
        ["parse_slices", "2"],
        ["list_quarantine", "1"],
        ["build_kcore", "1"],
        ["split_edges", "1"],
        ["index_tracks", "1"],
        ["index_titles", "1"],
        ["fit_baseline", "1"],
    ]


@pytest.fixture
def in_catalogue(results, tmp_path_factory):
    """The configuration of a run with a catalogue of 600 tracks; its playlists are 100 to 102."""
    folder = tmp_path_factory.mktemp("with a catalogue")
    shutil.copytree(results, folder, dirs_exist_ok=True)
    lists = [("gym", range(400)), ("road trip", range(200, 600)), (None, range(100, 500))]
    make_catalogue(folder / "catalogue", [(title, [f"{n:022d}" for n in part]) for title, part in lists])
    settings = {"shrinkage": 20.0, "title": 0.2, "neighbours": 1000, "power": 2.0, "position": 0.0}
    write_json(folder / "models/joint/chosen.json", {"settings": settings, "validation": {"ndcg": 0.4}})
    write_json(folder / "serving/answering.json", {"model": "joint"})
    (folder / "models/lgc-random-fixed").mkdir()
    shutil.copy(folder / "serving/scorer.safetensors", folder / "models/lgc-random-fixed")
    for name in ("challenge_set.json", "answers.parquet", "held_out.parquet"):
        (folder / f"challenge/validation/{name}").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"challenge/validation/{name}").touch()
    settle(folder)
    return {
        "results": str(folder),
        "candidates": {"min_degree": 1},
        "challenge": {"validation_per_category": 1},
    }


def test_what_is_best_by_validation_playlists_answers(answer, in_catalogue):
    text = answer(f"# title: gym\n{URI(5)}\n{URI(600)}\n", "-n", "3", config=in_catalogue)
    assert text.startswith("gym\n2 tracks: 1 in the graph, 1 not used")
    why = "the best of the run by validation; by its tracks and its title"
    assert f"What Joint neighbours would add ({why}):" in text
    text = answer(f"{URI(5)}\n", "-n", "3", "--model", "lgc-random-fixed", config=in_catalogue)
    assert "What LightGCN random, fixed α would add (as --model says; by its tracks):" in text
    listed = json.loads(run_segue("models", "--json", "--config", "mine.yaml").stdout)["models"]
    assert [(one["model"], one["kind"], one["ready"]) for one in listed if one["best"]] == [
        ("joint", "catalogue", True)
    ]


def test_playlists_of_the_catalogue_were_learned_from(refusal, answer, in_catalogue):
    given = challenge_set([101, 7])
    assert "training data holds" in refusal(given, name="set.json", config=in_catalogue)
    assert "by its tracks and its title" in answer(
        given, "--allow-leak", name="set.json", config=in_catalogue
    )
    refused = refusal(given, "--model", "joins", name="set.json", config=in_catalogue)
    assert "did you mean joint?" in refused
