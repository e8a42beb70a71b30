# Where artists and albums help. Reads the split and <results>/models/*/{embeddings,scorer}.safetensors.
# Writes <results>/hetero/*.

STUDY = ["<results>/hetero/popularity.csv"] if STUDIED else []
# What models_table says of each.
RELATED = [
    {
        "model": model.name,
        **model.parts,
        "like": config["model"][model.conv].get("like", model.conv),
        "relations": "+".join(settings_of(model).get("relations", {}).get("kinds", [])) or "none",
    }
    for model in MODELS
]


def scorer_of_studied(wildcards):
    """None of a graph network, which is tested by its embeddings."""
    return [] if wildcards.model in TRAINED else f"<results>/models/{wildcards.model}/scorer.safetensors"


def embeddings_of_studied(wildcards):
    return files_of_models(members_of(wildcards.model)[0], "embeddings.safetensors")


def memory_of_studied(wildcards, input, attempt):
    """MB; as for a blend, whatever it is."""
    size = size_of_split(input.split)
    return round(blend_mb(size, costs_of(wildcards.model, size)) + 2 * input.size_mb) * attempt


def code_of_studied(wildcards):
    return code("measure_popularity", *entries_of(wildcards.model))


rule measure_popularity:
    input:
        split="<results>/split/split.safetensors",
        scorer=scorer_of_studied,
        embeddings=embeddings_of_studied,
    output:
        hits="<results>/hetero/popularity/{model}.parquet",
    log:
        "<logs>/measure_popularity/{model}.log",
    benchmark:
        "<benchmarks>/measure_popularity/{model}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_studied,
        runtime=runtime_of_ranking,
    params:
        settings=config["evaluate"],
        code=code_of_studied,
    message:
        "Measuring what {wildcards.model} finds of rare and of frequent tracks"
    script:
        "../scripts/measure_popularity.py"


rule compare_relations:
    input:
        hits=expand("<results>/hetero/popularity/{model}.parquet", model=STUDIED),
    output:
        parquet="<results>/hetero/popularity.parquet",
        csv="<results>/hetero/popularity.csv",
    log:
        "<logs>/compare_relations.log",
    benchmark:
        "<benchmarks>/compare_relations.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={
            "models": [*RELATED, *({"model": name} for name in STUDIED if name not in NAMES)],
            "k": config["evaluate"]["k"],
            "shown": config["train"]["recall_k"],
            "seed": config["evaluate"]["seed"],
        },
        code=code("compare_relations"),
    message:
        "Comparing each model with itself without artists and albums"
    script:
        "../scripts/compare_relations.py"
