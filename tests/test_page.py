"""The page's HTML: nothing is lost, nothing unescaped gets in, every sentence can be opened."""

from __future__ import annotations

import ast
import html
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.errors import SnapshotError
from reportqa.records import Answer, Metadata, Reply, Span, Understanding
from reportqa.search import Retriever
from reportqa.web import compare_tab
from reportqa.web.address import Address, parse_address
from reportqa.web.cards import (
    basis_badge,
    escape,
    highlight,
    holdings_html,
    notice_html,
    paragraphs_html,
    reader_url,
)
from reportqa.web.compare_tab import comparison_shown
from reportqa.web.corpus_tab import corpus_shown
from reportqa.web.desk import Desk
from reportqa.web.evidence_cards import shared_words
from reportqa.web.examples import example_questions, place_name
from reportqa.web.figures_tab import figures_shown
from reportqa.web.reader import missing_html, reader_html
from reportqa.web.reply_card import chips_html, reply_html
from reportqa.web.shown import Page, explain_question, filter_choices
from reportqa.web.words import ENGLISH, Words

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="alert(2)"> [链](javascript:alert(3)) ${x} {{y}}'
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    reports = REPORTS | {"坏'\"&#?%.txt": f"{HOSTILE}\n\n一、情况\n今年{HOSTILE}完成了9个项目。"}
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def retriever(index: Path) -> Iterator[Retriever]:
    retriever = open_retriever(index)
    yield retriever
    retriever.snapshot.close()


def text_of(markup: str) -> str:
    """What a reader of the markup sees, without white space."""
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def tags_of(markup: str) -> set[str]:
    return set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", markup))


def attributes_of(markup: str) -> set[str]:
    """The names of all attributes, as a browser reads them."""
    names: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names.update(name for name, _ in attrs)

    Reader().feed(markup)
    return names


# Escaping


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ("\"x\" 'y'", "&quot;x&quot; &#x27;y&#x27;"),
        ("甲\u202e乙", "甲\ufffd乙"),
        ("a\u2066b\u200bc\x00d", "a\ufffdb\ufffdc\ufffdd"),
        ("一\n二\t三", "一\n二\t三"),
    ],
)
def test_escaped_text_is_only_text(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_a_hostile_report_and_question_bring_in_no_element(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address(f"{HOSTILE} 完成了多少项目")).html
    assert HOSTILE.replace(" ", "") in text_of(markup)
    assert tags_of(markup) & {"script", "img", "iframe", "svg"} == set()
    assert [name for name in attributes_of(markup) if name.startswith("on")] == []
    assert not re.search(r'href="(?!report/|/\?q=|export/answer\.[a-z]+\?q=)', markup)


def test_a_hostile_report_can_be_read(retriever: Retriever) -> None:
    report = retriever.snapshot.report("坏'\"&#?%")
    markup = reader_html(report, retriever.snapshot.sections(report.id))
    assert re.findall(r"<script[^>]*>", markup) == [
        '<script src="../copy.js">',
        '<script src="../reader.js">',
    ]
    assert "<img" not in markup
    assert "".join(report.text.split()) in text_of(markup)


def test_notices_and_missing_reports_are_escaped() -> None:
    assert "<img" not in notice_html("<img>", "<img>") + missing_html("<img>")


# Highlighting


def test_a_mark_covers_exactly_its_span_and_carries_its_id() -> None:
    marked = highlight("甲乙<丙丁", 10, [(Span(11, 14), "m")])
    assert marked == '甲<mark id="m">乙&lt;丙</mark>丁'


def test_a_mark_that_begins_earlier_has_its_id_there() -> None:
    assert highlight("丙丁", 12, [(Span(10, 13), "m")]) == "<mark>丙</mark>丁"


def test_marks_in_any_order_come_out_in_the_order_of_the_text() -> None:
    marked = highlight("甲乙丙丁", 0, [(Span(2, 4), "b"), (Span(0, 2), "a")])
    assert marked == '<mark id="a">甲乙</mark><mark id="b">丙丁</mark>'


def test_overlapping_marks_lose_no_text() -> None:
    assert text_of(highlight("甲乙丙丁", 0, [(Span(0, 3), "a"), (Span(1, 4), "b")])) == "甲乙丙丁"


def test_a_sentence_over_two_lines_is_marked_in_both_and_named_once() -> None:
    marked = paragraphs_html("\n甲乙。\n丙丁。", 5, [(Span(6, 13), "m")])
    assert marked == '<p><mark id="m">甲乙。</mark></p><p><mark>丙丁。</mark></p>'


def test_achieved_and_planned_differ_in_word_and_class() -> None:
    assert basis_badge("actual") == '<span class="basis actual">实际完成</span>'
    assert basis_badge("plan") == '<span class="basis plan">计划目标</span>'
    assert basis_badge(None) == ""


# Replies


def test_every_hit_is_a_card_with_title_path_evidence_and_a_way_to_the_report(
    retriever: Retriever,
) -> None:
    reply = ask(retriever, "改造老旧小区多少个")
    markup = reply_html(reply, "索引", Address())
    assert markup.count("<article") == len(reply.hits) == len(re.findall("to-reader", markup))
    first = reply.hits[0]
    card = markup[markup.index("<article") : markup.index("</article>")]
    assert f"《{first.passage.metadata.title}》" in markup[: markup.index("<article")]
    for heading in first.passage.section.headings:
        assert f"<li>{heading}</li>" in card
    marked = text_of("".join(re.findall(r"<mark.*?</mark>", card)))
    spans = sorted(first.evidence, key=lambda span: span.start)
    assert marked == "".join("".join(first.passage.quote(s).split()) for s in spans)
    assert "".join(first.passage.text.split()) in text_of(card)


def test_the_number_of_a_citation_leads_to_a_sentence_on_the_page(retriever: Retriever) -> None:
    markup = reply_html(ask(retriever, "一般公共预算收入完成多少"), "索引", Address())
    jumps = re.findall(r'data-jump="([^"]+)"', markup)
    assert jumps[0] == "hit-1-1"
    for name in jumps:
        assert markup.count(f' id="{name}"') == 1


def test_the_number_of_a_reports_own_note_is_not_taken_for_a_citation(
    retriever: Retriever,
) -> None:
    reply = ask(retriever, "一般公共预算收入完成多少")
    first = reply.answer.citations[0]
    note = replace(first, quote="[1]“低空经济”：是以低空飞行为核心的经济[2]形态。")
    answer = replace(reply.answer, text=f"{note.quote[:-1]}[1]", citations=(note,))
    markup = reply_html(replace(reply, answer=answer), "索引", Address())
    said = re.findall(r'<p class="statement">(.*?)<a', markup)
    assert [text_of(one) for one in said] == ["“低空经济”：是以低空飞行为核心的经济[2]形态"]
    assert "看原句" not in markup


def test_a_quote_below_a_generated_answer_has_no_mark_of_a_list_item(retriever: Retriever) -> None:
    reply = ask(retriever, "一般公共预算收入完成多少")
    item = replace(reply.answer.citations[0], quote="- 一般公共预算收入增长5%。")
    answer = replace(reply.answer, mode="generated", text="增长5%[1]。", citations=(item,))
    markup = reply_html(replace(reply, answer=answer), "索引", Address())
    assert "<p>一般公共预算收入增长5%。<a" in markup


def test_each_part_that_was_understood_is_a_chip_that_asks_without_it() -> None:
    read = Understanding((2022, 2023, 2024), ("武汉市江汉区",), ("山东",), "plan")
    markup = chips_html(read, Address("问", basis="plan"))
    assert text_of(markup) == "问题理解2022–2024年×武汉市江汉区×计划目标×没有山东的报告×"
    links = [parse_address(html.unescape(u)[1:]) for u in re.findall(r'href="([^"]+)"', markup)]
    assert [link.off for link in links] == [("year",), ("region",), ("basis",), ("region",)]
    assert re.findall(r'class="chip lacking"[^>]*>(\w+)', markup) == ["没有山东的报告"]
    assert {(link.question, link.basis) for link in links} == {("问", "plan")}
    again = chips_html(read, Address("问", off=("year",)))
    assert "2022–2024年＋" in text_of(again)
    assert 'aria-label="重新计入：2022–2024年"' in again
    spelt = chips_html(Understanding(spelt="问<b>"), Address("闻"))
    assert "按“问&lt;b&gt;”查找" in spelt
    assert "off=spelling" in spelt
    hostile = chips_html(Understanding(regions=("<img src=x>",)), Address())
    assert "<img" not in hostile
    assert chips_html(Understanding(), Address("问")) == ""


def test_what_is_switched_off_does_not_count_and_stays_a_chip(retriever: Retriever) -> None:
    question = "西河市地区生产总值是多少"
    first = Page(retriever).show(Address(question)).html
    again = Page(retriever).show(Address(question, off=("region",))).html
    assert "地区相符" in first
    assert "地区相符" not in again
    assert "西河市＋" in text_of(again)


def test_the_statement_is_large_and_its_sentence_at_hand(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address("东山县2023年竣工重点项目多少个")).html
    said = markup[markup.index('class="statement"') : markup.index('class="source"')]
    assert '<b class="figure">42个</b>' in said
    assert said.count("<b") == 1  # of the three figures of the sentence the one asked for
    assert "<blockquote>" in markup[markup.index('class="answer"') : markup.index("相关段落")]


def test_what_is_said_without_a_number_is_shown_too(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address("地区生产总值完成多少亿元？")).html
    said = text_of(markup[markup.index('class="answer"') : markup.index("相关段落")])
    assert "问题未写明地区，以上是2个地区各自的数字" in said


def test_of_a_row_the_figure_of_its_side_is_set_out(retriever: Retriever) -> None:
    question = "东山县和西河市2023年地区生产总值各是多少亿元？"
    markup = Page(retriever).show(Address(question)).html
    said = markup[markup.index('class="answer"') : markup.index("相关段落")]
    assert re.findall('<b class="figure">(.*?)</b>', said) == ["321.5亿元", "1580亿元"]


def test_what_is_estimated_is_so_in_the_answer_and_in_its_passage(tmp_path: Path) -> None:
    text = "一、2024年工作回顾\n全年完成造林18公顷。地区生产总值预计完成350亿元。"
    report = {"一.txt": f"东山县2025年政府工作报告\n\n{text}"}
    build_index(write_corpus(tmp_path / "corpus", report), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    for question, word in (("东山县地区生产总值", "预计完成"), ("东山县造林多少公顷", "实际完成")):
        markup = Page(retriever).show(Address(question)).html
        badges = re.findall(r'<span class="basis \w+">(.*?)</span>', markup)
        assert set(badges) == {word}
        assert len(badges) > 1
    retriever.snapshot.close()


def test_passages_stand_under_their_report_with_what_is_around_them(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address("改造老旧小区多少个")).html
    groups = re.findall(r'<section class="of-report">.*?</section>', markup)
    titles = [re.findall(r"<h3>《(.*?)》</h3>", group) for group in groups]
    assert all(len(names) == 1 for names in titles)
    assert len({names[0] for names in titles}) == len(groups)
    card = markup[markup.index('id="hit-1"') : markup.index("</article>")]
    around = re.findall(r'<details class="around">.*?</details>', card)
    assert [text_of(one)[:2] for one in around] == ["上文", "下文"]
    assert "项目建设全面提速" in around[0]
    assert "同词改造老旧小区" in text_of(card)


def test_words_shared_are_the_longest_stretches_in_the_order_of_the_question() -> None:
    text = "改造老旧小区23个，GDP增长"
    assert shared_words(["老旧小区改造", "GDP"], text) == ["老旧小区", "改造", "GDP"]
    assert shared_words(["绿地"], text) == []


def test_every_word_of_the_page_has_its_english() -> None:
    web = Path(__file__).parents[1] / "reportqa" / "web"
    call = re.compile(r"\b(?:say|CHINESE)\(\s*[\"']([^\"']+)[\"']")
    said = {text for path in web.glob("*.py") for text in call.findall(path.read_text("utf-8"))}
    assert len(said) > 40
    assert said - set(ENGLISH) == set()
    fields = re.compile(r"\{(\w+)")
    unlike = [c for c, e in ENGLISH.items() if set(fields.findall(c)) != set(fields.findall(e))]
    assert unlike == []


TABS = ("compare_tab", "figures_tab", "batch_tab", "corpus_tab", "tables", "chart")
"""The modules of the tabs beside the first."""


def texts_of(tree: ast.AST) -> set[str]:
    """The texts of a module that hold Chinese, but for docstrings and for errors, which say
    themselves in both languages."""
    left_out = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "QuestionError"
        for part in ast.walk(node)
    } | {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in left_out and re.search("[\u4e00-\u9fff]", node.value)
    }


@pytest.mark.parametrize("module", TABS)
def test_every_chinese_text_of_a_tab_has_its_english(module: str) -> None:
    web = Path(__file__).parents[1] / "reportqa" / "web"
    texts = texts_of(ast.parse((web / f"{module}.py").read_text("utf-8")))
    assert texts - set(ENGLISH) - {compare_tab.EXAMPLE} == set()
    assert texts_of(ast.parse('def f():\n    """说明"""\n    return "下载", f"共{n}项"')) == {
        "下载", "共", "项",
    }  # fmt: skip


def test_the_tabs_in_english_have_no_chinese_word_of_their_own(retriever: Retriever) -> None:
    english, desk = Words(english=True), Desk(retriever)
    shown = [
        comparison_shown(desk, "地区生产总值增长多少？", "region", [], "", english),
        comparison_shown(desk, "粮食总产量多少？", "year", ["2023", "2024"], "", english),
        comparison_shown(desk, "？？", "region", [], "", english),
        figures_shown(desk, "地区生产总值", [], [], "", english),
        figures_shown(desk, "灯塔", [], [], "", english),
        figures_shown(desk, "", [], [], "", english),
        corpus_shown(desk, "", english),
    ]
    seen = text_of(" ".join(shown)) + "".join(
        re.findall(r'(?:aria-label|data-label|placeholder)="([^"]*)"', " ".join(shown))
    )
    of_reports = {"地区", "年份", "报告", "指标"}  # words that reports and questions hold, too
    assert [word for word in ENGLISH if len(word) > 2 and word in seen] == []
    heads = set(re.findall(r"<th scope=\"col\">([^<]*)</th>", " ".join(shown)))
    assert heads & of_reports == set()
    assert {"Region", "Year spoken of", "Sentence", "Source", "Sense", "Passages"} <= heads
    assert "Achievedorestimated" in seen
    assert "Nothingfound" in seen


def test_the_page_in_english_has_no_chinese_word_of_its_own(retriever: Retriever) -> None:
    page, english = Page(retriever), Words(english=True)
    asked = page.show(Address("东山县2024年新增就业目标是多少", years=("2024",)), english).html
    refused = page.show(Address("生产总值", years=("1999",)), english).html
    seen = text_of(asked + refused + page.holdings(english))
    assert [word for word in ENGLISH if len(word) > 3 and word in seen] == []
    assert "Thereportsathanddonotanswerthis" in seen


def test_an_abstention_looks_like_one_and_says_why() -> None:
    reply = Reply("1", "问", (), Answer(None, True, "没有段落符合<条件>", "extractive", ()), 0.01)
    markup = reply_html(reply, "索引 x", Address())
    assert 'class="notice abstained"' in markup
    assert "没有段落符合&lt;条件&gt;" in markup
    assert "索引 x" in markup


def test_an_address_of_any_report_id_stays_one_path_segment() -> None:
    assert reader_url("甲/乙 #?&") == "report/%E7%94%B2%2F%E4%B9%99%20%23%3F%26"
    assert reader_url("a", 3, 9) == "report/a?start=3&end=9#here"


def test_the_reports_are_listed_and_the_rest_counted() -> None:
    one = Metadata("a", "<甲>", "东山县", None, "规划", None, None, "a.md")
    assert "《&lt;甲&gt;》" in holdings_html([one], 3)
    assert "其余 1 篇" in holdings_html([one] * 201, 3)


# The page's events


def test_the_address_repeats_question_and_filters() -> None:
    url = Address(
        "甲&乙=1", ("2021", "2024"), ("江汉区",), basis="plan", reports=("a",), off=("year",)
    ).url
    assert parse_qs(urlsplit(url).query) == {
        "q": ["甲&乙=1"],
        "year": ["2021", "2024"],
        "region": ["江汉区"],
        "basis": ["plan"],
        "report": ["a"],
        "off": ["year"],
    }


def test_how_readily_is_refused_is_asked_for_and_repeated(retriever: Retriever) -> None:
    question = "东山县改造老旧小区为什么停了？"
    strict, bold = (
        Page(retriever).show(Address(question, caution=c)).html for c in ("normal", "low")
    )
    assert "abstained" in strict
    assert "abstained" not in bold
    assert "caution=low" in bold
    assert "caution" not in Address(question).url
    assert parse_address("q=a&caution=high").caution == "high"
    assert parse_address("q=a&caution=reckless").caution == "normal"
    assert parse_address("q=a&caution=low").filtered


def test_an_answer_carries_the_address_that_asks_it_again(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address(" 生产总值 ", kinds=("政府工作报告",))).html
    url = re.search(r'data-url="([^"]+)"', markup)
    assert url
    assert html.unescape(url[1]) == Address("生产总值", kinds=("政府工作报告",)).url


def test_a_filter_that_matches_nothing_says_what_there_is(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address("生产总值", years=("1999",))).html
    assert "abstained" in markup
    assert "现有 3 篇报告" in markup
    assert "<article" not in markup


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("  ", "请先输入问题。"),
        ("问" * 2001, "问题有 2,001 个字，最多 2,000 个字：请缩短后再问。"),
        ("？！😀", "问题里没有文字：请用词语或句子提问。"),
    ],
)
def test_a_question_that_cannot_be_asked_is_explained(
    retriever: Retriever, question: str, said: str
) -> None:
    assert explain_question(question) == said
    markup = Page(retriever).show(Address(question)).html
    assert said in markup
    assert "refused" in markup


def test_filters_offer_what_there_is_with_counts(retriever: Retriever) -> None:
    years, regions, kinds, bases, reports, cautions = filter_choices(retriever.snapshot)
    assert [value for _, value in cautions] == ["high", "normal", "low"]
    assert years[0] == ("2024 年（2 篇）", "2024")
    assert ("东山县（1 篇）", "东山县") in regions
    assert ("政府工作报告（2 篇）", "政府工作报告") in kinds
    assert [value for _, value in bases] == ["", "actual", "plan"]
    assert re.fullmatch(r"计划目标（[1-9]\d* 段）", bases[2][0])
    assert ("西河市-2024" in dict(map(reversed, reports))) is True  # type: ignore[arg-type]


def test_large_counts_are_set_out_in_thousands(retriever: Retriever) -> None:
    many = SimpleNamespace(
        reports=retriever.snapshot.reports * 1000,
        passage_basis=np.ones(3474, dtype=np.int8),
        passage_report=np.zeros(3474, dtype=np.int64),
    )
    years, _, kinds, bases, reports, _ = filter_choices(many)  # type: ignore[arg-type]
    assert bases[1] == ("实际完成（3,474 段）", "actual")
    assert years[0] == ("2024 年（2,000 篇）", "2024")
    assert kinds[0][0].endswith("（2,000 篇）")
    assert any("（3,474 段）" in name for name, _ in reports)


def test_a_snapshot_that_cannot_be_opened_leaves_the_old_one_answering(
    index: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = open_retriever(index)
    monkeypatch.setattr("reportqa.search.current_generation", lambda folder: "damaged")

    def refuse(*args: object, **options: object) -> None:
        raise SnapshotError("vectors.faiss is cut short")

    monkeypatch.setattr("reportqa.search.open_snapshot", refuse)
    with caplog.at_level(logging.WARNING):
        markup = Page(retriever).show(Address("地区生产总值")).html
    assert "新的索引打不开" in markup
    assert "<article" in markup
    assert "vectors.faiss" not in markup
    assert "vectors.faiss is cut short" in caplog.text
    retriever.snapshot.close()


def test_a_new_snapshot_answers_the_next_question(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    build_index(corpus, index)
    retriever = open_retriever(index)
    page = Page(retriever)
    assert "磁悬浮" not in page.show(Address("磁悬浮线路")).html
    (corpus / "新.txt").write_text("北海市2025年政府工作报告\n\n磁悬浮线路建成3公里。\n", "utf-8")
    build_index(corpus, index)
    assert "磁悬浮线路建成3公里。" in text_of(page.show(Address("磁悬浮线路")).html)
    assert "北海市" in str(page.choices())
    retriever.snapshot.close()


# Examples


def test_examples_come_from_the_corpus_and_are_the_same_each_time(retriever: Retriever) -> None:
    examples = example_questions(retriever)
    assert examples == example_questions(retriever)
    assert 2 <= len(examples) <= 4
    assert len(set(examples)) == len(examples)
    assert all("东山县" in e or "西河市" in e or "《" in e for e in examples)


@pytest.mark.parametrize(
    ("region", "place"),
    [("武汉市江汉区", "江汉区"), ("湖北省", "湖北省"), ("全国", "全国"), (None, "《报告》里")],
)
def test_a_place_is_called_by_its_own_name(region: str | None, place: str) -> None:
    assert place_name(Metadata("a", "报告", region, None, "规划", None, None, "a.md")) == place
