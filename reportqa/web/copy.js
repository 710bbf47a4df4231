// Puts a text on the clipboard, for page and reader. Rejects where the browser does not let it.
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // over plain http from another machine
  const before = document.activeElement;
  area.value = text;
  area.style.position = "fixed"; // nothing scrolls
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  if (!done) throw new Error("the browser does not copy");
}
