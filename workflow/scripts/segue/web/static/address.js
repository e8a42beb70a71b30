// What is shown, in the page's address: it is there again after a reload, and can be kept as a bookmark.

import { ask } from "./asking.js";
import { showFault } from "./dom.js";

const NO_NUMBER = {
  what: "The address of this page names no playlist.",
  where: "pid",
  expected: "a number, as in #pid=72",
  fix: "look for it among the playlists of the run",
};

// "#title=...&pid=...&model=...&track=...&track=..."; of what is none nothing.
export function written({ tracks, title, pid }, models) {
  const parts = new URLSearchParams();
  if (title) parts.append("title", title);
  if (pid !== null) parts.append("pid", pid);
  for (const model of models) parts.append("model", model);
  for (const { uri } of tracks) parts.append("track", uri);
  return `#${parts}`;
}

// The same read; tracks have no names yet. Anyone can write an address: nothing in it is more than a question.
// ``pid``: null where there is none, NaN where it is no number.
export function read(hash) {
  const parts = new URLSearchParams(hash.slice(1));
  const pid = parts.get("pid");
  return {
    title: parts.get("title") ?? "",
    pid: pid && (/^\d{1,15}$/.test(pid) ? Number(pid) : NaN),
    models: [...new Set(parts.getAll("model"))],
    tracks: [...new Set(parts.getAll("track"))].map(uri => ({ uri, name: null, artist: null, in_graph: true })),
  };
}

// The playlist of the run that an address names, as ``found``, or the ``fault`` that there is none; null where
// another is opened meanwhile.
export async function known(pid) {
  if (pid === null) return {};
  if (Number.isNaN(pid)) return { fault: NO_NUMBER };
  try {
    const found = await ask("playlist", `/api/playlists/${pid}`);
    return found && { found };
  } catch (fault) {
    if (!fault.again) return { fault: { ...fault, where: "pid in the address of this page" } };
    showFault(fault);
    await new Promise(go => setTimeout(go, 1000 * fault.again));
    return known(pid);
  }
}
