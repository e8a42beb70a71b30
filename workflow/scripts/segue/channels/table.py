"""All channels by name, and those of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from segue.channels import pairs, popularity
from segue.channels.dense import Channel, CreditShares, Kept, LowRank, NamedInTitle, Shares, Smoothed
from segue.channels.evidence import Witnesses
from segue.channels.fitted import Fitted
from segue.channels.joint import Joint
from segue.channels.models import ModelScores
from segue.channels.pairs import Pair
from segue.channels.title_encoder import TitleEncoder
from segue.scorers.base import Scorer

# Of dense channels, by which the candidates of a second stage are picked.
BLEND = {"all": 1.0, "lowrank": 0.3, "smooth": 0.3, "artist_shares": 0.2, "named": 0.1}
TITLES_IN_BLEND = {TitleEncoder.KIND: 0.5}  # besides, of a run with an encoder


@dataclass(frozen=True)
class About:
    """``what``: of a channel, for people; ``needs``: without what it has no say, where it needs something."""

    label: str
    what: str
    needs: str = ""


# Of pairs, the name before the slash.
CHANNELS = {
    "joint": About("Joint", "share of the neighbours by tracks and title that have the track"),
    "all": About("Joint, artists, albums", "the same of neighbours by tracks, title, artists and albums"),
    "few": About("Nearest 100", "the same of the 100 nearest of these alone"),
    "tracks": About("Tracks", "the same of neighbours by tracks", "tracks"),
    "title": About("Title", "the same of neighbours by title", "title"),
    "artists": About("Artists", "the same of neighbours by artists", "tracks"),
    "albums": About("Albums", "the same of neighbours by albums", "tracks"),
    "artist_shares": About("Artist of neighbours", "tracks of the artist on the neighbours by all"),
    "album_shares": About("Album of neighbours", "tracks of the album on the neighbours by all"),
    "artist_titles": About("Artist of titles", "tracks of the artist on the neighbours by title", "title"),
    "named": About("Named in the title", "how much of the artist's name the title has", "title"),
    "lowrank": About("Low rank", "the given tracks through the factors of the catalogue", "tracks"),
    "smooth": About("Smoothed", "the channel of all neighbours through the factors"),
    "smooth_title": About("Smoothed title", "the channel of the title through the factors", "title"),
    "title_encoder": About("Title encoder", "n-grams of the title in the space of a network", "title"),
    "near": About("Cosine", "how near it is to the given tracks in the space of factors", "tracks"),
    "artist": About("Same artist", "given tracks and other candidates of its artist"),
    "album": About("Same album", "given tracks and other candidates of its album"),
    "popularity": About("Popularity", "its degree, alone and among its artist's and album's"),
    "given": About("Given tracks", "how many artists they are of, and how popular they are", "tracks"),
    "titled": About("Titles", "how like the likest title is, and how many bear the same"),
}


def load_channels(
    joint: Joint,
    fitted: Fitted,
    networks: Sequence[Scorer],
    baselines: Sequence[Scorer],
    encoder: TitleEncoder | None = None,
) -> tuple[list[Channel], list[Pair]]:
    """The channels of a run: those that score all candidates, then those of pairs.

    ``joint``: with the settings that were chosen; ``networks``, ``baselines``: become channels of their
    names; ``encoder``: of titles, where the run has one.
    """
    catalogue, artists, albums, factors = joint.catalogue, fitted.artists, fitted.albums, fitted.factors
    witnesses = Witnesses(joint, artists, albums)
    groups = {"joint": "tracks", "all": "joint", "few": "joint", "tracks": "tracks", "title": "title"}
    groups |= {"artists": "artists", "albums": "albums"}
    shares: dict[str, Channel] = {name: Shares(name, group, witnesses) for name, group in groups.items()}
    shares |= {name: Kept(shares[name]) for name in ("all", "title")}  # they are smoothed, too
    dense: list[Channel] = [
        *shares.values(),
        CreditShares("artist_shares", "artists", "all", artists, witnesses),
        CreditShares("album_shares", "albums", "all", albums, witnesses),
        CreditShares("artist_titles", "title", "title", artists, witnesses),
        NamedInTitle(fitted.names, artists, catalogue.num_candidates),
        LowRank(factors),
        Smoothed("smooth", "joint", factors, shares["all"]),
        Smoothed("smooth_title", "title", factors, shares["title"]),
        *([encoder] if encoder else []),
        *(ModelScores(scorer, catalogue, "networks") for scorer in networks),
        *(ModelScores(scorer, catalogue, "baselines") for scorer in baselines),
    ]
    return dense, [
        pairs.Near(factors),
        pairs.SameCredit("artist", catalogue, artists, "all"),
        pairs.SameCredit("album", catalogue, albums, "all"),
        popularity.Popularity(catalogue, artists, albums),
        *(popularity.Lifts(group, catalogue, name) for name, group in groups.items()),
        popularity.Lifts("artists", catalogue, "artist_shares", artists),
        popularity.Lifts("albums", catalogue, "album_shares", albums),
        popularity.Lifts("title", catalogue, "artist_titles", artists),
        popularity.Within("artists", catalogue, "artist_shares", artists),
        popularity.Within("albums", catalogue, "album_shares", albums),
        popularity.Within("title", catalogue, "artist_titles", artists),
        popularity.Within("title", catalogue, "named", artists),
        pairs.Asked(catalogue, artists, witnesses),
    ]
