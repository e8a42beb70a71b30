"""Questions and answers of the server as JSON has them.

What a field may hold is said here once: ``bodies`` holds requests to it, and ``openapi`` tells it.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from segue.run.labels import Kind

TRACKS, TITLE, PROPOSALS, MODELS, FOUND = 500, 200, 500, 4, 100
FILE_TRACKS = 5_000  # of all playlists of a file
BODY_BYTES, FILE_BYTES = 2**16, 2**21
QUESTION = 200  # characters of what is looked for
STRONGEST = 3  # given tracks that are named as the ones that pull a proposal most

Uri = Annotated[str, Meta(max_length=200, description="A track's uri, or its id in a run on edge lists.")]
Title = Annotated[str, Meta(max_length=TITLE)]
Pid = Annotated[int, Meta(ge=0, le=2**53, description="A playlist of the run.")]
Explains = Literal["exact", "leave-one-out", "no"]


class Limits(Struct):
    """What a request may hold at most."""

    tracks: int = TRACKS
    file_tracks: int = FILE_TRACKS
    title: int = TITLE
    body_bytes: int = BODY_BYTES
    file_bytes: int = FILE_BYTES
    proposals: int = PROPOSALS
    models: int = MODELS


class Model(Struct):
    """``mapped``: whether there is a map of the run's playlists as it sees them; ``explains``: how exact the
    pulls of given tracks are."""

    id: str
    label: str
    kind: Kind
    validation_recall: float | None
    mapped: bool
    explains: Explains


class Run(Struct):
    """``invented``: whether playlists and names are the sample's; ``best``: who is asked where no model is
    named; ``recall_k``: the K of the validation's recall."""

    title: str
    invented: bool
    playlists: int
    tracks: int
    best: str
    recall_k: int
    models: list[Model]
    limits: Limits


class Track(Struct, gc=False):
    uri: str
    name: str | None
    artist: str | None
    in_graph: bool


class Tracks(Struct):
    """Best first."""

    tracks: list[Track]


class PlaylistFound(Struct):
    """``tracks``: how many of its tracks are in the graph and not held out; ``held_out``: how many are."""

    pid: int
    title: str | None
    tracks: int
    held_out: int


class Playlists(Struct):
    """Best first; ``more``: how many others fit. ``why``: of a number that no playlist here has, why."""

    playlists: list[PlaylistFound]
    more: int
    why: str | None


class PlaylistOfRun(Struct):
    """Its tracks in their order, but for those that are held out for the test, and how many these are."""

    pid: int
    title: str | None
    tracks: list[Track]
    held_out: int


class LeftOut(Struct):
    """A row of the file that names no track, or none that the run has."""

    place: str
    text: str
    why: str


class PlaylistRead(Struct):
    """``more``: its tracks beyond what a playlist, or all of a file, may have."""

    title: str | None
    tracks: list[Track]
    more: int


class Read(Struct):
    """The playlists of a file; ``left_out``: rows that they do not have, in the order of the file, the first
    of ``num_left_out``; ``notes``: what else is to be known of the reading."""

    playlists: list[PlaylistRead]
    left_out: list[LeftOut]
    num_left_out: int
    notes: list[str]


class Question(Struct, forbid_unknown_fields=True):
    """``pid``: of the playlist of the run that the tracks are of, so that hits can be told; ``models``: who
    is asked, none for the best; ``n``: tracks that each proposes."""

    tracks: Annotated[list[Uri], Meta(max_length=TRACKS)] = []
    title: Title | None = None
    pid: Pid | None = None
    models: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=MODELS)] = []
    n: Annotated[int, Meta(ge=1, le=PROPOSALS)] = 30


class Given(Struct):
    """``used``: itself, by what is related to it in the graph, or not at all."""

    uri: str
    name: str | None
    artist: str | None
    used: Literal["graph", "related", "unused"]


class Pull(Struct, gc=False):
    """How much of a score is due to a given track; ``given``: its place in the answer's, from 0."""

    given: int
    pull: float


class Proposal(Struct, gc=False):
    """``hit``: whether the track is on the playlist and held out; null without a pid. ``pulls``: the
    strongest, where the model can tell."""

    rank: int
    uri: str
    name: str | None
    artist: str | None
    score: float
    hit: bool | None
    pulls: list[Pull]


class ModelAnswer(Struct):
    """``path``: what the ranking is by; ``exact``: whether all pulls together are the score, and not what it
    loses without each track."""

    model: str
    label: str
    path: Literal["tracks", "related", "title", "popularity", "both"]
    exact: bool
    proposals: list[Proposal]


class Answer(Struct):
    """``given``: the distinct tracks asked about, in their order; ``answers``: in the order of the models."""

    given: list[Given]
    answers: list[ModelAnswer]


class Points(Struct):
    """Playlists, each with its place and the number of its group."""

    pid: list[int]
    x: list[float]
    y: list[float]
    group: list[int]


class Group(Struct):
    label: str
    colour: str


class Map(Struct):
    """The run's playlists as a model places them after ``epoch``."""

    epoch: int
    points: Points
    groups: list[Group]


class ToPlace(Struct, forbid_unknown_fields=True):
    """``pid``: of the playlist of the run that it is, which is not told to be near itself."""

    tracks: Annotated[list[Uri], Meta(max_length=TRACKS)]
    title: Title | None = None
    pid: Pid | None = None


class Near(Struct):
    """``similarity``: the cosine in the model's embedding space."""

    pid: int
    title: str | None
    similarity: float


class Place(Struct):
    """Where a playlist is on the map, and the playlists most like it."""

    x: float
    y: float
    nearest: list[Near]


class Problem(Struct):
    """What is wrong, where, what was found and expected, and the next step; empty where there is no more to
    be said."""

    what: str
    where: str
    found: str
    expected: str
    fix: str


class Failure(Struct):
    error: Problem
