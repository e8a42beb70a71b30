# Reads <results>/catalogue/* and <results>/models/{model}/catalogue.safetensors. Writes <results>/channels/*.

# Among whose tracks titles are placed.
NETWORK_OF_TITLES = config["title_encoder"]["model"]


rule fit_title_encoder:
    input:
        **CATALOGUE,
        network=f"<results>/models/{NETWORK_OF_TITLES}/catalogue.safetensors",
    output:
        encoder="<results>/channels/title_encoder.safetensors",
    log:
        "<logs>/fit_title_encoder.log",
    benchmark:
        "<benchmarks>/fit_title_encoder.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1  # of many small products: more of them wait for each other
    resources:
        mem_mb=memory_of_titles,
    params:
        settings={key: value for key, value in config["title_encoder"].items() if key != "model"},
        code=code("fit_title_encoder"),
    message:
        "Learning what titles say of tracks"
    script:
        "../scripts/fit_title_encoder.py"


rule fit_channels:
    input:
        **CATALOGUE,
    output:
        fitted="<results>/channels/fitted.safetensors",
        names="<results>/channels/names.safetensors",
    log:
        "<logs>/fit_channels.log",
    benchmark:
        "<benchmarks>/fit_channels.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory_of_channels,
    params:
        settings=config["channels"],
        code=code("fit_channels"),
    message:
        "Preparing the channels of a second stage"
    script:
        "../scripts/fit_channels.py"
