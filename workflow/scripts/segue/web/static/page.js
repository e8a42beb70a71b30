// The page of `segue serve`: a playlist is built, and each change of it is answered by the models shown.

import * as address from "./address.js";
import { Answers } from "./answers.js";
import { ask, debounced, drop, paced } from "./asking.js";
import { combobox } from "./combobox.js";
import { button, byId, counted, el, faultBox, fullName, nameOf, say, showFault, tell } from "./dom.js";
import { PlaylistMap } from "./map.js";
import { bestFirst } from "./picker.js";
import { Playlist } from "./playlist.js";
import { readingDialog } from "./reading.js";
import { TrackList } from "./tracklist.js";

const WAIT = 120; // milliseconds without an edit before the models are asked
const EXAMPLES = 6;
const ADDRESS_WAIT = 400; // between two times that the address is written: browsers limit how often
const SHOWN = matchMedia("(min-width: 60rem)").matches ? 20 : 10; // proposals; more on demand

const playlist = new Playlist();

begin().catch(showFault);

async function begin() {
  let run;
  try {
    run = await ask("run", "/api/run");
  } catch (fault) {
    showFault(fault);
    if (fault.again) setTimeout(begin, 1000 * fault.again);
    return;
  }
  byId("fault").replaceChildren();
  await build(run);
}

async function build(run) {
  document.title = `Segue · ${run.title}`;
  byId("run").textContent = [
    run.title,
    counted(run.playlists, "playlist"),
    counted(run.tracks, "track"),
    ...(run.invented ? ["all names invented"] : []),
  ].join(" · ");

  const rows = new TrackList(playlist);
  const map = new PlaylistMap(run, playlist, openKnown);
  const more = byId("more");
  let shown = SHOWN;
  let said = null; // of the last edit

  const clear = () => {
    answers.clear();
    more.hidden = true;
  };
  const continued = async () => {
    if (playlist.isNothing) {
      clear();
      return byId("fault").replaceChildren();
    }
    answers.busy = true;
    const { tracks, pid, title } = playlist;
    const uris = tracks.map(({ uri }) => uri);
    const body = { tracks: uris, title: title.trim() || null, pid, models: answers.models, n: shown };
    try {
      const answer = await ask("continue", "/api/continue", body);
      if (!answer) return;
      byId("fault").replaceChildren();
      playlist.name(answer.given);
      rows.note(answer.given);
      answers.show(answer.answers, answer.given, playlist.leftToFind);
      const isAll = shown >= run.limits.proposals;
      if (isAll && document.activeElement === more) byId("answers").focus();
      more.hidden = isAll;
      say([said, `First proposals: ${answer.answers.map(firstOf).join("; ")}`].filter(Boolean).join(". "));
      said = null;
    } catch (fault) {
      clear();
      showFault({ ...fault, where: "" }); // the page has one playlist
      if (fault.again) later.in(1000 * fault.again);
    }
  };
  const later = debounced(continued, WAIT);
  const keep = () => history.replaceState(null, "", address.written(playlist, answers.models));
  const kept = paced(keep, ADDRESS_WAIT);
  const soon = () => {
    drop("continue"); // whose answer would be of what was there before
    answers.busy = true;
    kept();
    later();
  };
  const answers = new Answers(run, firstModels(run), { changed: soon, add, mark: pulls => rows.mark(pulls) });
  more.addEventListener("click", () => {
    shown = Math.min(shown + SHOWN, run.limits.proposals);
    continued();
  });
  playlist.addEventListener("change", ({ detail }) => {
    byId("address-fault").replaceChildren();
    said = detail;
    if (said) tell(said);
    showState();
    soon();
    map.soon();
  });
  // What was there before can be gone back to.
  playlist.addEventListener("leave", () => {
    keep();
    history.pushState(null, "", location.href);
  });
  const openAddress = async () => {
    const { models, pid, tracks, title } = address.read(location.hash);
    const ofRun = await address.known(pid);
    if (!ofRun) return;
    const { found, fault } = ofRun;
    answers.choose(models); // which writes the address, as do all edits
    // Of a number alone all that the playlist has.
    const asked = found && !tracks.length && !title ? found : { tracks, title };
    const isNothing = !asked.tracks.length && !asked.title;
    if (!isNothing || !playlist.isNothing) {
      const parts = { ...asked, pid: found ? pid : null, heldOut: found?.held_out };
      playlist.restore(parts, isNothing ? "Empty again" : "Opened");
    }
    byId("address-fault").replaceChildren(...(fault ? [faultBox(fault)] : [])); // until the next edit
  };
  window.addEventListener("hashchange", openAddress);
  buildPlaylist(run);
  readingDialog(playlist, run.limits);
  showState();
  await openAddress();
  await showExamples();
}

const firstOf = ({ label, proposals }) => `${proposals.length ? fullName(proposals[0]) : "none"}, by ${label}`;

function add(track) {
  const { added, over } = playlist.add([track]);
  const expected = counted(playlist.limits.tracks, "track");
  if (over) showFault({ what: "The playlist is full.", expected: `at most ${expected}`, fix: "remove one first" });
  else if (!added) tell(`${fullName(track)} is on it already`);
}

// The best model and the best baseline beside it.
function firstModels({ models, best }) {
  const baseline = bestFirst(models).find(({ id, kind }) => kind === "baseline" && id !== best);
  return baseline ? [best, baseline.id] : [best];
}

function buildPlaylist(run) {
  combobox(byId("search-tracks"), {
    id: "track",
    label: "Add a track",
    placeholder: "title or artist",
    nothing: "No track of that name.",
    find: async text => {
      const found = await ask("tracks", `/api/tracks?q=${encodeURIComponent(text)}&n=12`);
      if (playlist.isNothing) byId("fault").replaceChildren(); // of a search before
      return found && { options: found.tracks };
    },
    show: track => [
      el("span", { className: "name" }, nameOf(track)),
      el("span", { className: "artist" }, track.artist ?? ""),
      playlist.has(track.uri) && el("span", { className: "soft" }, "on it already"),
      !track.in_graph && el("span", { className: "soft" }, "outside the graph"),
    ],
    take: add,
    fault: showFault,
  });
  combobox(byId("search-playlists"), {
    id: "known-playlist",
    label: "Words of its title, or its number",
    nothing: "No playlist of that title.",
    find: async text => {
      const found = await ask("playlists", `/api/playlists?q=${encodeURIComponent(text)}&n=12`);
      return found && { ...found, options: found.playlists };
    },
    show: ({ pid, title, tracks, held_out: heldOut }) => [
      el("span", { className: "name" }, title || "playlist"),
      el("span", { className: "soft" }, `no. ${pid} · ${counted(tracks, "track")}, ${heldOut} held out`),
    ],
    take: ({ pid }) => openKnown(pid),
    fault: showFault,
  });
  const title = byId("title");
  playlist.limits = run.limits;
  title.maxLength = run.limits.title;
  title.addEventListener("input", () => playlist.rename(title.value));
  byId("undo").addEventListener("click", () => playlist.undo());
  byId("clear").addEventListener("click", () => {
    playlist.open({}, "Cleared; undo brings it back");
    byId("track").focus();
  });
  byId("open-known").addEventListener("click", () => {
    const field = byId("known-playlist");
    byId("open").showModal();
    field.focus();
    field.select(); // what was looked for last gives way to what is typed
  });
  for (const close of document.querySelectorAll("dialog .close"))
    close.addEventListener("click", () => close.closest("dialog").close());
}

async function openKnown(pid) {
  try {
    const found = await ask("playlist", `/api/playlists/${pid}`);
    if (!found) return;
    byId("open").close();
    const { title, tracks, held_out: heldOut } = found;
    const said = `Opened ${title || `playlist ${pid}`}, ${counted(tracks.length, "track")}`;
    playlist.open({ tracks, title, pid, heldOut }, said);
    byId("tracks").scrollTop = 0;
    // What it was opened by may be gone.
    if (!byId("playlist").contains(document.activeElement)) byId("playlist").focus();
  } catch (fault) {
    byId("open").close();
    showFault(fault);
  }
}

function showState() {
  const { tracks, title, pid, heldOut } = playlist;
  const field = byId("title");
  if (field.value !== title) field.value = title;
  byId("count").textContent = tracks.length ? counted(tracks.length, "track") : "";
  if (!playlist.canUndo && document.activeElement === byId("undo")) byId("playlist").focus();
  byId("undo").disabled = !playlist.canUndo;
  byId("clear").disabled = playlist.isNothing;
  byId("keys").hidden = tracks.length < 2;
  byId("tracks").hidden = tracks.length === 0;
  byId("start").hidden = !playlist.isNothing;
  const known = byId("known");
  known.hidden = pid === null;
  const number = counted(heldOut, "track");
  known.textContent = `Playlist ${pid} of the run: ${number} of it held out, and marked where proposed.`;
}

async function showExamples() {
  const { playlists } = (await ask("examples", `/api/playlists?q=&n=${EXAMPLES}`)) ?? { playlists: [] };
  const rows = playlists.map(({ pid, title, tracks }) => {
    const name = el("bdi", {}, title || `playlist ${pid}`);
    return el("li", {}, button(el("span", {}, name, ` · ${counted(tracks, "track")}`), () => openKnown(pid)));
  });
  byId("examples").querySelector("ul").replaceChildren(...rows);
  byId("examples").hidden = rows.length === 0;
}
