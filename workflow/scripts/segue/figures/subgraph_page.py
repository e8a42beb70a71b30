"""The part of the core as a page: the picture's communities, and on demand each node's edges, or all."""

import polars as pl

from segue.figures.pages import canvas_page
from segue.figures.style import NODES, POINTS, check_columns
from segue.figures.subgraph import (
    BAND,
    BANDS,
    DISC,
    EDGE,
    RIM,
    SIDE,
    area_of,
    bands_of,
    check_drawing,
    community_names,
    discs_of,
    ends_of,
    on_top,
    title_of,
    zoom_of,
)

LEVELS = 9999  # of a coordinate
LETTERS = 24  # of a community's name
ROOM = 1.05  # from the middle to a side of the canvas; places lie in -1..1
CONTROLS = """<div class="controls">
<select id="pick" aria-label="Playlist">
<option value="-1">Choose a playlist, or point at a node</option>
</select>
<label><input id="all" type="checkbox"> All edges</label>
</div>"""
SCRIPT = """const [pick, all] = ["pick", "all"].map(id => document.getElementById(id));
const {nodes, edges} = data, near = nodes.map(() => []);
for (const [a, b] of edges) { near[a].push(b); near[b].push(a); }
const community = node => nodes[node][3];
let chosen = -1, pointed = -1, side = 0, dpr = 1;

const at = part => part / data.levels * canvas.width;
function line(a, b) {
  pen.beginPath();
  pen.moveTo(at(nodes[a][1]), at(nodes[a][2]));
  pen.lineTo(at(nodes[b][1]), at(nodes[b][2]));
  pen.stroke();
}
function mark(node) {
  const [kind, x, y, , size] = nodes[node], width = Math.max(size * canvas.width, 2 * dpr);
  pen.fillStyle = data.colours[kind];
  pen.beginPath();
  if (kind === 0) pen.arc(at(x), at(y), width / 2, 0, 2 * Math.PI);
  else pen.rect(at(x) - width / 2, at(y) - width / 2, width, width);
  pen.fill();
  if (kind === 0) { pen.strokeStyle = "#fff"; pen.lineWidth = 0.5 * dpr; pen.stroke(); }
}
function draw() {
  const shown = pointed >= 0 ? pointed : chosen, lit = new Set(shown >= 0 ? [shown, ...near[shown]] : []);
  pen.clearRect(0, 0, canvas.width, canvas.width);
  if (!all.checked) for (const [a, b, count] of data.bands) {
    pen.strokeStyle = data.band.colour;
    pen.lineWidth = Math.max(count * data.band.width * canvas.width, 0.3);
    pen.beginPath();
    for (const disc of [a, b]) pen.lineTo(at(data.discs[disc][0]), at(data.discs[disc][1]));
    pen.stroke();
  }
  for (const [x, y, radius] of data.discs) {
    pen.beginPath();
    pen.arc(at(x), at(y), at(radius), 0, 2 * Math.PI);
    pen.fillStyle = data.disc.fill;
    pen.fill();
    pen.strokeStyle = data.disc.rim;
    pen.lineWidth = dpr;
    pen.stroke();
  }
  pen.strokeStyle = data.edge;
  pen.lineWidth = 0.5 * dpr;
  pen.globalAlpha = shown >= 0 ? 0.12 : 0.5;
  for (const [a, b] of edges) if (all.checked || community(a) === community(b)) line(a, b);
  pen.globalAlpha = shown >= 0 ? 0.25 : 1;
  for (let node = 0; node < nodes.length; node++) if (!lit.has(node)) mark(node);
  pen.globalAlpha = 1;
  if (shown >= 0) {
    pen.strokeStyle = "#222";
    pen.lineWidth = dpr;
    for (const other of near[shown]) line(shown, other);
    for (const node of [...lit].reverse()) mark(node);
  }
  names();
  note.textContent = shown >= 0 ? said(shown) : data.note;
}
function names() {  // on the rims, those of large discs first, as many as stand clear of each other
  const size = (side < 500 ? 10 : 12) * dpr, taken = [];
  pen.font = `bold ${size}px sans-serif`;
  [pen.textAlign, pen.textBaseline] = ["center", "middle"];
  [pen.strokeStyle, pen.lineWidth, pen.lineJoin, pen.fillStyle] = ["#fff", 3 * dpr, "round", "#222"];
  for (const [x, y, radius, name] of data.discs) {
    const half = pen.measureText(name).width / 2, level = Math.max(size / 2, at(y - radius));
    const middle = Math.max(half, Math.min(canvas.width - half, at(x)));  // within the canvas
    const hits = ([left, right, other]) =>
      middle - half < right && left < middle + half && Math.abs(level - other) < size;
    if (taken.some(hits)) continue;
    taken.push([middle - half, middle + half, level]);
    pen.strokeText(name, middle, level);
    pen.fillText(name, middle, level);
  }
}
function said(node) {
  const away = near[node].filter(other => community(other) !== community(node)).length;
  const what = nodes[node][0] === 0 ? "tracks" : "playlists";
  return `${nodes[node][5]}. Its ${what} here: ${near[node].length}; of other communities: ${away}`;
}
function nearest(event) {
  const box = canvas.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width * data.levels;
  const y = (event.clientY - box.top) / box.height * data.levels;
  let found = -1, away = 10 / side * data.levels;
  nodes.forEach((node, number) => {
    const distance = Math.hypot(node[1] - x, node[2] - y) - node[4] * data.levels / 2;
    if (distance < away) [found, away] = [number, distance];
  });
  return found;
}
nodes.map((node, number) => [node[5], number]).filter(([, number]) => nodes[number][0] === 0)
  .sort(([a], [b]) => a.localeCompare(b)).forEach(([name, number]) => pick.add(new Option(name, number)));
pick.addEventListener("input", () => { chosen = Number(pick.value); draw(); });
all.addEventListener("input", draw);
canvas.addEventListener("pointermove", event => {
  const before = pointed;
  pointed = nearest(event);
  if (pointed !== before) draw();
});
canvas.addEventListener("pointerleave", () => { pointed = -1; draw(); });
canvas.addEventListener("click", event => {
  chosen = nearest(event);
  pick.value = chosen >= 0 && nodes[chosen][0] === 0 ? chosen : -1;
  draw();
});
canvas.setAttribute("aria-label", data.note);
new ResizeObserver(() => {
  [dpr, side] = [window.devicePixelRatio || 1, canvas.clientWidth];
  canvas.width = canvas.height = Math.round(side * dpr);
  draw();
}).observe(canvas);
"""


def subgraph_page(
    nodes: pl.DataFrame,
    edges: pl.DataFrame,
    playlists: pl.DataFrame,
    tracks: pl.DataFrame,
    k: int,
    total: int,
) -> str:
    """HTML of what ``subgraph`` draws of the same tables. ``tracks``: track, track_name and artist_name.

    Bands stand for the edges between communities until one asks for all edges, or for those of a node.
    """
    check_drawing(nodes, edges)
    check_columns(tracks, "tracks", ["track", "track_name", "artist_name"])
    title = title_of(nodes, edges, k, total)
    nodes = on_top(nodes).sort("kind", descending=True, maintain_order=True)  # playlists above tracks
    drawn = edges.filter("drawn").sort("playlist", "track")
    ends = ends_of(drawn, nodes)
    rows = {node: row for row, node in enumerate(nodes.select("kind", "index").rows())}
    pairs = [(rows["playlist", a], rows["track", b]) for a, b in drawn.select("playlist", "track").rows()]
    names = community_names(nodes, playlists)
    discs, zoom = discs_of(nodes), zoom_of(nodes)
    number = {community: place for place, community in enumerate(discs)}
    bands = bands_of(ends)
    data = {
        "levels": LEVELS,
        "colours": [node.colour for node in NODES.values()],
        "edge": EDGE,
        "disc": {"fill": DISC, "rim": RIM},
        "band": {"colour": BANDS, "width": round(BAND * zoom / (POINTS * SIDE), 6)},
        "nodes": [
            [
                [*NODES].index(kind),
                *_place(x, y),
                number[community],
                round(area_of(degree, zoom) ** 0.5 / (POINTS * SIDE), 4),
                name,
            ]
            for kind, x, y, community, degree, name in _named(nodes, playlists, tracks)
        ],
        "edges": pairs,
        "discs": [
            [*_place(x, y), _length(radius), _short(names[one])] for one, (x, y, radius) in discs.items()
        ],
        "bands": [[number[one], number[other], count] for (one, other), count in bands.items()],
        "note": f"{len(discs):,} communities; bands stand for {sum(bands.values()):,} edges between them.",
    }
    return canvas_page(title, CONTROLS, "", SCRIPT, data)


def _named(nodes: pl.DataFrame, playlists: pl.DataFrame, tracks: pl.DataFrame) -> list[tuple]:
    """kind, x, y, community, degree and name of each node."""
    artist = (
        pl.when(pl.col("artist_name").is_null()).then(pl.lit("")).otherwise(" – " + pl.col("artist_name"))
    )
    names = pl.concat(
        [
            playlists.select(kind=pl.lit("playlist"), index=pl.col("playlist").cast(pl.Int64), title="name"),
            tracks.select(
                kind=pl.lit("track"),
                index=pl.col("track").cast(pl.Int64),
                title=pl.col("track_name") + artist,
            ),
        ]
    )
    of = nodes.with_columns(pl.col("index").cast(pl.Int64))
    of = of.join(names, on=["kind", "index"], how="left", maintain_order="left")
    return of.select("kind", "x", "y", "community", "degree", pl.col("title").fill_null("untitled")).rows()


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"


def _place(x: float, y: float) -> tuple[int, int]:
    """From the left and from the top."""
    return _length(x + ROOM), _length(ROOM - y)


def _length(part: float) -> int:
    return round(part / (2 * ROOM) * LEVELS)
