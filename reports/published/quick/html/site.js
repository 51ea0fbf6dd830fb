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
      found += shown;
    }
    form.found.value = `${found} claims`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
});
