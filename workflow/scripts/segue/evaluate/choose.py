"""The settings of a baseline, chosen on validation edges and never on test edges."""

from typing import Any

from segue.evaluate.metrics import recall_of_scores
from segue.evaluate.protocol import block_scores, unseen_validation
from segue.graph.split import Split
from segue.jobs import log
from segue.nn.pattern import Pattern
from segue.run.trials import candidates, shown_values
from segue.scorers.fit import fit_baseline


def validation_recall(
    name: str,
    split: Split,
    settings: dict[str, Any],
    k: int,
    asked: tuple[Pattern, Pattern],
    block_mb: int = 16,
    threads: int = 1,
) -> float:
    """Recall@``k`` of the baseline ``name`` on all train edges; ``asked``: of ``unseen_validation``."""
    known, held_out = asked
    shape = split.num_playlists, split.num_tracks
    scorer = fit_baseline(name, split.all_train, shape, settings, {}, threads)
    recall = recall_of_scores(block_scores(scorer, known), known, held_out, k, block_mb)
    log.info("%s: validation Recall@%d %.4f", shown_values(settings) or "no settings", k, recall)
    return recall


def choose_settings(
    name: str,
    split: Split,
    grid: dict[str, Any],
    k: int,
    *,
    max_playlists: int | None = None,
    seed: int = 0,
    block_mb: int = 16,
    threads: int = 1,
) -> dict[str, Any]:
    """Which of the ``candidates`` of ``grid`` the baseline ``name`` finds the validation edges best with.

    Each is fitted to all train edges, which are the given tracks too, and measured by Recall@``k``; with
    ``max_playlists``, on that many playlists, drawn from ``seed`` among those with validation edges. Of
    equals the first is chosen. A single candidate is measured too: by it the best baseline is found. Test
    edges are not read.

    Returns, JSON-able, ``settings``, ``recall_k`` and ``candidates``: settings and ``validation_recall`` of
    each.
    """
    tried = candidates(grid)
    asked = unseen_validation(split, max_playlists, seed)
    recalls = [validation_recall(name, split, settings, k, asked, block_mb, threads) for settings in tried]
    best = max(range(len(tried)), key=recalls.__getitem__)
    log.info("chosen: %s", shown_values(tried[best]) or "it has no settings")
    return {
        "settings": tried[best],
        "recall_k": k,
        "candidates": [
            settings | {"validation_recall": recall} for settings, recall in zip(tried, recalls, strict=True)
        ],
    }


def chosen_by_trial(grid: dict[str, Any], trial: dict[str, Any]) -> dict[str, Any]:
    """As ``choose_settings`` returns it, and ``tuned``, what was tried: of the best trial of a baseline,
    which has measured its settings. ``grid``: the others, each alone or in a list."""
    (settings,) = candidates(grid | trial["settings"])
    return {
        "settings": settings,
        "recall_k": trial["recall_k"],
        "candidates": [settings | {"validation_recall": trial["validation_recall"]}],
        "tuned": trial["settings"],
    }
