"""Measures what can be found by a title, as it is and as other people would write it.

PYTHONPATH=workflow/scripts python benchmarks/titles.py RESULTS [--share 0.3] [--json FILE]
RESULTS is the folder of a run of config/challenge.yaml, which names the network, such as results/challenge.
Its validation playlists of categories 1 (title) and 2 (title and first track) are continued by the title
index, as where nothing else is known, by joint neighbours, by the title encoder, and by the sum of the last
two, each standardised. Titles are changed by one of the sample's variants at a time; those that it cannot
change are left out. All is learned twice: from the sample's titles, and from titles of which a share varies,
as with data.sample.title_variants. That changes no track, so that the network stays.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import torch

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.catalogue.titles import TitleIndex
from segue.challenge.metrics import RANKS
from segue.challenge.scores import METRICS
from segue.challenge.validation import Validation, read_validation
from segue.channels.fit_title_encoder import fit_title_encoder
from segue.channels.joint import Joint
from segue.channels.title_encoder import TitleEncoder
from segue.files import read_json, write_json
from segue.nn.topk import top_k
from segue.run.config import read_config
from segue.sample.variants import VARIANTS, varied
from segue.scorers.load import load_scorer

CONFIGS = [Path(__file__).parents[1] / f"config/{name}.yaml" for name in ("config", "challenge")]
CATEGORIES = (1, 2)
AS_IT_IS = "as it is"
DRAWS = 20  # of a variant, until one changes the title
SEED = 1
Scores = Callable[[Queries], torch.Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="folder of a run")
    parser.add_argument("--share", type=float, default=0.3, help="of the titles that vary")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # as fit_title_encoder has it
    results = measure(arguments.results, arguments.share)
    print(pl.DataFrame(results["rows"]))
    if arguments.json:
        write_json(arguments.json, results)


def measure(folder: Path, share: float) -> dict:
    """``rows``: what was learned from, variant, category, playlists, ranker, and mean, difference from joint
    and its paired standard error of each metric."""
    catalogue = Catalogue(folder / "catalogue")
    files = (folder / f"challenge/validation/{name}" for name in ("challenge_set.json", "answers.parquet"))
    validation = read_validation(catalogue, *files)
    settings = read_config(*CONFIGS)["title_encoder"]
    network = settings["model"]
    frozen = load_scorer(folder / f"models/{network}/catalogue.safetensors")
    joint = Joint(catalogue, **read_json(folder / "models/joint/chosen.json")["settings"])
    names = catalogue.playlists["name"].to_list()
    rows, fits = [], []
    for learned in (0.0, share):
        titles, _ = varied([name or "" for name in names], learned, np.random.default_rng(SEED))
        catalogue.playlists = catalogue.playlists.with_columns(name=pl.Series(titles))
        catalogue.titles = TitleIndex.of(titles)
        started = time.process_time()
        encoder = fit_title_encoder(catalogue, frozen, settings)
        spent = time.process_time() - started
        fits.append({"varied": learned, "titles": encoder.facts["titles"], "seconds": spent})
        rankers = {
            "index": partial(by_index, catalogue),
            "joint": joint.scores,
            "encoder": partial(by_encoder, encoder),
            "joint and encoder": partial(by_both, joint, encoder),
        }
        for variant in (AS_IT_IS, *VARIANTS):
            for category in CATEGORIES:
                rows += compared(rankers, validation, category, variant, {"varied": learned})
    return {"network": network, "fits": fits, "rows": rows}


def compared(
    rankers: dict[str, Scores], validation: Validation, category: int, variant: str, keys: dict
) -> list[dict]:
    """A row for each of ``rankers``, on the same playlists."""
    playlists = np.flatnonzero(validation.category == category)
    every = list(validation.queries)
    titles = [other_title(every[row][1], variant, row) for row in playlists.tolist()]
    changed = np.array([title is not None for title in titles])
    playlists, titles = playlists[changed], [title for title in titles if title is not None]
    tracks = [every[row][0] for row in playlists.tolist()]
    queries = Queries.of(tracks, titles, validation.queries.num_tracks)
    values = {
        name: validation.metrics(best(scores(queries), queries), playlists)
        for name, scores in rankers.items()
    }
    rows = []
    for name in rankers:
        row = {**keys, "variant": variant, "category": category, "playlists": len(titles), "ranker": name}
        for metric in METRICS:
            difference = values[name][metric] - values["joint"][metric]
            row[metric] = float(values[name][metric].mean())
            row[f"{metric}_difference"] = float(difference.mean())
            row[f"{metric}_error"] = float(difference.std(ddof=1) / len(titles) ** 0.5)
        rows.append(row)
    return rows


def other_title(title: str | None, variant: str, number: int) -> str | None:
    """``title`` by ``variant``, drawn for playlist ``number``; None where that cannot change it."""
    if variant == AS_IT_IS or not title:
        return title or None
    rng = np.random.default_rng([SEED, number])
    tried = (VARIANTS[variant](title, rng) for _ in range(DRAWS))
    return next((other for other in tried if other != title), None)


def best(scores: torch.Tensor, queries: Queries) -> np.ndarray:
    """[n, RANKS] the best candidates of each playlist but those that are given."""
    given = queries.given(scores.size(1))
    scores[given.rows.long(), given.cols.long()] = -torch.inf
    return top_k(scores, RANKS).numpy()


def by_index(catalogue: Catalogue, queries: Queries) -> torch.Tensor:
    """[n, C] how many of the playlists of such titles have a track, weighted as where `segue continue` knows
    a title alone; zeros, which leave the most popular tracks first, where there are none."""
    scores = torch.zeros(len(queries), catalogue.num_candidates)
    for row, (_, title) in zip(scores, queries, strict=True):
        for playlist, weight in zip(*(catalogue.titles.lookup(title or "") or ((), ())), strict=True):
            start, stop = catalogue.rowptr[playlist], catalogue.ends[playlist]
            row[torch.from_numpy(catalogue.cols[start:stop]).long()] += float(weight)
    return scores


def by_encoder(encoder: TitleEncoder, queries: Queries) -> torch.Tensor:
    """The same by the encoder."""
    return torch.from_numpy(encoder.scores(queries)).nan_to_num(0.0)


def by_both(joint: Joint, encoder: TitleEncoder, queries: Queries) -> torch.Tensor:
    """The sum of both, standardised."""
    each = (joint.scores(queries), by_encoder(encoder, queries))
    return sum((one - one.mean(1, keepdim=True)) / one.std(1, keepdim=True).clamp(min=1e-12) for one in each)


if __name__ == "__main__":
    main()
