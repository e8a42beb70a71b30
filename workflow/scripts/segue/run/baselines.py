"""The registry's entries of what is fitted without training: baselines and graph filters."""

from segue.run.kinds import Baseline, FitCost, Setting, by_name

NEIGHBOURS = Setting(
    "neighbours",
    "integer",
    "Most similar tracks that each track keeps, itself among them.",
    at_least=1,
    several=True,
)
OF_NEIGHBOURS = FitCost(  # an entry for each track and neighbour
    memory=lambda size, own: 32 * size.tracks * max(own["neighbours"]),
    seconds=lambda size, own: (
        size.edges * size.mean_length * 6e-9 + size.tracks * max(own["neighbours"]) * 1e-6
    ),
)

# Of the filters: V and lambda.
RANK = Setting(
    "rank",
    "integer",
    "Frequencies (eigenvectors) that the part of low rank has; 0: two hops alone.",
    at_least=0,
    several=True,
)
ITERATED = (
    Setting(
        "iterations",
        "integer",
        "Steps of the iteration towards the eigenvectors; few leave them unconverged.",
        at_least=0,
        several=True,
    ),
    Setting("seed", "integer", "Seed of the vectors that it starts from.", at_least=0),
)
OF_FREQUENCIES = FitCost(  # a basis of tracks and its image of playlists, a few times; a test, over all edges
    memory=lambda size, own: 24 * size.nodes * (16 + max(own["rank"])),
    seconds=lambda size, own: (
        (1 + max(own["iterations"]))
        * (16 + max(own["rank"]))
        * (2e-9 * size.edges + 1e-10 * size.tracks * (16 + max(own["rank"])))
        + 6e-10 * size.edges * size.playlists
    ),
)

BASELINES: dict[str, Baseline] = by_name(
    Baseline(
        "popularity",
        "Popularity",
        "segue.scorers.fit.fit_popularity",
        "segue.scorers.baselines.Popularity",
        "Tracks by the number of their playlists.",
        "|",
        FitCost(memory=lambda size, own: 0, seconds=lambda size, own: 0),
        parallel=False,
    ),
    Baseline(
        "knn",
        "Item-kNN",
        "segue.scorers.fit.fit_item_knn",
        "segue.scorers.baselines.ItemKNN",
        "Item-kNN (Deshpande and Karypis 2004), by implicit.",
        "x",
        OF_NEIGHBOURS,
        (
            NEIGHBOURS,
            Setting(
                "shrinkage",
                "number",
                "Playlists added to the degree of each track in the cosine, which lowers the similarities of "
                "rare tracks; 0 is the cosine.",
                at_least=0,
                several=True,
            ),
        ),
    ),
    Baseline(
        "als",
        "ALS",
        "segue.scorers.fit.fit_als",
        "segue.scorers.baselines.ALS",
        "Alternating least squares (Hu, Koren and Volinsky 2008), by implicit.",
        "+",
        FitCost(
            memory=lambda size, own: 8 * size.nodes * max(own["factors"]),
            seconds=lambda size, own: (
                own["iterations"]
                * (size.edges * max(own["factors"]) + size.nodes * max(own["factors"]) ** 2)
                * 1e-8
            ),
        ),
        (
            Setting("factors", "integer", "Dimensions of the factors.", at_least=1, several=True),
            Setting("regularization", "number", "L2 penalty of the factors.", above=0, several=True),
            Setting(
                "confidence",
                "number",
                "Confidence of a track that is on a playlist; 1 for one that is not.",
                at_least=1,
                several=True,
            ),
            Setting("iterations", "integer", "Iterations, each of playlists and tracks.", at_least=1),
            Setting("seed", "integer", "Seed of the first factors.", at_least=0),
        ),
    ),
    Baseline(
        "ease",
        "EASE",
        "segue.scorers.fit.fit_ease",
        "segue.scorers.baselines.EASE",
        "EASE (Steck 2019), in closed form.",
        "1",
        FitCost(  # a float64 and a float32 for each pair of tracks
            memory=lambda size, own: 12 * min(size.tracks, own["max_tracks"]) ** 2,
            seconds=lambda size, own: (
                min(size.tracks, own["max_tracks"]) ** 3 * 4e-11 + size.edges * size.mean_length * 2e-8
            ),
        ),
        (
            Setting("l2", "number", "L2 penalty of the weights.", above=0, several=True),
            Setting(
                "max_tracks",
                "integer",
                "Tracks above which EASE stops the run, since it takes 12 bytes for each pair of them.",
                at_least=1,
            ),
        ),
    ),
    Baseline(
        "rp3b",
        "RP3β",
        "segue.scorers.fit.fit_rp3b",
        "segue.scorers.baselines.RP3b",
        "RP3β (Paudel et al. 2017): random walks of three steps, and a penalty of popular tracks.",
        "2",
        OF_NEIGHBOURS,
        (
            NEIGHBOURS,
            Setting("power", "number", "Power of the steps' probabilities.", above=0, several=True),
            Setting(
                "penalty",
                "number",
                "Power of the degree that a track's weights are divided by; 0 is no penalty.",
                at_least=0,
                several=True,
            ),
        ),
    ),
    Baseline(
        "gfcf",
        "GF-CF",
        "segue.scorers.fit_filters.fit_gfcf",
        "segue.scorers.filters.GFCF",
        "GF-CF (Shen et al. 2021): two hops on the graph, and an ideal low-pass filter.",
        "3",
        OF_FREQUENCIES,
        (
            RANK,
            Setting("gain", "number", "Weight of the low-pass filter.", at_least=0, several=True),
            *ITERATED,
        ),
    ),
    Baseline(
        "filter",
        "Graph filter",
        "segue.scorers.fit_filters.fit_filter",
        "segue.scorers.filters.GraphFilter",
        "Two hops on the graph, between powers of the tracks' degrees; its strongest frequencies are cut and "
        "lifted.",
        "4",
        OF_FREQUENCIES,
        (
            Setting(
                "before",
                "number",
                "Power of the degree that a given track is divided by: how little popular ones say.",
                several=True,
            ),
            Setting(
                "after",
                "number",
                "Power of the degree that a track's score is multiplied with: what popular ones are worth.",
                several=True,
            ),
            RANK,
            Setting(
                "gain", "number", "Added to the eigenvalues of those frequencies.", at_least=0, several=True
            ),
            Setting(
                "cut",
                "number",
                "What those eigenvalues are cut down to where they are larger; at 1 none is.",
                above=0,
                at_most=1,
                several=True,
            ),
            *ITERATED,
        ),
    ),
)
