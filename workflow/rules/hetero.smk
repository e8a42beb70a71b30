# Where artists and albums help. Reads the split, <results>/models/*/{embeddings,scorer}.safetensors, the graph's nodes, and
# the tracks that were hidden from it, <results>/cold/*. Writes <results>/hetero/*.

STUDY = ["<results>/hetero/popularity.csv"] if STUDIED else []
# What models_table says of each.
RELATED = [
    {
        "model": model.name,
        **model.parts,
        "like": family(model.conv, FAMILIES),
        "relations": "+".join(KINDS_OF_CONVS[model.conv]) or "none",
    }
    for model in MODELS
]
# Those that know a track by its artist or album.
KNOWING = [model for model in RELATED if model["relations"] != "none"]
if KNOWING and COLD:
    STUDY.append("<results>/hetero/cold.csv")


rule measure_popularity:
    input:
        split="<results>/split/split.safetensors",
        scorer=scorer_of_studied,
        embeddings=embeddings_of_studied,
    output:
        hits="<results>/hetero/popularity/{model}.parquet",
    log:
        "<logs>/measure_popularity/{model}.log",
    benchmark:
        "<benchmarks>/measure_popularity/{model}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_studied,
        runtime=runtime_of_ranking,
    params:
        settings=config["evaluate"],
        code=code_of_studied,
    message:
        "Measuring what {wildcards.model} finds of rare and of frequent tracks"
    script:
        "../scripts/measure_popularity.py"


rule compare_relations:
    input:
        hits=if_asked(
            STUDIED,
            expand("<results>/hetero/popularity/{model}.parquet", model=STUDIED),
            "graph.relations",
            "hetero.yaml",
        ),
    output:
        parquet="<results>/hetero/popularity.parquet",
        csv="<results>/hetero/popularity.csv",
    log:
        "<logs>/compare_relations.log",
    benchmark:
        "<benchmarks>/compare_relations.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={
            "models": [*RELATED, *({"model": name} for name in STUDIED if name not in NAMES)],
            "k": config["evaluate"]["k"],
            "shown": config["train"]["recall_k"],
            "seed": config["evaluate"]["seed"],
        },
        code=code("compare_relations"),
    message:
        "Comparing each model with itself without artists and albums"
    script:
        "../scripts/compare_relations.py"


rule measure_cold:
    input:
        split="<results>/split/split.safetensors",
        tracks="<results>/graph/tracks.parquet",
        artists="<results>/graph/artists.parquet" if "artist" in RELATIONS else [],
        albums="<results>/graph/albums.parquet" if "album" in RELATIONS else [],
        cold_tracks=if_asked(
            KNOWING and COLD, "<results>/cold/tracks.parquet", "cold.share, graph.relations", "hetero.yaml"
        ),
        cold_edges="<results>/cold/edges.parquet",
        embeddings=files_of_models([each["model"] for each in KNOWING], "embeddings.safetensors"),
        scorers=files_of_models([each["model"] for each in KNOWING], "scorer.safetensors"),
    output:
        parquet="<results>/hetero/cold.parquet",
        csv="<results>/hetero/cold.csv",
        coverage="<results>/hetero/coverage.csv",
    log:
        "<logs>/measure_cold.log",
    benchmark:
        "<benchmarks>/measure_cold.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_cold,
        runtime=runtime_of_ranking,
    params:
        settings={
            "models": KNOWING,
            "k": sorted({20, *config["evaluate"]["k"]}),
            "max_playlists": config["evaluate"]["max_playlists"],
            "seed": config["evaluate"]["seed"],
        },
        code=code("measure_cold", *dict.fromkeys(CONVS[each["conv"]] for each in KNOWING)),
    message:
        "Measuring how tracks are found that training never saw"
    script:
        "../scripts/measure_cold.py"
