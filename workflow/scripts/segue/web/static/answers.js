// What the models propose, a column each: a proposal with what pulls it, which a click or Enter adds.

import { asCsv, copy } from "./copying.js";
import { button, byId, el, nameOf, say, signed } from "./dom.js";
import { bestFirst, picker } from "./picker.js";

const SLOW = 3000; // milliseconds of waiting, of which one wants to know
// What a ranking is by.
const PATHS = {
  tracks: "by its tracks",
  related: "by related tracks: none of its own is in the graph",
  title: "by its title alone",
  both: "by its tracks and title",
  popularity: "by popularity: nothing of it is known",
};
const BY_TRACKS = ["tracks", "related", "both"];
// What a pull is: a part of the score, or what the score loses without the track.
const PULLS = {
  exact: "pulls are exact",
  "leave-one-out": "pulls by leaving one out",
  no: "does not tell what pulls",
};

export class Answers {
  #columns = [];
  #late; // timer
  #asked = []; // the tracks that the answers are for

  // ``models``: ids of those shown; ``changed()``: they are others now; ``add(track)``; ``mark(pulls)``.
  constructor(run, models, { changed, add, mark }) {
    Object.assign(this, { run, models, changed, add, mark });
    this.home = byId("columns");
    byId("compare").addEventListener("click", () => {
      const next = bestFirst(run.models).find(model => !this.models.includes(model.id));
      this.#choose([...this.models, next.id]);
      this.#columns.at(-1).select.focus();
    });
    this.#build();
  }

  // Others of the run, as an address names them; those that it has not are left out.
  choose(models) {
    const known = models.filter(id => this.run.models.some(model => model.id === id)).slice(0, this.most);
    if (known.length) this.#choose(known);
  }

  // Columns at most.
  get most() {
    return Math.min(this.run.limits.models, this.run.models.length);
  }

  set busy(is) {
    const waiting = byId("waiting");
    this.home.setAttribute("aria-busy", String(is));
    waiting.hidden = true;
    clearTimeout(this.#late);
    if (!is) return;
    this.#late = setTimeout(() => {
      waiting.hidden = false;
      say(waiting.textContent);
    }, SLOW);
  }

  clear() {
    if (document.activeElement.closest(".proposals, .copies")) byId("answers").focus();
    for (const column of this.#columns) this.#fill(column, null);
    this.busy = false;
  }

  // ``asked``: the tracks that were asked about, by which pulls number; ``heldOut``: how many there are to find.
  show(answers, asked, heldOut) {
    const at = this.#focused();
    this.#asked = asked;
    const models = new Map();
    for (const { proposals } of answers)
      for (const { uri } of proposals) models.set(uri, (models.get(uri) ?? 0) + 1);
    this.mark(); // what was pointed at is gone
    for (const answer of answers) {
      const column = this.#columns.find(({ id }) => id === answer.model);
      this.#fill(column, answer, models, heldOut);
    }
    this.busy = false;
    if (at) this.#focus(...at);
  }

  #choose(models) {
    this.models = models;
    this.#build();
    this.changed();
  }

  #build() {
    this.#columns = this.models.map((id, place) => this.#column(id, place));
    this.home.replaceChildren(...this.#columns.map(column => column.section));
    byId("compare").hidden = this.models.length >= this.most;
  }

  #column(id, place) {
    const { home, select } = picker(this.run.models, id, `Model of column ${place + 1}`, chosen => {
      // One that is shown already changes places with this one.
      const swapped = this.models.map(model => (model === chosen ? id : model));
      this.#choose(swapped.with(place, chosen));
      this.#columns[place].select.focus();
    });
    select.title = titleOf(this.run.models.find(model => model.id === id), this.run.recall_k);
    const remove = button("×", () => this.#remove(place), {
      className: "remove",
      "aria-label": `Remove column ${place + 1}`,
      hidden: this.models.length === 1,
    });
    const how = el("p", { className: "how soft" });
    const list = el("ol", { className: "proposals" });
    const column = { id, select, how, list, proposals: [] };
    column.copies = el(
      "p",
      { className: "copies", hidden: true },
      button("Copy uris", () => copy(column.proposals.map(({ uri }) => uri).join("\n"))),
      button("Copy CSV", () => copy(asCsv(column.proposals))),
    );
    column.section = el(
      "section",
      { className: "column", "aria-label": `Column ${place + 1}` },
      el("div", { className: "head" }, home, remove),
      how,
      list,
      column.copies,
    );
    list.addEventListener("keydown", event => this.#walk(event, place));
    return column;
  }

  #remove(place) {
    this.#choose(this.models.toSpliced(place, 1));
    this.#columns[Math.min(place, this.models.length - 1)].select.focus();
  }

  #fill(column, answer, models = new Map(), heldOut = 0) {
    const proposals = answer?.proposals ?? [];
    column.proposals = proposals;
    column.list.replaceChildren(
      ...proposals.map((proposal, place) => this.#proposal(proposal, place, models.get(proposal.uri))),
    );
    column.copies.hidden = proposals.length === 0;
    if (!answer) return column.how.replaceChildren();
    const { explains } = this.run.models.find(({ id }) => id === column.id);
    const hits = proposals.filter(({ hit }) => hit).length;
    const found = el("span", { className: "found" }, `✓ ${hits} of ${heldOut} held-out tracks`);
    column.how.replaceChildren(
      ...(heldOut ? [found, " · "] : []),
      [PATHS[answer.path], BY_TRACKS.includes(answer.path) && PULLS[explains]].filter(Boolean).join(" · "),
    );
  }

  #proposal(proposal, place, models) {
    const pulls = new Map(proposal.pulls.map(({ given, pull }) => [this.#asked[given].uri, pull]));
    const why = el("span", { className: "why" });
    if (pulls.size) why.append(el("span", { className: "unseen" }, "Pulled by "));
    proposal.pulls.forEach(({ given, pull }, number) => {
      const name = el("bdi", {}, nameOf(this.#asked[given]));
      why.append(number ? " · " : "", name, el("span", { className: "amount" }, ` ${signed(pull)}`));
    });
    const marks = el("span", { className: "marks" });
    if (proposal.hit) marks.append(hitMark());
    if (models > 1) marks.append(agreement(models, this.models.length));
    const row = el(
      "button",
      { type: "button", className: "proposal", tabIndex: place ? -1 : 0, "data-uri": proposal.uri },
      el("span", { className: "rank" }, String(proposal.rank)),
      el("span", { className: "name" }, nameOf(proposal)),
      marks,
      el("span", { className: "artist" }, proposal.artist ?? ""),
      why,
    );
    const point = on => {
      this.mark(on ? pulls : undefined);
      for (const same of this.home.querySelectorAll(".proposal"))
        same.classList.toggle("same", on && models > 1 && same.dataset.uri === proposal.uri);
    };
    row.addEventListener("pointerenter", () => point(true));
    row.addEventListener("pointerleave", () => point(false));
    row.addEventListener("focus", () => point(true));
    row.addEventListener("blur", () => point(false));
    row.addEventListener("click", () => {
      point(false);
      const { uri, name, artist, hit } = proposal;
      this.add({ uri, name, artist, hit, in_graph: true });
    });
    return el("li", {}, row);
  }

  // The arrows go through a column, and over to the next one: a column is one stop of the Tab key.
  #walk(event, column) {
    const [, place] = this.#focused() ?? [];
    if (place === undefined) return;
    const last = this.#columns[column].list.children.length - 1;
    const to = {
      ArrowUp: [column, place - 1],
      ArrowDown: [column, place + 1],
      Home: [column, 0],
      End: [column, last],
      ArrowLeft: [column - 1, place],
      ArrowRight: [column + 1, place],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    if (this.#columns[to[0]] && to[1] >= 0) this.#focus(...to);
  }

  #focused() {
    const row = document.activeElement?.closest(".proposals > li");
    const column = this.#columns.findIndex(({ list }) => list === row?.parentElement);
    return column < 0 ? null : [column, [...row.parentElement.children].indexOf(row)];
  }

  #focus(column, place) {
    const { list } = this.#columns[column];
    const rows = [...list.querySelectorAll(".proposal")];
    if (!rows.length) return;
    for (const row of rows) row.tabIndex = -1;
    const row = rows[Math.min(place, rows.length - 1)];
    row.tabIndex = 0;
    row.focus();
  }
}

function hitMark() {
  const words = el("span", { className: "hit-words" }, " held out");
  return el("span", { className: "hit", title: "held out, and found again" }, "✓", words);
}

function agreement(models, of) {
  const said = `proposed by ${models} of ${of} models`;
  const dots = el("span", { "aria-hidden": "true" }, "●".repeat(models) + "○".repeat(of - models));
  return el("span", { className: "both", title: said }, dots, el("span", { className: "unseen" }, said));
}

const titleOf = ({ label, validation_recall: recall }, k) =>
  recall === null ? label : `${label}: recall@${k} of ${recall.toFixed(3)} in validation`;
