import os

from snakemake.logging import logger
from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/library.smk"


# Beside this file, wherever the run is.
configfile: workflow.current_basedir.join("config/config.yaml").get_path_or_uri(secret_free=True)


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


pathvars:
    results=config["results"],
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",


wildcard_constraints:
    conv="|".join(CONVS),
    sampler="|".join(SAMPLERS),
    alpha="|".join(ALPHAS),
    seed=r"(-seed\d+)?",
    baseline="|".join(BASELINES),
    blend="|".join(BLENDS) or "no blend",
    batch=r"\d+",
    tuned="|".join(TUNINGS),
    round=r"\d+",
    slot="[0-9a-f]+",
    first=r"\d+",
    last=r"\d+",


include: "workflow/rules/data.smk"
include: "workflow/rules/challenge.smk"
include: "workflow/rules/graph.smk"
include: "workflow/rules/catalogue.smk"
include: "workflow/rules/channels.smk"
include: "workflow/rules/rerank.smk"
include: "workflow/rules/ablation.smk"
include: "workflow/rules/tune.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/serve.smk"
include: "workflow/rules/hetero.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/report.smk"


onstart:
    # Where jobs run on this machine; elsewhere each training finds out on its own.
    if workflow.local_exec:
        require_device(job.rule.name for job in workflow.dag.needrun_jobs())


onsuccess:
    # Of the whole run: who asks for single files waits for these. By Snakemake's logger, so behind its last job.
    if "all" in {job.rule.name for job in workflow.dag.jobs}:
        logger.info(
            "\n"
            + outcome(
                Path(config["results"]),
                is_sample=config["data"]["source"] == "sample",
                files=[os.path.relpath(path) for path in workflow.overwrite_configfiles],
                families=FAMILIES,
            )
        )


rule all:
    default_target: True
    input:
        expand("<results>/metrics/{model}.json", model=TRAINED),
        "<results>/metrics/summary.csv",
        RECOMMENDATIONS,
        SERVED,
        FIGURES,
        REPORT_TABLES,
        "<results>/report.html",
        TUNED,
        CHALLENGE,
        COMPARISON,
        STUDY,
