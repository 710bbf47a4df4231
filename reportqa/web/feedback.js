// Puts the buttons for feedback beside each answer and under each passage, whenever the page draws
// them, and sends what is said. Loaded only where the server keeps feedback.

const words = {
  zh: {
    ask: "这个回答有用吗？", up: "有用", down: "没有用", passage: "这是要找的段落",
    thanks: "已记下，谢谢", failed: "没有记下，请稍后再试",
  },
  en: {
    ask: "Was this useful?", up: "Yes", down: "No", passage: "This is the right passage",
    thanks: "Noted, thank you", failed: "Not noted; please try again",
  },
};
const say = () => words[document.documentElement.lang.startsWith("en") ? "en" : "zh"];

// What was asked: a follow-up as it was understood.
function questionOf(reply) {
  const rewritten = reply.querySelector(".rewritten strong")?.textContent;
  return rewritten || new URL(reply.dataset.url, location.href).searchParams.get("q") || "";
}

async function send(bar, reply, verdict, links, pressed) {
  for (const button of bar.querySelectorAll("button")) button.disabled = true;
  const evidence = [...new Set([...links].map((link) => link.href))].slice(0, 10);
  const status = bar.querySelector("[role=status]");
  try {
    const answer = await fetch("feedback", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question: questionOf(reply), verdict, evidence }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    pressed.setAttribute("aria-pressed", "true");
    status.textContent = say().thanks;
  } catch {
    status.textContent = say().failed;
    for (const button of bar.querySelectorAll("button")) button.disabled = false;
  }
}

function makeBar(question, choices) {
  const bar = document.createElement("div");
  bar.className = "feedback";
  bar.append(question);
  for (const [label, act] of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => act(bar, button));
    bar.append(button);
  }
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  bar.append(status);
  return bar;
}

function addBars() {
  for (const reply of document.querySelectorAll("#result .reply[data-url]")) {
    const said = [...reply.querySelectorAll(".answer, .notice.abstained")];
    const written = said.some((part) => part.matches(".draft"));
    if (said.length && !written && !reply.querySelector(".feedback.whole")) {
      const cited = () => reply.querySelectorAll(".answer a.cite");
      const bar = makeBar(say().ask, [
        [say().up, (bar, b) => send(bar, reply, "up", cited(), b)],
        [say().down, (bar, b) => send(bar, reply, "down", [], b)],
      ]);
      bar.classList.add("whole");
      said.at(-1).after(bar);
    }
    for (const foot of reply.querySelectorAll(".hit footer:not(:has(.feedback))")) {
      const links = () => foot.querySelectorAll(".to-reader");
      const act = (bar, b) => send(bar, reply, "passage", links(), b);
      foot.append(makeBar("", [[say().passage, act]]));
    }
  }
}

let waiting = false;
new MutationObserver(() => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    addBars();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
