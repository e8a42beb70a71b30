"""`segue serve`: a page to build a playlist on, and to watch models continue it."""

from collections.abc import Sequence

import click

from segue.cli.continue_ import files_of_continue
from segue.cli.options import CONFIG_OPTION, Count, complete_model
from segue.cli.run import Run, open_run
from segue.files import read_json
from segue.run.due import due
from segue.run.labels import label

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
    "names",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_model,
    help="A model that is offered, one or several; else all that are ready.",
)
@click.option("--rate", type=Count(), default=50, show_default=True, help="Requests a second of one address.")
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
@CONFIG_OPTION
@click.option("--make", is_flag=True, help="Make what is missing or out of date first, with Snakemake.")
@click.option("--cores", type=Count(), help="CPU cores for --make; else all.")
def serve(
    port: int,
    host: str,
    names: tuple[str, ...],
    rate: int,
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
    for name in names:
        run.require_model(name, run.rankers)
    ready = _ready(run, names)

    # Only now: torch takes seconds to import.
    import torch

    from segue.web.guard import Rate
    from segue.web.listen import address_of, bound, guarded, is_loopback, listen
    from segue.web.models import Offered
    from segue.web.served import Facts, Served

    torch.set_num_threads(1)  # a question has too little to do to be shared
    offered = [Offered(name, label(name, run.families), _kind(run, name)) for name in ready]
    with bound(host, port) as listening:
        served = Served(Facts(run.results, *_about(run), offered, _best(run, ready)))
        address = address_of(listening)

        def started() -> None:
            click.echo(f"{address} offers {', '.join(one.label for one in offered)}. Ctrl+C ends it.")
            if opens:
                click.launch(address)

        if not is_loopback(host):
            click.echo("Warning: whoever reaches this address can ask; there is no log-in.", err=True)
        try:
            listen(guarded(served, [host], Rate(rate, 4 * rate)), listening, started)
        except KeyboardInterrupt:  # which uvicorn raises again once it has ended
            click.echo()
        finally:
            served.close()


def _ready(run: Run, names: Sequence[str]) -> list[str]:
    """The models to be offered, by name: ``names``, or all that are ready, with a word on the others.

    Raises SegueError where one of ``names``, or all, are not ready, and are not to be made.
    """
    wanted = [*names] or [*run.models, *run.rankers]
    files = {
        name: [*files_of_continue(run, name), *(f"{run.results}/{one}" for one in READ)] for name in wanted
    }
    if names or run.make:
        run.ready([*dict.fromkeys(path for paths in files.values() for path in paths)])
        return wanted
    ready = [name for name in wanted if not due(files[name], run.config)]
    if not ready:
        run.ready(files[wanted[0]])
    if missing := [name for name in wanted if name not in ready]:
        click.echo(f"Not ready, and made by segue serve --make: {', '.join(missing)}")
    return ready


def _best(run: Run, ready: Sequence[str]) -> str:
    path = run.results / "metrics/best.json"
    best = run.answering or (read_json(path)["model"] if path.is_file() else None)
    return best if best in ready else ready[0]


def _about(run: Run) -> tuple[str, bool, bool, int]:
    """What the run is called, whether its playlists are invented, or of edge lists, and its recall's K."""
    source, data = run.config["data"]["source"], run.config["data"]
    title = {"sample": "The built-in sample", "directory": f"Slices of {data['dir']}", "edges": "Edge lists"}
    return title[source], source == "sample", source == "edges", run.config["train"]["recall_k"]


def _kind(run: Run, name: str) -> str:
    kinds = {"network": run.trained, "blend": run.blends, "catalogue": run.rankers}
    return next((kind for kind, names in kinds.items() if name in names), "baseline")
