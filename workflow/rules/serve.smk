# Reads the split, models, the graph, and the batches' tables of tracks.
# Writes <results>/models/{conv}-{sampler}-{alpha}{seed}/scorer.safetensors, <results>/serving/* and
# <results>/recommendations/*.

RECOMMENDATIONS = expand("<results>/recommendations/{model}.html", model=NAMES)
# What `segue continue` and `segue serve` read of each model, that of baselines and blends being what they are tested by.
SERVED = [
    *expand("<results>/{file}", file=served_files(None)),
    *expand("<results>/{file}", file=map(scorer_file, NAMES)),
    *([f"<results>/{ANSWERING}"] if RANKERS else []),
]
# Only a playlist that the core lacks has to be looked up in what was read.
ASKED_FOR = BATCHES if isinstance(config["recommend"]["playlists"], list) else []


rule choose_playlists:
    input:
        split="<results>/split/split.safetensors",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
        slice_playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=ASKED_FOR),
        slice_edges=expand("<results>/slices/{batch}/edges.parquet", batch=ASKED_FOR),
        slice_tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=ASKED_FOR),
    output:
        chosen="<results>/recommendations/playlists.parquet",
    log:
        "<logs>/choose_playlists.log",
    benchmark:
        "<benchmarks>/choose_playlists.tsv"
    # Before anything trains, so that an id which is not there ends a run in its first minutes.
    priority: 3
    conda:
        "../../envs/train.yaml"
    params:
        settings=config["recommend"]
        | {"k_core": config["graph"]["k_core"], "raw_ids": config["data"]["source"] == "edges"},
        code=code("choose_playlists"),
    message:
        "Choosing the playlists to recommend tracks for"
    script:
        "../scripts/choose_playlists.py"


rule recommend_tracks:
    input:
        split="<results>/split/split.safetensors",
        embeddings="<results>/models/{conv}-{sampler}-{alpha}{seed}/embeddings.safetensors",
        chosen="<results>/recommendations/playlists.parquet",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
    output:
        table="<results>/recommendations/{conv}-{sampler}-{alpha}{seed}.parquet",
    log:
        "<logs>/recommend_tracks/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/recommend_tracks/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/train.yaml"
    params:
        settings={"n": config["recommend"]["n"], "raw_ids": config["data"]["source"] == "edges"},
        code=code("recommend_tracks"),
    message:
        "Recommending tracks with {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/recommend_tracks.py"


rule make_recommendations_page:
    input:
        table="<results>/recommendations/{conv}-{sampler}-{alpha}{seed}.parquet",
        split="<results>/split/split.safetensors",
        edges="<results>/graph/edges.parquet",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
    output:
        page=shown(
            "<results>/recommendations/{conv}-{sampler}-{alpha}{seed}.html",
            caption="../report/recommendations.rst",
            category="Recommendations",
            labels={
                "result": "Playlists",
                "conv": "{conv}",
                "sampler": "{sampler}",
                "alpha": "{alpha}{seed}",
            },
        ),
    log:
        "<logs>/make_recommendations_page/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/make_recommendations_page/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings=DRAWN_AS,
        code=code("make_recommendations_page"),
    message:
        "Writing the page of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/make_recommendations_page.py"


rule freeze_model:
    input:
        split="<results>/split/split.safetensors",
        model="<results>/models/{conv}-{sampler}-{alpha}{seed}/model.safetensors",
        validated="<results>/models/{conv}-{sampler}-{alpha}{seed}/validated.safetensors",
        tracks="<results>/graph/tracks.parquet",
        relations=relations_of_model,
    output:
        scorer="<results>/models/{conv}-{sampler}-{alpha}{seed}/scorer.safetensors",
    log:
        "<logs>/freeze_model/{conv}-{sampler}-{alpha}{seed}.log",
    benchmark:
        "<benchmarks>/freeze_model/{conv}-{sampler}-{alpha}{seed}.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_freezing,
        runtime=runtime_of_ranking,
    params:
        settings=VALIDATION,
        code=code_of_freezing,
    message:
        "Freezing {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}{wildcards.seed}"
    script:
        "../scripts/freeze_model.py"


rule freeze_best:
    input:
        best="<results>/metrics/best.json",
        split="<results>/split/split.safetensors",
        models=expand("<results>/models/{model}/model.safetensors", model=NAMES),
        validated=expand("<results>/models/{model}/validated.safetensors", model=NAMES),
        tracks="<results>/graph/tracks.parquet",
        relations=relations_of_models(MODELS),
    output:
        scorer="<results>/serving/scorer.safetensors",
    log:
        "<logs>/freeze_best.log",
    benchmark:
        "<benchmarks>/freeze_best.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_freezing,
        runtime=runtime_of_ranking,
    params:
        settings=VALIDATION,
        code=code("freeze_best", *(CONVS[name] for name in CONVS_OF_MODELS)),
    message:
        "Freezing the best model"
    script:
        "../scripts/freeze_best.py"


rule index_tracks:
    input:
        slice_tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        tracks="<results>/graph/tracks.parquet",
        split="<results>/split/split.safetensors",
        nodes=expand("<results>/graph/{kind}s.parquet", kind=config["graph"]["relations"]),
    output:
        tracks="<results>/serving/tracks.parquet",
    log:
        "<logs>/index_tracks.log",
    benchmark:
        "<benchmarks>/index_tracks.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_columns,
    params:
        code=code("index_tracks"),
    message:
        "Listing the tracks that playlists may name"
    script:
        "../scripts/index_tracks.py"


rule index_titles:
    input:
        playlists="<results>/graph/playlists.parquet",
    output:
        titles="<results>/serving/titles.safetensors",
    log:
        "<logs>/index_titles.log",
    benchmark:
        "<benchmarks>/index_titles.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("index_titles"),
    message:
        "Indexing the titles of the playlists"
    script:
        "../scripts/index_titles.py"
