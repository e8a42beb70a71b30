# What the rules share: the checked configuration, the slices of a run, the code digest, settings that depend on
# wildcards, memory and time of jobs that grow with their input. The others are small: a profile's
# default-resources do.
#
# A rule's params are `settings`, one mapping of what it reads of the configuration, and `code`: Snakemake compares
# params without their names, so that two that swap their values would go unnoticed. What changes no result, such
# as score_block_mb, is not among them; scripts take it from `snakemake.config`.

import copy
import functools
from dataclasses import replace
from importlib.util import find_spec

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

from segue.data.batches import batches_of_run
from segue.run.digest import code_digest
from segue.errors import SegueError
from segue.run.resources import (
    answering_mb,
    baseline_mb,
    baseline_minutes,
    blend_mb,
    blend_minutes,
    channels_mb,
    extension_mb,
    ranking_minutes,
    size_of_catalogue,
    size_of_split,
    training_mb,
    training_minutes,
    with_relations,
)
from segue.run.registry import BASELINES, LOSSES, SAMPLERS, convolutions
from segue.report.outcome import outcome
from segue.run.families import families_of, family
from segue.run.gpus import visible_devices
from segue.run.models import ALPHAS, KINDS, Model, models_of
from segue.run.recipes import kinds_by_conv, model_settings
from segue.run.contenders import extended_network
from segue.run.challenge_problems import require_set_file
from segue.run.results import (
    ANSWERING,
    CATALOGUE_FILES,
    CHANNELS,
    RERANK,
    TITLE_ENCODER,
    network_of,
    own_files,
    rankers_of,
    scorer_file,
    served_files,
    summaries_of,
)
from segue.run.trials import tunings_of, with_values, without
from segue.run.config import valid_config
from segue.data.slices import files_of

# What the report shows: of each output, with its wildcards, the section, the title and the file of the caption, with
# "made" before it where a job makes it.
SHOWN = {}


def shown(path, caption, category, labels):
    """An output that both the run's own page and `snakemake --report` show."""
    name = Path(caption).name
    SHOWN[path] = {
        "section": category,
        "title": labels["result"],
        "caption": f"made {name}" if Path(caption).is_absolute() else name,
    }
    return report(path, caption=caption, category=category, labels=labels)


def code(script, *entries):
    """The digest of what `script` runs, for its rule's params: an edit reruns the rule, a touch does not.

    Of what the registry holds, only `entries` and their code count, where there are some.
    """
    modules = [target.rpartition(".")[0] for entry in entries for target in entry.targets]
    return code_digest(SCRIPTS / f"{script}.py", modules, [entry.facts for entry in entries])


def code_of_training(wildcards, script="train_model"):
    losses = {settings["train"]["loss"] for settings in settings_to_try(Model.of(wildcards))}
    entries = (LOSSES[loss] for loss in sorted(losses))
    return code(script, CONVS[wildcards.conv], SAMPLERS[wildcards.sampler], *entries)


def code_of_freezing(wildcards):
    return code("freeze_model", CONVS[wildcards.conv])


def code_of_extending(wildcards):
    return code("extend_model", CONVS[wildcards.conv])


def code_of_fitting(wildcards):
    return code("fit_baseline", BASELINES[wildcards.baseline])


def code_of_testing(wildcards):
    return code("evaluate_baseline", BASELINES[wildcards.baseline])


def code_of_continuing(wildcards):
    return code("continue_challenge", *entries_of(wildcards.model))


def files_of_ranker(wildcards):
    """Its own ones, beside the catalogue."""
    own = [f"<results>/{name}" for name in own_files(wildcards.ranker)]
    if wildcards.ranker == RERANK:
        own += [*SCORERS_OF_STAGE, *TITLE_ENCODER_OF_STAGE]
    return own


def code_of_ranker(wildcards):
    if wildcards.ranker == RERANK:
        return code_of_reranking("continue_from_catalogue")
    network = network_of(wildcards.ranker)
    return code("continue_from_catalogue", *(entries_of(network) if network else []))


def code_of_reranking(script):
    """With that of the models whose scores the second stage has."""
    entries = (entry for name in config["rerank"]["models"] for entry in entries_of(network_of(name) or name))
    return code(script, *dict.fromkeys(entries))


def memory_of_reranking(wildcards, input, attempt):
    """MB; measured: 3,200 of files with 700 MB and 2,000 playlists; at most 2 kB for an example."""
    playlists = 10 * (config["challenge"]["validation_per_category"] or 0)
    rows = playlists * config["rerank"]["candidates"] * config["rerank"]["share"]
    return round(2000 + 2 * input.size_mb + rows * 2e-3) * attempt


def tracks_of_contender(wildcards):
    """The tracks that its answers come from."""
    return f"<results>/{'catalogue' if wildcards.model in RANKERS else 'graph'}/tracks.parquet"


def settings_of_scoring(wildcards):
    """Which of its tracks are candidates: of the graph's all."""
    return {"min_degree": config["candidates"]["min_degree"] if wildcards.model in RANKERS else None}


def files_of_batch(wildcards):
    return files_of(BATCHES[wildcards.batch])


def settings_of_parsing(wildcards):
    """sources: file, and member of an archive or None, of each slice; as lists, since params want plain values."""
    sources = [list(source) for source in BATCHES[wildcards.batch]]
    return {"sources": sources, "on_bad_slice": config["data"]["on_bad_slice"]}


def settings_of_edges():
    rest = {"column": config["split"]["column"], "on_bad_slice": config["data"]["on_bad_slice"]}
    return config["data"]["edges"] | rest


def memory_of_batch(wildcards, attempt):
    """MB; measured: 210 for 2 slices of 34 MB, 433 for 20. An archive's size would say nothing."""
    return (1000 + 25 * len(BATCHES[wildcards.batch])) * attempt


def memory_of_columns(wildcards, input, attempt):
    """MB; measured on compressed columns: 284 for 0.3 MB; at most 80 bytes for a row, which packs into 2 or 3."""
    return round(1500 + 50 * input.size_mb) * attempt


def memory_of_tracks(wildcards, input, attempt):
    """MB; measured: 1,408 for 79 MB, all 2,262,292 tracks of the MPD."""
    return round(1000 + 12 * input.size_mb) * attempt


def settings_of(model):
    return model_settings(
        model,
        {
            "model": config["model"],
            "negatives": config["negatives"],
            "train": config["train"],
            "recipes": config["recipes"],
            "graph": config["graph"],
            "relations": config["relations"],
        },
    )


def relations_of_models(models):
    """The file of their graph's relations, where one has artists or albums."""
    has = any("relations" in settings for model in models for settings in settings_to_try(model))
    return "<results>/split/relations.safetensors" if has else []


def relations_of_model(wildcards):
    return relations_of_models([Model.of(wildcards)])


def artists_on_map(wildcards):
    """Of a model that has artists as nodes: these, and whose playlists they are on."""
    tables = ["artists", "edges", "tracks"] if "artist" in KINDS_OF_CONVS[wildcards.conv] else []
    return [f"<results>/graph/{table}.parquet" for table in tables]


def tuning_of(model):
    """None where it is not tuned. Trainings from other seeds take what was chosen for `train.seed`."""
    return TUNINGS.get(replace(model, seed=None).name)


def settings_to_try(model):
    """What a model may be trained with: its settings, or those of each of its trials."""
    own, tuning = settings_of(model), tuning_of(model)
    return [with_values(own, values) for values in tuning.trials.values()] if tuning else [own]


def settings_of_training(wildcards):
    """Of a tuned model without what it takes from its trials."""
    own, tuning = settings_of(Model.of(wildcards)), tuning_of(Model.of(wildcards))
    own |= {"device": config["device"], "max_playlists": config["evaluate"]["max_playlists"]}
    return without(own, tuning.keys) if tuning else own


def size_to_train(input, settings):
    """Of the graph that a model with these settings has."""
    size = size_of_split(input.split)
    relations = settings.get("relations")
    return with_relations(size, input.relations, relations["kinds"]) if relations else size


def memory_of_training(wildcards, input, attempt):
    cost, settings = CONVS[wildcards.conv].cost, settings_to_try(Model.of(wildcards))
    return max(training_mb(size_to_train(input, one), cost, one) for one in settings) * attempt


def memory_of_freezing(wildcards, input, attempt):
    """MB; at most what training the largest model takes."""
    of_models = (
        training_mb(size_to_train(input, one), CONVS[model.conv].cost, one)
        for model in MODELS
        for one in settings_to_try(model)
    )
    return max(of_models) * attempt


def memory_of_catalogue(wildcards, input, attempt):
    """MB; measured: 634 for 70 MB of batches' tables, 3,400 for the 1,261 MB of 1,000 slices."""
    return round(1500 + 6 * input.size_mb) * attempt


def memory_of_answering(wildcards, input, attempt):
    return answering_mb(size_of_catalogue(input.listed), input.size_mb) * attempt


def memory_of_channels(wildcards, input, attempt):
    return channels_mb(size_of_catalogue(input.listed), config["channels"]["rank"]) * attempt


def memory_of_titles(wildcards, input, attempt):
    """MB; measured: 672 for 95 MB of catalogue and network."""
    return round(1000 + 3 * input.size_mb) * attempt


def memory_of_extending(wildcards, input, attempt):
    cost, settings = CONVS[wildcards.conv].cost, settings_to_try(Model.of(wildcards))
    listed = size_of_catalogue(input.listed)
    return max(extension_mb(size_to_train(input, one), listed, cost, one) for one in settings) * attempt


def runtime_of_training(wildcards, input, attempt):
    cost, ranked = CONVS[wildcards.conv].cost, config["evaluate"]["max_playlists"]
    of_settings = (
        training_minutes(size_to_train(input, one), cost, one, ranked)
        for one in settings_to_try(Model.of(wildcards))
    )
    return max(of_settings) * attempt


def runtime_of_ranking(wildcards, input, attempt):
    size = size_of_split(input.split)
    dim = max(one["dim"] for model in MODELS for one in settings_to_try(model))
    return ranking_minutes(size, dim, config["evaluate"]["max_playlists"]) * attempt


def grids_to_fit(baseline):
    """What a baseline may be fitted with: its section, or that of each of its trials, as lists of one."""
    own, tuning = config["baselines"].get(baseline, {}), TUNINGS.get(baseline)
    if not tuning:
        return [own]
    return [
        own | {key: [value] if isinstance(own[key], list) else value for key, value in values.items()}
        for values in tuning.trials.values()
    ]


def settings_of_fitting(wildcards):
    """Of a tuned baseline without what it takes from its trials."""
    own, tuning = config["baselines"].get(wildcards.baseline, {}), TUNINGS.get(wildcards.baseline)
    return {"grid": without(own, tuning.keys) if tuning else own} | VALIDATION


def memory_of_baseline(wildcards, input, attempt):
    size, cost = size_of_split(input.split), BASELINES[wildcards.baseline].cost
    return max(baseline_mb(size, cost, grid) for grid in grids_to_fit(wildcards.baseline)) * attempt


def runtime_of_baseline(wildcards, input, attempt):
    size, cost = size_of_split(input.split), BASELINES[wildcards.baseline].cost
    ranked = config["evaluate"]["max_playlists"]
    of_grids = (baseline_minutes(size, cost, grid, ranked) for grid in grids_to_fit(wildcards.baseline))
    return max(of_grids) * attempt


def trials_to_rank(wildcards):
    return TUNINGS[wildcards.tuned].files(f"<results>/tune/{wildcards.tuned}", int(wildcards.round))


def trials_to_choose(wildcards):
    tuning = TUNINGS[wildcards.tuned]
    return tuning.files(f"<results>/tune/{wildcards.tuned}", len(tuning.rounds))


def ranking_before(wildcards):
    model, before = Model.of(wildcards).name, int(wildcards.round) - 1
    return f"<results>/tune/{model}/round-{before}.json" if before else []


def chosen_of_model(wildcards):
    model = replace(Model.of(wildcards), seed=None)
    return f"<results>/tune/{model.name}/chosen.json" if tuning_of(model) else []


def chosen_of_baseline(wildcards):
    return "<results>/tune/{baseline}/chosen.json" if wildcards.baseline in TUNINGS else []


def settings_of_trial(wildcards):
    """`own`, the model's but for what trials set; `values`, what this one sets: later rounds have it from the
    ranking before. `share`: of its epochs that are done in the end."""
    model = Model.of(wildcards)
    tuning, number = tuning_of(model), int(wildcards.round)
    own = settings_of(model) | {"max_playlists": config["evaluate"]["max_playlists"]}
    return {
        "own": without(own, tuning.keys),
        "values": tuning.trials[wildcards.slot] if number == 1 else None,
        "share": tuning.rounds[number - 1],
        "device": config["device"],
    }


def settings_of_baseline_trial(wildcards):
    tuning = TUNINGS[wildcards.baseline]
    own = without(config["baselines"][wildcards.baseline], tuning.keys)
    only = {key: value[0] if isinstance(value, list) else value for key, value in own.items()}
    return {"own": only, "values": tuning.trials[wildcards.slot]} | VALIDATION


def code_of_trial(wildcards):
    return code_of_training(wildcards, "try_model")


def code_of_baseline_trial(wildcards):
    return code("try_baseline", BASELINES[wildcards.baseline])


def settings_of_ranking(wildcards):
    """``keep``: how many trials go on."""
    return {"keep": TUNINGS[wildcards.tuned].slots[int(wildcards.round)]}


def members_of(name):
    """Of a blend its graph networks, and its baselines; another is its own one member."""
    of = BLENDS[name]["of"] if name in BLENDS else [name]
    return [name for name in of if name in TRAINED], [name for name in of if name not in TRAINED]


def files_of_models(names, file):
    return expand("{results}/models/{name}/{file}", results=config["results"], name=names, file=file)


def scorers_of_blend(wildcards):
    return files_of_models(BLENDS[wildcards.blend]["of"], "scorer.safetensors")


def choices_of_blend(wildcards):
    return files_of_models(members_of(wildcards.blend)[1], "chosen.json")


def validated_of_blend(wildcards):
    return files_of_models(members_of(wildcards.blend)[0], "validated.safetensors")


def embeddings_of_blend(wildcards):
    return files_of_models(members_of(wildcards.blend)[0], "embeddings.safetensors")


def settings_of_blend(wildcards):
    return {key: BLENDS[wildcards.blend][key] for key in ("of", "weights")} | VALIDATION


def entries_of(name):
    """Of a baseline, of a model, whose name begins with its convolution's, or of all members of a blend."""
    members = BLENDS[name]["of"] if name in BLENDS else [name]
    return [*dict.fromkeys(BASELINES.get(member) or CONVS[member.partition("-")[0]] for member in members)]


def code_of_blend(wildcards):
    return code("fit_blend", *entries_of(wildcards.blend))


def code_of_testing_blend(wildcards):
    return code("evaluate_blend", *entries_of(wildcards.blend))


def costs_of(name, size):
    """Of each baseline that it has, with the settings that take most memory."""
    costs = {baseline: BASELINES[baseline].cost for baseline in members_of(name)[1]}
    return [
        (cost, max(grids_to_fit(baseline), key=lambda grid: cost.memory(size, grid)))
        for baseline, cost in costs.items()
    ]


def memory_of_blend(wildcards, input, attempt):
    """MB; all members are in memory at once, of graph networks what is in their files."""
    size = size_of_split(input.split)
    return round(blend_mb(size, costs_of(wildcards.blend, size)) + 2 * input.size_mb) * attempt


def runtime_of_blend(wildcards, input, attempt):
    blend, size = BLENDS[wildcards.blend], size_of_split(input.split)
    tried = len(blend["weights"]) ** (len(blend["of"]) - 1)
    ranked = config["evaluate"]["max_playlists"]
    return blend_minutes(size, costs_of(wildcards.blend, size), tried, ranked) * attempt


def scorer_of_studied(wildcards):
    """None of a graph network, which is tested by its embeddings."""
    return [] if wildcards.model in TRAINED else ["<results>/models/{model}/scorer.safetensors"]


def embeddings_of_studied(wildcards):
    return files_of_models(members_of(wildcards.model)[0], "embeddings.safetensors")


def memory_of_studied(wildcards, input, attempt):
    """MB; as for a blend, whatever it is."""
    size = size_of_split(input.split)
    return round(blend_mb(size, costs_of(wildcards.model, size)) + 2 * input.size_mb) * attempt


def memory_of_cold(wildcards, input, attempt):
    """MB; measured: 964 for 6 models and 24,328 playlists, whose files have 134 MB."""
    return round(1500 + input.size_mb) * attempt


def code_of_studied(wildcards):
    return code("measure_popularity", *entries_of(wildcards.model))


def if_asked(is_asked, files, setting, example):
    """`files`, inputs of a rule; where `setting` asks for nothing of what it makes, a function that says so before any
    job starts. `example`: a file of the configuration that does."""

    def refuse(wildcards):
        raise WorkflowError(
            str(
                SegueError(
                    "This run makes no such file: its configuration does not ask for it.",
                    where=setting,
                    found="nothing",
                    fix=f"make all of a run that has it: snakemake --configfile config/{example}",
                )
            )
        )

    return files if is_asked else refuse


def require_device(rules):
    """Raises WorkflowError where a training among `rules`, which are to run, would find no GPU: hours later."""
    if config["device"] != "cuda" or TRAINING.isdisjoint(rules) or not find_spec("torch"):
        return  # in environments of their own the rules may have a torch that this one lacks
    from segue.train.loop import choose_device

    limits = dict(workflow.global_resources.items())
    try:
        choose_device("cuda", limits["gpu"].value if "gpu" in limits else 1)
    except SegueError as error:
        raise WorkflowError(str(error)) from None


@functools.cache
def has_gpu():
    try:
        return config["device"] != "cpu" and bool(visible_devices())
    except SegueError as error:
        raise WorkflowError(str(error)) from None


def gpus_of_training(wildcards):
    """None where it will be on the CPUs of this machine: there several train beside each other."""
    return 0 if workflow.local_exec and config["device"] != "cuda" and not has_gpu() else 1


def threads_of_fit(wildcards):
    return config["threads"] if BASELINES[wildcards.baseline].parallel else 1


# What a --configfile, or the `config` of a module, says is on top of the default run, whose order of the keys
# stays: a setting that moves within a file reruns nothing.
whole = copy.deepcopy(DEFAULTS)
update_config(whole, config)

try:
    whole = valid_config(whole, yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text()))
    config.clear()
    config.update(whole)
    CONVS = convolutions(config["model"])
    BATCHES = batches_of_run(config["data"], config["results"])
    OTHER_SUMMARIES = summaries_of(config["compare"]["runs"])
    require_set_file(config["challenge"]["set"])
    # Once, not in each of the jobs; in environments of their own the rules may have what this one lacks.
    if (
        config["challenge"]["set"]
        and workflow.is_main_process
        and find_spec("polars")
        and find_spec("msgspec")
    ):
        from segue.challenge.given_set import read_challenge_set

        read_challenge_set(config["challenge"]["set"])
    TUNINGS = tunings_of(config["tune"], config["baselines"])
except SegueError as error:
    message = str(error)
    files = [Path(path).name for path in workflow.overwrite_configfiles]
    if len(files) > 1:
        message += (
            f" (Snakemake took {', '.join(files)} for files of settings: put -- before a target that follows "
        )
        message += "--configfile)"
    raise WorkflowError(message) from None

# All that are trained and tested; those of train.seed alone have pages and figures.
TRAININGS = models_of(config["sweep"], config["train"]["seed"])
TRAINED = [model.name for model in TRAININGS]
MODELS = [model for model in TRAININGS if model.seed is None]
NAMES = [model.name for model in MODELS]
CONVS_OF_MODELS = [*dict.fromkeys(model.conv for model in MODELS)]

KINDS_OF_CONVS = kinds_by_conv(MODELS, config)
# What figures and tables are told of convolutions that are like others or have relations, where there are some.
FAMILIES = families_of(config["model"], KINDS_OF_CONVS)
DRAWN_AS = {"families": FAMILIES} if FAMILIES else {}

BLENDS = {blend["name"]: blend for blend in config["blends"]}

# Nodes of the graph beside playlists and tracks.
RELATIONS = [kind for kind in KINDS if kind in config["graph"]["relations"]]

# What is measured by the popularity of tracks: where there are artists or albums, all.
STUDIED = [*NAMES, *config["baselines"]["names"], *BLENDS] if RELATIONS else []

# The rules that train, on a GPU where there is one.
TRAINING = {"train_model", "try_model"}

# How choices are made on validation edges.
VALIDATION = {
    "recall_k": config["train"]["recall_k"],
    "max_playlists": config["evaluate"]["max_playlists"],
    "seed": config["evaluate"]["seed"],
}

# What the generator meant, for maps to be held to.
THEMES = []
if config["data"]["source"] == "sample":
    THEMES = [
        f"<results>/sample/themes.{first}-{last}.parquet"
        for batch in BATCHES.values()
        for first, last in (source.pids for source in batch)
    ]
