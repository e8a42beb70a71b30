import os
from datetime import datetime

import pytest

from overhead import overhead

STARTED = datetime(2026, 11, 25, 10, 0, 0, 500_000).astimezone().timestamp()


@pytest.fixture
def run(tmp_path):
    """A run of 20 s on 2 cores: two jobs of 5 s with one thread, and one of 10 s with both."""
    log = tmp_path / "2026-11-25T100000.500000.snakemake.log"
    rules = ["plot", "train_model", "plot", "all"]
    lines = [f"Finished jobid: {number} (Rule: {rule})\n" for number, rule in enumerate(rules)]
    log.write_text("Provided cores: 2\n" + "".join(lines))
    os.utime(log, (STARTED + 20, STARTED + 20))
    for name, seconds in (("plot/a", 5), ("plot/b", 5), ("train_model", 10)):
        path = tmp_path / f"benchmarks/{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\th:m:s\tcpu_time\n{seconds}.0\t0:00:05\t9.0\n")
    return log, tmp_path / "benchmarks", {"train_model": 8}


def test_work_is_time_by_threads_within_the_cores(run):
    figures, rules = overhead(*run)
    assert figures == {
        "wall_seconds": pytest.approx(20),
        "cores": 2,
        "jobs": 3,
        "core_seconds": 30,
        "outside": pytest.approx(0.25),
    }
    assert rules.select("rule", "jobs", "seconds", "core_seconds").rows() == [
        ("train_model", 1, 10, 20),
        ("plot", 2, 10, 10),
    ]


def test_a_run_that_did_not_make_all_is_refused(run):
    log, benchmarks, threads = run
    (benchmarks / "plot/c.tsv").write_text("s\n1.0\n")
    with pytest.raises(SystemExit, match="fresh folder"):
        overhead(log, benchmarks, threads)
