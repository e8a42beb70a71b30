import json

from segue.sample import names
from segue.sample.catalogue import SampleSettings, make_catalogue
from segue.sample.playlists import KINDS, theme_table
from segue.sample.slices import make_slice

SETTINGS = SampleSettings(seed=3, playlists_per_slice=200, mean_tracks=20.0, tracks=2000, genres=9)


def test_themes_are_those_of_the_slice_s_titles():
    catalogue = make_catalogue(SETTINGS)
    themes = theme_table(catalogue, SETTINGS, 1)
    assert themes["pid"].to_list() == list(range(200, 400))
    assert set(themes["kind"]) == set(KINDS)
    assert set(themes["genre"]) <= {names.genre_name(genre) for genre in range(9)}
    playlists = json.loads(json.dumps(make_slice(catalogue, SETTINGS, 1)))["playlists"]
    titles = dict(zip(themes["pid"], (playlist["name"].lower() for playlist in playlists), strict=True))
    named = 0
    for theme in themes.rows(named=True):
        if theme["kind"] in ("genre", "era", "mood"):
            named += 1
            assert theme["genre"] in titles[theme["pid"]]
        if theme["kind"] in ("era", "mood"):
            assert theme[theme["kind"]] in titles[theme["pid"]]
    assert named > 50
