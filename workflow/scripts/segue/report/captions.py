"""Captions beside figures: the reStructuredText, with Jinja in it, that `snakemake --report` shows too."""

from types import SimpleNamespace
from typing import Any

from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

TEXTS = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701, docutils escapes
# A text has no files and no HTML of its own, and a mistake in it is an error.
STRICT = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 2,
    "halt_level": 2,
}


def caption(text: str, config: dict[str, Any]) -> Markup:
    """``text`` as HTML; what Jinja in it can ask for is ``snakemake.config``.

    Raises jinja2.UndefinedError for anything else, and docutils' SystemMessage where the markup is wrong.
    """
    plain = TEXTS.from_string(text).render(snakemake=SimpleNamespace(config=config))
    return Markup(publish_parts(plain, writer="html5", settings_overrides=STRICT)["body"])  # noqa: S704, escaped
