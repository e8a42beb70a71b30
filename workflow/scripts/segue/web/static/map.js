// The run's playlists as a model places them, and the playlist that is built among them.

import { ask, debounced, drop } from "./asking.js";
import { button, byId, counted, el } from "./dom.js";
import { bestFirst, picker } from "./picker.js";

const WAIT = 120; // milliseconds without an edit before it is placed
const MARGIN = 14; // pixels
const NAMED = 5; // of the nearest playlists
const SCHEMES = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map(query => matchMedia(query));

export class PlaylistMap {
  #map = null; // of the server
  #place = null; // of the playlist, with the nearest ones

  // ``open(pid)``: opens a playlist of the run.
  constructor(run, playlist, open) {
    Object.assign(this, { playlist, open });
    this.canvas = byId("map");
    const mapped = run.models.filter(model => model.mapped);
    byId("map-panel").hidden = mapped.length === 0;
    if (!mapped.length) return;
    const shown = mapped.find(({ id }) => id === run.best) ?? bestFirst(mapped)[0];
    const { home, select } = picker(mapped, shown.id, "Model of the map", () => {
      this.#map = null;
      this.#update();
    });
    this.select = select;
    byId("map-model").append(home);
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    for (const query of SCHEMES) query.addEventListener("change", () => this.#draw());
    this.#update();
  }

  // Places the playlist anew, once there are no edits for a while.
  soon = debounced(() => this.select && this.#update(), WAIT);

  async #update() {
    const path = `/api/map/${encodeURIComponent(this.select.value)}`;
    const nearest = byId("nearest");
    try {
      if (!this.#map && !(await this.#load(path))) return;
      const { tracks, title, pid } = this.playlist;
      this.#place = null;
      if (tracks.length) {
        const place = await ask("place", path, { tracks: tracks.map(({ uri }) => uri), title: title || null, pid });
        if (!place) return;
        this.#place = { ...place, nearest: place.nearest.slice(0, NAMED) };
        nearest.replaceChildren(el("h3", {}, "Nearest playlists"), this.#list(this.#place.nearest));
      } else {
        drop("place");
        nearest.replaceChildren(el("p", { className: "soft" }, "Yours appears here with its first track."));
      }
    } catch (fault) {
      nearest.replaceChildren(el("p", { className: "soft" }, fault.what));
      if (fault.again) this.soon.in(1000 * fault.again);
    }
    this.#draw();
  }

  async #load(path) {
    const map = await ask("map", path);
    if (!map) return false;
    this.#map = map;
    byId("groups").replaceChildren(...map.groups.map((group, number) => legend(group, isPale(map, number))));
    return true;
  }

  #list(nearest) {
    const titles = nearest.map(({ title }) => title);
    const rows = nearest.map(({ pid, title }) => {
      const isOne = titles.filter(other => other === title).length === 1;
      const name = el("bdi", {}, title || "playlist");
      const said = el("span", {}, name, title && isOne ? "" : ` · no. ${pid}`);
      return el("li", {}, button(said, () => this.open(pid), { "aria-description": "Opens it" }));
    });
    return el("ol", { className: "plain chips" }, ...rows);
  }

  #draw() {
    if (!this.#map || !this.canvas.clientWidth) return;
    const { points, groups } = this.#map;
    const style = getComputedStyle(this.canvas);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const scale = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * scale, height: height * scale });
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    const at = fitted(points, this.#place, width, height);
    for (const pale of [true, false]) {
      pen.globalAlpha = pale ? 0.45 : 0.8;
      points.x.forEach((x, row) => {
        if (isPale(this.#map, points.group[row]) !== pale) return;
        pen.fillStyle = pale ? style.getPropertyValue("--pale") : groups[points.group[row]].colour;
        disc(pen, at(x, points.y[row]), pale ? 1.3 : 1.7);
      });
    }
    pen.globalAlpha = 1;
    if (this.#place) this.#drawPlace(pen, at, style);
    this.canvas.setAttribute("aria-label", this.#said());
  }

  // Lines to the nearest playlists, and a ring with a dot where the playlist is.
  #drawPlace(pen, at, style) {
    const { x, y, nearest } = this.#place;
    const row = new Map(this.#map.points.pid.map((pid, place) => [pid, place]));
    const [ink, paper] = ["--ink", "--paper"].map(name => style.getPropertyValue(name));
    const here = at(x, y);
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 1;
    for (const { pid } of nearest) {
      if (!row.has(pid)) continue;
      const there = at(this.#map.points.x[row.get(pid)], this.#map.points.y[row.get(pid)]);
      pen.beginPath();
      pen.moveTo(...here);
      pen.lineTo(...there);
      pen.stroke();
      disc(pen, there, 3);
    }
    pen.fillStyle = paper;
    disc(pen, here, 8);
    pen.lineWidth = 2.5;
    pen.stroke();
    pen.fillStyle = ink;
    disc(pen, here, 3.5);
  }

  #said() {
    const map = `Map of ${counted(this.#map.points.pid.length, "playlist")} after epoch ${this.#map.epoch}`;
    if (!this.#place?.nearest.length) return map;
    const names = this.#place.nearest.map(({ pid, title }) => title || `playlist ${pid}`);
    return `${map}. Yours lies nearest to ${names.join(", ")}`;
  }
}

function disc(pen, middle, radius) {
  pen.beginPath();
  pen.arc(...middle, radius, 0, 2 * Math.PI);
  pen.fill();
}

// A function of x and y to pixels that keeps proportions; y goes up.
function fitted({ x, y }, place, width, height) {
  const xs = place ? [...x, place.x] : x;
  const ys = place ? [...y, place.y] : y;
  const [left, right] = ends(xs);
  const [bottom, top] = ends(ys);
  const [roomX, roomY] = [width - 2 * MARGIN, height - 2 * MARGIN];
  const scale = Math.min(roomX / (right - left || 1), roomY / (top - bottom || 1));
  const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
  return (a, b) => [width / 2 + (a - middleX) * scale, height / 2 - (b - middleY) * scale];
}

const ends = values =>
  values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);

// The first of several groups is what is in no other: it lies below.
const isPale = ({ groups }, number) => number === 0 && groups.length > 1;

function legend({ label, colour }, pale) {
  const dot = el("span", { className: pale ? "dot pale" : "dot" });
  if (!pale) dot.style.background = colour;
  return el("li", {}, dot, label);
}
