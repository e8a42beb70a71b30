"""Every file that a script or the library writes is written through `atomic`."""

import ast
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
WRITERS = {"write_parquet", "write_csv", "write_json", "write_ipc", "write_text", "write_bytes"}
WRITERS |= {"sink_parquet", "sink_csv", "save_file", "savefig", "saving", "save", "dump", "tofile"}
# They write through `atomic` themselves: these names, called as plain functions.
OURS = {"write_text", "write_json"}
# And so does `save` of what these scripts make: the library's own objects, whose files are under audit too.
SAVE_OURS = {
    "extend_model.py",
    "fit_baseline.py",
    "fit_channels.py",
    "fit_rerank.py",
    "fit_title_encoder.py",
    "freeze_best.py",
    "freeze_model.py",
    "index_titles.py",
    "segue/catalogue/catalogue.py",
    "segue/channels/fitted.py",
}


def unguarded(source):
    """Lines that write, and stand in no `with atomic(...)`."""
    found = []

    def visit(node, inside):
        if isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            inside = inside or any(getattr(call.func, "id", "") == "atomic" for call in calls)
        if isinstance(node, ast.Call) and not inside and writes(node):
            found.append(node.lineno)
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(source), inside=False)
    return found


def writes(call):
    if isinstance(call.func, ast.Name):
        return call.func.id in WRITERS - OURS or (call.func.id == "open" and mode(call, 1) != "r")
    name = getattr(call.func, "attr", "")
    return name in WRITERS or (name == "open" and any(letter in mode(call, 0) for letter in "wax+"))


def mode(call, position):
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] + call.args[position:]
    return modes[0].value if modes and isinstance(modes[0], ast.Constant) else "r"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("table.write_parquet(path)", [1]),
        ("Path(path).open('wb')", [1]),
        ("open(path, mode='w')", [1]),
        ("with open(path, 'a') as f: f.write('x')", [1]),
        ("with atomic(target) as path: table.write_parquet(path)", []),
        ("with style(), atomic(target) as path:\n  if x: save_file({}, path)", []),
        ("with other(target) as path: save_file({}, path)", [1]),
        ("write_text(path, page)", []),
        ("path.write_text(page)", [1]),
        ("Path(path).open('rb')", []),
        ("open(path)", []),
    ],
)
def test_the_audit_sees(line, found):
    assert unguarded(line) == found


def test_nothing_is_written_past_atomic():
    sources = {path.relative_to(SCRIPTS).as_posix(): path.read_text() for path in SCRIPTS.rglob("*.py")}
    assert len(sources) > 100
    found = {name: lines for name, source in sources.items() if (lines := unguarded(source))}
    for name in SAVE_OURS:
        assert len(found.pop(name)) == (SCRIPTS / name).read_text().count(".save(") == 1
    assert found == {}
