# Reads tables of <results>/slices, graph, maps and metrics, the split and <results>/benchmarks, and all that is shown.
# Writes <results>/report/*.html and <results>/report.html, the page of it all.

from segue.run.chain import jobs_of_run

REPORT_TABLES = expand("<results>/report/{table}.html", table=["run", "counts", "summary"])
EMBEDDINGS = [*["likeness"] * HAS_ARTISTS, *["maps"] * bool(MAPPED)]  # what there are numbers of
if EMBEDDINGS:
    REPORT_TABLES.append("<results>/report/embeddings.html")
if STUDIED:
    REPORT_TABLES.append("<results>/report/hetero.html")

# Every job of the run but for those that add these up and write the report: rule, or rule/wildcards, as its benchmark.
TIMED_JOBS = [
    *(["make_catalogue"] if config["data"]["source"] == "sample" else []),
    *(
        f"{job.rule}/{job.name}".rstrip("/")
        for job in jobs_of_run(config)
        if job.rule != "freeze_model" or job.name in NAMES
    ),
    *expand("evaluate_model/{model}", model=TRAINED),
    *expand("evaluate_baseline/{baseline}", baseline=config["baselines"]["names"]),
    *expand("evaluate_blend/{blend}", blend=BLENDS),
    *["summarise_metrics", "compare_models", "choose_playlists", "sample_subgraph"],
    *expand("{rule}/{model}", rule=["recommend_tracks", "make_recommendations_page"], model=NAMES),
    *expand(
        "plot_{figure}",
        figure=["degrees", "kcore_idea", "kcore_ladder", "subgraph", "split", "histories", "metrics"],
    ),
    *expand("{rule}/{model}", rule=["map_playlists", "plot_map", "animate_map"], model=MAPPED),
    *["tabulate_counts", "tabulate_metrics"],
]
if EMBEDDINGS:
    TIMED_JOBS.append("tabulate_embeddings")
if HAS_ARTISTS:
    TIMED_JOBS += [
        *["choose_artists", *["plot_likeness"] * LIKENESS_DRAWN],
        *expand("measure_likeness/{model}", model=NAMES),
        *expand("plot_artists/{model}", model=MAPPED),
    ]
if STUDIED:
    TIMED_JOBS += [
        *["compare_relations", "plot_popularity", "tabulate_hetero"],
        *expand("measure_popularity/{model}", model=STUDIED),
    ]
if COLD_STUDIED:
    TIMED_JOBS += ["measure_cold", "plot_cold"]
if TUNED:
    TIMED_JOBS += ["collect_trials", "plot_trials", "tabulate_trials"]
if COMPARISON:
    TIMED_JOBS.append("compare_runs")
if CHALLENGE:
    TIMED_JOBS += [
        *expand("continue_challenge/{model}", model=[name for name in CONTENDERS if name not in RANKERS]),
        *expand("continue_from_catalogue/{model}", model=RANKERS),
    ]
    TIMED_JOBS += ["check_challenge_set"] if GIVEN_SET else []
if "playlists" in PARTS:
    TIMED_JOBS += [
        *expand("score_challenge/{model}", model=CONTENDERS),
        *expand("{job}_challenge", job=["summarise", "plot", "tabulate", *(["compare"] if RANKERS else [])]),
    ]
if "<results>/figures/ablation.png" in CHALLENGE:
    TIMED_JOBS += ["ablate", "plot_ablation", "tabulate_ablation"]


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
        settings={"jobs": TIMED_JOBS, "config": config} | DRAWN_AS,
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
        likeness=LIKENESS if HAS_ARTISTS else [],
        quality=expand("<results>/maps/{model}.quality.parquet", model=MAPPED),
    output:
        page=shown(
            "<results>/report/embeddings.html",
            caption="../report/embeddings.rst",
            category="Embeddings",
            labels={"result": f"{' and '.join(EMBEDDINGS).capitalize()} in numbers"},
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
        relations=if_asked(
            STUDIED, ["<results>/split/relations.safetensors"], "graph.relations", "hetero.yaml"
        ),
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
    for name in sorted({about["caption"] for about in PARTS_SHOWN.values()})
    if not name.startswith("made ")
}

# Of a challenge; the second only where something answers from the catalogue.
SCORED = ["<results>/challenge/summary.parquet", *([CONTENDERS_COMPARED["paired"]] if RANKERS else [])]


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
        popularity=["<results>/hetero/popularity.parquet"] if STUDIED else [],
        challenge=SCORED if "playlists" in PARTS else [],
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
