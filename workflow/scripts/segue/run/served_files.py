"""The files that a loaded model is read from."""


def served_files(model: str | None) -> list[str]:
    """Scorer, tracks, titles and split, within the folder of the results; ``model``: None for the best."""
    return [
        f"models/{model}/scorer.safetensors" if model else "serving/scorer.safetensors",
        "serving/tracks.parquet",
        "serving/titles.safetensors",
        "split/split.safetensors",
    ]
