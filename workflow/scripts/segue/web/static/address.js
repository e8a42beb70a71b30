// What is shown, in the page's address: it is there again after a reload, and can be kept as a bookmark.

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
export function read(hash) {
  const parts = new URLSearchParams(hash.slice(1));
  const pid = parts.get("pid") ?? "";
  return {
    title: parts.get("title") ?? "",
    pid: /^\d{1,15}$/.test(pid) ? Number(pid) : null,
    models: [...new Set(parts.getAll("model"))],
    tracks: [...new Set(parts.getAll("track"))].map(uri => ({ uri, name: null, artist: null, in_graph: true })),
  };
}
