"""Generated answers and follow-up questions on the page: a real browser, a real endpoint."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import docx
import openpyxl
import pytest
import uvicorn
from corpora import build_index, open_retriever, write_corpus
from endpoints import Endpoint, running_endpoint

from reportqa.generate import openai_llm
from reportqa.prompt import Message
from reportqa.search import Retriever

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

BOX = "#question textarea"
QUESTION = "东山县2023年地区生产总值完成多少"
ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


@dataclass(slots=True)
class Site:
    """A running page whose model is named anew for each question."""

    url: str
    retriever: Retriever
    endpoint: Endpoint
    model: str = "say:x"
    held: threading.Event = field(default_factory=threading.Event)
    pause: float = 0.0  # seconds between two pieces
    seconds: float = 4.0  # for the whole

    def llm(self, messages: Sequence[Message]) -> Iterable[str]:
        """The endpoint's text; its end is held back until the test has seen the draft."""
        ask = openai_llm(
            self.model, base_url=self.endpoint.base_url, silence=2, seconds=self.seconds
        )
        for piece in ask(messages):
            yield piece
            time.sleep(self.pause)
        self.held.wait(10)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from reportqa.web.app import make_app

    folder: Path = tmp_path_factory.mktemp("generated")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    retriever = open_retriever(folder / "index")
    listening = socket.create_server(("127.0.0.1", 0))
    with running_endpoint() as endpoint:
        site = Site(f"http://127.0.0.1:{listening.getsockname()[1]}", retriever, endpoint)
        app = make_app(retriever, site.llm)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield site
        server.should_exit = True
        thread.join(10)
    listening.close()
    retriever.snapshot.close()


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    site.held.set()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
    context.close()


def ask(page: Page, question: str) -> None:
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_url(lambda url: quote(question) in url, wait_until="commit")


def number_of(site: Site, words: str) -> int:
    return next(h.rank for h in site.retriever.search(QUESTION) if words in h.passage.text)


def test_a_page_without_a_question_opens_quietly_and_answers_an_enter_at_once(
    site: Site, page: Page
) -> None:
    site.model = "http500:"
    joined: list[str] = []
    page.on("request", lambda r: joined.append(r.url) if "/queue/join" in r.url else None)
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    ask(page, QUESTION)  # one request: a stream that closes just then cannot lose it
    page.wait_for_selector(".generated, .note")
    assert len(joined) <= 2  # of the model alone: for the page that opened, for the answer
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    page.wait_for_timeout(1_000)
    assert page.inner_text("#result").strip() == ""


def test_a_generated_answer_is_marked_checked_and_leads_to_its_evidence(
    site: Site, page: Page
) -> None:
    n = number_of(site, "321.5亿元")
    good = f"2023年东山县地区生产总值完成321.5亿元[{n}]。"
    bad = f"{ATTACK}一般公共预算收入完成19.7亿元[{n}]。"
    site.model = f"say:{good}{bad}"
    site.held.clear()
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    ask(page, QUESTION)
    page.wait_for_selector(".draft:has-text('321.5亿元')")
    assert "尚未核对" in page.inner_text(".draft")
    assert "321.5亿元" in page.inner_text(".hit >> nth=0")  # what the reports say is there already
    site.held.set()
    page.wait_for_selector(".generated:not(.draft)")
    said = page.inner_text(".generated > p")
    assert said == good
    assert "生成" in page.inner_text(".generated .badge")
    assert "地区生产总值完成321.5亿元" in page.inner_text(".answer:not(.generated)")
    assert not page.locator(".removed li").first.is_visible()
    page.click(".removed summary")
    assert "含有链接，或对读者、对模型的指令" in page.inner_text(".removed li")
    assert page.evaluate("window.hacked") is None
    page.click(".generated .cite >> nth=0")
    assert page.evaluate("document.activeElement.id") == f"hit-{n}"


def test_a_generated_answer_is_taken_away_as_it_is_shown_and_marked(
    site: Site, page: Page, tmp_path: Path
) -> None:
    n = number_of(site, "321.5亿元")
    said = f"2023年东山县地区生产总值完成321.5亿元[{n}]。"
    site.model = f"say:{said}"
    page.goto(f"{site.url}/?q={quote(QUESTION)}")
    page.wait_for_selector(".generated:not(.draft)")
    site.model = "say:别的话。"  # asked again, it would be another
    files = {}
    for link in page.locator("#result .downloads a").all():
        with page.expect_download() as waiting:
            link.click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        files[path.suffix] = path
    record = json.loads(files[".json"].read_text("utf-8"))
    assert (record["answer"]["mode"], record["answer"]["text"]) == ("generated", said)
    marked = "注：由模型生成，已逐句核对"
    words = [p.text for p in docx.Document(str(files[".docx"])).paragraphs]
    assert said in words
    assert marked in words
    for ending in (".md", ".csv"):
        text = files[ending].read_text("utf-8-sig")
        assert "完成321.5亿元" in text
        assert marked in text
    cell = openpyxl.load_workbook(files[".xlsx"])["回答"]["C2"].value
    assert cell == f"{said}\n{marked}"
    assert "kept=" not in page.url


@pytest.mark.parametrize(
    ("model", "note"),
    [("break:半句话还没有说完就断了", "模型的文字中途断了"), ("http500:", "模型端点出错（500）")],
)
def test_where_the_model_fails_the_page_says_so_and_shows_what_the_reports_say(
    site: Site, page: Page, model: str, note: str
) -> None:
    site.model = model
    page.goto(f"{site.url}/?q={quote(QUESTION)}")
    page.wait_for_selector(".note")
    assert page.inner_text(".note") == f"{note}，以下是报告原文的摘录。"
    assert "321.5亿元" in page.inner_text(".answer")
    assert page.locator(".generated").count() == 0


def test_a_follow_up_is_understood_with_the_question_before_and_can_be_undone(
    site: Site, page: Page
) -> None:
    site.model = "http500:"
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    ask(page, QUESTION)
    page.wait_for_selector(".reply")
    ask(page, "西河市呢？")
    page.wait_for_selector(".rewritten")
    said = page.inner_text(".rewritten")
    assert said.startswith("按上一个问题理解为：西河市2023年地区生产总值完成多少？")
    assert "1580亿元" in page.inner_text(".answer:not(.generated)")
    address = page.url
    page.goto("about:blank")
    page.goto(address)  # the address holds what the question followed
    page.wait_for_selector(".rewritten")
    page.click(".rewritten a")
    page.wait_for_selector(".rewritten", state="detached")
    assert "after=" not in page.url
    assert page.input_value(BOX) == "西河市呢？"


def test_a_question_that_stands_alone_is_not_touched(site: Site, page: Page) -> None:
    site.model = "http500:"
    page.goto(f"{site.url}/?q={quote(QUESTION)}")
    page.wait_for_selector(".reply")
    ask(page, "西河市粮食总产量是多少？")
    page.wait_for_selector(".reply:has-text('212万吨')")
    assert page.locator(".rewritten").count() == 0
    assert "after=" not in page.url
