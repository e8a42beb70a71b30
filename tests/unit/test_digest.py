import pytest

from segue.run.digest import code_digest

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
