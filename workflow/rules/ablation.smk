# Reads <results>/challenge/ablation.parquet. Writes <results>/figures/ablation.png and <results>/report/ablation.html.

# The sample's artists and titles are easier than people's, and figure and page say so.
INVENTED = {"invented": config["data"]["source"] == "sample"}


rule plot_ablation:
    input:
        ablation="<results>/challenge/ablation.parquet",
    output:
        figure=shown(
            "<results>/figures/ablation.png",
            caption="../report/ablation.rst",
            category="Challenge",
            labels={"result": "What each channel brings"},
        ),
    log:
        "<logs>/plot_ablation.log",
    benchmark:
        "<benchmarks>/plot_ablation.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=INVENTED | DRAWN_AS,
        code=code("plot_ablation"),
    message:
        "Drawing what each channel brings"
    script:
        "../scripts/plot_ablation.py"


rule tabulate_ablation:
    input:
        ablation="<results>/challenge/ablation.parquet",
    output:
        page=shown(
            "<results>/report/ablation.html",
            caption="../report/ablation.rst",
            category="Challenge",
            labels={"result": "What each channel brings, in numbers"},
        ),
    log:
        "<logs>/tabulate_ablation.log",
    benchmark:
        "<benchmarks>/tabulate_ablation.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings=INVENTED | DRAWN_AS,
        code=code("tabulate_ablation"),
    message:
        "Listing what each channel brings"
    script:
        "../scripts/tabulate_ablation.py"
