"""Fits a title encoder to the catalogue's titles and the tracks on their playlists."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.titles import title_words
from segue.channels.neighbours import ranges
from segue.channels.ngrams import Bags
from segue.channels.title_encoder import SETTINGS, TitleEncoder, encoded
from segue.errors import SegueError
from segue.jobs import log
from segue.nn.systematic import ONE, inclusion, systematic_sample
from segue.nn.topk import rows_per_block
from segue.scorers.frozen import Frozen

HELD_OUT = 0.1  # of the titles, to say after how many epochs to stop
BETA = 0.5  # a track is drawn with probability as its degree^BETA
BLOCK = 2**18  # edges whose tracks' rows are held at a time
BLOCK_MB = 64  # of scores


class TitleLoss:
    r"""The cross-entropy of the tracks on the playlists of a title, with a draw S of tracks as classes:

    .. math::
        L_i = \ln \sum_{j \in S} \exp(\langle e_i, y_j \rangle - \ln \pi_j) - \langle e_i, m_i \rangle

    m_i is the mean of the rows y of all tracks on playlists of title i: the positives' part of L, whatever
    their number. S and its inclusion probabilities pi are as in `segue.nn.softmax`. The mean over titles
    weighs each by the square root of its playlists.

    ``tracks``: [C, d'], y; ``degree``: [C]; ``means``: [n, d'], m; ``playlists``: [n], of each title;
    ``drawn``: |S|, all tracks where there are no more.
    """

    def __init__(self, tracks: Tensor, degree: Tensor, means: Tensor, playlists: Tensor, drawn: int):
        self.tracks, self.means, self.weight = tracks, means, playlists.sqrt()
        log_degree = degree.clamp(min=1).double().log()
        self.included = inclusion(BETA * log_degree, drawn) if drawn < len(tracks) else None

    def drawn(self, rows: Tensor, titles: Tensor, generator: torch.Generator) -> Tensor:
        """The mean over ``titles`` [k], whose e are ``rows`` [k, d'], with a new draw."""
        if self.included is None:
            return self.whole(rows, titles)
        drawn = systematic_sample(self.included, generator)
        correction = (self.included[drawn].double() / ONE).log().float()
        return self._mean(rows @ self.tracks[drawn].T - correction, rows, titles)

    def whole(self, rows: Tensor, titles: Tensor) -> Tensor:
        """The same with all tracks."""
        return self._mean(rows @ self.tracks.T, rows, titles)

    def _mean(self, logits: Tensor, rows: Tensor, titles: Tensor) -> Tensor:
        each = logits.logsumexp(dim=1) - torch.linalg.vecdot(rows, self.means[titles])
        return each @ self.weight[titles] / self.weight[titles].sum()


def fit_title_encoder(catalogue: Catalogue, network: Frozen, settings: dict[str, Any]) -> TitleEncoder:
    """An encoder into the space of the rows of ``network``, which knows all candidates.

    ``settings``: ngrams [shortest, longest], buckets, tracks (drawn), epochs (at most), lr, batch (titles),
    seed. After as many epochs as suit HELD_OUT of the titles best, all are learned from, from the start.
    Titles of the same words in the same order are one. Raises SegueError when no playlist has a title, or
    the network is of another catalogue.
    """
    if network.facts["catalogue"] != catalogue.digest:
        raise SegueError(
            "The network that titles are to be learned from does not know the run's candidates.",
            where="title_encoder.model",
            found=f"{network.facts['model']}, of digest {network.facts['catalogue']}",
            expected=f"one extended to the candidates of digest {catalogue.digest}",
            fix="make it again: snakemake makes only what is stale",
        )
    tracks = network.tracks
    names, means, playlists = title_means(catalogue, tracks)
    bagging = dict(zip(SETTINGS, (*settings["ngrams"], settings["buckets"]), strict=True))
    bags = Bags.of(names, bagging)
    used, places = bags.ids.unique(return_inverse=True)
    bags = Bags(bags.starts, places)  # a step of Adam moves every row: of the table only those that are used
    degree = torch.from_numpy(catalogue.degree[: len(tracks)].copy())
    loss = TitleLoss(tracks, degree, means, playlists, settings["tracks"])
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(settings["seed"]))
    held_out, others = order.tensor_split([math.ceil(HELD_OUT * len(names))])
    _, losses = _trained(bags, loss, others, settings, settings["epochs"], held_out)
    epochs = int(np.argmin(losses)) + 1
    log.info("%d titles; %d epochs, held-out loss %.4f", len(names), epochs, losses[epochs - 1])
    (rows, base), _ = _trained(bags, loss, order, settings, epochs)
    table = rows.new_zeros(settings["buckets"], rows.size(1))
    table[used] = rows
    known = torch.zeros(settings["buckets"], dtype=torch.bool)
    known[used] = True
    facts = {
        "model": TitleEncoder.KIND,
        "catalogue": catalogue.digest,
        "network": network.facts["model"],
        "titles": len(names),
        "epochs": epochs,
        "held_out_loss": losses[epochs - 1],
    }
    return TitleEncoder(table, base, known, tracks, bagging, facts)


def title_means(catalogue: Catalogue, tracks: Tensor) -> tuple[list[str], Tensor, Tensor]:
    """The n distinct titles of playlists with a candidate, as words, sorted; [n, d'] float32, the mean of the
    ``tracks``' rows of each, a track as often as playlists have it; [n] float32, the playlists of each."""
    sizes = catalogue.ends - catalogue.rowptr[:-1]
    titles = [" ".join(title_words(name or "")) for name in catalogue.playlists["name"]]
    names = sorted({title for title, size in zip(titles, sizes, strict=True) if title and size})
    if not names:
        raise SegueError(
            "A title encoder has nothing to learn from.",
            where=str(catalogue.folder),
            found="no playlist with a title and a candidate",
            expected="playlists with titles, as the MPD's",
            fix="set title_encoder.model to null",
        )
    place = {name: number for number, name in enumerate(names)}
    title = np.array([place.get(one, -1) for one in titles])
    title[sizes == 0] = -1
    sums = torch.zeros(len(names), tracks.size(1))
    titled = np.flatnonzero(title >= 0)
    blocks = np.cumsum(sizes[titled]) // BLOCK
    for rows in np.split(titled, np.flatnonzero(np.diff(blocks)) + 1):
        cols = catalogue.cols[ranges(catalogue.rowptr[rows], catalogue.ends[rows])]
        of_title = torch.from_numpy(np.repeat(title[rows], sizes[rows]))
        sums.index_add_(0, of_title, tracks[torch.from_numpy(cols).long()])
    edges = np.bincount(title[titled], sizes[titled], len(names))
    means = sums / torch.from_numpy(edges).float()[:, None]
    return names, means, torch.from_numpy(np.bincount(title[titled], minlength=len(names))).float()


def _trained(
    bags: Bags,
    loss: TitleLoss,
    titles: Tensor,
    settings: dict[str, Any],
    epochs: int,
    held_out: Tensor | None = None,
) -> tuple[tuple[Tensor, Tensor], list[float]]:
    """The rows of the buckets of ``bags``, and base, after ``epochs`` over ``titles`` [k] by Adam; the loss
    of ``held_out`` titles after each, where there are some."""
    generator = torch.Generator().manual_seed(settings["seed"])
    width = loss.tracks.size(1)
    table = torch.zeros(int(bags.ids.max()) + 1, width, requires_grad=True)
    base = torch.zeros(width, requires_grad=True)
    adam = torch.optim.Adam([table, base], lr=settings["lr"])
    losses = []
    for _ in range(epochs):
        shuffled = titles[torch.randperm(len(titles), generator=generator)]
        for some in shuffled.split(settings["batch"]):
            adam.zero_grad()
            loss.drawn(encoded(bags.take(some), table, base), some, generator).backward()
            adam.step()
        if held_out is not None:
            losses.append(_held_out_loss(bags, loss, held_out, table, base))
    return (table.detach(), base.detach()), losses


@torch.no_grad()
def _held_out_loss(bags: Bags, loss: TitleLoss, titles: Tensor, table: Tensor, base: Tensor) -> float:
    total = 0.0
    for some in titles.split(rows_per_block(len(loss.tracks), BLOCK_MB)):
        mean = loss.whole(encoded(bags.take(some), table, base), some)
        total += float(mean * loss.weight[some].sum())
    return total / float(loss.weight[titles].sum())
