# Reads tables of <results>/graph, models and metrics. Writes <results>/figures/*.png.


rule plot_degrees:
    input:
        degrees="<results>/graph/degrees.parquet",
    output:
        figure="<results>/figures/degrees.png",
    log:
        "<logs>/plot_degrees.log",
    benchmark:
        "<benchmarks>/plot_degrees.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        k=lookup(dpath="graph/k_core", within=config),
        code=code("plot_degrees"),
    message:
        "Drawing the degree distribution"
    script:
        "../scripts/plot_degrees.py"


rule plot_kcore_ladder:
    input:
        ladder="<results>/graph/ladder.parquet",
    output:
        figure="<results>/figures/kcore_ladder.png",
    log:
        "<logs>/plot_kcore_ladder.log",
    benchmark:
        "<benchmarks>/plot_kcore_ladder.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        k=lookup(dpath="graph/k_core", within=config),
        code=code("plot_kcore_ladder"),
    message:
        "Drawing the sizes of the cores"
    script:
        "../scripts/plot_kcore_ladder.py"


rule plot_loss:
    input:
        histories=HISTORIES,
    output:
        figure="<results>/figures/loss.png",
    log:
        "<logs>/plot_loss.log",
    benchmark:
        "<benchmarks>/plot_loss.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        loss=lookup(dpath="train/loss", within=config),
        code=code("plot_loss"),
    message:
        "Drawing the validation loss"
    script:
        "../scripts/plot_loss.py"


rule plot_recall:
    input:
        histories=HISTORIES,
    output:
        figure="<results>/figures/recall.png",
    log:
        "<logs>/plot_recall.log",
    benchmark:
        "<benchmarks>/plot_recall.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_recall"),
    message:
        "Drawing the validation recall"
    script:
        "../scripts/plot_recall.py"


rule plot_metrics:
    input:
        summary="<results>/metrics/summary.parquet",
    output:
        figure="<results>/figures/metrics.png",
    log:
        "<logs>/plot_metrics.log",
    benchmark:
        "<benchmarks>/plot_metrics.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        k=lookup(dpath="train/recall_k", within=config),
        code=code("plot_metrics"),
    message:
        "Drawing the test metrics"
    script:
        "../scripts/plot_metrics.py"
