"""docs/api.md: every public name of the library, from its signature and its docstring.

``python -m segue.api_page``, in the folder of the workflow, writes it anew.
"""

import argparse
import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import segue
from segue.files import write_text

WIDTH = 100  # of a signature in one line
LEADS = re.compile(r"^(Columns:|Raises SegueError)", re.MULTILINE)  # of paragraphs, as they are looked for
HEADER = """# Segue from Python

`import segue` in the environment of `make setup`. Results are those of a finished run: `make demo` leaves
some in the folder `results`. Tables are [polars](https://docs.pola.rs) tables, which notebooks show as such.
What cannot be done raises `segue.SegueError`, whose message says what was found, what was expected, and the
next step. This page is written from the docstrings, which `help(segue.load)` shows too.
"""


def page() -> str:
    """The text of docs/api.md."""
    names = segue.__all__
    rows = [f"| [`{name}`](#segue{name.lower()}) | {_first(getattr(segue, name))} |" for name in names]
    example = [line.removeprefix(">>> ") for line in segue.__doc__.splitlines() if line.startswith(">>> ")]
    example.insert(1, "")  # after the import
    parts = [HEADER, "\n".join(["```python", *example, "```", ""])]
    parts.append("\n".join(["| `segue.` | |", "| --- | --- |", *rows, ""]))
    return "\n".join([*parts, *("\n".join(_section(name)) for name in names)])


def _section(name: str) -> Iterator[str]:
    found = getattr(segue, name)
    yield f"## `segue.{name}`\n"
    if not inspect.isabstract(found):
        yield f"```python\n{signature(found)}\n```\n"
    yield LEADS.sub(r"**\1**", inspect.getdoc(found).replace("``", "`")) + "\n"


def signature(found: Any) -> str:
    """As it stands in the code; of a class that of its objects, by what they are made of."""
    node = ast.parse(textwrap.dedent(inspect.getsource(found))).body[0]
    if isinstance(node, ast.ClassDef):
        made = [one for one in node.body if getattr(one, "name", "") == "__init__"]
        fields = [ast.unparse(one) for one in node.body if isinstance(one, ast.AnnAssign)]
        parameters, returned = (_parameters(made[0].args) if made else fields), ""
    else:
        parameters, returned = _parameters(node.args), f" -> {ast.unparse(node.returns)}".replace("'", "")
    line = f"{found.__name__}({', '.join(parameters)}){returned}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{found.__name__}(", *(f"    {one}," for one in parameters), f"){returned}"])


def _parameters(arguments: ast.arguments) -> list[str]:
    given = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(given) - len(arguments.defaults)) + arguments.defaults
    found = [_parameter(*pair) for pair in zip(given, defaults, strict=True) if pair[0].arg != "self"]
    if arguments.kwonlyargs:
        named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        found += ["*", *(_parameter(*pair) for pair in named)]
    return found


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    text = ast.unparse(argument).replace("'", "")
    return text if default is None else f"{text} = {ast.unparse(default)}".replace("'", '"')


def _first(found: Any) -> str:
    """The first sentence of its docstring, in one line."""
    text = " ".join(inspect.getdoc(found).split("\n\n")[0].split())
    return re.match(r".*?\.(?=\s|$)", text)[0].replace("``", "`")


def main() -> None:
    """Writes docs/api.md of the folder that it is started in, or that ``--folder`` names."""
    parser = argparse.ArgumentParser(description="Write docs/api.md anew.")
    parser.add_argument("--folder", type=Path, default=Path(), help="of the workflow")
    write_text(parser.parse_args().folder / "docs/api.md", page())


if __name__ == "__main__":
    main()
