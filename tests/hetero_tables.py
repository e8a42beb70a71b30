"""Tables of the study of artists and albums by hand: where they help, and what is found of cold tracks."""

import polars as pl

from segue.run.families import families_of

RELATIONS = {"none": [], "artist": ["artist"], "album": ["album"], "artist+album": ["artist", "album"]}
SUFFIXES = {"none": "", "artist": "_artist", "album": "_album", "artist+album": "_both"}
KINDS = {like + suffix: RELATIONS[name] for like in ("lgc", "sage") for name, suffix in SUFFIXES.items()}
FAMILIES = families_of(
    {conv: {"like": conv.partition("_")[0]} if kinds else {} for conv, kinds in KINDS.items()}, KINDS
)
NAMELESS = dict.fromkeys(("conv", "sampler", "alpha", "like", "relations"))
# Of each quarter, the rarest tracks first.
GAINS = {
    "artist": (0.03, 0.01, 0.0, -0.01),
    "album": (0.002, 0.0, 0.0, 0.0),
    "artist+album": (0.04, 0.02, 0.01, -0.02),
}
HALF = 0.005  # of an interval


def parts(like, relations):
    conv = like + SUFFIXES[relations]
    return {
        "model": f"{conv}-softmax-fixed",
        "conv": conv,
        "sampler": "softmax",
        "alpha": "fixed",
        "like": like,
        "relations": relations,
    }


def popularity(likes=("lgc", "sage"), gains=GAINS, ks=(20, 300)):
    rows = []
    for k in ks:
        for quarter in range(1, 5):
            common = {"quarter": quarter, "k": k, "playlists": 900 + quarter}
            for like in likes:
                recall = 0.3 + 0.1 * quarter - (0.05 if like == "sage" else 0) - (0.2 if k == 20 else 0)
                for relations in ("none", *gains):
                    row = parts(like, relations) | common | {"recall": recall}
                    own = dict.fromkeys(("gain", "low", "high"))
                    if relations != "none":
                        gain = gains[relations][quarter - 1]
                        own = {"gain": gain, "low": gain - HALF, "high": gain + HALF}
                        row["recall"] += gain
                    rows.append(row | own)
            for name, recall in (("popularity", 0.01 * quarter), ("knn", 0.25 + 0.1 * quarter)):
                none = dict.fromkeys(("gain", "low", "high"))
                rows.append(NAMELESS | {"model": name} | common | {"recall": recall} | none)
    schema = {"quarter": pl.Int8, **dict.fromkeys(("recall", "gain", "low", "high"), pl.Float64)}
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


def cold(likes=("lgc", "sage"), ks=(10, 20, 300), ratio=8.0):
    """Recall of models is ``ratio`` times that of random, a little more with both relations."""
    rows = []
    for among, count in (("cold", 4000), ("all", 40_000)):
        for k in ks:
            random = k / count
            found = {("random",): 1.0, ("artist popularity",): 4.0, ("artist overlap",): 6.0}
            found |= {(like, name): ratio + len(RELATIONS[name]) - 1 for like in likes for name in GAINS}
            for name, times in found.items():
                recall = times * random
                own = parts(*name) if len(name) == 2 else NAMELESS | {"model": name[0]}
                exact = name == ("random",)
                gains = dict.fromkeys(("gain", "gain_low", "gain_high"))
                if name != ("artist popularity",):
                    steps = zip(gains, (0, -0.5, 0.5), strict=True)
                    gains = {end: recall + (step - 4) * random for end, step in steps}
                rows.append(
                    own
                    | {"among": among, "k": k, "playlists": 700, "recall": recall, "ratio_to_random": times}
                    | {"low": None if exact else 0.9 * recall, "high": None if exact else 1.1 * recall}
                    | gains
                )
    schema = dict.fromkeys(("recall", "low", "high", "gain", "gain_low", "gain_high"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)
