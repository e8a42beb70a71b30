// A text field with a list of what fits, by the ARIA pattern "combobox with list autocomplete": the arrows go
// through the list, Enter takes the marked option, or the first that fits once that is known, Escape closes it;
// focus stays in the field.

import { debounced } from "./asking.js";
import { counted, el, say } from "./dom.js";

const WAIT = 90; // milliseconds without a key

// ``find(text)``: the ``options``, how many ``more`` there are and ``why`` there is not what was asked for, or null
// where a later question has taken over; ``show(option)``: its children; ``take(option)``: what choosing one does.
// Returns the field.
export function combobox(home, { id, label, placeholder, find, show, take, nothing, fault }) {
  const list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
  const field = el("input", {
    id,
    type: "text",
    placeholder,
    autocomplete: "off",
    spellcheck: false,
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  });
  const rest = el("p", { className: "rest soft", hidden: true });
  const fits = el("div", { className: "fits", hidden: true }, list, rest);
  home.append(el("label", { htmlFor: id }, label), el("div", { className: "combobox" }, field, fits));
  let options = [];
  let marked = -1;
  let answered = ""; // the text that the options are for
  let isTaken = false; // the first of those that are still looked for

  const mark = place => {
    list.children[marked]?.setAttribute("aria-selected", "false");
    marked = place;
    const option = list.children[marked];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    isTaken = false;
    mark(-1);
    fits.hidden = list.hidden = true;
    field.setAttribute("aria-expanded", "false");
  };
  const choose = place => {
    const option = options[place];
    search.cancel();
    field.value = answered = "";
    close();
    take(option);
  };
  const open = ({ options: those, more = 0, why = null }) => {
    options = those;
    list.replaceChildren(
      ...options.map((option, place) =>
        el(
          "li",
          { id: `${id}-${place}`, role: "option", "aria-selected": "false", onclick: () => choose(place) },
          ...show(option),
        ),
      ),
    );
    mark(-1);
    const isNone = options.length === 0;
    rest.textContent = [why ?? (isNone && nothing), more > 0 && `and ${counted(more, "other")}: type on`]
      .filter(Boolean)
      .join(" ");
    fits.hidden = false;
    list.hidden = isNone;
    rest.hidden = !rest.textContent;
    list.scrollTop = 0;
    field.setAttribute("aria-expanded", String(!isNone));
    if (rest.textContent) say(rest.textContent);
    if (isNone) isTaken = false;
    else if (isTaken) choose(0);
    else mark(0);
    isTaken = false;
  };
  const search = debounced(async () => {
    const text = field.value.trim();
    if (!text) return close();
    try {
      const answer = await find(text);
      if (!answer || field.value.trim() !== text) return;
      answered = text;
      open(answer);
    } catch (error) {
      close();
      fault(error);
    }
  }, WAIT);

  field.addEventListener("input", () => {
    isTaken = false;
    search();
  });
  field.addEventListener("blur", close);
  fits.addEventListener("pointerdown", event => event.preventDefault()); // focus stays in the field
  field.addEventListener("keydown", event => {
    const last = list.hidden ? -1 : options.length - 1;
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && last < 0) search();
    else if (event.key === "ArrowDown") mark(marked >= last ? 0 : marked + 1);
    else if (event.key === "ArrowUp" && last >= 0) mark(marked <= 0 ? last : marked - 1);
    else if (event.key === "Enter" && field.value.trim() !== answered) {
      isTaken = true;
      search.in(0);
    } else if (event.key === "Enter" && marked >= 0) choose(marked);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation(); // Escape closes the list, not the dialog around it
  });
  return field;
}
