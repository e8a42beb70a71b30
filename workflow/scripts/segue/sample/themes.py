"""What each of the sample's playlists is about, as a table: the truth that a map of them is held to."""

import polars as pl

from segue.sample import names
from segue.sample.catalogue import Catalogue, SampleSettings
from segue.sample.playlists import KINDS, make_themes


def theme_table(catalogue: Catalogue, settings: SampleSettings, index: int) -> pl.DataFrame:
    """pid, and by name the kind of theme, genre, era and mood of each playlist of slice ``index``.

    The genre is the main one; that of a playlist of kind ``hits`` shows in a quarter of its tracks only.
    """
    themes = make_themes(catalogue, settings, index)
    count = settings.playlists_per_slice
    kinds = tuple(KINDS)
    return pl.DataFrame(
        {
            "pid": pl.int_range(index * count, (index + 1) * count, dtype=pl.Int32, eager=True),
            "kind": [kinds[kind] for kind in themes.kind.tolist()],
            "genre": [names.genre_name(genre) for genre in themes.genre.tolist()],
            "era": [names.ERAS[era] for era in themes.era.tolist()],
            "mood": [names.MOODS[mood] for mood in themes.mood.tolist()],
        }
    )
