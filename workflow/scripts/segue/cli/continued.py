"""What `segue continue` says of its answer, and of the file that it was asked about."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from segue.cli.terminal import line, printable, proposal_table
from segue.errors import counted
from segue.serve.forms import KNOWN_BY, TRAINED, LeftOut, NamedTrack, Playlist, ReadPlaylists, place_order
from segue.serve.match import Matched

if TYPE_CHECKING:
    from segue.serve.answering import Continuation

SHOWN = 5  # playlists, also of those that were skipped
ROWS = 20  # that are left out, or whose track was not found

BY = {
    "tracks": "by its tracks",
    "related": "by tracks of the same albums or artists, since none of its own is in the graph",
    "title": "by the playlists with such a title, since none of its tracks is known",
    "both": "by its tracks and its title",
    "popularity": "the most popular tracks, since neither a track nor a word of its title is known",
}
OF_A_TITLE = {  # that stands alone, without tracks
    "title": "by the playlists with such a title",
    "popularity": "the most popular tracks, since no word of its title is known",
}
OF_SEVERAL = {
    "tracks": "by their tracks",
    "related": "by related tracks",
    "title": "by title",
    "both": "by tracks and title",
    "popularity": "by popularity",
}


@dataclass(frozen=True)
class Continued:
    """``label``: the model's; ``read``: the file ``where``; ``playlists``: its own, with the tracks found by
    name; ``matched``: how these were found; ``uses``: of ``GivenTracks``; ``proposals``: as
    ``Continuation.continue_playlists`` returns them."""

    model: "Continuation"
    label: str
    where: str
    read: ReadPlaylists
    playlists: Sequence[Playlist]
    matched: Matched
    uses: pl.DataFrame
    proposals: pl.DataFrame

    def shown(self, why: str) -> list[Any]:
        """The first playlists, for a terminal; ``why``: this model."""
        alone, told = len(self.playlists) == 1, self._told()
        parts: list[Any] = [*told, ""] if told and not alone else []
        for place, playlist in enumerate(self.playlists[:SHOWN]):
            rows = self.proposals.filter(pl.col("playlist") == place)
            parts += [
                line(_called(playlist, self.where), "bold"),
                _uses(self.uses.row(place, named=True), not self.read.listed[place].rows),
                *(told if alone else []),
                "",
                f"What {self.label} would add ({why}; {self._by(place, rows['path'][0])}):",
                proposal_table(rows),
                "",
            ]
        if (more := len(self.playlists) - SHOWN) > 0:
            return [*parts, f"and {more:,} playlists more: --out my.html or --out my.tsv has all"]
        return parts[:-1] if len(self.playlists) == 1 else parts

    def _by(self, place: int, path: str) -> str:
        has_tracks = bool(self.read.listed[place].rows)
        return BY[path] if has_tracks else OF_A_TITLE.get(path, BY[path])

    def as_json(self) -> dict[str, Any]:
        columns = ["rank", "score", "track_uri", "track_name", "artist_name"]
        columns += [KNOWN_BY] if KNOWN_BY in self.proposals.columns else []
        parts = self.proposals.partition_by("playlist", maintain_order=True)
        return {
            "model": self.model.name,
            "notes": [*self.read.notes, *self._added()],
            "skipped": [asdict(one) for one in self.read.skipped],
            "left_out": [asdict(one) for one in self.read.left_out],
            "found_by_name": self.matched.counted(),
            "not_found": self.matched.problems(),
            "playlists": [
                {
                    "pid": playlist.pid,
                    "title": playlist.title,
                    "tracks": self.uses.row(place, named=True),
                    "by": rows["path"][0],
                    "proposals": rows.select(columns).to_dicts(),
                }
                for place, (playlist, rows) in enumerate(zip(self.playlists, parts, strict=True))
            ],
        }

    def _told(self) -> list[str]:
        """What is to be known of the reading, a line each."""
        skipped = self.read.skipped
        told = [*self.read.notes, *self._added()]
        told += (
            [f"{_count(skipped, 'playlist')} skipped, by --skip-bad:", *_first(skipped)] if skipped else []
        )
        found = self.matched.counted()
        if found.keys() - {"exact"}:
            told.append("Found by name: " + ", ".join(f"{count:,} {kind}" for kind, count in found.items()))
        return [printable(one) for one in (*told, *self._lost())]

    def _lost(self) -> list[str]:
        """Rows that name no track, or none that is known, in the order of the file."""
        left_out, not_found = self.read.left_out, self.matched.not_found()
        counts = [f"{_count(left_out, 'row')} left out"] if left_out else []
        counts += [f"{_count(not_found, 'name')} not found"] if not_found else []
        rows = [(one.place, str(one)) for one in left_out]
        rows += [(one.place, said) for (one, _), said in zip(not_found, self.matched.problems(), strict=True)]
        rows.sort(key=lambda row: place_order(row[0]))
        more = [f"  and {len(rows) - ROWS:,} more: --json has all"] if len(rows) > ROWS else []
        return [f"{', '.join(counts)}:", *(f"  {said}" for _, said in rows[:ROWS]), *more] if rows else []

    def _added(self) -> list[str]:
        """What is to be known of tracks that were added to the model, in a line, where some were."""
        if KNOWN_BY not in self.model.core.columns:
            return []
        added = _count(self.model.core.filter(pl.col(KNOWN_BY) != TRAINED), "track")
        without = self.model.left_out
        names = ", ".join(without[:SHOWN]) + (", …" if len(without) > SHOWN else "")
        why = f"; {len(without):,} left out, whose artist and album it lacks: {names}"
        return [f"{added} added, by artists or albums of the graph" + (why if without else "")]

    def summary(self) -> str:
        first = self.proposals.filter(rank=1)["path"].value_counts().sort("path").iter_rows()
        by = ", ".join(f"{count:,} {OF_SEVERAL[path]}" for path, count in first)
        count = _count(self.playlists, "playlist")
        parts = [f"{counted(self.proposals['rank'].max(), 'track')} of {self.label} for {count} ({by})"]
        not_found = [one for one, _ in self.matched.not_found()]
        for of, what, why in (
            (self.read.skipped, "playlist", "skipped"),
            (self.read.left_out, "row", "left out"),
            (not_found, "name", "not found"),
        ):
            parts += [f"{_count(of, what)} {why} ({_places(of)})"] if of else []
        return "; ".join([*parts, *self.read.notes, *self._added()])


def _called(playlist: Playlist, where: str) -> str:
    return playlist.title or f"Playlist {Path(where).name if playlist.pid is None else playlist.pid}"


def _count(of: Sequence[Any], what: str) -> str:
    return counted(len(of), what)


def _first(of: Sequence[LeftOut]) -> list[str]:
    more = [f"  and {len(of) - SHOWN:,} more: --json has all"] if len(of) > SHOWN else []
    return [*(f"  {one}" for one in of[:SHOWN]), *more]


def _places(of: Sequence[LeftOut | NamedTrack]) -> str:
    return ", ".join(one.place for one in of[:SHOWN]) + (", …" if len(of) > SHOWN else "")


def _uses(uses: dict[str, int], is_title: bool) -> str:
    """``is_title``: whether nothing but a title was given."""
    if is_title:
        return "no tracks: a title alone"
    said = {
        "in_graph": "in the graph",
        "embedded": "outside it, by its own album or artist",
        "by_album": "stood for by a track of the same album",
        "by_artist": "stood for by a track of the same artist",
        "unused": "not used, since nothing of them is in the graph",
    }
    parts = [f"{uses[name]} {text}" for name, text in said.items() if uses.get(name) or name == "in_graph"]
    return f"{counted(sum(uses.values()), 'track')}: " + ", ".join(parts)
