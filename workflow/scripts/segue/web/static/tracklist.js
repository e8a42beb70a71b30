// The playlist's rows: each can be moved, by its handle (dragged, with the arrow keys, or by the two arrows that
// a tap on it brings), and removed.

import { button, byId, el, fullName, nameOf, signed } from "./dom.js";

const TAP = 4; // pixels that a finger may move
const EDGE = 16; // pixels from the end of the list, where it scrolls under a row that is dragged
const NOTES = {
  related: "outside the graph: a related track stands in",
  unused: "not known to the run: not used",
};

export class TrackList {
  #rows = new Map(); // uri -> li, kept while the track is there, and focus with it
  #isDragged = false; // the handle that was pressed last

  constructor(playlist) {
    this.list = byId("tracks");
    this.playlist = playlist;
    for (const kind of ["change", "named"]) playlist.addEventListener(kind, () => this.#show());
  }

  // What the models make of each track: {uri, used} as the server answers.
  note(given) {
    for (const { uri, used } of given) {
      const note = this.#rows.get(uri)?.querySelector(".note");
      if (note) note.textContent = NOTES[used] ?? "";
    }
  }

  // Marks the tracks that pull a proposal, by uri; none without an argument.
  mark(pulls = new Map()) {
    const most = Math.max(0, ...[...pulls.values()].map(Math.abs));
    let first = null;
    for (const [uri, row] of this.#rows) {
      const pull = pulls.get(uri);
      row.classList.toggle("pulls", pull !== undefined);
      row.querySelector(".bar").style.width = `${(100 * Math.abs(pull ?? 0)) / (most || 1)}%`;
      row.querySelector(".pull").textContent = pull === undefined ? "" : signed(pull);
      if (pull !== undefined && Math.abs(pull) === most) first = row;
    }
    // Within the list alone: the page stays where it is.
    if (first) this.list.scrollTop += offsetWithin(first, this.list);
  }

  #show() {
    const focused = [...this.list.children].findIndex(row => row.contains(document.activeElement));
    const kind = document.activeElement?.classList[0];
    const { tracks } = this.playlist;
    for (const [uri, row] of this.#rows) {
      if (!this.playlist.has(uri)) {
        row.remove();
        this.#rows.delete(uri);
      }
    }
    tracks.forEach((track, place) => {
      if (!this.#rows.has(track.uri)) this.#rows.set(track.uri, this.#row(track.uri));
      const row = this.#rows.get(track.uri);
      if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
      row.querySelector(".place").textContent = place + 1;
      row.querySelector(".name").textContent = nameOf(track);
      row.querySelector(".artist").textContent = track.artist ?? "";
      row.querySelector(".handle").ariaLabel = `Move ${fullName(track)}: arrow up, arrow down`;
      row.querySelector(".remove").ariaLabel = `Remove ${fullName(track)}`;
      row.querySelector(".up").ariaLabel = `Move ${fullName(track)} up`;
      row.querySelector(".down").ariaLabel = `Move ${fullName(track)} down`;
    });
    if (focused >= 0 && !this.list.contains(document.activeElement)) {
      const row = this.list.children[Math.min(focused, tracks.length - 1)];
      (row?.querySelector(`.${kind}`) ?? byId("track")).focus();
    }
  }

  #row(uri) {
    const row = el("li");
    const place = () => this.playlist.tracks.findIndex(track => track.uri === uri);
    const remove = () => this.playlist.remove(place());
    const move = (steps, by) => {
      const to = place() + steps;
      if (to < 0 || to >= this.playlist.tracks.length) return;
      this.playlist.move(place(), to);
      by.focus(); // moved in the document, it lost it
    };
    const arrow = (text, kind, steps) =>
      button(text, event => move(steps, event.currentTarget), { className: `move ${kind}`, hidden: true });
    const arrows = [arrow("↑", "up", -1), arrow("↓", "down", 1)];
    const handle = button("⠿", null, {
      className: "handle",
      "aria-keyshortcuts": "ArrowUp ArrowDown Delete",
      "aria-expanded": "false",
    });
    handle.addEventListener("click", ({ detail: clicks }) => {
      if (this.#isDragged && clicks) return; // none by the keyboard
      for (const one of arrows) one.hidden = !one.hidden;
      handle.setAttribute("aria-expanded", String(!arrows[0].hidden));
    });
    handle.addEventListener("keydown", event => {
      const steps = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.key === "Delete") remove();
      else if (steps) move(steps, handle);
      else return;
      event.preventDefault();
    });
    handle.addEventListener("pointerdown", event => this.#drag(event, row));
    // Else Chromium takes a quick drag for a fling, though nothing scrolls, and swallows the tap that follows it.
    handle.addEventListener("touchmove", event => this.#isDragged && event.preventDefault(), { passive: false });
    row.append(
      el("span", { className: "bar" }),
      handle,
      el("span", { className: "place" }),
      el(
        "span",
        { className: "who" },
        el("span", { className: "name" }),
        el("span", { className: "artist" }),
        el("span", { className: "note" }),
      ),
      el("span", { className: "pull" }),
      el("span", {}, ...arrows),
      button("×", remove, { className: "remove" }),
    );
    return row;
  }

  // The row follows the pointer among its neighbours; the playlist changes once it is let go.
  #drag(down, row) {
    if (down.button !== 0) return;
    const from = [...this.list.children].indexOf(row);
    this.#isDragged = false;
    row.classList.add("dragged");
    const move = event => {
      this.#isDragged ||= Math.abs(event.clientY - down.clientY) > TAP;
      if (!this.#isDragged) return;
      const { top, bottom } = this.list.getBoundingClientRect();
      if (event.clientY < top + EDGE) this.list.scrollTop -= EDGE;
      if (event.clientY > bottom - EDGE) this.list.scrollTop += EDGE;
      const over = [...this.list.children].find(other => {
        const box = other.getBoundingClientRect();
        return other !== row && event.clientY >= box.top && event.clientY < box.bottom;
      });
      if (!over) return;
      const box = over.getBoundingClientRect();
      this.list.insertBefore(row, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      row.classList.remove("dragged");
      const to = [...this.list.children].indexOf(row);
      if (to !== from) this.playlist.move(from, to);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }
}

function offsetWithin(row, list) {
  const [inner, outer] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
  return Math.min(0, inner.top - outer.top) + Math.max(0, inner.bottom - outer.bottom);
}
