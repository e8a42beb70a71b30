# Reads <results>/slices/*/*.parquet. Writes <results>/challenge/*.

# Empty where no playlist is held out.
HELD_OUT = (
    [] if config["challenge"]["playlists_per_category"] is None else "<results>/challenge/held_out.parquet"
)


rule hold_out_playlists:
    input:
        edges=expand("<results>/slices/{batch}/edges.parquet", batch=BATCHES),
        playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
        tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        quarantine="<results>/quarantine.parquet",
    output:
        challenge_set="<results>/challenge/challenge_set.json",
        held_out="<results>/challenge/held_out.parquet",
        answers="<results>/challenge/answers.parquet",
        stats="<results>/challenge/stats.json",
    log:
        "<logs>/hold_out_playlists.log",
    benchmark:
        "<benchmarks>/hold_out_playlists.tsv"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_of_columns,
    params:
        settings={key: value for key, value in config["challenge"].items() if key != "team"},
        code=code("hold_out_playlists"),
    message:
        "Holding out playlists for the challenge"
    script:
        "../scripts/hold_out_playlists.py"
