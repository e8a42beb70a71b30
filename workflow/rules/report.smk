# Reads <results>/benchmarks and <results>/graph/stats.json. Writes <results>/report/run.html.


rule tabulate_run:
    input:
        stats="<results>/graph/stats.json",
        best="<results>/metrics/best.json",
        benchmarks=expand("<benchmarks>/{job}.tsv", job=TIMED_JOBS),
    output:
        page=report(
            "<results>/report/run.html",
            caption="../report/run.rst",
            category="Run",
            labels={"table": "Settings, versions, timings"},
        ),
    log:
        "<logs>/tabulate_run.log",
    benchmark:
        "<benchmarks>/tabulate_run.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        jobs=TIMED_JOBS,
        settings=config,
        code=code("tabulate_run"),
    message:
        "Listing settings, versions and timings"
    script:
        "../scripts/tabulate_run.py"
