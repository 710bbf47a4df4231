// Runs once with `element`, the result's element, and `trigger`, which sends an event to the server.
// The reply says which address asks for it again; a click on [n] leads to the passage it cites; a
// link with data-go is followed without loading the page anew. All of it works as links, too.

let shown = location.search;

const remember = () => {
  const reply = element.querySelector("[data-url]");
  if (!reply || openTab !== "ask") return;
  const wanted = withKept(new URL(reply.dataset.url, location.origin).search);
  if (new URLSearchParams(shown).toString() !== new URLSearchParams(wanted).toString()) {
    history.pushState(null, "", `${location.pathname}${wanted}`);
  }
  shown = location.search;
  markWayBack();
  const asked = new URL(reply.dataset.url, location.origin).search;
  document.dispatchEvent(new CustomEvent("asked", { detail: asked }));
};

const leftAt = history.state?.top; // where this answer was left for the reader
const settle = () => {
  for (const link of element.querySelectorAll("a[data-go]")) {
    link.href = location.pathname + withKept(new URL(link.href).search);
  }
  remember();
  if (leftAt && history.state?.top === leftAt) scrollTo(0, leftAt);
};

watch("value", settle);
settle();

document.addEventListener("go", ({ detail }) => trigger("submit", { address: detail }));

addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});

const copy = async (button) => {
  await copyText(button.dataset.copy);
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = label), 1500);
};

element.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const button = event.target.closest("button[data-copy]");
  if (button) return void copy(button);
  const link = event.target.closest("a");
  if (!link) return;
  if ("go" in link.dataset) {
    event.preventDefault();
    return void trigger("submit", { address: new URL(link.href).search });
  }
  if (!link.dataset.jump) history.replaceState({ top: scrollY }, "");
  const place = document.getElementById(link.dataset.jump ?? "");
  if (!place) return;
  event.preventDefault();
  element.querySelector(".lit")?.classList.remove("lit");
  if (place.matches("mark")) place.classList.add("lit");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  place.closest(".hit").focus({ preventScroll: true });
});
