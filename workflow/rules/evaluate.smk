# Reads the split, and embeddings and histories of <results>/models. Writes <results>/metrics/*.

HISTORIES = expand("<results>/models/{conv}-{sampler}-{alpha}/history.parquet", **config["sweep"])


rule pick_best:
    input:
        histories=HISTORIES,
    output:
        best="<results>/metrics/best.json",
    log:
        "<logs>/pick_best.log",
    benchmark:
        "<benchmarks>/pick_best.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("pick_best"),
    message:
        "Choosing the best model by validation recall"
    script:
        "../scripts/pick_best.py"


rule evaluate_model:
    input:
        split="<results>/split/split.safetensors",
        embeddings="<results>/models/{conv}-{sampler}-{alpha}/embeddings.safetensors",
    output:
        metrics="<results>/metrics/{conv}-{sampler}-{alpha}.json",
    log:
        "<logs>/evaluate_model/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/evaluate_model/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        runtime=runtime_of_ranking,
    params:
        settings=lookup(dpath="evaluate", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("evaluate_model"),
    message:
        "Testing {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/evaluate_model.py"


rule summarise_metrics:
    input:
        metrics=expand("<results>/metrics/{conv}-{sampler}-{alpha}.json", **config["sweep"]),
        baselines=expand("<results>/metrics/{baseline}.json", baseline=config["baselines"]["names"]),
    output:
        parquet="<results>/metrics/summary.parquet",
        csv="<results>/metrics/summary.csv",
    log:
        "<logs>/summarise_metrics.log",
    benchmark:
        "<benchmarks>/summarise_metrics.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        k=lookup(dpath="train/recall_k", within=config),
        code=code("summarise_metrics"),
    message:
        "Collecting the metrics"
    script:
        "../scripts/summarise_metrics.py"
