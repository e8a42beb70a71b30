"""Users' slices through the workflow: odd folders, packed files, what is put aside, what makes it stale."""

import gzip
import hashlib
import json
import os
import zipfile

import polars as pl
import pytest
from sizes import LONG
from tiny_workflow import planned_jobs

TARGETS = (
    "results/slices/000/edges.parquet",
    "results/slices/001/edges.parquet",
    "results/quarantine.parquet",
)


@pytest.fixture
def slices(tmp_path_factory, write_slice):
    """A folder, with all in its name that a shell or a template might trip over, of three slices."""
    folder = tmp_path_factory.mktemp('my {} "2" it\'s 50% $HOME {a b}, {')
    for first in (0, 2, 4):
        playlists = [{"pid": first + i, "tracks": ["a", "bc"[i], str(first)]} for i in range(2)]
        write_slice(folder / f"mpd.slice.{first}-{first + 1}.json", playlists)
    return folder


def ingest(workflow, place, *arguments, **data):
    data = {"source": "directory", "dir": str(place), "slices": "all", "slices_per_job": 2} | data
    return workflow.snakemake(*TARGETS, *arguments, config={"data": data})


def read(workflow):
    folder = workflow.folder / "results"
    playlists = [pl.read_parquet(folder / f"slices/{batch}/playlists.parquet") for batch in ("000", "001")]
    return pl.concat(playlists), pl.read_parquet(folder / "quarantine.parquet")


def test_a_folder_with_an_odd_name(workflow, slices):
    done = ingest(workflow, slices)
    assert done.returncode == 0, done.stderr
    playlists, rejected = read(workflow)
    assert playlists["pid"].to_list() == [0, 1, 2, 3, 4, 5]
    assert rejected.is_empty()
    assert str(slices) in (workflow.folder / "results/logs/parse_slices/000.log").read_text()
    again = ingest(workflow, slices, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_packed_slices_and_md5_sums(workflow, slices):
    texts = {path.name: path.read_bytes() for path in sorted(slices.iterdir())}
    sums = slices / "md5sums"
    lines = [
        f"{hashlib.md5(text, usedforsecurity=False).hexdigest()}  data/{name}" for name, text in texts.items()
    ]
    sums.write_text("\n".join(lines))
    first, second, third = texts
    (slices / f"{first}.gz").write_bytes(gzip.compress(texts[first]))
    with zipfile.ZipFile(slices / "rest of it.zip", "w") as archive:
        for name in (second, third):
            archive.writestr(f"mpd v1/data/{name}", texts[name])
    for name in texts:
        (slices / name).unlink()
    done = ingest(workflow, slices, md5sums=str(sums))
    assert done.returncode == 0, done.stderr
    playlists, _ = read(workflow)
    assert playlists["pid"].to_list() == [0, 1, 2, 3, 4, 5]
    assert playlists["slice"].unique(maintain_order=True).to_list() == [f"{first}.gz", second, third]
    assert (
        "rest of it.zip: mpd v1/data/" in (workflow.folder / "results/logs/parse_slices/001.log").read_text()
    )

    # The sums are an input too.
    sums.write_text("\n".join(lines[:2]))
    done = ingest(workflow, slices, md5sums=str(sums))
    assert done.returncode != 0
    assert f"expected: a line for {third}" in done.stderr


def test_bad_slices_and_playlists_are_put_aside(workflow, slices):
    paths = sorted(slices.iterdir())
    paths[0].write_bytes(paths[0].read_bytes()[:-30])
    content = json.loads(paths[2].read_text())
    content["playlists"][0]["pid"] = 3
    paths[2].write_text(json.dumps(content))
    failed = ingest(workflow, slices)
    assert failed.returncode != 0
    assert f"where: {paths[0]}" in failed.stderr
    assert "Traceback" not in failed.stderr

    done = ingest(workflow, slices, on_bad_slice="quarantine")
    assert done.returncode == 0, done.stderr
    playlists, rejected = read(workflow)
    assert playlists["pid"].to_list() == [2, 3, 3, 5]  # the graph leaves out the second 3, by this list:
    assert rejected.select("slice", "pid", "playlists", "what").rows() == [
        (paths[0].name, None, 2, "A slice is cut off."),
        (paths[2].name, 3, 1, "A playlist stands in several slices."),
    ]
    assert "Rejected in all: 3 playlists, in 2 rows" in done.stderr


def damage(slices):
    """Cuts off the second slice, and gives a field of the third's second playlist a wrong type."""
    _, second, third = sorted(slices.iterdir())
    second.write_bytes(second.read_bytes()[:-30])
    content = json.loads(third.read_text())
    content["playlists"][1]["tracks"][2]["duration_ms"] = "long"
    third.write_text(json.dumps(content))
    return second, third


def build(workflow, place, *arguments, **data):
    data = {"source": "directory", "dir": str(place), "slices": "all", "slices_per_job": 2} | data
    config = {"data": data, "graph": {"k_core": 1}}
    return workflow.snakemake("results/graph/stats.json", *arguments, config=config)


def test_the_graph_is_of_what_is_left_unless_too_much_was_rejected(workflow, slices):
    second, third = damage(slices)
    lenient = {"on_bad_slice": "quarantine", "max_bad_fraction": 0.5}
    done = build(workflow, slices, **lenient | {"max_bad_fraction": 0.49})
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "found: 3 of 6 playlists rejected (50.00%)" in done.stderr
    assert "expected: at most 49.00%, since data.max_bad_fraction is 0.49" in done.stderr
    assert not list(workflow.folder.glob("results/graph/*"))
    rejected = pl.read_parquet(workflow.folder / "results/quarantine.parquet")
    assert rejected.select("slice", "pid", "playlists", "whole_file").rows() == [
        (second.name, None, 2, True),
        (third.name, 5, 1, False),
    ]

    # What was read is not read again.
    plan = build(workflow, slices, "--dry-run", **lenient)
    assert planned_jobs(plan.stdout + plan.stderr) == {"build_kcore": 1, "total": 1}
    done = build(workflow, slices, **lenient)
    assert done.returncode == 0, done.stderr
    stats = json.loads((workflow.folder / "results/graph/stats.json").read_text())
    assert stats["rejected"] == {"playlists": 3, "entries": 0, "files": 1}
    assert {key: stats["before"][key] for key in ("playlists", "tracks", "edges")} == {
        "playlists": 3,
        "tracks": 5,
        "edges": 9,
    }
    assert pl.read_parquet(workflow.folder / "results/graph/playlists.parquet")["pid"].to_list() == [0, 1, 4]
    assert pl.read_parquet(workflow.folder / "results/quarantine.parquet").equals(rejected)


def test_slices_as_they_unpack_with_a_copy_s_name_and_a_local_file(workflow, slices, tmp_path):
    folder = tmp_path / "unpacked" / "data"
    folder.mkdir(parents=True)
    first, *others = sorted(slices.iterdir())
    for path in others:
        path.rename(folder / path.name)
    content = json.loads(first.read_text())
    content["playlists"][0]["tracks"][1]["track_uri"] = "spotify:local:A+Friend:Demos:Kitchen+Tape:187"
    copy = folder / "mpd.slice.0-1 (1).json"
    copy.write_text(json.dumps(content))
    done = build(workflow, tmp_path / "unpacked", on_bad_slice="quarantine", max_bad_fraction=0.06)
    assert done.returncode == 0, done.stderr
    rejected = pl.read_parquet(workflow.folder / "results/quarantine.parquet")
    assert rejected.select("slice", "pid", "playlists", "entries", "where").rows() == [
        (copy.name, None, 0, 1, f"{copy}: $.playlists[0].tracks[1].track_uri")
    ]
    stats = json.loads((workflow.folder / "results/graph/stats.json").read_text())
    assert stats["rejected"] == {"playlists": 0, "entries": 1, "files": 0}
    assert (stats["before"]["playlists"], stats["before"]["edges"]) == (6, 17)


def test_where_bad_slices_fail_nothing_later_runs(workflow, slices):
    second, third = damage(slices)
    second.unlink()
    done = build(workflow, slices, "--keep-going", slices_per_job=1)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert f"where: {third}: $.playlists[1].tracks[2].duration_ms" in done.stderr
    assert 'found: "long"' in done.stderr
    assert "expected: int" in done.stderr
    # The good slice is read, and that is all: no list of what was rejected, no graph.
    results = workflow.folder / "results"
    assert [path.name for path in (results / "logs").iterdir()] == ["parse_slices"]
    assert {path.parent.name for path in results.glob("**/*.parquet")} == {"000"}


# All of them are refused by the function that the Snakefile calls: test_slices.
PROMISES = [
    (lambda path: os.mkfifo(path), "a pipe"),
    (lambda path: path.mkdir(), "a folder"),
    (lambda path: path.symlink_to("nowhere"), "a link that leads nowhere"),
    (lambda path: path.with_suffix(".json.gz").write_bytes(b""), None),
]


@pytest.mark.parametrize(("make", "found"), PROMISES if LONG else PROMISES[:1])
def test_names_that_promise_too_much_stop_the_run_before_any_job(workflow, slices, make, found):
    path = slices / ("mpd.slice.6-7.json" if found else "mpd.slice.4-5.json")
    make(path)
    done = ingest(workflow, slices, on_bad_slice="quarantine")
    assert done.returncode != 0
    assert "Job stats" not in done.stderr
    assert "Traceback" not in done.stderr
    assert path.name in done.stderr
    assert (f"found: {found}" if found else "Two slices claim the same pids.") in done.stderr
