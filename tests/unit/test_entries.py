import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.data.entries import STAND_IN, SeenTexts, take_apart

NAMES = ("artist_name", "track_uri", "artist_uri", "track_name", "album_uri")


def entry(pos, name="x", **more):
    fields = {"pos": pos} | dict.fromkeys(NAMES, name) | {"duration_ms": 1, "album_name": name}
    return fields | more


def playlist(pid, tracks, **more):
    counts = {f"num_{what}": 1 for what in ("tracks", "albums", "artists", "followers", "edits")}
    fields = {"name": "n", "collaborative": "false", "pid": pid, "modified_at": 1, "duration_ms": 1} | counts
    return fields | {"tracks": tracks} | more


def written(playlists, separators=(",", ": ")):
    contents = {"info": {"slice": "0-9"}, "playlists": playlists, "end": 1}
    return json.dumps(contents, indent=4, separators=separators, ensure_ascii=False)


LISTS = [
    playlist(7, [entry(0, "a}"), entry(12, "{"), entry(345, "é ]")], description="[{}]"),
    playlist(8, []),
    playlist(9, [entry(2, "a}")]),
]


@pytest.mark.parametrize("separators", [(",", ": "), (", ", ": ")], ids=["now", "Python 2"])
def test_the_mpd_s_layout_is_taken_apart(separators):
    text = written(LISTS, separators).encode()
    parts = take_apart(text)
    assert [(p.pid, len(p.tracks), p.description) for p in parts.playlists] == [
        (7, 3, "[{}]"),
        (8, 0, None),
        (9, 1, None),
    ]
    assert parts.positions.tolist() == [0, 12, 345, 2]
    pieces = [text[start:end] for start, end in zip(parts.starts, parts.ends, strict=True)]
    found = [json.loads(b'{"pos": -1' + piece) for piece in pieces]
    assert found == [e | {"pos": -1} for p in LISTS for e in p["tracks"]]


def test_equal_texts_have_equal_hashes_whatever_their_position():
    text = written(LISTS).encode()
    for hashes in take_apart(text).hashes(text):
        assert hashes[0] == hashes[3]
        assert len(set(hashes.tolist())) == 3
    first, second = take_apart(text).hashes(text)
    assert not (first == second).any()


ONE = written(LISTS[:1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        json.dumps({"playlists": LISTS}),
        json.dumps({"playlists": LISTS}, indent=2),
        written([playlist(1, [])]),
        ONE[:-3],
        ONE.replace('"pos": 12', '"pos": 012'),
        ONE.replace('"pos": 12', '"pos": -1'),
        ONE.replace('"pos": 12', '"pos": 1.5'),
        ONE.replace('"pos": 12', '"pos": 99999999'),
        ONE.replace('"pid": 7', '"pid": "7"'),
        ONE.replace('"pid": 7', f'"pid": {STAND_IN.decode()}'),
        ONE.replace('"tracks": [', '"tracks": [1, '),
        ONE.replace('"tracks": [', f'"tracks": [{STAND_IN.decode()}, '),
        ONE.replace('"tracks"', '"others"'),
        ONE.replace('"tracks"', '"tracks": [], "others"'),
        ONE.replace('"playlists"', '"lists"'),
        ONE + "x",
    ],
)
def test_other_text_is_left_to_a_parser(text):
    assert take_apart(text.encode()) is None


def pieces(text):
    parts = take_apart(text.encode())
    return [text.encode()[start:end] for start, end in zip(parts.starts, parts.ends, strict=True)]


def test_entries_may_be_on_one_line():
    before, after = (f'{gap}{{\n{" " * 20}"pos": 12' for gap in (",\n" + " " * 16, ", "))
    assert before in ONE
    assert pieces(ONE.replace(before, after)) == pieces(ONE)


def test_what_is_no_entry_does_not_pass_for_one():
    """An entry of another layout is in the piece of the one before it, which is no whole object then."""
    broken = pieces(ONE.replace('"pos": 12', '"pos":12'))
    assert len(broken) == 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(b'{"pos": 0' + broken[0])


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), unique=True), max_size=5))
def test_seen_texts_are_a_dict(slices):
    """Reference: a dict from key to check and track."""
    seen, known = SeenTexts(), {}
    for keys in slices:
        keys = np.array(sorted(set(keys)), np.uint64)
        at, found = seen.find(keys)
        assert found.tolist() == [key in known for key in keys.tolist()]
        assert [seen.tracks[i] for i in at[found]] == [known[key] for key in keys[found].tolist()]
        fresh = keys[~found]
        tracks = np.arange(len(known), len(known) + len(fresh), dtype=np.int32)
        seen = seen.with_more(fresh, fresh + np.uint64(0), tracks)
        known |= dict(zip(fresh.tolist(), tracks.tolist(), strict=True))
    assert seen.keys.tolist() == sorted(known)
    assert seen.tracks.tolist() == [known[key] for key in sorted(known)]
