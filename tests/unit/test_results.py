import pytest

from segue.errors import SegueError
from segue.run.results import summaries_of


def finished(folder):
    path = folder / "metrics" / "summary.parquet"
    path.parent.mkdir(parents=True)
    path.touch()
    return str(path)


def test_summaries_are_in_the_order_of_the_runs(tmp_path):
    b, a = finished(tmp_path / "b"), finished(tmp_path / "a")
    assert summaries_of({"second": f"{tmp_path}/b", "first": f"{tmp_path}/a/"}) == [b, a]
    assert summaries_of({}) == []


def test_a_run_that_is_not_finished_is_named(tmp_path):
    finished(tmp_path / "done")
    (tmp_path / "half" / "metrics").mkdir(parents=True)
    with pytest.raises(SegueError) as error:
        summaries_of({"A": str(tmp_path / "done"), "BPR": str(tmp_path / "half")})
    assert error.value.where == "compare.runs.BPR"
    assert error.value.found == f"no file {tmp_path}/half/metrics/summary.parquet"
    assert "snakemake --cores" in error.value.fix
