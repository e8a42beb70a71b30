// Lists that are pasted, and files that are chosen or dropped: the server reads every form of them.

import { ask } from "./asking.js";
import { button, byId, counted, el, faultBox, say, tell } from "./dom.js";

export function readingDialog(playlist, limits) {
  const dialog = byId("read");
  const result = byId("read-result");

  const show = (...children) => {
    result.replaceChildren(...children.filter(Boolean)); // which prints all else as text
    if (!dialog.open) dialog.showModal();
    result.focus();
  };

  // One of those that were ``found`` in a file, with all that is to be said of it.
  const add = ({ title, tracks, more }, { left_out: leftOut, num_left_out: numLeftOut, notes }) => {
    const isFull = tracks.length === limits.tracks;
    const words = (added, over) => {
      const known = tracks.length - added - over;
      return [
        `Added ${counted(added, "track")}`,
        known && `${shown(known)} ${known === 1 ? "was" : "were"} on it already`,
        tooMany(isFull ? over + more : over, `it takes ${limits.tracks}`),
        !isFull && tooMany(more, `of one file ${counted(limits.file_tracks, "track")} are read`),
        numLeftOut && `${counted(numLeftOut, "row")} left out`,
      ].filter(Boolean).join(". ");
    };
    const { over, said } = playlist.add(tracks, title ?? "", words);
    if (numLeftOut || over || more || notes.length) {
      say([said, ...notes].join(". "));
      return show(
        el("p", {}, `${said}.`),
        ...notes.map(note => el("p", { className: "soft" }, `Note: ${note}.`)),
        numLeftOut > 0 && leftOutList(leftOut),
        numLeftOut > leftOut.length && el("p", { className: "soft" }, `and ${shown(numLeftOut - leftOut.length)} more`),
      );
    }
    dialog.close();
    tell(said);
  };

  const read = async (content, name) => {
    if (content.size > limits.file_bytes) {
      const what = "The file is too large.";
      const [found, most] = [content.size, limits.file_bytes].map(size => counted(size, "byte"));
      return show(faultBox({ what, where: name, found, expected: `at most ${most}`, fix: "give fewer rows" }));
    }
    try {
      const found = await ask("read", `/api/read?name=${encodeURIComponent(name)}`, content);
      if (!found) return;
      const { playlists } = found;
      if (playlists.length < 2) return add(playlists[0] ?? { title: null, tracks: [], more: 0 }, found);
      const rows = playlists.map((one, place) =>
        el("li", {}, button(listed(one, place), () => add(one, found))),
      );
      const question = el("p", {}, `${playlists.length} playlists: which one?`);
      show(question, el("ul", { className: "plain picks" }, ...rows));
    } catch (fault) {
      show(faultBox(fault));
    }
  };

  byId("open-read").addEventListener("click", () => {
    result.replaceChildren();
    dialog.showModal();
    byId("pasted").focus();
  });
  byId("read-pasted").addEventListener("click", () => read(new Blob([byId("pasted").value]), "pasted.txt"));
  byId("file").addEventListener("change", event => {
    const [file] = event.target.files;
    event.target.value = ""; // the same file can be chosen again
    if (file) read(file, file.name);
  });
  takeDrops(file => read(file, file.name));
}

const shown = number => number.toLocaleString("en-GB");
const tooMany = (number, why) => number > 0 && `${shown(number)} more ${number === 1 ? "does" : "do"} not fit: ${why}`;

const listed = ({ title, tracks, more }, place) =>
  `${title || `number ${place + 1}`}: ${counted(tracks.length + more, "track")}`;

function leftOutList(leftOut) {
  const rows = leftOut.map(({ place, text, why }) =>
    el("tr", {}, el("td", {}, place), el("td", {}, text), el("td", {}, why)),
  );
  const heads = ["Where", "What", "Why"].map(name => el("th", { scope: "col" }, name));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
  return el("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": "Rows left out" }, table);
}

function takeDrops(take) {
  const holdsFiles = event => event.dataTransfer?.types.includes("Files");
  const mark = is => document.body.classList.toggle("drop", is);
  window.addEventListener("dragover", event => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  window.addEventListener("dragleave", event => event.relatedTarget === null && mark(false));
  window.addEventListener("drop", event => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(false);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}
