# Reads the split, models and tables of tracks and playlists.
# Writes <results>/models/{conv}-{sampler}-{alpha}/scorer.safetensors and <results>/serving/*.


rule freeze_model:
    input:
        split="<results>/split/split.safetensors",
        model="<results>/models/{conv}-{sampler}-{alpha}/model.safetensors",
        tracks="<results>/graph/tracks.parquet",
    output:
        scorer="<results>/models/{conv}-{sampler}-{alpha}/scorer.safetensors",
    log:
        "<logs>/freeze_model/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/freeze_model/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_freezing,
        runtime=runtime_of_ranking,
    params:
        dim=lookup(dpath="model/dim", within=config),
        conv=lookup(dpath="model/{conv}", within=config),
        recall_k=lookup(dpath="train/recall_k", within=config),
        max_playlists=lookup(dpath="evaluate/max_playlists", within=config),
        seed=lookup(dpath="evaluate/seed", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("freeze_model"),
    message:
        "Freezing {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/freeze_model.py"


rule freeze_best:
    input:
        best="<results>/metrics/best.json",
        split="<results>/split/split.safetensors",
        models=expand("<results>/models/{conv}-{sampler}-{alpha}/model.safetensors", **config["sweep"]),
        tracks="<results>/graph/tracks.parquet",
    output:
        scorer="<results>/serving/scorer.safetensors",
    log:
        "<logs>/freeze_best.log",
    benchmark:
        "<benchmarks>/freeze_best.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_freezing,
        runtime=runtime_of_ranking,
    params:
        dim=lookup(dpath="model/dim", within=config),
        convs={name: config["model"][name] for name in config["sweep"]["conv"]},
        recall_k=lookup(dpath="train/recall_k", within=config),
        max_playlists=lookup(dpath="evaluate/max_playlists", within=config),
        seed=lookup(dpath="evaluate/seed", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("freeze_best"),
    message:
        "Freezing the best model"
    script:
        "../scripts/freeze_best.py"


rule index_tracks:
    input:
        slice_tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        tracks="<results>/graph/tracks.parquet",
        split="<results>/split/split.safetensors",
    output:
        tracks="<results>/serving/tracks.parquet",
    log:
        "<logs>/index_tracks.log",
    benchmark:
        "<benchmarks>/index_tracks.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_columns,
    params:
        code=code("index_tracks"),
    message:
        "Listing the tracks that playlists may name"
    script:
        "../scripts/index_tracks.py"


rule index_titles:
    input:
        playlists="<results>/graph/playlists.parquet",
    output:
        titles="<results>/serving/titles.safetensors",
    log:
        "<logs>/index_titles.log",
    benchmark:
        "<benchmarks>/index_titles.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("index_titles"),
    message:
        "Indexing the titles of the playlists"
    script:
        "../scripts/index_titles.py"
