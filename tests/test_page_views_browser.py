"""Comparing, charts, files up and down, and the corpus, as a person does it in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import docx
import openpyxl
import pytest
from corpora import REPORTS, build_index, write_corpus
from test_page_browser import ATTACK, Site, site, watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["site"]  # the fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

GDP = "地区生产总值增长多少？"


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="zh-CN", accept_downloads=True
    )
    yield from watched(context, site)
    context.close()


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    yield from watched(context, site)
    context.close()


def open_tab(page: Page, site: Site, name: str, ready: str) -> None:
    """Open a tab, and wait until its fields have what the page fills in at opening."""
    page.goto(f"{site.url}/?tab={name}")
    page.wait_for_selector(ready)
    page.wait_for_timeout(600)


def download(page: Page, selector: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.click(selector)
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_question_is_set_side_by_side_and_leads_to_its_sentences(
    page: Page, site: Site, tmp_path: Path
) -> None:
    open_tab(page, site, "compare", "#compare-question textarea")
    page.fill("#compare-question textarea", GDP)
    page.press("#compare-question textarea", "Enter")
    page.wait_for_selector("#compare-result .sheet tbody tr")
    labels = page.locator("#compare-result tbody th").all_inner_texts()
    assert set(labels) >= {"东山县", "西河市"}
    row = page.locator("#compare-result tr", has_text="西河市").first
    assert "增长5.4%" in row.inner_text()
    address = page.url
    assert "compare=" in address
    table = download(page, "#compare-result .downloads a >> text=Excel", tmp_path)
    rows = list(openpyxl.load_workbook(table).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [r[0] for r in rows[1:]] == labels
    text = download(page, "#compare-result .downloads a >> text=CSV", tmp_path)
    cells = list(csv.reader(io.StringIO(text.read_text("utf-8-sig"))))
    assert [r[0] for r in cells[1:]] == labels
    row.locator("a").click()
    page.wait_for_selector("#here")
    assert "增长5.4%" in page.inner_text("#here")
    page.click("a.back")
    page.wait_for_selector("#compare-result .sheet")
    assert page.url == address
    assert page.input_value("#compare-question textarea") == GDP


def test_an_answer_is_downloaded_as_it_is_shown(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(f"{site.url}/?q=改造老旧小区多少个&region=东山县")
    page.wait_for_selector("#result .downloads a")
    word = download(page, "#result .downloads a >> text=Word", tmp_path)
    assert word.name == "改造老旧小区多少个.docx"
    assert any("改造老旧小区23个" in p.text for p in docx.Document(str(word)).paragraphs)
    record = json.loads(download(page, "#result .downloads a >> text=JSON", tmp_path).read_text())
    assert {hit["region"] for hit in record["hits"]} == {"东山县"}
    assert len(record["hits"]) == page.locator("#result .hit").count()


def test_a_gap_is_shown_as_one(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?tab=compare&compare=粮食总产量是多少万吨？&by=region")
    page.wait_for_selector("#compare-result .sheet tbody tr")
    row = page.locator("#compare-result tr", has_text="东山县").first
    assert "没有依据" in row.inner_text()
    assert "粮食总产量" in row.inner_text()


def test_an_indicator_is_a_chart_whose_points_open_their_sentence(
    page: Page, site: Site, tmp_path: Path
) -> None:
    open_tab(page, site, "figures", "#indicator textarea, #indicator input")
    field = page.locator("#indicator textarea, #indicator input").first
    field.fill("地区生产总值")
    field.press("Enter")
    page.wait_for_selector("#figure-result .chart svg a")
    assert page.locator(".chart .series.planned path").count() == 1
    assert page.locator("#figure-result tbody tr").count() >= 5
    files = download(page, "#figure-result .downloads a >> text=Excel", tmp_path)
    sheet = openpyxl.load_workbook(files)["数值"]
    assert ("地区生产总值", "321.5亿元", 321.5) in [
        r[:3] for r in sheet.iter_rows(values_only=True)
    ]
    point = page.locator(".chart .planned a").first
    assert "计划目标" in (point.get_attribute("aria-label") or "")
    point.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#here")
    assert "地区生产总值增长6.5%左右" in page.inner_text("#here")


def test_a_file_of_questions_comes_back_answered_in_every_format(
    page: Page, site: Site, tmp_path: Path
) -> None:
    questions = tmp_path / "我的问题.csv"
    questions.write_text('问题,部门\n改造老旧小区多少个,"=1+1"\n？？,丙\n粮食总产量,乙\n', "utf-8")
    open_tab(page, site, "batch", "#batch-submit")
    page.set_input_files("#batch-file input[type=file]", questions)
    page.wait_for_selector("#batch-file >> text=我的问题")
    page.click("#batch-submit")
    page.wait_for_selector(".finished")
    assert "已回答 2 个问题，1 行不能提问" in page.inner_text(".finished")
    page.wait_for_selector("#batch-answers a")
    got = {}
    for link in page.locator("#batch-answers a").all():
        with page.expect_download() as waiting:
            link.click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        got[path.suffix] = path
    assert sorted(got) == [".csv", ".docx", ".jsonl", ".md", ".xlsx"]
    records = [json.loads(line) for line in got[".jsonl"].read_text("utf-8").splitlines()]
    assert [record["question"] for record in records] == ["改造老旧小区多少个", "粮食总产量"]
    sheet = openpyxl.load_workbook(got[".xlsx"])["回答"]
    assert [cell.value for cell in sheet[1]][:3] == ["编号", "问题", "部门"]
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("=1+1", "s")
    assert "改造老旧小区23个" in got[".md"].read_text("utf-8")
    assert any("212万吨" in p.text for p in docx.Document(str(got[".docx"])).paragraphs)
    assert "'=1+1" in got[".csv"].read_text("utf-8-sig")


def test_a_file_that_holds_no_question_is_explained(page: Page, site: Site, tmp_path: Path) -> None:
    wrong = tmp_path / "表.csv"
    wrong.write_text("甲,乙\n1,2\n", "utf-8")
    open_tab(page, site, "batch", "#batch-submit")
    page.click("#batch-submit")
    page.wait_for_selector("#batch-said .notice >> text=还没有文件")
    page.set_input_files("#batch-file input[type=file]", wrong)
    page.wait_for_selector("#batch-file >> text=表")
    page.click("#batch-submit")
    page.wait_for_selector("#batch-said .notice >> text=这份文件不能回答")
    said = page.inner_text("#batch-said")
    assert "“问题”" in said
    assert "/tmp" not in said


def test_no_file_outside_can_be_fetched(page: Page, site: Site) -> None:
    page.goto(site.url)
    for path in ("/etc/passwd", f"{site.index}/CURRENT", f"{site.corpus}/坏.txt", "pyproject.toml"):
        answer = page.request.get(f"{site.url}/gradio_api/file={path}")
        assert answer.status in (403, 404), path


def test_what_is_too_large_is_refused(page: Page, site: Site) -> None:
    page.goto(site.url)
    for size, wanted in ((2**21 + 2**17, 413), (1000, 200)):
        files = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a" * size}
        answer = page.request.post(f"{site.url}/gradio_api/upload", multipart={"files": files})
        assert answer.status == wanted


def test_the_corpus_is_listed_and_a_new_snapshot_is_announced(page: Page, site: Site) -> None:
    open_tab(page, site, "corpus", "#corpus-result .sheet")
    assert "东山县" in page.inner_text("#corpus-result")
    before = page.inner_text("#corpus-result .about")
    assert "fake（64 维）" in before
    field = page.locator("#corpus-words textarea, #corpus-words input").first
    field.fill("西河")
    page.wait_for_selector("#corpus-result caption >> text=1 篇报告")
    page.click("#corpus-result tbody a")
    page.wait_for_selector("#text")
    page.go_back()
    page.wait_for_selector("#corpus-result .sheet")
    text = REPORTS["东山县-2024.txt"].replace("2024年东山县", "2024年南湖县")
    added = write_corpus(site.corpus, {"南湖县-2024.txt": text})
    build_index(added, site.index)
    page.wait_for_selector("#corpus-news .news", timeout=40_000)
    assert "已换用新的索引" in page.inner_text("#corpus-news")
    page.wait_for_selector("#corpus-result >> text=南湖县")


@pytest.mark.parametrize(
    "address",
    [
        "?tab=compare&compare=地区生产总值增长多少&by=region",
        "?tab=figures&indicator=地区生产总值",
        "?tab=batch",
        "?tab=corpus",
    ],
)
def test_a_phone_shows_each_tab_whole(phone: Page, site: Site, address: str) -> None:
    phone.goto(f"{site.url}/{address}")
    ready = {"compare": ".sheet", "figures": ".chart", "batch": "#batch-submit"}
    name = re.findall(r"tab=(\w+)", address)[0]
    phone.wait_for_selector(f"{ready.get(name, '#corpus-result .sheet')}:visible")
    phone.wait_for_timeout(300)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_hostile_text_does_nothing_in_tables(page: Page, site: Site) -> None:
    for address in (
        f"?tab=compare&compare=灯塔几座{ATTACK}&by=region",
        "?tab=figures&indicator=灯塔",
        "?tab=corpus",
    ):
        page.goto(f"{site.url}/{address}")
        page.wait_for_selector(".sheet:visible, .notice:visible")
    assert page.evaluate("window.hacked") is None
