// Runs once with `element`: the questions this visitor asked, kept by the browser and nowhere else.
// The page says `asked` when a reply is there; a link asks again without loading the page anew.
const KEPT = 30;
const NAME = "reportqa-asked";

const read = () => {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // storage is shut, or holds something else
  }
};

const write = (kept) => {
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {} // the page works without
};

const draw = () => {
  const box = element.querySelector(".history");
  const kept = read();
  box.hidden = kept.length === 0;
  box.querySelector("ul").replaceChildren(
    ...kept.map((search) => {
      const link = document.createElement("a");
      link.href = search;
      link.textContent = new URLSearchParams(search).get("q");
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
};

document.addEventListener("asked", ({ detail }) => {
  write([detail, ...read().filter((one) => one !== detail)].slice(0, KEPT));
  draw();
});

element.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (event.target.closest("button")) {
    write([]);
    return draw();
  }
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("go", { detail: new URL(link.href).search }));
});

watch("value", draw);
draw();
