"""What one sees of a run at a glance: what was trained on what, who won, by how much, on what evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from segue.errors import counted
from segue.report.tables import title
from segue.run.families import Families, conv_label, family, kinds_of
from segue.run.labels import label

SOURCES = {
    "sample": "invented playlists of the built-in sample",
    "directory": "playlists",
    "edges": "playlists, read from edge lists",
}
LEAD = "best network's lead"
INVENTED = "They have the statistics of Spotify's Million Playlist Dataset and none of its contents."


@dataclass(frozen=True)
class Finished:
    """A finished run. ``summary``, ``paired``, ``others``: the tables in its folder metrics; ``validated``:
    the validation recall of each of its networks; ``families``: of its convolutions."""

    summary: pl.DataFrame
    paired: pl.DataFrame
    others: pl.DataFrame
    validated: Mapping[str, float | None]
    k: int
    families: Families

    @property
    def pair(self) -> tuple[str, str]:
        """The network and the baseline that validation found best."""
        chosen = self.paired.filter("by_validation").row(0, named=True)
        return chosen["model"], chosen["baseline"]

    @property
    def metrics(self) -> list[str]:
        """Recall at ``k``, and NDCG at the least cut-off, which is nearest to what people look at."""
        cuts = [int(name.partition("@")[2]) for name in self.summary.columns if name.startswith("ndcg@")]
        return [f"recall@{self.k}", f"ndcg@{min(cuts)}"]

    @property
    def top(self) -> str:
        """Whose test recall is the highest."""
        return self.summary.sort(self.metrics[0], descending=True)["model"][0]

    @property
    def seeds(self) -> int:
        """Of how many a network's values are means."""
        return self.summary["seeds"].max() or 1 if "seeds" in self.summary.columns else 1

    def label(self, model: str) -> str:
        return label(model, self.families)

    def value(self, model: str, metric: str) -> float:
        return self.summary.row(by_predicate=pl.col("model") == model, named=True)[metric]

    def difference(self, other: str, metric: str) -> dict[str, Any]:
        """Of the best network to ``other``: difference, low, high, playlists and verdict."""
        best, _ = self.pair
        rows = pl.concat([self.paired.drop("by_validation").rename({"baseline": "other"}), self.others])
        return rows.row(
            by_predicate=(pl.col("model") == best)
            & (pl.col("other") == other)
            & (pl.col("metric") == metric),
            named=True,
        )

    def first_of_each_family(self) -> list[str]:
        """Of each family the network with the highest validation recall, the best of all first."""
        best, _ = self.pair
        rows = self.summary.filter(pl.col("conv").is_not_null()).select("model", "conv").rows()
        order = sorted(rows, key=lambda row: (row[0] != best, -(self.validated[row[0]] or 0.0), row[0]))
        found: dict[str, str] = {}
        for model, conv in order:
            found.setdefault(family(conv, self.families), model)
        return [*found.values()]

    def blends(self) -> list[str]:
        compared = [*self.paired["baseline"], *self.summary.drop_nulls("conv")["model"]]
        return [name for name in self.summary["model"] if name not in compared]


def trained_on(config: Mapping[str, Any], stats: Mapping[str, Any], run: Finished) -> str:
    """What was trained on what, in words."""
    before, after = stats["before"], stats["after"]
    convs = run.summary.drop_nulls("conv")["conv"]
    names = dict.fromkeys(conv_label(family(conv, run.families), {}) for conv in convs)
    kinds = dict.fromkeys(f"{kind}s" for conv in convs for kind in kinds_of(conv, run.families))
    some = " or without" * any(not kinds_of(conv, run.families) for conv in convs)
    related = f", with {_listed([*kinds])} as nodes{some}," if kinds else ""
    core = "all" if stats["k_core"] == 1 else f"the {stats['k_core']}-core of"
    text = (
        f"{counted(len(convs), 'graph network')} of {_listed([*names])}{related} learned from a graph of "
        f"{after['playlists']:,} playlists, {after['tracks']:,} tracks and {after['edges']:,} edges: {core} "
        f"{before['playlists']:,} {SOURCES[config['data']['source']]}."
    )
    return f"{text} {INVENTED}" if config["data"]["source"] == "sample" else text


def headline(run: Finished) -> str:
    """Who won, by recall on the test: the network that validation chose, the baseline, or neither; or a blend
    that is better for sure than a network that is better than the baseline."""
    (model, baseline), recall = map(run.label, run.pair), run.metrics[0]
    verdict = run.difference(run.pair[1], recall)["verdict"]
    top = run.top
    if verdict == "better" and top in run.blends() and run.difference(top, recall)["verdict"] == "worse":
        return f"The blend {top} continues playlists best"
    if verdict == "better":
        return f"{model} continues playlists best"
    if verdict == "worse":
        return f"The baseline {baseline} continues playlists better than the best graph network"
    return f"{model} and the baseline {baseline} are level"


def answer(run: Finished) -> Iterator[str]:
    """Sentences: by how much the best network is ahead of the best baseline, or behind; and by what else."""
    (model, baseline), (recall, *rest) = run.pair, run.metrics
    found, other = (f"{run.value(name, recall):.2%}" for name in (model, baseline))
    lead = ahead(run.difference(baseline, recall), 100, ".2f", " points")
    yield (
        f"Validation chose the network {run.label(model)} and the baseline {run.label(baseline)}. On "
        f"the test the network finds {found} of a playlist's held-out tracks among its first {run.k}, "
        f"the baseline {other}: {lead}."
    )
    for metric in rest:
        values = f"{run.value(model, metric):.4f} and {run.value(baseline, metric):.4f}"
        lead = ahead(run.difference(baseline, metric), 1, ".4f", "")
        yield f"By {title(metric)}, {values}: {lead}."
    top, highest = run.top, f"{run.value(run.top, recall):.2%}"
    if top in run.blends():
        lead = ahead(run.difference(top, recall), 100, ".2f", " points", "the network")
        yield f"The blend {top} finds {highest}: {lead}."
    elif top not in (model, baseline):
        yield (
            f"On the test alone {run.label(top)} has the highest {title(recall)}, {highest}; validation had "
            "not chosen it."
        )


def ahead(row: Mapping[str, Any], scale: int, spec: str, unit: str, who: str = "it") -> str:
    """Of the network, with the interval; of what may be chance, that it may."""
    value, low, high = (scale * row[key] for key in ("difference", "low", "high"))
    if row["verdict"] == "undecided":
        shown, least, most = (f"{number:+z{spec}}" for number in (value, low, high))
        return f"the difference, {shown}{unit}, may be chance (95% interval {least} to {most})"
    if row["verdict"] == "worse":
        return f"{who} is behind by {-value:{spec}}{unit} (95% interval {-high:{spec}} to {-low:{spec}})"
    return f"{who} is ahead by {value:{spec}}{unit} (95% interval {low:{spec}} to {high:{spec}})"


def evidence(run: Finished) -> str:
    playlists, seeds = run.paired["playlists"][0], run.seeds
    trained = f"a mean of {seeds} trainings" if seeds > 1 else "one training"
    return (
        f"{playlists:,} playlists with held-out tracks, the same for all; intervals hold 95% of a paired "
        f"bootstrap over them. A network's value is {trained}: another seed would move it too."
    )


def shown_models(run: Finished) -> pl.DataFrame:
    """The short table: the best network of each family, blends, the best baseline and popularity, the
    highest recall first; and what the best network is ahead of each by, with the 95% interval of that."""
    best, baseline = run.pair
    recall, ndcg = run.metrics
    networks = run.first_of_each_family()
    roles = dict.fromkeys(networks, "network") | dict.fromkeys(run.blends(), "blend")
    roles |= {name: "baseline" for name in (baseline, "popularity") if name in run.summary["model"]}
    rows = []
    for name, role in roles.items():
        lead = None if name == best else run.difference(name, recall)
        rows.append(
            {
                "model": run.label(name),
                "kind": role,
                title(recall): run.value(name, recall),
                title(ndcg): run.value(name, ndcg),
                LEAD: lead and lead["difference"],
                "95% interval": lead and "{low:z.4f} to {high:z.4f}".format(**lead),
            }
        )
    return pl.DataFrame(rows).sort(title(recall), descending=True)


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
