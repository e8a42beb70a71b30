"""What a run prints with `snakemake --logger segue`: a line a finished job, one of progress, failures whole.

A logger plugin of Snakemake, and all that knows its interface. Snakemake finds it where the folder that it is
in is in PYTHONPATH, as `make` and `segue ... --make` see to. What Snakemake prints by itself is in a file
below .snakemake/log as ever.
"""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from logging import ERROR, WARNING, LogRecord
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text
from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from segue.run.labels import label
from snakemake_logger_plugin_segue.time_left import TimeLeft, words

EVERY = 15.0  # seconds between two words on the time that is left, where no terminal shows it all the time

# Of what Snakemake says without an event: what is the same in every run, and what has other words here.
UNSAID = (
    "Config file ",
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "host: ",
    "Using shell",
    "Group jobs: inactive",
    "Conda environments: ignored",
    "Singularity containers: ignored",
    "Select jobs to execute",
    "Execute ",
    "Removing temporary output ",
    "Complete log(s): ",
    "Elapsed time: ",
)
# Of its errors: what comes before and after that of a job, whose log has the reason.
UNSAID_ERRORS = re.compile(
    r"RuleException:\nCalledProcessError in file .* returned non-zero exit status 1\.\s*"
    r"|Exiting because a job execution failed.*"
    r"|WorkflowError:\nAt least one job did not complete successfully\.\s*",
    re.DOTALL,
)


@dataclass(frozen=True)
class Job:
    """``message``: what it does; ``shown``: whether it makes a file, as all but a target's own do."""

    rule: str
    message: str
    threads: int
    shown: bool
    started: float


class LogHandler(LogHandlerBase):
    """Where nothing runs, or more than usual is asked for, Snakemake's own lines."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        asked = self.common_settings
        self.filter_of_snakemake = DefaultFilter(
            asked.quiet, asked.debug_dag, asked.verbose, asked.dryrun, asked.printshellcmds
        )
        stream = sys.stdout if asked.stdout else sys.stderr
        self.own = None
        if asked.dryrun or asked.verbose or asked.debug_dag or asked.printshellcmds:
            formatter = DefaultFormatter(asked.quiet, asked.show_failed_logs)
            self.own = ColorizingTextHandler(asked.nocolor, stream, formatter, self.filter_of_snakemake)
        self.console = Console(file=stream, no_color=asked.nocolor or None, highlight=False, soft_wrap=True)
        self.bar: Progress | None = None
        self.left: TimeLeft | None = None
        self.cores = 1
        self.jobs: dict[int, Job] = {}
        self.total = self.done = self.failed = 0
        self.began = self.said_left = time.monotonic()
        self.log_file = ""

    def emit(self, record: LogRecord) -> None:
        if self.own is not None:
            self.own.handle(record)
            return
        try:
            self._show(record)
        except Exception:  # a run goes on without its lines
            self.handleError(record)

    def _show(self, record: LogRecord) -> None:
        event = getattr(record, "event", None)
        shown = self.filter_of_snakemake.filter(record)
        match event:
            case LogEvent.RESOURCES_INFO:
                self.cores = getattr(record, "cores", None) or self.cores
            case LogEvent.RUN_INFO if shown:
                counts = dict(record.stats)
                self.total = counts.pop("total")
                self.left = TimeLeft(counts, self.cores)
            case LogEvent.JOB_INFO:
                self._start(record)
            case LogEvent.JOB_FINISHED:
                self._end(record, shown)
            case LogEvent.JOB_ERROR | LogEvent.GROUP_ERROR if shown:
                self._fail(record)
            case None | LogEvent.ERROR if shown:
                self._say(record)
        self._progress(shown)

    def _start(self, record: LogRecord) -> None:
        self.jobs[record.jobid] = Job(
            record.rule_name,
            _labelled(record.rule_msg or record.rule_name, record.wildcards),
            record.threads,
            bool(record.output),
            time.monotonic(),
        )

    def _end(self, record: LogRecord, shown: bool) -> None:
        self.done += 1
        job = self.jobs.pop(record.job_id, None)
        if job is None:  # of a group, whose jobs Snakemake does not announce
            self.console.print(Text(record.getMessage()))
            return
        seconds = time.monotonic() - job.started
        if self.left is not None:
            self.left.ended(job.rule, seconds, job.threads)
        if shown and job.shown:
            self._print(job, seconds)
        if self.done == self.total:
            self._sum_up()

    def _print(self, job: Job, seconds: float) -> None:
        line = Text(f"{self._count()}  {words(seconds):>6}  ", style="dim").append(
            job.message, style="not dim"
        )
        now = time.monotonic()
        if not self.console.is_terminal and now - self.said_left >= EVERY and (left := self._left()):
            line.append(f"  ({left})")
            self.said_left = now
        self.console.print(line)

    def _fail(self, record: LogRecord) -> None:
        """The failed job, what is known of it beside its log, and that whole."""
        told: dict[str, Any] = vars(record)
        logs = [*(told.get("log") or told.get("aux_logs") or [])]
        job = self.jobs.pop(told.get("jobid"), None)
        self.failed += 1
        what, after = told.get("rule_name", "A group of jobs"), ""
        if job is not None:
            what, after = job.message, f" after {words(time.monotonic() - job.started)}"
        self.console.print(Text(f"{what}: failed{after}", style="bold red"))
        for name, value in (("rule", told.get("rule_name")), ("message", told.get("rule_msg"))):
            if value:
                self.console.print(Text(f"  {name}: {value}"))
        for name, value in (told.get("aux") or {}).items():
            self.console.print(Text(f"  {name}: {value}"))
        for path in logs:
            self.console.print(Text(f"  log: {path}"))
            if self.common_settings.show_failed_logs:
                self.console.print(Text(_read(path)))

    def _say(self, record: LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Complete log(s): "):
            self.log_file = message.removeprefix("Complete log(s): ")
        if message in ("", "None") or UNSAID_ERRORS.fullmatch(message):
            return
        if record.levelno < WARNING and message.startswith(UNSAID):
            return
        style = "red" if record.levelno >= ERROR else "yellow" if record.levelno >= WARNING else ""
        self.console.print(Text(message, style=style))

    def _count(self) -> str:
        return f"[{self.done:>{len(str(self.total))}}/{self.total}]"

    def _left(self) -> str:
        """How long the run still takes, once there is something to tell it by."""
        if self.left is None or not self.left.took or self.done >= self.total:
            return ""
        now = time.monotonic()
        running = sum((now - job.started) * job.threads for job in [*self.jobs.values()])
        return f"about {words(self.left.seconds(running))} left"

    def _progress(self, shown: bool) -> None:
        """One line below the others, on a terminal alone."""
        if not self.total or not shown or not self.console.is_terminal or self.console.is_dumb_terminal:
            return
        if self.bar is None:
            self.bar = Progress(
                BarColumn(24),
                MofNCompleteColumn(),
                _Left(self._left),
                TextColumn(
                    "{task.description}",
                    style="dim",
                    markup=False,
                    table_column=Column(no_wrap=True, ratio=1),
                ),
                console=self.console,
                refresh_per_second=2,
                transient=True,
                expand=True,
            )
            self.bar.add_task("", total=self.total)
            self.bar.start()
        running = ", ".join(job.message for job in self.jobs.values() if job.shown)
        self.bar.update(self.bar.task_ids[0], completed=self.done, description=running)

    def close(self) -> None:
        self._sum_up()
        super().close()

    def _sum_up(self) -> None:
        """In place of the progress; once, though Snakemake closes more than once."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None
        if not self.total:
            return
        took = f"{self.done} of {self.total} jobs in {words(time.monotonic() - self.began)}"
        if self.failed and self.done < self.total:  # else what failed was tried again, and went well
            took += f", {self.failed} failed; all that Snakemake says: {self.log_file}"
        self.console.print(Text(f"{took}."))
        self.total = 0


class _Left(ProgressColumn):
    """What ``told`` says, at each moment anew."""

    def __init__(self, told: Callable[[], str]) -> None:
        super().__init__()
        self.told = told

    def render(self, task: Task) -> Text:
        return Text(self.told())


def _labelled(message: str, wildcards: dict[str, str]) -> str:
    """``message`` with the label of each model that it names, by the ``wildcards`` of its job."""
    of_network = [wildcards.get(part, "") for part in ("conv", "sampler", "alpha")]
    names = ["-".join(of_network) + wildcards.get("seed", "")] if all(of_network) else []
    names += [
        wildcards[kind] for kind in ("baseline", "blend", "model", "ranker", "tuned") if kind in wildcards
    ]
    for name in names:
        message = message.replace(name, label(name))
    return message


def _read(path: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return f"    cannot be read: {error.strerror}"
    return "\n".join(f"    {line}" for line in lines) or "    is empty"
