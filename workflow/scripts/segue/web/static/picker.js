// Which model is asked: a <select>, over its label at full length, which a <select> alone would cut.

import { el } from "./dom.js";

const KINDS = { network: "Networks", baseline: "Baselines", blend: "Blends", catalogue: "From the catalogue" };

// By validation; those of which it is not known come last.
export const bestFirst = models =>
  models.toSorted((a, b) => (b.validation_recall ?? -1) - (a.validation_recall ?? -1));

// ``name``: of the select; ``changed(id)``. Returns the element to show, and its select.
export function picker(models, chosen, name, changed) {
  const groups = Map.groupBy(bestFirst(models), model => model.kind);
  const options = [...groups].map(([kind, members]) =>
    el(
      "optgroup",
      { label: KINDS[kind] ?? kind },
      ...members.map(({ id, label }) => el("option", { value: id }, label)),
    ),
  );
  const select = el("select", { "aria-label": name }, ...options);
  const label = el("span", { className: "picked", "aria-hidden": "true" });
  const show = () => (label.textContent = models.find(({ id }) => id === select.value).label);
  select.value = chosen;
  show();
  select.addEventListener("change", () => {
    show();
    changed(select.value);
  });
  return { select, home: el("span", { className: "picker" }, label, select) };
}
