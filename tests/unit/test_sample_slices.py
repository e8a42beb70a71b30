import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from make_catalogue import make_sample_catalogue
from make_sample import make_sample
from sample_statistics import sample_settings, statistics
from segue.errors import SegueError
from segue.sample import names as invented_names
from segue.sample.catalogue import (
    POPULARITY,
    SampleSettings,
    load_catalogue,
    make_catalogue,
    popularity_of_rank,
    save_catalogue,
)
from segue.sample.names import coin_names
from segue.sample.playlists import FAVOURITES, KINDS, make_themes, theme_table
from segue.sample.slices import durations, make_slice, track_fields, write_slice

DEFAULT = SampleSettings(seed=1, playlists_per_slice=500, mean_tracks=66.35, tracks=10_000, genres=16)
SMALL = SampleSettings(seed=7, playlists_per_slice=20, mean_tracks=30.0, tracks=400, genres=4)
STRINGS = ("track_uri", "track_name", "artist_uri", "artist_name", "album_uri", "album_name")


def all_fields(settings, catalogue):
    """The entry of every track of the catalogue."""
    numbers = np.arange(settings.tracks)
    return track_fields(catalogue, settings.seed, numbers, durations(settings.seed, numbers))


@pytest.fixture(scope="module")
def sample():
    """Two slices of the default settings, their playlists in one list and the track numbers of each."""
    catalogue = make_catalogue(DEFAULT)
    slices = [make_slice(catalogue, DEFAULT, index) for index in range(2)]
    playlists = [playlist for one in slices for playlist in one["playlists"]]
    fields = all_fields(DEFAULT, catalogue)
    number = {entry["track_uri"]: track for track, entry in enumerate(fields)}
    tracks = [np.array([number[entry["track_uri"]] for entry in p["tracks"]]) for p in playlists]
    themes = [make_themes(catalogue, DEFAULT, index) for index in range(2)]
    theme = SimpleNamespace(
        **{name: np.concatenate([getattr(one, name) for one in themes]) for name in vars(themes[0])}
    )
    return SimpleNamespace(
        catalogue=catalogue, slices=slices, playlists=playlists, tracks=tracks, theme=theme, fields=fields
    )


def entries(sample):
    return [entry for playlist in sample.playlists for entry in playlist["tracks"]]


def of_kind(sample, kind):
    return np.flatnonzero(sample.theme.kind == list(KINDS).index(kind))


# Format.


def test_a_slice_says_which_playlists_it_holds(sample):
    for index, one in enumerate(sample.slices):
        assert list(one) == ["info", "playlists"]
        span = f"{500 * index}-{500 * index + 499}"
        assert one["info"] == {"generated_on": "2017-11-01 00:00:00.000000", "slice": span, "version": "v1"}
    assert [playlist["pid"] for playlist in sample.playlists] == list(range(1000))


def test_playlists_have_the_fields_of_the_mpd(sample):
    counts = [f"num_{what}" for what in ("tracks", "albums", "artists", "followers", "edits")]
    kinds = dict.fromkeys(["pid", "modified_at", "duration_ms", *counts], int)
    kinds |= {"name": str, "collaborative": str, "tracks": list}
    for playlist in sample.playlists:
        found = {key: type(value) for key, value in playlist.items()}
        assert found in (kinds, kinds | {"description": str})
        assert playlist["collaborative"] in ("true", "false")
        assert playlist["name"]
    assert {playlist["collaborative"] for playlist in sample.playlists} == {"true", "false"}


def test_entries_have_the_fields_of_the_mpd(sample):
    kinds = {"pos": int, "duration_ms": int} | dict.fromkeys(STRINGS, str)
    for entry in entries(sample):
        assert {key: type(value) for key, value in entry.items()} == kinds
        assert all(entry[key] for key in STRINGS)
        assert entry["duration_ms"] > 0


def test_uris_are_valid(sample):
    for kind in ("track", "artist", "album"):
        for uri in {entry[f"{kind}_uri"] for entry in entries(sample)}:
            assert re.fullmatch(f"spotify:{kind}:[0-9A-Za-z]{{22}}", uri)


def test_a_uri_stands_for_one_track_artist_or_album(sample):
    known = defaultdict(set)
    for fields in [*sample.fields, *entries(sample)]:
        track = tuple(fields[key] for key in (*STRINGS, "duration_ms"))
        known[fields["track_uri"]].add(track)
        known[fields["artist_uri"]].add(fields["artist_name"])
        known[fields["album_uri"]].add((fields["album_name"], fields["artist_uri"]))
    assert {len(meanings) for meanings in known.values()} == {1}
    assert len({fields["track_uri"] for fields in sample.fields}) == DEFAULT.tracks


def test_counts_agree_with_the_tracks(sample):
    for playlist in sample.playlists:
        tracks = playlist["tracks"]
        assert [entry["pos"] for entry in tracks] == list(range(playlist["num_tracks"]))
        assert playlist["num_albums"] == len({entry["album_uri"] for entry in tracks})
        assert playlist["num_artists"] == len({entry["artist_uri"] for entry in tracks})
        assert playlist["duration_ms"] == sum(entry["duration_ms"] for entry in tracks)


def test_dates_are_midnights_from_2010_to_october_2017(sample):
    dates = [playlist["modified_at"] for playlist in sample.playlists]
    assert {date % 86_400 for date in dates} == {0}
    assert min(dates) >= 1_262_304_000
    assert max(dates) < 1_509_494_400
    assert len(set(dates)) > 300


# Statistics: 1,000 playlists, so bounds lie four standard errors from the MPD's figures.


def test_lengths_are_those_of_the_mpd(sample):
    lengths = np.array([playlist["num_tracks"] for playlist in sample.playlists])
    assert lengths.min() >= 5
    assert lengths.max() <= 250
    assert lengths.mean() == pytest.approx(66.35, abs=7.3)
    assert np.median(lengths) == pytest.approx(49, abs=7)
    windows = np.convolve(np.bincount(lengths), np.ones(17), mode="valid")  # of 17 lengths, as 15 to 31 is
    assert windows.argmax() == pytest.approx(15, abs=6)
    assert windows[15] / 1000 == pytest.approx(0.22, abs=0.052)


def test_playlists_have_three_artists_and_two_albums(sample):
    assert min(playlist["num_artists"] for playlist in sample.playlists) >= 3
    assert min(playlist["num_albums"] for playlist in sample.playlists) >= 2


def test_shares_are_those_of_the_mpd(sample):
    followers = np.array([playlist["num_followers"] for playlist in sample.playlists])
    assert (followers == 1).mean() == pytest.approx(0.75, abs=0.055)
    assert (followers == 2).mean() == pytest.approx(0.15, abs=0.045)
    assert followers.min() == 1
    assert followers.max() > 10
    described = np.mean(["description" in playlist for playlist in sample.playlists])
    assert described == pytest.approx(0.019, abs=0.017)
    edits = np.array([playlist["num_edits"] for playlist in sample.playlists])
    lengths = np.array([playlist["num_tracks"] for playlist in sample.playlists])
    assert edits.min() == 1
    assert (edits <= lengths).all()


def test_some_entries_repeat_a_track_of_their_playlist(sample):
    distinct = sum(len(np.unique(tracks)) for tracks in sample.tracks)
    assert 1 - distinct / len(entries(sample)) == pytest.approx(0.0133, abs=0.002)


# The whole catalogue, drawn as numbers: bounds are those within which the sample has to be the MPD.


@pytest.fixture(scope="module")
def ten_slices():
    settings = replace(sample_settings(), playlists_per_slice=1000)
    return statistics(make_catalogue(settings), settings, [10])["10"]


@pytest.mark.parametrize(
    ("statistic", "published", "tolerance"),
    [
        ("entries", 664_712, 0.05),
        ("artists", 35_637, 0.15),
        ("mean length", 66.35, 0.02),
        ("repeats", 0.0133, 0.003 / 0.0133),
        ("top track", 0.0466, 0.15),
        ("20th track", 0.0305, 0.15),
        ("top artist", 0.0128, 0.15),
    ],
)
def test_the_default_sample_has_the_statistics_of_the_mpd(ten_slices, statistic, published, tolerance):
    assert ten_slices[statistic] == pytest.approx(published, rel=tolerance)


def test_popularity_falls_with_the_rank_and_ever_faster():
    ranks = np.array([rank for rank, _ in POPULARITY])
    share = popularity_of_rank(ranks)
    assert share.tolist() == pytest.approx([share for _, share in POPULARITY])
    assert popularity_of_rank(np.array([30]))[0] == pytest.approx(
        2850 * (950 / 2850) ** (np.log(30 / 20) / np.log(300 / 20))
    )
    slopes = np.diff(np.log(share)) / np.diff(np.log(ranks))
    assert (slopes < 0).all()
    assert (np.diff(slopes) < 0).all()


def test_a_catalogue_comes_back_from_its_file(tmp_path):
    catalogue = make_catalogue(SMALL)
    save_catalogue(catalogue, tmp_path / "catalogue.safetensors")
    loaded = load_catalogue(tmp_path / "catalogue.safetensors")
    for name, values in vars(catalogue).items():
        assert values.dtype == getattr(loaded, name).dtype
        assert (values == getattr(loaded, name)).all()


def test_a_catalogue_is_sorted_as_it_says(sample):
    c = sample.catalogue
    weight = np.diff(c.popularity)
    for part, parts, order, start, sums in (
        (c.era, 5, c.by_era, c.era_start, c.popularity_by_era),
        (c.mood, 4, c.by_mood, c.mood_start, c.popularity_by_mood),
    ):
        assert sorted(order.tolist()) == list(range(DEFAULT.tracks))
        assert np.diff(sums) == pytest.approx(weight[order])
        for group in range(DEFAULT.genres * parts):
            tracks = order[start[group] : start[group + 1]]
            assert (c.genre[tracks] == group // parts).all()
            assert (part[tracks] == group % parts).all()
    assert (np.diff(c.artist) >= 0).all()
    assert set(np.diff(c.album).tolist()) == {0, 1}


# Taste.


def test_playlists_of_a_theme_share_more_tracks_than_others(sample):
    has = np.zeros((1000, DEFAULT.tracks), dtype=np.float32)
    for playlist, tracks in enumerate(sample.tracks):
        has[playlist, tracks] = 1
    cosine = (has @ has.T) / np.sqrt(np.outer(has.sum(1), has.sum(1)))
    others = ~np.eye(1000, dtype=bool)
    theme = sample.theme
    genre = theme.genre[:, None] == theme.genre
    assert cosine[genre & others].mean() > 2.5 * cosine[~genre].mean()
    for kind, ids in (("era", theme.era), ("mood", theme.mood)):
        of = np.ix_(of_kind(sample, kind), of_kind(sample, kind))
        same = ids[:, None] == ids
        alike, unlike = (genre & same & others)[of], (genre & ~same)[of]
        assert cosine[of][alike].mean() > 1.3 * cosine[of][unlike].mean(), kind


def test_artists_have_a_main_genre_and_cross_over_to_its_neighbours(sample):
    count = np.zeros((sample.catalogue.artist.max() + 1, DEFAULT.genres))
    np.add.at(count, (sample.catalogue.artist, sample.catalogue.genre), 1)
    count = count[count.sum(axis=1) >= 20]
    main = count.argmax(axis=1)
    share = [count[np.arange(len(count)), (main + step) % DEFAULT.genres].sum() for step in (-1, 0, 1)]
    assert np.divide(share, count.sum()) == pytest.approx([0.075, 0.85, 0.075], abs=0.03)


def test_most_tracks_of_an_album_have_its_mood(sample):
    album, mood = sample.catalogue.album, sample.catalogue.mood
    same = (mood[1:] == mood[:-1])[album[1:] == album[:-1]]
    assert same.mean() == pytest.approx(0.7**2 + (1 - 0.7**2) / 4, abs=0.05)


def test_genres_overlap(sample):
    """A genre is no block: tracks of every genre stand on playlists of every other."""
    count = np.zeros((DEFAULT.genres, DEFAULT.genres))
    for genre, tracks in zip(sample.theme.genre, sample.tracks, strict=True):
        np.add.at(count[genre], sample.catalogue.genre[tracks], 1)
    share = count / count.sum(axis=1, keepdims=True)
    assert share.min() > 0
    assert 0.4 < np.diag(share).mean() < 0.75


def share_in(sample, playlists, genres):
    kept = [sample.catalogue.genre[sample.tracks[p]] == genres[p] for p in playlists]
    return np.concatenate(kept).mean()


def test_a_mix_has_two_genres(sample):
    mixes = of_kind(sample, "mix")
    mixes = mixes[sample.theme.second[mixes] != sample.theme.genre[mixes]]
    nowhere = (sample.theme.genre + 8) % DEFAULT.genres
    assert share_in(sample, mixes, sample.theme.genre) > 0.35
    assert share_in(sample, mixes, sample.theme.second) > 0.2
    assert share_in(sample, mixes, nowhere) < 0.1


def test_favourite_artists_are_heard_often(sample):
    assert sample.theme.favourites.shape == (1000, FAVOURITES)

    def share(kind):
        heard = [
            np.isin(sample.catalogue.artist[sample.tracks[p]], sample.theme.favourites[p])
            for p in of_kind(sample, kind)
        ]
        return np.mean([part.mean() for part in heard])

    assert share("artists") > 0.35
    assert share("artists") > 1.6 * share("genre") > 2 * share("hits")


def test_hits_appear_everywhere(sample):
    """Each of the most used tracks is on playlists of most genres."""
    used = Counter(track for tracks in sample.tracks for track in set(tracks.tolist()))
    for hit, _ in used.most_common(10):
        genres = {g for g, tracks in zip(sample.theme.genre, sample.tracks, strict=True) if hit in tracks}
        assert len(genres) > DEFAULT.genres / 2


def test_some_playlists_hold_an_album_from_start_to_end(sample):
    album = sample.catalogue.album
    runs = 0
    for track, tracks in zip(sample.theme.track, sample.tracks, strict=True):
        wanted = np.flatnonzero(album == album[track])
        if len(wanted) >= 4 and len(wanted) <= len(tracks):
            windows = np.lib.stride_tricks.sliding_window_view(tracks, len(wanted))
            runs += (windows == wanted).all(axis=1).any()
    assert 80 < runs < 250


def test_titles_name_the_theme(sample):
    theme = sample.theme
    artists = coin_names(DEFAULT.seed, "artist", invented_names.ARTISTS, theme.favourites[:, 0])
    for i, playlist in enumerate(sample.playlists):
        title, kind = playlist["name"].lower(), list(KINDS)[theme.kind[i]]
        genre = invented_names.genre_name(theme.genre[i]) in title
        assert kind == "hits" or genre or (kind == "artists" and artists[i].lower() in title)
        assert kind != "era" or (genre and invented_names.ERAS[theme.era[i]] in title)
        assert kind != "mood" or (genre and invented_names.MOODS[theme.mood[i]] in title)
    assert list(invented_names.TITLES) == list(KINDS)


# The same bytes.


def written(tmp_path, contents):
    path = tmp_path / "mpd.slice.json"
    write_slice(path, contents)
    return path.read_bytes()


def test_a_slice_does_not_depend_on_the_others(tmp_path):
    alone = make_slice(make_catalogue(SMALL), SMALL, 2)
    catalogue = make_catalogue(SMALL)
    among = [make_slice(catalogue, SMALL, index) for index in range(4)]
    assert written(tmp_path, alone) == written(tmp_path, among[2])
    assert among[1]["playlists"][0]["tracks"] != among[2]["playlists"][0]["tracks"]


def test_seeds_differ():
    catalogues = [make_catalogue(replace(SMALL, seed=seed)) for seed in (1, 2)]
    uris = [
        {fields["track_uri"] for fields in all_fields(replace(SMALL, seed=seed), catalogue)}
        for seed, catalogue in zip((1, 2), catalogues, strict=True)
    ]
    assert uris[0].isdisjoint(uris[1])


def test_the_catalogue_does_not_depend_on_the_playlists():
    other = replace(SMALL, playlists_per_slice=3, mean_tracks=10.0)
    for name, values in vars(make_catalogue(other)).items():
        assert (values == getattr(make_catalogue(SMALL), name)).all(), name


def test_write_slice_is_indented_utf8_json(tmp_path):
    contents = make_slice(make_catalogue(SMALL), SMALL, 0)
    text = written(tmp_path, contents).decode("utf-8")
    assert text == json.dumps(contents, indent=4, ensure_ascii=False) + "\n"
    assert not text.isascii()


# Settings.


@examples(max_examples=25, deadline=None)
@given(
    st.builds(
        SampleSettings,
        seed=st.integers(0, 2**64),
        playlists_per_slice=st.integers(1, 30),
        mean_tracks=st.floats(5, 50),
        tracks=st.integers(100, 500),
        genres=st.integers(1, 60),
    ),
    st.integers(0, 10_000),
)
def test_any_settings_make_valid_playlists(settings, index):
    playlists = make_slice(make_catalogue(settings), settings, index)["playlists"]
    first = index * settings.playlists_per_slice
    assert [playlist["pid"] for playlist in playlists] == list(
        range(first, first + settings.playlists_per_slice)
    )
    for playlist in playlists:
        assert 5 <= len(playlist["tracks"]) == playlist["num_tracks"] <= min(250, settings.tracks // 2)
        assert playlist["num_artists"] >= 3
        assert playlist["num_albums"] >= 2


@pytest.mark.parametrize("mean", [5, 20, 250])
def test_the_mean_length_is_as_set(mean):
    settings = SampleSettings(seed=1, playlists_per_slice=200, mean_tracks=mean, tracks=2000, genres=3)
    playlists = make_slice(make_catalogue(settings), settings, 0)["playlists"]
    lengths = np.array([playlist["num_tracks"] for playlist in playlists])
    assert lengths.mean() == pytest.approx(mean, abs=4 * lengths.std() / 200**0.5 + 0.1)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("seed", -1, "a whole number ≥ 0"),
        ("seed", 1.0, "a whole number ≥ 0"),
        ("playlists_per_slice", 0, "a whole number ≥ 1"),
        ("playlists_per_slice", True, "a whole number ≥ 1"),
        ("tracks", 99, "a whole number ≥ 100"),
        ("tracks", 4_000_001, "at most 4000000, where POPULARITY ends"),
        ("genres", "4", "a whole number ≥ 1"),
        ("mean_tracks", 4.9, "5 to 200"),
        ("mean_tracks", 200.5, "5 to 200"),
        ("mean_tracks", float("nan"), "5 to 200"),
        ("mean_tracks", "66", "5 to 200"),
        ("title_variants", -0.1, "0 to 1"),
        ("title_variants", "0", "0 to 1"),
    ],
)
def test_bad_settings_say_what_was_expected(name, value, expected):
    with pytest.raises(SegueError) as error:
        replace(SMALL, **{name: value})
    assert f"where: {name}\n  found: {value!r}\n  expected: {expected}" in str(error.value)


# The scripts.

ARGUMENTS = {"seed": 7, "playlists_per_slice": 20, "mean_tracks": 30.0, "tracks": 400, "genres": 4}


@pytest.fixture
def catalogue_file(tmp_path):
    make_sample_catalogue(tmp_path / "catalogue.safetensors", ARGUMENTS)
    return tmp_path / "catalogue.safetensors"


def test_make_sample_writes_the_slice(catalogue_file, tmp_path):
    target = tmp_path / "sample" / "mpd.slice.40-59.json"
    themes = tmp_path / "sample" / "themes.40-59.parquet"
    make_sample(catalogue_file, target, themes, 2, ARGUMENTS)
    assert json.loads(target.read_bytes()) == make_slice(make_catalogue(SMALL), SMALL, 2)
    assert pl.read_parquet(themes).equals(theme_table(make_catalogue(SMALL), SMALL, 2))


def test_make_sample_refuses_a_name_of_other_pids(catalogue_file, tmp_path):
    target = tmp_path / "mpd.slice.40-49.json"
    with pytest.raises(SegueError, match=r"expected: mpd\.slice\.40-59\.json"):
        make_sample(catalogue_file, target, tmp_path / "themes.parquet", 2, ARGUMENTS)
    assert not target.exists()
