"""What a training minimises: a loss on pairs with drawn negatives, or the softmax over one shared draw."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from segue.jobs import log
from segue.nn.losses import l2_penalty
from segue.nn.negatives import Embed, Sampler
from segue.nn.pattern import Pattern
from segue.nn.score import Score
from segue.nn.sparse import sddmm
from segue.run.registry import LOSSES, SAMPLERS, named
from segue.train.graphs import Pair, Stage

if TYPE_CHECKING:
    from segue.nn.softmax import SoftmaxLoss


class Objective(Protocol):
    """What the loop asks of both. ``z``: embeddings of playlists [P, d] and of tracks [T, d]."""

    @property
    def score(self) -> Score:
        """How its model is scored while it trains."""
        ...

    def draw(self, epoch: int, embed: Embed, generator: torch.Generator) -> None:
        """Draws what the step of ``epoch``, from 0, is to tell from the positives."""
        ...

    def __call__(self, z: Pair, inputs: Pair) -> Pair:
        """The loss, and what the step minimises: the loss with its L2 penalty on the ``inputs``."""
        ...

    def validated(self, z: Pair, positives: Pattern, positive: Tensor, negative: Tensor) -> Tensor:
        """The loss of the validation edges ``positives``; ``positive`` and ``negative``: scores of them and
        of negatives that stay the same."""
        ...

    def state_dict(self) -> dict[str, Tensor]: ...

    def load_state_dict(self, state: dict[str, Tensor]) -> None: ...


class Pairwise:
    """``loss`` on each positive and its negative, drawn by ``sampler``; L2 with strength ``l2``."""

    score = Score()

    def __init__(
        self, positives: Pattern, sampler: Sampler, loss: Callable[[Tensor, Tensor], Tensor], l2: float
    ):
        self.positives, self.sampler, self.loss, self.l2 = positives, sampler, loss, l2

    def draw(self, epoch: int, embed: Embed, generator: torch.Generator) -> None:
        self.negatives = self.positives.with_cols(self.sampler.sample(epoch, embed, generator))

    def __call__(self, z: Pair, inputs: Pair) -> Pair:
        pairs = self.positives, self.negatives
        value = self.loss(*(sddmm(each, *z) for each in pairs))
        return value, value + self.l2 * l2_penalty(*inputs, *pairs) if self.l2 else value

    def validated(self, z: Pair, positives: Pattern, positive: Tensor, negative: Tensor) -> Tensor:
        return self.loss(positive, negative)

    def state_dict(self) -> dict[str, Tensor]:
        return self.sampler.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.sampler.load_state_dict(state)


class SharedDraw:
    """``loss`` on every positive against one draw of tracks for all playlists, another at each step.

    Validation has its own draw, from ``generator``, which stays.
    """

    def __init__(self, positives: Pattern, loss: "SoftmaxLoss", score: Score, generator: torch.Generator):
        self.positives, self.loss, self.score = positives, loss, score
        self.of_validation = loss.draw(generator)

    def draw(self, epoch: int, embed: Embed, generator: torch.Generator) -> None:
        self.drawn = self.loss.draw(generator)

    def __call__(self, z: Pair, inputs: Pair) -> Pair:
        value = self.loss.of(self.positives, *z, self.drawn)
        return value, value

    def validated(self, z: Pair, positives: Pattern, positive: Tensor, negative: Tensor) -> Tensor:
        return self.loss.of(positives, *z, self.of_validation)

    def state_dict(self) -> dict[str, Tensor]:
        """Nothing: each draw is by itself."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        pass


def build_objective(
    stage: Stage,
    *,
    sampler: str,
    loss: str,
    l2: float,
    settings: dict[str, Any],
    epochs: int,
    block_mb: int,
    generator: torch.Generator,
) -> Objective:
    """The objective of the sampler and the loss of these names, on the edges of ``stage``.

    ``settings``: the sampler's section of the configuration. ``generator``: of what validation draws.
    """
    positives = stage.positives
    entry = named(SAMPLERS, sampler, "negative sampler")
    if not entry.pairs:
        settings = dict(settings)
        powers, prior = settings.pop("norm_power"), settings["prior"]
        score = Score(prior=prior * settings["temperature"]) if prior else Score(powers[0])
        if settings["tracks"] >= positives.shape[1]:
            log.info("softmax over all %d tracks, no draw", positives.shape[1])
        return SharedDraw(positives, entry.load()(positives, **settings, block_mb=block_mb), score, generator)
    offered = {"epochs": epochs, "block_mb": block_mb}
    needed = {need: offered[need] for need in entry.needs}
    negatives = entry.load()(positives.edges(), stage.known, **needed, **settings)
    return Pairwise(positives, negatives, named(LOSSES, loss, "loss").load(), l2)
