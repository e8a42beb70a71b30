"""The table of all keys in config/README.md, from the schema, the registry and the defaults.

``python -m segue.run.reference``, in the folder of the workflow, writes it anew.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from segue.files import write_text
from segue.run.config import read_config
from segue.run.registry import BY_CLASS, LIKE
from segue.run.schema import RELATIONS, Schema, by_class, complete

HEADING = "## Keys\n"


def keys(schema: Schema, config: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any, str]]:
    """Path, default and description of every key, in the order of ``schema``, which is complete."""
    for key, child in schema["properties"].items():
        if key not in config:  # of some blocks alone
            continue
        if "required" in child and config[key]:  # all of whose keys are given
            yield from keys(child, config[key], f"{path}{key}.")
        else:
            yield f"{path}{key}", config[key], child["description"]


def page(text: str, schema: Schema, config: dict[str, Any]) -> str:
    """``text``, config/README.md, with the table below HEADING made anew; ``config``: the defaults."""
    before = text.partition(HEADING)[0]
    rows = [
        f"| `{path}` | `{_shown(value)}` | {description} |"
        for path, value, description in keys(complete(schema, config), config)
    ]
    rows += [
        f"| `model.<name>.{key}` |  | Of a block with a `{BY_CLASS}`: {of_key['description']} |"
        for key, of_key in by_class()["properties"].items()
    ]
    rows += [
        f"| `model.<name>.{LIKE}` |  | The convolution whose settings the block has, but for its own. |",
        f"| `model.<name>.{RELATIONS}` |  | What of `{RELATIONS}` is the block's own. |",
    ]
    return "\n".join([before + HEADING, "| key | default | meaning |", "|---|---|---|", *rows, ""])


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: ...' for key in value)}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def main() -> None:
    """Writes config/README.md of the folder that it is started in, or that ``--folder`` names."""
    parser = argparse.ArgumentParser(description="Write the table of keys in config/README.md anew.")
    parser.add_argument("--folder", type=Path, default=Path(), help="of the workflow")
    folder = parser.parse_args().folder
    schema = yaml.safe_load((folder / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8"))
    readme = folder / "config/README.md"
    text = page(readme.read_text(encoding="utf-8"), schema, read_config(folder / "config/config.yaml"))
    write_text(readme, text)


if __name__ == "__main__":
    main()
