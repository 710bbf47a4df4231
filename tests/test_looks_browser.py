"""How every view looks, to a machine: axe-core, zoom, focus, long words, shifting, motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from corpora import write_corpus
from looks import SCHEMES, SHAPES, Asked, open_window, views
from test_page_browser import Site, serving, site
from test_page_generated import QUESTION, number_of
from test_page_generated import Site as WrittenSite
from test_page_generated import site as written_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["site", "written_site"]  # the fixtures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

LOOKS = [(scheme, shape) for scheme in SCHEMES for shape in SHAPES]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    batch = tmp_path / "我的问题.txt"
    batch.write_text("改造老旧小区多少个\n？？\n", "utf-8")
    return Asked(
        question="西河市2023年地区生产总值是多少",
        both="东山县和西河市的地区生产总值分别是多少",
        absent="火星登陆计划预算多少亿元",
        compared="地区生产总值增长多少？",
        by="region",
        indicator="地区生产总值",
        batch=batch,
    )


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical, each with the elements concerned."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {part['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for part in one["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "shape"), LOOKS)
def test_axe_finds_nothing_serious_on_any_view(
    site: Site, browser: Browser, asked: Asked, scheme: str, shape: str
) -> None:
    with open_window(browser, shape, scheme) as page:
        found = {}
        for view in views(asked):
            view.open(page, site.url)
            found[view.name] = serious(page)
        assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(("scheme", "shape"), LOOKS)
def test_axe_finds_nothing_serious_in_what_a_model_writes(
    written_site: WrittenSite, browser: Browser, asked: Asked, scheme: str, shape: str
) -> None:
    n = number_of(written_site, "321.5亿元")
    written_site.model = f"say:2023年东山县地区生产总值完成321.5亿元[{n}]。另有一句没有依据。"
    written_site.held.clear()
    with open_window(browser, shape, scheme) as page:
        page.goto(f"{written_site.url}/?q={QUESTION}")
        page.wait_for_selector(".draft:has-text('321.5亿元')")
        drafted = serious(page)
        written_site.held.set()
        page.wait_for_selector(".generated:not(.draft)")
        page.click(".removed summary")
        assert (drafted, serious(page)) == ([], [])


# Room: twice as large, a narrow phone, long words

OVERFLOWING = """() => {
  const wide = [];
  const scrolled = (e) => e.closest(".drawing, #examples, .tab-container, .sr-only, [hidden]");
  for (const e of document.querySelectorAll("main *, .bar *, .reader *")) {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || scrolled(e)) continue;
    const style = getComputedStyle(e);
    if (style.visibility === "hidden" || style.clipPath !== "none") continue;
    if (e.closest("thead") && getComputedStyle(e.closest("thead")).clipPath !== "none") continue;
    if (box.right > innerWidth + 1 || box.left < -1) wide.push(e.outerHTML.slice(0, 120));
  }
  return [document.documentElement.scrollWidth - innerWidth, wide.slice(0, 5)];
}"""
OVERLAPPING = """() => {
  const parts = document.querySelectorAll(
    ".answer, .notice, .chips, .of-report > header, .hit > *, .said > *, .masthead > *, #question,"
    + "#submit, .sheet th, .sheet td, .bar > *, .chart > *, .downloads > *, .latest",
  );
  const clipped = (e) => getComputedStyle(e.closest("thead") ?? e).clipPath !== "none";
  const shown = [...parts].map((e) => [e, e.getBoundingClientRect()])
    .filter(([e, box]) => box.width > 1 && box.height > 1 && !clipped(e));
  const wrong = [];
  for (const [i, [a, one]] of shown.entries())
    for (const [b, two] of shown.slice(i + 1)) {
      if (a.contains(b) || b.contains(a)) continue;
      if (a.closest(".bar") !== b.closest(".bar")) continue; // which stays above the text
      const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (across > 1 && down > 1) wrong.push([a.outerHTML.slice(0, 90), b.outerHTML.slice(0, 90)]);
    }
  return wrong.slice(0, 5);
}"""
LETTERS = "Schifffahrtsgesellschaftsbeteiligung" * 4
LONG_TITLE = f"关于长河市{'国民经济和社会发展计划' * 8}{LETTERS}执行情况的报告"


@pytest.fixture(scope="module")
def long_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page whose report has a title, headings, sentences and a name longer than usual."""
    folder = tmp_path_factory.mktemp("long")
    text = (
        f"{LONG_TITLE}\n\n一、2024年{'工作回顾和' * 12}{LETTERS}\n"
        f"今年{LETTERS}完成地区生产总值123456789012345.678亿元，建成灯塔9座。\n"
        f"二、2025年{LETTERS}安排\n计划新建灯塔12座。\n"
    )
    rows = f"file,title,region,kind,year\n长.txt,{LONG_TITLE},{'长河市' * 12},计划报告,2025\n"
    corpus = write_corpus(folder / "corpus", {"长.txt": text, "metadata.csv": rows})
    with serving(corpus, folder / "index") as site:
        yield site


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(640, 450, 2), (320, 568, 2)], ids=["zoom", "narrow"]
)
def test_nothing_is_cut_or_overlaps_at_twice_the_size_and_on_a_narrow_phone(
    site: Site, browser: Browser, asked: Asked, width: int, height: int, scale: int
) -> None:
    window = {"viewport": {"width": width, "height": height}, "device_scale_factor": scale}
    page = browser.new_page(**window)  # type: ignore[arg-type]
    page.set_default_timeout(20_000)
    found = {}
    for view in views(asked):
        view.open(page, site.url)
        found[view.name] = [page.evaluate(OVERFLOWING), page.evaluate(OVERLAPPING)]
    page.close()
    assert {name: one for name, one in found.items() if one != [[0, []], []]} == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_long_titles_and_words_are_broken_and_not_cut(
    long_site: Site, browser: Browser, asked: Asked, shape: str
) -> None:
    long = replace(asked, question=f"{LETTERS}灯塔几座", absent=f"{LETTERS}火箭{LETTERS}预算多少")
    with open_window(browser, shape) as page:
        found = {}
        for view in views(long):
            if view.name in ("start", "answer", "abstention", "compare", "corpus", "reader"):
                view.open(page, long_site.url)
                found[view.name] = [page.evaluate(OVERFLOWING), page.evaluate(OVERLAPPING)]
        assert {name: one for name, one in found.items() if one != [[0, []], []]} == {}


def test_a_report_without_an_outline_has_the_width_for_its_text(
    long_site: Site, browser: Browser
) -> None:
    with open_window(browser, "desktop") as page:
        page.goto(f"{long_site.url}/report/{quote('长')}")
        assert page.locator(".outline").count() == 0
        assert page.locator("#text").bounding_box()["width"] == 720  # type: ignore[index]


# Focus

FOCUSED = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const style = getComputedStyle(e.closest(".wrap:has(> .wrap-inner)") ?? e);
  const box = e.getBoundingClientRect();
  const drawn = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none"
    || e.closest(".chart a") !== null;
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return [drawn && inside, e.outerHTML.slice(0, 150)];
}"""


def test_the_focus_is_seen_wherever_it_goes(site: Site, browser: Browser, asked: Asked) -> None:
    with open_window(browser, "desktop") as page:
        unseen, stops = [], {}
        for view in views(asked):
            view.open(page, site.url)
            page.evaluate("document.activeElement.blur()")
            for _ in range(40):
                page.keyboard.press("Tab")
                focused = page.evaluate(FOCUSED)
                if focused is None:
                    break
                stops[view.name] = stops.get(view.name, 0) + 1
                if not focused[0]:
                    unseen.append((view.name, focused[1]))
        assert unseen == []
        assert set(stops) == {view.name for view in views(asked)}
        assert sum(stops.values()) > 100


# Stillness

SHIFTS = """() => {
  window.shifted = 0;
  const drafted = ({ node }) =>
    !node || (node.closest ? node : node.parentElement).closest(".latest"); // lines in their box
  new PerformanceObserver((list) => {
    for (const one of list.getEntries())
      if (!one.hadRecentInput && !one.sources.every(drafted)) window.shifted += one.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""
HIT_TOP = "document.querySelector('#hit-1').getBoundingClientRect().top"
MOST_SHIFTED = 0.1  # what Web Vitals call good


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_moves_while_a_model_writes(
    written_site: WrittenSite, browser: Browser, shape: str
) -> None:
    n = number_of(written_site, "321.5亿元")
    sentence = f"2023年东山县地区生产总值完成321.5亿元[{n}]。"
    written_site.model = f"say:{sentence * 8}"
    written_site.pause, written_site.seconds = 0.1, 20.0
    written_site.held.clear()
    with open_window(browser, shape) as page:
        page.add_init_script(f"({SHIFTS})()")
        page.goto(written_site.url)
        page.wait_for_selector(".holdings")
        page.fill("#question textarea", QUESTION)
        page.press("#question textarea", "Enter")
        page.wait_for_selector(".draft")
        page.wait_for_timeout(600)  # what moves within half a second of a key is expected
        page.evaluate("window.shifted = 0")
        before = page.evaluate(HIT_TOP)
        tops, drafts = set(), set()
        while page.inner_text(".draft").count("321.5") < 7:
            drafts.add(page.inner_text(".draft"))
            tops.add(page.evaluate(HIT_TOP))
            page.wait_for_timeout(20)
        assert len(drafts) > 3
        assert page.locator(".latest p").last.evaluate(
            "e => e.getBoundingClientRect().bottom"
            " <= e.closest('.latest').getBoundingClientRect().bottom + 1"
        )  # the end is in sight
        assert tops == {before}
        assert page.evaluate("window.shifted") == 0
        written_site.held.set()
        page.wait_for_selector(".generated:not(.draft)")
        page.wait_for_timeout(300)
        assert page.evaluate("window.shifted") < MOST_SHIFTED


def test_little_moves_while_the_page_opens(site: Site, browser: Browser) -> None:
    with open_window(browser, "desktop") as page:
        page.add_init_script(f"({SHIFTS})()")
        for view, ready in (("", ".holdings"), ("?q=老旧小区", ".answer")):
            page.goto(f"{site.url}/{view}")
            page.wait_for_selector(ready)
            page.wait_for_timeout(1_000)
            assert page.evaluate("window.shifted") < MOST_SHIFTED


def test_nothing_is_animated_for_whoever_wants_no_motion(site: Site, browser: Browser) -> None:
    slow = """() => [...document.querySelectorAll("*")].filter((e) => {
      const style = getComputedStyle(e);
      const seconds = (text) => Math.max(...text.split(",").map(parseFloat));
      return seconds(style.transitionDuration) > 0.01
        || (style.animationName !== "none" && seconds(style.animationDuration) > 0.01);
    }).map((e) => e.outerHTML.slice(0, 100))"""
    with open_window(browser, "desktop") as page:
        page.goto(f"{site.url}/?q=老旧小区")
        page.wait_for_selector(".answer")
        assert page.evaluate(slow) == []
        page.emulate_media(reduced_motion="no-preference")
        assert page.evaluate(slow) != []  # so that the rule is what stops it
        page.emulate_media(reduced_motion="reduce")
        page.click("#hit-1 .to-reader")
        page.wait_for_selector("#here")
        assert page.evaluate(slow) == []
