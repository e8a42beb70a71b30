"""Which rules an edit makes stale: the tables of staleness.py, held to the jobs that Snakemake plans.

Most of it is worked out from plans, that of a base and that of a change: which jobs have other inputs, params
or files of code, or outputs that are not there, and what reads their results. Some dry runs of a finished run
show that this is what `snakemake --dry-run` says.
"""

import json
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from staleness import KEYS, MODULES, OF_ALL_MODELS, READERS, after, readme_section
from tiny_workflow import ROOT, TINY, Workflow, copy_workflow, planned_jobs

PROGRAMS = Path(__file__).parent
LIBRARY = ROOT / "workflow/scripts/segue"
DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text())
TWELVE = {"sweep": DEFAULT["sweep"]}
ONE = {"conv": ["lgc"], "sampler": ["random"], "alpha": ["fixed"]}
RANKED = "figures/challenge.png", "report/challenge.html", "figures/ablation.png", "report/ablation.html"
# Runs that keys are changed in: settings beside TINY's, and targets.
BASES = {
    "sample": (TWELVE, ["all"]),
    "directory": (
        {"results": "directory", "data": {"source": "directory", "dir": "my slices"}},
        ["directory/slices/000/edges.parquet"],
    ),
    "edges": (
        {
            "results": "edges",
            "data": {"source": "edges", "edges": {"files": ["a.csv"]}},
            "graph": {"k_core": 1},
            "sweep": ONE,
        },
        ["all", "edges/serving/tracks.parquet"],
    ),
    "compare": (
        TWELVE | {"compare": {"name": "this", "runs": {"other": "copy"}}},
        ["results/metrics/comparison.csv"],
    ),
    "challenge": (
        {
            "results": "challenge",
            "sweep": ONE,
            "challenge": {"playlists_per_category": 2, "categories": [1, 4]},
        },
        ["challenge/figures/challenge.png", "challenge/report/challenge.html"],
    ),
    "given": (
        {
            "results": "given",
            "sweep": ONE,
            "challenge": {"set": "a.json", "validation_per_category": 2, "categories": [1, 4]},
            "candidates": {"min_degree": 2},
        },
        [
            f"given/challenge/{file}"
            for file in (
                "set.json",
                "lgc-random-fixed/submission.csv.gz",
                "lgc-random-fixed-catalogue/submission.csv.gz",
            )
        ],
    ),
    "catalogue": (
        {
            "results": "catalogue",
            "sweep": ONE,
            "challenge": {"playlists_per_category": 2, "validation_per_category": 2, "categories": [1, 4]},
            "candidates": {"min_degree": 2},
            "title_encoder": {"model": "lgc-random-fixed"},
            "rerank": {
                "stages": ["logistic"],
                "models": ["knn", "lgc-random-fixed-catalogue"],
                "ablation": "logistic",
            },
        },
        [f"catalogue/{file}" for file in RANKED],
    ),
    "blends": (
        {
            "results": "blends",
            "sweep": ONE,
            "challenge": {"playlists_per_category": 2, "categories": [1]},
            "blends": [{"name": "both", "of": ["lgc-random-fixed", "filter"], "weights": [0, 1]}],
        },
        [
            f"blends/{file}"
            for file in ("metrics/summary.csv", "metrics/paired.csv", "challenge/both/scores.parquet")
        ],
    ),
    "seeds": ({"sweep": ONE | {"seed": [1, 2]}}, ["all"]),
    "tune": (
        {
            "results": "tune",
            "sweep": ONE,
            "tune": {
                "rounds": [0.5, 1.0],
                "models": {
                    "lgc-random-fixed": {"grid": {"train.lr": [0.1, 0.2, 0.3]}},
                    "knn": {"grid": {"neighbours": [2, 3]}},
                },
            },
        },
        ["all"],
    ),
    "hetero": (
        {
            "results": "hetero",
            "graph": {"relations": ["artist", "album"]},
            "cold": {"share": 0.1},
            "sweep": ONE,
            "tune": {"models": {"lgc-random-fixed": {"grid": {"train.lr": [0.1, 0.2]}}}},
            "blends": [{"name": "both", "of": ["lgc-random-fixed", "filter"], "weights": [0, 1]}],
        },
        [
            f"hetero/{file}"
            for file in (
                "models/lgc-random-fixed/scorer.safetensors",
                "serving/scorer.safetensors",
                "serving/tracks.parquet",
                "hetero/popularity.csv",
                "hetero/cold.csv",
                "figures/popularity.png",
                "figures/cold.png",
                "report/hetero.html",
                "report/counts.html",
                "figures/map/lgc-random-fixed.png",
                "report/run.html",
            )
        ],
    ),
    "serving": (TWELVE, [f"results/serving/{name}" for name in ("scorer.safetensors", "tracks.parquet")]),
}


CHALLENGE_SET = {"playlists": [{"pid": 1_000_000, "name": "Sun", "num_tracks": 1, "tracks": []}]}
WHOLE = [
    "compare",
    "challenge",
    "given",
    "catalogue",
    "blends",
    "tune",
    "hetero",
]  # also asked for all targets
# What is done to a finished run: settings, of each kind, and code, of each kind.
CHANGES = {
    "a setting": {"train": {"lr": 0.02}},
    "the value of another": {"evaluate": {"max_playlists": TINY["model"]["dim"]}},
    "other inputs": {"baselines": {"names": ["popularity", "knn"]}},
    "other results": {"maps": {"conv": ["gat"]}},
    "what is not kept": {"data": {"sample": {"seed": 2}}},
    "no result": {"score_block_mb": 8},
}
# In a tuned run.
TRIED = {
    "train.epochs": {"try_model", "train_model"},
    "model.dim": {"try_model", "train_model"},
    "baselines.knn.shrinkage": {"try_baseline", "fit_baseline"},
    "evaluate.max_playlists": {"try_model", "try_baseline", "train_model", "fit_baseline"},
}
EDITS = {"of a figure": "figures/degrees.py", "of code": "nn/sparse.py", "of a docstring": "nn/sparse.py"}


def merged(config, change):
    """``config`` with ``change`` on top, as Snakemake lays one --configfile on another."""
    return config | {
        key: merged(config.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in change.items()
    }


def leaves(config, path=""):
    for key, value in config.items():
        if isinstance(value, dict) and value and key != "recipes":
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the workflow, nothing run in it, with the files that the bases name."""
    workflow = copy_workflow(tmp_path_factory.mktemp("planned"))
    for name in ("my slices", "other slices"):
        (workflow.folder / name).mkdir()
        for first in (0, 60, 120):
            (workflow.folder / name / f"mpd.slice.{first}-{first + 59}.json").touch()
    (workflow.folder / "copy/metrics").mkdir(parents=True)
    (workflow.folder / "copy/metrics/summary.parquet").touch()
    (workflow.folder / "md5sums").touch()
    for name in ("a.json", "b.json"):
        (workflow.folder / name).write_text(json.dumps(CHALLENGE_SET))
    for name in ("a.csv", "b.csv"):
        (workflow.folder / name).write_text("playlist,track,when,part\n1,2,3,train\n")
    return workflow


def plans(workflow, questions):
    """The jobs of each question, by its name: settings, whole, and targets."""
    asked = {
        name: (workflow.write_config(f"{number}.yaml", config), targets)
        for number, (name, (config, targets)) in enumerate(questions.items())
    }
    done = subprocess.run(
        [sys.executable, PROGRAMS / "planned.py"],
        cwd=workflow.folder,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def question(base, change):
    settings, targets = BASES[base]
    return merged(merged(TINY, settings), change), targets


def turned(config):
    """The same settings, written in another order."""
    return {
        key: turned(value) if isinstance(value, dict) else value for key, value in reversed(config.items())
    }


# Values that swap, and one that becomes what another is.
SPLIT = {"train": 0.7, "validation": 0.2, "test": 0.1}
EQUAL = {"model": {"dim": 64}, "score_block_mb": 16}
SAME_VALUES = {
    "split": {"split": SPLIT},
    "split, swapped": {"split": SPLIT | {"validation": 0.1, "test": 0.2}},
    "64 as dim": EQUAL | {"evaluate": {"max_playlists": 64}},
    "16 as the block": EQUAL | {"evaluate": {"max_playlists": 16}},
}
DROPOUT = {"model": {"gat": {"dropout": 0.4}}}
ONE_MORE = {
    "model": {"graph": {"class": "torch_geometric.nn.GraphConv", "layers": 2, "init_std": 0.1}},
    "sweep": {"conv": [*DEFAULT["sweep"]["conv"], "graph"]},
}


@pytest.fixture(scope="module")
def planned(folder):
    """The jobs of every question of this file by its name; all in one process."""
    questions = {base: question(base, {}) for base in BASES}
    questions |= {f"key {key}": question(row.base, row.change) for key, row in KEYS.items()}
    questions |= {name: question("sample", change) for name, change in SAME_VALUES.items()}
    config, targets = question("sample", {})
    questions["turned"] = turned(config), targets
    questions["one more"] = question("sample", ONE_MORE)
    questions |= {f"tuned {key}": (question("tune", KEYS[key].change)[0], ["all"]) for key in TRIED}
    questions |= {f"all of {base}": (question(base, {})[0], ["all"]) for base in WHOLE}
    for conv in DEFAULT["sweep"]["conv"]:
        target = [f"results/metrics/{conv}-random-fixed.json"]
        questions[conv] = TINY, target
        questions[f"{conv}, dropout"] = merged(TINY, DROPOUT), target
    questions["finished"] = TINY, ["all"]
    questions |= {f"finished, {name}": (merged(TINY, change), ["all"]) for name, change in CHANGES.items()}
    return plans(folder, questions)


@pytest.fixture(scope="module")
def bases(planned):
    return {base: planned[base] for base in BASES}


@pytest.fixture(scope="module")
def runs(planned):
    """The jobs of each of BASES, whole and for its targets alone."""
    return [planned[name] for name in (*BASES, *(f"all of {base}" for base in WHOLE))]


def with_readers(jobs, first):
    """The jobs ``first``, numbers, all that read their results, and what is made for these and not kept."""
    found, pending = set(), list(first)
    readers = defaultdict(list)
    for number, job in enumerate(jobs):
        for needed in job["needs"]:
            readers[needed].append(number)
    while pending:
        number = pending.pop()
        if number not in found:
            found.add(number)
            pending += readers[number]
            read = {*jobs[number]["inputs"]}  # a benchmark is there, whatever became of its job's results
            pending += [n for n in jobs[number]["needs"] if not read.isdisjoint(jobs[n]["temporary"])]
    return [jobs[number] for number in sorted(found) if jobs[number]["rule"] != "all"]


def rules_of(jobs):
    return {job["rule"] for job in jobs}


def stale_jobs(jobs, before):
    """Those that rerun when ``before``, jobs whose results are there, become ``jobs``."""
    known = {output: job for job in before for output in job["outputs"]}

    def differs(job):
        return any(
            output not in known or any(known[output][key] != job[key] for key in ("inputs", "params"))
            for output in job["outputs"]
        )

    return with_readers(jobs, [number for number, job in enumerate(jobs) if differs(job)])


def stale(jobs, before):
    return rules_of(stale_jobs(jobs, before))


def running(jobs, file):
    """The numbers of the jobs that run ``file``, a path within the folder of scripts."""
    return [n for n, job in enumerate(jobs) if job["code"] and file in json.loads(job["code"])["files"]]


def differences(found, expected):
    """What to read where they are not equal: rules that rerun but should not, and the other way round."""
    return {
        name: {"should not": sorted(found[name] - rules), "should": sorted(rules - found[name])}
        for name, rules in expected.items()
        if found[name] != rules
    }


def test_every_key_has_its_row():
    assert list(KEYS) == list(leaves(DEFAULT))


def test_the_readme_shows_the_keys():
    assert readme_section() in (ROOT / "config/README.md").read_text()


def test_who_reads_whom(runs):
    found = defaultdict(set)
    for jobs in runs:
        for job in jobs:
            for needed in job["needs"]:
                found[jobs[needed]["rule"]] |= {job["rule"]} - {"all"}
    untimed = {"tabulate_run", "write_report", "all"}
    assert {rule for rule, readers in found.items() if "tabulate_run" not in readers} <= untimed
    expected = {rule: set(readers.split()) for rule, readers in READERS.items()}
    found = {rule: readers - {"tabulate_run"} for rule, readers in found.items()}
    assert differences(found, expected) == {}
    assert {rule for rule, readers in found.items() if readers} == set(READERS)


@pytest.mark.parametrize("base", ["sample", "edges", "seeds", *WHOLE])
def test_the_page_of_timings_has_every_job(planned, base):
    jobs = planned[base if base not in WHOLE else f"all of {base}"]
    (page,) = (job for job in jobs if job["rule"] == "tabulate_run")
    later = {"all", "tabulate_run", "write_report"}
    assert {number for number, job in enumerate(jobs) if job["rule"] not in later} == {*page["needs"]}


def test_keys(planned, bases):
    found, expected = {}, {}
    for key, row in KEYS.items():
        found[key] = stale(planned[f"key {key}"], bases[row.base])
        made = {job["rule"] for job in bases[row.base]}
        # Every setting stands on the page of settings.
        first = " ".join({*row.first.split(), "tabulate_run"} & made)
        expected[key] = after(first) & made - set(row.spared.split())
    assert differences(found, expected) == {}


@pytest.mark.parametrize("key", TRIED)
def test_trials_go_by_what_trainings_and_fits_go_by(planned, key):
    assert TRIED[key] <= stale(planned[f"tuned {key}"], planned["all of tune"])


def test_modules(runs):
    """The rules whose scripts run each module; what reads their results follows."""
    found = {}
    for path in sorted(LIBRARY.rglob("*.py")):
        if path.name != "__init__.py" or path.parent == LIBRARY:
            file = path.relative_to(LIBRARY.parent).as_posix()
            name = ".".join(path.relative_to(LIBRARY).with_suffix("").parts)
            found[name] = {jobs[n]["rule"] for jobs in runs for n in running(jobs, file)}
    assert set(found) == set(MODULES)
    assert differences(found, {module: set(rules.split()) for module, rules in MODULES.items()}) == {}
    assert set().union(*found.values()) == {job["rule"] for jobs in runs for job in jobs} - {"all"}
    assert all(job["code"] for jobs in runs for job in jobs if job["rule"] != "all")


def test_values_that_swap_or_that_another_setting_has_are_noticed(planned):
    """Snakemake compares params without their names."""
    assert "split_edges" in stale(planned["split, swapped"], planned["split"])
    rules = stale(planned["16 as the block"], planned["64 as dim"])
    assert {"train_model", "evaluate_model", "fit_baseline", "evaluate_baseline"} <= rules
    assert "split_edges" not in rules


def test_settings_of_one_convolution_retrain_no_other(planned):
    found = {conv: stale(planned[f"{conv}, dropout"], planned[conv]) for conv in DEFAULT["sweep"]["conv"]}
    assert found == {"lgc": set(), "gat": {"train_model", "evaluate_model"}, "sage": set()}


def test_one_more_convolution_reruns_no_other_s_jobs(planned):
    of_models = {"train_model", "evaluate_model", "recommend_tracks", "make_recommendations_page"}
    of_models |= {"measure_likeness", "freeze_model"}
    jobs = stale_jobs(planned["one more"], planned["sample"])
    for rule in of_models:
        names = {Path(job["outputs"][0]) for job in jobs if job["rule"] == rule}
        assert {"graph-" in str(name) for name in names} == {True}, rule
        assert len(names) == 4  # two samplers, fixed and learnable
    summaries = {*OF_ALL_MODELS.split(), "plot_metrics", "tabulate_metrics", "tabulate_run", "write_report"}
    summaries |= {"freeze_best"}  # of whichever is best
    assert rules_of(jobs) == of_models | summaries


def test_the_order_of_keys_does_not_count(planned):
    assert stale(planned["turned"], planned["sample"]) == set()


@pytest.fixture(scope="module")
def listed(finished, tmp_path_factory):
    """The rules that a dry run lists on a copy of the finished run after each of CHANGES and EDITS."""
    copy = Workflow(shutil.copytree(finished.folder, tmp_path_factory.mktemp("finished") / "copy"))
    questions = []
    for name, change in CHANGES.items():
        config = copy.write_config(f"{name}.yaml", merged(TINY, change))
        questions.append({"name": name, "arguments": ["--configfile", config], "edit": None})
    for name, module in EDITS.items():
        file = f"workflow/scripts/segue/{module}"
        text = (copy.folder / file).read_text()
        documented = text.replace('"""', '"""Noted. ', 1)
        edited = documented if name == "of a docstring" else text + "\nedited = 1\n"
        config = copy.write_config("same.yaml", TINY)
        questions.append({"name": name, "arguments": ["--configfile", config], "edit": [file, edited]})
    done = subprocess.run(
        [sys.executable, PROGRAMS / "dry_runs.py"],
        cwd=copy.folder,
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(done.stdout)
    assert {name: output for name, (status, output) in answers.items() if status} == {}
    return {name: set(planned_jobs(output)) - {"all", "total"} for name, (_, output) in answers.items()}


def test_dry_runs_list_what_the_plans_say(listed, planned):
    """That nothing is stale before is in it: an edited docstring lists nothing."""
    before = planned["finished"]
    expected = {name: stale(planned[f"finished, {name}"], before) for name in CHANGES}
    for name, module in EDITS.items():
        expected[name] = rules_of(with_readers(before, running(before, f"segue/{module}")))
    expected["of a docstring"] = set()
    assert differences(listed, expected) == {}
    assert listed["no result"] == {"tabulate_run", "write_report"}  # the page of settings
    assert listed["of a figure"] == {"plot_degrees", "tabulate_run", "write_report"}
    assert {"train_model", "evaluate_model"} <= listed["of code"]


def test_editing_a_script_and_touching_every_source(edited):
    for name in ("workflow", "config", "envs", "profiles"):
        for path in edited.folder.glob(f"{name}/**/*"):
            path.touch()
    (edited.folder / "Snakefile").touch()
    path = edited.folder / "workflow/scripts/plot_metrics.py"
    path.write_text(path.read_text() + "\nedited = 1\n")
    assert edited.stale_rules() == {"plot_metrics", "tabulate_run", "write_report"}


def test_another_caption_makes_the_page_anew_and_no_figure(edited):
    path = edited.folder / "workflow/report/metrics.rst"
    path.write_text(path.read_text() + "And more.\n")
    assert edited.stale_rules() == {"write_report"}
