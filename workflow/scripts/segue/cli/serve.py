"""`segue serve`: a page to build a playlist on, and to watch models continue it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from segue.cli.continue_ import files_of_continue, id_columns
from segue.cli.options import CONFIG_OPTION, Count, complete_model
from segue.cli.run import Run, open_run
from segue.graph.ids import why_dropped
from segue.run.chain import batch_tables
from segue.run.due import due
from segue.run.labels import label
from segue.run.measured import best_network
from segue.serve.ids import IdColumns

PORT = 8000
READ = ("graph/edges.parquet", "graph/tracks.parquet", "graph/playlists.parquet")  # of each run


@click.command(short_help="A page to build a playlist on, and to watch models continue it.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 for a free one."
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Another address than this machine's own."
)
@click.option(
    "--model",
    "asked",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_model,
    help="A model that is offered, one or several; else all that are ready.",
)
@click.option("--rate", type=Count(), default=50, show_default=True, help="Requests a second of one address.")
@click.option(
    "--workers",
    type=Count(),
    default=1,
    show_default=True,
    help="Processes that answer, each with its own tables; the models' files they share.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
@CONFIG_OPTION
@click.option("--make", is_flag=True, help="Make what is missing or out of date first, with Snakemake.")
@click.option("--cores", type=Count(), help="CPU cores for --make; else all.")
def serve(
    port: int,
    host: str,
    asked: tuple[str, ...],
    rate: int,
    workers: int,
    opens: bool,
    config: str | None,
    make: bool,
    cores: int | None,
) -> None:
    """A page in the browser to build a playlist on: search tracks, paste a list or drop a file, and watch the
    run's models continue it, side by side, each with what pulls its proposals.

    It listens on this machine alone. --host lets others in: there is no log-in.

    \b
    segue serve --open
    segue serve --model lgc-softmax-fixed --model knn --port 8080
    """
    run = open_run(config, make, cores)
    for name in asked:
        run.require_model(name, run.rankers)
    names = [*dict.fromkeys(asked)] or [*run.models, *run.rankers]
    ready = _ready(run, names, bool(asked))

    # Only now: torch takes seconds to import.
    from segue.web.guard import Rate
    from segue.web.listen import address_of, answer, bound, is_loopback
    from segue.web.served import Facts, Served
    from segue.web.workers import others

    with bound(host, port) as listening:
        address = address_of(listening)
        facts = Facts(run.results, *_about(run), ready, _why_dropped(run))
        # Each worker has its share, so that together they keep to it.
        about = facts, listening, [host], Rate(rate / workers, max(1, 4 * rate // workers))
        with others(workers - 1, answer, *about) as wait:

            def started(served: Served) -> None:
                if not is_loopback(host):
                    click.echo("Warning: whoever reaches this address can ask; there is no log-in.", err=True)
                click.echo("Ready: " + "; ".join(model.label for model in served.models))
                if missing := [label(name, run.families) for name in names if name not in ready]:
                    click.echo(f"Not ready, and made by `segue serve --make`: {'; '.join(missing)}")
                wait()
                click.echo(f"{address}  Ctrl+C ends it.")
                if opens:
                    click.launch(address)

            try:
                answer(started, *about)
            except KeyboardInterrupt:  # which uvicorn raises again once it has ended
                click.echo()


def _ready(run: Run, names: Sequence[str], asked: bool) -> list[str]:
    """Those of the models ``names`` that are ready, the best first, or else in their order.

    Raises SegueError where none is, or one that was ``asked`` for is not, and it is not to be made.
    """
    read = [f"{run.results}/{name}" for name in READ]
    files = {name: [*files_of_continue(run, name), *read] for name in names}
    if asked or run.make:
        run.ready([*dict.fromkeys(path for paths in files.values() for path in paths)])
        ready = [*names]
    else:
        ready = [name for name in names if not due(files[name], run.config)]
    if not ready:
        run.ready(files[names[0]])
    best = run.answering or best_network(run.results)
    return sorted(ready, key=lambda name: name != best)


def _about(run: Run) -> tuple[str, bool, IdColumns | None, int]:
    """What the run is called, whether it is invented, the ids of edge lists, and the K of its recall."""
    source, folder = run.config["data"]["source"], run.config["data"]["dir"]
    titles = {"sample": "Built-in sample", "directory": f"Slices of {folder}", "edges": "Edge lists"}
    return titles[source], source == "sample", id_columns(run), run.config["train"]["recall_k"]


def _why_dropped(run: Run) -> Callable[..., str | None] | None:
    """Why playlists of the run are not in its graph. None where that cannot be told: without the tables of
    what was read, which nothing else here needs, and on edge lists, of whose pids nobody knows."""
    tables = batch_tables(run.config)
    is_read = all(Path(path).is_file() for paths in tables.values() for path in paths)
    if run.config["data"]["source"] == "edges" or not is_read:
        return None
    return partial(why_dropped, k=run.config["graph"]["k_core"], raw_ids=False, **tables)
