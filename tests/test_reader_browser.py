"""What a person does in the reader, done by a real browser: find, step, look up, link, fold out."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import uvicorn
from corpora import build_index, open_retriever, write_corpus
from playwright.sync_api import expect

from reportqa.records import Span
from reportqa.web.cards import reader_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    # Gradio's own statistics of its queue use what pandas has retired.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

NAME = "长河市-2024"
TASKS = [
    ("一", "产业", "新引进亿元以上项目30个，力争高新技术企业突破120家。"),
    ("二", "交通", "改造农村公路60公里，打通断头路7条。"),
    ("三", "教育", "落实“双减”政策，新建公办幼儿园5所。"),
    ("四", "生态", "新增口袋公园9个，空气质量优良天数比例达到86%。"),
    ("五", "安居", "改造老旧小区23个，建成ＡＢ两个社区中心。"),
]
FILLER = "各项工作按计划推进，群众的获得感幸福感安全感不断增强。" * 14
REPORT = "\n".join(
    [
        "长河市2024年政府工作报告",
        "一、2023年工作回顾",
        *(f"（{n}）{name}工作\n{FILLER}\n{said}" for n, name, said in TASKS),
        "二、2024年工作安排",
        *(f"（{n}）抓好{name}\n{FILLER}\n{FILLER}" for n, name, _ in TASKS),
        "名词解释",
        "1. “双减”：减轻学生<作业>负担、校外培训负担。",
        "2. 口袋公园：规模很小的城市开放空间。",
    ]
)


@dataclass(frozen=True, slots=True)
class Site:
    """A running server and the folders it answers from."""

    url: str
    corpus: Path
    index: Path
    text: str

    def address(self, *quotes: str, find: str = "") -> str:
        """Of the report, opened at quotes."""
        at = self.text.index
        spans = [(Span(at(said), at(said) + len(said)), said) for said in quotes]
        if not spans:
            return f"{self.url}/{reader_url(NAME)}" + (f"?find={quote(find)}" if find else "")
        (span, first), *also = spans
        return f"{self.url}/{reader_url(NAME, span.start, span.end, first, also)}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from reportqa.web.app import make_site
    from reportqa.web.desk import Desk
    from reportqa.web.feedback import FeedbackFile

    folder = tmp_path_factory.mktemp("reading")
    corpus = write_corpus(folder / "corpus", {f"{NAME}.txt": REPORT})
    build_index(corpus, folder / "index")
    retriever = open_retriever(folder / "index")
    listening = socket.create_server(("127.0.0.1", 0))
    feedback = FeedbackFile(folder / "feedback.jsonl")
    guard = make_site(Desk(retriever), feedback=feedback).guard
    server = uvicorn.Server(uvicorn.Config(guard, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    text = retriever.snapshot.report(NAME).text
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", corpus, folder / "index", text)
    server.should_exit = True
    thread.join(10)
    listening.close()
    retriever.snapshot.close()


def open_window(browser: Browser, site: Site, **options: Any) -> Iterator[Page]:
    """A window whose errors, and requests to elsewhere, fail the test."""
    context = browser.new_context(locale="zh-CN", **options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith(site.url) else errors.append(r.url))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    yield from open_window(browser, site, viewport={"width": 1280, "height": 900})


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Page]:
    yield from open_window(browser, site, viewport={"width": 390, "height": 844})


def top_of(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top"))


# The text that is highlighted as the current hit, and where it stands in the window.
CURRENT = """() => { const [range] = CSS.highlights.get("found-now");
    return [range.toString(), range.getBoundingClientRect().top] }"""


# Find within


def test_find_counts_steps_and_goes_into_the_address(page: Page, site: Site) -> None:
    page.goto(site.address())
    page.fill("#find", "2024年")
    expect(page.locator("#found")).to_have_text("1/3")
    page.press("#find", "Enter")
    page.press("#find", "Enter")
    assert page.inner_text("#found") == "3/3"
    said, top = page.evaluate(CURRENT)
    assert said == "2024年"
    assert 60 < top < 900
    page.press("#find", "Enter")
    assert page.inner_text("#found") == "1/3"
    page.press("#find", "Shift+Enter")
    assert page.inner_text("#found") == "3/3"
    page.get_by_label("上一处", exact=True).click()
    assert page.inner_text("#found") == "2/3"
    assert page.url == site.address(find="2024年")
    page.reload()
    assert page.input_value("#find") == "2024年"
    assert page.inner_text("#found").endswith("/3")


def test_escape_ends_the_search(page: Page, site: Site) -> None:
    page.goto(site.address(find="公园"))
    assert page.inner_text("#found") == "1/2"
    page.press("#find", "Escape")
    assert page.input_value("#find") == ""
    assert page.url == site.address()
    assert page.evaluate("CSS.highlights.get('found').size") == 0
    assert page.evaluate("document.activeElement.id") == "text"


def test_find_sees_through_elements_case_width_and_blanks(page: Page, site: Site) -> None:
    page.goto(site.address(TASKS[2][2], find=""))
    page.fill("#find", "实“双减”政 策")
    page.press("#find", "Enter")
    assert page.inner_text("#found") == "1/1"
    page.fill("#find", "ab两个")
    page.press("#find", "Enter")
    assert page.evaluate(CURRENT)[0] == "ＡＢ两个"
    page.fill("#find", "没有这句")
    page.press("#find", "Enter")
    assert page.inner_text("#found") == "没有找到"
    assert page.get_by_label("下一处", exact=True).is_disabled()


# Evidence, outline


def test_evidence_after_evidence(page: Page, site: Site) -> None:
    page.goto(site.address(TASKS[4][2], TASKS[0][2]))
    assert page.inner_text("#evidence a") == "依据 1/2"
    assert 200 < top_of(page, "#here") < 600
    page.get_by_label("下一处依据").click()
    assert page.inner_text("#evidence a") == "依据 2/2"
    assert page.inner_text("mark.lit") == TASKS[0][2]
    assert 200 < top_of(page, "#here-2") < 600
    assert page.url.endswith("#here-2")
    page.get_by_label("下一处依据").click()
    assert page.inner_text("mark.lit") == TASKS[4][2]


def test_the_outline_follows_the_reading(page: Page, site: Site) -> None:
    page.goto(site.address())
    current = ".outline [aria-current]"
    page.locator("h3:has-text('交通工作')").evaluate("e => e.scrollIntoView()")
    expect(page.locator(current)).to_have_text("（二）交通工作")
    page.click(".outline a:has-text('抓好教育')")
    expect(page.locator(current)).to_have_text("（三）抓好教育")
    assert 0 < top_of(page, "h3:has-text('抓好教育')") < 200
    page.mouse.move(800, 500)
    page.mouse.wheel(0, -100_000)
    expect(page.locator(current)).to_have_text("（一）产业工作")


def test_the_outline_folds_out_on_a_phone(phone: Page, site: Site) -> None:
    phone.goto(site.address(TASKS[4][2]))
    assert not phone.locator("#outline").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("button", name="目录").click()
    assert "安居工作" in phone.inner_text(".outline [aria-current]")
    phone.keyboard.press("Escape")
    assert not phone.locator("#outline").is_visible()
    assert phone.evaluate("document.activeElement.id") == "to-outline"
    phone.keyboard.press("Enter")
    phone.click(".outline a:has-text('抓好生态')")
    assert not phone.locator("#outline").is_visible()
    assert 90 < top_of(phone, "h3:has-text('抓好生态')") < 300


# Terms


def test_a_term_is_explained_by_mouse_and_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.address())
    page.hover("dfn:has-text('口袋公园')")
    assert page.inner_text("#gloss") == "规模很小的城市开放空间。"
    page.keyboard.press("Escape")
    assert not page.locator("#gloss").is_visible()
    page.focus("dfn:has-text('“双减”')")
    assert page.inner_text("#gloss") == "减轻学生<作业>负担、校外培训负担。"
    described = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
    assert described == "gloss"
    page.keyboard.press("Tab")
    assert page.inner_text("#gloss") == "规模很小的城市开放空间。"


# A link to a sentence


def test_a_click_on_a_sentence_gives_its_link(page: Page, site: Site, browser: Browser) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site.address())
    page.click(".s:has-text('改造农村公路60公里')")
    page.get_by_role("button", name="复制本句链接").click()
    expect(page.locator("#said")).to_have_text("链接已复制")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url == site.address(TASKS[1][2])
    page.reload()
    assert page.inner_text("#here") == TASKS[1][2]


def test_the_keyboard_reaches_every_sentence(page: Page, site: Site) -> None:
    page.goto(site.address(TASKS[1][2]))
    page.focus(".s[tabindex]")
    assert page.evaluate("document.activeElement.innerText") == TASKS[1][2]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.innerText") == "（三）教育工作"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "copy-link"
    page.keyboard.press("Escape")
    assert not page.locator("#chosen").is_visible()
    assert page.evaluate("document.activeElement.innerText") == "（三）教育工作"


def test_a_link_survives_a_rebuild_and_says_what_changed(page: Page, site: Site) -> None:
    kept, lost = site.address(TASKS[4][2]), site.address(TASKS[0][2])
    page.goto(kept)
    assert page.locator(".changed").count() == 0
    path = site.corpus / f"{NAME}.txt"
    path.write_text(
        REPORT.replace("30个", "31个").replace("一、2023", "导言一句。\n一、2023"), encoding="utf-8"
    )
    build_index(site.corpus, site.index)
    page.goto(site.url + "/?q=老旧小区")  # a question takes up the new snapshot
    page.wait_for_selector(".reply")
    try:
        page.goto(kept)
        assert page.inner_text("#here") == TASKS[4][2]
        assert "位置已变" in page.inner_text(".changed")
        page.goto(lost)
        assert page.locator("#here").count() == 0
        assert "原句已改动或删去" in page.inner_text(".changed")
        page.click(".changed a")
        assert re.search("#s[0-9]+$", page.url)
    finally:
        path.write_text(REPORT, encoding="utf-8")
        build_index(site.corpus, site.index)
        page.goto(site.url + "/?q=幼儿园")
        page.wait_for_selector(".reply")


# Feedback, from the page


def test_feedback_from_the_page_gets_into_the_file(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=老旧小区")
    page.get_by_role("button", name="没有用").click()
    status = page.locator(".feedback.whole [role=status]")
    expect(status).to_have_text("已记下，谢谢")
    assert page.get_by_role("button", name="有用", exact=True).is_disabled()
    page.locator("#hit-1").get_by_role("button", name="这是要找的段落").click()
    expect(page.locator("#hit-1 [role=status]")).to_have_text("已记下，谢谢")
    lines = (site.index.parent / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
    down, passage = map(json.loads, lines)
    assert (down["question"], down["verdict"], down["evidence"]) == ("老旧小区", "down", [])
    assert passage["evidence"] == [{"doc": NAME, "quote": TASKS[4][2]}]


# For everyone


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
)
def test_axe_finds_nothing_serious(site: Site, browser: Browser, scheme: str, width: int) -> None:
    window = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    for page in open_window(browser, site, **window):
        page.goto(site.address(TASKS[4][2], TASKS[0][2]).replace("&h=", "&h=0&x="))
        assert serious(page) == []
        page.goto(site.address(TASKS[4][2], TASKS[0][2]))
        page.click(".s:has-text('打通断头路')")
        page.focus("dfn")
        assert page.locator("#gloss").is_visible()
        if width < 900:
            page.get_by_role("button", name="目录").click()
        assert serious(page) == []


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical, each with the elements concerned."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes'][:5]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
