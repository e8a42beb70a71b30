"""The edges of a bipartite graph as entries of a sparse matrix, in CSR order, and what is asked of them."""

import copy
import functools

import numpy as np
import torch
from torch import Tensor

from segue.nn.dropout import draw_kept

INT32_MAX = 2**31 - 1
GOLDEN_RATIO = -7046029254386353131  # 2^64 / phi, odd, as int64: Fibonacci hashing (Knuth, volume 3, 6.4)
WINDOW_BITS = 13  # of slots that a row's columns are hashed to, 8 KiB
WINDOW = 2**WINDOW_BITS


class Pattern:
    """Which entries of an [n, m] matrix are there: by row, and within a row in an order of their own.

    Rows are the targets of messages and columns their sources: [playlists, tracks] where playlists receive
    from tracks. ``rowptr``: [n + 1] where each row starts, and E. ``rows``, ``cols``: [E] indices of each
    entry. All are int32, or int64 where n, m or E needs it. An entry may occur more than once; a row may be
    empty. ``source_degree``: [m] degrees of the columns, where they are not what the entries here count: of
    tracks that are on more playlists than these.

    What takes a sort or a table is made when it is first asked for, and kept.
    """

    factors: Tensor | None = None  # of the messages along the entries of ``whole``, where some are dropped

    def __init__(
        self,
        rowptr: Tensor,
        rows: Tensor,
        cols: Tensor,
        shape: tuple[int, int],
        source_degree: Tensor | None = None,
    ):
        self.rowptr, self.rows, self.cols, self.shape = rowptr, rows, cols, shape
        self._given_degree = source_degree
        self._weights: dict[tuple, Tensor] = {}
        self._copies: dict[int, Pattern] = {}

    @property
    def whole(self) -> "Pattern":
        """With the entries that are dropped in a step of training."""
        return self

    @classmethod
    def from_edges(cls, rows: Tensor, cols: Tensor, shape: tuple[int, int]) -> "Pattern":
        """Of [E] row and column indices in any order; sorts the entries by row, then column."""
        dtype = torch.int32 if max(*shape, rows.numel()) <= INT32_MAX else torch.int64
        cols, by_col = cols.to(dtype).sort(stable=True)
        rows, by_row = rows.to(dtype)[by_col].sort(stable=True)
        return cls(_rowptr(rows, shape[0]), rows, cols[by_row], shape)

    def with_cols(self, cols: Tensor) -> "Pattern":
        """The same rows with other columns: [E] indices, in any order and with repeats."""
        return Pattern(self.rowptr, self.rows, cols.to(self.cols.dtype), self.shape)

    def block(self, start: int, stop: int) -> "Pattern":
        """Rows start..stop-1 alone, numbered from 0."""
        rowptr = self.rowptr[start : stop + 1]
        first, last = int(rowptr[0]), int(rowptr[-1])
        shape = stop - start, self.shape[1]
        return Pattern(rowptr - first, self.rows[first:last] - start, self.cols[first:last], shape)

    def repeat(self, count: int) -> "Pattern":
        """The block-diagonal pattern [count n, count m] of ``count`` copies."""
        if count not in self._copies:
            self._copies[count] = self._repeated(count)
        return self._copies[count]

    def _repeated(self, count: int) -> "Pattern":
        n, m = self.shape
        copy = torch.arange(count, dtype=self.cols.dtype, device=self.cols.device)[:, None]
        ends = (self.rowptr[1:] + copy * self.cols.numel()).flatten()
        rows, cols = (self.rows + copy * n).flatten(), (self.cols + copy * m).flatten()
        return Pattern(torch.cat([self.rowptr[:1], ends]), rows, cols, (count * n, count * m))

    def with_degrees(self, degree: Tensor, source_degree: Tensor) -> "Pattern":
        """The same entries where the rows' degrees [n] and the columns' [m] are others: of nodes that have
        more edges than these."""
        other = Pattern(self.rowptr, self.rows, self.cols, self.shape, source_degree)
        other.degree, other.order = degree, self.order
        return other

    @functools.cached_property
    def _by_column(self) -> tuple[Tensor, Tensor]:
        return self.cols.sort(stable=True)

    @functools.cached_property
    def order(self) -> Tensor:
        """[E] int64: entry i of the transpose is entry ``order[i]`` here."""
        return self._by_column[1]

    @functools.cached_property
    def T(self) -> "Pattern":  # noqa: N802, as torch's own
        """The transpose, [m, n]: by column, and within a column in the order here."""
        rows, order = self._by_column
        cols = self.rows.index_select(0, order)
        transpose = Pattern(_rowptr(rows, self.shape[1]), rows, cols, self.shape[::-1], self.degree)
        if self._given_degree is not None:
            transpose.degree = self._given_degree
        return transpose

    def edges(self) -> Tensor:
        """[2, E] int64, rows and columns."""
        return torch.stack([self.rows, self.cols]).long()

    def entries(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """Indices (row - start, column), int64, of the entries of rows start..stop-1."""
        part = slice(int(self.rowptr[start]), int(self.rowptr[stop]))
        return self.rows[part].long() - start, self.cols[part].long()

    @functools.cached_property
    def degree(self) -> Tensor:
        """[n] int64, of each row: the number of its entries."""
        return self.rowptr.diff().long()

    @functools.cached_property
    def source_degree(self) -> Tensor:
        """[m] of each column: as given, or the number of its entries."""
        return self.T.degree if self._given_degree is None else self._given_degree

    def weights(self, power: float, source_power: float, dtype: torch.dtype) -> Tensor:
        r"""[E], :math:`\deg(i)^{-power} \deg(j)^{-source\_power}` of each entry (i, j)."""
        key = power, source_power, dtype
        if key not in self._weights:
            of_row = self.degree.to(dtype).pow(-power).index_select(0, self.rows)
            of_source = self.source_degree.to(dtype).pow(-source_power).index_select(0, self.cols)
            self._weights[key] = of_row.mul_(of_source)
        return self._weights[key]

    # From here on: lookups, in patterns whose rows are sorted and hold no column twice.

    @functools.cached_property
    def num_others(self) -> Tensor:
        """[n] int64, the columns that are not in a row."""
        return self.shape[1] - self.degree

    def contains(self, rows: Tensor, cols: Tensor) -> Tensor:
        """[k] bool, whether each pair of ``rows`` and ``cols``, [k] int64, is an entry."""
        found = self._taken[self._slot(rows, cols)]
        doubtful = found.nonzero()[:, 0]
        keys = rows[doubtful] * self.shape[1] + cols[doubtful]
        place = torch.searchsorted(self._keys, keys).clamp(max=max(self._keys.numel() - 1, 0))
        found[doubtful] = self._keys[place] == keys
        return found

    def other_col(self, rows: Tensor, r: Tensor) -> Tensor:
        """The ``r``-th column, from 0 and by index, that is not in the row; [k] int64 each."""
        keys = rows * (self.shape[1] + 1) + r
        return r + torch.searchsorted(self._others_before, keys, right=True) - self.rowptr[rows]

    @functools.cached_property
    def _keys(self) -> Tensor:
        keys = self.rows.long() * self.shape[1] + self.cols
        if (keys[1:] <= keys[:-1]).any():
            raise ValueError("lookups need a pattern whose rows are sorted and hold no column twice")
        return keys

    @functools.cached_property
    def _others_before(self) -> Tensor:
        # The j-th column c_j of a row (from 0) has c_j - j other columns before it. Other column number r is
        # therefore r + #{j: c_j - j <= r}, found for all rows at once in one sorted array.
        start = self.rowptr.index_select(0, self.rows)
        rank = torch.arange(start.numel(), device=start.device) - start
        return self._keys + self.rows - rank  # row (m + 1) + c_j - j

    @functools.cached_property
    def _taken(self) -> Tensor:
        # A table of hashed entries, a 16th full, spares most lookups of absent ones the search. The slots of
        # a row lie in one window, and the windows follow each other, so that lookups sorted by row stay in
        # the cache.
        size = self.shape[0] * self._stride + WINDOW
        taken = torch.zeros(size, dtype=torch.bool, device=self.rows.device)
        taken[self._slot(self.rows, self.cols.long())] = True
        return taken

    @functools.cached_property
    def _stride(self) -> int:
        return max(1, 16 * self.cols.numel() // self.shape[0])

    def _slot(self, rows: Tensor, cols: Tensor) -> Tensor:
        return (
            cols.mul(GOLDEN_RATIO)
            .bitwise_right_shift_(64 - WINDOW_BITS)
            .bitwise_and_(WINDOW - 1)
            .add_(rows, alpha=self._stride)
        )


class Thinned(Pattern):
    """Those entries of ``whole`` that are ``kept``, [E] bool, in a step of training that drops the others.

    Degrees stay those of all entries, and ``weights`` are ``scale`` times as large. ``factors``: [E] of all
    entries, 0 or ``scale``, for what needs to see the dropped ones too.
    """

    def __init__(self, whole: Pattern, kept: Tensor, scale: float):
        # On a CPU NumPy's takes a tenth of the time.
        places = kept.nonzero()[:, 0] if kept.is_cuda else torch.from_numpy(np.flatnonzero(kept.numpy()))
        rowptr = torch.searchsorted(places, whole.rowptr.long()).to(whole.rowptr.dtype)
        entries = (values.index_select(0, places) for values in (whole.rows, whole.cols))
        super().__init__(rowptr, *entries, whole.shape, whole.source_degree)
        self.degree = whole.degree
        self._whole, self._kept, self._places, self.scale = whole, kept, places, scale

    @property
    def whole(self) -> Pattern:
        return self._whole

    def on(self, whole: Pattern) -> "Thinned":
        """The same entries of ``whole``, which has the entries of this one's and other degrees."""
        other = copy.copy(self)
        other.__dict__.pop("T", None)
        other._whole, other._given_degree = whole, whole.source_degree
        other.degree, other.source_degree = whole.degree, whole.source_degree
        other._weights, other._copies = {}, {}
        return other

    @functools.cached_property
    def factors(self) -> Tensor:
        return self._kept * self.scale

    def weights(self, power: float, source_power: float, dtype: torch.dtype) -> Tensor:
        key = power, source_power, dtype
        if key not in self._weights:
            self._weights[key] = self.whole.weights(*key).index_select(0, self._places).mul_(self.scale)
        return self._weights[key]


def _rowptr(rows: Tensor, n: int) -> Tensor:
    ends = torch.arange(n + 1, dtype=rows.dtype, device=rows.device)
    return torch.searchsorted(rows, ends, out_int32=rows.dtype == torch.int32)


def both_ways(rows: Tensor, cols: Tensor, shape: tuple[int, int]) -> tuple[Pattern, Pattern]:
    """The pattern of edges with no pair twice, and its transpose; each knows the other."""
    pattern = Pattern.from_edges(rows, cols, shape)
    transpose = pattern.T
    # Sorted by both indices, the transpose's transpose is the pattern itself.
    transpose.T = pattern
    transpose.order = pattern.order.argsort()
    return pattern, transpose


class Graph:
    """The undirected bipartite graph of ``edges``: [2, E] int64, playlist and track indices, no pair twice.

    ``playlists``: the pattern [P, T] along which playlists receive from tracks. ``tracks``: its transpose,
    along which tracks receive from playlists. ``num_nodes``: counts by node type.
    """

    def __init__(self, edges: Tensor, num_playlists: int, num_tracks: int):
        self.num_playlists, self.num_tracks = num_playlists, num_tracks
        self.num_nodes = {"playlist": num_playlists, "track": num_tracks}
        self.playlists, self.tracks = both_ways(*edges, (num_playlists, num_tracks))
        self._last_dropped: Pattern | None = None

    def dropped(self, probability: float, generator: torch.Generator | None = None) -> "Graph":
        """This graph in a step of training with edge dropout: of each edge the messages both ways are dropped
        together with ``probability`` p, and else count 1 / (1 - p) times, in all layers."""
        whole = self.playlists
        kept, scale = draw_kept(whole.rows.numel(), probability, generator, whole.rows.device)
        if self._last_dropped is not None:
            del self._last_dropped.T  # as each of the two knows the other, they would stay in memory
        dropped = copy.copy(self)
        dropped.playlists = Thinned(whole, kept, scale)
        dropped.tracks = Thinned(self.tracks, kept.index_select(0, whole.order), scale)
        dropped.playlists.T, dropped.tracks.T = dropped.tracks, dropped.playlists
        self._last_dropped, dropped._last_dropped = dropped.playlists, None
        return dropped
