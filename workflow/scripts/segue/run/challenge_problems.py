"""What is wrong with sections `challenge`, `candidates` and `cold` of an otherwise valid configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segue.errors import SegueError

# Each asks for playlists to continue, and needs titles and uris.
ASKING = ("playlists_per_category", "set", "validation_per_category")


def challenge_problems(config: Mapping[str, Any]) -> list[str]:
    """A line for each thing that is wrong."""
    challenge = config["challenge"]
    problems = [
        f"challenge.team.{key}: found {value!r}, expected no comma and no line break"
        for key, value in challenge["team"].items()
        if any(mark in value for mark in ",\r\n")
    ]
    if config["data"]["source"] == "edges":
        problems += [
            f"challenge.{key}: found {challenge[key]!r}, expected null, since data.source is edges, which "
            "has no titles and no uris of Spotify"
            for key in ASKING
            if challenge[key] is not None
        ]
    if challenge["set"] is not None and challenge["playlists_per_category"] is not None:
        problems.append(
            f"challenge.set: found {challenge['set']!r} beside challenge.playlists_per_category "
            f"{challenge['playlists_per_category']}, expected null for one of them: a run answers the "
            "organisers' playlists, or ones held out whose answers it has and scores"
        )
    if config["candidates"]["min_degree"] is not None and challenge["validation_per_category"] is None:
        problems.append(
            f"candidates.min_degree: found {config['candidates']['min_degree']} without "
            "challenge.validation_per_category, expected a number for both: how answers from the catalogue "
            "are weighted is chosen on playlists that are held out for it"
        )
    if config["candidates"]["min_degree"] is not None and config["cold"]["share"] is not None:
        problems.append(
            f"cold.share: found {config['cold']['share']:g} beside candidates.min_degree "
            f"{config['candidates']['min_degree']}, expected null for one of them: the catalogue has every "
            "playlist's tracks, those too that are hidden from training"
        )
    return problems


def require_set_file(path: str | None) -> None:
    """Raises SegueError where ``challenge.set`` names what is no file."""
    if path is not None and not Path(path).is_file():
        raise SegueError(
            "The challenge set is missing.",
            where=path,
            found="a folder" if Path(path).is_dir() else "no file",
            expected="the file of challenge.set, relative to the folder that snakemake runs in",
            fix="put the organisers' challenge_set.json there, or correct challenge.set",
        )
