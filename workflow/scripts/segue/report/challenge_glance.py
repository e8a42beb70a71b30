"""What one sees of a challenge at a glance: who continues whole playlists best, and by how much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from segue.challenge.scores import METRICS
from segue.report.glance import LEAD, ahead
from segue.report.winners import called, ranked
from segue.run.contenders import kind_of
from segue.run.families import Families
from segue.run.labels import label
from segue.run.measured import verdict

FIRST = next(iter(METRICS))  # what contenders are ranked by
THE_LEAD = LEAD.replace("best network", "first")


@dataclass(frozen=True)
class Scored:
    """A challenge with its scores. ``summary``, ``paired``: the tables in its folder; paired is None where
    nothing answers from the catalogue."""

    summary: pl.DataFrame
    paired: pl.DataFrame | None
    families: Families

    @property
    def leaders(self) -> list[dict[str, Any]]:
        """The first two rows by FIRST; one where there is one contender."""
        return ranked(self.summary, FIRST).head(2).to_dicts()

    def difference(self, one: str, other: str, metric: str) -> Mapping[str, Any] | None:
        """By how much ``one`` is better than ``other``, where less may be better: difference, low, high and
        verdict, as ``ahead`` takes them; None where the two were not compared."""
        if self.paired is None:
            return None
        better = -1 if METRICS[metric].less_is_better else 1
        for first, second, sign in ((one, other, better), (other, one, -better)):
            for row in self.paired.filter(contender=first, against=second, metric=metric).to_dicts():
                low, high = sorted(sign * row[bound] for bound in ("low", "high"))
                bounds = {"low": low, "high": high, "verdict": verdict(low, high)}
                return {"difference": sign * row["difference"], **bounds}
        return None


def headline(run: Scored) -> str:
    """Who won by FIRST, and no more than the interval to the second lets it say."""
    first, *others = run.leaders
    found = run.difference(first["model"], others[0]["model"], FIRST) if others else None
    name = called(first, run.families)
    if found is None:
        return f"The {name} has the highest {METRICS[FIRST].title} on playlists that no model has seen"
    if found["verdict"] == "better":
        return f"The {name} continues playlists that no model has seen best"
    return (
        f"The {name} and the {called(others[0], run.families)} are level on playlists that no model has seen"
    )


def answer(run: Scored) -> Iterator[str]:
    """Sentences, one a metric: what the first reaches, what the second, and by how much it is ahead."""
    first, *others = run.leaders
    places = [f"the {called(first, run.families)} is first"]
    places += [f"the {called(row, run.families)} second" for row in others]
    yield (
        f"{first['playlists']:,} whole playlists were held out, in categories of the RecSys Challenge 2018, "
        f"and continued by 500 tracks each. By {METRICS[FIRST].title} {', '.join(places)}."
    )
    for name, metric in METRICS.items():
        spec = ".3f" if metric.less_is_better else ".4f"
        values = " and ".join(f"{row[name]:{spec}}" for row in (first, *others))
        lead = ""
        found = run.difference(first["model"], others[0]["model"], name) if others else None
        if found is not None:
            lead = ": " + ahead(found, 1, spec, "", "the first")
        yield f"By {metric.title}, {values}{', fewer being better' * metric.less_is_better}{lead}."


def evidence(run: Scored) -> str:
    sure = "; intervals hold 95% of a paired bootstrap over them" if run.paired is not None else ""
    return f"{run.leaders[0]['playlists']:,} playlists, the same for all{sure}. Each model was trained once."


def shown_contenders(run: Scored) -> pl.DataFrame:
    """The short table: of each kind the best by FIRST, and popularity; what the first of all is ahead of each
    by, with the 95% interval of that."""
    rows, kinds = [], set()
    leader = run.leaders[0]["model"]
    for row in ranked(run.summary, FIRST).iter_rows(named=True):
        kind = kind_of(row["model"], row["conv"] is not None)
        if kind in kinds and row["model"] != "popularity":
            continue
        kinds.add(kind)
        found = run.difference(leader, row["model"], FIRST) if row["model"] != leader else None
        rows.append(
            {
                "contender": label(row["model"], run.families),
                "kind": kind,
                **{metric.title: row[name] for name, metric in METRICS.items()},
                THE_LEAD: found and found["difference"],
                "95% interval": found and "{low:z.4f} to {high:z.4f}".format(**found),
            }
        )
    return pl.DataFrame(rows, schema_overrides={THE_LEAD: pl.Float64, "95% interval": pl.String})
