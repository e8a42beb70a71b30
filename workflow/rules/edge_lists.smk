# Reads the edge lists of data.edges.files. Writes <results>/slices/000/*.parquet.


rule parse_edges:
    input:
        files=BATCHES["000"],
    output:
        edges="<results>/slices/000/edges.parquet",
        playlists="<results>/slices/000/playlists.parquet",
        tracks="<results>/slices/000/tracks.parquet",
        quarantine="<results>/slices/000/quarantine.parquet",
    log:
        "<logs>/parse_edges.log",
    benchmark:
        "<benchmarks>/parse_edges.tsv"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_of_columns,
    params:
        settings=lookup(dpath="data/edges", within=config),
        column=lookup(dpath="split/column", within=config),
        code=code("parse_edges"),
    message:
        "Reading {input.files}"
    script:
        "../scripts/parse_edges.py"
