"""What an entry of the registry says: of a convolution, a loss, a negative sampler or a baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from segue.errors import SegueError

if TYPE_CHECKING:
    from segue.run.resources import GraphSize

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """A key of an entry's section. ``kind``: integer, number or boolean, with its bounds; where ``several``,
    a list of such values, of which validation chooses one."""

    name: str
    kind: str
    description: str
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    several: bool = False


LAYERS = Setting("layers", "integer", "Number of convolutions.", at_least=1)
EDGE_DROPOUT = Setting(
    "edge_dropout",
    "number",
    "Probability that an edge passes no messages in a step of training, in all layers; the others' messages "
    "are divided by 1 minus it.",
    at_least=0,
    below=1,
)
INIT_STD = Setting("init_std", "number", "Standard deviation of the initial input embeddings.", above=0)


@dataclass(frozen=True)
class Look:
    """Colour and marker of a convolution in every figure."""

    colour: str
    marker: str


@dataclass(frozen=True)
class EpochCost:
    """What a convolution holds in one epoch, by its settings: a layer ``per_layer`` times the embeddings of
    all nodes, an edge ``per_edge`` bytes; and the ``seconds`` that a GB of it takes on two CPU cores."""

    per_layer: Callable[[Settings], float]
    per_edge: Callable[[Settings], float]
    seconds: float


@dataclass(frozen=True)
class FitCost:
    """Bytes and seconds of one fit of a baseline, by the graph and its section of the configuration."""

    memory: Callable[[GraphSize, Settings], float]
    seconds: Callable[[GraphSize, Settings], float]


@dataclass(frozen=True)
class Entry:
    """``name``: in the configuration, in paths and tables of results; ``label``: in figures and pages.

    ``target``: the dotted name of its code, imported when it is first used.
    """

    name: str
    label: str
    target: str

    @property
    def targets(self) -> tuple[str, ...]:
        """The dotted names of all its code."""
        return (self.target,)

    @property
    def facts(self) -> str:
        """What of this entry changes results, and nothing that only changes looks, messages or estimates."""
        return f"{type(self).__name__} {self.name} {' '.join(self.targets)}"

    def load(self) -> Any:
        """What ``target`` names. Raises SegueError where it names nothing."""
        return _load(self.target)


@dataclass(frozen=True)
class Convolution(Entry):
    """``target``: ``f(dim, *, generator, **settings)``, one layer [dim -> dim], of its ``own_settings``.

    ``frozen``: the dotted name of ``f(state)``, the ``segue.nn.functional.Formula`` of a trained layer by its
    state dict, so that a model serves without torch_geometric; empty where the layer is made anew instead.
    ``normalised``: whether it divides messages by degrees, of which there are more with artists and albums.
    ``is_sum``: whether what a node receives is a sum over its neighbours and itself, where their number is
    known: so that each one's share of a score can be told.
    """

    description: str
    look: Look
    cost: EpochCost
    own_settings: tuple[Setting, ...] = ()
    frozen: str = ""
    normalised: bool = False
    is_sum: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.target, self.frozen) if self.frozen else (self.target,)

    @property
    def facts(self) -> str:
        return f"{super().facts}{' normalised' if self.normalised else ''}"

    def load_frozen(self) -> Any:
        """What ``frozen`` names, None where it is empty. Raises SegueError where it names nothing."""
        return _load(self.frozen) if self.frozen else None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Those of its section: its own, and three of the encoder, which every convolution has."""
        return LAYERS, *self.own_settings, EDGE_DROPOUT, INIT_STD


@dataclass(frozen=True)
class Loss(Entry):
    """``target``: ``f(positive, negative)``, from scores [n] of paired edges to a scalar; ``unit``: of it.

    Where it is not of ``pairs``, a ``segue.nn.softmax.SoftmaxLoss``, and so is that of its sampler.
    """

    unit: str
    pairs: bool = True


@dataclass(frozen=True)
class Sampler(Entry):
    """``target``: ``f(positives, known, **settings)``, a ``segue.nn.negatives.Sampler``.

    ``needs``: what it takes of the training besides, among epochs and block_mb. In figures its models have
    lines of style ``line``, and markers that are ``filled`` or open. One that gives no ``pairs`` of a
    positive and its negative goes with a loss that takes none.
    """

    line: str | tuple[float, tuple[float, ...]]
    filled: bool
    settings: tuple[Setting, ...] = ()
    needs: tuple[str, ...] = ()
    pairs: bool = True

    @property
    def facts(self) -> str:
        return f"{super().facts} {' '.join(self.needs)}"


@dataclass(frozen=True)
class Baseline(Entry):
    """``target``: ``f(matrix, facts, *, threads, **settings)``, a ``Scorer``; matrix: [P, T] CSR of ones.

    ``scorer``: the dotted name of its class, whose KIND is ``name``. ``marker``: in figures, a stroke.
    ``parallel``: whether more than one thread is of use.
    """

    scorer: str
    description: str
    marker: str
    cost: FitCost
    settings: tuple[Setting, ...] = ()
    parallel: bool = True

    @property
    def targets(self) -> tuple[str, ...]:
        return self.target, self.scorer

    def load_scorer(self) -> Any:
        """The class that ``scorer`` names. Raises SegueError where it names nothing."""
        return _load(self.scorer)


def by_name(*entries: Any) -> dict[str, Any]:
    """The entries by their names, in their order."""
    return {entry.name: entry for entry in entries}


def _load(target: str) -> Any:
    module, _, name = target.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and not module.startswith(str(error.name)):
            raise  # it is there, and lacks a package
        raise SegueError(
            "An entry of the registry names code that is not there.",
            where="workflow/scripts/segue/run/registry.py",
            found=repr(target),
            expected="the dotted name of a function or class of segue",
        ) from error
