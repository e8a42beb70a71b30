"""What all pages look like, and how their tables sort: text of <style> and <script> elements."""

STYLE = """
:root { color-scheme: light dark; --line: #d5d5d5; --soft: #5c5c5c; --card: #fff; --page: #f7f7f5;
        --hit: #d7f0e4; --tick: #0b6e4a; --link: #0b5a8a; --ink: #1c1c1c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444; --soft: #b0b0b0; --card: #1e1e1e; --page: #121212; --hit: #12432f; --tick: #7fe0b5;
          --link: #8cc8f0; --ink: #eee; } }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1rem auto; padding: 0 1rem; max-width: 76rem;
       background: var(--page); color: var(--ink); overflow-wrap: break-word; }
h1 { font-size: 1.35rem; line-height: 1.25; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
code { font-size: .92em; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line);
         text-align: left; vertical-align: top; }
td { overflow-wrap: break-word; min-width: 4.8rem; }
.number { text-align: right; min-width: 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
tfoot td { font-weight: 700; border-top: 2px solid var(--line); }
@media (max-width: 30rem) { th, td { padding: .25rem .3rem; } }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0;
            cursor: pointer; text-align: inherit; }
th button::after { content: "\\a0↕"; color: var(--soft); }
th[aria-sort=ascending] button::after { content: "\\a0↑"; }
th[aria-sort=descending] button::after { content: "\\a0↓"; }
.best { font-weight: 700; }
"""
# Of playlists, whose headings are deeper within another page.
CARDS = """
header p, main > p { max-width: 60rem; }
.soft { color: var(--soft); }
form { margin: .8rem 0; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
input { font: inherit; padding: .35rem .6rem; width: min(24rem, 100%); border: 1px solid var(--line);
        border-radius: .3rem; background: var(--card); color: inherit; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1rem;
         align-items: start; margin-top: 1rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .8rem 1rem; overflow-wrap: anywhere; break-inside: avoid; }
article[hidden] { display: none; }
article p { margin: .3rem 0; }
article :is(h2, h4) { font-size: 1.05rem; margin: 0; }
article :is(h3, h5) { font-size: .85rem; margin: .8rem 0 .2rem; color: var(--soft); font-weight: 600; }
article :is(ol, ul) { margin: 0; padding-left: 1.9rem; }
article ul { list-style: none; padding-left: 0; }
article li { padding: .08rem 0; }
article ol li { padding-left: .3rem; }
article li span { color: var(--soft); margin-left: .35em; }
.hit { background: var(--hit); border-radius: .2rem; }
.hit span { color: inherit; }
b { color: var(--tick); }
"""
SORTING = """
// A cell sorts by its data-value where it has one (numbers), else by its text; empty cells stay last.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const header = button.closest("th"), table = header.closest("table"), column = header.cellIndex;
    const first = header.classList.contains("number") ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = header.getAttribute("aria-sort") === first ? second : first;
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      return sign * (header.classList.contains("number") ? x - y : x.localeCompare(y));
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  });
}
"""
