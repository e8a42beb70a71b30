"""Continuations of unseen playlists as a page to read."""

from collections.abc import Callable, Sequence

import polars as pl

from segue.report.cards import FIRST_TRACKS, MAX_CARDS, NAMES, cards_page
from segue.serve.playlists import Playlist

BY = {
    "tracks": "continued by its tracks",
    "related": "continued by tracks of the same albums or artists",
    "title": "continued by its title",
    "popularity": "popular tracks, since nothing of it is known",
}


def continuation_page(
    model: str,
    playlists: Sequence[Playlist],
    uses: pl.DataFrame,
    table: pl.DataFrame,
    names: Callable[[Sequence[str]], list[tuple[str | None, str | None]]],
) -> str:
    """One self-contained HTML page of the first MAX_CARDS playlists.

    ``uses``: of ``Seeds``; ``table``: what ``continue_playlists`` returned; ``names``: name and artist of
    tracks by their uris, None where they are not known. All text is escaped.
    """
    shown = table.filter(pl.col("playlist") < MAX_CARDS)
    cards = []
    for (place,), rows in shown.group_by("playlist", maintain_order=True):
        playlist, use = playlists[place], uses.row(place, named=True)
        tracks = [*dict.fromkeys(playlist.tracks)]
        first = tracks[:FIRST_TRACKS]
        pid = "" if playlist.pid is None else f"pid {playlist.pid}: "
        cards.append(
            {
                "title": playlist.title
                or ("Playlist" if playlist.pid is None else f"Playlist {playlist.pid}"),
                "facts": f"{pid}{len(tracks)} tracks, {use['in_graph']} of them in the graph; "
                f"{BY[rows['path'][0]]}",
                "known": [
                    {"name": name or uri, "artist": artist}
                    for uri, (name, artist) in zip(first, names(first), strict=True)
                ],
                "more": max(0, len(tracks) - FIRST_TRACKS),
                "proposals": rows.select(NAMES.struct.unnest()).to_dicts(),
            }
        )
    n = table["rank"].max() or 0
    count = f"{len(playlists):,} playlist" + "s" * (len(playlists) != 1)
    intro = [
        f"{count} that the model was not trained on; of each, the {n} tracks that score highest among those "
        "that are not on it."
    ]
    if left_out := len(playlists) - len(cards):
        intro.append(f"{left_out} more are not on this page; OUT=my.parquet has all.")
    return cards_page(f"How {model} would go on", intro, cards)
