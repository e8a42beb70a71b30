"""The folder of a run's results: what stands where in it."""

from pathlib import Path
from typing import Any

from segue.errors import SegueError
from segue.files import read_json
from segue.run.models import models_of


def summaries_of(runs: dict[str, str]) -> list[str]:
    """The table of test metrics of each of ``runs``, name and results folder, in their order.

    Raises SegueError where one is missing.
    """
    paths = {name: f"{folder.rstrip('/')}/metrics/summary.parquet" for name, folder in runs.items()}
    for name, path in paths.items():
        if not Path(path).is_file():
            raise SegueError(
                "A run to compare with is not there, or not finished.",
                where=f"compare.runs.{name}",
                found=f"no file {path}",
                expected="the results folder of a finished run",
                fix="make that run first: `snakemake --cores 8`, with its --configfile if it has one",
            )
    return list(paths.values())


JOINT, RERANK = "joint", "rerank"
EXTENDED = "-catalogue"  # ends the name of a network that ranks the catalogue's candidates
CATALOGUE_FILES = ("tracks.parquet", "playlists.parquet", "listed.safetensors", "titles.safetensors")
CATALOGUE = tuple(f"catalogue/{name}" for name in CATALOGUE_FILES)
CHANNELS = ("channels/fitted.safetensors", "channels/names.safetensors")
TITLE_ENCODER = "channels/title_encoder.safetensors"
STAGE = f"models/{RERANK}/rerank.safetensors"
ANSWERING = "serving/answering.json"  # which model answers where none is named, in a run with a catalogue


def rankers_of(config: dict[str, Any]) -> list[str]:
    """The names of what answers from the catalogue; empty without one."""
    if config["candidates"]["min_degree"] is None:
        return []
    models = models_of(config["sweep"], config["train"]["seed"])
    networks = [f"{model.name}{EXTENDED}" for model in models if model.seed is None]
    return [JOINT, *([RERANK] if config["rerank"]["stages"] else []), *networks]


def network_of(ranker: str) -> str | None:
    """The network that ``ranker`` is, extended to the catalogue; None of another one."""
    return ranker.removesuffix(EXTENDED) if ranker.endswith(EXTENDED) else None


def own_files(ranker: str) -> list[str]:
    """Of what answers from the catalogue, within the folder of the results, beside CATALOGUE. A second stage
    has the ``scorer_file`` of its models and maybe TITLE_ENCODER too, which it names itself."""
    if network := network_of(ranker):
        return [f"models/{network}/catalogue.safetensors"]
    own = [f"models/{ranker}/chosen.json"]
    return [*own, STAGE, *own_files(JOINT), *CHANNELS] if ranker == RERANK else own


def scorer_file(model: str) -> str:
    """Of a network, a baseline or a network with EXTENDED, within the folder of the results."""
    return own_files(model)[0] if network_of(model) else f"models/{model}/scorer.safetensors"


def is_ranker(model: str) -> bool:
    """Whether ``model`` answers from the catalogue, and not from the k-core."""
    return model in (JOINT, RERANK) or network_of(model) is not None


def learned_from(model: str | None) -> str:
    """The table of the playlists that ``model`` was made of, within the folder of the results."""
    return f"{'graph' if model is None or not is_ranker(model) else 'catalogue'}/playlists.parquet"


def answering(results: Path) -> str | None:
    """What of the rankers continues playlists best by validation; None where a network does, or none is."""
    path = results / ANSWERING
    model = read_json(path)["model"] if path.is_file() else None
    return model if model is not None and is_ranker(model) else None


def served_files(model: str | None) -> list[str]:
    """What continues playlists, within the folder of the results; ``model``: None for the best network.

    Scorer, tracks, titles and split; or of what answers from the catalogue its own files and CATALOGUE.
    """
    if model is not None and is_ranker(model):
        return [*own_files(model), *CATALOGUE]
    return [
        f"models/{model}/scorer.safetensors" if model else "serving/scorer.safetensors",
        "serving/tracks.parquet",
        "serving/titles.safetensors",
        "split/split.safetensors",
    ]
