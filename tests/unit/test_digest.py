import ast
import os
import re
import textwrap
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.run.digest import code_digest, code_files

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
FILES = {
    "job.py": "import json\nimport kit.far\nfrom kit import near\ndef f():\n    from kit.sub import deep\n",
    "kit/__init__.py": "",
    "kit/near.py": "from . import beside\n",
    "kit/beside.py": "from .sub import deep\n",
    "kit/far.py": "",
    "kit/sub/__init__.py": "",
    "kit/sub/deep.py": "from ..helper import y\n",
    "kit/helper.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import kit.typed\n",
    "kit/typed.py": "",
    "kit/unrelated.py": "from .helper import y\n",
}
MODULE = '''"""What it is about."""

from kit import near  # ours


@near.mark
class Layer(near.Base):
    """A layer.

    With a long docstring.
    """

    size: int = 3

    def forward(self, x, *rest, scale=1.5, **options):
        "One line."
        total = [x * scale for x in rest if x is not None and x > 0]
        if not total or self.size == 0x10:
            raise ValueError(f"{self.size=!r}: found {x:>{self.size}.2f}, {'none'} of {{it}}")
        return {"total": sum(total) - 1, **options, b"key": (x,)}, 'it\\'s', 2.5e-3


async def run(task):
    while (value := await task):
        match value:
            case [first, *_] | {"first": first}:
                yield first
            case None | True:
                del value; break
    else:
        global LAST
        LAST = value @ value[1:, ..., ::2] if value else lambda a, /, b=1: a ** -b
'''


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path)


def write(folder):
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def digest_of(tmp_path_factory):
    """The digest of a script with a text; each text at a time of its own, as edits by hand are."""
    path = tmp_path_factory.mktemp("module") / "job.py"
    times = count(1_000_000_000)

    def digest(text):
        path.write_text(text)
        os.utime(path, ns=(0, next(times)))
        return code_digest(path)

    return digest


@pytest.mark.parametrize("name", FILES)
def test_an_edit_counts_where_it_is_imported(folder, name):
    before = code_digest(folder / "job.py")
    (folder / name).write_text(FILES[name] + "edited = 1\n")
    expected = name not in ("kit/unrelated.py", "kit/typed.py")
    assert (code_digest(folder / "job.py") != before) == expected


def test_only_contents_count(folder, tmp_path_factory):
    before = code_digest(folder / "job.py")
    for name in FILES:
        (folder / name).touch()
    assert code_digest(folder / "job.py") == before
    assert code_digest(write(tmp_path_factory.mktemp("clone")) / "job.py") == before


def test_modules_that_are_loaded_by_name_count(folder):
    job, before = folder / "job.py", code_digest(folder / "job.py")
    assert code_digest(job, modules=["kit.helper"]) == before  # reached already
    after = code_digest(job, modules=["kit.unrelated"])
    assert after != before
    (folder / "kit/unrelated.py").write_text("edited = 1\n")
    assert code_digest(job, modules=["kit.unrelated"]) not in (before, after)
    with pytest.raises(SegueError, match=r"kit\.missing"):
        code_digest(job, modules=["kit.missing"])


def test_facts_count(folder):
    facts = [(), ("a",), ("a", "b"), ("ab",), ("b", "a"), ("a\n1 b",), ("",)]
    assert len({code_digest(folder / "job.py", facts=each) for each in facts}) == len(facts)


def test_the_registry_is_left_to_the_params_where_they_carry_entries(folder):
    (folder / "segue/run").mkdir(parents=True)
    registry = folder / "segue/run/registry.py"
    registry.write_text("import kit.unrelated\n")
    (folder / "kit/far.py").write_text("from segue.run import registry\n")
    job, modules = folder / "job.py", ["kit.near"]
    before, whole = code_digest(job, modules), code_digest(job)
    assert not {registry, folder / "kit/unrelated.py"} & code_files(job, modules)
    assert {registry, folder / "kit/unrelated.py"} <= code_files(job)
    registry.write_text("edited = 1\n")
    assert code_digest(job, modules) == before
    assert code_digest(job) != whole


def test_comments_docstrings_and_formatting_do_not_count(digest_of):
    before = digest_of(MODULE)
    edits = {
        "comments": MODULE.replace("  # ours", "").replace(
            "    def forward", "    # Noted.\n    def forward"
        ),
        "blank lines": MODULE.replace("\n\n", "\n\n\n\n"),
        "docstrings": MODULE.replace("A layer", "No layer").replace('        "One line."\n', ""),
        "quotes": MODULE.replace("'it\\'s'", '"it\'s"').replace("0x10", "16"),
        "line breaks": MODULE.replace("(self, x, *rest, ", "(\n  self, x,\n# a note\n\n  *rest, "),
        "trailing commas": MODULE.replace("sum(total)", "sum(total,)"),
        "brackets": MODULE.replace("return {", "return ({").replace("2.5e-3", "2.5e-3)"),
        "indentation": textwrap.indent(MODULE, "").replace("    ", "  "),
        "semicolons": MODULE.replace("del value; break", "del value\n                break"),
    }
    for name, edit in edits.items():
        assert edit != MODULE, name
        assert digest_of(edit) == before, name


TOKENS = [match.span() for match in re.finditer(r"\w+|[^\w\s]+", MODULE)]
REPLACEMENTS = ["x", "total", "0", "1", "'x'", '""', "not", "-", "+", "==", ",", "(x)", "[x]", ":", "", "f''"]
REPLACEMENTS += ["pass", "None", "True", "x,", "*x", "# x", "\\", "await x", "{x}", "f'{x}'", "1.5", "b'x'"]


@given(st.sampled_from(TOKENS), st.sampled_from(REPLACEMENTS))
def test_the_digest_is_the_same_exactly_where_the_code_is(digest_of, span, replacement):
    edit = MODULE[: span[0]] + replacement + MODULE[span[1] :]
    try:
        code = code_of(edit)
    except SyntaxError:
        return
    assert (digest_of(edit) == digest_of(MODULE)) == (code == code_of(MODULE))


def code_of(text):
    """What Python itself makes of a text, docstrings apart."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)


def test_reformatting_the_library_does_not_count(digest_of):
    for path in sorted(SCRIPTS.rglob("*.py")):
        text = path.read_text()
        assert digest_of(ast.unparse(ast.parse(text))) == digest_of(text), path


def test_no_rule_reads_its_docstrings():
    """They are not in the digest."""
    reached = {file for script in SCRIPTS.glob("*.py") for file in code_files(script)}
    assert len(reached) > 80
    assert not [path for path in reached if "__doc__" in path.read_text()]


def test_the_digest_is_known(digest_of):
    """It must be the same under every version of Python, or an update of Python would rerun everything."""
    assert digest_of(MODULE) == "code:814ccf1b97073f2e90f244a9a258737227cacde10b47322ff01fd451d33a182c"
