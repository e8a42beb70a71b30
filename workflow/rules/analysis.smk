# Reads snapshots of <results>/models, the graph, and the sample's themes.
# Writes <results>/maps/*, <results>/metrics/likeness/* and <results>/graph/drawing_{nodes,edges}.parquet.

# The maps of this run: of its models, those that `maps` names too.
MAPPED = [
    model.name for model in MODELS if all(part in config["maps"][key] for key, part in model.parts.items())
]
# Edge lists of other origin say nothing of artists.
HAS_ARTISTS = config["data"]["source"] != "edges"
LIKENESS = expand("<results>/metrics/likeness/{model}.parquet", model=NAMES)


rule map_playlists:
    input:
        snapshots="<results>/models/{conv}-{sampler}-{alpha}{seed}/snapshots.safetensors",
        playlists="<results>/graph/playlists.parquet",
        themes=THEMES,
        artists=artists_on_map,
    output:
        map="<results>/maps/{conv}-{sampler}-{alpha}{seed}.parquet",
        quality="<results>/maps/{conv}-{sampler}-{alpha}{seed}.quality.parquet",
    log:
        "<logs>/map_playlists/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/map_playlists/{conv}-{sampler}-{alpha}{seed}.tsv"
    # The longest of what is left then, so that no core is left with it at the end.
    priority: 1
    conda:
        "../../envs/maps.yaml"
    params:
        settings=config["maps"],
        code=code("map_playlists"),
    message:
        "Mapping the playlists of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
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
    # Before anything trains, so that a name which is not there ends a run in its first minutes.
    priority: 3
    conda:
        "../../envs/data.yaml"
    params:
        settings=config["artists"],
        code=code("choose_artists"),
    message:
        "Choosing the two artists to look at"
    script:
        "../scripts/choose_artists.py"


rule measure_likeness:
    input:
        snapshots="<results>/models/{conv}-{sampler}-{alpha}{seed}/snapshots.safetensors",
        edges="<results>/graph/edges.parquet",
        tracks="<results>/graph/tracks.parquet",
        artists="<results>/maps/artists.json",
    output:
        likeness="<results>/metrics/likeness/{conv}-{sampler}-{alpha}{seed}.parquet",
    log:
        "<logs>/measure_likeness/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/measure_likeness/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/maps.yaml"
    params:
        settings={"seed": config["maps"]["seed"]},
        code=code("measure_likeness"),
    message:
        "Measuring the likeness of playlists to {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/measure_likeness.py"


rule sample_subgraph:
    input:
        edges="<results>/graph/edges.parquet",
    output:
        nodes="<results>/graph/drawing_nodes.parquet",
        edges="<results>/graph/drawing_edges.parquet",
    log:
        "<logs>/sample_subgraph.log",
    benchmark:
        "<benchmarks>/sample_subgraph.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=config["drawing"],
        code=code("sample_subgraph"),
    message:
        "Laying out a part of the core"
    script:
        "../scripts/sample_subgraph.py"
