"""Comparing, charts, files up and down, and the corpus, as a person does it in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import docx
import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from corpora import REPORTS, build_index, write_corpus
from test_page_browser import ATTACK, Site, serving, site, watched
from test_pointer import PLACES, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FileChooser, Page

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


def test_who_asks_for_the_highest_comes_to_a_ranking_and_its_sentences(
    browser: Browser, tmp_path: Path
) -> None:
    reports = {f"{place}.txt": report(place, *said) for place, said in PLACES.items()}
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    corpus = write_corpus(tmp_path / "corpus", reports)
    with serving(corpus, tmp_path / "index") as site:
        for page in watched(context, site):
            page.goto(f"{site.url}/?q=哪个城市GDP最高")
            page.click(".pointer a")
            page.wait_for_selector("#figure-result .ranking")
            assert page.input_value("#indicator textarea, #indicator input") == "地区生产总值"
            first = page.locator(".ranking ol.achieved").first
            assert first.locator(".place").all_inner_texts() == [
                "西河市", "南湖市", "北川县", "东山县",
            ]  # fmt: skip
            wrong = Axe().run(page).response["violations"]
            assert [one["id"] for one in wrong] == []
            first.locator("a").first.click()
            page.wait_for_selector("#here")
            assert "地区生产总值完成1200亿元" in page.inner_text("#here")
    context.close()


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
    assert page.locator("#batch-answers button:visible").count() == 0  # nothing to take away
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
    page.wait_for_selector("#batch-said .notice >> text=这份文件不能回答")  # before it is asked
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
    page.wait_for_selector("#corpus-result caption >> text=1 篇报告")  # as it was left
    field.fill("")
    page.wait_for_selector("#corpus-result caption >> text=3 篇报告")
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


def chinese_in(page: Page, name: str) -> list[str]:
    """What a tab says in Chinese of its own: not what comes from reports, or stands in quotes."""
    return page.evaluate(  # type: ignore[no-any-return]
        """(name) => {
          const own = [];
          const tab = document.querySelector(`#tab-${name}`);
          const quoted = "blockquote, td, tbody th, .legend li:not(.sense), .chart title, "
            + "figcaption";
          const walker = document.createTreeWalker(tab, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode())
            if (!node.parentElement.closest(quoted) && node.parentElement.checkVisibility())
              own.push(node.data);
          for (const part of tab.querySelectorAll("*"))
            for (const label of ["aria-label", "placeholder", "data-label"])
              if (!part.closest(".chart")) own.push(part.getAttribute(label) ?? "");
          return own.map((text) => text.replace(/“[^”]*”|e\\.g\\. .*|or 问题/g, ""))
            .filter((text) => /[\\u4e00-\\u9fff]/.test(text));
        }""",
        name,
    )


@pytest.fixture
def english(site: Site, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield from watched(context, site)
    context.close()


@pytest.mark.parametrize(
    ("address", "ready", "said"),
    [
        ("tab=compare&compare=粮食总产量是多少&by=region", "#compare-result .sheet", "Source"),
        ("tab=figures&indicator=地区生产总值", "#figure-result .chart", "amount"),
        ("tab=batch", "#batch-submit", "Answer them"),
        ("tab=corpus", "#corpus-result .sheet", "Embedding model"),
    ],
)
def test_a_tab_is_wholly_in_english_and_stays_so(
    english: Page, site: Site, address: str, ready: str, said: str
) -> None:
    name = re.findall(r"tab=(\w+)", address)[0]
    english.goto(f"{site.url}/?lang=en&{address}")
    english.wait_for_selector(f"{ready}:visible")
    english.wait_for_selector(f"#tab-{name} :text('{said}') >> nth=0")
    found = [t for t in chinese_in(english, name) if t not in ("亿元", "万吨")]  # units on an axis
    assert found == []
    assert "lang=en" in english.url
    english.click("#tab-ask-button")
    english.click(f"#tab-{name}-button")
    english.wait_for_url(f"**tab={name}**")
    assert "lang=en" in english.url


BAD_FILES = {
    "问题.pdf": (b"%PDF", "只能是", "read from"),
    "空.csv": (b"", "文件是空的", "It is empty"),
    "大.txt": (b"a" * (2**21 + 1), "文件超过 2 MB", "larger than 2 MB"),
    "码.txt": (bytes(range(128, 256)) * 9, "编码认不出来", "neither UTF-8"),
}


@pytest.mark.parametrize("lang", ["", "en"])
def test_a_file_that_is_not_taken_says_what_is_wrong_and_what_to_do(
    page: Page, site: Site, tmp_path: Path, lang: str
) -> None:
    page.goto(f"{site.url}/?tab=batch&lang={lang}")
    page.wait_for_selector(f"#batch-submit:has-text('{'Answer' if lang else '开始'}')")
    for name, (data, chinese, english) in BAD_FILES.items():
        (tmp_path / name).write_bytes(data)
        page.set_input_files("#batch-file input[type=file]", tmp_path / name)
        notice = page.locator("#tab-batch .notice:visible")
        notice.filter(has_text=english if lang else chinese).wait_for()
        assert notice.count() == 1
    assert page.locator(".toast-body").count() == 0  # Gradio has said nothing


def test_a_good_file_clears_what_was_said_of_a_bad_one(
    page: Page, site: Site, tmp_path: Path
) -> None:
    open_tab(page, site, "batch", "#batch-submit")
    for name, text in (("问题.doc", "x"), ("问题.txt", "改造老旧小区多少个")):
        (tmp_path / name).write_text(text, "utf-8")
        page.set_input_files("#batch-file input[type=file]", tmp_path / name)
        page.wait_for_selector(".notice:visible" if name.endswith("doc") else "#batch-said .note")
    assert page.locator("#tab-batch .notice:visible").count() == 0
    assert page.inner_text("#batch-said") == "读到 1 个问题。"


def test_a_file_that_is_dropped_is_refused_as_one_that_is_chosen(page: Page, site: Site) -> None:
    open_tab(page, site, "batch", "#batch-submit")
    page.locator("#batch-file button").first.evaluate(
        """(field) => {
          const files = new DataTransfer();
          files.items.add(new File(["x"], "问题.exe"));
          field.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true,
            dataTransfer: files }));
        }"""
    )
    page.wait_for_selector("#batch-refusals .notice:visible >> text=只能是")


@pytest.mark.parametrize("tab", ["compare", "figures"])
def test_a_link_of_a_table_finds_its_sentence_after_a_rebuild(
    page: Page, site: Site, tab: str
) -> None:
    asked = {
        "compare": f"compare={GDP}&by=region&of=西河市",
        "figures": "indicator=地区生产总值&place=西河市",
    }
    page.goto(f"{site.url}/?tab={tab}&{asked[tab]}")
    link = page.locator("#tab-" + tab + " tbody a").first
    address = link.get_attribute("href")
    assert address
    (site.corpus / "西河市-2024.md").write_text(
        REPORTS["西河市-2024.md"].replace("各位代表：", "各位代表：\n\n这是后来加上的一段话。"),
        "utf-8",
    )
    build_index(site.corpus, site.index)
    page.goto(f"{site.url}/{address}")
    assert "1580亿元" in page.inner_text("#here")
    assert "位置已变" in page.inner_text("body")
    write_corpus(site.corpus, {"西河市-2024.md": REPORTS["西河市-2024.md"]})
    build_index(site.corpus, site.index)


def test_a_citation_is_copied_where_the_browser_has_no_clipboard(page: Page, site: Site) -> None:
    """As over plain http from another machine."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"{site.url}/?q=改造老旧小区多少个&region=东山县")
    page.wait_for_selector("#hit-1 .copy")
    page.click("#hit-1 .copy >> nth=0")
    page.wait_for_selector("#hit-1 .copy:has-text('已复制')")
    wanted = page.get_attribute("#hit-1 .copy >> nth=0", "data-copy")
    page.focus("#question textarea")
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+V")
    assert page.input_value("#question textarea") == wanted
    assert page.evaluate("document.querySelectorAll('body > textarea').length") == 0


ROUND_TRIPS = [
    (
        "compare",
        {"compare": "地区生产总值", "by": "year", "of": ["2023", "2024"], "sense": "plan"},
        "#compare-result .sheet",
    ),
    (
        "figures",
        {"indicator": "地区生产总值", "place": ["东山县"], "spoken": ["2024"], "sense": "plan"},
        "#figure-result .sheet",
    ),
    ("corpus", {"words": "西河"}, "#corpus-result caption:has-text('1 篇')"),
    ("batch", {"passages": "9"}, "#batch-submit"),
]


@pytest.mark.parametrize(("tab", "asked", "ready"), ROUND_TRIPS)
def test_an_address_brings_back_what_a_tab_shows(
    page: Page, site: Site, tmp_path: Path, tab: str, asked: dict[str, object], ready: str
) -> None:
    page.goto(f"{site.url}/?{urlencode({'tab': tab, **asked}, doseq=True)}")
    page.wait_for_selector(f"{ready}:visible")
    page.wait_for_timeout(600)

    def state() -> tuple[list[str], str, str]:
        given = page.locator(f"#tab-{tab}").evaluate(
            """(tab) => [
              ...[...tab.querySelectorAll("textarea, input[type=number], input:not([type])")].map(
                (field) => field.value),
              ...[...tab.querySelectorAll("input:checked")].map((field) => field.value),
              ...[...tab.querySelectorAll(".token")].map((token) => token.innerText),
            ]"""
        )
        shown = page.locator(f"#tab-{tab} .sheet").all_inner_texts()
        return given, "".join(shown), page.url

    first = state()
    values = [
        one for given in asked.values() for one in (given if isinstance(given, list) else [given])
    ]
    for value in values:  # what the address holds is in the fields
        assert any(str(value) in one for one in first[0]), (value, first[0])
    if tab == "compare":
        assert [r.strip() for r in page.locator("tbody th").all_inner_texts()] == [
            "2023 年",
            "2024 年",
        ]
    page.goto("about:blank")
    page.goto(first[2])
    page.wait_for_selector(f"{ready}:visible")
    page.wait_for_timeout(600)
    assert state() == first


def test_switching_tabs_keeps_what_is_there_and_says_it_in_the_address(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.url}/?q=粮食总产量")
    page.wait_for_selector(".answer")
    asked = page.url
    page.click("#tab-compare-button")
    page.wait_for_url("**/?tab=compare")
    page.fill("#compare-question textarea", GDP)
    page.press("#compare-question textarea", "Enter")
    page.wait_for_selector("#compare-result .sheet")
    page.wait_for_url("**compare=**")
    compared = page.url
    page.click("#tab-ask-button")
    page.wait_for_url(asked)
    assert "212万吨" in page.inner_text(".answer")
    page.click("#tab-figures-button")
    page.wait_for_url("**/?tab=figures")
    page.click("#tab-compare-button")
    page.wait_for_url(compared)
    assert page.locator("#compare-result .sheet").is_visible()
    assert page.input_value("#compare-question textarea") == GDP
    page.go_back()
    page.wait_for_selector("#tab-figures-button[aria-selected=true]")
    page.wait_for_url("**/?tab=figures")


def test_examples_and_reports_stay_while_other_tabs_are_read(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector("#examples button:visible")
    page.click("#tab-corpus-button")
    page.wait_for_selector("#corpus-result .sheet:visible")
    page.click("#tab-ask-button")
    page.wait_for_selector("#examples button:visible")
    assert page.locator(".holdings").is_visible()


def test_an_unknown_tab_opens_the_first(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?tab=none")
    page.wait_for_selector(".holdings:visible")


def tab_to(page: Page, wanted: str, most: int = 60) -> None:
    """Press Tab until the element is reached."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached")


def outlined(page: Page) -> bool:
    """Whether what has the focus is seen to have it."""
    return bool(
        page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return style.outlineStyle !== "none" || style.boxShadow !== "none";
            }"""
        )
    )


def test_the_keyboard_alone_compares_and_charts_and_reads(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector(".holdings")
    page.wait_for_timeout(300)
    page.focus("#tab-ask-button")
    tab_to(page, "#tab-compare-button", 3)
    assert outlined(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#compare-question textarea:visible")
    tab_to(page, "#compare-question textarea")
    page.keyboard.type(GDP)
    tab_to(page, "#compare-by input[value=year]")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('#compare-by input:checked').value === 'year'")
    tab_to(page, "#compare-submit")
    assert outlined(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#compare-result .sheet")
    assert "by=year" in page.url
    tab_to(page, "#compare-result .sheet a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#here")
    page.goto(f"{site.url}/?tab=figures")
    page.wait_for_selector("#figure-submit:visible")
    page.wait_for_timeout(600)
    page.focus("#tab-figures-button")
    tab_to(page, "#indicator textarea, #indicator input")
    page.keyboard.type("地区生产总值")
    tab_to(page, "#figure-submit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#figure-result .chart")
    tab_to(page, "#figure-result .chart a")
    assert outlined(page)
    tab_to(page, "#figure-result .downloads a", 200)


def test_the_keyboard_alone_reaches_batch_and_reports(
    page: Page, site: Site, tmp_path: Path
) -> None:
    questions = tmp_path / "一问.txt"
    questions.write_text("改造老旧小区多少个\n", "utf-8")
    choosing: list[FileChooser] = []
    page.on(
        "filechooser", lambda one: choosing.append(one)
    )  # in time: from then on the browser tells of it
    open_tab(page, site, "batch", "#batch-submit")
    page.focus("#tab-batch-button")
    tab_to(page, "#batch-file button")
    assert outlined(page)
    assert page.evaluate("document.activeElement.ariaLabel") == "选择问题清单，或拖放到这里"
    for _ in range(5):  # the page may still be filling in its fields, and lose the key
        page.focus("#batch-file button")
        page.keyboard.press("Enter")
        page.wait_for_timeout(1000)
        if choosing:
            break
    choosing[0].set_files(questions)
    page.wait_for_selector("#batch-said >> text=读到 1 个问题")
    page.click("#batch-file button[aria-label='清除']")
    page.wait_for_selector("#batch-said >> text=读到", state="detached")
    page.focus("#tab-batch-button")
    tab_to(page, "#batch-k input")
    tab_to(page, "#batch-submit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#batch-said .notice >> text=还没有文件")
    page.focus("#tab-batch-button")
    tab_to(page, "#tab-corpus-button", 2)
    page.keyboard.press("Enter")
    page.wait_for_selector("#corpus-result .sheet:visible")
    tab_to(page, "#corpus-words textarea, #corpus-words input")
    page.keyboard.type("西河")
    page.wait_for_selector("#corpus-result caption >> text=1 篇报告")
    page.wait_for_url("**words=**")
    tab_to(page, "#corpus-result .sheet a")
    assert outlined(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#text")


def test_hostile_text_does_nothing_in_tables(page: Page, site: Site) -> None:
    for address in (
        f"?tab=compare&compare=灯塔几座{ATTACK}&by=region",
        "?tab=figures&indicator=灯塔",
        "?tab=corpus",
    ):
        page.goto(f"{site.url}/{address}")
        page.wait_for_selector(".sheet:visible, .notice:visible")
    assert page.evaluate("window.hacked") is None
