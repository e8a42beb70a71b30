"""What a text is that may name a track: a uri, a web address, or those of something else."""

import re

from segue.data.mpd import URIS

URI, URI_FORM = URIS["track_uri"]
ID = re.compile("[0-9A-Za-z]{22}")
_QUERY = r"/?(?:[?#].*)?"
_SITE = r"(?:https?://)?(?:www\.)?(?:open|play)\.spotify\.com/(?:intl-[a-z-]+/)?(?:embed/)?"
_TRACK = re.compile(rf"(?:{_SITE}track/|spotify:track:)({ID.pattern}){_QUERY}", re.IGNORECASE)
_OTHER = re.compile(rf"(?:{_SITE}|spotify:)(?:user[:/][^:/]*[:/])?([a-z]+)[:/]", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|www\.|spotify:|(?:open|play)\.spotify\.com", re.IGNORECASE)
WHY_NOT = {
    "local": "a local file, which only its owner has",
    "episode": "an episode of a podcast, no track",
    "show": "a podcast, no track",
    "album": "an album, no track",
    "artist": "an artist, no track",
    "playlist": "a playlist, not its tracks; export those",
    "track": f"no track uri, which is {URI_FORM}",
}
FOREIGN = "an address that is none of a track at Spotify"


def track_uri(text: str) -> str | None:
    """The uri that ``text`` is, or whose web address it is; None where it is neither."""
    if URI.fullmatch(text):
        return text
    match = _TRACK.fullmatch(text)
    return f"spotify:track:{match[1]}" if match else None


def uri_or_id(text: str) -> str | None:
    """``track_uri``, also of a bare id."""
    return f"spotify:track:{text}" if ID.fullmatch(text) else track_uri(text)


def why_no_track(text: str) -> str | None:
    """What ``text`` is in place of a track, where it is the uri or address of something; else None."""
    if other := _OTHER.match(text):
        return WHY_NOT.get(other[1].lower(), FOREIGN)
    return FOREIGN if _ADDRESS.match(text) else None


def is_of_spotify(text: str) -> bool:
    """Whether ``text`` is a uri or an address there, of a track or of anything else."""
    return bool(_OTHER.match(text))
