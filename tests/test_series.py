"""Figures on common axes: only what can be compared, and every point keeps its sentence."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus

from reportqa.figures import find_figures
from reportqa.figures.series import draw_charts, regions_of
from reportqa.index import Snapshot
from reportqa.search import Retriever
from reportqa.web.cards import reader_url
from reportqa.web.chart import chart_html, ticks
from reportqa.web.tables import corpus_html, figures_html
from reportqa.web.words import Words

HOSTILE = '<img src=x onerror="alert(1)">${x}\u202e'
LATER = """东山县2025年政府工作报告
各位代表：

一、2024年工作回顾
全县地区生产总值完成3.4万亿元，增长6.2%。一般公共预算收入下降2%，年均增长3%。

二、2025年工作安排
主要预期目标是：地区生产总值增长6%左右。
"""


@contextmanager
def built(folder: Path, reports: dict[str, str]) -> Iterator[Snapshot]:
    """The snapshot of some reports."""
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    snapshot = open_retriever(folder / "index").snapshot
    yield snapshot
    snapshot.close()


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("series")
    hostile = f"北海市{HOSTILE}2024年政府工作报告\n\n一、2023年工作回顾\n地区生产总值完成99亿元。"
    reports = REPORTS | {"东山县-2025.txt": LATER, "坏.txt": hostile}
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


def test_levels_are_drawn_apart_from_changes_and_plans_from_results(retriever: Retriever) -> None:
    charts = draw_charts(find_figures(retriever.snapshot, "地区生产总值"))
    by_kind = {chart.kind: chart for chart in charts}
    change = by_kind["change"]
    assert change.unit == "%"
    lines = {
        (series.region, series.planned): [(point.year, point.value) for point in series.points]
        for series in change.series
    }
    assert lines["东山县", False] == [(2023, 6.1), (2024, 6.2)]
    assert lines["东山县", True] == [(2024, 6.5), (2025, 6.0)]
    assert lines["西河市", False] == [(2023, 5.4)]
    assert regions_of(change.series)[0] == "东山县"


def test_levels_of_different_scales_have_one_unit(retriever: Retriever) -> None:
    charts = draw_charts(find_figures(retriever.snapshot, "地区生产总值"))
    level = next(chart for chart in charts if chart.kind == "level")
    values = {point.value for series in level.series for point in series.points}
    assert level.unit == "亿元"
    assert {321.5, 1580.0, 34_000.0} <= values


def test_a_fall_is_below_zero_and_an_average_of_years_is_left_out(retriever: Retriever) -> None:
    hits = find_figures(retriever.snapshot, "一般公共预算收入")
    change = next(chart for chart in draw_charts(hits) if chart.kind == "change")
    values = [point.value for series in change.series for point in series.points]
    assert sorted(values) == [-2.0, 5.0]


def test_nothing_found_draws_nothing() -> None:
    assert draw_charts(()) == ()


def test_every_point_leads_to_its_sentence(retriever: Retriever) -> None:
    chart = draw_charts(find_figures(retriever.snapshot, "地区生产总值"))[0]
    markup = chart_html(chart)
    links = re.findall(r'<a href="(report/[^"]+)"', markup)
    assert len(links) == chart.size
    found = [point.found for series in chart.series for point in series.points]
    wanted = {
        reader_url(f.figure.report_id, span.start, span.end, f.passage.quote(span))
        for f in found
        for span in [f.figure.sentence]
    }
    assert {html.unescape(link) for link in links} == wanted
    assert (
        'aria-label="东山县 2024 年计划目标 增长6.5%左右（《2024年东山县政府工作报告》）"' in markup
    )


def test_hostile_text_stays_text(retriever: Retriever) -> None:
    hits = find_figures(retriever.snapshot, "地区生产总值")
    markup = figures_html(HOSTILE, hits, draw_charts(hits), "") + corpus_html(retriever.snapshot)
    assert "<img" not in markup
    assert "\u202e" not in markup
    assert "&lt;img src=x" in markup


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (5.4, 6.6, [5.25, 5.5, 5.75, 6.0, 6.25, 6.5, 6.75]),
        (-2, 3, [-2, -1, 0, 1, 2, 3]),
        (7, 7, [2, 4, 6, 8, 10, 12]),
        (0, 0, [-0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6]),
    ],
)
def test_an_axis_has_round_numbers(low: float, high: float, marks: list[float]) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert found == pytest.approx(marks)


def test_a_sentence_of_a_list_is_shown_without_its_mark(tmp_path: Path) -> None:
    text = "丁县2024年政府工作报告\n\n一、2023年工作回顾\n- 地区生产总值预计增长6.5%；\n"
    with built(tmp_path, {"丁县.md": text}) as snapshot:
        hits = find_figures(snapshot, "地区生产总值")
        markup = figures_html("地区生产总值", hits, (), "")
    assert "<blockquote>地区生产总值预计增长<mark>6.5%</mark>" in markup


def test_what_the_build_said_is_in_the_visitors_language(tmp_path: Path) -> None:
    text = "丁县2024年政府工作报告\n\n一、2023年工作回顾\n地区生产总值增长6.5%\ue000。\n"
    with built(tmp_path, {"丁县.txt": text, "坏.txt": "%PDF-1.7"}) as snapshot:
        chinese, english = corpus_html(snapshot), corpus_html(snapshot, "", Words(english=True))
    assert "（已跳过） PDF 文件，不是文本：请另存为 UTF-8 编码的 .txt 或 .md" in chinese
    assert "有 1 个字符因字体或编码问题无法还原，已原样保留，请与原件核对" in chinese
    assert "a PDF, not text; save it as .txt or .md in UTF-8" in english


@pytest.mark.parametrize(("zone", "told"), [("Asia/Shanghai", " UTC+08:00"), ("UTC", " UTC")])
def test_when_the_index_was_built_is_told_by_the_clock_of_this_place(
    retriever: Retriever, zone: str, told: str
) -> None:
    with pytest.MonkeyPatch.context() as here:
        here.setenv("TZ", zone)
        time.tzset()
        shown = corpus_html(retriever.snapshot)
    time.tzset()
    built = datetime.fromisoformat(retriever.snapshot.created)
    there = built.astimezone(ZoneInfo(zone))
    assert f"建成时间</dt><dd>{there:%Y-%m-%d %H:%M:%S}{told}</dd>" in shown


def test_the_corpus_is_narrowed_by_words(retriever: Retriever) -> None:
    whole = corpus_html(retriever.snapshot)
    assert "4 篇报告" in whole
    assert "上次建索引没有发现问题" in whole
    narrowed = corpus_html(retriever.snapshot, "东山 2025")
    assert "1 篇报告" in narrowed
    assert "东山县2025年政府工作报告" in narrowed
    assert "西河" not in narrowed


def test_the_sheet_of_figures_marks_the_figure_in_its_sentence(retriever: Retriever) -> None:
    hits = find_figures(retriever.snapshot, "粮食总产量")
    markup = figures_html("粮食总产量", hits, (), "")
    assert "<mark>212万吨</mark>" in markup
