# Reads tables of <results>/graph, models, maps and metrics, the split, and the sample's themes.
# Writes <results>/figures/**.

# By name, what the report calls them: what the models of this run can fill.
HISTORY_TITLES = {"recall": "Validation recall", "roc_auc": "Validation ROC-AUC"}
if any(SAMPLERS[model.sampler].pairs for model in MODELS):
    HISTORY_TITLES |= {"loss": "Validation loss", "loss_recall": "Loss against recall"}
if any(not SAMPLERS[model.sampler].pairs for model in MODELS):
    HISTORY_TITLES["softmax_loss"] = "Validation loss, softmax"
if len({(model.conv, model.sampler) for model in MODELS}) < len(MODELS):
    HISTORY_TITLES["alpha"] = "Fixed and learnable α"
if any(model.alpha == "learnable" for model in MODELS):
    HISTORY_TITLES["layer_weights"] = "Learned α of each layer"
HISTORY_FIGURES = {
    name: shown(
        f"<results>/figures/{name}.png",
        caption=f"../report/{name}.rst",
        category="Training",
        labels={"result": title},
    )
    for name, title in HISTORY_TITLES.items()
}
FIGURES = [
    *expand(
        "<results>/figures/{figure}.png",
        figure=["degrees", "kcore_idea", "kcore_ladder", "subgraph", "split", "metrics", *HISTORY_TITLES],
    ),
    *expand("<results>/figures/map/{model}.{suffix}", model=MAPPED, suffix=["png", "html"]),
]
if HAS_ARTISTS:
    FIGURES += expand("<results>/figures/artists/{model}.png", model=MAPPED)
# Curves over epochs; of the last one alone the table says all.
LIKENESS_DRAWN = HAS_ARTISTS and config["train"]["snapshot_every"] is not None
if LIKENESS_DRAWN:
    FIGURES.append("<results>/figures/likeness.png")
if STUDIED:
    FIGURES.append("<results>/figures/popularity.png")
COLD_STUDIED = "<results>/hetero/cold.csv" in STUDY
if COLD_STUDIED:
    FIGURES.append("<results>/figures/cold.png")


rule plot_degrees:
    input:
        degrees="<results>/graph/degrees.parquet",
    output:
        figure=shown(
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
        settings={"k": config["graph"]["k_core"]},
        code=code("plot_degrees"),
    message:
        "Drawing the degree distribution"
    script:
        "../scripts/plot_degrees.py"


rule plot_kcore_idea:
    output:
        figure=shown(
            "<results>/figures/kcore_idea.png",
            caption="../report/kcore_idea.rst",
            category="Graph",
            labels={"result": "What a k-core is"},
        ),
    log:
        "<logs>/plot_kcore_idea.log",
    benchmark:
        "<benchmarks>/plot_kcore_idea.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_kcore_idea"),
    message:
        "Drawing the cores of a small graph"
    script:
        "../scripts/plot_kcore_idea.py"


rule plot_kcore_ladder:
    input:
        ladder="<results>/graph/ladder.parquet",
    output:
        figure=shown(
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
        settings={"k": config["graph"]["k_core"]},
        code=code("plot_kcore_ladder"),
    message:
        "Drawing the sizes of the cores"
    script:
        "../scripts/plot_kcore_ladder.py"


rule plot_subgraph:
    input:
        nodes="<results>/graph/drawing_nodes.parquet",
        edges="<results>/graph/drawing_edges.parquet",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
        stats="<results>/graph/stats.json",
    output:
        figure=shown(
            "<results>/figures/subgraph.png",
            caption="../report/subgraph.rst",
            category="Graph",
            labels={"result": "A part of the core"},
        ),
        page=shown(
            "<results>/figures/subgraph.html",
            caption="../report/subgraph.rst",
            category="Graph",
            labels={"result": "A part of the core, node by node"},
        ),
    log:
        "<logs>/plot_subgraph.log",
    benchmark:
        "<benchmarks>/plot_subgraph.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_subgraph"),
    message:
        "Drawing a part of the core"
    script:
        "../scripts/plot_subgraph.py"


rule plot_split:
    input:
        split="<results>/split/split.safetensors",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
    output:
        figure=shown(
            "<results>/figures/split.png",
            caption="../report/split.rst",
            category="Graph",
            labels={"result": "The split, around one playlist"},
        ),
    log:
        "<logs>/plot_split.log",
    benchmark:
        "<benchmarks>/plot_split.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code("plot_split"),
    message:
        "Drawing the split"
    script:
        "../scripts/plot_split.py"


rule plot_histories:
    input:
        histories=HISTORIES,
    output:
        **HISTORY_FIGURES,
    log:
        "<logs>/plot_histories.log",
    benchmark:
        "<benchmarks>/plot_histories.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"loss": config["train"]["loss"]} | DRAWN_AS,
        code=code("plot_histories"),
    message:
        "Drawing how the models learned"
    script:
        "../scripts/plot_histories.py"


rule plot_metrics:
    input:
        summary="<results>/metrics/summary.parquet",
        errors="<results>/metrics/errors.parquet",
        seeds=["<results>/metrics/seeds.parquet"] if SEEDS else [],
    output:
        figure=shown(
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
        settings={"k": config["train"]["recall_k"]} | DRAWN_AS,
        code=code("plot_metrics"),
    message:
        "Drawing the test metrics"
    script:
        "../scripts/plot_metrics.py"


rule plot_map:
    input:
        map="<results>/maps/{conv}-{sampler}-{alpha}{seed}.parquet",
        playlists="<results>/graph/playlists.parquet",
        themes=THEMES,
    output:
        figure=shown(
            "<results>/figures/map/{conv}-{sampler}-{alpha}{seed}.png",
            caption="../report/map.rst",
            category="Embeddings",
            labels={
                "result": "Map, by epoch",
                "conv": "{conv}",
                "sampler": "{sampler}",
                "alpha": "{alpha}{seed}",
            },
        ),
    log:
        "<logs>/plot_map/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/plot_map/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("plot_map"),
    message:
        "Drawing the map of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/plot_map.py"


rule animate_map:
    input:
        map="<results>/maps/{conv}-{sampler}-{alpha}{seed}.parquet",
        playlists="<results>/graph/playlists.parquet",
        themes=THEMES,
    output:
        page=shown(
            "<results>/figures/map/{conv}-{sampler}-{alpha}{seed}.html",
            caption="../report/map.rst",
            category="Embeddings",
            labels={
                "result": "Map, moving",
                "conv": "{conv}",
                "sampler": "{sampler}",
                "alpha": "{alpha}{seed}",
            },
        ),
    log:
        "<logs>/animate_map/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/animate_map/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("animate_map"),
    message:
        "Animating the map of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/animate_map.py"


rule plot_artists:
    input:
        map="<results>/maps/{conv}-{sampler}-{alpha}{seed}.parquet",
        groups="<results>/maps/artists.parquet",
        artists="<results>/maps/artists.json",
    output:
        figure=shown(
            "<results>/figures/artists/{conv}-{sampler}-{alpha}{seed}.png",
            caption="../report/artists.rst",
            category="Embeddings",
            labels={
                "result": "Two artists",
                "conv": "{conv}",
                "sampler": "{sampler}",
                "alpha": "{alpha}{seed}",
            },
        ),
    log:
        "<logs>/plot_artists/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/plot_artists/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("plot_artists"),
    message:
        "Drawing two artists on the map of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/plot_artists.py"


rule plot_likeness:
    input:
        likeness=LIKENESS,
    output:
        figure=shown(
            "<results>/figures/likeness.png",
            caption="../report/likeness.rst",
            category="Embeddings",
            labels={"result": "Likeness"},
        ),
    log:
        "<logs>/plot_likeness.log",
    benchmark:
        "<benchmarks>/plot_likeness.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("plot_likeness"),
    message:
        "Drawing how alike playlists that share an artist are"
    script:
        "../scripts/plot_likeness.py"


rule plot_popularity:
    input:
        popularity="<results>/hetero/popularity.parquet",
    output:
        figure=shown(
            "<results>/figures/popularity.png",
            caption="../report/popularity.rst",
            category="Artists and albums",
            labels={"result": "Where they help"},
        ),
    log:
        "<logs>/plot_popularity.log",
    benchmark:
        "<benchmarks>/plot_popularity.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"k": config["train"]["recall_k"]} | DRAWN_AS,
        code=code("plot_popularity"),
    message:
        "Drawing where artists and albums help"
    script:
        "../scripts/plot_popularity.py"


rule plot_cold:
    input:
        cold="<results>/hetero/cold.parquet",
    output:
        figure=shown(
            "<results>/figures/cold.png",
            caption="../report/cold.rst",
            category="Artists and albums",
            labels={"result": "Cold tracks"},
        ),
    log:
        "<logs>/plot_cold.log",
    benchmark:
        "<benchmarks>/plot_cold.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("plot_cold"),
    message:
        "Drawing what is found of cold tracks"
    script:
        "../scripts/plot_cold.py"
