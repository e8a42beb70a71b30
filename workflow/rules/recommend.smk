# Reads the graph, the split and embeddings. Writes <results>/recommendations/*.

RECOMMENDATIONS = expand("<results>/recommendations/{conv}-{sampler}-{alpha}.html", **config["sweep"])
# Only a pid that the core lacks has to be looked up in what was read.
ASKED_FOR = BATCHES if isinstance(config["recommend"]["playlists"], list) else []


rule recommend_tracks:
    input:
        split="<results>/split/split.safetensors",
        embeddings="<results>/models/{conv}-{sampler}-{alpha}/embeddings.safetensors",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
        slice_playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=ASKED_FOR),
        slice_edges=expand("<results>/slices/{batch}/edges.parquet", batch=ASKED_FOR),
        slice_tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=ASKED_FOR),
    output:
        table="<results>/recommendations/{conv}-{sampler}-{alpha}.parquet",
    log:
        "<logs>/recommend_tracks/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/recommend_tracks/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/train.yaml"
    params:
        settings=lookup(dpath="recommend", within=config),
        k=lookup(dpath="graph/k_core", within=config),
        block_mb=lookup(dpath="score_block_mb", within=config),
        code=code("recommend_tracks"),
    message:
        "Recommending tracks with {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/recommend_tracks.py"


rule make_recommendations_page:
    input:
        table="<results>/recommendations/{conv}-{sampler}-{alpha}.parquet",
        split="<results>/split/split.safetensors",
        edges="<results>/graph/edges.parquet",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
    output:
        page=report(
            "<results>/recommendations/{conv}-{sampler}-{alpha}.html",
            caption="../report/recommendations.rst",
            category="Recommendations",
            labels={"result": "Playlists", "conv": "{conv}", "sampler": "{sampler}", "alpha": "{alpha}"},
        ),
    log:
        "<logs>/make_recommendations_page/{conv}-{sampler}-{alpha}.log",
    benchmark:
        "<benchmarks>/make_recommendations_page/{conv}-{sampler}-{alpha}.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        code=code("make_recommendations_page"),
    message:
        "Writing the page of {wildcards.conv}-{wildcards.sampler}-{wildcards.alpha}"
    script:
        "../scripts/make_recommendations_page.py"
