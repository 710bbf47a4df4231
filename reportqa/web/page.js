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
};

watch("value", remember);
remember();

addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});

element.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-jump]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const card = document.getElementById(link.dataset.jump);
  if (!card) return;
  event.preventDefault();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  card.focus({ preventScroll: true });
});
