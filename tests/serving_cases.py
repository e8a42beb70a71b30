"""The folder of a run that is ready to serve, for the tests of continuations."""

from segue.files import save_table
from segue.graph.split import save_split


def write_served(results, scorer, tracks, titles, split):
    """``tracks``: a table as ``known_tracks`` returns it; ``titles``: a TitleIndex."""
    (results / "serving").mkdir(parents=True)
    (results / "split").mkdir()
    scorer.save(results / "serving/scorer.safetensors")
    save_table(tracks, results / "serving/tracks.parquet")
    titles.save(results / "serving/titles.safetensors")
    save_split(split, results / "split/split.safetensors")
