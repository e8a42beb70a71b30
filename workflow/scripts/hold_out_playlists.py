"""Draws the whole playlists that are held out for the challenge, from the tables of all batches."""

import polars as pl

from segue.challenge.challenge_set import answers, challenge_set, held_out_entries
from segue.challenge.holdout import draw_held_out
from segue.files import save_table, write_json
from segue.graph.merge import merge
from segue.jobs import log, logged

TABLES = ("edges", "playlists", "tracks")
VALIDATION = "validation_"


def hold_out_playlists(
    sources: dict[str, list[str]], quarantine: str, targets: dict[str, str], settings: dict
) -> None:
    """``sources``: lists of files by table, one a batch; ``settings``: the configuration's ``challenge``.

    ``targets``: challenge_set (JSON), held_out and answers (Parquet), stats (JSON), and the same with
    ``validation_`` in front; of each of the two parts where playlists are held out for it.
    """
    files = [sources[name] for name in TABLES]
    merged = merge(*files, pl.read_parquet(quarantine))
    names = pl.concat(pl.read_parquet(path, columns=["name"]) for path in sources["playlists"])["name"]
    parts = draw_held_out(
        merged.playlist,
        merged.track,
        merged.playlists["pid"].to_numpy(),
        (names.fill_null("").str.strip_chars() != "").to_numpy(),
        len(merged.first_row),
        per_category=settings["playlists_per_category"] or 0,
        validation_per_category=settings["validation_per_category"] or 0,
        categories=settings["categories"],
        lone_tracks=settings["lone_tracks"],
        seed=settings["seed"],
    )
    names = "held out", "held out for validation"
    for drawn, prefix, name in zip(parts, ("", VALIDATION), names, strict=True):
        if prefix + "held_out" not in targets:
            continue
        for row in drawn.counts["categories"]:
            log.info("category {category} ({given}): {playlists} of {candidates} playlists".format(**row))
        log.info(
            "%d of %d playlists %s; %d of their tracks are on no other playlist and are left out",
            *(drawn.counts[key] for key in ("held_out", "playlists")),
            name,
            drawn.counts["lone_tracks_of_held_out"],
        )
        entries = held_out_entries(*files, merged, drawn, settings["seed"])
        found = answers(entries)
        save_table(found.select("pid", "category").unique(maintain_order=True), targets[prefix + "held_out"])
        save_table(found, targets[prefix + "answers"])
        write_json(targets[prefix + "challenge_set"], challenge_set(entries, f"{name} by Segue"))
        write_json(targets[prefix + "stats"], drawn.counts | {"answers": found.height})


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        hold_out_playlists(
            {name: snakemake.input[name] for name in TABLES},
            snakemake.input.quarantine,
            dict(snakemake.output.items()),
            snakemake.params.settings,
        )
