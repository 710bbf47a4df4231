"""What a person does on the page, done by a real browser: ask, follow [n], read, go back, share."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from corpora import REPORTS, build_index, open_retriever, write_corpus

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [
    pytest.mark.browser,
    # Gradio's own statistics of its queue use what pandas has retired.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

ROOT = Path(__file__).parents[1]
ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>${window.hacked=1}'
BOX = "#question textarea"
OPAQUE = """() => {
  const shown = document.querySelector(".reply") ?? document.querySelector(".holdings");
  for (let at = shown; at; at = at.parentElement)
    if (getComputedStyle(at).opacity !== "1") return false;
  return true;
}"""  # Gradio lets a result shine through while it is awaited


@dataclass(frozen=True, slots=True)
class Site:
    """A running page and the folders it answers from."""

    url: str
    corpus: Path
    index: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    reports = REPORTS | {
        "坏.txt": f"北海市2024年政府工作报告\n\n一、{ATTACK}\n今年{ATTACK}灯塔9座。"
    }
    with serving(write_corpus(folder / "corpus", reports), folder / "index") as site:
        yield site


@contextmanager
def serving(corpus: Path, index: Path) -> Iterator[Site]:
    """The page over a corpus, as long as the block lasts."""
    from reportqa.web.app import make_app

    build_index(corpus, index)
    retriever = open_retriever(index)
    listening = socket.create_server(("127.0.0.1", 0))
    app = make_app(retriever)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", corpus, index)
    server.should_exit = True
    thread.join(10)
    listening.close()
    retriever.snapshot.close()


# Gradio holds a connection open; a page that is left or reloaded says that it was cut.
LEAVING = re.compile("signal is aborted|connection errored out|Connection errored", re.IGNORECASE)


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A desktop window whose errors fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    yield from watched(context, site)
    context.close()


def watched(context: BrowserContext, site: Site) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda r: None if is_local(r.url, site) else errors.append(r.url))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield page
    assert [error for error in errors if not LEAVING.search(error)] == []


def is_local(url: str, site: Site) -> bool:
    return url.startswith((site.url, "data:", "blob:"))


def ask(page: Page, question: str) -> None:
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_url(lambda url: quote(question) in url, wait_until="commit")


def test_enter_asks_and_the_address_asks_again(page: Page, site: Site) -> None:
    page.goto(site.url)
    ask(page, "改造老旧小区多少个")
    assert "改造老旧小区23个" in page.inner_text(".answer")
    assert page.locator("mark").first.is_visible()
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".answer")
    assert page.input_value(BOX) == "改造老旧小区多少个"
    assert "改造老旧小区23个" in page.inner_text(".answer")


def test_a_question_typed_while_the_page_opens_is_kept(page: Page, site: Site) -> None:
    page.goto(site.url, wait_until="commit")
    page.fill(BOX, "老旧小区")
    page.wait_for_selector(".holdings")
    assert page.input_value(BOX) == "老旧小区"


def test_the_page_opens_in_chinese_with_reports_and_examples_that_ask(
    page: Page, site: Site
) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == "问报告"
    assert page.locator(".holdings li").count() == 3
    example = page.locator("#examples button").first
    text = example.inner_text()
    example.click()
    page.wait_for_selector(".reply")
    assert page.input_value(BOX) == text


def test_a_number_leads_to_the_sentence_it_cites(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=一般公共预算收入")
    page.click(".cite >> nth=0")
    page.wait_for_selector("mark.lit")
    assert page.evaluate("document.activeElement.id") == "hit-1"
    assert "一般公共预算收入" in page.inner_text(".statement >> nth=0")
    assert "一般公共预算收入" in page.inner_text("mark.lit")


def test_the_reader_opens_at_the_sentence_and_leads_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=新增绿地多少公顷")
    page.wait_for_selector(".reply")
    address, wanted = page.url, page.inner_text("#hit-1 mark >> nth=0")
    page.click("#hit-1 .to-reader")
    page.wait_for_selector("#here")
    assert page.inner_text("#here").strip() in wanted
    top = page.evaluate("document.getElementById('here').getBoundingClientRect().top")
    assert 0 < top < 900
    assert page.locator(".outline [aria-current]").count() == 1
    page.reload()
    assert page.inner_text("#here").strip() in wanted
    page.click("a.back")
    page.wait_for_selector(".reply")
    assert page.url == address


def test_back_returns_to_the_question_before(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    ask(page, "老旧小区")
    ask(page, "粮食总产量")
    page.go_back()
    page.wait_for_function(f"document.querySelector('{BOX}')?.value === '老旧小区'")
    assert "老旧小区" in page.inner_text(".reply")


def test_filters_narrow_the_hits_and_go_into_the_address(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=地区生产总值&region=西河市&basis=actual")
    page.wait_for_selector(".reply")
    titles = set(page.locator(".of-report h3").all_inner_texts())
    assert titles == {"《西河市2024年政府工作报告》"}
    assert set(page.locator(".hit .basis").all_inner_texts()) == {"实际完成"}
    page.get_by_label("计划目标").check()  # asks at once
    page.wait_for_url("**basis=plan**")
    assert set(page.locator(".hit .basis").all_inner_texts()) == {"计划目标"}


def test_a_filter_by_report_is_kept_by_the_address(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=地区生产总值")
    page.wait_for_selector(".reply")
    assert not page.locator("#filters input").first.is_visible()  # folded while none is set
    page.click("#filters > button")
    page.get_by_label("报告", exact=True).click()
    page.get_by_role("option").filter(has_text="西河市2024年政府工作报告").click()
    page.wait_for_url("**report=**")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".reply")
    assert page.locator(".of-report h3").all_inner_texts() == ["《西河市2024年政府工作报告》"]
    assert page.get_by_label("报告", exact=True).is_visible()


def test_how_readily_is_refused_is_chosen_among_the_filters(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=东山县改造老旧小区为什么停了？&caution=high")
    page.wait_for_selector(".notice.abstained")
    assert page.get_by_label("严格").is_checked()
    page.get_by_label("宽松").check()  # asks at once
    page.wait_for_url("**caution=low**")
    page.wait_for_selector(".reply:not(:has(.abstained))")


def test_a_chip_switches_off_what_was_understood_and_on_again(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=西河市地区生产总值是多少")
    page.click(".chip:has-text('西河市')")
    page.wait_for_url("**off=region**")
    page.wait_for_selector(".chip.off")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".reply")
    assert page.locator(".chip.off").inner_text().split() == ["西河市", "＋"]
    assert page.input_value(BOX) == "西河市地区生产总值是多少"
    page.focus(".chip.off")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chip:not(.off)")
    assert "off=" not in page.url


def test_what_was_asked_is_kept_by_the_browser_asks_again_and_can_be_cleared(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.url}/?q={quote('老旧小区' + ATTACK)}")
    page.wait_for_selector(".reply")
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    ask(page, "粮食总产量")
    page.wait_for_selector(".reply")
    page.click(".history summary")
    asked = page.locator(".history li").all_inner_texts()
    assert asked == ["粮食总产量", "老旧小区" + ATTACK]
    assert page.evaluate("window.hacked") is None
    page.click(".history li >> nth=1")
    page.wait_for_function(f"document.querySelector('{BOX}').value.startsWith('老旧小区')")
    page.click(".history button")
    assert page.locator(".history").is_hidden()
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    assert page.locator(".history").is_hidden()


def test_what_stands_around_a_passage_unfolds_and_it_is_copied_with_its_source(
    page: Page, site: Site
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site.url}/?q=改造老旧小区多少个")
    page.wait_for_selector(".reply")
    before = page.locator("#hit-1 .around >> nth=0")
    assert not before.locator("p").first.is_visible()
    before.locator("summary").click()
    assert "项目建设全面提速" in before.inner_text()
    page.click("#hit-1 .copy >> nth=0")
    page.wait_for_selector("#hit-1 .copy:has-text('已复制')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "改造老旧小区23个" in copied
    assert "《2024年东山县政府工作报告》" in copied
    page.click("#hit-1 .copy:has-text('7714')")
    page.wait_for_selector("#hit-1 .copy:has-text('已复制') >> nth=1")
    assert "2024年东山县政府工作报告[R]" in page.evaluate("navigator.clipboard.readText()")


def test_what_is_not_there_yet_is_not_drawn_empty(page: Page, site: Site) -> None:
    page.route("**/gradio_api/**", lambda route: None)  # nothing the server would send comes
    page.goto(site.url)
    page.wait_for_selector("#submit")
    page.wait_for_timeout(300)
    assert page.locator("#examples button:visible").count() == 0
    page.unroute_all(behavior="ignoreErrors")
    page.goto(site.url)
    page.wait_for_selector("#examples button:visible >> nth=1")


def test_an_answer_is_taken_away_without_reading_to_the_end(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=改造老旧小区多少个")
    page.wait_for_selector("#result .downloads a")
    offered = page.locator("#result .downloads").bounding_box()
    first = page.locator("#hit-1").bounding_box()
    assert offered
    assert first
    assert offered["y"] < first["y"]


def test_a_filter_that_is_set_stands_in_one_line(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=改造老旧小区多少个&region=东山县")
    page.wait_for_selector("#filters .token")
    page.evaluate(
        "document.querySelector('#filters .token span').textContent = '哈尔滨市（12 篇）'"
    )
    boxes = page.locator("#filters .wrap-inner")
    heights = [boxes.nth(i).bounding_box()["height"] for i in range(2)]  # type: ignore[index]
    assert abs(heights[1] - heights[0]) < 12


def test_what_was_achieved_or_planned_is_chosen_in_one_line(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    page.click("#filters > button")
    labels = page.locator("#filters fieldset").first.locator("label:visible")
    labels.nth(2).wait_for()
    page.evaluate(  # as many as in a corpus of a hundred and fifty reports
        """() => { for (const one of document.querySelectorAll("#filters fieldset label span"))
             one.textContent = one.textContent.replace(/[0-9]+(?= 段)/, "8,363"); }"""
    )
    tops = [labels.nth(i).bounding_box()["y"] for i in range(3)]  # type: ignore[index]
    assert len(set(tops)) == 1


def test_the_page_speaks_english_where_its_address_says_so(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=西河市地区生产总值是多少")
    page.wait_for_selector(".reply")
    page.click("#masthead a")
    page.wait_for_url("**lang=en**")
    page.wait_for_selector(".chips:has-text('Understood')")
    assert page.inner_text("#submit") == "Ask"
    assert page.evaluate("document.documentElement.lang") == "en"
    ask(page, "粮食总产量")
    page.wait_for_selector(".part:has-text('Passages')")
    assert "lang=en" in page.url
    page.evaluate("document.documentElement.lang = 'zh-CN'")  # as Gradio does in such a browser
    page.wait_for_function("document.documentElement.lang === 'en'")


def test_a_number_stands_behind_its_last_word_on_the_same_line(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=改造老旧小区多少个")
    page.wait_for_selector(".statement .cite")
    alone = page.evaluate(
        """() => {
          const said = document.querySelector(".statement");
          const cite = said.querySelector(".cite");
          const last = document.createRange();
          const alone = [];
          for (let width = 200; width < 600; width++) {
            said.style.width = `${width}px`;
            last.setStartBefore(said.firstChild);
            last.setEndBefore(cite);
            const lines = [...last.getClientRects()];
            if (Math.abs(lines.at(-1).bottom - cite.getBoundingClientRect().bottom) > 8)
              alone.push(width);
          }
          return alone;
        }"""
    )
    assert alone == []


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
)
def test_axe_finds_nothing_serious(site: Site, browser: Browser, scheme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    views = (
        "",
        "?q=西河市2023年地区生产总值是多少&basis=actual",
        "?q=西河市生产总值&off=region",
        "?q=火星登陆计划预算多少亿元",
    )
    for page in watched(context, site):
        for view in views:
            page.goto(f"{site.url}/{view}")
            page.wait_for_selector(".reply" if view else ".holdings")
            page.wait_for_function(OPAQUE)
            found = Axe().run(page).response["violations"]
            serious = [
                (one["id"], [part["html"][:120] for part in one["nodes"]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == []
    context.close()


def test_the_keyboard_alone_suffices(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    page.focus(BOX)
    page.keyboard.type("老旧小区")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "提问"
    page.keyboard.press("Enter")
    page.wait_for_selector(".cite")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "cite":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("mark.lit")


def test_a_question_without_words_is_explained(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    page.fill(BOX, "？？")
    page.press(BOX, "Enter")
    page.wait_for_selector(".notice")
    assert "请用词语或句子提问" in page.inner_text(".notice")


def test_an_unexpected_failure_is_a_sentence_without_a_trace(
    browser: Browser,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = browser.new_page()  # one that may see the status 500

    def fail(*args: object, **named: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("reportqa.web.desk.ask_many", fail)
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    page.fill(BOX, "老旧小区")
    page.press(BOX, "Enter")
    page.wait_for_selector(".notice.failed")
    assert "服务器遇到意外问题" in page.inner_text("body")
    assert "secret detail" not in page.content()
    assert "secret detail" in capsys.readouterr().err
    page.close()


def test_hostile_text_does_nothing(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q={quote('灯塔几座' + ATTACK)}")
    page.wait_for_selector(".reply")
    assert ATTACK in page.inner_text(".reply")
    page.click("#hit-1 .to-reader")
    page.wait_for_selector("#here")
    assert ATTACK in page.inner_text("#text")
    assert page.evaluate("window.hacked") is None


def test_a_missing_report_is_a_page_that_leads_back(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    answer = page.goto(f"{site.url}/report/none%3Cb%3E")
    assert answer is not None
    assert answer.status == 404
    assert "none<b>" in page.inner_text("main")
    page.click("a.back")
    page.wait_for_selector(BOX)
    page.close()


def test_nothing_is_wider_than_a_phone(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    for page in watched(context, site):
        page.goto(f"{site.url}/?q=老旧小区&basis=actual")
        page.wait_for_selector(".reply")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.click("#hit-1 .to-reader")
        page.wait_for_selector("#here")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()


@pytest.mark.parametrize(("scheme", "light"), [("light", True), ("dark", False)])
def test_the_page_is_as_light_or_dark_as_the_system(
    site: Site, browser: Browser, scheme: str, light: bool
) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    for page in watched(context, site):
        for address in ("/?q=老旧小区", f"/report/{quote('东山县-2024')}"):
            page.goto(site.url + address)
            page.wait_for_selector(".reply, #text")
            paper = page.evaluate(
                "getComputedStyle(document.querySelector('.gradio-container, body.reading'))"
                ".backgroundColor"
            )
            assert (int(re.findall(r"\d+", paper)[0]) > 128) is light
    context.close()


def test_a_new_snapshot_is_taken_up_by_an_open_page(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    (site.corpus / "新.txt").write_text(
        "南江市2025年政府工作报告\n\n磁悬浮线路建成3公里。\n", encoding="utf-8"
    )
    build_index(site.corpus, site.index)
    ask(page, "磁悬浮线路")
    assert "磁悬浮线路建成3公里" in page.inner_text(".answer")


# The program


def run_serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "serve.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_taken_port_and_a_missing_index_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_serve("--index", str(tmp_path), "--port", port)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        rf"serve.py: cannot listen on 127.0.0.1 port {port} .*--port\n", done.stderr
    )
    done = run_serve("--index", str(tmp_path / "none"), "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"serve.py: .*none.*build_index.py.*\n", done.stderr)


# The real thing: model, index and serve.py over the shipped corpus


@pytest.fixture(scope="module")
def real(shipped_index: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    serve = [sys.executable, "serve.py", "--index", str(shipped_index), "--port", "0"]
    with subprocess.Popen(serve, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, line
        yield program, address[0]
        program.kill()


@pytest.mark.model
def test_the_shipped_reports_answer_on_the_page_and_the_server_ends_cleanly(
    real: tuple[subprocess.Popen[str], str], browser: Browser
) -> None:
    program, url = real
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    for page in watched(context, Site(url, ROOT, ROOT)):
        page.goto(url)
        page.wait_for_selector(".holdings")
        page.fill(BOX, "完成棚户区改造多少万平方米？")
        page.press(BOX, "Enter")
        page.wait_for_selector(".answer")
        assert "318.2万平方米" in page.inner_text(".answer")
        page.click(".hit:has-text('318.2万平方米') .to-reader")
        assert "318.2万平方米" in page.inner_text("#here")
    context.close()
    program.send_signal(signal.SIGTERM)
    assert program.wait(30) == 0  # seconds that a busy machine may need
