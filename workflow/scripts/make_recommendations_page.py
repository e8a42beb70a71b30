"""Writes the page of one model's recommendations."""

import polars as pl
from safetensors.numpy import load_file

from segue.files import write_text
from segue.jobs import logged
from segue.report.cards import recommendations_page
from segue.run.families import Families
from segue.run.labels import label
from segue.run.models import Model


def make_recommendations_page(
    model: str,
    table: str,
    split: str,
    graph: dict[str, str],
    target: str,
    families: Families | None = None,
) -> None:
    """``graph``: edges, playlists and tracks of the k-core; ``families``: of the run's convolutions."""
    test = load_file(split)["test"]
    held_out = pl.DataFrame({"playlist": test[0], "track": test[1]}).cast(pl.Int32)
    tables = {name: pl.read_parquet(path) for name, path in graph.items()}
    page = recommendations_page(label(model, families), pl.read_parquet(table), held_out=held_out, **tables)
    write_text(target, page)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        make_recommendations_page(
            Model.of(snakemake.wildcards).name,
            snakemake.input.table,
            snakemake.input.split,
            {name: snakemake.input[name] for name in ("edges", "playlists", "tracks")},
            snakemake.output.page,
            **snakemake.params.settings,
        )
