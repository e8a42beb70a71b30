"""The run that a command asks: its configuration, its files, and Snakemake where one is missing."""

import importlib.util
import math
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import yaml

from segue.cli.terminal import plain, table
from segue.errors import SegueError
from segue.nearest import called_like
from segue.run.config import read_config, valid_config
from segue.run.due import Due, due
from segue.run.families import Families, families_of
from segue.run.labels import label
from segue.run.measured import measured
from segue.run.models import models_of
from segue.run.recipes import kinds_by_conv
from segue.run.results import answering, rankers_of

CONFIG = Path("config/config.yaml")
WORKFLOW = Path(__file__).resolve().parents[4]  # the checkout that this library is part of
SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")  # Snakemake finds these


@dataclass(frozen=True)
class Run:
    """``config``: the whole configuration; ``overrides``: the file of ``--config``; ``make``: whether what is
    missing is to be made, on ``cores`` cores, None for all."""

    config: dict[str, Any]
    overrides: str | None = None
    make: bool = False
    cores: int | None = None

    @property
    def results(self) -> Path:
        return Path(self.config["results"])

    @property
    def trained(self) -> list[str]:
        return [model.name for model in models_of(self.config["sweep"], self.config["train"]["seed"])]

    @property
    def models(self) -> list[str]:
        """All that can be asked: the graph networks of the run, its baselines and its blends, by name."""
        return [*self.trained, *self.config["baselines"]["names"], *self.blends]

    @property
    def blends(self) -> list[str]:
        return [blend["name"] for blend in self.config["blends"]]

    @property
    def rankers(self) -> list[str]:
        """What answers from the catalogue: it continues playlists, and knows none of the graph's."""
        return rankers_of(self.config)

    @property
    def families(self) -> Families:
        """What labels say of convolutions with relations or like others."""
        models = models_of(self.config["sweep"], self.config["train"]["seed"])
        return families_of(self.config["model"], kinds_by_conv(models, self.config))

    @property
    def answering(self) -> str | None:
        """What of ``rankers`` continues playlists where no model is named; None for the best network."""
        return answering(self.results) if self.rankers else None

    def require_model(self, model: str | None, further: Sequence[str] = ()) -> None:
        """Raises SegueError when ``model`` is named, and neither the run's models nor ``further`` have it."""
        models = [*self.models, *further]
        if model is None or model in models:
            return
        recalls = {name: measured(self.results, name)["validation_recall"] or 0 for name in models}
        best_first = sorted(models, key=lambda name: (name != self.answering, -recalls[name]))
        near = called_like(model, {name: label(name, self.families) for name in best_first})
        raise SegueError(
            "There is no such model in the run.",
            where="--model",
            found=repr(model),
            expected="one of " + ", ".join(models),
            fix=f"did you mean {near}?" if near else "correct --model, or leave it out for the best",
        )

    def ready(self, files: Sequence[str]) -> None:
        """Sees to it that ``files``, paths from the working directory, are there and up to date.

        Asks no Snakemake where they are. Where they are not, raises SegueError that says what has to run, or,
        with ``make``, says so on stderr and runs it. Raises SegueError when Snakemake fails.
        """
        jobs = due(files, self.config)
        if not jobs:
            return
        command = self.snakemake(files)
        if not self.make:
            raise SegueError(
                f"The run is not ready: {_count(jobs)} first.\n{_plan(jobs)}",
                where=str(self.results),
                found=jobs[-1].why,
                expected="files that are there, and newer than what they are made from",
                fix="the same command with --make runs them; so does " + shlex.join(["snakemake", *command]),
            )
        click.echo(f"Making what is missing: {_count(jobs)}.\n{_plan(jobs)}", err=True)
        _make(command)

    def snakemake(self, files: Sequence[str]) -> list[str]:
        """Arguments for Snakemake that make ``files``."""
        cores = "all" if self.cores is None else str(self.cores)
        here = _has_snakefile()
        # A workflow from elsewhere does not read this folder's config/config.yaml by itself.
        configs = [str(CONFIG)] if CONFIG.is_file() and not here else []
        configs += [self.overrides] if self.overrides else []
        return [
            *("--cores", cores),
            *([] if here else ["--snakefile", str(WORKFLOW / "Snakefile")]),
            *(["--configfile", *configs] if configs else []),
            "--",
            *files,
        ]


def _count(jobs: Sequence[Due]) -> str:
    return f"{len(jobs)} job has to run" if len(jobs) == 1 else f"{len(jobs)} jobs have to run"


def _plan(jobs: Sequence[Due]) -> str:
    """A line for each rule: how many jobs, about how long, and why the first of them."""
    rows = []
    for rule in dict.fromkeys(one.job.rule for one in jobs):
        mine = [one for one in jobs if one.job.rule == rule]
        seconds = [one.seconds for one in mine]
        took = "not known" if None in seconds else _duration(sum(seconds))
        rows.append([rule, str(len(mine)), took, mine[0].why])
    text = plain(table(["rule", "jobs", "about", "because"], rows, right=(1,)))
    return "\n".join(f"  {row}" for row in text.rstrip("\n").split("\n"))


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds)} s" if seconds < 100 else f"{math.ceil(seconds / 60)} min"


def _has_snakefile() -> bool:
    """Whether Snakemake finds a workflow in the working directory."""
    return any(Path(name).is_file() for name in SNAKEFILES)


def _make(arguments: Sequence[str]) -> None:
    if importlib.util.find_spec("snakemake") is None:
        raise SegueError(
            "Snakemake is not installed here.",
            where=sys.executable,
            found="no package snakemake",
            expected="the environment of `make setup`",
            fix="make the files where it is: " + shlex.join(["snakemake", *arguments]),
        )
    # The logger, which is no installed package, is that of the clone whose workflow runs, since jobs take the
    # library that is beside it. A workflow that has this one for a module may have none.
    scripts = (Path() if _has_snakefile() else WORKFLOW).absolute() / "workflow/scripts"
    options, environment = ["--quiet", "host", "reason", "progress"], dict(os.environ)
    if (scripts / "snakemake_logger_plugin_segue").is_dir():
        options = ["--logger", "segue"]
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(scripts), environment.get("PYTHONPATH")])
        )
    # -P: a folder named snakemake in the working directory is not the package. On stdout is the answer alone.
    sys.stderr.flush()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "snakemake", *options, *arguments],
        env=environment,
        stdout=2,
        check=False,
    )
    if done.returncode:
        raise SegueError(
            "Snakemake could not make what is missing.",
            found=f"exit status {done.returncode}",
            fix="what it said is above; correct that, and give the same command again",
        )


def open_run(overrides: str | None, make: bool = False, cores: int | None = None) -> Run:
    """The run of the working directory.

    Its configuration is the workflow's default, with this folder's config/config.yaml, if it has one, and
    ``overrides`` laid over it. Raises SegueError when there is neither such a file nor a folder of results,
    or the configuration is wrong.
    """
    here = [CONFIG] if CONFIG.is_file() and not CONFIG.samefile(WORKFLOW / CONFIG) else []
    config = read_config(WORKFLOW / CONFIG, *here, *([overrides] if overrides else []))
    if not (CONFIG.is_file() or Path(config["results"]).is_dir()):
        raise SegueError(
            "There is no run in this folder.",
            where=str(Path.cwd()),
            found=f"neither {CONFIG} nor {config['results']}",
            expected="the folder that Snakemake runs in, with its config/ or the results",
            fix=f"change to that folder, then ask again; the workflow of this command is in {WORKFLOW}",
        )
    return Run(valid_config(config, _schema()), overrides, make, cores)


@cache
def _schema() -> dict[str, Any]:
    """Read once: of all that a command reads of a configuration it takes longest."""
    path = WORKFLOW / "workflow/schemas/config.schema.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))
