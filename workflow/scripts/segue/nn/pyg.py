"""Any of PyG's convolutions by its class: PyG's own code, one direction of the bipartite graph a call."""

import functools
import inspect
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch
import torch_geometric.nn
from torch import Tensor, nn

from segue.errors import SegueError
from segue.nn.pattern import Pattern, Thinned
from segue.run.pyg_classes import AROUND_MLP, CHANNELS, MLP, class_problems

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Way:
    """How one direction of a layer is run, so that it gives what the layer gives on the whole graph.

    ``pair``: it is given (x_source, x_target), or else all nodes as one, the targets first. ``fused``: on a
    sparse matrix, where it multiplies with that, or else on an edge_index. ``takes_over``: self-loops and the
    normalisation by degrees are Segue's, since a layer that sees one direction cannot know the degrees of the
    sources, nor which target is which source; ``loops`` and ``normalises`` say whether it has them, and
    ``loop`` is the weight of a self-loop.
    """

    pair: bool
    fused: bool
    takes_over: bool = False
    loops: bool = False
    normalises: bool = False
    loop: float = 1.0


class PyGConv(nn.Module):
    r"""A convolution of ``torch_geometric.nn``, [dim -> dim], in the one direction that a pattern has.

    .. math:: y_i = f\big(x_i, \{(x_j, \deg(j)) : j \in N(i)\}\big)

    is what it can be: an output that follows from the node, its neighbours and their degrees. When it is
    built, a small graph shows whether that holds and which way of calling it is exact (``Way``); a class that
    sees further than its neighbours, or is wider than ``dim``, is refused.

    Edges that are dropped in a step are left out, as in DropEdge (Rong et al. 2020, section 4.1); of the
    others, messages are raised and degrees stay as they were where the normalisation is Segue's, and
    elsewhere the layer sees a graph with fewer edges.

    ``layer``: the layer itself, with PyG's parameters. Initial values are PyG's, and dropout too; both draw
    from a fork of torch's global generator, seeded from ``generator``.

    Raises SegueError for a class or an argument that there is not, or that cannot be.
    """

    def __init__(
        self, dotted: str, dim: int, arguments: Mapping[str, Any], generator: torch.Generator | None = None
    ):
        super().__init__()
        name = dotted.rpartition(".")[2]
        if problems := class_problems(name, dotted, arguments):
            raise SegueError(
                "\n".join(["The convolution cannot be built.", *(f"  {problem}" for problem in problems)]),
                fix="correct the section of the convolution in `model`",
            )
        self.name, self.arguments, self.dim = name, dict(arguments), dim
        self.way = _exact_way(name, dim, json.dumps(arguments, sort_keys=True))
        with drawing_from(generator, torch.device("cpu")):
            self.layer = build(name, dim, _left_to_layer(arguments, name, self.way))

    def forward(self, x: Pair, pattern: Pattern, generator: torch.Generator | None = None) -> Tensor:
        """[n, dim] of the targets; x: features of the sources [m, dim] and of the targets [n, dim], along
        ``pattern`` [n, m]."""
        if not self.training:
            return run(self.layer, self.way, x, pattern)
        with drawing_from(generator, x[0].device):
            return run(self.layer, self.way, x, pattern)

    def plain(self) -> nn.Module:
        """PyG's layer as it comes, with these weights: on features and edge_index it does the same."""
        with drawing_from(torch.Generator(), torch.device("cpu")):
            layer = build(self.name, self.dim, self.arguments)
        layer.load_state_dict(self.layer.state_dict())
        return layer.train(self.training)


def layer(dim: int, *, generator: torch.Generator | None = None, **settings: Any) -> PyGConv:
    """What a section ``model.<name>`` with a ``class`` describes: the class, and arguments of its own."""
    arguments = {key: value for key, value in settings.items() if key != "class"}
    return PyGConv(settings["class"], dim, arguments, generator)


def build(name: str, dim: int, arguments: Mapping[str, Any]) -> nn.Module:
    """PyG's layer ``name``, [dim -> dim]. Initial values from torch's global generator."""
    made = getattr(torch_geometric.nn, name)
    channels = {key: dim for key in CHANNELS if key in inspect.signature(made.__init__).parameters}
    if arguments.get("nn") == MLP:
        inputs = AROUND_MLP[name] * dim
        arguments = {**arguments, "nn": nn.Sequential(nn.Linear(inputs, dim), nn.ReLU(), nn.Linear(dim, dim))}
    try:
        return made(**channels, **arguments)
    except Exception as error:
        raise SegueError(
            f"PyG refuses to build {name}.",
            where=", ".join(f"{key}: {value}" for key, value in arguments.items()) or "no arguments",
            found=f"{type(error).__name__}: {error}",
            expected=f"arguments that torch_geometric.nn.{name} takes",
            fix="correct the section of the convolution in `model`",
        ) from error


@contextmanager
def drawing_from(generator: torch.Generator | None, device: torch.device) -> Iterator[None]:
    """Inside, what torch's global generators draw follows from one draw of ``generator``; then they go on as
    if nothing had been. None: they draw as they would."""
    if generator is None:
        yield
        return
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    places = [device.index or 0] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=places):
        torch.default_generator.manual_seed(seed)
        for place in places:
            torch.cuda.default_generators[place].manual_seed(seed)
        yield


def run(layer: nn.Module, way: Way, x: Pair, pattern: Pattern) -> Tensor:
    """[n, d] of the targets, by ``layer``; see ``PyGConv.forward``."""
    source, target = x
    # On CUDA sparse products add in another order each time, and of smallest and largest there are none.
    fused = way.fused and not source.is_cuda
    edges, weights = _edges(pattern, way, fused, source.dtype)
    if way.pair:
        x = (torch.cat([source, target]) if way.loops and way.takes_over else source), target
    else:
        x = torch.cat([target, source])
    if weights is None:
        return layer(x, edges)[: pattern.shape[0]]
    return layer(x, edges, edge_weight=weights)[: pattern.shape[0]]


Edges = tuple[Tensor, Tensor | None]
_KEPT: WeakKeyDictionary[Pattern, dict[tuple, Edges]] = WeakKeyDictionary()


def _edges(pattern: Pattern, way: Way, fused: bool, dtype: torch.dtype) -> Edges:
    """What a layer is given of a pattern, made once for each: a CSR matrix, or edge_index and its weights."""
    kept = _KEPT.setdefault(pattern, {})
    key = way, fused, dtype
    if key not in kept:
        with torch.inference_mode(False):  # or they could not be trained with later
            kept[key] = _make_edges(pattern, way, fused, dtype)
    return kept[key]


def _make_edges(pattern: Pattern, way: Way, fused: bool, dtype: torch.dtype) -> Edges:
    (n, m), rows, cols = pattern.shape, pattern.rows, pattern.cols
    own = torch.arange(n, dtype=rows.dtype, device=rows.device)
    weights = torch.ones(rows.numel(), dtype=dtype, device=rows.device)
    loops = way.takes_over and way.loops
    if way.takes_over and way.normalises:
        extra = way.loop if way.loops else 0.0
        degree, source_degree = (
            values.to(dtype).add(extra).pow_(-0.5) for values in (pattern.degree, pattern.source_degree)
        )
        weights = degree.index_select(0, rows) * source_degree.index_select(0, cols)
        if isinstance(pattern, Thinned):
            weights.mul_(pattern.scale)
        of_loops = way.loop * degree.square()
    else:
        of_loops = torch.ones(n, dtype=dtype, device=rows.device)
    if way.pair:
        width, of_own = m + (n if loops else 0), own + m
    else:
        width, of_own, cols, n = n + m, own, cols + n, n + m
    if loops:
        rows, by_row = torch.cat([rows, own]).sort(stable=True)
        cols = torch.cat([cols, of_own]).index_select(0, by_row)
        weights = torch.cat([weights, of_loops]).index_select(0, by_row)
    if not fused:
        return torch.stack([cols, rows]).long(), weights if way.takes_over and way.normalises else None
    ends = torch.arange(n + 1, dtype=rows.dtype, device=rows.device)
    rowptr = torch.searchsorted(rows, ends, out_int32=rows.dtype == torch.int32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(CSR tensor support is in beta|[Ii]nvariant checks)")
        return torch.sparse_csr_tensor(rowptr, cols, weights, (n, width), check_invariants=False), None


def _left_to_layer(arguments: Mapping[str, Any], name: str, way: Way) -> dict[str, Any]:
    """Constructor arguments without what ``way`` takes over."""
    off = {}
    if way.takes_over:
        known = inspect.signature(getattr(torch_geometric.nn, name).__init__).parameters
        off = {"add_self_loops": False} if "add_self_loops" in known else {}
        off |= {"normalize": False} if way.normalises else {}
    return {**arguments, **off}


def _ways(name: str, layer: nn.Module, arguments: Mapping[str, Any]) -> list[Way]:
    """The ways that may be exact, the fastest first."""
    made = getattr(torch_geometric.nn, name)
    defaults = {key: value.default for key, value in inspect.signature(made.__init__).parameters.items()}
    given = {key: arguments.get(key, default) for key, default in defaults.items()}
    # `normalize` is by degrees where edges may have weights, and elsewhere something else.
    weighted = "edge_weight" in inspect.signature(made.forward).parameters
    normalises = weighted and bool(given.get("normalize"))
    loops = given.get("add_self_loops", False)
    loops = normalises if loops is None else bool(loops)
    fuses = [True, False] if getattr(layer, "fuse", False) else [False]
    # PyG 2.8 reads `improved`, self-loops of weight 2, where edges have weights, and ours have none.
    weights = [1.0, 2.0] if given.get("improved") else [1.0]
    taken_over = [
        Way(pair, fused, True, loops, normalises, weight)
        for fused in fuses
        for pair in (True, False)
        for weight in weights
    ]
    as_it_is = [Way(pair, fused) for fused in fuses for pair in (True, False)]
    return [*(taken_over if loops or normalises else []), *as_it_is]


@functools.lru_cache(maxsize=64)
def _exact_way(name: str, dim: int, arguments_json: str) -> Way:
    """The first way that gives what PyG gives on a small graph in both directions, and for a playlist alone.

    Raises SegueError where PyG itself cannot run the layer, its output is not ``dim`` wide, or none does.
    """
    arguments = json.loads(arguments_json)
    drawing = drawing_from(torch.Generator().manual_seed(0), torch.device("cpu"))
    # A model that is served is built in inference mode, and here gradients are compared, too.
    with drawing, torch.inference_mode(False), torch.enable_grad(), warnings.catch_warnings(action="ignore"):
        reference = build(name, dim, arguments).eval()
        with torch.no_grad():  # where PyG starts from zeros, too
            for parameter in reference.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
        x = torch.randn(sum(PROBE_SIZES), dim)
        expected, slopes = _of_whole_graph(name, reference, x)
        for way in _ways(name, reference, arguments):
            layer = build(name, dim, _left_to_layer(arguments, name, way)).eval()
            if _is_exact(layer, reference, way, x, expected, slopes):
                return way
    raise _refused(
        name,
        "a playlist alone with its tracks gets something else than in the whole graph",
        "a layer that looks at a node's neighbours and no further, and whose normalisation by degrees can be "
        "left to Segue: unseen playlists are attached to known tracks",
        "choose another class; for more hops take more `layers`",
    )


# The small graph: playlists with 3, 2, 1 and no tracks; tracks with 3, 1, 1, 1 and no playlists.
PROBE_SIZES = 4, 5
PROBE_EDGES = ((0, 0, 0, 1, 1, 2), (0, 1, 2, 0, 3, 0))


def _of_whole_graph(name: str, reference: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Outputs of all nodes, by PyG on edge_index in both directions, and gradients of x."""
    there = torch.tensor(PROBE_EDGES) + torch.tensor([[0], [PROBE_SIZES[0]]])
    x = x.clone().requires_grad_()
    try:
        out = reference(x, torch.cat([there, there.flip(0)], dim=1))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise _refused(
            name, problem, "a layer of features [n, dim] and edge_index", "choose another class"
        ) from error
    if not isinstance(out, Tensor):
        raise _refused(name, type(out).__name__, "an output [n, dim]", "choose another class")
    if out.shape != x.shape:
        heads = [key for key in ("heads", "num_heads", "concat") if hasattr(reference, key)]
        found = [f"an output {tuple(out.shape)}", *(f"{key}: {getattr(reference, key)}" for key in heads)]
        raise _refused(
            name,
            ", ".join(found),
            f"{tuple(x.shape)}, as wide as model.dim, since the layers' outputs are added up",
            "set concat: false, or heads: 1"
            if "concat" in heads
            else "set other arguments, or another class",
        )
    return out.detach(), _gradients(out, x)


def _gradients(out: Tensor, x: Tensor) -> Tensor:
    weight = torch.linspace(-1, 1, out.numel()).view_as(out)
    return torch.autograd.grad((out * weight).sum(), x, allow_unused=True, materialize_grads=True)[0]


def _is_exact(
    layer: nn.Module, reference: nn.Module, way: Way, x: Tensor, expected: Tensor, slopes: Tensor
) -> bool:
    (p, t), (rows, cols) = PROBE_SIZES, torch.tensor(PROBE_EDGES)
    playlists = Pattern.from_edges(rows, cols, (p, t))
    first = Pattern.from_edges(rows[:3], cols[:3], (1, t))
    alone = Pattern(first.rowptr, first.rows, first.cols, (1, t), playlists.source_degree)
    x = x.clone().requires_grad_()
    of_playlists, of_tracks = x.split([p, t])
    try:
        layer.load_state_dict(reference.state_dict())
        out = torch.cat(
            [
                run(layer, way, (of_tracks, of_playlists), playlists),
                run(layer, way, (of_playlists, of_tracks), playlists.T),
            ]
        )
        attached = run(layer, way, (of_tracks, of_playlists[:1]), alone)
        pairs = (out, expected), (attached, expected[:1]), (_gradients(out, x), slopes)
    except Exception:  # a way in which this layer cannot be called, of which there are as many as layers
        return False
    return all(
        mine.shape == other.shape
        and torch.allclose(mine, other, rtol=1e-3, atol=1e-4 * float(other.abs().max()))
        for mine, other in pairs
    )


def _refused(name: str, found: str, expected: str, fix: str) -> SegueError:
    return SegueError(
        f"Segue cannot train {name}.",
        where=f"torch_geometric.nn.{name}",
        found=found,
        expected=expected,
        fix=fix,
    )
