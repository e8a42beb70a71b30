// Questions to the server. Of one kind only the last one asked is answered: what came before is dropped.

export class Fault extends Error {
  constructor(parts) {
    super(parts.what);
    Object.assign(this, parts);
  }
}

const AGAIN = 3; // seconds
const UNREACHABLE = {
  what: "The server does not answer.",
  found: "no connection",
  fix: "see whether segue serve still runs, and start it again; the page asks again by itself",
  again: AGAIN,
};
const BUSY = [429, 503];
const running = new Map();

// The answer to GET, or to POST where there is a body: bytes as they are, all else as JSON. Returns null where
// a later question of the same ``kind`` has taken its place. Throws Fault; of one that passes, ``again`` says
// after how many seconds.
export async function ask(kind, path, body) {
  drop(kind);
  const control = new AbortController();
  running.set(kind, control);
  try {
    const answer = await fetch(path, { signal: control.signal, ...options(body) });
    const parsed = await answer.json();
    if (control.signal.aborted) return null;
    if (!answer.ok) {
      const again = BUSY.includes(answer.status) ? Number(answer.headers.get("Retry-After")) || AGAIN : null;
      throw new Fault({ ...(parsed.error ?? { what: `The server refuses (${answer.status}).` }), again });
    }
    return parsed;
  } catch (error) {
    if (control.signal.aborted) return null;
    throw error instanceof Fault ? error : new Fault(UNREACHABLE);
  } finally {
    if (running.get(kind) === control) running.delete(kind);
  }
}

// Whatever answer of this kind is awaited will not come.
export const drop = kind => running.get(kind)?.abort();

function options(body) {
  if (body === undefined) return {};
  if (body instanceof Blob)
    return { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } };
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

// A function that calls ``act`` once nobody has called it for a while; ``in(wait)``: for another while.
export function debounced(act, milliseconds) {
  let timer;
  const later = () => later.in(milliseconds);
  later.in = wait => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

// A function that calls ``act`` at once, and for calls that follow too soon once more, when time has passed.
export function paced(act, milliseconds) {
  let timer = null;
  let isDue = false;
  return function call() {
    if (timer !== null) {
      isDue = true;
      return;
    }
    act();
    timer = setTimeout(() => {
      timer = null;
      const again = isDue;
      isDue = false;
      if (again) call();
    }, milliseconds);
  };
}
