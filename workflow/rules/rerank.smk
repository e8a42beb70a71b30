# Reads <results>/catalogue/*, <results>/channels/*, <results>/models/{joint/chosen.json,*/scorer.safetensors} and
# <results>/challenge/validation/*. Writes <results>/models/rerank/* and <results>/challenge/ablation.parquet.

SCORERS_OF_STAGE = [f"<results>/{scorer_file(name)}" for name in config["rerank"]["models"]]
TITLE_ENCODER_OF_STAGE = [] if config["title_encoder"]["model"] is None else [f"<results>/{TITLE_ENCODER}"]
RERANK_SETTINGS = config["rerank"] | {"title_encoder": config["title_encoder"]["model"] is not None}
# What the second stage ranks by.
RERANKED_BY = dict(
    **CATALOGUE,
    joint="<results>/models/joint/chosen.json",
    channels=[f"<results>/{name}" for name in CHANNELS],
    models=SCORERS_OF_STAGE,
    encoder=TITLE_ENCODER_OF_STAGE,
)


rule fit_rerank:
    input:
        **RERANKED_BY,
        **VALIDATION_FILES,
    output:
        stage="<results>/models/rerank/rerank.safetensors",
        chosen="<results>/models/rerank/chosen.json",
    log:
        "<logs>/fit_rerank.log",
    benchmark:
        "<benchmarks>/fit_rerank.tsv"
    conda:
        "../../envs/rerank.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_reranking,
    params:
        settings={key: value for key, value in RERANK_SETTINGS.items() if key != "ablation"},
        code=code_of_reranking("fit_rerank"),
    message:
        "Choosing and fitting the second stage"
    script:
        "../scripts/fit_rerank.py"


rule ablate:
    input:
        **RERANKED_BY,
        **VALIDATION_FILES,
    output:
        table="<results>/challenge/ablation.parquet",
    log:
        "<logs>/ablate.log",
    benchmark:
        "<benchmarks>/ablate.tsv"
    conda:
        "../../envs/rerank.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_reranking,
    params:
        settings={
            key: value
            for key, value in RERANK_SETTINGS.items()
            if key not in ("stages", "without", "artist_credit")
        },
        code=code_of_reranking("ablate"),
    message:
        "Measuring what each channel brings to the second stage"
    script:
        "../scripts/ablate.py"
