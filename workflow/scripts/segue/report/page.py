"""The page of a run: what one sees at a glance, then all figures and tables, by section, with captions."""

import base64
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from segue.report.html import main_part
from segue.report.layout import ACTIONS, LAYOUT, TEMPLATE
from segue.report.style import CARDS, SORTING, STYLE

# In this order; categories of `snakemake --report`, of which two are one section.
SECTIONS = {
    "Data": "Data and graph",
    "Graph": "Data and graph",
    "Tuning": "Tuning",
    "Training": "Training",
    "Quality": "Quality",
    "Artists and albums": "Artists and albums",
    "Challenge": "Challenge",
    "Embeddings": "Embeddings",
    "Recommendations": "Recommendations",
    "Run": "Run",
}
MAIN_FIGURES = ("challenge", "metrics")  # the first that there is
TABLE_HEADING = Markup("<h4>")
CARD, END = Markup("<article>"), Markup("</div>")  # of the list of them
TABLES = "report"  # the folder of pages of tables
CARDS_SHOWN = 12  # playlists of a model; its own page has all
FRAMES_MB = 2.5  # of all figures that move; those beyond are linked


@dataclass(frozen=True)
class Part:
    """A file that the page shows: a figure (.png), or a page of ours (.html).

    ``section``: a key of SECTIONS; ``caption``: HTML; ``model``: whose it is, and what that is called, or
    empty.
    """

    path: Path
    section: str
    title: str
    caption: Markup
    model: str = ""
    label: str = ""


@dataclass(frozen=True)
class Glance:
    """The first view: sentences, the short table, and of sections that say more, a sentence each."""

    headline: str
    answer: Sequence[str]
    trained_on: str
    evidence: str
    table: Markup
    more: Sequence[tuple[str, str]] = ()


def run_page(glance: Glance, parts: Sequence[Part], best: str, folder: Path) -> str:
    """One self-contained HTML page; within SECTIONS, ``parts`` stand in the order that they come in, those of
    a model together, and first.

    ``best``: the model whose recommendations are first, and open; ``folder``: of the page, which links are
    relative to. Figures that move are within it up to FRAMES_MB.
    """
    by_name = {part.path.stem: part for part in parts if part.path.suffix == ".png"}
    main = next((by_name[name] for name in MAIN_FIGURES if name in by_name), None)
    sections: dict[str, list[dict[str, Any]]] = {title: [] for title in SECTIONS.values()}
    places, models = list(SECTIONS), [*dict.fromkeys(part.model for part in parts)]
    others = sorted(
        (part for part in parts if part is not main),
        key=lambda part: (places.index(part.section), not part.model, models.index(part.model)),
    )
    for part, shown in _shown(others, best, folder):
        sections[SECTIONS[part.section]].append(shown)
    values = {
        "glance": glance,
        "main": _figure(main) if main else None,
        "sections": [
            {"id": anchor(title), "title": title, "parts": own} for title, own in sections.items() if own
        ],
        "style": STYLE + CARDS + LAYOUT,
        "script": SORTING + ACTIONS,
    }
    return Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE).render(values)


def anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _shown(parts: Sequence[Part], best: str, folder: Path) -> Iterator[tuple[Part, dict[str, Any]]]:
    """What the template is told of each part. A caption that several have stands with the first of them; all
    models' playlists are one, with the first of them."""
    cards = sorted((part for part in parts if _is_cards(part)), key=lambda part: part.model != best)
    captions, room = set(), FRAMES_MB * 1e6
    for part in parts:
        title = f"{part.title}: {part.label}" if part.model else part.title
        common = {"title": title, "caption": "" if part.caption in captions else part.caption}
        captions.add(part.caption)
        if part.path.suffix == ".png":
            yield part, _figure(part) | common
        elif part.path.parent.name == TABLES:
            said, tables = _said_first(main_part(part.path.read_text(encoding="utf-8"), deeper=2))
            yield part, common | {"kind": "tables", "said": said, "html": tables}
        elif not _is_cards(part):
            room -= part.path.stat().st_size
            frame = {"kind": "frame", "html": part.path.read_text(encoding="utf-8")}
            yield part, common | (frame if room >= 0 else {"kind": "link", "link": _link(part.path, folder)})
        elif part is cards[0]:
            yield part, common | {"kind": "models", "models": [_playlists(one, folder) for one in cards]}


def _said_first(page: Markup) -> tuple[Markup, Markup]:
    """The sentences of a page of tables, and the tables, which begin with their first heading."""
    said, heading, tables = page.partition(TABLE_HEADING)
    return said, heading + tables


def _is_cards(part: Part) -> bool:
    return part.section == "Recommendations"


def _figure(part: Part) -> dict[str, Any]:
    """With its data, and width and height in pixels, so that the page keeps the place free."""
    data = part.path.read_bytes()
    width, height = struct.unpack(">II", data[16:24])  # of a PNG's first chunk
    return {
        "kind": "figure",
        "id": part.path.stem + (f"-{part.model}" if part.model else ""),
        "title": part.title,
        "caption": part.caption,
        "uri": f"data:image/png;base64,{base64.b64encode(data).decode()}",
        "width": width,
        "height": height,
    }


def _playlists(part: Part, folder: Path) -> dict[str, Any]:
    """The first CARDS_SHOWN playlists of a model's own page."""
    whole = main_part(part.path.read_text(encoding="utf-8"), deeper=2)
    head, *cards = whole.split(CARD)
    left = len(cards) - CARDS_SHOWN
    if left > 0:
        whole = CARD.join([head, *cards[:CARDS_SHOWN]]) + END
    return {
        "name": part.model,
        "label": part.label,
        "html": whole,
        "left": left,
        "link": _link(part.path, folder),
    }


def _link(path: Path, folder: Path) -> str:
    return quote(path.relative_to(folder).as_posix())
