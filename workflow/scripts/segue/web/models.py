"""The models that are asked: loaded when they first are, with one table of tracks for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.files import read_json
from segue.run.results import is_ranker
from segue.scorers.load import load_scorer
from segue.serve.answering import Continuation
from segue.serve.continuation import load
from segue.serve.from_core import FromCore
from segue.web.refused import RefusedError
from segue.web.wire import Kind, Model


@dataclass(frozen=True)
class Offered:
    """A model that may be asked: its name, label and kind."""

    name: str
    label: str
    kind: Kind


class Models:
    """``offered``: those whose files are ready, the best among them. Not for several threads at once."""

    def __init__(self, results: Path, offered: Sequence[Offered], best: str):
        self._results, self.best = results, best
        self.offered = {one.name: one for one in offered}
        self._loaded: dict[str, Continuation] = {}

    def require(self, names: Sequence[str]) -> list[str]:
        """The distinct ``names``, or the best where there is none. Raises RefusedError for one that is not
        offered."""
        for name in names:
            if name not in self.offered:
                raise RefusedError(
                    "There is no such model, or it is not ready.",
                    status=404,
                    where="$.models",
                    found=repr(name),
                    expected="one of " + ", ".join(self.offered),
                    fix="segue serve --make makes what is missing",
                )
        return [*dict.fromkeys(names)] or [self.best]

    def loaded(self, name: str) -> Continuation:
        """Reads it, where it is asked for the first time."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Continuation:
        if not is_ranker(name):
            for other in self._loaded.values():
                if isinstance(other, FromCore):
                    return other.beside(load_scorer(self._results / f"models/{name}/scorer.safetensors"))
        return load(self._results, name)

    def described(self) -> list[Model]:
        return [
            Model(
                one.name,
                one.label,
                one.kind,
                validation_recall(self._results / "models" / one.name),
                (self._results / f"maps/{one.name}.parquet").is_file(),
                "no",
            )
            for one in self.offered.values()
        ]


def validation_recall(folder: Path) -> float | None:
    """Of the model in ``folder``: its own, or that of the settings that were chosen, which are the best."""
    if (folder / "validation.json").is_file():
        return read_json(folder / "validation.json")["validation_recall"]
    if not (folder / "chosen.json").is_file():
        return None
    candidates: list[dict[str, Any]] = read_json(folder / "chosen.json").get("candidates", [])
    found = [one["validation_recall"] for one in candidates]
    return max((recall for recall in found if recall is not None), default=None)
