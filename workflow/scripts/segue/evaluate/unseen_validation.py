"""Playlists of the graph that are taken for unseen ones, to choose by validation how such are scored."""

from segue.graph.split import Split, draw_playlists, of_playlists
from segue.nn.edge_set import EdgeSet
from segue.nn.sparse import Pattern


def unseen_validation(split: Split, max_playlists: int | None, seed: int) -> tuple[Pattern, EdgeSet, EdgeSet]:
    """Seeds [n, T], what is masked out of the ranking, and what is to be found in it.

    Seeds are all train edges of a playlist, which are masked out too; validation edges are to be found. With
    ``max_playlists``, n is that many, drawn from ``seed`` among the playlists with validation edges.
    """
    part = of_playlists(split, draw_playlists(split.validation, max_playlists, seed))
    shape = part.num_playlists, part.num_tracks
    seeds = Pattern.from_edges(*part.all_train, shape)
    return seeds, EdgeSet(part.all_train, *shape), EdgeSet(part.validation, *shape)
