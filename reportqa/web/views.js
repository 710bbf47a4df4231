// Runs once with `element`, a tab's result. What is shown says which address shows it again.

const remember = () => {
  const shown = element.querySelector("[data-url]");
  if (!shown) return;
  const search = new URL(shown.dataset.url, location.origin).search;
  const theme = new URLSearchParams(location.search).get("__theme");
  history.replaceState(null, "", `${location.pathname}${search}${theme ? `&__theme=${theme}` : ""}`);
  sessionStorage.setItem("asked", location.pathname + location.search); // the reader leads back here
};

watch("value", remember);
remember();
