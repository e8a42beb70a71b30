# Reads <results>/split/split.safetensors, and the graph's table of tracks for baselines.
# Writes <results>/models/{conv}-{sampler}-{alpha}{seed}/*, <results>/models/{baseline}/*, <results>/models/{blend}/*, <results>/metrics/*, and while
# it trains <results>/checkpoints/{conv}-{sampler}-{alpha}{seed}/*.

# How far seeds are apart, where there are several.
SEEDS = {}
if len(config["sweep"]["seed"]) > 1:
    SEEDS = {f"seeds_{kind}": f"<results>/metrics/seeds.{kind}" for kind in ("parquet", "csv")}
# What models are compared by, playlist by playlist.
COMPARED = [
    *expand("recall@{k}", k=config["train"]["recall_k"]),
    *expand("ndcg@{k}", k=config["evaluate"]["k"]),
]
HISTORIES = expand("<results>/models/{model}/history.parquet", model=NAMES)


rule train_model:
    input:
        split="<results>/split/split.safetensors",
        relations=relations_of_model,
        chosen=chosen_of_model,
    output:
        model="<results>/models/{conv}-{sampler}-{alpha}{seed}/model.safetensors",
        embeddings="<results>/models/{conv}-{sampler}-{alpha}{seed}/embeddings.safetensors",
        history="<results>/models/{conv}-{sampler}-{alpha}{seed}/history.parquet",
        snapshots="<results>/models/{conv}-{sampler}-{alpha}{seed}/snapshots.safetensors",
        validated="<results>/models/{conv}-{sampler}-{alpha}{seed}/validated.safetensors",
        validation="<results>/models/{conv}-{sampler}-{alpha}{seed}/validation.json",
    log:
        "<logs>/train_model/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/train_model/{conv}-{sampler}-{alpha}{seed}.tsv"
    # The longest jobs first; and where one takes all cores, a job that takes one between two of them idles the others.
    priority: 2
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        gpu=gpus_of_training,
        mem_mb=memory_of_training,
        runtime=runtime_of_training,
    params:
        settings=settings_of_training,
        code=code_of_training,
    message:
        "Training {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/train_model.py"


rule pick_best:
    input:
        validations=expand("<results>/models/{model}/validation.json", model=NAMES),
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
        embeddings="<results>/models/{conv}-{sampler}-{alpha}{seed}/embeddings.safetensors",
    output:
        metrics="<results>/metrics/{conv}-{sampler}-{alpha}{seed}.json",
        playlists="<results>/metrics/{conv}-{sampler}-{alpha}{seed}.parquet",
    log:
        "<logs>/evaluate_model/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_model/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        runtime=runtime_of_ranking,
    params:
        settings=config["evaluate"],
        code=code("evaluate_model"),
    message:
        "Testing {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/evaluate_model.py"


rule fit_baseline:
    input:
        split="<results>/split/split.safetensors",
        tracks="<results>/graph/tracks.parquet",
        tuned=chosen_of_baseline,
    output:
        scorer="<results>/models/{baseline}/scorer.safetensors",
        chosen="<results>/models/{baseline}/chosen.json",
    log:
        "<logs>/fit_baseline/{baseline}.log",
    benchmark:
        "<benchmarks>/fit_baseline/{baseline}.tsv"
    priority: 2
    conda:
        "../../envs/train.yaml"
    threads: threads_of_fit
    resources:
        mem_mb=memory_of_baseline,
        runtime=runtime_of_baseline,
    params:
        settings=settings_of_fitting,
        code=code_of_fitting,
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
        playlists="<results>/metrics/{baseline}.parquet",
    log:
        "<logs>/evaluate_baseline/{baseline}.log",
    benchmark:
        "<benchmarks>/evaluate_baseline/{baseline}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_baseline,
        runtime=runtime_of_baseline,
    params:
        settings=config["evaluate"],
        code=code_of_testing,
    message:
        "Testing {wildcards.baseline}"
    script:
        "../scripts/evaluate_baseline.py"


rule fit_blend:
    input:
        split="<results>/split/split.safetensors",
        tracks="<results>/graph/tracks.parquet",
        scorers=scorers_of_blend,
        chosen=choices_of_blend,
        validated=validated_of_blend,
    output:
        scorer="<results>/models/{blend}/scorer.safetensors",
        chosen="<results>/models/{blend}/chosen.json",
    log:
        "<logs>/fit_blend/{blend}.log",
    benchmark:
        "<benchmarks>/fit_blend/{blend}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_blend,
        runtime=runtime_of_blend,
    params:
        settings=settings_of_blend,
        code=code_of_blend,
    message:
        "Choosing the weights of {wildcards.blend}"
    script:
        "../scripts/fit_blend.py"


rule evaluate_blend:
    input:
        split="<results>/split/split.safetensors",
        scorer="<results>/models/{blend}/scorer.safetensors",
        embeddings=embeddings_of_blend,
    output:
        metrics="<results>/metrics/{blend}.json",
        playlists="<results>/metrics/{blend}.parquet",
    log:
        "<logs>/evaluate_blend/{blend}.log",
    benchmark:
        "<benchmarks>/evaluate_blend/{blend}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_blend,
        runtime=runtime_of_blend,
    params:
        settings=config["evaluate"],
        code=code_of_testing_blend,
    message:
        "Testing {wildcards.blend}"
    script:
        "../scripts/evaluate_blend.py"


rule summarise_metrics:
    input:
        metrics=expand("<results>/metrics/{model}.json", model=TRAINED),
        baselines=expand("<results>/metrics/{scorer}.json", scorer=[*config["baselines"]["names"], *BLENDS]),
    output:
        **SEEDS,
        parquet="<results>/metrics/summary.parquet",
        csv="<results>/metrics/summary.csv",
    log:
        "<logs>/summarise_metrics.log",
    benchmark:
        "<benchmarks>/summarise_metrics.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"k": config["train"]["recall_k"]},
        code=code("summarise_metrics"),
    message:
        "Collecting the metrics"
    script:
        "../scripts/summarise_metrics.py"


rule compare_models:
    input:
        models=expand("<results>/metrics/{model}.parquet", model=[*TRAINED, *BLENDS]),
        baselines=expand("<results>/metrics/{baseline}.parquet", baseline=config["baselines"]["names"]),
        best="<results>/metrics/best.json",
        chosen=expand("<results>/models/{baseline}/chosen.json", baseline=config["baselines"]["names"]),
    output:
        parquet="<results>/metrics/paired.parquet",
        csv="<results>/metrics/paired.csv",
        others="<results>/metrics/others.parquet",
        errors="<results>/metrics/errors.parquet",
    log:
        "<logs>/compare_models.log",
    benchmark:
        "<benchmarks>/compare_models.tsv"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_of_columns,
    params:
        settings={
            "models": [*("-".join(model.parts.values()) for model in TRAININGS), *BLENDS],
            "baselines": config["baselines"]["names"],
            "metrics": COMPARED,
            "seed": config["evaluate"]["seed"],
        },
        code=code("compare_models"),
    message:
        "Comparing each model with each baseline, playlist by playlist"
    script:
        "../scripts/compare_models.py"
