// Proposals, taken elsewhere by the clipboard.

import { el, tell } from "./dom.js";

export async function copy(text) {
  const isCopied = await written(text);
  tell(isCopied ? "Copied" : "The browser does not let the page copy");
}

async function written(text) {
  // A page over plain HTTP from another machine has no clipboard: there it is done as browsers of old do it.
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const box = el("textarea", { className: "unseen", value: text });
  const { activeElement } = document;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  activeElement?.focus();
  return done;
}

// As `segue continue` writes them: a header, and a field in quotes where it has to be.
export function asCsv(proposals) {
  const header = ["rank", "track_uri", "track_name", "artist_name", "score"];
  const rows = proposals.map(({ rank, uri, name, artist, score }) => [rank, uri, name, artist, score]);
  return [header, ...rows].map(row => `${row.map(quoted).join(",")}\n`).join("");
}

function quoted(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
