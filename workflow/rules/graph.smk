# Reads <results>/slices/*/*.parquet.
# Writes <results>/quarantine.parquet, <results>/graph/*, <results>/split/split.safetensors and, where the graph
# has artists or albums, <results>/split/relations.safetensors, where tracks are hidden <results>/cold/*.

# Tracks that are hidden from training, and their edges; none where the configuration hides none.
COLD = {}
if config["cold"]["share"] is not None:
    COLD = {f"cold_{name}": f"<results>/cold/{name}.parquet" for name in ("tracks", "edges")}


rule list_quarantine:
    input:
        playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
        quarantines=expand("<results>/slices/{batch}/quarantine.parquet", batch=BATCHES),
    output:
        quarantine="<results>/quarantine.parquet",
    log:
        "<logs>/list_quarantine.log",
    benchmark:
        "<benchmarks>/list_quarantine.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"on_bad_slice": config["data"]["on_bad_slice"]},
        code=code("list_quarantine"),
    message:
        "Listing what was rejected"
    script:
        "../scripts/list_quarantine.py"


rule build_kcore:
    input:
        edges=expand("<results>/slices/{batch}/edges.parquet", batch=BATCHES),
        playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
        tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        quarantine="<results>/quarantine.parquet",
        held_out=HELD_OUT,
    output:
        **COLD,
        edges="<results>/graph/edges.parquet",
        playlists="<results>/graph/playlists.parquet",
        tracks="<results>/graph/tracks.parquet",
        degrees="<results>/graph/degrees.parquet",
        ladder="<results>/graph/ladder.parquet",
        ladder_csv="<results>/graph/ladder.csv",
        stats="<results>/graph/stats.json",
    log:
        "<logs>/build_kcore.log",
    benchmark:
        "<benchmarks>/build_kcore.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={key: config["graph"][key] for key in ("k_core", "expect", "on_mismatch")}
        | {"max_bad_fraction": config["data"]["max_bad_fraction"]}
        | ({"cold": config["cold"]} if COLD else {}),
        code=code("build_kcore"),
    message:
        "Building the {params.settings[k_core]}-core"
    script:
        "../scripts/build_kcore.py"


rule split_edges:
    input:
        edges="<results>/graph/edges.parquet",
        playlists="<results>/graph/playlists.parquet",
    output:
        split="<results>/split/split.safetensors",
    log:
        "<logs>/split_edges.log",
    benchmark:
        "<benchmarks>/split_edges.tsv"
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=memory_of_columns,
    params:
        settings=config["split"] | {"raw_ids": config["data"]["source"] == "edges"},
        code=code("split_edges"),
    message:
        "Splitting the edges"
    script:
        "../scripts/split_edges.py"


if RELATIONS:

    rule build_relations:
        input:
            tracks="<results>/graph/tracks.parquet",
        output:
            tables=expand("<results>/graph/{kind}s.parquet", kind=RELATIONS),
            relations="<results>/split/relations.safetensors",
        log:
            "<logs>/build_relations.log",
        benchmark:
            "<benchmarks>/build_relations.tsv"
        conda:
            "../../envs/train.yaml"
        resources:
            mem_mb=memory_of_tracks,
        params:
            settings={
                "kinds": RELATIONS,
                "min_degree": config["graph"]["min_degree"],
                "raw_ids": config["data"]["source"] == "edges",
            },
            code=code("build_relations"),
        message:
            "Making nodes of each {params.settings[kinds]}"
        script:
            "../scripts/build_relations.py"
