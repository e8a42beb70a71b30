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
        mem_mb=memory_of_training,
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
