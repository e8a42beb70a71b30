"""The settings of a ranker, chosen on validation playlists and never on those that are reported."""

from collections.abc import Callable
from typing import Any

from segue.catalogue.rankers import Ranker
from segue.challenge.scores import METRICS, shown_means
from segue.challenge.validation import Validation
from segue.jobs import log
from segue.run.trials import candidates, shown_values


def choose_ranker(
    make: Callable[..., Ranker], validation: Validation, grid: dict[str, Any]
) -> dict[str, Any]:
    """Which of the ``candidates`` of ``grid`` finds what is to be found with the highest mean NDCG, of the
    challenge's metrics the one that looks at all 500 places. Of equals the first is chosen.

    Returns, JSON-able, ``settings``, ``playlists`` (how many), ``validation``, the mean of each of METRICS,
    and ``candidates``, settings and means of each.
    """
    tried = []
    for settings in candidates(grid):
        values = validation.measure(make(**settings))
        means = {name: float(values[name].mean()) for name in METRICS}
        log.info("%s: %s", shown_values(settings), shown_means(means))
        tried.append(settings | means)
    best = max(tried, key=lambda one: one["ndcg"])
    settings, means = ({name: best[name] for name in names} for names in (grid, METRICS))
    log.info("chosen: %s", shown_values(settings))
    return {
        "settings": settings,
        "playlists": len(validation.queries),
        "validation": means,
        "candidates": tried,
    }
