import json

import pytest

from segue.cli.check_submission import main

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


def message(capsys, arguments):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert capsys.readouterr() == ("", "")
    assert isinstance(exit_.value.code, str)  # which Python prints on stderr, with status 1
    return exit_.value.code.splitlines()


def test_a_right_submission(tmp_path, capsys):
    paths = write(tmp_path)
    main(paths)
    assert capsys.readouterr() == (f"{paths[1]} is right: 2 playlists of 500 tracks each.\n", "")


def test_a_line_for_each_violation(tmp_path, capsys):
    first = ", ".join(["1", *URIS[101:600]])
    paths = write(tmp_path, lines=[first])
    assert message(capsys, paths) == [
        "line 2: 499 tracks (rule: a line holds exactly 500 tracks)",
        f"line 2: track 499, '{URIS[-1]}' (rule: no track is one of the playlist's seed tracks)",
        "the file: no line of the pid 2 (rule: there is one line for each playlist of the challenge set)",
        f"{paths[1]} breaks the challenge's rules.",
    ]


@pytest.mark.parametrize(("count", "end"), [(50, []), (51, ["and 1 more"]), (1250, ["and 1,200 more"])])
def test_many_violations_are_counted(tmp_path, capsys, count, end):
    paths = write(tmp_path, pids=range(count), lines=[])
    lines = message(capsys, paths)
    assert [line[:8] for line in lines[:50]] == ["the file"] * 50
    assert lines[50:] == [*end, f"{paths[1]} breaks the challenge's rules."]


@pytest.mark.parametrize("arguments", [[], ["", ""], ["set.json", ""], ["a", "b", "c"]])
def test_two_files_are_asked_for(capsys, arguments):
    assert message(capsys, arguments)[0] == "Error: Which submission, for which challenge set?"


def test_no_file(tmp_path, capsys):
    challenge_set, _ = write(tmp_path)
    lines = message(capsys, [challenge_set, str(tmp_path / "none.csv")])
    assert lines[:2] == ["Error: A submission cannot be read.", f"  where: {tmp_path / 'none.csv'}"]
    assert message(capsys, [str(tmp_path / "none.json"), str(tmp_path / "a.csv")])[0].startswith("Error: ")
