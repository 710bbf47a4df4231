// Dark where the visitor's system is (or ?__theme= says so); the outline folded on a narrow screen
// and scrolled to the section that is read; the way back leads to what was asked.

const theme = new URLSearchParams(location.search).get("__theme");
const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.classList.toggle("dark", dark);

addEventListener("DOMContentLoaded", () => {
  const asked = sessionStorage.getItem("asked");
  if (asked?.includes("?")) document.querySelector("a.back").href = asked;
  const outline = document.querySelector(".outline");
  if (outline && innerWidth < 900) outline.querySelector("details").open = false;
  const current = outline?.querySelector("[aria-current]");
  if (current) outline.scrollTop = current.offsetTop - outline.clientHeight / 3;
});
