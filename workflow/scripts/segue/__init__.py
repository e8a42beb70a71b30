"""Segue continues playlists: load a run's model, find some tracks, and ask what goes on from them.

>>> import segue
>>> model = segue.load("results")  # the best by validation; segue.models("results") lists all
>>> found = segue.find_tracks(model, "brilnav lithwexne")  # a polars table: track_uri, track_name, ...
>>> mine = segue.Playlist(tracks=found["track_uri"].head(3), title="road trip")
>>> segue.continue_playlists(model, [mine], n=10)  # another: rank, track_uri, track_name, artist_name, ...

docs/api.md describes every name.
"""

from typing import Any

# Where each public name comes from; only on use, so that `import segue` takes no time and no package.
PUBLIC = {
    "load": "serve.continuation",
    "models": "serve.available",
    "find_tracks": "serve.search",
    "Playlist": "serve.forms",
    "continue_playlists": "serve.continuation",
    "pulls": "serve.pulls",
    "Continuation": "serve.answering",
    "add_tracks": "serve.additions",
    "to_hetero_data": "graph.hetero",
    "from_hetero_data": "graph.hetero_source",
    "load_encoder": "nn.export",
    "SegueError": "errors",
}
__all__ = list(PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
