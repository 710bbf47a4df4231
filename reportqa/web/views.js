// Runs once with `element`, a tab's result. What is shown says which address shows it again.

const remember = () => {
  const shown = element.querySelector("[data-url]");
  if (!shown) return;
  const search = new URL(shown.dataset.url, location.origin).search;
  if (tabOf(search) !== openTab) return; // it came while another tab is read
  history.replaceState(null, "", location.pathname + withKept(search));
  markWayBack();
};

watch("value", remember);
remember();
