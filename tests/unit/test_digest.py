from pathlib import Path

import pytest

from segue.digest import code_digest

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"

FILES = {
    "job.py": "import json\nimport kit.far\nfrom kit import near\ndef f():\n    from kit.sub import deep\n",
    "kit/__init__.py": "",
    "kit/near.py": "from . import beside\n",
    "kit/beside.py": "from .sub import deep\n",
    "kit/far.py": "",
    "kit/sub/__init__.py": "",
    "kit/sub/deep.py": "from ..helper import y\n",
    "kit/helper.py": "",
    "kit/unrelated.py": "",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_an_edit_counts_where_it_is_imported(folder, name):
    before = code_digest(folder / "job.py")
    (folder / name).write_text(FILES[name] + "# edited\n")
    assert (code_digest(folder / "job.py") != before) == (name != "kit/unrelated.py")


def test_only_contents_count(folder, tmp_path_factory):
    before = code_digest(folder / "job.py")
    for name in FILES:
        (folder / name).touch()
    assert code_digest(folder / "job.py") == before
    clone = tmp_path_factory.mktemp("clone")
    for name, text in FILES.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text)
    assert code_digest(clone / "job.py") == before


def reaches(script, module, monkeypatch):
    """Whether the digest of one of our scripts depends on a module of the library."""
    target = SCRIPTS / "segue" / f"{module}.py"
    original = Path.read_bytes
    before = code_digest(SCRIPTS / f"{script}.py")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: original(path) + (b"\n#" if path == target else b""))
        return code_digest(SCRIPTS / f"{script}.py") != before


@pytest.mark.parametrize(
    ("module", "scripts"),
    [
        ("training_curves", {"plot_loss", "plot_loss_recall", "plot_recall", "plot_roc_auc"}),
        ("map_figure", {"plot_map", "animate_map", "plot_artists"}),
        ("artists", {"choose_artists", "measure_likeness"}),
        ("snapshots", {"map_playlists", "measure_likeness"}),
        ("themes", {"make_sample"}),
        ("models", {"train_model"}),
        ("convs", {"train_model"}),
        ("sparse", {"train_model", "evaluate_model", "rank_popularity"}),
        ("training", {"train_model"}),
        ("sampling", {"train_model", "evaluate_model", "rank_popularity"}),
        *((module, {"build_kcore"}) for module in ("merge", "graph", "core")),
        ("coreness", {"build_kcore", "plot_kcore_idea"}),
        ("subgraph", {"sample_subgraph"}),
        ("subgraph_figure", {"plot_subgraph"}),
        ("neighbourhood", {"plot_split", "tabulate_counts"}),
        ("kcore_figure", {"plot_kcore_ladder"}),
        ("mpd", {"parse_edges", "parse_slices"}),
        ("edge_tables", {"parse_edges"}),
        ("sample", {"make_sample"}),
        ("split", {"split_edges", "train_model", "evaluate_model", "rank_popularity", "recommend_tracks"}),
        ("recommending", {"recommend_tracks"}),
        ("recommendations_page", {"make_recommendations_page"}),
        *((module, set()) for module in ("answer", "question", "titles", "terminal", "batching")),
    ],
)
def test_which_scripts_run_which_modules(module, scripts, monkeypatch):
    every = {path.stem for path in SCRIPTS.glob("*.py")}
    assert {script for script in every if reaches(script, module, monkeypatch)} == scripts
