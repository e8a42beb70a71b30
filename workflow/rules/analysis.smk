# Reads snapshots of <results>/models, the graph, and the sample's themes.
# Writes <results>/maps/*, <results>/metrics/likeness/*, <results>/figures/{map,artists}/* and likeness.png.

# The maps of this run: what both `maps` and the sweep name.
MAPPED = expand(
    "{conv}-{sampler}-{alpha}",
    **{
        key: [name for name in names if name in config["maps"][key]] for key, names in config["sweep"].items()
    },
)
# Edge lists of other origin say nothing of artists.
HAS_ARTISTS = config["data"]["source"] != "edges"
LIKENESS = (
    expand("<results>/metrics/likeness/{conv}-{sampler}-{alpha}.parquet", **config["sweep"])
    if HAS_ARTISTS
    else []
)
EMBEDDING_FIGURES = [
    *expand("<results>/figures/map/{model}.{suffix}", model=MAPPED, suffix=["png", "gif"]),
    *(expand("<results>/figures/artists/{model}.png", model=MAPPED) if HAS_ARTISTS else []),
    *(["<results>/figures/likeness.png"] if HAS_ARTISTS else []),
]
EMBEDDING_TABLES = ["<results>/report/embeddings.html"] if MAPPED or HAS_ARTISTS else []


rule map_playlists:
    input:
        snapshots="<results>/models/{conv}-{sampler}-{alpha}/snapshots.safetensors",
        playlists="<results>/graph/playlists.parquet",
        themes=THEMES,
    output:
        map="<results>/maps/{conv}-{sampler}-{alpha}.parquet",
        quality="<results>/maps/{conv}-{sampler}-{alpha}.quality.parquet",
    log:
        "<logs>/map_playlists/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/map_playlists/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/maps.yaml"
    params:
        settings=lookup(dpath="maps", within=config),
        code=code("map_playlists"),
    message:
        "Mapping the playlists of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/map_playlists.py"


rule choose_artists:
    input:
        edges="<results>/graph/edges.parquet",
        tracks="<results>/graph/tracks.parquet",
        playlists="<results>/graph/playlists.parquet",
    output:
        groups="<results>/maps/artists.parquet",
        artists="<results>/maps/artists.json",
    log:
        "<logs>/choose_artists.log",
    benchmark:
        "<benchmarks>/choose_artists.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        artists=lookup(dpath="artists", within=config),
        code=code("choose_artists"),
    message:
        "Choosing the two artists to look at"
    script:
        "../scripts/choose_artists.py"


rule measure_likeness:
    input:
        snapshots="<results>/models/{conv}-{sampler}-{alpha}/snapshots.safetensors",
        edges="<results>/graph/edges.parquet",
        tracks="<results>/graph/tracks.parquet",
        artists="<results>/maps/artists.json",
    output:
        likeness="<results>/metrics/likeness/{conv}-{sampler}-{alpha}.parquet",
    log:
        "<logs>/measure_likeness/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/measure_likeness/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/maps.yaml"
    params:
        seed=lookup(dpath="maps/seed", within=config),
        code=code("measure_likeness"),
    message:
        "Measuring the likeness of playlists to {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/measure_likeness.py"


rule plot_map:
    input:
        map="<results>/maps/{conv}-{sampler}-{alpha}.parquet",
        playlists="<results>/graph/playlists.parquet",
        themes=THEMES,
    output:
        figure=report(
            "<results>/figures/map/{conv}-{sampler}-{alpha}.png",
            caption="../report/map.rst",
            category="Embeddings",
            labels={"result": "Map, by epoch", "conv": "{conv}", "sampler": "{sampler}", "alpha": "{alpha}"},
        ),
    log:
        "<logs>/plot_map/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/plot_map/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_map"),
    message:
        "Drawing the map of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/plot_map.py"


rule animate_map:
    input:
        map="<results>/maps/{conv}-{sampler}-{alpha}.parquet",
        playlists="<results>/graph/playlists.parquet",
        themes=THEMES,
    output:
        animation="<results>/figures/map/{conv}-{sampler}-{alpha}.gif",
        page=report(
            "<results>/figures/map/{conv}-{sampler}-{alpha}.html",
            caption="../report/map.rst",
            category="Embeddings",
            labels={"result": "Map, moving", "conv": "{conv}", "sampler": "{sampler}", "alpha": "{alpha}"},
        ),
    log:
        "<logs>/animate_map/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/animate_map/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("animate_map"),
    message:
        "Animating the map of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/animate_map.py"


rule plot_artists:
    input:
        map="<results>/maps/{conv}-{sampler}-{alpha}.parquet",
        groups="<results>/maps/artists.parquet",
        artists="<results>/maps/artists.json",
    output:
        figure=report(
            "<results>/figures/artists/{conv}-{sampler}-{alpha}.png",
            caption="../report/artists.rst",
            category="Embeddings",
            labels={"result": "Two artists", "conv": "{conv}", "sampler": "{sampler}", "alpha": "{alpha}"},
        ),
    log:
        "<logs>/plot_artists/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/plot_artists/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_artists"),
    message:
        "Drawing two artists on the map of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/plot_artists.py"


rule plot_likeness:
    input:
        likeness=LIKENESS,
    output:
        figure=report(
            "<results>/figures/likeness.png",
            caption="../report/likeness.rst",
            category="Embeddings",
            labels={"result": "Likeness"},
        ),
    log:
        "<logs>/plot_likeness.log",
    benchmark:
        "<benchmarks>/plot_likeness.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_likeness"),
    message:
        "Drawing how alike playlists that share an artist are"
    script:
        "../scripts/plot_likeness.py"


rule tabulate_embeddings:
    input:
        likeness=LIKENESS,
        quality=expand("<results>/maps/{model}.quality.parquet", model=MAPPED),
    output:
        page=report(
            "<results>/report/embeddings.html",
            caption="../report/embeddings.rst",
            category="Embeddings",
            labels={"result": "Likeness and maps in numbers"},
        ),
    log:
        "<logs>/tabulate_embeddings.log",
    benchmark:
        "<benchmarks>/tabulate_embeddings.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("tabulate_embeddings"),
    message:
        "Listing what the embeddings and their maps are worth"
    script:
        "../scripts/tabulate_embeddings.py"
