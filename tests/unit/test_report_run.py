"""Settings, versions and timings of a run."""

import platform

import pytest

from segue.data.provenance import VERSION
from segue.report.run import run_counts, settings_table, times_in_all, timings_table, versions_table


def test_settings_are_listed_by_path():
    table = settings_table({"a": {"b": [1, 2], "c": {}}, "d": None, "e": "x é"})
    assert table.rows() == [("a.b", "[1, 2]"), ("a.c", "{}"), ("d", "null"), ("e", '"x é"')]


def test_versions():
    rows = dict(versions_table().rows())
    assert rows["Segue"] == VERSION
    assert rows["Python"] == platform.python_version()
    assert rows["polars"][0].isdigit()


def test_timings_are_summed_by_rule_and_short_jobs_have_no_memory(tmp_path):
    head = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    rows = {
        "one": "0.5\t0:00:00\t0.12\t-\t-\t-\t-\t-\t-\t0.00\n",
        "two/a": "2.5\t0:00:02\t100.5\t1\t1\t1\t0\t0\t90\t2.0\n",
        "two/b": "1.5\t0:00:01\t120.25\t1\t1\t1\t0\t0\t90\t3.0\n",
    }
    paths = []
    for number, text in enumerate(rows.values()):
        paths.append(tmp_path / f"{number}.tsv")
        paths[-1].write_text(head + text)
    table = timings_table(list(rows), paths)
    assert table.rows() == [("two", 2, 4.0, 2.5, 5.0, 120.25), ("one", 1, 0.5, 0.5, None, None)]
    assert times_in_all(table) == {
        "rule": "all of them",
        "jobs": 3,
        "seconds": 4.5,
        "longest": 2.5,
        "cpu": 5.0,
        "memory": 120.25,
    }


def test_counts_name_the_best_model(tmp_path):
    (tmp_path / "stats.json").write_text(
        '{"k_core": 3, "before": {"playlists": 1200, "tracks": 9, "edges": 10},'
        ' "after": {"playlists": 4, "tracks": 5, "edges": 6}}'
    )
    (tmp_path / "best.json").write_text(
        '{"model": "gat-hard-fixed", "recall_k": 20, "validation_recall": 0.1234}'
    )
    rows = dict(run_counts(tmp_path / "stats.json", tmp_path / "best.json").rows())
    assert rows["playlists read"] == "1,200"
    assert rows["edges in the 3-core"] == "6"
    assert rows["best model by validation Recall@20"] == "GAT hard, fixed α (0.123)"


def test_a_benchmark_for_each_job_is_wanted():
    with pytest.raises(ValueError, match="zip"):
        timings_table(["one", "two"], [])
