"""The heading grammar by fixture files, one a rule, each with its expected outline beside it.

A fixture is a report's paragraphs; # and ** in it become marks, as normalisation would leave them.
An outline has a line for each section: role, heading path, basis, years, first words of the text.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportqa.headings import RULES
from reportqa.records import Mark, Metadata, Report, Section
from reportqa.sections import split_sections

DATA = Path(__file__).parent / "data" / "sections"
CORPUS = Path(__file__).parent.parent / "corpus"


def make_report(text: str, name: str = "fixture", date: str | None = None) -> Report:
    lines, marks, at = [], [], 0
    for raw in text.strip().split("\n"):
        depth = len(raw) - len(raw.lstrip("#"))
        line = raw.lstrip("#").strip()
        if depth:
            marks.append(Mark(at, at + len(line), "heading", depth))
        if bold := re.match(r"\*\*(.+?)\*\* ?", line):
            marks.append(Mark(at, at + len(bold[1]), "bold", 0))
            line = bold[1] + line[bold.end() :]
        lines.append(line)
        at += len(line) + 1
    years = [int(year) for year in re.findall(r"20\d\d", text)]
    kind = "统计公报" if "公报" in text else "规划" if "规划纲要" in text else "政府工作报告"
    year = min(years, default=None) if kind == "统计公报" else max(years, default=None)
    dated = re.search(r"(20\d\d)年(\d+)月", text)
    year = int(dated[1]) if dated and kind != "统计公报" else year
    date = f"{dated[1]}-{int(dated[2]):02d}" if dated and date is None else date
    metadata = Metadata(name, name, None, None, kind, date, year, name)
    return Report(metadata, "\n".join(lines), tuple(marks))


def outline(report: Report) -> str:
    rows = []
    for section in split_sections(report):
        years = section.about
        span = f"{years[0]}-{years[-1]}" if len(years) > 2 else " ".join(map(str, years))
        text = report.text[section.body : section.end].strip().replace("\n", "⏎")
        path = " > ".join(section.headings) or "-"
        rows.append(
            f"{section.role} | {path} | {section.basis or '-'} | {span or '-'} | {text[:14]}"
        )
    return "\n".join(rows) + "\n"


def assert_sections_tile(report: Report, sections: tuple[Section, ...]) -> None:
    assert "".join(report.text[s.start : s.end] for s in sections) == report.text
    at = 0
    for section in sections:
        assert section.start == at < section.end
        assert section.start <= section.body <= section.end
        assert all(heading in report.text for heading in section.headings)
        assert all(section.headings)
        assert section.about == tuple(sorted(set(section.about)))
        at = section.end
    assert at == len(report.text)


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.txt")))
def test_a_fixture_splits_as_the_outline_beside_it(name: str) -> None:
    report = make_report((DATA / f"{name}.txt").read_text("utf-8"), name)
    assert outline(report) == (DATA / f"{name}.expected").read_text("utf-8")
    assert_sections_tile(report, split_sections(report))


def test_every_rule_of_the_table_has_a_fixture() -> None:
    text = "\n".join(path.read_text("utf-8") for path in DATA.glob("*.txt"))
    shown = {r.name for r in RULES if re.search(f"^{r.number.pattern}", text, re.MULTILINE)}
    assert {rule.name for rule in RULES} - shown == {"编"}


def test_a_volume_stands_over_its_parts() -> None:
    report = make_report(
        "第一编 总则\n第一章 目标\n到2030年，要建成三座水厂。\n第二编 附则\n要抓好落实。"
    )
    assert [s.headings for s in split_sections(report)] == [
        ("第一编 总则",),
        ("第一编 总则", "第一章 目标"),
        ("第二编 附则",),
    ]


def test_ranks_of_the_table_fall_in_order() -> None:
    ranks = [rule.rank for rule in RULES]
    assert ranks == sorted(set(ranks))


def test_an_empty_text_has_no_sections() -> None:
    assert split_sections(make_report("")) == ()


def test_the_body_begins_after_a_run_in_title() -> None:
    report = make_report("一、回顾\n（一）产业壮大。新增企业21家。\n（二）城乡更美。新建公园3个。")
    section = split_sections(report)[1]
    assert report.text[section.start : section.body] == "（一）产业壮大。"
    assert report.text[section.body : section.end] == "新增企业21家。\n"


def test_the_title_of_a_heading_line_is_not_its_body() -> None:
    report = make_report("一、2024年工作回顾\n完成投资20亿元。\n二、2025年安排\n力争增长6%左右。")
    section = split_sections(report)[0]
    assert report.text[section.body : section.end] == "完成投资20亿元。\n"


def test_a_glossary_of_fifty_circled_numbers_has_fifty_terms() -> None:
    circled = [*map(chr, range(0x2460, 0x2474)), *map(chr, range(0x3251, 0x3260))]
    circled += map(chr, range(0x32B1, 0x32C0))
    terms = [f"{mark}词{n}：第{n}个词的意思。" for n, mark in enumerate(circled, 1)]
    report = make_report("\n".join(["一、回顾", "完成投资20亿元。", "名词解释", *terms]))
    headings = [section.headings[-1] for section in split_sections(report)]
    assert headings[2:] == [f"词{n}" for n in range(1, 51)]


def test_numbers_of_full_width_number_headings() -> None:
    report = make_report(
        "一、重点工作\n１．做强工业\n新增企业21家。\n２．做优服务业\n新增商场3家。"
    )
    assert [section.headings[1:] for section in split_sections(report)] == [
        (),
        ("１．做强工业",),
        ("２．做优服务业",),
    ]


def test_sections_tile_the_reports_we_ship() -> None:
    paths = [p for p in CORPUS.glob("*.md") if not p.name.startswith("README")]
    assert len(paths) == 2
    for path in paths:
        lines = [line.strip() for line in path.read_text("utf-8").split("\n")]
        report = make_report("\n".join(line for line in lines if line), path.stem)
        sections = split_sections(report)
        assert_sections_tile(report, sections)
        assert len(sections) > 40


PIECES = st.sampled_from(
    [
        *(
            "一、",
            "（一）",
            "(二)",
            "1.",
            "2、",
            "（1）",
            "①",
            "第一章",
            "第二部分",
            "——",
            "-",
            "一是",
        ),
        *(
            "[1]",
            "2024年",
            "去年",
            "十五",
            "“十四五”",
            "各位代表：",
            "目录",
            "名词解释",
            "附件",
            "注释：",
        ),
        *(
            "工作回顾",
            "工作安排",
            "完成",
            "力争",
            "增长",
            "5.2%",
            "亿元",
            "综合实力稳步提升。",
            "……",
        ),
        *("：", "。", "！", "；", "，", "、", "“", "”", "《", "》", " ", "\n", "\n", "\n"),
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=60).map("".join),
    st.text(max_size=200),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=20).map("\n".join),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_sections_tile_any_text(text: str) -> None:
    metadata = Metadata("x", "x", None, None, "政府工作报告", "2025-01-10", 2025, "x")
    report = Report(metadata, text)
    assert_sections_tile(report, split_sections(report))


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 40), st.integers(0, 6))))
def test_marks_anywhere_do_no_harm(text: str, ranges: list[tuple[int, int, int]]) -> None:
    marks = [
        Mark(start, min(start + size, len(text)), "heading" if depth else "bold", depth)
        for start, size, depth in ranges
        if start < len(text)
    ]
    metadata = Metadata("x", "x", None, None, "other", None, None, "x")
    report = Report(metadata, text, tuple(marks))
    assert_sections_tile(report, split_sections(report))


# Seconds of processor time: ten times and more what it takes, and far less than a quadratic rule.
ENDLESS = 40


@pytest.mark.parametrize("unit", ["发展", "（一）经济。", "今年增长5%，", "2024年至", "[1]", "。"])
def test_a_line_of_two_megabytes_is_read_in_linear_time(unit: str) -> None:
    text = (unit * (700_000 // len(unit) + 1))[:700_000]
    report = make_report("一、2024年工作回顾\n" + text)
    begin = time.process_time()
    sections = split_sections(report)
    assert time.process_time() - begin < ENDLESS
    assert sections[-1].end == len(report.text)


def test_many_short_lines_take_linear_time() -> None:
    text = "\n".join(f"（{'一二三四五六七八九'[n % 9]}）事项第{n}号" for n in range(5_000))
    begin = time.process_time()
    assert len(split_sections(make_report(text))) > 1000
    assert time.process_time() - begin < ENDLESS
