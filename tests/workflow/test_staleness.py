"""Which rules an edit makes stale: the tables of staleness.py, held to what `snakemake --dry-run` says."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from staleness import CHALLENGE_RULES, EVERY_RULE, KEYS, MODULES, SERVING_RULES, after, readme_section
from tiny_workflow import ROOT, TINY, Workflow, planned_jobs

DRY_RUNS = Path(__file__).with_name("dry_runs.py")
WORKERS = 2
# Finished runs that keys are changed in: settings beside TINY's, targets, and the rules that make these.
BASES = {
    "sample": ({}, [], EVERY_RULE - {"parse_edges", "compare_runs"} - CHALLENGE_RULES - SERVING_RULES),
    "directory": (
        {"results": "directory", "data": {"source": "directory", "dir": "my slices"}},
        ["directory/slices/000/edges.parquet"],
        {"parse_slices"},
    ),
    "edges": (
        {
            "results": "edges",
            "data": {"source": "edges", "edges": {"files": ["a.csv"]}},
            "graph": {"k_core": 1},
        },
        ["edges/split/split.safetensors"],
        {"parse_edges", "list_quarantine", "build_kcore", "split_edges"},
    ),
    "compare": (
        {"compare": {"name": "this", "runs": {"other": "copy"}}},
        ["results/metrics/comparison.csv"],
        {"make_catalogue", "make_sample", "parse_slices", "list_quarantine", "build_kcore", "split_edges"}
        | {"train_model", "evaluate_model", "fit_baseline", "evaluate_baseline"}
        | {"summarise_metrics", "compare_runs"},
    ),
    "challenge": (
        {
            "results": "challenge",
            "data": {"sample": {"tracks": 1500}},  # 500 tracks have to be left to recommend
            "graph": {"k_core": 2},
            "sweep": {"conv": ["lgc"], "sampler": ["random"], "alpha": ["fixed"]},
            "challenge": {"playlists_per_category": 2, "categories": [1, 4]},
        },
        ["challenge/figures/challenge.png", "challenge/report/challenge.html"],
        {"make_catalogue", "make_sample", "parse_slices", "list_quarantine", "build_kcore", "split_edges"}
        | {"train_model", "freeze_model", "index_tracks", "index_titles", "fit_baseline"}
        | CHALLENGE_RULES,
    ),
}


def merged(config, change):
    """``config`` with ``change`` on top, as Snakemake lays one --configfile on another."""
    return config | {
        key: merged(config.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in change.items()
    }


def leaves(config, path=""):
    for key, value in config.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key


@pytest.fixture(scope="module")
def runs(finished, tmp_path_factory):
    """Copies of the finished run, one a worker, in which the other bases are finished too."""
    folder = tmp_path_factory.mktemp("stale")
    workflow = Workflow(shutil.copytree(finished.folder, folder / "0"))
    for name in ("my slices", "other slices"):
        shutil.copytree(workflow.folder / "results/sample", workflow.folder / name)
    shutil.copytree(workflow.folder / "results", workflow.folder / "copy")
    (workflow.folder / "md5sums").touch()
    rows = "".join(f"{i % 7},{i % 11},{i},train\n" for i in range(77))
    for name in ("a.csv", "b.csv"):
        (workflow.folder / name).write_text(f"playlist,track,when,part\n{rows}")
    for settings, targets, _ in BASES.values():
        if targets:
            done = workflow.snakemake(*targets, config=settings)
            assert done.returncode == 0, done.stderr
    copies = [folder / str(number) for number in range(1, WORKERS)]
    return [workflow, *(Workflow(shutil.copytree(workflow.folder, copy)) for copy in copies)]


def stale(runs, questions):
    """The rules that each question's dry run lists, by its name; the runs share the questions out."""

    def ask(number):
        done = subprocess.run(
            [sys.executable, DRY_RUNS],
            cwd=runs[number].folder,
            input=json.dumps(questions[number :: len(runs)]),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    with ThreadPoolExecutor(len(runs)) as pool:
        answers = {name: answer for part in pool.map(ask, range(len(runs))) for name, answer in part.items()}
    failed = {name: output for name, (status, output) in answers.items() if status}
    assert not failed
    return {name: set(planned_jobs(output)) - {"all", "total"} for name, (_, output) in answers.items()}


def question(runs, name, base="sample", change=None, edit=None):
    settings, targets, _ = BASES[base]
    config = merged(merged(TINY, settings), change or {})
    for run in runs:
        run.write_config(f"{name}.yaml", config)
    return {"name": name, "arguments": [*targets, "--configfile", f"{name}.yaml"], "edit": edit}


def reached(first, base):
    """The rules of the run ``base`` that rerun if those of ``first`` do that it has."""
    made = BASES[base][2]
    return after(" ".join(rule for rule in first.split() if rule in made)) & made


def differences(found, expected):
    """What to read where they are not equal: rules that rerun but should not, and the other way round."""
    return {
        name: {"should not": sorted(found[name] - rules), "should": sorted(rules - found[name])}
        for name, rules in expected.items()
        if found[name] != rules
    }


def test_every_key_has_its_row():
    assert list(KEYS) == list(leaves(yaml.safe_load((ROOT / "config/config.yaml").read_text())))


def test_every_module_has_its_row():
    modules = {path.stem for path in (ROOT / "workflow/scripts/segue").glob("*.py")}
    assert set(MODULES) == modules


def test_the_readme_shows_the_keys():
    assert readme_section() in (ROOT / "config/README.md").read_text()


def test_nothing_is_stale_before(runs):
    questions = [question(runs, base, base) for base in BASES]
    assert stale(runs, questions) == {base: set() for base in BASES}


def test_keys(runs):
    questions = [question(runs, key, row.base, row.change) for key, row in KEYS.items()]
    expected = {
        # Every setting stands on the page of settings.
        key: reached(f"{row.first} tabulate_run", row.base) - set(row.spared.split())
        for key, row in KEYS.items()
    }
    assert differences(stale(runs, questions), expected) == {}


def test_modules(runs):
    questions, expected = [], {}
    for module, first in MODULES.items():
        bases = ["sample"]
        bases += ["edges"] if "parse_edges" in first.split() else []
        bases += ["compare"] if "compare_runs" in first.split() else []
        bases += ["challenge"] if CHALLENGE_RULES & set(first.split()) else []
        for base in bases:
            name = f"{module}, {base}"
            questions.append(question(runs, name, base, edit=f"workflow/scripts/segue/{module}.py"))
            expected[name] = reached(first, base)
    assert differences(stale(runs, questions), expected) == {}


def test_editing_a_script(edited):
    path = edited.folder / "workflow/scripts/plot_loss.py"
    path.write_text(path.read_text() + "\n# edited\n")
    assert edited.stale_rules() == {"plot_loss"}


def test_touching_every_source_makes_nothing_stale(edited):
    sources = [
        path
        for name in ("workflow", "config", "envs", "profiles")
        for path in edited.folder.glob(f"{name}/**/*")
    ]
    for path in [*sources, edited.folder / "Snakefile"]:
        path.touch()
    assert edited.stale_rules() == set()


def test_settings_of_one_convolution_retrain_no_other(edited):
    config = {"model": {"gat": {"dropout": 0.4}}}
    for conv, rules in {"gat": {"train_model", "evaluate_model"}, "lgc": set(), "sage": set()}.items():
        assert edited.stale_rules(f"results/metrics/{conv}-random-fixed.json", config=config) == rules


def test_two_settings_that_swap_their_values_are_noticed(edited):
    first = {"split": {"train": 0.7, "validation": 0.2, "test": 0.1}}
    done = edited.snakemake("results/split/split.safetensors", config=first)
    assert done.returncode == 0, done.stderr
    assert edited.stale_rules("results/split/split.safetensors", config=first) == set()
    swapped = {"split": {"train": 0.7, "validation": 0.1, "test": 0.2}}
    assert edited.stale_rules("results/split/split.safetensors", config=swapped) == {"split_edges"}
