# Reads tables of <results>/graph and the split.
# Writes <results>/graph/drawing_{nodes,edges}.parquet and figures of the graph, <results>/figures/*.png.

GRAPH_PICTURES = expand("<results>/figures/{figure}.png", figure=["kcore_idea", "subgraph", "split"])


rule plot_kcore_idea:
    output:
        figure=report(
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


rule sample_subgraph:
    input:
        edges="<results>/graph/edges.parquet",
    output:
        nodes="<results>/graph/drawing_nodes.parquet",
        edges="<results>/graph/drawing_edges.parquet",
    log:
        "<logs>/sample_subgraph.log",
    benchmark:
        "<benchmarks>/sample_subgraph.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=lookup(dpath="drawing", within=config),
        code=code("sample_subgraph"),
    message:
        "Laying out a part of the core"
    script:
        "../scripts/sample_subgraph.py"


rule plot_subgraph:
    input:
        nodes="<results>/graph/drawing_nodes.parquet",
        edges="<results>/graph/drawing_edges.parquet",
        stats="<results>/graph/stats.json",
    output:
        figure=report(
            "<results>/figures/subgraph.png",
            caption="../report/subgraph.rst",
            category="Graph",
            labels={"result": "A part of the core"},
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
        figure=report(
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
