// Runs in the head, before the page is drawn: the address says which language and which tab is open,
// and is kept true. What is shown in a tab carries its own address as data-url.

const TABS = ["ask", "compare", "figures", "batch", "corpus"];
const KEPT = ["lang", "__theme"]; // what an address keeps whatever is asked

const inEnglish = new URLSearchParams(location.search).get("lang") === "en";
const language = inEnglish ? "en" : "zh-CN";
const sayLanguage = () => {
  if (document.documentElement.lang !== language) document.documentElement.lang = language;
};
sayLanguage();
// Gradio names the browser's language there, whatever the page is written in
new MutationObserver(sayLanguage).observe(document.documentElement, { attributeFilter: ["lang"] });

function tabOf(search) {
  const name = new URLSearchParams(search).get("tab");
  return TABS.includes(name) ? name : "ask";
}

let openTab = tabOf(location.search);
let opened = openTab === "ask"; // Gradio opens the first tab, then the one that is named

function withKept(search) {
  const wanted = new URLSearchParams(search);
  const now = new URLSearchParams(location.search);
  for (const name of KEPT) if (now.has(name)) wanted.set(name, now.get(name));
  const asked = wanted.toString();
  return asked && `?${asked}`;
}

// Where the reader leads back to.
function markWayBack() {
  sessionStorage.setItem("asked", location.pathname + location.search);
}

document.addEventListener("tab", ({ detail: name }) => {
  if (!opened) opened = name === openTab;
  else if (name !== openTab) {
    openTab = name;
    const shown = document.querySelector(`#tab-${name} [data-url]`);
    const asked = shown ? new URL(shown.dataset.url, location.origin).search : `?tab=${name}`;
    const search = withKept(asked === "?tab=ask" ? "" : asked);
    history.pushState(null, "", location.pathname + search);
    markWayBack();
  }
});

addEventListener("popstate", () => {
  if (tabOf(location.search) !== openTab) location.reload();
});
