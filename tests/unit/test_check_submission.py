import gzip
import json

import pytest
from command_cases import refused, run_segue

URIS = [f"spotify:track:{number:022}" for number in range(600)]


def write(folder, pids=(1, 2), lines=None):
    """A challenge set whose playlists have one seed each, the last uri; a submission of ``lines``."""
    entry = {"pos": 0, "track_uri": URIS[-1], "track_name": "Song", "artist_uri": f"spotify:artist:{1:022}"}
    entry |= {"artist_name": "Artist", "album_uri": f"spotify:album:{1:022}", "album_name": "Album"}
    entry |= {"duration_ms": 200_000}
    playlists = [
        {"pid": pid, "name": "x", "num_samples": 1, "num_holdouts": 9, "num_tracks": 10, "tracks": [entry]}
        for pid in pids
    ]
    (folder / "set.json").write_text(
        json.dumps({"date": "2018-01-16", "version": "v1", "playlists": playlists})
    )
    right = [", ".join([str(pid), *URIS[:500]]) for pid in pids]
    lines = ["team_info,main,team,contact", *(right if lines is None else lines)]
    (folder / "a.csv").write_text("\n".join(lines))
    return str(folder / "set.json"), str(folder / "a.csv")


def message(arguments, status=1):
    return refused("check-submission", *arguments, status=status).splitlines()


def test_a_right_submission(tmp_path):
    paths = write(tmp_path)
    done = run_segue("check-submission", *paths)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"{paths[1]} is right: 2 playlists of 500 tracks each.\n"


def test_a_line_for_each_violation(tmp_path):
    first = ", ".join(["1", *URIS[101:600]])
    paths = write(tmp_path, lines=[first])
    assert message(paths) == [
        "line 2: 499 tracks (rule: a line holds exactly 500 tracks)",
        f"line 2: track 499, '{URIS[-1]}' (rule: no track is one of the playlist's seed tracks)",
        "the file: no line of the pid 2 (rule: there is one line for each playlist of the challenge set)",
        f"{paths[1]} breaks the challenge's rules.",
    ]


@pytest.mark.parametrize(("count", "end"), [(50, []), (51, ["and 1 more"]), (1250, ["and 1,200 more"])])
def test_many_violations_are_counted(tmp_path, count, end):
    paths = write(tmp_path, pids=range(count), lines=[])
    lines = message(paths)
    assert [line[:8] for line in lines[:50]] == ["the file"] * 50
    assert lines[50:] == [*end, f"{paths[1]} breaks the challenge's rules."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "Missing argument 'SET'"), (["a"], "Missing argument 'SUBMISSION'"), (["a", "b", "c"], "(c)")],
)
def test_two_files_are_asked_for(arguments, said):
    assert said in message(arguments, status=2)[-1]


@pytest.mark.parametrize(
    "name",
    ["$(touch pwned)", "`touch pwned`", 'it\'s "quoted" $HOME', "90's #1 🔥 日本 = : % * ~", "--model"],
)
def test_paths_arrive_whole(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    challenge_set, submission = (tmp_path / kind for kind in ("set.json", "a.csv"))
    write(tmp_path)
    challenge_set.rename(tmp_path / f"{name}.json")
    submission.rename(tmp_path / f"{name}.csv")
    done = run_segue("check-submission", "--", f"{name}.json", f"{name}.csv")
    assert done.stdout == f"{name}.csv is right: 2 playlists of 500 tracks each.\n"
    assert not (tmp_path / "pwned").exists()


def test_no_file(tmp_path):
    challenge_set, _ = write(tmp_path)
    lines = message([challenge_set, str(tmp_path / "none.csv")])
    assert lines[:2] == ["Error: A submission cannot be read.", f"  where: {tmp_path / 'none.csv'}"]
    lines = message([str(tmp_path / "none.json"), str(tmp_path / "a.csv")])
    assert lines[:4] == [
        "Error: The challenge set cannot be read.",
        f"  where: {tmp_path / 'none.json'}",
        "  found: No such file or directory",
        "  expected: a challenge_set.json, which the submission answers",
    ]


def test_the_files_the_wrong_way_round(tmp_path):
    lines = message(reversed(write(tmp_path)))
    assert lines[1] == f"  where: {tmp_path / 'a.csv'}: playlist number 1"
    assert lines[-1] == (
        "  next step: give the challenge set itself, challenge_set.json, before the submission"
    )


def test_of_a_file_that_is_no_text_one_line_is_said(tmp_path):
    challenge_set, submission = write(tmp_path)
    (tmp_path / "a.csv").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    first, last = message([challenge_set, submission])
    assert first.startswith("line 1: packed by gzip, and its name does not end with .gz; the rest is")
    assert last == f"{submission} breaks the challenge's rules."
