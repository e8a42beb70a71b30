"""The maps of a model as a page: an epoch after the other, with a slider and a pause, from one fixed side.

Its last epoch is the large panel of ``map_picture``.
"""

from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib.markers import MarkerStyle

from segue.analysis.groups import Group
from segue.analysis.view import frames, window
from segue.figures.maps import COLUMN_NAMES, LARGE_SIDE, dot_area, names_of
from segue.figures.pages import canvas_page
from segue.figures.style import POINTS, check_columns

BYTES = 400_000  # of places, at most; in base64 a third more
PLACE = 3  # bytes, two coordinates of 12 bits
LEVELS = 4095
CONTROLS = """<div class="controls">
<button id="play" type="button">Play</button>
<input id="epoch" type="range" min="0" step="1" aria-label="Epoch">
<output id="shown" for="epoch"></output>
</div>"""
GROUPS = """<ul id="groups" aria-label="Groups; a click shows one alone"></ul>"""
SCRIPT = """const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const group = bytes(data.group), genre = new Uint16Array(bytes(data.genre).buffer);
const count = group.length, last = data.epochs.length - 1;
// Places of a frame after the other, from 0 (left, top) to 1.
const xs = new Float32Array(count * (last + 1)), ys = new Float32Array(xs.length);
const packed = bytes(data.places);
for (let i = 0; i < xs.length; i++) {
  xs[i] = (packed[3 * i] << 4 | packed[3 * i + 1] >> 4) / data.levels;
  ys[i] = 1 - ((packed[3 * i + 1] & 15) << 8 | packed[3 * i + 2]) / data.levels;
}
const [slider, button, shown] = ["epoch", "play", "shown"].map(id => document.getElementById(id));
const still = matchMedia("(prefers-reduced-motion: reduce)");
const SIDES = [[1, 0], [-1, 0], [0, 1], [0, -1]];  // of a point, for its name: right, up
const MOVE = 900, REST = 350;  // milliseconds, between two frames and at each
let time = last, playing = false, before = 0, rested = 0, alone = new Set(), sprites = [], side = 0, dpr = 1;
slider.max = last;

function place(point) {  // at the time, from 0 to 1
  const frame = Math.min(Math.floor(time), Math.max(0, last - 1)), step = time - frame;
  const a = frame * count + point, b = Math.min(frame + 1, last) * count + point;
  const ease = step * step * (3 - 2 * step);
  return [xs[a] + (xs[b] - xs[a]) * ease, ys[a] + (ys[b] - ys[a]) * ease];
}
function shape(of, size) {  // a canvas with the marker of a group
  const made = document.createElement("canvas");
  made.width = made.height = Math.ceil(1.5 * size) + 2;  // a diamond is wider than its size
  const draw = made.getContext("2d");
  draw.translate(made.width / 2, made.height / 2);
  draw.beginPath();
  for (const [x, y] of of.shape) draw.lineTo(x * size, -y * size);
  draw.fillStyle = of.colour;
  draw.fill();
  return made;
}
function measure() {
  dpr = window.devicePixelRatio || 1;
  side = canvas.clientWidth;
  canvas.width = canvas.height = Math.round(side * dpr);
  sprites = data.groups.map(one => shape(one, Math.max(one.size * side, 1.6) * dpr));
}
function draw() {
  const whole = canvas.width;
  pen.clearRect(0, 0, whole, whole);
  for (let point = 0; point < count; point++) {
    const [x, y] = place(point), sprite = sprites[group[point]];
    pen.globalAlpha = alone.size && !alone.has(group[point]) ? 0.1 : 1;
    pen.drawImage(sprite, x * whole - sprite.width / 2, y * whole - sprite.height / 2);
  }
  pen.globalAlpha = 1;
  names();
  const frame = Math.round(time), epoch = `Epoch ${data.epochs[frame]}`;
  slider.value = frame;
  slider.setAttribute("aria-valuetext", epoch);
  shown.value = epoch;
  canvas.setAttribute("aria-label", `Map of ${data.points} playlists, ${epoch.toLowerCase()}`);
}
function names() {  // as many as stand clear of each other; while points move, of coloured groups alone
  const size = 11 * dpr, taken = [], moving = playing || time % 1;
  pen.textBaseline = "middle";
  pen.lineWidth = 3 * dpr;
  pen.lineJoin = "round";
  pen.strokeStyle = "#fff";
  for (const [point, text, look] of data.names) {
    const main = look !== "genre", style = {group: "bold ", artist: "italic "}[look] ?? "";
    if (moving && !main || alone.size && !alone.has(group[point])) continue;
    pen.font = `${style}${size}px sans-serif`;
    const width = pen.measureText(text).width, [x, y] = place(point).map(part => part * canvas.width);
    const boxes = SIDES.map(([right, up]) => {
      const left = x - width / 2 + right * (4 * dpr + width / 2), middle = y - up * (size + 2 * dpr);
      return [left, middle - 0.6 * size, left + width, middle + 0.6 * size];
    });
    const box = boxes.find(a => a[0] >= 0 && a[2] <= canvas.width &&
      !taken.some(b => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]));
    if (!box) continue;
    taken.push(box);
    pen.fillStyle = main ? "#222" : "#555";
    pen.strokeText(text, box[0], (box[1] + box[3]) / 2);
    pen.fillText(text, box[0], (box[1] + box[3]) / 2);
  }
}
function tick(now) {
  if (!playing) return;
  const past = now - before;
  before = now;
  if (rested < REST || still.matches && rested < REST + MOVE) rested += past;
  else {
    const next = Math.floor(time) + 1;
    time = still.matches ? next : Math.min(next, time + past / MOVE);
    if (time === next) rested = 0;
    if (time >= last) play(false);
  }
  draw();
  requestAnimationFrame(tick);
}
function play(on) {
  playing = on && last > 0;
  button.textContent = playing ? "Pause" : "Play";
  if (!playing) return;
  if (time >= last) time = 0;
  [before, rested] = [performance.now(), 0];
  draw();
  requestAnimationFrame(tick);
}
button.addEventListener("click", () => { play(!playing); draw(); });
slider.addEventListener("input", () => { play(false); time = Number(slider.value); draw(); });
for (const number of [...data.groups.keys()].slice(1).concat(0)) {
  const one = data.groups[number];
  const [item, toggle] = ["li", "button"].map(name => document.createElement(name));
  toggle.type = "button";
  toggle.setAttribute("aria-pressed", "false");
  const icon = shape(one, 20);
  icon.style.cssText = "width: 16px; aspect-ratio: 1; border: 0; margin: 0";
  icon.setAttribute("aria-hidden", "true");
  toggle.append(icon, `${one.name} (${one.count})`);
  toggle.addEventListener("click", () => {
    if (!alone.delete(number)) alone.add(number);
    toggle.setAttribute("aria-pressed", String(alone.has(number)));
    draw();
  });
  item.append(toggle);
  document.getElementById("groups").append(item);
}
note.textContent = data.note;
canvas.addEventListener("pointermove", event => {
  if (playing || !data.genres.length) return;
  const box = canvas.getBoundingClientRect();
  const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  let nearest = -1, away = (12 / side) ** 2;
  for (let point = 0; point < count; point++) {
    const [px, py] = place(point), distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance <= away) [nearest, away] = [point, distance];
  }
  note.textContent = nearest < 0 ? data.note : data.genres[genre[nearest]] || data.note;
});
canvas.addEventListener("pointerleave", () => { note.textContent = data.note; });
new ResizeObserver(() => { measure(); draw(); }).observe(canvas);
if (last === 0) button.disabled = slider.disabled = true;
"""


def map_page(table: pl.DataFrame, groups: Sequence[Group], title: str) -> str:
    """HTML of the maps of ``table`` and ``groups``, as for ``map_picture``.

    What has more than BYTES of places is thinned: first epochs, evenly, the first and the last kept; where
    two epochs are too much, points. Raises SegueError when a column is missing.
    """
    check_columns(table, "map", COLUMN_NAMES)
    maps = frames(table)
    square, last = window(maps.values()), maps[max(maps)]
    order = last.with_row_index("row").sort("group", "near", maintain_order=True)["row"].to_numpy()
    order = order[:: -(-2 * PLACE * len(order) // BYTES)]
    epochs = list(maps)
    kept = min(len(epochs), max(2, BYTES // (PLACE * len(order))))
    epochs = [epochs[place] for place in np.linspace(0, len(epochs) - 1, kept).round().astype(int)]
    drawn = last[order]
    row_of = dict(zip(order.tolist(), range(len(order)), strict=True))
    genres, numbers = _genres(drawn)
    data = {
        "epochs": epochs,
        "levels": LEVELS,
        "points": f"{drawn['playlist'].count():,}",
        "places": _text(b"".join(packed(maps[epoch][order], square) for epoch in epochs)),
        "group": _text(drawn["group"].cast(pl.UInt8).to_numpy().tobytes()),
        "genre": _text(numbers.astype("<u2").tobytes()),
        "genres": genres,
        "groups": [_group(group, number, last) for number, group in enumerate(groups)],
        "names": [(row_of[row], name, look) for row, name, look in names_of(last, groups) if row in row_of],
        "note": _note(len(maps), kept, last.height, len(order)),
    }
    return canvas_page(title, CONTROLS, GROUPS, SCRIPT, data)


def packed(part: pl.DataFrame, square: tuple[float, float, float]) -> bytes:
    """The places of a map within ``square`` (as of ``window``), three bytes a point: 12 bits of x from the
    left, 12 bits of y from below."""
    x, y, half = square
    places = part.select("x", "y").to_numpy().astype(np.float64)
    levels = np.rint((places - (x - half, y - half)) / (2 * half) * LEVELS).astype(np.uint32)
    whole = levels[:, 0] << 12 | levels[:, 1]
    return np.stack([whole >> 16, whole >> 8 & 255, whole & 255], axis=1).astype(np.uint8).tobytes()


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _genres(drawn: pl.DataFrame) -> tuple[list[str | None], np.ndarray]:
    """The names of genres, first that of none, and each point's number among them."""
    if "genre" not in drawn.columns:
        return [], np.zeros(drawn.height)
    names = [None, *drawn["genre"].drop_nulls().unique().sort()]
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number[name] for name in drawn["genre"]])


def _group(group: Group, number: int, last: pl.DataFrame) -> dict:
    """Its name, colour, count, outline (in its size, y up) and size, in that of the map's side."""
    marker = MarkerStyle(group.marker)
    (outline,) = marker.get_path().transformed(marker.get_transform()).to_polygons()
    size = dot_area(group, LARGE_SIDE, last.height) ** 0.5 / (LARGE_SIDE * POINTS)
    count = last.filter(group=number).height
    return {
        "name": group.name,
        "colour": group.colour,
        "count": f"{count:,}",
        "shape": outline.round(3).tolist(),
        "size": round(size, 5),
    }


def _note(epochs: int, kept: int, points: int, drawn: int) -> str:
    """What of the maps is not on the page."""
    parts = [f"{kept} of the {epochs} epochs with a map"] * (kept < epochs)
    parts += [f"{drawn:,} of the {points:,} points"] * (drawn < points)
    return f"Shown: {', '.join(parts)}." if parts else ""
