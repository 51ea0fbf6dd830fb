// Conveniences; without this script the page shows the system's theme and its code folded.
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
});
