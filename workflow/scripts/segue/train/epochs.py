"""Epochs of a training: full-batch steps on the edges of a stage."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from segue.errors import SegueError
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder, build_encoder
from segue.nn.pattern import Graph
from segue.train.graphs import Stage, embed, score_rows
from segue.train.objectives import Objective, build_objective
from segue.train.state import Progress


class NotFiniteError(SegueError):
    """A training whose loss is no number any more."""


@dataclass(frozen=True)
class Epochs:
    """How each epoch of a training is done; the fields are arguments of ``loop.train``."""

    conv: str
    sampler: str
    alpha: str
    dim: int
    conv_settings: dict[str, Any]
    negatives: dict[str, Any]
    epochs: int
    lr: float
    decay: str
    loss: str
    l2: float
    seed: int
    block_mb: int
    device: torch.device
    relations: dict[str, Any] | None = None

    @cached_property
    def _seeds(self) -> list[int]:
        return np.random.SeedSequence(self.seed).generate_state(3).tolist()

    @property
    def validation_seed(self) -> int:
        """Of all that validation draws."""
        return self._seeds[2]

    def of_validation(self) -> torch.Generator:
        """A generator of ``validation_seed``."""
        return torch.Generator(self.device).manual_seed(self.validation_seed)

    def start(self, stage: Stage) -> Progress:
        """Before the first epoch on ``stage``: the same weights and draws on any stage."""
        weights = torch.Generator().manual_seed(self._seeds[0])
        model = build_encoder(
            self.conv,
            stage.message.num_nodes,
            relations=self.relations,
            dim=self.dim,
            alpha=self.alpha,
            generator=weights,
            **self.conv_settings,
        )
        model.to(self.device)
        optimizer = torch.optim.Adam(model.parameters(), lr=self.lr, fused=True)
        objective = build_objective(
            stage,
            sampler=self.sampler,
            loss=self.loss,
            l2=self.l2,
            settings=self.negatives,
            epochs=self.epochs,
            block_mb=self.block_mb,
            generator=self.of_validation(),
        )
        generator = torch.Generator(self.device).manual_seed(self._seeds[1])
        return Progress(model, optimizer, objective, generator)

    def run(self, progress: Progress, stage: Stage, epoch: int) -> float:
        """One epoch, counted from 1. Returns the loss before its step, without L2."""
        model, objective = progress.model, progress.objective
        if self.decay == "linear":
            for group in progress.optimizer.param_groups:
                group["lr"] = self.lr * (1 - (epoch - 1) / self.epochs)
        objective.draw(
            epoch - 1,
            lambda: score_rows(objective.score, embed(model, stage.message), stage.message),
            progress.generator,
        )
        return step(model, progress.optimizer, stage.message, objective, progress.generator)

    def require_finite(self, epoch: int, **losses: float) -> None:
        """Raises NotFiniteError where one of the ``losses``, by their stage, is no number."""
        if not all(math.isfinite(value) for value in losses.values()):
            raise NotFiniteError(
                f"The loss of {self.conv}-{self.sampler}-{self.alpha} is no longer finite, at epoch {epoch}.",
                where=f"train.lr {self.lr:g}, train.l2 {self.l2:g}",
                found=", ".join(f"{stage} loss {value}" for stage, value in losses.items()),
                expected="finite numbers",
                fix="lower train.lr",
            )


def step(
    model: Encoder | HeteroEncoder,
    optimizer: torch.optim.Optimizer,
    graph: Graph,
    objective: Objective,
    generator: torch.Generator,
) -> float:
    """One step on all positives, with messages passed over ``graph``. Returns the loss before it, without L2.

    ``generator`` draws the dropout.
    """
    model.train()
    optimizer.zero_grad()
    value, minimised = objective(model(graph, generator), model.inputs(graph))
    minimised.backward()
    optimizer.step()
    return value.item()
