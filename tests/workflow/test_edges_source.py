"""Playlists and tracks from edge lists, with their own split, as a user runs it."""

import json
from collections import Counter

import numpy as np
import polars as pl
import pytest
from safetensors.torch import load_file
from tiny_workflow import planned_jobs

SLICES = "results/slices/000/edges.parquet"


@pytest.fixture
def pairs():
    """User, item and whether it is a test pair: two tastes, user 0 in the test alone."""
    rng = np.random.default_rng(5)
    drawn = {(u, int(i) + 40 * (u % 2)) for u in range(1, 60) for i in rng.integers(0, 40, 20)}
    known = [(f"u{u}", f"{i:03}", rng.random() < 0.2) for u, i in sorted(drawn)]
    return [*known, ("u0", "001", True)]


@pytest.fixture
def published(workflow, pairs):
    """Train and test files as benchmarks come, tabs, no header, a weight; and their configuration."""
    for name, tested in (("train.txt", False), ("test.txt", True)):
        lines = [f"{u}\t{i}\t7\r\n" for u, i, test in pairs if test == tested]
        (workflow.folder / name).write_text("".join(lines), newline="")
    return {
        "data": {
            "source": "edges",
            "edges": {
                "files": [{"path": "train.txt", "split": "train"}, {"path": "test.txt", "split": "test"}],
                "separator": "\t",
                "header": False,
                "columns": {"playlist": 1, "track": 2},
            },
        },
        "graph": {"k_core": 1},
    }


def fails(workflow, config, before_any_job=False):
    done = workflow.snakemake(SLICES, config=config)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output
    assert ("Job stats" in output) != before_any_job
    assert not list(workflow.folder.glob("results/slices/**/*.parquet"))
    return output


def test_the_given_split_is_trained_and_tested(workflow, published, pairs):
    targets = [
        f"results/metrics/{model}.json" for model in ("lgc-random-fixed", "gat-hard-learnable", "popularity")
    ]
    done = workflow.snakemake(*targets, "results/figures/degrees.png", config=published)
    assert done.returncode == 0, done.stderr
    results = workflow.folder / "results"
    names = [
        pl.read_parquet(results / "graph" / f"{table}.parquet").sort(table[:-1])[name].to_list()
        for table, name in (("playlists", "name"), ("tracks", "track_uri"))
    ]
    split = load_file(results / "split" / "split.safetensors")
    found = {key: {(names[0][p], names[1][t]) for p, t in edges.T.tolist()} for key, edges in split.items()}
    train = {(u, i) for u, i, test in pairs if not test}
    assert found["test"] == {(u, i) for u, i, test in pairs if test}
    assert found["train"] | found["validation"] == train
    assert len(found["validation"]) == int(0.15 * len(train))
    for target in targets:
        recall = json.loads((workflow.folder / target).read_text())["metrics"]["recall@20"]
        assert recall["playlists"] == len({u for u, _, test in pairs if test})
        assert 0 < recall["value"] < 1


def test_a_random_split_of_one_list_whose_tracks_have_artists(workflow, pairs):
    """Tracks 000 to 003 are by one artist, and so on; of 076 and up the artist is not known."""
    artist = {i: f"by {int(i) // 4}" if int(i) < 76 else "" for _, i, _ in pairs}
    lines = "".join(f"{i},{u},{artist[i]}\n" for u, i, _ in pairs)
    (workflow.folder / "all.csv").write_text(f"track,playlist,artist\n{lines}")
    edges = {"files": ["all.csv"], "columns": {"artist": "artist"}}
    config = {"data": {"source": "edges", "edges": edges}, "graph": {"k_core": 3, "relations": ["artist"]}}
    targets = [f"results/split/{name}.safetensors" for name in ("split", "relations")]
    done = workflow.snakemake(*targets, config=config)
    assert done.returncode == 0, done.stderr
    edges = pl.read_parquet(workflow.folder / "results/graph/edges.parquet").height
    split, relations = (load_file(workflow.folder / target) for target in targets)
    assert split["test"].size(1) == split["validation"].size(1) == int(0.15 * edges)
    tables = (
        pl.read_parquet(workflow.folder / f"results/graph/{name}s.parquet") for name in ("track", "artist")
    )
    names = [table.to_series(1).to_list() for table in tables]
    found = {(names[0][track], names[1][node]) for track, node in relations["track-artist"].T.tolist()}
    counts = Counter(artist[track] for track in names[0])
    assert found == {
        (track, artist[track]) for track in names[0] if artist[track] and counts[artist[track]] > 1
    }


def test_the_tables_and_what_makes_them_stale(workflow, published, pairs):
    assert workflow.snakemake(SLICES, config=published).returncode == 0
    edges = pl.read_parquet(workflow.folder / SLICES)
    assert edges.height == len(pairs)
    assert dict(edges["split"].value_counts().rows()) == {
        "train": sum(not test for *_, test in pairs),
        "test": sum(test for *_, test in pairs),
    }
    assert workflow.stale_rules(SLICES, config=published) == set()
    assert workflow.stale_rules(SLICES, config=published | {"split": {"seed": 9}}) == set()
    files = ["train.txt", "test.txt"]
    unassigned = published | {
        "data": published["data"] | {"edges": published["data"]["edges"] | {"files": files}}
    }
    assert workflow.stale_rules(SLICES, config=unassigned) == {"parse_edges"}
    assert workflow.stale_rules(SLICES, config=unassigned | {"split": {"column": 3}}) == {"parse_edges"}


def test_the_example_is_planned(workflow):
    folder = workflow.folder / "data" / "lastfm"
    folder.mkdir(parents=True)
    (folder / "data1.txt").write_text("1\t2\t3\n")
    (folder / "test1.txt").write_text("1\t3\t3\n")
    done = workflow.run("--dry-run", "--cores", "8", "--configfile", "config/lastfm.yaml")
    assert done.returncode == 0, done.stderr
    jobs = planned_jobs(done.stdout + done.stderr)
    assert jobs["parse_edges"] == 1
    assert jobs["train_model"] == 15
    assert not jobs.keys() & {"make_sample", "parse_slices"}
    linted = workflow.run("--lint", "--configfile", "config/lastfm.yaml")
    assert "good condition" in linted.stdout + linted.stderr


def test_a_missing_file_stops_the_run_before_any_job(workflow, published):
    (workflow.folder / "test.txt").unlink()
    output = fails(workflow, published, before_any_job=True)
    assert "An edge list is missing." in output
    assert "where: test.txt" in output
    assert "data.edges.files" in output


@pytest.mark.parametrize(
    ("line", "message"),
    [("u1\t002\n", "too few fields"), ("\t002\t7\n", "a playlist without an id (1 in all)")],
)
def test_a_bad_row(workflow, published, line, message):
    path = workflow.folder / "test.txt"
    row = path.read_text().count("\n") + 1
    with path.open("a") as file:
        file.write(line)
    output = fails(workflow, published)
    assert message in output
    assert f"where: test.txt: row {row}" in output


def test_a_pair_that_is_trained_and_tested(workflow, published, pairs):
    user, item = next((u, i) for u, i, test in pairs if not test)
    with (workflow.folder / "test.txt").open("a") as file:
        file.write(f"{user}\t{item}\t7\n")
    output = fails(workflow, published)
    assert "A pair is assigned to more than one split (1 pairs in all)." in output
    assert f"playlist '{user}', track '{item}' in train and test" in output


def test_a_configuration_that_contradicts_itself(workflow, published):
    output = fails(workflow, published | {"split": {"column": 3}}, before_any_job=True)
    assert "split.column: found 3, expected null, since data.edges.files assigns whole files" in output


def test_lists_in_lightgcns_form_with_ids_that_are_none(workflow, published, pairs):
    """Read as the pairs are; what is no id is set aside, counted and held to max_bad_fraction."""
    for name, tested in (("train.txt", False), ("test.txt", True)):
        lists = {}
        for u, i, test in pairs:
            lists.setdefault(u, []).extend([i] if test == tested else [])
        lines = [" ".join([u, *tracks]) for u, tracks in lists.items()]
        (workflow.folder / name).write_text("\n".join([*lines, "u1 NaN" if tested else "u1"]))
    edges = published["data"]["edges"] | {"form": "adjacency", "separator": None}
    data = published["data"] | {"edges": edges, "on_bad_slice": "quarantine", "max_bad_fraction": 0.01}
    config = published | {"data": data}
    done = workflow.snakemake("results/graph/stats.json", config=config)
    assert done.returncode == 0, done.stderr
    stats = json.loads((workflow.folder / "results/graph/stats.json").read_text())
    assert stats["rejected"] == {"playlists": 0, "entries": 1, "files": 0}
    assert stats["before"]["edges"] == len(pairs)
    (rejected,) = pl.read_parquet(workflow.folder / "results/quarantine.parquet").rows(named=True)
    assert rejected["found"] == "'NaN', which stands for no value"
    done = workflow.snakemake(
        "results/graph/stats.json", config=config | {"data": data | {"max_bad_fraction": 0}}
    )
    assert f"1 of {len(pairs) + 1:,} entries rejected" in done.stdout + done.stderr
