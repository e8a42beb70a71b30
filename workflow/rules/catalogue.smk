# Reads <results>/slices/*/*.parquet, the graph's playlists and tracks, and <results>/challenge/validation/*.
# Writes <results>/catalogue/*, <results>/models/joint/chosen.json,
# <results>/models/{conv}-{sampler}-{alpha}{seed}/catalogue.safetensors and of what answers from the catalogue
# <results>/challenge/{ranker}/recommendations.parquet and submission.csv.gz.

# What rankers read of it, where there is one.
CATALOGUE = {name.partition(".")[0]: f"<results>/catalogue/{name}" for name in CATALOGUE_FILES}
# By which settings of rankers are chosen.
VALIDATION_FILES = {
    name: SETS[name] for name in ("validation_challenge_set", "validation_answers") if name in SETS
}


rule build_catalogue:
    input:
        edges=expand("<results>/slices/{batch}/edges.parquet", batch=BATCHES),
        playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
        tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        quarantine="<results>/quarantine.parquet",
        held_out=if_asked(RANKERS, HELD_OUT, "candidates.min_degree", "challenge.yaml"),
        core_playlists="<results>/graph/playlists.parquet",
        core_tracks="<results>/graph/tracks.parquet",
    output:
        **CATALOGUE,
    log:
        "<logs>/build_catalogue.log",
    benchmark:
        "<benchmarks>/build_catalogue.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_catalogue,
    params:
        settings=config["candidates"] | {"categories": config["challenge"]["categories"]},
        code=code("build_catalogue"),
    message:
        "Listing all tracks that answers may come from"
    script:
        "../scripts/build_catalogue.py"


rule choose_joint:
    input:
        **CATALOGUE,
        **VALIDATION_FILES,
    output:
        chosen="<results>/models/joint/chosen.json",
    log:
        "<logs>/choose_joint.log",
    benchmark:
        "<benchmarks>/choose_joint.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_answering,
    params:
        settings=config["joint"],
        code=code("choose_joint"),
    message:
        "Choosing how joint neighbours are weighted"
    script:
        "../scripts/choose_joint.py"


rule extend_model:
    input:
        **CATALOGUE,
        scorer="<results>/models/{conv}-{sampler}-{alpha}{seed}/scorer.safetensors",
        model="<results>/models/{conv}-{sampler}-{alpha}{seed}/model.safetensors",
        split="<results>/split/split.safetensors",
        relations=relations_of_model,
    output:
        scorer="<results>/models/{conv}-{sampler}-{alpha}{seed}/catalogue.safetensors",
    log:
        "<logs>/extend_model/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/extend_model/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_extending,
    params:
        code=code_of_extending,
    message:
        "Extending {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed} beyond the k-core"
    script:
        "../scripts/extend_model.py"


rule continue_from_catalogue:
    input:
        **CATALOGUE,
        challenge_set=CHALLENGE_SET,
        own=files_of_ranker,
    output:
        recommendations="<results>/challenge/{ranker}/recommendations.parquet",
        submission="<results>/challenge/{ranker}/submission.csv.gz",
    log:
        "<logs>/continue_from_catalogue/{ranker}.log",
    benchmark:
        "<benchmarks>/continue_from_catalogue/{ranker}.tsv"
    wildcard_constraints:
        ranker="|".join(RANKERS) or "no ranker",
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_answering,
    params:
        settings={"team": config["challenge"]["team"]},
        code=code_of_ranker,
    message:
        "Continuing the challenge's playlists with {wildcards.ranker}"
    script:
        "../scripts/continue_from_catalogue.py"


rule choose_answering:
    input:
        **CATALOGUE,
        **VALIDATION_FILES,
        best="<results>/metrics/best.json",
        served=[f"<results>/{name}" for name in served_files(None)],
        own=[f"<results>/{name}" for ranker in RANKERS for name in own_files(ranker)],
    output:
        answering="<results>/serving/answering.json",
    log:
        "<logs>/choose_answering.log",
    benchmark:
        "<benchmarks>/choose_answering.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_answering,
    params:
        settings={"rankers": RANKERS},
        code=code("choose_answering", *CONVS.values()),
    message:
        "Choosing what continues playlists where no model is named"
    script:
        "../scripts/choose_answering.py"
