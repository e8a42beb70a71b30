# Reads <results>/slices/*/*.parquet, the graph, <results>/models/*/scorer.safetensors and <results>/serving/*.
# Writes <results>/challenge/*, <results>/figures/challenge.png and <results>/report/challenge.*.

# What playlists are held out for: to score models, and to choose by; empty where none are.
PARTS = {
    part: folder
    for part, folder in {
        "playlists": "<results>/challenge",
        "validation": "<results>/challenge/validation",
    }.items()
    if config["challenge"][f"{part}_per_category"] is not None
}
HELD_OUT = [f"{folder}/held_out.parquet" for folder in PARTS.values()]
SET_FILES = {"challenge_set": "json", "held_out": "parquet", "answers": "parquet", "stats": "json"}
SETS = {
    f"{'validation_' if part == 'validation' else ''}{name}": f"{folder}/{name}.{suffix}"
    for part, folder in PARTS.items()
    for name, suffix in SET_FILES.items()
}
# The playlists that all are asked about: the organisers' where the configuration names them.
GIVEN_SET = config["challenge"]["set"]
CHALLENGE_SET = if_asked(
    GIVEN_SET or "playlists" in PARTS,
    GIVEN_SET or "<results>/challenge/challenge_set.json",
    "challenge.playlists_per_category, challenge.set",
    "challenge.yaml",
)
# Who takes part: conv, sampler and alpha of each model, none of a baseline or a blend.
CONTENDERS = {model.name: [*model.parts.values()] for model in MODELS} | dict.fromkeys(
    [*config["baselines"]["names"], *BLENDS], [None, None, None]
)
# Who answers from the catalogue, where there is one.
RANKERS = rankers_of(config)
CONTENDERS |= dict.fromkeys(RANKERS, [None, None, None])
CHALLENGE = []
if "playlists" in PARTS:
    CHALLENGE = ["<results>/figures/challenge.png", "<results>/report/challenge.html"]
elif GIVEN_SET:
    CHALLENGE = [
        "<results>/challenge/set.json",
        *expand("<results>/challenge/{model}/submission.csv.gz", model=CONTENDERS),
    ]
# How sure it is that what answers from the catalogue is better than the others.
CONTENDERS_COMPARED = {
    "paired": "<results>/challenge/paired.parquet",
    "errors": "<results>/challenge/errors.parquet",
}
if RERANK in RANKERS and config["rerank"]["ablation"]:
    CHALLENGE += ["<results>/figures/ablation.png", "<results>/report/ablation.html"]
# Made by tabulate_challenge, since it says who won. Snakemake looks for captions beside this file.
CHALLENGE_CAPTION = str(Path(config["results"]).absolute() / "report" / "challenge.rst")


rule hold_out_playlists:
    input:
        edges=expand("<results>/slices/{batch}/edges.parquet", batch=BATCHES),
        playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
        tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        quarantine="<results>/quarantine.parquet",
    output:
        **SETS,
    log:
        "<logs>/hold_out_playlists.log",
    benchmark:
        "<benchmarks>/hold_out_playlists.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={key: value for key, value in config["challenge"].items() if key not in ("team", "set")},
        code=code("hold_out_playlists"),
    message:
        "Holding out playlists for the challenge"
    script:
        "../scripts/hold_out_playlists.py"


if GIVEN_SET:

    rule check_challenge_set:
        input:
            challenge_set=GIVEN_SET,
            playlists=expand("<results>/slices/{batch}/playlists.parquet", batch=BATCHES),
            tracks=expand("<results>/slices/{batch}/tracks.parquet", batch=BATCHES),
        output:
            counts="<results>/challenge/set.json",
        log:
            "<logs>/check_challenge_set.log",
        benchmark:
            "<benchmarks>/check_challenge_set.tsv"
        # Before anything trains, so that a set that was trained on ends a run in its first minutes.
        priority: 3
        conda:
            "../../envs/data.yaml"
        params:
            code=code("check_challenge_set"),
        message:
            "Looking at the challenge's playlists"
        script:
            "../scripts/check_challenge_set.py"


rule continue_challenge:
    input:
        challenge_set=CHALLENGE_SET,
        scorer="<results>/models/{model}/scorer.safetensors",
        tracks="<results>/serving/tracks.parquet",
        titles="<results>/serving/titles.safetensors",
        split="<results>/split/split.safetensors",
        playlists="<results>/graph/playlists.parquet",
    output:
        recommendations="<results>/challenge/{model}/recommendations.parquet",
        submission="<results>/challenge/{model}/submission.csv.gz",
    log:
        "<logs>/continue_challenge/{model}.log",
    benchmark:
        "<benchmarks>/continue_challenge/{model}.tsv"
    wildcard_constraints:
        model="|".join(name for name in CONTENDERS if name not in RANKERS),
    conda:
        "../../envs/train.yaml"
    params:
        settings={"team": config["challenge"]["team"]},
        code=code_of_continuing,
    message:
        "Continuing the challenge's playlists with {wildcards.model}"
    script:
        "../scripts/continue_challenge.py"


rule score_challenge:
    input:
        recommendations="<results>/challenge/{model}/recommendations.parquet",
        answers=if_asked(
            "playlists" in PARTS,
            "<results>/challenge/answers.parquet",
            "challenge.playlists_per_category",
            "challenge.yaml",
        ),
        tracks=tracks_of_contender,
    output:
        scores="<results>/challenge/{model}/scores.parquet",
    log:
        "<logs>/score_challenge/{model}.log",
    benchmark:
        "<benchmarks>/score_challenge/{model}.tsv"
    wildcard_constraints:
        model="|".join(CONTENDERS),
    conda:
        "../../envs/data.yaml"
    params:
        **({"settings": settings_of_scoring} if RANKERS else {}),
        code=code("score_challenge"),
    message:
        "Scoring what {wildcards.model} found"
    script:
        "../scripts/score_challenge.py"


rule summarise_challenge:
    input:
        scores=expand("<results>/challenge/{model}/scores.parquet", model=CONTENDERS),
    output:
        parquet="<results>/challenge/summary.parquet",
        csv="<results>/challenge/summary.csv",
    log:
        "<logs>/summarise_challenge.log",
    benchmark:
        "<benchmarks>/summarise_challenge.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"models": CONTENDERS},
        code=code("summarise_challenge"),
    message:
        "Collecting the scores of the challenge"
    script:
        "../scripts/summarise_challenge.py"


if RANKERS:

    rule compare_challenge:
        input:
            scores=expand("<results>/challenge/{model}/scores.parquet", model=CONTENDERS),
        output:
            **CONTENDERS_COMPARED,
            csv="<results>/challenge/paired.csv",
        log:
            "<logs>/compare_challenge.log",
        benchmark:
            "<benchmarks>/compare_challenge.tsv"
        conda:
            "../../envs/data.yaml"
        params:
            settings={
                "contenders": list(CONTENDERS),
                "rankers": [name for name in RANKERS if not extended_network(name)],
                "seed": config["challenge"]["seed"],
            },
            code=code("compare_challenge"),
        message:
            "Comparing what answers from the catalogue with the others"
        script:
            "../scripts/compare_challenge.py"


rule plot_challenge:
    input:
        summary="<results>/challenge/summary.parquet",
        errors=[CONTENDERS_COMPARED["errors"]] if RANKERS else [],
    output:
        figure=shown(
            "<results>/figures/challenge.png",
            caption="../report/challenge.rst",
            category="Challenge",
            labels={"result": "The challenge, by category"},
        ),
    log:
        "<logs>/plot_challenge.log",
    benchmark:
        "<benchmarks>/plot_challenge.tsv"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=DRAWN_AS,
        code=code("plot_challenge"),
    message:
        "Drawing the scores of the challenge"
    script:
        "../scripts/plot_challenge.py"


rule tabulate_challenge:
    input:
        summary="<results>/challenge/summary.parquet",
        stats="<results>/challenge/stats.json",
        paired=[CONTENDERS_COMPARED["paired"]] if RANKERS else [],
        errors=[CONTENDERS_COMPARED["errors"]] if RANKERS else [],
    output:
        page=shown(
            "<results>/report/challenge.html",
            caption=CHALLENGE_CAPTION,
            category="Challenge",
            labels={"result": "The challenge in numbers, and who won"},
        ),
        caption="<results>/report/challenge.rst",
    log:
        "<logs>/tabulate_challenge.log",
    benchmark:
        "<benchmarks>/tabulate_challenge.tsv"
    conda:
        "../../envs/data.yaml"
    params:
        settings=DRAWN_AS,
        code=code("tabulate_challenge"),
    message:
        "Listing the scores of the challenge"
    script:
        "../scripts/tabulate_challenge.py"
