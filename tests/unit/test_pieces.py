import json

import pytest

from segue.pieces import STAND_IN, playlist_texts

PLAYLISTS = [{"name": f"[x] {i}", "tracks": [{"pos": i, "a": "]"}], "last": "]," * i} for i in range(4)]


def pieces(text: str) -> list | None:
    found = playlist_texts(text.encode())
    return None if found is None else [json.loads(bytes(piece)) for piece in found]


@pytest.mark.parametrize("separators", [(",", ": "), (", ", ": ")])
def test_the_mpd_s_layout_is_cut_into_playlists(separators):
    for playlists in (PLAYLISTS, PLAYLISTS[:1]):
        text = json.dumps(
            {"info": {"a": {"b": 1}}, "playlists": playlists, "z": 1}, indent=4, separators=separators
        )
        assert pieces(text) == playlists


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"playlists": PLAYLISTS}, separators=(",", ":")),
        json.dumps({"info": {"playlists": [{}]}, "lists": []}, indent=4),
        '{"info": {"playlists": [1]}, "playlists" : [2]}',
        '{"playlists": [1]} x',
        '{"playlists": [1]',
        '{"playlists": [1',
        '{"info": {}, "playlists": {}}',
        f'{{"a": {STAND_IN}, "playlists": [1]}}',
        "]",
        "",
    ],
)
def test_another_layout_is_not(text):
    assert playlist_texts(text.encode()) is None


def test_pieces_of_text_that_is_no_json_are_no_json():
    text = json.dumps({"playlists": PLAYLISTS}, indent=4)
    for bad in (
        text.replace("},\n        {", "},\n        x{", 1),
        text.replace("},\n        {", "},,\n        {", 1),
    ):
        with pytest.raises(json.JSONDecodeError):
            pieces(bad)
