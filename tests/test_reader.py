"""The reader's HTML: nothing is lost, each sentence has its address, terms carry their meaning."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus

from reportqa.index import Snapshot
from reportqa.records import Metadata, Report, Section, Span
from reportqa.web.cards import reader_url
from reportqa.web.permalink import Place, find_places, fingerprint, read_range
from reportqa.web.reader import reader_html
from reportqa.web.terms import define_terms, find_terms

QUOTE = "新建公办幼儿园5所，新增学位1350个，改造老旧小区23个。"
GLOSSARY = """北川县2024年政府工作报告

一、2023年工作回顾
落实“双减”政策。持续推进“双减”，物业城市试点铺开，新增口袋公园9个。
二、2024年工作安排
继续落实“双减”，办好《双减》读本。

名词解释
1. “双减”：减轻学生<作业>负担、校外培训负担。
2. 物业 城市：委托"市场化"企业管理城市。
3. 口袋公园：规模很小的城市开放空间。
"""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("reader")
    reports = REPORTS | {"北川县-2024.txt": GLOSSARY}
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever.snapshot
    retriever.snapshot.close()


def read(snapshot: Snapshot, name: str, places: list[Place]) -> str:
    report, sections = snapshot.report(name), snapshot.sections(name)
    return reader_html(report, sections, places, snapshot.sentence_spans(name))


def text_of(markup: str) -> str:
    """What a reader of the markup sees, without white space."""
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def span_of(text: str, quote: str) -> Span:
    start = text.index(quote)
    return Span(start, start + len(quote))


@pytest.mark.parametrize("name", ["东山县-2024", "西河市-2024", "北川县-2024"])
def test_the_reader_shows_every_character_of_the_report_once(snapshot: Snapshot, name: str) -> None:
    markup = read(snapshot, name, [])
    assert "来源文件：" + name in markup  # the name alone, not where it lies on the server
    body = markup[markup.index('<p class="facts">') : markup.index('<p class="colophon">')]
    body = re.sub(r'<p class="facts">.*?</p>', "", body)
    assert text_of(body) == "".join(snapshot.report(name).text.split())


def test_the_reader_marks_the_sentence_and_its_place_in_the_outline(snapshot: Snapshot) -> None:
    place = span_of(snapshot.report("东山县-2024").text, "改造老旧小区23个")
    markup = read(snapshot, "东山县-2024", [Place(place)])
    assert '<mark id="here">改造老旧小区23个</mark>' in markup
    assert markup.count("<mark") == 1
    assert markup.count('aria-current="location"') == 1
    assert '<a href="#here">回到依据</a>' in markup


def test_several_ranges_are_numbered_in_the_order_of_the_address(snapshot: Snapshot) -> None:
    text = snapshot.report("东山县-2024").text
    spans = [span_of(text, q) for q in ("竣工42个", "改造老旧小区23个", "老旧小区23个。")]
    markup = read(snapshot, "东山县-2024", [Place(spans[1]), Place(spans[0]), Place(spans[2])])
    assert '<mark id="here">改造老旧小区23个</mark>' in markup
    assert '<mark id="here-2">竣工42个</mark>' in markup
    assert '<mark id="here-3">。</mark>' in markup  # the rest that does not overlap
    assert "依据 <span>1/3</span>" in markup


def test_each_sentence_carries_the_address_that_finds_it(snapshot: Snapshot) -> None:
    report = snapshot.report("东山县-2024")
    found = re.findall(r'<span class="s" data-at="([^"]*)">', read(snapshot, report.id, []))
    quotes = []
    for address in found:
        fields = parse_qs(html.unescape(address))
        quote = report.text[int(fields["start"][0]) : int(fields["end"][0])]
        assert fields["h"] == [fingerprint(quote)]
        quotes.append(quote)
    assert QUOTE in quotes
    assert "".join("".join(quotes).split()) == "".join(report.text.split())


# Addresses


def test_a_fingerprint_is_of_the_quote_without_white_space() -> None:
    digits = hashlib.sha256("改造老旧小区".encode()).hexdigest()[:12]
    assert fingerprint("改造 老旧\n小区 ") == digits == "784b704abb53"


def test_the_address_of_a_quote_carries_its_fingerprint() -> None:
    url = reader_url("a", 3, 9, "改造老旧小区", [(Span(20, 22), "竣工")])
    assert (
        url == f"report/a?start=3&end=9&h=784b704abb53&start=20&end=22&h={fingerprint('竣工')}#here"
    )
    assert reader_url("a", 3, 9) == "report/a?start=3&end=9#here"


def places_of(text: str, url: str) -> list[Place]:
    """Where an address leads in a text whose sentences end at 。 or a line feed."""
    ends = [m.end() for m in re.finditer("[。\n]", text)] + [len(text)]
    sentences = [Span(a, b) for a, b in zip([0, *ends], ends, strict=False) if a < b]
    fields = parse_qs(urlsplit(url).query)
    return find_places(text, sentences, *(fields.get(name, []) for name in ("start", "end", "h")))


BEFORE = "甲完成9个。乙完成8个。丙完成7个。"
HERE = reader_url("a", 6, 12, "乙完成8个。")


@pytest.mark.parametrize(
    ("text", "url", "place"),
    [
        (BEFORE, HERE, Place(Span(6, 12))),
        ("甲 完成9个。乙完成8个。", HERE, Place(Span(7, 13), "moved")),
        ("新。" + BEFORE, HERE, Place(Span(8, 14), "moved")),
        ("新。" + BEFORE, reader_url("a", 6, 18, BEFORE[6:18]), Place(Span(8, 20), "moved")),
        ("甲完成9个。\n乙 完成8个。", HERE, Place(Span(7, 14), "moved")),
        ("甲完成9个。乙完成5个。", HERE, Place(Span(6, 12), "gone")),
        ("甲。", HERE, Place(None, "gone")),
        ("乙。甲。乙。", reader_url("a", 3, 5, "乙。"), Place(Span(4, 6), "moved")),
        ("甲完成9个。乙完成5个。", reader_url("a", 6, 12), Place(Span(6, 12))),
        ("甲完成9个。", "report/a?start=0&end=2&h=xyz", Place(Span(0, 2))),
    ],
)  # fmt: skip
def test_a_quote_is_found_again_or_said_to_be_gone(text: str, url: str, place: Place) -> None:
    assert places_of(text, url) == [place]


class Counted(Sequence[Span]):
    """Sentences that count how often they are read from the first on."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans, self.passes = spans, 0

    def __iter__(self) -> Iterator[Span]:
        self.passes += 1
        return iter(self.spans)

    def __getitem__(self, index: Any) -> Any:
        return self.spans[index]

    def __len__(self) -> int:
        return len(self.spans)


def test_a_report_is_looked_through_once_for_all_the_quotes_that_it_lost() -> None:
    sentences = Counted([Span(at, at + 6) for at in range(0, len(BEFORE), 6)])
    lost = [f"{number:012x}" for number in range(19)]
    asked = [fingerprint("丙完成7个。"), *lost]
    places = find_places(BEFORE, sentences, ["0"] * 20, ["6"] * 20, asked)
    assert places[0] == Place(Span(12, 18), "moved")
    assert {place.state for place in places[1:]} == {"gone"}
    assert sentences.passes == 1


def test_what_is_no_range_leads_nowhere() -> None:
    assert places_of(BEFORE, "report/a?start=x&end=5") == []
    assert places_of(BEFORE, "report/a") == []
    assert len(places_of(BEFORE, "report/a?" + "start=0&end=2&" * 90)) == 20


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        ("3", "7", Span(3, 7)),
        ("3", "9999", Span(3, 10)),
        ("3", None, Span(3, 10)),
        (None, None, None),
        ("7", "3", None),
        ("99", "100", None),
        ("-1", "5", None),
        ("x", "5", None),
        ("9" * 5000, "5", None),
    ],
)
def test_the_range_of_an_address_is_cut_to_the_text(
    start: str | None, end: str | None, place: Span | None
) -> None:
    assert read_range(start, end, 10) == place


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([Place(Span(0, 9))], None),
        ([Place(Span(0, 9), "moved")], "位置已变：报告改动过，已按原文找到这句话。"),
        ([Place(None, "gone")], "原句已改动或删去：现在的报告里找不到引用的原话。"),
        (
            [Place(Span(0, 9)), Place(Span(9, 12), "moved"), Place(None, "gone")],
            "3处依据中，1处位置已变，已按原文找到；1处原句已改动或删去。",
        ),
    ],
)
def test_a_change_of_the_report_is_told(
    snapshot: Snapshot, places: list[Place], said: str | None
) -> None:
    told = re.findall(
        r'<p class="changed" role="status">(.*?)</p>', read(snapshot, "东山县-2024", places)
    )
    assert [text_of(one) for one in told] == ([said] if said else [])


def test_what_stands_in_place_of_a_lost_quote_is_not_marked(snapshot: Snapshot) -> None:
    place = span_of(snapshot.report("东山县-2024").text, "竣工42个")
    markup = read(snapshot, "东山县-2024", [Place(place, "gone")])
    assert "<mark" not in markup
    section = re.search(r'<a href="#(s\d+)">看原来所在的章节</a>', markup)
    assert section
    start = markup.index(f'<section id="{section[1]}"')
    assert "竣工42个" in markup[start : markup.index("</section>", start)]


# Terms


def test_the_first_use_of_a_term_in_a_section_carries_its_definition(snapshot: Snapshot) -> None:
    markup = read(snapshot, "北川县-2024", [])
    found = re.findall(r'<dfn tabindex="0" title="([^"]*)">(.*?)</dfn>', markup)
    double = "减轻学生&lt;作业&gt;负担、校外培训负担。"
    assert found == [
        (double, "“双减”"),
        ("委托&quot;市场化&quot;企业管理城市。", "物业城市"),
        ("规模很小的城市开放空间。", "口袋公园"),
        (double, "“双减”"),
    ]


@pytest.mark.parametrize(
    ("term", "forms"),
    [
        ("六稳", ["六稳"]),
        ("“双碳”", ["“双碳”"]),
        ("“三方”联席制度", ["“三方”联席制度"]),
        ("“专精特新”", ["“专精特新”", "专精特新"]),
        ("“两重”、“两新”", ["“两重”、“两新”", "“两重”", "“两新”"]),
        ("金种子、银种子", ["金种子、银种子", "金种子", "银种子"]),
        ("“一城、一区”", ["“一城、一区”", "一城、一区"]),
        ("“7+18+N”", ["“7+18+N”"]),
    ],
)
def test_a_term_is_known_in_the_forms_that_texts_use(term: str, forms: list[str]) -> None:
    text = f"1.{term}：就是这样。"
    body = len(text) - len("就是这样。")
    section = Section(0, len(text), body, ("名词解释", term), "notes", (), None)
    metadata = Metadata("r", "报告", None, None, "其他", None, None, "r.txt")
    assert list(define_terms(Report(metadata, text), [section])) == forms


def test_the_longer_of_two_terms_is_marked_and_blanks_do_not_hide_one() -> None:
    text = "推进物业 城市试点。"
    report = Report(Metadata("r", "报告", None, None, "其他", None, None, "r.txt"), text)
    section = Section(0, len(text), 0, (), "body", (), None)
    terms = {"物业": "管理。", "物业城市": "管理城市。"}
    assert find_terms(report, section, terms) == [(Span(2, 7), "管理城市。")]


def test_headings_of_notes_without_a_definition_define_nothing() -> None:
    text = "2025年十件实事\n一、养老。办好。"
    report = Report(Metadata("r", "报告", None, None, "其他", None, None, "r.txt"), text)
    sections = [
        Section(0, 10, 10, ("2025年十件实事",), "notes", (), None),
        Section(10, len(text), 15, ("2025年十件实事", "一、养老"), "notes", (), None),
    ]
    assert define_terms(report, sections) == {}
