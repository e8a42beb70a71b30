"""Recommendations for playlists of the graph as a page to read."""

import polars as pl

from segue.report.cards import FIRST_TRACKS, MAX_CARDS, NAMES, cards_page

LEGEND = "a hit: a track that is on the playlist, but was held out, kept from the model for the test."


def recommendations_page(
    model: str,
    proposals: pl.DataFrame,
    edges: pl.DataFrame,
    held_out: pl.DataFrame,
    playlists: pl.DataFrame,
    tracks: pl.DataFrame,
) -> str:
    """One self-contained HTML page of at most MAX_CARDS playlists of ``proposals``.

    ``proposals``: what ``recommendation_table`` returned. ``edges`` (playlist, track, position),
    ``playlists`` and ``tracks``: the k-core's tables; ``held_out``: playlist and track of the test edges. A
    card shows the first tracks that the model knew, by position. All text is escaped.
    """
    chosen = proposals["playlist"].unique().sort()
    shown = chosen.head(MAX_CARDS)
    songs = tracks.select("track", names=NAMES)
    mine = edges.filter(pl.col("playlist").is_in(shown.implode())).join(songs, on="track")
    known = mine.join(held_out, on=["playlist", "track"], how="anti").sort("playlist", "position", "track")
    known_names = dict(known.group_by("playlist").agg("names").iter_rows())
    sizes = dict(mine.group_by("playlist").agg(pl.len()).iter_rows())
    titles = {
        row["playlist"]: row for row in playlists.filter(pl.col("playlist").is_in(shown.implode())).to_dicts()
    }
    cards = []
    for (playlist,), rows in proposals.filter(pl.col("playlist").is_in(shown.implode())).group_by(
        "playlist", maintain_order=True
    ):
        names, row = known_names.get(playlist, []), titles[playlist]
        cards.append(
            {
                "title": row["name"] or f"Playlist {row['pid']}",
                "known": names[:FIRST_TRACKS],
                "more": max(0, len(names) - FIRST_TRACKS),
                "facts": f"pid {row['pid']}: {len(names)} tracks known, "
                f"{sizes[playlist] - len(names)} held out",
                "proposals": rows.select(NAMES.struct.unnest(), "hit").to_dicts(),
                "hit": rows.filter(pl.col("rank") <= 10)["hit"].any(),
            }
        )
    n, with_hit = proposals["rank"].max() or 0, sum(card["hit"] for card in cards)
    intro = [
        f"{len(cards)} playlists, for each the {n} tracks that score highest among those that the model "
        f"does not know to be on it. {with_hit} of {len(cards)} have a hit in the top 10."
    ]
    if left_out := len(chosen) - len(cards):
        intro.append(f"The table beside this page has {left_out} more.")
    return cards_page(f"What {model} would add", intro, cards, LEGEND)
