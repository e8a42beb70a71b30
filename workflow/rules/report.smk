# Reads tables of <results>/slices, graph, maps and metrics, the split and <results>/benchmarks, and all that is shown.
# Writes <results>/report/*.html and <results>/report.html, the page of it all.

REPORT_TABLES = expand("<results>/report/{table}.html", table=["run", "counts", "summary"])
if MAPPED or HAS_ARTISTS:
    REPORT_TABLES.append("<results>/report/embeddings.html")
if STUDIED:
    REPORT_TABLES.append("<results>/report/hetero.html")


rule tabulate_run:
    input:
        stats="<results>/graph/stats.json",
        best="<results>/metrics/best.json",
        benchmarks=expand("<benchmarks>/{job}.tsv", job=TIMED_JOBS),
    output:
        page=shown(
            "<results>/report/run.html",
            caption="../report/run.rst",
            category="Run",
            labels={"result": "Settings, versions, timings"},
        ),
    log:
        "<logs>/tabulate_run.log",
    benchmark:
        "<benchmarks>/tabulate_run.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"jobs": TIMED_JOBS, "config": config},
        code=code("tabulate_run"),
    message:
        "Listing settings, versions and timings"
    script:
        "../scripts/tabulate_run.py"


rule tabulate_counts:
    input:
        slice_edges=expand("<results>/slices/{batch}/edges.parquet", batch=BATCHES),
        slice_playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
        edges="<results>/graph/edges.parquet",
        stats="<results>/graph/stats.json",
        ladder="<results>/graph/ladder.parquet",
        quarantine="<results>/quarantine.parquet",
        split="<results>/split/split.safetensors",
        relations=["<results>/split/relations.safetensors"] if RELATIONS else [],
    output:
        page=shown(
            "<results>/report/counts.html",
            caption="../report/counts.rst",
            category="Data",
            labels={"result": "Counts: read, kept, split"},
        ),
    log:
        "<logs>/tabulate_counts.log",
    benchmark:
        "<benchmarks>/tabulate_counts.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("tabulate_counts"),
    message:
        "Counting what was read, kept and split"
    script:
        "../scripts/tabulate_counts.py"


rule tabulate_metrics:
    input:
        summary="<results>/metrics/summary.parquet",
        paired="<results>/metrics/paired.parquet",
        seeds=["<results>/metrics/seeds.parquet"] if SEEDS else [],
    output:
        page=shown(
            "<results>/report/summary.html",
            caption="../report/summary.rst",
            category="Quality",
            labels={"result": "Test metrics of all models"},
        ),
    log:
        "<logs>/tabulate_metrics.log",
    benchmark:
        "<benchmarks>/tabulate_metrics.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"k": config["train"]["recall_k"]} | DRAWN_AS,
        code=code("tabulate_metrics"),
    message:
        "Listing the test metrics"
    script:
        "../scripts/tabulate_metrics.py"


rule tabulate_embeddings:
    input:
        likeness=LIKENESS,
        quality=expand("<results>/maps/{model}.quality.parquet", model=MAPPED),
    output:
        page=shown(
            "<results>/report/embeddings.html",
            caption="../report/embeddings.rst",
            category="Embeddings",
            labels={"result": "Likeness and maps in numbers"},
        ),
    log:
        "<logs>/tabulate_embeddings.log",
    benchmark:
        "<benchmarks>/tabulate_embeddings.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings=DRAWN_AS,
        code=code("tabulate_embeddings"),
    message:
        "Listing what the embeddings and their maps are worth"
    script:
        "../scripts/tabulate_embeddings.py"


rule tabulate_hetero:
    input:
        relations=["<results>/split/relations.safetensors"],
        popularity=["<results>/hetero/popularity.parquet"],
        cold=["<results>/hetero/cold.parquet"] if COLD_STUDIED else [],
        coverage=["<results>/hetero/coverage.csv"] if COLD_STUDIED else [],
        models=expand("<results>/models/{model}/model.safetensors", model=NAMES),
    output:
        page=shown(
            "<results>/report/hetero.html",
            caption="../report/hetero.rst",
            category="Artists and albums",
            labels={"result": "What was built, and what it brings, in numbers"},
        ),
    log:
        "<logs>/tabulate_hetero.log",
    benchmark:
        "<benchmarks>/tabulate_hetero.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"models": NAMES, "k": config["train"]["recall_k"]} | INVENTED | DRAWN_AS,
        code=code("tabulate_hetero"),
    message:
        "Listing where artists and albums help"
    script:
        "../scripts/tabulate_hetero.py"


# All of this run that SHOWN knows, in its order: what section, title, caption and model it has.
TARGETS_SHOWN = {
    *FIGURES,
    "<results>/figures/subgraph.html",
    *REPORT_TABLES,
    *RECOMMENDATIONS,
    *TUNED,
    *CHALLENGE,
    *COMPARISON,
}
PARTS_SHOWN = {
    path: about | {"model": model if pattern != path else ""}
    for pattern, about in SHOWN.items()
    for model in NAMES
    for path in [pattern.replace("{conv}-{sampler}-{alpha}{seed}", model)]
    if path in TARGETS_SHOWN
}
CAPTIONS = {
    name: (ROOT / "workflow/report" / name).read_text(encoding="utf-8")
    for name in sorted({about["caption"] for about in PARTS_SHOWN.values()} - {Path(CHALLENGE_CAPTION).name})
}


rule write_report:
    input:
        parts=list(PARTS_SHOWN),
        captions=["<results>/report/challenge.rst"] if "playlists" in PARTS else [],
        best="<results>/metrics/best.json",
        stats="<results>/graph/stats.json",
        summary="<results>/metrics/summary.parquet",
        paired="<results>/metrics/paired.parquet",
        others="<results>/metrics/others.parquet",
        validations=expand("<results>/models/{model}/validation.json", model=NAMES),
    output:
        page="<results>/report.html",
    log:
        "<logs>/write_report.log",
    benchmark:
        "<benchmarks>/write_report.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"parts": list(PARTS_SHOWN.values()), "captions": CAPTIONS, "config": config} | DRAWN_AS,
        code=code("write_report"),
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
