"""Segue continues playlists. ``segue.load`` a run's model, then ``segue.continue_playlists``.

>>> import segue
>>> model = segue.load("results")                     # the best by validation, or a name as second argument
>>> mine = segue.Playlist(tracks=("spotify:track:...",), title="road trip")
>>> segue.continue_playlists(model, [mine], n=30)     # a polars table: rank, track_uri, track_name, ...
>>> new = [{"track_uri": "spotify:track:...", "artist_uri": "spotify:artist:..."}]
>>> model = segue.add_tracks(model, new)              # of a run with artists or albums; proposes these too
"""

from typing import Any

# Where each public name comes from; only on use, so that `import segue` takes no time and no package.
PUBLIC = {
    "Playlist": "serve.forms",
    "load": "serve.continuation",
    "continue_playlists": "serve.continuation",
    "add_tracks": "serve.additions",
    "to_hetero_data": "graph.hetero",
    "from_hetero_data": "graph.hetero_source",
    "load_encoder": "nn.export",
}
__all__ = list(PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)
