import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from snakemake.utils import update_config

from segue.errors import SegueError
from segue.run.challenge_problems import require_set_file
from segue.run.config import check_config, read_config
from segue.run.schema import complete

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())


def merged(base, override):
    """``base`` with the values of ``override``, key by key, as Snakemake merges configurations."""
    both = dict(base)
    for key, value in override.items():
        both[key] = merged(base.get(key, {}), value) if isinstance(value, dict) else value
    return both


def with_value(path, value):
    config = copy.deepcopy(CONFIG)
    *parents, last = path.split(".")
    section = config
    for parent in parents:
        section = section[parent]
    section[last] = value
    return config


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(complete(SCHEMA, CONFIG))


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_every_config_file_is_valid(path):
    check_config(merged(CONFIG, yaml.safe_load(path.read_text())), SCHEMA)


def test_the_schema_is_closed_and_described_at_every_level():
    def walk(schema, path):
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, path
            for key, child in schema["properties"].items():
                if "properties" in child:
                    walk(child, f"{path}.{key}")
                else:
                    assert len(child["description"]) > 5, f"{path}.{key}"

    walk(complete(SCHEMA, CONFIG), "")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "trian",
            {},
            "trian: unknown key; did you mean 'train'? allowed here: artists, baselines, blends,",
        ),
        (
            "model.gat.head",
            3,
            "model.gat.head: unknown key; did you mean 'heads'? allowed here: dropout, edge_dropout",
        ),
        ("train.lr", 0, "train.lr: found 0, expected number > 0"),
        ("train.lr", "fast", "train.lr: found 'fast', expected number > 0"),
        (
            "epochs",
            3,
            "epochs: unknown key; did you mean train.epochs or checkpoints.epochs or title_encoder.epochs? "
            "after --config as 'train={epochs: ...}'; allowed here: art",
        ),
        (
            "train.seed_of_it",
            3,
            "train.seed_of_it: unknown key; allowed here: decay, epochs, keep, l2, loss",
        ),
        ("data.seed", 3, "did you mean sweep.seed or split.seed or train.seed or 13 others? allowed"),
        (
            "train.model",
            {},
            "train.model: unknown key; did you mean model or title_encoder.model? allowed here",
        ),
        (
            "graph.max_playlist",
            3,
            "did you mean evaluate.max_playlists or maps.max_playlists? allowed here: ex",
        ),
        ("train.epochs", 2.5, "train.epochs: found 2.5, expected integer ≥ 1"),
        ("train.loss", "hinge", "train.loss: found 'hinge', expected one of bpr, bce"),
        ("data.slices", 0, "data.slices: found 0, expected integer ≥ 1 or 'all'"),
        ("model.gat.dropout", 1, "model.gat.dropout: found 1, expected number ≥ 0 and < 1"),
        (
            "sweep.conv",
            [],
            "sweep.conv: found [], expected a list of 1 or more distinct values, each one of lgc",
        ),
        ("sweep.conv", ["gcn"], "sweep.conv.0: found 'gcn', expected one of lgc, gat, sage"),
        ("sweep.conv", ["lcg"], "one of lgc, gat, sage; did you mean 'lgc'?"),
        ("sweep.conv", [3], "sweep.conv.0: found 3, expected one of lgc, gat, sage"),
        ("maps.conv", ["sagge"], "maps.conv.0: found 'sagge', expected one of lgc, gat, sage; did you mean"),
        ("sweep.sampler", ["hrad"], "one of random, hard, softmax; did you mean 'hard'?"),
        (
            "sweep.models",
            ["lgc-random-fixed", "sage-hrad-fixed"],
            "sweep.models.1: found 'sage-hrad-fixed', expected conv-sampler-alpha, as lgc-random-fixed; did "
            "you mean 'sage-hard-fixed'?",
        ),
        ("sweep.models", ["lgc-random-fixed-seed2"], "as lgc-random-fixed; sweep.seed adds seeds"),
        ("sweep.seed", [2, 3], "sweep.seed: found [2, 3], expected train.seed = 1 among them, whose models"),
        ("train.loss", "brp", "one of bpr, bce, softmax; did you mean 'bpr'?"),
        (
            "model.gta",
            {"layers": 3},
            "model.gta: unknown key; did you mean 'gat'? allowed here: dim, gat, lgc, sage, and blocks",
        ),
        (
            "model.graph",
            {"class": "torch_geometric.nn.GrphConv", "layers": 2, "init_std": 0.1},
            "did you mean torch_geometric.nn.GraphConv?",
        ),
        (
            "model.graph",
            {"class": "torch_geometric.nn.GraphConv", "layers": 2, "init_std": 0.1, "agr": "max"},
            "model.graph.agr: GraphConv has no such argument; did you mean 'aggr'?",
        ),
        ("model.graph", {"class": "torch_geometric.nn.GraphConv", "layers": 2}, "key 'init_std' is missing"),
        (
            "model.graph-2",
            {"class": "torch_geometric.nn.GraphConv", "layers": 2, "init_std": 0.1},
            "model.graph-2: found a name with other characters, expected letters",
        ),
        ("results", "", "results: found '', expected string of at least 1 character(s)"),
        ("negatives.random.avoid_known", "yes", "avoid_known: found 'yes', expected boolean"),
        ("split.test", 0.2, "split: train + validation + test: found 0.7 + 0.15 + 0.2 = 1.05, expected 1"),
        ("train.recall_k", 7, "train.recall_k: found 7, expected one of evaluate.k = [10, 50, 100, 300]"),
        ("drawing.edges", 7, "drawing.edges: found 7, expected drawing.nodes - 1 = 1874 or more"),
        ("baselines.names", ["knn"], "baselines.names: found ['knn'], expected popularity among them"),
        (
            "baselines.names",
            ["slim"],
            "baselines.names.0: found 'slim', expected one of popularity, knn, als",
        ),
        ("baselines.als.confidence", [0.5], "baselines.als.confidence.0: found 0.5, expected number ≥ 1"),
        ("baselines.ease.l2", [], "baselines.ease.l2: found [], expected a list of 1 or more"),
        (
            "blends",
            [{"name": "b", "of": ["knn"], "weights": [1]}],
            "blends.0.of: found ['knn'], expected a list of 2 or more distinct values",
        ),
        (
            "blends",
            [{"name": "b", "of": ["knn", "knn"], "weights": [1]}],
            "blends.0.of: found ['knn', 'knn'], expected a list of 2 or more distinct values",
        ),
        (
            "blends",
            [{"name": "b", "of": ["knn", "eas"], "weights": [1]}],
            "blends.0.of: found 'eas', expected a model or baseline of this run; did you mean 'ease'?",
        ),
        (
            "blends",
            [
                {"name": "b", "of": ["knn", "ease"], "weights": [1]},
                {"name": "c", "of": ["knn", "b"], "weights": [1]},
            ],
            "blends.1.of: found 'b', expected a model or baseline of this run, since a blend is no member",
        ),
        (
            "blends",
            [{"name": "b", "of": ["popularity", "knn", "als", "ease"], "weights": [1]}],
            "blends.0.of: found 4 names, expected 2 or 3",
        ),
        *(
            ("blends", [{"name": name, "of": ["knn", "ease"], "weights": [1]}], f"name: found {name!r}, exp")
            for name in (
                *("ease", "sage-hard-fixed", "lgc-hard-fixed-seed2", "../b", "9"),
                *("joint", "rerank", "lgc-hard-fixed-catalogue"),
            )
        ),
        (
            "blends",
            [{"name": "b", "of": ["knn", "ease"], "weights": [-1]}],
            "blends.0.weights.0: found -1, expected number ≥ 0",
        ),
        ("data.slices", "all", "data.slices: found 'all', expected a number, since the sample has no end"),
        ("compare.runs", {"BPR": 3}, "compare.runs.BPR: found 3, expected string of at least 1 character(s)"),
        ("compare.runs", {"BPR": "bpr"}, "compare.name: found None, expected a name that no run in compare"),
        (
            "compare.runs",
            {"BPR": "./results/"},
            "compare.runs.BPR: found './results/', expected another than",
        ),
        ("compare.runs", dict.fromkeys("abcde", "x"), "compare.runs: found 5 runs, expected at most 4"),
        ("challenge.categories", [1, 11], "challenge.categories.1: found 11, expected integer ≥ 1 and ≤ 10"),
        ("challenge.playlists_per_category", 0, "_category: found 0, expected integer or null ≥ 1"),
        ("challenge.team.name", "a, b", "challenge.team.name: found 'a, b', expected no comma"),
    ],
)
def test_the_message_names_key_value_and_what_is_allowed(path, value, message):
    with pytest.raises(SegueError) as error:
        check_config(with_value(path, value), SCHEMA)
    assert message in str(error.value)
    assert "next step" in str(error.value)


def test_a_convolution_of_torch_geometric_is_one_to_choose():
    config = with_value("sweep.conv", ["lgc", "graph"])
    with pytest.raises(SegueError, match=r"sweep\.conv\.1: found 'graph'"):
        check_config(config, SCHEMA)
    block = {"class": "torch_geometric.nn.GraphConv", "layers": 2, "init_std": 0.1, "aggr": "mean"}
    config["model"]["graph"] = block
    config["maps"]["conv"] = ["graph"]
    check_config(config, SCHEMA)
    config["model"]["graph"] = block | {"layers": 0}
    with pytest.raises(SegueError, match=r"model\.graph\.layers: found 0, expected integer ≥ 1"):
        check_config(config, SCHEMA)


def test_what_has_no_section_is_missed():
    config = copy.deepcopy(CONFIG)
    del config["model"]["gat"], config["baselines"]["als"]
    with pytest.raises(SegueError, match=r"model: key 'gat' is missing"):
        check_config(config, SCHEMA)
    with pytest.raises(SegueError, match=r"baselines: key 'als' is missing"):
        check_config(config, SCHEMA)


def test_this_run_needs_a_name_of_its_own_among_those_to_compare():
    config = with_value("compare.runs", {"BPR": "results/bpr", "l2": "results/l2"})
    config["compare"]["name"] = "BCE"
    check_config(config, SCHEMA)
    config["compare"]["name"] = "l2"
    with pytest.raises(SegueError, match=r"compare\.name: found 'l2', expected a name that no run"):
        check_config(config, SCHEMA)


def edge_lists(column=None, **changes):
    config = copy.deepcopy(CONFIG)
    config["data"]["source"] = "edges"
    config["data"]["edges"] |= {"files": ["a.csv"]} | changes
    config["split"]["column"] = column
    return config


@pytest.mark.parametrize(
    ("key", "value"),
    [("playlists_per_category", 5), ("validation_per_category", 5), ("set", "set.json")],
)
def test_edge_lists_have_no_challenge(key, value):
    config = edge_lists()
    check_config(config, SCHEMA)
    config["challenge"][key] = value
    with pytest.raises(SegueError, match=rf"challenge\.{key}: found {value!r}, expected null, since"):
        check_config(config, SCHEMA)


def test_a_run_answers_one_challenge_set():
    config = with_value("challenge.set", "set.json")
    config["challenge"]["validation_per_category"] = 2
    check_config(config, SCHEMA)
    config["challenge"]["playlists_per_category"] = 2
    with pytest.raises(SegueError, match=r"challenge\.set: found 'set\.json' beside .* null for one of them"):
        check_config(config, SCHEMA)


def test_a_catalogue_would_show_what_is_hidden():
    config = copy.deepcopy(CONFIG)
    config["cold"]["share"], config["challenge"]["validation_per_category"] = 0.05, 5
    check_config(config, SCHEMA)
    config["candidates"]["min_degree"] = 2
    with pytest.raises(SegueError, match=r"cold\.share: found 0\.05 beside candidates\.min_degree 2"):
        check_config(config, SCHEMA)


def test_a_second_stage_needs_candidates_playlists_and_models_of_the_run():
    config = with_value("rerank.stages", ["trees"])
    config["rerank"]["models"] = ["lgc-random-fixed", "ease", "lgc-randon-fixed", "nobody"]
    with pytest.raises(SegueError) as caught:
        check_config(config, SCHEMA)
    for text in (
        "rerank.models: found 'lgc-randon-fixed', expected a model or baseline of this run; did you "
        "mean 'lgc-random-fixed'?",
        "found 'nobody', expected a model or baseline of this run\n",
        "rerank.stages: found trees without candidates.min_degree, expected a number there",
        "rerank.stages: found trees without challenge.validation_per_category, expected a number there",
    ):
        assert text in f"{caught.value}\n"
    config["rerank"]["models"] = ["lgc-random-fixed", "gat-hard-fixed-catalogue", "ease"]
    config["candidates"]["min_degree"], config["challenge"]["validation_per_category"] = 2, 5
    check_config(config, SCHEMA)
    config["rerank"]["models"].append("popularity")
    with pytest.raises(SegueError, match=r"rerank\.models: found popularity, expected another"):
        check_config(config, SCHEMA)
    config["rerank"]["models"].pop()
    config["rerank"]["candidates"] = 499
    with pytest.raises(SegueError, match=r"rerank\.candidates: found 499, expected integer ≥ 500"):
        check_config(config, SCHEMA)


def test_a_challenge_set_that_is_not_there(tmp_path):
    require_set_file(None)
    for path, found in ((tmp_path / "set.json", "no file"), (tmp_path, "a folder")):
        with pytest.raises(SegueError, match=rf"challenge set is missing.*\n.*\n *found: {found}"):
            require_set_file(str(path))
    (tmp_path / "set.json").touch()
    require_set_file(str(tmp_path / "set.json"))


TRAIN, TEST = ({"path": f"{role}.tsv", "split": role} for role in ("train", "test"))
BY_NUMBER = {"playlist": 1, "track": 2, "position": None, "artist": None, "album": None}


def with_relations(config, *kinds):
    config["graph"]["relations"] = [*kinds]
    return config


@pytest.mark.parametrize(
    "config",
    [
        edge_lists(),
        edge_lists(files=[TRAIN, TEST]),
        edge_lists(column="part"),
        edge_lists(column=3, header=False, columns=BY_NUMBER),
        edge_lists(files=["a.txt"], separator="\t"),
        edge_lists(files=["a.dat"], separator="::"),
        edge_lists(files=["a.inter"]),
        edge_lists(files=["a.parquet"], header=False),
        edge_lists(files=["a.txt"], form="adjacency", header=False),
        with_relations(edge_lists(header=False, columns=BY_NUMBER | {"artist": 3}), "artist"),
    ],
)
def test_edge_lists_that_are_valid(config):
    check_config(config, SCHEMA)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (edge_lists(files=[]), "data.edges.files: found [], expected one file or more"),
        (edge_lists(files=[TRAIN, "b.csv"]), "data.edges.files: found a split for some of the files"),
        (edge_lists("part", files=[TRAIN, TEST]), "split.column: found 'part', expected null"),
        (
            edge_lists(files=["a.txt"]),
            "data.edges.separator: found null, expected what is between two fields",
        ),
        (
            edge_lists(form="adjacency", files=["a.parquet"]),
            "data.edges.files: found a.parquet, expected text",
        ),
        (
            edge_lists(form="adjacency", column=3),
            "split.column: found 3, expected null, since data.edges.form adjacency has no columns",
        ),
        (
            edge_lists(form="adjacency", columns=BY_NUMBER | {"artist": 3}),
            "data.edges.columns.artist: found 3, expected null, since data.edges.form adjacency has no",
        ),
        (
            with_relations(edge_lists(columns=BY_NUMBER | {"artist": 3}), "artist", "album"),
            "data.edges.columns.album: found null, expected the column of each track's album, since "
            "graph.relations has album",
        ),
        (edge_lists(separator="→"), "data.edges.separator: found '→', expected ASCII characters"),
        (edge_lists(separator='"'), "data.edges.separator: found '\"', expected ASCII characters"),
        (
            edge_lists(separator=""),
            "data.edges.separator: found '', expected string or null of at least 1 char",
        ),
        (edge_lists(header=False), "data.edges.columns.playlist: found 'playlist', expected a number"),
        (
            edge_lists("part", header=False, columns=BY_NUMBER),
            "split.column: found 'part', expected a number from 1",
        ),
        (
            edge_lists(columns=BY_NUMBER | {"track": 0}),
            "data.edges.columns.track: found 0, expected string of at least 1 character(s) or integer ≥ 1",
        ),
        (
            edge_lists(files=[{"path": "a.csv", "spilt": "train"}]),
            "data.edges.files.0: found {'path': 'a.csv', 'spilt': 'train'}, expected string of at least "
            "1 character(s) or object of path, split",
        ),
        (with_value("split.column", "part"), "split.column: found 'part', expected null, since data.source"),
    ],
)
def test_edge_lists_that_are_not(config, message):
    with pytest.raises(SegueError) as error:
        check_config(config, SCHEMA)
    assert message in str(error.value)


def test_a_missing_key_is_named():
    config = copy.deepcopy(CONFIG)
    del config["train"]["lr"]
    with pytest.raises(SegueError, match=r"train: key 'lr' is missing"):
        check_config(config, SCHEMA)


def test_each_missing_key_is_named_once():
    config = copy.deepcopy(CONFIG)
    del config["train"]["lr"], config["train"]["epochs"], config["data"]["edges"]["header"]
    with pytest.raises(SegueError) as refused:
        check_config(config, SCHEMA)
    assert str(refused.value).split("\n")[1:4] == [
        "  data.edges: key 'header' is missing",
        "  train: key 'epochs' is missing",
        "  train: key 'lr' is missing",
    ]


def test_all_problems_are_listed_at_once():
    config = with_value("train.lr", -1)
    config["device"] = "tpu"
    with pytest.raises(SegueError) as error:
        check_config(config, SCHEMA)
    assert "device: found 'tpu'" in str(error.value)
    assert "train.lr: found -1" in str(error.value)


def test_long_values_are_shortened():
    with pytest.raises(SegueError) as error:
        check_config(with_value("train.loss", "x" * 500), SCHEMA)
    assert max(map(len, str(error.value).splitlines())) < 200


KEYS = st.sampled_from("abc")
SECTIONS = st.dictionaries(
    KEYS, st.recursive(st.integers() | st.none(), lambda below: st.dictionaries(KEYS, below), max_leaves=6)
)


@given(base=SECTIONS, override=SECTIONS)
def test_files_are_merged_as_snakemake_merges_them(base, override, tmp_path_factory):
    folder = tmp_path_factory.mktemp("config")
    for name, values in (("base", base), ("override", override)):
        (folder / name).write_text(yaml.safe_dump(values))
    expected = copy.deepcopy(base)
    update_config(expected, override)
    assert read_config(folder / "base", folder / "override") == expected


@pytest.mark.parametrize(
    ("contents", "found"),
    [
        (None, "No such file or directory"),
        (b"", "None at the top level"),
        (b"- 1", "[1] at the top level"),
        (b"a: {", "line 1, column 5: expected the node content, but found '<stream end>'"),
        (b"a:\n\tb: 1", "line 2, column 1: found character '\\t' that cannot start any token"),
        (b"a: \xff", "invalid start byte"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path, contents, found):
    path = tmp_path / "mine.yaml"
    if contents is not None:
        path.write_bytes(contents)
    with pytest.raises(SegueError) as error:
        read_config(ROOT / "config/config.yaml", path)
    assert error.value.where == str(path)
    assert found in error.value.found
