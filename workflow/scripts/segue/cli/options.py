"""Options and arguments that commands share, read and checked."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import polars as pl

from segue.cli.run import open_run
from segue.errors import SegueError
from segue.files import atomic, save_table

TABLES = (".tsv", ".parquet")
LONGEST_COUNT = 9  # digits; no graph has more tracks


class Count(click.ParamType):
    """A whole number from 1."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_COUNT and int(text) > 0:
            return int(text)
        shown = text if len(text) <= 2 * LONGEST_COUNT else text[: 2 * LONGEST_COUNT] + "…"
        return self.fail(f"{shown!r} is no whole number from 1.", param, ctx)


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of the run's models, for the shell; none where there is no run."""
    try:
        run = open_run(ctx.params.get("config"))
    except SegueError:
        return []
    models = [*run.models, *(run.rankers if ctx.command.name == "continue" else [])]
    return [model for model in models if model.startswith(incomplete)]


CONFIG_OPTION = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="Overrides of config/config.yaml, as for snakemake --configfile.",
)


def of_a_run(command: Callable[..., None]) -> Callable[..., None]:
    """The option that says which run, for a command that takes ``run``."""

    @CONFIG_OPTION
    @functools.wraps(command)
    def opened(config: str | None, **values: Any) -> None:
        command(run=open_run(config), **values)

    return opened


def of_a_model(command: Callable[..., None], rankers: bool = False) -> Callable[..., None]:
    """The options of commands that ask a model, for a command that takes ``run`` and ``model``; with
    ``rankers`` also one that answers from the catalogue."""

    @click.option(
        "--model",
        metavar="NAME",
        shell_complete=complete_model,
        help="A model or baseline that `segue models` lists; else the best by validation.",
    )
    @CONFIG_OPTION
    @click.option("--make", is_flag=True, help="Make what is missing or out of date first, with Snakemake.")
    @click.option("--cores", type=Count(), help="CPU cores for --make; else all.")
    @functools.wraps(command)
    def opened(config: str | None, make: bool, cores: int | None, model: str | None, **values: Any) -> None:
        run = open_run(config, make, cores)
        run.require_model(model, run.rankers if rankers else ())
        command(run=run, model=model, **values)

    return opened


def writable(name: str, suffixes: Sequence[str], fix: str) -> Path:
    """The path of ``--out``. Raises SegueError when it has none of ``suffixes``, or no folder to stand in."""
    path = Path(name)
    if not name.lower().endswith(tuple(suffixes)):
        raise SegueError(
            "What file to write is not clear from its name.",
            where="--out",
            found=name,
            expected="a name that ends in " + ", ".join(suffixes),
            fix=fix,
        )
    if not path.parent.is_dir():
        raise SegueError(
            "There is no folder to write into.",
            where="--out",
            found=name,
            expected=f"the folder {path.parent}",
        )
    return path


def write_table(table: pl.DataFrame, path: Path) -> None:
    """``table`` into a file of one of TABLES, whole or not at all."""
    if path.suffix.lower() == ".parquet":
        save_table(table, path)
    else:
        with atomic(path) as temporary:
            table.write_csv(temporary, separator="\t")


def one_output(out: str | None, as_json: bool) -> None:
    """Refuses a file and JSON on stdout at once."""
    if out and as_json:
        raise click.UsageError("--out writes a file and --json prints: one of the two.")
