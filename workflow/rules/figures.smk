# Reads tables of <results>/graph, models and metrics. Writes <results>/figures/*.png.

GRAPH_FIGURES = ["degrees", "kcore_ladder"]
QUALITY_FIGURES = ["metrics"]
# What the models of this run can fill.
TRAINING_FIGURES = ["loss", "recall", "roc_auc", "loss_recall"]
if len(config["sweep"]["alpha"]) == 2:
    TRAINING_FIGURES.append("alpha")
if "learnable" in config["sweep"]["alpha"]:
    TRAINING_FIGURES.append("layer_weights")


rule plot_degrees:
    input:
        degrees="<results>/graph/degrees.parquet",
    output:
        figure=report(
            "<results>/figures/degrees.png",
            caption="../report/degrees.rst",
            category="Graph",
            labels={"result": "Degrees"},
        ),
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
        figure=report(
            "<results>/figures/kcore_ladder.png",
            caption="../report/kcore_ladder.rst",
            category="Graph",
            labels={"result": "Sizes of the K-cores"},
        ),
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
        figure=report(
            "<results>/figures/loss.png",
            caption="../report/loss.rst",
            category="Training",
            labels={"result": "Validation loss"},
        ),
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
        figure=report(
            "<results>/figures/recall.png",
            caption="../report/recall.rst",
            category="Training",
            labels={"result": "Validation recall"},
        ),
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


rule plot_roc_auc:
    input:
        histories=HISTORIES,
    output:
        figure=report(
            "<results>/figures/roc_auc.png",
            caption="../report/roc_auc.rst",
            category="Training",
            labels={"result": "Validation ROC-AUC"},
        ),
    log:
        "<logs>/plot_roc_auc.log",
    benchmark:
        "<benchmarks>/plot_roc_auc.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_roc_auc"),
    message:
        "Drawing the validation ROC-AUC"
    script:
        "../scripts/plot_roc_auc.py"


rule plot_loss_recall:
    input:
        histories=HISTORIES,
    output:
        figure=report(
            "<results>/figures/loss_recall.png",
            caption="../report/loss_recall.rst",
            category="Training",
            labels={"result": "Loss against recall"},
        ),
    log:
        "<logs>/plot_loss_recall.log",
    benchmark:
        "<benchmarks>/plot_loss_recall.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        loss=lookup(dpath="train/loss", within=config),
        code=code("plot_loss_recall"),
    message:
        "Drawing recall against loss"
    script:
        "../scripts/plot_loss_recall.py"


rule plot_alpha:
    input:
        histories=HISTORIES,
    output:
        figure=report(
            "<results>/figures/alpha.png",
            caption="../report/alpha.rst",
            category="Training",
            labels={"result": "Fixed and learnable α"},
        ),
    log:
        "<logs>/plot_alpha.log",
    benchmark:
        "<benchmarks>/plot_alpha.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_alpha"),
    message:
        "Comparing fixed and learnable layer weights"
    script:
        "../scripts/plot_alpha.py"


rule plot_layer_weights:
    input:
        histories=HISTORIES,
    output:
        figure=report(
            "<results>/figures/layer_weights.png",
            caption="../report/layer_weights.rst",
            category="Training",
            labels={"result": "Learned α of each layer"},
        ),
    log:
        "<logs>/plot_layer_weights.log",
    benchmark:
        "<benchmarks>/plot_layer_weights.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_layer_weights"),
    message:
        "Drawing the layer weights"
    script:
        "../scripts/plot_layer_weights.py"


rule plot_metrics:
    input:
        summary="<results>/metrics/summary.parquet",
    output:
        figure=report(
            "<results>/figures/metrics.png",
            caption="../report/metrics.rst",
            category="Quality",
            labels={"result": "Test metrics"},
        ),
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
