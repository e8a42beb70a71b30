# Reads the user's slices or edge lists, or makes the sample's slices. Writes <results>/slices/{batch}/*.parquet.


if config["data"]["source"] == "edges":

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
            settings=settings_of_edges(),
            code=code("parse_edges"),
        message:
            "Reading {input.files}"
        script:
            "../scripts/parse_edges.py"

else:

    rule make_catalogue:
        output:
            catalogue=temp("<results>/sample/catalogue.safetensors"),
        log:
            "<logs>/make_catalogue.log",
        benchmark:
            "<benchmarks>/make_catalogue.tsv"
        conda:
            "../../envs/data.yaml"
        params:
            settings={
                key: value for key, value in config["data"]["sample"].items() if key != "title_variants"
            },
            code=code("make_catalogue"),
        message:
            "Inventing artists, albums and tracks"
        script:
            "../scripts/make_catalogue.py"

    rule make_sample:
        input:
            catalogue="<results>/sample/catalogue.safetensors",
        output:
            slice="<results>/sample/mpd.slice.{first}-{last}.json",
            themes="<results>/sample/themes.{first}-{last}.parquet",
        log:
            "<logs>/make_sample/{first}-{last}.log",
        benchmark:
            "<benchmarks>/make_sample/{first}-{last}.tsv"
        conda:
            "../../envs/data.yaml"
        params:
            settings=config["data"]["sample"],
            code=code("make_sample"),
        message:
            "Inventing playlists {wildcards.first} to {wildcards.last}"
        script:
            "../scripts/make_sample.py"

    rule parse_slices:
        input:
            files=files_of_batch,
            md5sums=config["data"]["md5sums"] or [],
        output:
            edges="<results>/slices/{batch}/edges.parquet",
            playlists="<results>/slices/{batch}/playlists.parquet",
            tracks="<results>/slices/{batch}/tracks.parquet",
            quarantine="<results>/slices/{batch}/quarantine.parquet",
        log:
            "<logs>/parse_slices/{batch}.log",
        benchmark:
            "<benchmarks>/parse_slices/{batch}.tsv"
        conda:
            "../../envs/data.yaml"
        resources:
            mem_mb=memory_of_batch,
        params:
            settings=settings_of_parsing,
            code=code("parse_slices"),
        message:
            "Reading batch {wildcards.batch} of the slices"
        script:
            "../scripts/parse_slices.py"
