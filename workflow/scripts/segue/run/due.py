"""Whether files of a run are up to date, and what has to run before they are.

A light check for the command `segue`, which must not wait seconds for Snakemake to say "nothing to be done".
It goes by what is there and by times alone; Snakemake compares settings and code too, and has the last word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.run.chain import Job, jobs_of_run


@dataclass(frozen=True)
class Due:
    """A job that has to run; ``why``: a file that is missing, or older than another, in words.
    ``seconds``: what it or another of its rule took before, where that is known."""

    job: Job
    why: str
    seconds: float | None


def due(files: Iterable[str], config: dict[str, Any]) -> list[Due]:
    """The jobs that have to run before ``files`` are there and up to date, in the order in which they run.

    A job is due when one of its wanted files is not there, one of its outputs that is there is older than one
    of its inputs, or a job that makes an input is due. As for Snakemake, a file between that is gone, while
    what is made from it is there, makes nothing due.
    """
    jobs, wanted = _upstream(jobs_of_run(config), files), set(files)
    maker = {path: job for job in jobs for path in job.outputs}
    reasons: dict[Job, str] = {}
    known = -1
    while known < len(reasons):  # a job that is due may want a file of one that was passed
        known = len(reasons)
        for job in jobs:
            if job in reasons:
                continue
            missing = [path for path in job.outputs if not Path(path).is_file()]
            made_anew = any(maker.get(path) in reasons for path in job.inputs)
            if (wanted & {*missing}) or (missing and made_anew):
                reasons[job] = f"{missing[0]} is missing"
            elif why := _outdated(job) or ("what it reads is made anew" if made_anew else ""):
                reasons[job] = why
            else:
                continue
            wanted.update(job.inputs)
    return [Due(job, reasons[job], _seconds(job, config["results"])) for job in jobs if job in reasons]


def _upstream(jobs: Sequence[Job], files: Iterable[str]) -> list[Job]:
    """Those of ``jobs`` that ``files`` come from, in their order."""
    maker = {path: job for job in jobs for path in job.outputs}
    reached: set[Job] = set()
    pending = list(files)
    while pending:
        job = maker.get(pending.pop())
        if job is not None and job not in reached:
            reached.add(job)
            pending += job.inputs
    return [job for job in jobs if job in reached]


def _outdated(job: Job) -> str:
    """That one of the outputs is older than one of the inputs, in words; empty where none is."""
    outputs = [(_time(path), path) for path in job.outputs if Path(path).is_file()]
    inputs = [(_time(path), path) for path in job.inputs if Path(path).exists()]
    if outputs and inputs and (oldest := min(outputs))[0] < (newest := max(inputs))[0]:
        return f"{oldest[1]} is older than {newest[1]}"
    return ""


def _time(path: str) -> int:
    return Path(path).stat().st_mtime_ns


def _seconds(job: Job, results: str) -> float | None:
    folder = Path(results) / "benchmarks"
    own = folder / (f"{job.rule}/{job.name}.tsv" if job.name else f"{job.rule}.tsv")
    for path in [own, *sorted((folder / job.rule).glob("*.tsv"))]:
        if path.is_file():
            header, values = path.read_text().splitlines()[:2]
            return float(dict(zip(header.split("\t"), values.split("\t"), strict=True))["s"])
    return None
