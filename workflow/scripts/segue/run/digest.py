"""A digest of all the code that a script runs, so that Snakemake can see it change."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def code_digest(script: str | Path) -> str:
    """``code:`` + sha256 over the paths and bytes of ``script`` and every module of ours that it imports.

    "Ours" is whatever an import resolves to in the script's own folder; imports are followed from
    module to module, those inside functions, relative ones and every parent package's ``__init__``
    included. Contents count and times do not: a ``touch`` or a fresh clone changes nothing.
    Imports by ``importlib`` are not seen.
    """
    folder = Path(script).parent
    pending, sources = [Path(script)], {}
    while pending:
        path = pending.pop()
        if path not in sources:
            sources[path] = path.read_bytes()
            pending.extend(_imported_files(path, sources[path], folder))
    digest = hashlib.sha256()
    for path in sorted(sources):
        name = path.relative_to(folder).as_posix().encode()
        digest.update(b"%d %s %d " % (len(name), name, len(sources[path])) + sources[path])
    return f"code:{digest.hexdigest()}"


@cache  # most scripts reach the same modules
def _imported_files(path: Path, source: bytes, folder: Path) -> list[Path]:
    found = []
    for module in _imported_modules(path, ast.parse(source, filename=str(path)), folder):
        parts = module.split(".")
        for depth in range(1, len(parts) + 1):
            stem = folder.joinpath(*parts[:depth])
            found += (file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file())
    return found


def _imported_modules(path: Path, tree: ast.AST, folder: Path) -> Iterator[str]:
    """Dotted names, seen from ``folder``, of all that might be a module in the imports of ``tree``."""
    package = path.relative_to(folder).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            yield from (".".join([*base, alias.name]) for alias in node.names)
