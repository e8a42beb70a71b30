"""The models that are offered, all of them in memory, with one table of tracks for all."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from segue.catalogue.catalogue import Catalogue
from segue.run.results import is_ranker, scorer_file
from segue.scorers.load import load_scorer
from segue.serve.answering import Continuation
from segue.serve.available import models as table_of_models
from segue.serve.continuation import load
from segue.serve.from_catalogue import FromCatalogue
from segue.serve.pulls import explains
from segue.serve.rankers import load_ranker
from segue.web.refused import RefusedError
from segue.web.wire import Model


class Models:
    """``names``: of models of the run in the folder ``results`` that are ready, the first the one that is
    asked where none is named. ``loaded``: these, by name."""

    def __init__(self, results: Path, names: Sequence[str]):
        self.loaded = dict(_loaded(results, names))
        rows = {row["model"]: row for row in table_of_models(results).iter_rows(named=True)}
        self.described = [
            Model(
                name,
                rows[name]["label"],
                rows[name]["kind"],
                rows[name]["validation_recall"],
                (results / f"maps/{name}.parquet").is_file(),
                explains(model),
            )
            for name, model in self.loaded.items()
        ]
        self.labels = {one.id: one.label for one in self.described}

    @property
    def first(self) -> Continuation:
        return next(iter(self.loaded.values()))

    def require(self, names: Sequence[str]) -> list[str]:
        """The distinct ``names``, or the first where there is none. Raises RefusedError for one that is not
        offered."""
        for name in names:
            if name not in self.loaded:
                raise RefusedError(
                    "There is no such model, or it is not ready.",
                    status=404,
                    where="models",
                    found=repr(name),
                    expected="one of " + ", ".join(self.loaded),
                    fix="segue serve --make makes what is missing",
                )
        return [*dict.fromkeys(names)] or [next(iter(self.loaded))]


def _loaded(results: Path, names: Sequence[str]) -> Iterator[tuple[str, Continuation]]:
    catalogue = functools.cache(lambda: Catalogue(results / "catalogue"))
    core = None
    for name in names:
        if is_ranker(name):
            yield name, FromCatalogue(load_ranker(results, name, catalogue()), catalogue())
        elif core is None:
            core = load(results, name)
            yield name, core
        else:
            yield name, core.beside(load_scorer(results / scorer_file(name)))
