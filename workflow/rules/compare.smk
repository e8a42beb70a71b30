# Reads <results>/metrics/summary.parquet, and that of other runs. Writes <results>/metrics/comparison.csv and
# <results>/figures/comparison.png.

COMPARISON = (
    ["<results>/metrics/comparison.csv", "<results>/figures/comparison.png"] if OTHER_SUMMARIES else []
)


rule compare_runs:
    input:
        summaries=if_asked(
            OTHER_SUMMARIES,
            [*OTHER_SUMMARIES, "<results>/metrics/summary.parquet"],
            "compare.runs",
            "bce.yaml",
        ),
    output:
        csv="<results>/metrics/comparison.csv",
        figure=shown(
            "<results>/figures/comparison.png",
            caption="../report/comparison.rst",
            category="Quality",
            labels={"result": "Comparison with other runs"},
        ),
    log:
        "<logs>/compare_runs.log",
    benchmark:
        "<benchmarks>/compare_runs.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={
            "runs": [*config["compare"]["runs"], config["compare"]["name"]],
            "k": config["train"]["recall_k"],
        }
        | DRAWN_AS,
        code=code("compare_runs"),
    message:
        "Comparing with other runs"
    script:
        "../scripts/compare_runs.py"
