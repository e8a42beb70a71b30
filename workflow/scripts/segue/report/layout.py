"""The page of a run as text: its template, what it looks like, and what its buttons do."""

# Templates in a module: the digest of the code follows imports.
TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>Segue: {{ glance.headline }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
<header>
<p class="soft">Segue: which tracks would come next?</p>
<h1>{{ glance.headline }}</h1>
</header>
<nav aria-label="Sections">
{% for section in sections %}
<a href="#{{ section.id }}">{{ section.title }}</a>
{% endfor %}
</nav>
<main>
{% macro picture(part, height=38) %}
<figure id="figure-{{ part.id }}">
<button type="button" class="full" aria-label="{{ part.title }}, full size"><img src="{{ part.uri }}" \
width="{{ part.width }}" height="{{ part.height }}" alt="{{ part.title }}" decoding="async" \
style="max-width: min(100%, {{ [height * part.width / part.height, 44] | max | round(1) }}rem)"></button>
<figcaption>{{ part.caption }}</figcaption>
</figure>
{% endmacro %}
<section class="glance" aria-label="At a glance">
{% for sentence in glance.answer %}
<p{% if loop.first %} class="lead"{% endif %}>{{ sentence }}</p>
{% endfor %}
<p>{{ glance.trained_on }}</p>
<p class="soft">{{ glance.evidence }}</p>
{% for sentence, target in glance.more %}
<p>{{ sentence }} <a href="#{{ target }}">Read on</a></p>
{% endfor %}
{{ glance.table }}
{% if main %}{{ picture(main, 48) }}{% endif %}
</section>
{% for section in sections %}
<section id="{{ section.id }}">
<h2>{{ section.title }}</h2>
{% for part in section.parts %}
{% if part.kind == "models" %}
{{ part.caption }}
{% for model in part.models %}
<details{% if loop.first %} open{% endif %}>
<summary><h3>{{ model.label }}</h3>{% if loop.first %} best by validation{% endif %} \
<code>{{ model.name }}</code></summary>
{{ model.html }}
{% if model.left > 0 %}
<p>{{ model.left }} more playlists: <a href="{{ model.link }}">{{ model.link }}</a></p>
{% endif %}
</details>
{% endfor %}
{% else %}
<h3>{{ part.title }}</h3>
{% if part.kind == "figure" %}
{{ picture(part) }}
{% elif part.kind == "frame" %}
<iframe title="{{ part.title }}" sandbox="allow-scripts" loading="lazy" srcdoc="{{ part.html }}"></iframe>
<div class="caption">{{ part.caption }}</div>
{% elif part.kind == "link" %}
<p><a href="{{ part.link }}">{{ part.link }}</a></p>
<div class="caption">{{ part.caption }}</div>
{% else %}
<div class="caption">{{ part.caption }}</div>
<div class="said">{{ part.said }}</div>
<details><summary>Tables</summary>
{{ part.html }}
</details>
{% endif %}
{% endif %}
{% endfor %}
</section>
{% endfor %}
<p class="soft">Which job made which file, and when, says <code>snakemake --report provenance.html</code>.</p>
</main>
<dialog aria-label="Figure, full size">
<button type="button" class="close" autofocus>Close</button>
<div tabindex="0" role="group" aria-label="Figure"><img alt=""></div>
</dialog>
<script>{{ script | safe }}</script>
</body>
</html>
"""
LAYOUT = """
a { color: var(--link); }
header p { margin: 0; }
h1 { margin: .1rem 0 .6rem; font-size: clamp(1.3rem, 4vw, 1.6rem); }
main > section > h2 { font-size: 1.35rem; margin: 2.4rem 0 .4rem; padding-top: .6rem;
                      border-top: 2px solid var(--line); }
h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
h4 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.lead { font-size: 1.08rem; margin-top: 0; }
.glance p { margin: 0 0 .6rem; }
.glance .wide { margin: 1.2rem 0; }
.glance td { white-space: nowrap; }
.glance td:first-child { white-space: normal; text-wrap: balance; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: .4rem 0; margin-bottom: 1rem;
      border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
figure { margin: 0; }
figcaption { margin-top: .4rem; }
figcaption, .caption, .said, section > p { max-width: 60rem; }
figcaption, .caption { color: var(--soft); }
.literal { font-family: monospace; overflow-wrap: anywhere; }
.full { display: block; width: 100%; padding: .4rem; border: 1px solid var(--line); border-radius: .4rem;
        background: #fff; cursor: zoom-in; }
.full img { display: block; width: 100%; height: auto; margin: auto; }
@media (max-width: 45rem) { /* its letters are too small to read there */
  .full::after { content: "⤢ full size" / ""; display: block; text-align: right; font-size: .8rem;
                 color: #555; }
}
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
iframe { width: 100%; height: min(44rem, 85vh, 92vw + 14rem); border: 1px solid var(--line);
         border-radius: .4rem; background: #fff; }
details { margin: .6rem 0; }
summary { cursor: pointer; }
summary h3 { display: inline; margin-right: .5rem; }
dialog { width: 96vw; max-width: none; height: 96vh; max-height: none; padding: .6rem; border: 0;
         border-radius: .4rem; background: var(--page); color: var(--ink); }
dialog[open] { display: flex; flex-direction: column; gap: .5rem; }
dialog::backdrop { background: rgb(0 0 0 / .6); }
dialog div { overflow: auto; flex: 1; background: #fff; }
dialog img { display: block; max-width: none; margin: auto; }
.close { align-self: end; font: inherit; padding: .25rem .9rem; }
@media print {
  nav, dialog, iframe { display: none; }
  .full::after { display: none; }
  figure, article, tr { break-inside: avoid; }
  .wide { overflow: visible; }
}
"""
ACTIONS = """
const dialog = document.querySelector("dialog"), full = dialog.querySelector("img");
for (const button of document.querySelectorAll("button.full")) {
  button.addEventListener("click", () => {
    const image = button.querySelector("img");
    full.src = image.src;
    full.alt = image.alt;
    dialog.setAttribute("aria-label", `${image.alt}, full size`);
    dialog.showModal();
  });
}
dialog.querySelector("button").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
// What is printed is whole.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(one => one.open = true));
// A link to what lies within closed details opens them.
const reveal = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))
  ?.closest("details")?.setAttribute("open", "");
addEventListener("hashchange", reveal);
reveal();
"""
