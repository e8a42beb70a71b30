// Lists that are pasted, and files that are chosen or dropped: the server reads every form of them.

import { ask } from "./asking.js";
import { button, byId, counted, el, faultBox, say, tell } from "./dom.js";

export function readingDialog(playlist, limits) {
  const dialog = byId("read");
  const result = byId("read-result");

  const show = (...children) => {
    result.replaceChildren(...children);
    if (!dialog.open) dialog.showModal();
    result.focus();
  };

  const add = ({ title, tracks }, leftOut) => {
    const words = (added, over) => {
      const known = tracks.length - added - over;
      return [
        `Added ${counted(added, "track")}`,
        known && `${known.toLocaleString("en-GB")} ${known === 1 ? "was" : "were"} on it already`,
        over && `${over.toLocaleString("en-GB")} more do not fit: it takes ${limits.tracks}`,
        leftOut.length && `${counted(leftOut.length, "row")} left out`,
      ].filter(Boolean).join(". ");
    };
    const { over, said } = playlist.add(tracks, title ?? "", words);
    if (leftOut.length || over) {
      say(said);
      return show(el("p", {}, `${said}.`), leftOut.length > 0 && leftOutList(leftOut));
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
      const { playlists, left_out: leftOut } = found;
      if (playlists.length < 2) return add(playlists[0] ?? { title: null, tracks: [] }, leftOut);
      const rows = playlists.map((one, place) =>
        el("li", {}, button(listed(one, place), () => add(one, leftOut))),
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

const listed = ({ title, tracks }, place) =>
  `${title || `number ${place + 1}`}: ${counted(tracks.length, "track")}`;

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
