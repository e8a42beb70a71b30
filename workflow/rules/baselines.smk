# Reads the split and the table of tracks.
# Writes <results>/models/{baseline}/{scorer.safetensors,chosen.json} and <results>/metrics/{baseline}.json.


def grid_of_baseline(wildcards):
    return config["baselines"].get(wildcards.baseline, {})


def memory_of_baseline(wildcards, input, attempt):
    size, grid = size_of_split(input.split), grid_of_baseline(wildcards)
    return baseline_mb(size, wildcards.baseline, grid) * attempt


def runtime_of_baseline(wildcards, input, attempt):
    size, grid = size_of_split(input.split), grid_of_baseline(wildcards)
    ranked = config["evaluate"]["max_playlists"]
    return baseline_minutes(size, wildcards.baseline, grid, ranked) * attempt


rule fit_baseline:
    input:
        split="<results>/split/split.safetensors",
        tracks="<results>/graph/tracks.parquet",
    output:
        scorer="<results>/models/{baseline}/scorer.safetensors",
        chosen="<results>/models/{baseline}/chosen.json",
    log:
        "<logs>/fit_baseline/{baseline}.log",
    benchmark:
        "<benchmarks>/fit_baseline/{baseline}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_baseline,
        runtime=runtime_of_baseline,
    params:
        grid=grid_of_baseline,
        recall_k=lookup(dpath="train/recall_k", within=config),
        max_playlists=lookup(dpath="evaluate/max_playlists", within=config),
        seed=lookup(dpath="evaluate/seed", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("fit_baseline"),
    message:
        "Fitting {wildcards.baseline}"
    script:
        "../scripts/fit_baseline.py"


rule evaluate_baseline:
    input:
        split="<results>/split/split.safetensors",
        scorer="<results>/models/{baseline}/scorer.safetensors",
    output:
        metrics="<results>/metrics/{baseline}.json",
    log:
        "<logs>/evaluate_baseline/{baseline}.log",
    benchmark:
        "<benchmarks>/evaluate_baseline/{baseline}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_baseline,
        runtime=runtime_of_baseline,
    params:
        settings=lookup(dpath="evaluate", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("evaluate_baseline"),
    message:
        "Testing {wildcards.baseline}"
    script:
        "../scripts/evaluate_baseline.py"
