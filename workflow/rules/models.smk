# Reads <results>/split/split.safetensors. Writes <results>/models/{conv}-{sampler}-{alpha}/*, and while it trains
# <results>/checkpoints/{conv}-{sampler}-{alpha}/*.


rule train_model:
    input:
        split="<results>/split/split.safetensors",
    output:
        model="<results>/models/{conv}-{sampler}-{alpha}/model.safetensors",
        embeddings="<results>/models/{conv}-{sampler}-{alpha}/embeddings.safetensors",
        history="<results>/models/{conv}-{sampler}-{alpha}/history.parquet",
        snapshots="<results>/models/{conv}-{sampler}-{alpha}/snapshots.safetensors",
    log:
        "<logs>/train_model/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/train_model/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        gpu=1,
        mem_mb=memory_of_training,
        runtime=runtime_of_training,
    params:
        dim=lookup(dpath="model/dim", within=config),
        conv=lookup(dpath="model/{conv}", within=config),
        negatives=lookup(dpath="negatives/{sampler}", within=config),
        train=lookup(dpath="train", within=config),
        device=lookup(dpath="device", within=config),
        max_playlists=lookup(dpath="evaluate/max_playlists", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("train_model"),
    message:
        "Training {wildcards.conv} with {wildcards.sampler} negatives and {wildcards.alpha} alpha"
    script:
        "../scripts/train_model.py"
