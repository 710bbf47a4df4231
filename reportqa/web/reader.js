// Moves about in a report: find within, from evidence to evidence, outline, terms, a link to each
// sentence. Dark where the visitor's system is (or ?__theme= says so); the way back leads to what
// was asked. Nothing here is needed to read.

const root = document.documentElement;
const address = new URLSearchParams(location.search);
const theme = address.get("__theme");
const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
root.classList.toggle("dark", dark);
root.classList.add("js");

const NARROW = matchMedia("(max-width: 899px)"); // as in reader.css
const READING_LINE = 0.38; // of the window's height: a little under where a sentence is opened
const AFTER_TYPING = 150; // milliseconds

const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

function setAddress(query, hash) {
  const asked = query.toString();
  history.replaceState(null, "", location.pathname + (asked ? `?${asked}` : "") + hash);
}

function say(text) {
  one("#said").textContent = text;
}

// Scrolls so that what lies at this height of the window comes to the reading line.
function bring(top) {
  scrollTo({ top: scrollY + top - innerHeight * 0.36, behavior: "instant" });
}

// Find within

// Letters without case, width or white space, each with the node and offset it stands at.
function fold(text) {
  return [...text.normalize("NFKC").toLowerCase()].filter((char) => !/\s/.test(char));
}

function readBlocks() {
  return all("#text :is(h1, h2, h3, h4, h5, h6, p):not(.facts, .colophon)").map((block) => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    const chars = [];
    const places = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      let at = 0;
      for (const char of node.data) {
        for (const folded of fold(char)) {
          chars.push(folded);
          places.push([node, at, at + char.length]);
        }
        at += char.length;
      }
    }
    return { chars, places };
  });
}

function findIn({ chars, places }, wanted) {
  const ranges = [];
  for (let i = 0; i + wanted.length <= chars.length; i++) {
    if (!wanted.every((char, j) => chars[i + j] === char)) continue;
    const last = i + wanted.length - 1;
    const range = document.createRange();
    range.setStart(places[i][0], places[i][1]);
    range.setEnd(places[last][0], places[last][2]);
    ranges.push(range);
    i = last;
  }
  return ranges;
}

function setUpFind() {
  const box = one("#find");
  const count = one("#found");
  const [previous, next] = all(".find button");
  let blocks = null;
  let hits = [];
  let current = -1;
  let sought = "";
  let timer = 0;

  const paint = () => {
    if (CSS.highlights) {
      CSS.highlights.set("found", new Highlight(...hits));
      CSS.highlights.set("found-now", new Highlight(...hits.slice(current, current + 1)));
    }
    previous.disabled = next.disabled = hits.length === 0;
    count.textContent = sought ? (hits.length ? `${current + 1}/${hits.length}` : "没有找到") : "";
  };
  const go = (step) => {
    if (!hits.length) return;
    current = (current + step + hits.length) % hits.length;
    bring(hits[current].getBoundingClientRect().top);
    paint();
  };
  const search = () => {
    clearTimeout(timer);
    sought = box.value.trim();
    const wanted = fold(sought);
    blocks ??= readBlocks();
    hits = wanted.length ? blocks.flatMap((block) => findIn(block, wanted)) : [];
    const top = one(".bar").offsetHeight;
    const ahead = hits.findIndex((hit) => hit.getBoundingClientRect().bottom > top);
    current = hits.length ? Math.max(0, ahead) : -1;
    const query = new URLSearchParams(location.search);
    if (sought) query.set("find", sought);
    else query.delete("find");
    setAddress(query, location.hash);
    paint();
    go(0);
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, AFTER_TYPING);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter ends an input method's word
    if (event.key === "Enter") {
      event.preventDefault();
      if (box.value.trim() !== sought) search();
      else go(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      box.value = "";
      search();
      one("#text").focus({ preventScroll: true });
    }
  });
  previous.addEventListener("click", () => go(-1));
  next.addEventListener("click", () => go(1));
  box.value = address.get("find") ?? "";
  if (box.value) search();
  else paint();
}

// From evidence to evidence

function setUpEvidence() {
  const steps = one("#evidence");
  if (!steps) return;
  const marks = ["here", ...all("mark[id]").map((_, i) => `here-${i + 1}`)]
    .map((id) => document.getElementById(id))
    .filter(Boolean); // best first, as the address names them
  const [previous, next] = steps.querySelectorAll("button");
  const count = steps.querySelector("a span");
  let current = Math.max(0, marks.findIndex((mark) => `#${mark.id}` === location.hash));
  const go = (step) => {
    current = (current + step + marks.length) % marks.length;
    count.textContent = `${current + 1}/${marks.length}`;
    marks.forEach((mark, i) => mark.classList.toggle("lit", i === current));
    steps.querySelector("a").href = `#${marks[current].id}`;
  };
  const step = (by) => {
    go(by);
    setAddress(new URLSearchParams(location.search), `#${marks[current].id}`);
    bring(marks[current].getBoundingClientRect().top);
  };
  previous.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  go(0);
}

// Outline

function setUpOutline() {
  const outline = one("#outline");
  const button = one("#to-outline");
  if (!outline) return;
  const links = [...outline.querySelectorAll("a")];
  const sections = links.map((link) => document.getElementById(link.hash.slice(1)));
  const show = (open) => {
    root.classList.toggle("outline-open", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) centre();
  };
  const centre = () => {
    const link = outline.querySelector("[aria-current]");
    if (!link) return;
    const top = link.offsetTop;
    const seen = outline.scrollTop;
    if (top < seen + 40 || top > seen + outline.clientHeight - 60)
      outline.scrollTop = top - outline.clientHeight / 3;
  };
  const point = (link) => {
    links.forEach((other) => other.removeAttribute("aria-current"));
    link?.setAttribute("aria-current", "location");
    centre();
  };
  let chosen = false; // a section short of the reading line stays current until one scrolls on
  let waiting = false;
  const follow = () => {
    waiting = false;
    if (chosen) return;
    const line = innerHeight * READING_LINE;
    const read = sections.findLastIndex((s) => s.getBoundingClientRect().top <= line);
    if (links[read] !== outline.querySelector("[aria-current]")) point(links[read]);
  };
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(follow);
  }, { passive: true });
  for (const kind of ["wheel", "touchmove", "keydown"])
    addEventListener(kind, () => (chosen = false), { passive: true });
  outline.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    chosen = true;
    point(link);
    if (NARROW.matches) show(false);
  });
  button.addEventListener("click", () => {
    show(!root.classList.contains("outline-open"));
    if (root.classList.contains("outline-open")) outline.focus();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.classList.contains("outline-open")) return;
    show(false);
    button.focus();
  });
  centre();
}

// Terms

function setUpTerms() {
  const box = one("#gloss");
  let shown = null;
  const hide = () => {
    box.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = null;
  };
  const place = () => {
    if (!shown) return;
    const at = shown.getBoundingClientRect();
    const left = Math.min(at.left, innerWidth - box.offsetWidth - 12);
    const below = at.bottom + 6;
    const fits = below + box.offsetHeight < innerHeight;
    box.style.left = `${Math.max(12, left)}px`;
    box.style.top = `${fits ? below : Math.max(12, at.top - box.offsetHeight - 6)}px`;
  };
  const show = (term) => {
    if (shown === term) return;
    hide();
    shown = term;
    box.textContent = term.dataset.meaning;
    box.hidden = false;
    term.setAttribute("aria-describedby", "gloss");
    place();
  };
  for (const term of all("dfn[title]")) {
    term.dataset.meaning = term.title; // the browser's own bubble would cover this one
    term.setAttribute("aria-description", term.title);
    term.removeAttribute("title");
    term.addEventListener("mouseenter", () => show(term));
    term.addEventListener("focus", () => show(term));
    term.addEventListener("blur", hide);
    term.addEventListener("mouseleave", (event) => {
      const kept = event.relatedTarget === box || document.activeElement === term;
      if (shown === term && !kept) hide();
    });
  }
  box.addEventListener("mouseleave", () => {
    if (document.activeElement !== shown) hide();
  });
  addEventListener("scroll", place, { passive: true });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
}

// A link to each sentence

function setUpSentences() {
  const tools = one("#chosen");
  const sentences = all("#text .s");
  let stop = sentences[0]; // the one that Tab reaches; arrows move on from it
  let chosen = null;
  const pieces = (sentence) => sentences.filter((s) => s.dataset.at === sentence?.dataset.at);
  const stopAt = (sentence) => {
    stop?.removeAttribute("tabindex");
    stop = sentence;
    stop?.setAttribute("tabindex", "0");
  };
  const choose = (sentence) => {
    for (const piece of pieces(chosen)) piece.classList.remove("chosen");
    chosen = sentence;
    tools.hidden = !sentence;
    say("");
    if (!sentence) return;
    for (const piece of pieces(sentence)) piece.classList.add("chosen");
    stopAt(sentence);
    const query = new URLSearchParams(sentence.dataset.at);
    if (theme) query.set("__theme", theme);
    setAddress(query, "#here");
  };
  one("#text").addEventListener("click", (event) => {
    const sentence = event.target.closest(".s");
    if (event.target.closest("a, dfn") || !getSelection().isCollapsed) return;
    if (sentence) choose(sentence);
  });
  one("#text").addEventListener("keydown", (event) => {
    if (event.target !== stop) return;
    if (event.key === "Enter") {
      choose(stop);
      one("#copy-link").focus();
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const next = sentences[sentences.indexOf(stop) + (event.key === "ArrowRight" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      stopAt(next);
      next.focus();
    }
  });
  const leave = () => {
    choose(null);
    stop?.focus({ preventScroll: true });
  };
  one("#copy-link").addEventListener("click", async () => {
    const link = new URL(`${location.pathname}?${chosen.dataset.at}#here`, location.origin).href;
    try {
      await copyText(link);
      say("链接已复制");
    } catch {
      say("浏览器不许复制：请从地址栏复制");
    }
  });
  one("#unchoose").addEventListener("click", leave);
  tools.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  stopAt(one("#here")?.closest(".s") ?? one("#here .s") ?? stop);
}

addEventListener("DOMContentLoaded", () => {
  const asked = sessionStorage.getItem("asked");
  if (asked?.includes("?")) one("a.back").href = asked;
  if (!one("#text")) return;
  setUpEvidence();
  setUpOutline();
  setUpTerms();
  setUpSentences();
  setUpFind();
});
