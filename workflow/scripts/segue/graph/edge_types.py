"""Which types of nodes have edges with each other, which ways messages pass, and what PyG calls these."""

from collections.abc import Iterable

from segue.run.models import KINDS

EdgeType = tuple[str, str, str]  # as PyG's: source, name, target
Ends = tuple[str, str]  # a pair of node types that may have edges
Way = tuple[str, str]  # node types: from the sources of messages to their targets

PLAYLIST_TRACK: Ends = ("playlist", "track")
# The pairs besides, of KINDS with tracks and with each other.
RELATIONS: tuple[Ends, ...] = (*(("track", kind) for kind in KINDS), ("album", "artist"))
NAMES = {
    PLAYLIST_TRACK: "contains",
    ("track", "artist"): "by",
    ("track", "album"): "on",
    ("album", "artist"): "by",
}


def pairs_of(node_types: Iterable[str]) -> list[Ends]:
    """Those of PLAYLIST_TRACK and RELATIONS that have both ends among ``node_types``."""
    present = set(node_types)
    return [ends for ends in (PLAYLIST_TRACK, *RELATIONS) if present.issuperset(ends)]


def ways_of(node_types: Iterable[str]) -> list[Way]:
    """Each direction of each kind of edge between nodes of these types, in a fixed order."""
    return [way for one, other in pairs_of(node_types) for way in ((other, one), (one, other))]


def edge_type(source: str, target: str) -> EdgeType:
    """PyG's edge type of the edges from nodes of type ``source`` to nodes of type ``target``.

    That of the other direction of a pair in NAMES is named as ``ToUndirected`` would.
    """
    name = NAMES.get((source, target)) or f"rev_{NAMES[target, source]}"
    return source, name, target


FORWARD = edge_type(*PLAYLIST_TRACK)
REVERSE = edge_type(*PLAYLIST_TRACK[::-1])
