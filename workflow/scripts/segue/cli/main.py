"""The command `segue`; also python -m segue.cli.main."""

import contextlib
import importlib
import os
import sys
from typing import Any, ClassVar, NoReturn

import click

from segue.errors import SegueError


class Deferred(click.Group):
    """A group that imports a command only when it is asked for, and says a SegueError without a traceback."""

    # By name: the module, the function in it, and a line for the list of commands.
    COMMANDS: ClassVar = {
        "recommend": ("segue.cli.recommend", "recommend", "Tracks for a playlist of the run."),
        "continue": (
            "segue.cli.continue_",
            "continue_",
            "Tracks for playlists that no model was trained on.",
        ),
        "serve": (
            "segue.cli.serve",
            "serve",
            "A page to build a playlist on, and to watch models continue it.",
        ),
        "models": ("segue.cli.models", "models", "The run's models and baselines, and how good they are."),
        "check-submission": (
            "segue.cli.check_submission",
            "check_submission",
            "Whether a file keeps the rules of the RecSys Challenge 2018.",
        ),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.COMMANDS:
            return None
        module, function, _ = self.COMMANDS[cmd_name]
        return getattr(importlib.import_module(module), function)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.COMMANDS:
            raise _no_command(args[0], [*self.COMMANDS], ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in self.COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        # Names may hold what a terminal cannot show.
        sys.stdout.reconfigure(errors="replace")
        sys.stderr.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except SegueError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)


def _no_command(name: str, known: list[str], ctx: click.Context) -> click.UsageError:
    from rapidfuzz import process

    near = process.extractOne(name, known, score_cutoff=50)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return click.UsageError(f"No such command {name!r}.{hint} There are {', '.join(known)}.", ctx)


def _version(ctx: click.Context, param: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from segue.data.provenance import VERSION  # only now, as all commands

        click.echo(f"segue {VERSION}")
        ctx.exit()


@click.group(
    cls=Deferred,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Exit status: 0 an answer, 1 no answer, with the reason on stderr, 2 a wrong option or command.
Completion: eval "$(_SEGUE_COMPLETE=bash_source segue)" in ~/.bashrc; zsh_source in ~/.zshrc.""",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Which it is."
)
def segue() -> None:
    """Ask a run of Segue for tracks, in the folder that it was made in.

    \b
    segue recommend "road trip"       for a playlist of the run, by words of its title or its pid
    segue continue my.txt             for a playlist of your own: a line a track, or a file of many
    segue continue my.txt --make      make what is missing first, with Snakemake
    segue serve                       a page to build a playlist on, in the browser
    segue models                      who can be asked, and how good they are

    `segue COMMAND --help` has more.
    """


def main() -> NoReturn:
    try:
        segue(prog_name="segue")
    except SystemExit as end:
        if "torch" not in sys.modules:
            raise
        # Nothing is left to be done, and to take torch down again takes half a second.
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)


if __name__ == "__main__":
    main()
