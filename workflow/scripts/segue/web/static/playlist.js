// The playlist that is built: its tracks {uri, name, artist, in_graph}, each once, a title, and, where it is one
// of the run's, its pid and how many of its tracks are held out. Tells of every change by an event "change",
// whose detail says it in words, or is null where the user reads it anyway; and by "leave" before another playlist
// takes the place of all that is there.

import { counted, fullName } from "./dom.js";

const DEPTH = 50; // edits that can be undone

export class Playlist extends EventTarget {
  tracks = [];
  title = "";
  pid = null;
  heldOut = 0;
  limits = { tracks: Infinity, title: Infinity };
  #before = [];
  #isRenamed = false; // by the last edit

  get isNothing() {
    return this.tracks.length === 0 && this.title.trim() === "";
  }

  get canUndo() {
    return this.#before.length > 0;
  }

  has(uri) {
    return this.tracks.some(track => track.uri === uri);
  }

  // Held-out tracks that have not been added yet, as far as it is known of those added.
  get leftToFind() {
    return this.heldOut - this.tracks.filter(({ hit }) => hit).length;
  }

  // Adds those of ``tracks`` that are not on it, and ``title`` where it has none, as one edit. Returns how many
  // were added, how many did not fit, and both in words: those of ``words``, or the ones below.
  add(tracks, title = "", words = null) {
    const distinct = [...new Map(tracks.map(track => [track.uri, track])).values()];
    const fresh = distinct.filter(({ uri }) => !this.has(uri));
    const added = fresh.slice(0, Math.max(0, this.limits.tracks - this.tracks.length));
    const over = fresh.length - added.length;
    const what = added.length === 1 ? fullName(added[0]) : counted(added.length, "track");
    const said = words?.(added.length, over) ?? `Added ${what}`;
    if (added.length || (title && !this.title))
      this.#change({ tracks: [...this.tracks, ...added], title: this.title || this.#short(title) }, said);
    return { added: added.length, over, said };
  }

  remove(place) {
    this.#change({ tracks: this.tracks.toSpliced(place, 1) }, `Removed ${fullName(this.tracks[place])}`);
  }

  move(from, to) {
    const track = this.tracks[from];
    const tracks = this.tracks.toSpliced(from, 1).toSpliced(to, 0, track);
    this.#change({ tracks }, `${fullName(track)} is number ${to + 1} now`);
  }

  // Letter by letter: all of these are one edit.
  rename(title) {
    if (!this.#isRenamed) return this.#change({ title }, null, true);
    this.title = title;
    this.#tell(null);
  }

  open(parts, said) {
    this.dispatchEvent(new CustomEvent("leave"));
    this.restore(parts, said);
  }

  // As open, of what was there before.
  restore({ tracks = [], title = "", pid = null, heldOut = 0 }, said) {
    const fitting = { tracks: tracks.slice(0, this.limits.tracks), title: this.#short(title ?? "") };
    this.#change({ ...fitting, pid, heldOut }, said);
  }

  // Names of tracks that had none, as those of an address. An event "named"; no edit.
  name(given) {
    if (this.tracks.every(({ name }) => name !== null)) return;
    const named = new Map(given.map(({ uri, name, artist }) => [uri, { name, artist }]));
    this.tracks = this.tracks.map(track => ({ ...track, ...named.get(track.uri) }));
    this.dispatchEvent(new CustomEvent("named"));
  }

  undo() {
    Object.assign(this, this.#before.pop());
    this.#isRenamed = false;
    this.#tell("Undone");
  }

  // Whole characters, as the server counts them.
  #short(title) {
    return [...title].slice(0, this.limits.title).join("");
  }

  #change(parts, said, isRenamed = false) {
    const { tracks, title, pid, heldOut } = this;
    this.#before = [...this.#before.slice(1 - DEPTH), { tracks, title, pid, heldOut }];
    this.#isRenamed = isRenamed;
    Object.assign(this, parts);
    this.#tell(said);
  }

  #tell(said) {
    this.dispatchEvent(new CustomEvent("change", { detail: said }));
  }
}
