# Reads <results>/split/split.safetensors. Writes <results>/tune/* and <results>/figures/tune.png,
# <results>/report/tune.html, and of trials <results>/checkpoints/tune/{model}/*.
#
# How many trials each round has follows from the configuration, so that all jobs are known beforehand: those of the
# first round are named by what they set, those of a later one by the place that their trial had before.

TUNED = (
    [
        "<results>/tune/tune.parquet",
        "<results>/figures/tune.png",
        "<results>/report/tune.html",
    ]
    if TUNINGS
    else []
)


rule try_model:
    input:
        split="<results>/split/split.safetensors",
        relations=relations_of_model,
        ranking=ranking_before,
    output:
        trial="<results>/tune/{conv}-{sampler}-{alpha}/round-{round}/{slot}.json",
    log:
        "<logs>/try_model/{conv}-{sampler}-{alpha}/{round}-{slot}.log",
    benchmark:
        "<benchmarks>/try_model/{conv}-{sampler}-{alpha}/{round}-{slot}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        gpu=gpus_of_training,
        mem_mb=memory_of_training,
        runtime=runtime_of_training,
    params:
        settings=settings_of_trial,
        code=code_of_trial,
    message:
        "Trying settings of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}, round {wildcards.round}"
    script:
        "../scripts/try_model.py"


rule try_baseline:
    input:
        split="<results>/split/split.safetensors",
    output:
        trial="<results>/tune/{baseline}/round-1/{slot}.json",
    log:
        "<logs>/try_baseline/{baseline}/1-{slot}.log",
    benchmark:
        "<benchmarks>/try_baseline/{baseline}/1-{slot}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: threads_of_fit
    resources:
        mem_mb=memory_of_baseline,
        runtime=runtime_of_baseline,
    params:
        settings=settings_of_baseline_trial,
        code=code_of_baseline_trial,
    message:
        "Trying settings of {wildcards.baseline}"
    script:
        "../scripts/try_baseline.py"


rule rank_trials:
    input:
        trials=trials_to_rank,
    output:
        ranking="<results>/tune/{tuned}/round-{round}.json",
    log:
        "<logs>/rank_trials/{tuned}-{round}.log",
    benchmark:
        "<benchmarks>/rank_trials/{tuned}-{round}.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings=settings_of_ranking,
        code=code("rank_trials"),
    message:
        "Choosing the trials of {wildcards.tuned} that go on after round {wildcards.round}"
    script:
        "../scripts/rank_trials.py"


rule choose_trial:
    input:
        trials=trials_to_choose,
    output:
        chosen="<results>/tune/{tuned}/chosen.json",
    log:
        "<logs>/choose_trial/{tuned}.log",
    benchmark:
        "<benchmarks>/choose_trial/{tuned}.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("choose_trial"),
    message:
        "Choosing the settings of {wildcards.tuned}"
    script:
        "../scripts/choose_trial.py"


rule collect_trials:
    input:
        trials=if_asked(
            TUNINGS,
            [
                tuning.files(f"<results>/tune/{model}", 1 + place)
                for model, tuning in TUNINGS.items()
                for place in range(len(tuning.rounds))
            ],
            "tune.models",
            "tuned.yaml",
        ),
        chosen=expand("<results>/tune/{model}/chosen.json", model=TUNINGS),
    output:
        trials="<results>/tune/tune.parquet",
    log:
        "<logs>/collect_trials.log",
    benchmark:
        "<benchmarks>/collect_trials.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("collect_trials"),
    message:
        "Collecting the trials of all tuned models"
    script:
        "../scripts/collect_trials.py"


rule plot_trials:
    input:
        trials="<results>/tune/tune.parquet",
    output:
        figure=shown(
            "<results>/figures/tune.png",
            caption="../report/tune_figure.rst",
            category="Tuning",
            labels={"result": "Validation recall of all trials"},
        ),
    log:
        "<logs>/plot_trials.log",
    benchmark:
        "<benchmarks>/plot_trials.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("plot_trials"),
    message:
        "Drawing the trials of all tuned models"
    script:
        "../scripts/plot_trials.py"


rule tabulate_trials:
    input:
        trials="<results>/tune/tune.parquet",
    output:
        page=shown(
            "<results>/report/tune.html",
            caption="../report/tune.rst",
            category="Tuning",
            labels={"result": "Chosen settings, and all trials"},
        ),
    log:
        "<logs>/tabulate_trials.log",
    benchmark:
        "<benchmarks>/tabulate_trials.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings=DRAWN_AS,
        code=code("tabulate_trials"),
    message:
        "Listing what was tried and chosen"
    script:
        "../scripts/tabulate_trials.py"
