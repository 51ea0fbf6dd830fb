// Conveniences; without this script a page shows the system's theme, its code folded, and every claim.
"use strict";

const stored = {
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* private window, or a file without storage */ } },
};

const root = document.documentElement;
if (["light", "dark"].includes(stored.get("theme"))) root.dataset.theme = stored.get("theme");

document.addEventListener("DOMContentLoaded", () => {
  const theme = document.getElementById("theme");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored.set("theme", root.dataset.theme);
    label();
  });
  label();
  theme.hidden = false;

  const folded = document.querySelectorAll("details.code:not(.listing)");
  const button = document.getElementById("show-code");
  const allOpen = () => [...folded].every((details) => details.open);
  const name = () => { button.textContent = allOpen() ? "Hide code" : "Show code"; };
  button.addEventListener("click", () => {
    const open = !allOpen();
    folded.forEach((details) => { details.open = open; });
    name();
  });
  folded.forEach((details) => details.addEventListener("toggle", name));
  button.hidden = folded.length === 0;

  // A tab stop helps only where something scrolls.
  const stops = document.querySelectorAll("main [tabindex]");
  const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
  const setStops = () => stops.forEach((box) => {
    if (scrolls(box)) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  setStops();
  addEventListener("resize", setStops);
  document.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", setStops));

  const contents = document.getElementById("contents");
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && contents.matches(":popover-open")) contents.hidePopover();
  });

  const search = document.getElementById("search");
  if (search) setUpSearch(search);

  const form = document.getElementById("filter");
  if (!form) return;
  const tables = [...document.querySelectorAll("[data-filtered]")].map((box) => ({
    box, rows: [...box.querySelectorAll("tbody[data-verdict]")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
  }));
  const filter = () => {
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { box, rows } of tables) {
      const here = !form.assignment.value || form.assignment.value === box.dataset.filtered;
      let shown = 0;
      for (const { row, text } of rows) {
        const fits = here && (!form.verdict.value || form.verdict.value === row.dataset.verdict) && words.every((word) => text.includes(word));
        row.hidden = !fits;
        shown += fits;
      }
      box.hidden = shown === 0;
      if (box.previousElementSibling?.matches("h2")) box.previousElementSibling.hidden = box.hidden;
      found += shown;
    }
    form.found.value = `${found} ${found === 1 ? "claim" : "claims"}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  const heading = form.previousElementSibling; // of the first table: the filter is for all of them
  if (heading?.matches("h2")) heading.before(form);
  form.hidden = false;
  filter();
});

// The words of all pages come with a script of their own, loaded at the first key: it may be loaded from disk too.
function setUpSearch(form) {
  let index = null;
  const list = form.querySelector("ol");
  const show = () => {
    if (!index) return;
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = !words.length ? [] : index.filter((section) => words.every((word) => section.text.includes(word)));
    const inTitle = (section) => words.every((word) => section.head.includes(word));
    found.sort((a, b) => inTitle(b) - inTitle(a));
    form.found.value = words.length ? `${found.length} ${found.length === 1 ? "section" : "sections"}` : "";
    list.replaceChildren(...found.slice(0, 30).map(({ path, anchor, title, heading }) => {
      const link = document.createElement("a");
      const words = encodeURIComponent(anchor);
      link.href = `${form.dataset.root}/${path}${anchor ? `#${words}` : ""}`;
      link.textContent = heading ? `${title}: ${heading}` : title;
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
  };
  window.searched = (sections) => {
    index = sections.map(([path, title, anchor, heading, text]) => ({
      path, title, anchor, heading, head: `${title} ${heading}`.toLowerCase(), text: `${title} ${heading} ${text}`.toLowerCase(),
    }));
    show();
  };
  form.addEventListener("input", () => {
    if (!document.getElementById("index")) {
      const script = document.createElement("script");
      script.id = "index";
      script.src = form.dataset.index;
      document.head.append(script);
    }
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}
