"""From the data to what serves: which job makes which file from which."""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from segue.data.batches import batches_of_run
from segue.data.slices import files_of
from segue.run.models import Model, models_of
from segue.run.recipes import model_settings
from segue.run.results import (
    ANSWERING,
    CATALOGUE,
    CHANNELS,
    EXTENDED,
    JOINT,
    RERANK,
    STAGE,
    TITLE_ENCODER,
    network_of,
    own_files,
    rankers_of,
    scorer_file,
    served_files,
)
from segue.run.trials import tunings_of

BATCH_TABLES = ("playlists", "edges", "tracks")


@dataclass(frozen=True)
class Job:
    """``name``: its wildcards, as in the name of its benchmark; empty where its rule has none. ``outputs``,
    ``inputs``: paths from the working directory, of the inputs those that other jobs here or people make."""

    rule: str
    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]


def batch_tables(config: dict[str, Any]) -> dict[str, list[str]]:
    """Paths of playlists, edges and tracks, one a batch, by the name of the table."""
    batches = batches_of_run(config["data"], config["results"])
    return {
        name: [f"{config['results']}/slices/{batch}/{name}.parquet" for batch in batches]
        for name in BATCH_TABLES
    }


def jobs_of_run(config: dict[str, Any]) -> list[Job]:
    """Every job on the way to embeddings, scorers and tables that serve, those first that others wait for."""
    results, models = config["results"], models_of(config["sweep"], config["train"]["seed"])
    is_edges = config["data"]["source"] == "edges"
    tables = batch_tables(config)
    split, best = f"{results}/split/split.safetensors", f"{results}/metrics/best.json"
    edges, playlists, tracks = (
        f"{results}/graph/{name}.parquet" for name in ("edges", "playlists", "tracks")
    )
    shown = [model.name for model in models if model.seed is None]
    validations = [f"{results}/models/{name}/validation.json" for name in shown]
    parameters = [
        f"{results}/models/{name}/{file}.safetensors" for name in shown for file in ("model", "validated")
    ]
    nodes = [f"{results}/graph/{kind}s.parquet" for kind in config["graph"]["relations"]]
    batches, quarantine = batches_of_run(config["data"], results), f"{results}/quarantine.parquet"
    jobs = [
        Job("make_sample", "{}-{}".format(*source.pids), (source.path,), ())
        for sources in batches.values()
        for source in sources
        if config["data"]["source"] == "sample"
    ]
    jobs += [
        Job(
            "parse_edges" if is_edges else "parse_slices",
            "" if is_edges else batch,
            tuple(paths[place] for paths in tables.values()),
            tuple(sources if is_edges else files_of(sources)),
        )
        for place, (batch, sources) in enumerate(batches.items())
    ]
    read = (*chain.from_iterable(tables.values()), quarantine)
    held_out, holding = _holding_out(config, read)
    jobs += [
        Job("list_quarantine", "", (quarantine,), tuple(tables["playlists"])),
        *holding,
        Job("build_kcore", "", (edges, playlists, tracks), (*read, *held_out)),
        Job("split_edges", "", (split,), (edges, playlists)),
        Job(
            "index_tracks",
            "",
            (f"{results}/serving/tracks.parquet",),
            (*tables["tracks"], tracks, split, *nodes),
        ),
        Job("index_titles", "", (f"{results}/serving/titles.safetensors",), (playlists,)),
    ]
    if nodes:
        relations = f"{results}/split/relations.safetensors"
        jobs.append(Job("build_relations", "", (relations, *nodes), (tracks,)))
    jobs += _trials(config, split)
    chosen = {name: (f"{results}/tune/{name}/chosen.json",) for name in config["tune"]["models"]}
    for model in models:
        folder = f"{results}/models/{model.name}"
        names = ("model.safetensors", "embeddings.safetensors", "validated.safetensors", "validation.json")
        trained, own = (f"{folder}/{file}" for file in names), chosen.get(replace(model, seed=None).name, ())
        jobs.append(Job("train_model", model.name, tuple(trained), (split, *_relations(config, model), *own)))
        frozen = (split, f"{folder}/model.safetensors", f"{folder}/validated.safetensors", tracks)
        frozen += _relations(config, model)
        jobs.append(Job("freeze_model", model.name, (f"{folder}/scorer.safetensors",), frozen))
    jobs += [
        Job("pick_best", "", (best,), tuple(validations)),
        Job(
            "freeze_best",
            "",
            (f"{results}/serving/scorer.safetensors",),
            (best, split, *parameters, tracks, *_relations(config, *models)),
        ),
    ]
    for name in config["baselines"]["names"]:
        fitted = (f"{results}/models/{name}/{file}" for file in ("scorer.safetensors", "chosen.json"))
        jobs.append(Job("fit_baseline", name, tuple(fitted), (split, tracks, *chosen.get(name, ()))))
    trained = {model.name for model in models}
    for blend in config["blends"]:
        members = [f"{results}/models/{name}/scorer.safetensors" for name in blend["of"]]
        members += [
            f"{results}/models/{name}/{'validated.safetensors' if name in trained else 'chosen.json'}"
            for name in blend["of"]
        ]
        scorer = f"{results}/models/{blend['name']}/scorer.safetensors"
        jobs.append(Job("fit_blend", blend["name"], (scorer,), (split, tracks, *members)))
    return [*jobs, *_from_catalogue(config, (*read, *held_out, playlists, tracks))]


def _relations(config: dict[str, Any], *models: Model) -> tuple[str, ...]:
    """The file of the graph's relations, where one of the ``models`` has artists or albums."""
    has = any("relations" in model_settings(model, config) for model in models)
    return (f"{config['results']}/split/relations.safetensors",) if has else ()


def _holding_out(config: dict[str, Any], read: tuple[str, ...]) -> tuple[list[str], list[Job]]:
    """The tables of the playlists that are held out, and the job that makes them; neither where none are."""
    challenge = config["challenge"]
    parts = {"playlists_per_category": "", "validation_per_category": "/validation"}
    folders = [
        f"{config['results']}/challenge{folder}"
        for key, folder in parts.items()
        if challenge[key] is not None
    ]
    held_out, *others = (
        [f"{folder}/{name}" for folder in folders]
        for name in ("held_out.parquet", "challenge_set.json", "answers.parquet")
    )
    outputs = tuple(chain(held_out, *others))
    return held_out, [Job("hold_out_playlists", "", outputs, read)] if outputs else []


def _from_catalogue(config: dict[str, Any], sources: tuple[str, ...]) -> list[Job]:
    """Those on the way to what answers from the catalogue. ``sources``: what it is made from."""
    results, rankers = config["results"], rankers_of(config)
    if not rankers:
        return []
    catalogue = tuple(f"{results}/{name}" for name in CATALOGUE)
    asked = tuple(
        f"{results}/challenge/validation/{name}" for name in ("challenge_set.json", "answers.parquet")
    )
    own = [f"{results}/{name}" for ranker in rankers for name in own_files(ranker)]
    served = [f"{results}/{name}" for name in served_files(None)]
    answering = (*catalogue, *asked, f"{results}/metrics/best.json", *served, *own)
    joint = f"{results}/models/{JOINT}/chosen.json"
    jobs = [
        Job("build_catalogue", "", catalogue, sources),
        *(
            Job(
                "extend_model",
                name,
                (f"{results}/{own_files(name + EXTENDED)[0]}",),
                (
                    *catalogue,
                    *(f"{results}/models/{name}/{file}.safetensors" for file in ("scorer", "model")),
                    f"{results}/split/split.safetensors",
                    *_relations(config, Model(*name.split("-"))),
                ),
            )
            for name in filter(None, map(network_of, rankers))
        ),
        Job("choose_joint", "", (joint,), (*catalogue, *asked)),
        Job("choose_answering", "", (f"{results}/{ANSWERING}",), answering),
    ]
    if RERANK in rankers:
        channels = tuple(f"{results}/{name}" for name in CHANNELS)
        scorers = tuple(f"{results}/{scorer_file(name)}" for name in config["rerank"]["models"])
        if network := config["title_encoder"]["model"]:
            encoder = (f"{results}/{TITLE_ENCODER}",)
            extended = f"{results}/{scorer_file(network + EXTENDED)}"
            jobs.append(Job("fit_title_encoder", "", encoder, (*catalogue, extended)))
            scorers += encoder
        stage = f"{results}/{STAGE}", f"{results}/models/{RERANK}/chosen.json"
        jobs += [
            Job("fit_channels", "", channels, catalogue),
            Job("fit_rerank", "", stage, (*catalogue, *asked, joint, *channels, *scorers)),
        ]
    return jobs


def _trials(config: dict[str, Any], split: str) -> list[Job]:
    jobs = []
    for name, tuning in tunings_of(config["tune"], config["baselines"]).items():
        rule = "try_baseline" if name in config["baselines"]["names"] else "try_model"
        folder, ranking = f"{config['results']}/tune/{name}", ()
        relations = _relations(config, Model(*name.split("-"))) if rule == "try_model" else ()
        for number in range(1, 1 + len(tuning.rounds)):
            files = tuning.files(folder, number)
            jobs += [
                Job(rule, f"{name}/{number}-{slot}", (file,), (split, *relations, *ranking))
                for slot, file in zip(tuning.slots_of(number), files, strict=True)
            ]
            if number == len(tuning.rounds):
                jobs.append(Job("choose_trial", name, (f"{folder}/chosen.json",), tuple(files)))
            else:
                ranking = (f"{folder}/round-{number}.json",)
                jobs.append(Job("rank_trials", f"{name}-{number}", ranking, tuple(files)))
    return jobs
