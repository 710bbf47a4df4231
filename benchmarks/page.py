"""How heavy the page is, how soon it can be used, how soon it answers, and many visitors at once.

    python benchmarks/page.py QUESTIONS.jsonl [--index DIR] [--visitors 50] [--think 5]

In: questions, one JSON object a line, an index, and what the tests need (requirements-dev.txt, a
Chromium). Starts serve.py by itself. Out: a JSON object for each measurement, then the rows of
benchmarks/README.md.

- opening: from the navigation until the question box is there, and until all that the page fills
  in at opening is; requests and bytes over the wire, by a visitor who was never there before and by
  one who was.
- answer: from the key Enter until the frame after the answer is drawn, in Chromium.
- visitors: each asks by the page's own request (one POST a question), with a session of its own,
  reads for `--think` seconds on average, and asks again. The second time a model that takes seconds
  writes the answers of a fifth of the visitors, who wait for them in the page's queue.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from endpoints import running_endpoint
from looks import open_browser, serving_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BOX = "#question textarea"
TIMES = """() => {
  const first = {};
  const look = () => {
    if (document.querySelector("#question textarea")) first.box ??= performance.now();
    const example = document.querySelector("#examples button");
    if (document.querySelector(".holdings") && example?.innerText)
      first.filled ??= performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  window.first = first;
  const answered = (url) => {
    const reply = document.querySelector(".reply[data-url]");
    return reply && reply.dataset.url !== url;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const began = event.timeStamp;
    const before = document.querySelector(".reply[data-url]")?.dataset.url;
    window.painted = null;
    const watching = new MutationObserver(() => {
      if (!answered(before)) return;
      watching.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.painted = performance.now() - began)));
    });
    watching.observe(document, { childList: true, subtree: true, attributes: true });
  }, true);
}"""
WRITERS = 5  # one visitor in so many waits for the model


def quantile(times: Sequence[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))], 3)


# One visitor, in Chromium


def open_page(browser: Browser, url: str, repeats: int) -> Iterator[dict[str, Any]]:
    """The page opened anew, and again by the same visitor."""
    seen: dict[str, list[tuple[float, float, int, int]]] = {"never there": [], "was there": []}
    for _ in range(repeats):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        for found in seen.values():
            page = context.new_page()
            page.add_init_script(f"({TIMES})()")
            wire = page.context.new_cdp_session(page)
            wire.send("Network.enable")
            sizes: list[float] = []
            asked: list[str] = []
            wire.on("Network.loadingFinished", lambda e, s=sizes: s.append(e["encodedDataLength"]))
            page.on("request", lambda request, a=asked: a.append(request.url))
            page.goto(url)
            page.wait_for_function("window.first.filled")
            first = page.evaluate("window.first")
            page.wait_for_timeout(300)
            found.append((first["box"], first["filled"], len(asked), int(sum(sizes))))
            page.close()
        context.close()
    for who, found in seen.items():
        box, filled, requests, size = zip(*found, strict=True)
        times = [ms / 1000 for ms in filled]
        yield {
            "what": "opening",
            "visitor": who,
            "repeats": repeats,
            "box_p50": quantile([ms / 1000 for ms in box], 0.5),
            "filled_p50": quantile(times, 0.5),
            "filled_p95": quantile(times, 0.95),
            "requests": requests[0],
            "kilobytes": round(size[0] / 1000),
        }


def ask_page(browser: Browser, url: str, questions: Sequence[str]) -> dict[str, Any]:
    """Questions asked one after the other in a page; the first is the page's first."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(f"({TIMES})()")
    page.goto(url)
    page.wait_for_function("window.first.filled")
    times = []
    for question in questions:
        page.fill(BOX, question)
        page.press(BOX, "Enter")
        page.wait_for_function("window.painted")
        times.append(page.evaluate("window.painted") / 1000)
    page.close()
    return {
        "what": "answer",
        "questions": len(times),
        "first": round(times[0], 3),
        "p50": quantile(times, 0.5),
        "p95": quantile(times, 0.95),
        "worst": quantile(times, 1),
    }


# Many visitors, by the page's own requests


class Visitor:
    """One session: it asks, reads and asks again until the time is over."""

    def __init__(self, client: httpx.AsyncClient, events: dict[str, int], writes: bool) -> None:
        """`events` are the page's, by the name of what they call."""
        self._client, self._events, self._writes = client, events, writes
        self._session = uuid.uuid4().hex[:11]
        self._standing: str | None = None
        self.times: list[float] = []
        self.wrong: Counter[str] = Counter()
        self.written = 0

    async def visit(self, questions: Iterator[str], think: float, until: float) -> None:
        """Arrive at any time within the first pause."""
        await asyncio.sleep(random.uniform(0, think))
        while time.perf_counter() < until:
            await self._ask(next(questions))
            if self._writes:
                await self._wait_for_model()
            await asyncio.sleep(random.expovariate(1 / think) if think else 0)

    async def _ask(self, question: str) -> None:
        data = [question, [], [], [], "", [], "normal", self._standing]
        began = time.perf_counter()
        try:
            got = await self._client.post(
                "/gradio_api/run/predict", json=self._body("ask_it", data)
            )
            self.times.append(time.perf_counter() - began)
            got.raise_for_status()
            html = got.json()["data"][0]
            if 'class="reply"' not in str(html):
                self.wrong["no reply"] += 1
        except httpx.HTTPError as error:
            self.wrong[f"{type(error).__name__} {getattr(error, 'response', '')}"] += 1

    async def _wait_for_model(self) -> None:
        joined = await self._client.post(
            "/gradio_api/queue/join", json=self._body("write_it", [None])
        )
        if joined.status_code != 200:
            self.wrong[f"queue {joined.status_code}"] += 1
            return
        stream = self._client.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": self._session}
        )
        async with stream as lines:
            async for line in lines.aiter_lines():
                if '"process_completed"' in line:
                    self.written += 1
                if '"close_stream"' in line:
                    return

    def _body(self, event: str, data: list[Any]) -> dict[str, Any]:
        return {
            "data": data,
            "event_data": None,
            "fn_index": self._events[event],
            "trigger_id": None,
            "session_hash": self._session,
        }


async def many(
    url: str, questions: Sequence[str], given: argparse.Namespace, slow: bool
) -> dict[str, Any]:
    """All visitors for the time given."""
    limits = httpx.Limits(max_connections=given.visitors * 2)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        page = (await client.get("/config")).json()
        events: dict[str, int] = {}
        for event in page["dependencies"]:
            events.setdefault(event["api_name"], event["id"])
        visitors = [
            Visitor(client, events, slow and number % WRITERS == 0)
            for number in range(given.visitors)
        ]
        turn = itertools.cycle(random.sample(questions, len(questions)))
        began = time.perf_counter()
        until = began + given.seconds
        await asyncio.gather(*(one.visit(turn, given.think, until) for one in visitors))
        seconds = time.perf_counter() - began
    times = [took for one in visitors for took in one.times]
    wrong = sum((one.wrong for one in visitors), Counter[str]())
    return {
        "what": "visitors, a slow model beside" if slow else "visitors",
        "visitors": given.visitors,
        "think": given.think,
        "questions": len(times),
        "a_second": round(len(times) / seconds, 1),
        "p50": quantile(times, 0.5),
        "p95": quantile(times, 0.95),
        "worst": quantile(times, 1),
        "errors": dict(wrong),
        "written": sum(one.written for one in visitors),
    }


def row_of(found: dict[str, Any]) -> str:
    """A measurement as a row of the table."""
    if found["what"] == "opening":
        return (
            f"| page opened, visitor {found['visitor']} | {found['filled_p50']:.2f} s "
            f"(p95 {found['filled_p95']:.2f} s); {found['requests']} requests, "
            f"{found['kilobytes']:,} kB | ≤ 3 s |"
        )
    said = f"p50 {found['p50']:.2f} s, p95 {found['p95']:.2f} s, worst {found['worst']:.2f} s"
    if found["what"] == "answer":
        return f"| Enter to the answer painted, {found['questions']} questions | {said} | ≤ 1.0 s |"
    errors = sum(found["errors"].values())
    wrote = f", {found['written']} answers written" if found["written"] else ""
    return (
        f"| {found['visitors']} {found['what']}, {found['think']:g} s between questions "
        f"| {said}; {found['a_second']} a second, {errors} errors{wrote} | p95 < 2 s |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("questions", type=Path, help="JSON lines with a question each")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--think", type=float, default=5, help="seconds; 0: ask without a pause")
    parser.add_argument("--seconds", type=float, default=60, help="of each load")
    parser.add_argument("--repeats", type=int, default=10, help="openings, and twice as many asked")
    given = parser.parse_args()
    lines = given.questions.read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()]
    rows = []

    def tell(found: dict[str, Any]) -> None:
        print(json.dumps(found, ensure_ascii=False), flush=True)
        rows.append(row_of(found))

    with serving_program(given.index, "--rate", "0") as url:
        with open_browser() as browser:
            for found in open_page(browser, url, given.repeats):
                tell(found)
            tell(ask_page(browser, url, questions[: 2 * given.repeats]))
        tell(asyncio.run(many(url, questions, given, slow=False)))
    with running_endpoint() as endpoint:
        options = ["--rate", "0", "--llm", "slow:报告说得很清楚[1]。"]
        model = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "none"}
        with serving_program(given.index, *options, **model) as url:
            tell(asyncio.run(many(url, questions, given, slow=True)))
    print("\n| what | measured | bar |\n|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
