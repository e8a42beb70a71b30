"""A digest of all the code that a script runs, so that Snakemake can see it change."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from segue.errors import SegueError

# The registry has every convolution, loss, sampler and baseline. Where a rule's params carry the entries that
# its job uses, a new one reruns nothing of the others.
CARRIED_BY_PARAMS = "segue/run/registry.py"
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_digest(script: str | Path, modules: Iterable[str] = (), facts: Iterable[str] = ()) -> str:
    """``code:`` + sha256 over the paths and the code of ``script`` and of all that it runs of ours.

    That is ``code_files``, and ``facts``, strings that count besides. Code is what Python reads: comments,
    docstrings and formatting change nothing, nor do a ``touch``, a fresh clone or another version of Python.
    """
    folder = Path(script).parent
    digest = hashlib.sha256()
    for path in sorted(code_files(script, modules)):
        digest.update(f"{path.relative_to(folder).as_posix()} {_source(path).digest}\n".encode())
    for fact in facts:
        text = fact.encode()
        digest.update(b"%d %s\n" % (len(text), text))
    return f"code:{digest.hexdigest()}"


def code_files(script: str | Path, modules: Iterable[str] = ()) -> set[Path]:
    """``script``, and every file of ours that it or one of ``modules`` (dotted names) imports.

    "Ours" is whatever an import resolves to in the script's own folder; imports are followed from module to
    module, those inside functions, relative ones and every parent package's ``__init__`` included, those for
    type checkers left out. What ``importlib`` loads is not seen: name it in ``modules``, in whose place the
    registry, which says what to load, is left out. Raises SegueError where one of ``modules`` is not ours.
    """
    folder = Path(script).parent
    pending = [Path(script)]
    for module in modules:
        if not folder.joinpath(*module.split(".")).with_suffix(".py").is_file():
            raise SegueError(
                "A module that a rule's code digest should follow is not there.",
                where=str(script),
                found=module,
                expected=f"the dotted name of a module in {folder}",
                fix="correct the name of the module in the registry",
            )
        pending += _files_of(module, folder)
    skipped, reached = {folder / CARRIED_BY_PARAMS} if modules else set(), set()
    while pending:
        path = pending.pop()
        if path not in reached and path not in skipped:
            reached.add(path)
            pending.extend(_imported_files(path, folder))
    return reached


@dataclass(frozen=True)
class _Source:
    """One file: the digest of its code, and (level, dotted name) of what it imports."""

    digest: str
    imports: tuple[tuple[int, str], ...]


def _source(path: Path) -> _Source:
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


@cache  # most scripts reach the same modules
def _read(path: Path, mtime: int, size: int) -> _Source:
    tree = ast.parse(path.read_bytes(), filename=str(path))
    parts: list[str] = []
    _write(tree, parts)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return _Source(digest, tuple(_imports(tree)))


def _write(node: object, parts: list[str]) -> None:
    """Appends what ``node`` of a syntax tree says, in a form of our own: `ast.dump` differs by version.

    Fields that are empty are left out, since later versions of Python add some.
    """
    if isinstance(node, ast.Constant):
        # Of text, the length: what stands in it must not look like the end of it.
        value = f"{len(node.value)} {node.value}" if isinstance(node.value, str) else repr(node.value)
        parts.append(f"{type(node.value).__name__} {value}")
    elif isinstance(node, ast.AST):
        parts.append(type(node).__name__)
        for name in node._fields:
            value = getattr(node, name, None)
            if name == "body" and isinstance(node, DOCUMENTED):
                value = _without_docstring(value)
            elif name == "values" and isinstance(node, ast.JoinedStr):
                value = _merged(value)
            # Where a name is read and where it is written, "ctx", follows from the rest.
            if value is not None and value != [] and name != "ctx":
                parts.append(name)
                _write(value, parts)
        parts.append(")")
    elif isinstance(node, list):
        for item in node:
            _write(item, parts)
        parts.append("]")
    else:
        parts.append(str(node))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(ast.Constant(str())), *rest]:
            return rest
    return body


def _merged(values: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string with adjacent texts in one: versions of Python cut them differently."""
    merged: list[ast.expr] = []
    for value in values:
        last = merged[-1] if merged else None
        if isinstance(value, ast.Constant) and isinstance(last, ast.Constant):
            merged[-1] = ast.Constant(last.value + value.value)
        elif not (isinstance(value, ast.Constant) and value.value == ""):
            merged.append(value)
    return merged


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = f"{node.module}." if node.module else ""
            yield from ((node.level, base + alias.name) for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            pending += node.orelse
        elif not isinstance(node, ast.expr):
            pending += ast.iter_child_nodes(node)


@cache
def _files_of(module: str, folder: Path) -> tuple[Path, ...]:
    """Files that run when ``module`` is imported: its own, and the ``__init__`` of its parents."""
    parts = module.split(".")
    stems = [folder.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    candidates = [file for stem in stems for file in (stem.with_suffix(".py"), stem / "__init__.py")]
    return tuple(file for file in candidates if file.is_file())


def _imported_files(path: Path, folder: Path) -> Iterator[Path]:
    package = path.relative_to(folder).parent.parts
    for level, name in _source(path).imports:
        parents = package[: len(package) - level + 1] if level else ()
        yield from _files_of(".".join([*parents, name]), folder)
