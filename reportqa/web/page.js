// Runs once with `element`, the result's element. The reply says which address asks for it again;
// a click on [n] leads to the passage it cites. Everything else works without this file.

document.documentElement.lang = "zh-CN";

let shown = location.search;

const remember = () => {
  const reply = element.querySelector("[data-url]");
  if (!reply) return;
  const search = new URL(reply.dataset.url, location.origin).search;
  const theme = new URLSearchParams(location.search).get("__theme");
  const wanted = theme ? `${search}&__theme=${theme}` : search;
  if (new URLSearchParams(shown).toString() !== new URLSearchParams(wanted).toString()) {
    history.pushState(null, "", `${location.pathname}${wanted}`);
  }
  shown = location.search;
  sessionStorage.setItem("asked", location.pathname + shown); // where the reader leads back to
};

const leftAt = history.state?.top; // where this answer was left for the reader
const settle = () => {
  remember();
  if (leftAt && history.state?.top === leftAt) scrollTo(0, leftAt);
};

watch("value", settle);
settle();

addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});

element.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a");
  if (link && !link.dataset.jump) history.replaceState({ top: scrollY }, "");
  const place = link && document.getElementById(link.dataset.jump ?? "");
  if (!place) return;
  event.preventDefault();
  element.querySelector(".lit")?.classList.remove("lit");
  if (place.matches("mark")) place.classList.add("lit");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  place.closest(".hit").focus({ preventScroll: true });
});
