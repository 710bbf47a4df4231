"""Every view of the page, and how a visitor comes to it: for the tests that look at all of them,
for docs/screenshots.py and for benchmarks/page.py.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from conftest import BROWSERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
SHAPES = {"desktop": (1280, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
DRAWN = """() => {
  const shown = document.querySelectorAll(".reply, .holdings, .notice, .sheet, .finished");
  for (const one of shown)
    for (let at = one; at; at = at.parentElement)
      if (Number(getComputedStyle(at).opacity) < 1) return false;
  return document.fonts.status === "loaded";
}"""  # Gradio lets a result shine through while it is awaited


@contextmanager
def open_window(browser: Browser, shape: str, scheme: str = "light") -> Iterator[Page]:
    """An empty page as wide as a desk's or a phone's, light or dark, in which nothing moves."""
    width, height = SHAPES[shape]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        locale="zh-CN",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a corpus so that every view has something to show."""

    question: str
    both: str  # a comparison of two places or years
    absent: str  # what the corpus does not answer
    compared: str
    by: str  # place or year, whichever the corpus has more of
    indicator: str
    batch: Path  # a file of questions


@dataclass(frozen=True, slots=True)
class View:
    """A view by name: its address, what is there once it is drawn, and what to do for it."""

    name: str
    address: str
    ready: str
    act: Callable[[Page], None] | None = None

    def open(self, page: Page, url: str) -> None:
        """Come to the view and wait until it has been drawn."""
        page.goto(f"{url}/{self.address}")
        page.wait_for_selector(f"{self.ready} >> visible=true")
        if self.act:
            self.act(page)
        page.wait_for_function(DRAWN)


def views(asked: Asked) -> list[View]:
    """All views but those that a model writes."""

    def with_file(page: Page) -> None:
        page.set_input_files("#batch-file input[type=file]", asked.batch)
        page.wait_for_selector(f"#batch-file >> text={asked.batch.stem}")

    def answered(page: Page) -> None:
        with_file(page)
        page.click("#batch-submit")
        page.wait_for_selector("#batch-answers a")

    def read(page: Page) -> None:
        page.click("#hit-1 .to-reader")
        page.wait_for_selector("#here")

    return [
        View("start", "", ".holdings"),
        View("answer", address(q=asked.question), ".answer"),
        View("filtered", address(q=asked.question, basis="actual", off="year"), ".answer"),
        View("both", address(q=asked.both), ".reply"),
        View("abstention", address(q=asked.absent), ".notice.abstained"),
        View("compare", address(tab="compare", compare=asked.compared, by=asked.by), ".sheet"),
        View("figures", address(tab="figures", indicator=asked.indicator), ".chart"),
        View("batch", "?tab=batch", "#batch-submit", with_file),
        View("batch-done", "?tab=batch", "#batch-submit", answered),
        View("corpus", "?tab=corpus", "#corpus-result .sheet"),
        View("reader", address(q=asked.question), ".to-reader", read),
    ]


def generated(asked: Asked) -> View:
    """The view of an answer that a model wrote."""
    return View("generated", address(q=asked.question), ".generated:not(.draft)")


def address(**query: str) -> str:
    """The part of an address behind the server's name."""
    return f"?{urlencode(query)}"


# For programs, which have no fixtures


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def serving_program(index: Path, *options: str, **variables: str) -> Iterator[str]:
    """The address of serve.py over an index, as long as the block lasts."""
    command = [sys.executable, "serve.py", "--index", str(index.resolve()), "--port", "0"]
    with subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    ) as program:
        assert program.stdout
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", program.stdout.readline())
            if not found:
                sys.exit("serve.py did not start")
            yield found[0]
        finally:
            program.terminate()
