// Runs once with `element`, the head of the page: its link leads to the same question in the other
// language.
element.addEventListener("click", (event) => {
  if (!event.target.closest("a")) return;
  event.preventDefault();
  const other = new URLSearchParams(location.search);
  if (other.get("lang") === "en") other.delete("lang");
  else other.set("lang", "en");
  location.search = other;
});
