"""Writes the page of artists and albums: what was built of them, where they help, and of cold tracks."""

import polars as pl

from segue.files import write_text
from segue.jobs import logged
from segue.report.hetero import INVENTED, cold_answer, cold_table, popularity_answer, popularity_table
from segue.report.html import paragraph, sortable_table, tables_page
from segue.report.relations import relation_counts, relation_weights
from segue.run.families import Families
from segue.run.labels import label


def tabulate_hetero(
    sources: dict[str, list[str]],
    target: str,
    *,
    models: list[str],
    k: int,
    invented: bool,
    families: Families | None = None,
) -> None:
    """``sources``: relations and popularity, a file each, cold and coverage, a file or none, and the trained
    ``models``, a file each. ``k``: the cut-off of recall by popularity; ``invented``: whether the playlists
    are; ``families``: of the run's convolutions."""
    families = families or {}
    popularity = pl.concat([pl.read_parquet(path) for path in sources["popularity"]])
    said, tables = [*popularity_answer(popularity, k, families)], []
    shown = popularity_table(popularity, k, families)
    tables.append((shown, f"Recall@{k} by popularity of the track"))
    for path in sources["cold"]:
        cold = pl.read_parquet(path)
        said += cold_answer(cold, families)
        tables.append((cold_table(cold, k, families), "Cold tracks"))
    tables += [(pl.read_csv(path), "Cold tracks by what is known of them") for path in sources["coverage"]]
    for name, path in zip(models, sources["models"], strict=True):
        if (weights := relation_weights(path)) is not None:
            tables.append((weights, f"Weights of {label(name, families)}"))
    tables = [*((relation_counts(path), "The graph") for path in sources["relations"]), *tables]
    sections = [paragraph(sentence) for sentence in [*said, *([INVENTED] if invented else [])]]
    sections += [sortable_table(table, title, _formats(table)) for table, title in tables]
    write_text(target, tables_page("Artists and albums", sections))


def _formats(table: pl.DataFrame) -> dict[str, str]:
    """Counts with commas, differences with their sign; of what else is a share, four digits."""
    signed = {name for name in table.columns if name.startswith("gain")}
    if signed == {"gain"}:  # whose bounds the others are
        signed |= {"from", "to"}
    formats = {name: "," for name, dtype in table.schema.items() if dtype.is_integer()}
    return formats | {
        name: ".1f" if name.startswith("times") else "+z.4f" if name in signed else ".4f"
        for name, dtype in table.schema.items()
        if dtype.is_float()
    }


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_hetero(
            {name: [*map(str, files)] for name, files in snakemake.input.items()},
            snakemake.output.page,
            **snakemake.params.settings,
        )
