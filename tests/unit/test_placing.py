"""Playlists placed on a model's map by those that are like them."""

import polars as pl
import pytest
import torch
from serving_cases import write_served

import segue
from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.files import save_table
from segue.graph.split import Split
from segue.graph.tables import core_digest
from segue.nn.encoder import Encoder
from segue.nn.score import Score
from segue.scorers.frozen import freeze
from segue.serve.placing import Placing

NAME = "lgc-random-fixed"
NUM_PLAYLISTS, NUM_TRACKS = 30, 20
TITLES = [f"list {number}" for number in range(NUM_PLAYLISTS)]
PLAYLIST = torch.arange(NUM_PLAYLISTS).repeat_interleave(5)
TRACK = (PLAYLIST * 7 + torch.arange(5).repeat(NUM_PLAYLISTS) ** 2 * 3) % NUM_TRACKS
URIS = [f"spotify:track:{number:022d}" for number in range(NUM_TRACKS)]


@pytest.fixture(params=[None, 0.4])
def results(tmp_path, request):
    """A run whose map has all playlists but 0, 7 and 29, at (index, -index, 2); earlier epochs elsewhere."""
    generator = torch.Generator().manual_seed(2)
    model = Encoder("lgc", NUM_PLAYLISTS + NUM_TRACKS, init_std=1.0, generator=generator, layers=2, dim=8)
    edges = torch.stack([PLAYLIST, TRACK]).unique(dim=1).contiguous()
    facts = {"model": NAME, "catalogue": core_digest(pl.Series(URIS))}
    options = {"stand_in": "mean", "settings": {"conv": "lgc", "layers": 2, "dim": 8}, "facts": facts}
    scorer = freeze(model, edges, NUM_PLAYLISTS, NUM_TRACKS, score=Score(prior=request.param), **options)
    tracks = pl.DataFrame(
        {
            "track_uri": URIS,
            "track_name": None,
            "artist_name": None,
            "track": range(NUM_TRACKS),
            "stand_in": None,
            "stand_in_by": None,
        },
        schema_overrides={"track": pl.Int32, "stand_in": pl.Int32, "stand_in_by": pl.String},
    )
    split = Split(NUM_PLAYLISTS, NUM_TRACKS, edges, edges, *edges.new_empty(2, 2, 0))
    write_served(tmp_path, scorer, tracks, TitleIndex.of(TITLES), split)
    (tmp_path / "models" / NAME).mkdir(parents=True)
    scorer.save(tmp_path / "models" / NAME / "scorer.safetensors")
    index = pl.Series([one for one in range(NUM_PLAYLISTS) if one not in (0, 7, 29)], dtype=pl.Int32)
    place = pl.DataFrame({"playlist": index}).with_columns(x=index, y=-index, z=2)
    place = place.with_columns(pl.col("x", "y", "z").cast(pl.Float32))
    earlier = place.with_columns(x=pl.lit(99, pl.Float32))
    maps = [table.with_columns(epoch=pl.lit(epoch)) for epoch, table in ((1, earlier), (12, place))]
    artist = place.head(1).with_columns(playlist=pl.lit(None, pl.Int32), epoch=pl.lit(12))
    save_table(pl.concat([*maps, artist]), tmp_path / f"maps/{NAME}.parquet")
    pids = {"playlist": range(NUM_PLAYLISTS), "pid": range(1000, 1000 + NUM_PLAYLISTS), "name": TITLES}
    save_table(pl.DataFrame(pids), tmp_path / "graph/playlists.parquet")
    return tmp_path


def theirs(playlist):
    return segue.Playlist(tuple(URIS[track] for track in TRACK[playlist == PLAYLIST].tolist()))


def test_the_tracks_of_a_playlist_lie_where_it_lies(results):
    placing = Placing.load(results, NAME)
    assert (placing.epoch, placing.points.height) == (12, 27)
    for playlist in (3, 12, 28):
        (x, y, z), nearest = placing.place(theirs(playlist))
        # As near as others with the very same tracks let it be.
        same = nearest.filter(pl.col("similarity") > 1 - 1e-5)["pid"] - 1000
        assert playlist in same
        assert x == pytest.approx(same.mean(), abs=0.5)
        assert (y, z) == (pytest.approx(-x, abs=1e-4), pytest.approx(2, abs=1e-5))
        assert nearest["similarity"].is_sorted(descending=True)
        assert nearest.height == 10


def test_one_that_the_map_lacks_lies_among_those_that_are_like_it(results):
    model = segue.load(results, NAME)
    placing = Placing.load(results, model)
    (x, _, _), nearest = placing.place(theirs(7), n=4)
    assert nearest.height == 4
    assert not {1000, 1007, 1029} & set(nearest["pid"])
    assert nearest["title"].to_list() == [f"list {pid - 1000}" for pid in nearest["pid"]]
    assert 1 <= x <= 28
    rows = model.embed(
        model.index.find([theirs(7).tracks, theirs(int(nearest["pid"][0]) - 1000).tracks]).known
    )
    rows = rows if model.scorer.score.prior is None else rows[:, :-1]
    wanted = torch.cosine_similarity(rows[0], rows[1], dim=0)
    assert nearest["similarity"][0] == pytest.approx(float(wanted), abs=1e-5)


def test_what_has_no_place(results):
    with pytest.raises(SegueError, match="has no place on the map"):
        Placing.load(results, NAME).place(segue.Playlist((), "list 3"))
    with pytest.raises(SegueError, match=rf"(?s)no map.*'knn'.*one of {NAME}"):
        Placing.load(results, "knn")
    with pytest.raises(SegueError, match=rf"did you mean '{NAME}'"):
        Placing.load(results, "lgc-random-fixd")
