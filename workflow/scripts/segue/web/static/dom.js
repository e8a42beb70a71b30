// Elements, made from properties and children. Text goes in as text: no name is ever read as markup.

const READING = 4000; // milliseconds

export const byId = id => document.getElementById(id);

// el("li", {className: "x", "aria-label": "y"}, "text", child); a child that is null or false is left out.
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== null && child !== false));
  return element;
}

export const button = (text, onclick, properties = {}) =>
  el("button", { type: "button", onclick, ...properties }, text);

// A screen reader hears it. The same text twice is said twice.
export function say(text) {
  const status = byId("status");
  status.textContent = status.textContent === text ? `${text}\u00a0` : text;
}

let timer;

// The same for all to see, too, for as long as it takes to read.
export function tell(text) {
  say(text);
  const news = byId("news");
  news.textContent = text;
  news.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (news.hidden = true), READING);
}

export const counted = (number, one, many = `${one}s`) =>
  `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;

export const nameOf = track => track.name || track.uri;
export const fullName = track => (track.artist ? `${nameOf(track)} by ${track.artist}` : nameOf(track));

export const signed = value => `${value < 0 ? "−" : "+"}${Math.abs(value).toPrecision(2)}`;

// What was not right, as the server says it: what, where, found, expected, and the next step.
export function faultBox(fault) {
  const { where, found, expected, fix } = fault;
  const rows = { Where: where, Found: found, Expected: expected, "Next step": fix };
  const list = el("dl");
  for (const [name, text] of Object.entries(rows)) if (text) list.append(el("dt", {}, name), el("dd", {}, String(text)));
  return el("div", { className: "fault", role: "alert" }, el("p", {}, fault.what), list);
}

// Above the proposals. One that is shown already is not told again.
export function showFault(fault) {
  const box = faultBox(fault);
  if (byId("fault").textContent !== box.textContent) byId("fault").replaceChildren(box);
}
