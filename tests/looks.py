"""Every view of the page, and how a visitor comes to it: for the tests that look at all of them,
and for docs/screenshots.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHAPES = {"desktop": (1280, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
DRAWN = """() => {
  const shown = document.querySelectorAll(".reply, .holdings, .notice, .sheet, .finished");
  for (const one of shown)
    for (let at = one; at; at = at.parentElement)
      if (Number(getComputedStyle(at).opacity) < 1) return false;
  return document.fonts.status === "loaded";
}"""  # Gradio lets a result shine through while it is awaited


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
