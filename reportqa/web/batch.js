// Runs once with `element`, which holds a notice for each reason: a file that the server would refuse
// is refused before it is sent, and the reason stands on the page.

const whyNot = (file, { largest, kinds }) => {
  const name = file.name.toLowerCase();
  if (!kinds.split(" ").some((kind) => name.endsWith(kind))) return "kind";
  if (file.size > Number(largest)) return "large";
  return file.size ? "" : "empty";
};

const look = (event, files) => {
  if (!event.target.closest?.("#batch-file") || !files?.length) return;
  const box = element.querySelector(".refusal");
  const reason = whyNot(files[0], box.dataset);
  for (const notice of box.querySelectorAll("[data-refusal]"))
    notice.hidden = notice.dataset.refusal !== reason;
  if (!reason) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "change") event.target.value = ""; // the same file may be chosen again
  else event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
};

document.addEventListener("change", (event) => look(event, event.target.files), true);
document.addEventListener("drop", (event) => look(event, event.dataTransfer?.files), true);

// Gradio names its field in English only.
const name = () => {
  const field = document.querySelector("#batch-file button[aria-dropeffect]");
  const label = element.querySelector(".refusal").dataset.label;
  if (field && field.ariaLabel !== label) field.ariaLabel = label;
};
watch("value", name);
const tab = element.closest("#tab-batch") ?? document.body;
new MutationObserver(name).observe(tab, { childList: true, subtree: true });
name();
