"""A question for the highest of all places points to the figures; every other question does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.figures import find_figures
from reportqa.figures.series import draw_charts
from reportqa.search import Retriever
from reportqa.web.address import Address
from reportqa.web.pointer import find_pointer, pointer_html
from reportqa.web.ranked_places import is_ranked, ranking_html
from reportqa.web.shown import Page
from reportqa.web.tables import figures_html
from reportqa.web.words import Words

PLACES = {"东山县": (90, 5.1), "西河市": (1200, 6.2), "北川县": (310, 4.4), "南湖市": (800, 7.0)}


def report(place: str, level: int, growth: float) -> str:
    return (
        f"{place}2024年政府工作报告\n\n一、2023年工作回顾\n"
        f"2023年，地区生产总值完成{level}亿元，增长{growth}%。\n\n"
        f"二、2024年工作安排\n地区生产总值增长{growth}%左右。\n"
    )


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("pointer")
    reports = {f"{place}.txt": report(place, *said) for place, said in PLACES.items()}
    nation = report("", 1_260_000, 5.2).replace("\n\n一", "\n国务院总理作报告。\n\n一")
    reports["国家_全国_2024.txt"] = nation
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize("question", ["哪个城市GDP最高？", "Which city has the highest GDP?"])
def test_the_figure_of_one_place_is_no_answer_to_which_is_first(
    retriever: Retriever, question: str
) -> None:
    answer = ask(retriever, question).answer
    assert answer.abstained
    assert answer.reason is not None
    assert answer.reason.startswith("每份报告只说本地")


def test_a_rank_that_a_report_tells_is_an_answer(tmp_path: Path) -> None:
    told = report("东山县", 90, 5.1) + "地区生产总值增速居全省第一。\n"
    build_index(write_corpus(tmp_path / "corpus", {"东山县.txt": told}), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    answer = ask(retriever, "哪个县地区生产总值增速全省第一？").answer
    assert answer.text is not None
    assert "居全省第一" in answer.text
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("哪个城市GDP最高？", 2023),
        ("2023年地区生产总值最低的是哪个县", 2023),
        ("各市GDP排名", 2023),
        ("地区生产总值最高的城市是哪个", 2023),
        ("2024年哪个地区GDP增速最快", 2024),
        ("Which city has the highest GDP?", 2023),
    ],
)
def test_the_highest_of_all_places_is_looked_up_among_the_figures(
    retriever: Retriever, question: str, year: int
) -> None:
    pointer = find_pointer(question, retriever.reader.read(question), retriever.snapshot)
    assert pointer is not None
    assert (pointer.indicator, pointer.year, pointer.places) == ("地区生产总值", year, 4)


@pytest.mark.parametrize(
    "question",
    [
        "2023年西河市GDP是多少？",
        "哪个城市改造老旧小区",
        "哪个城市的地铁里程最长",
        "西河市哪一年GDP最高",
        "哪一年GDP最高",
        "上海哪个区GDP最高",
        "2024年哪个城市GDP最高",  # no report states the level of a year to come
    ],
)
def test_other_questions_point_nowhere(retriever: Retriever, question: str) -> None:
    assert find_pointer(question, retriever.reader.read(question), retriever.snapshot) is None


def test_the_line_stands_above_the_answer_and_leads_to_the_tab(retriever: Retriever) -> None:
    markup = Page(retriever).show(Address("哪个城市GDP最高？")).html
    line = '<p class="pointer">要看各地高低，请到“指标”页：<a href="?tab=figures&amp;'
    assert line in markup
    assert "2023 年 4 个地区的“地区生产总值”</a>" in markup
    assert markup.index('class="pointer"') < markup.index('role="status"' if "notice" in markup
                                                          else 'class="answer"')  # fmt: skip
    assert 'class="pointer"' not in Page(retriever).show(Address("西河市GDP是多少")).html


def test_the_address_fills_in_indicator_and_year(retriever: Retriever) -> None:
    question = "哪个城市GDP最高？"
    pointer = find_pointer(question, retriever.reader.read(question), retriever.snapshot)
    assert pointer
    assert parse_qs(pointer.url[1:]) == {
        "tab": ["figures"], "indicator": ["地区生产总值"], "spoken": ["2023"],
    }  # fmt: skip
    assert "lang=en" in pointer_html(pointer, Words(english=True))


def test_places_of_one_year_are_ranked_and_the_nation_is_none_of_them(
    retriever: Retriever,
) -> None:
    hits = [
        hit
        for hit in find_figures(retriever.snapshot, "地区生产总值")
        if hit.figure.years == (2023, 2023)
    ]
    charts = draw_charts(hits)
    assert all(is_ranked(chart) for chart in charts)
    level = ranking_html(next(chart for chart in charts if chart.kind == "level"))
    order = sorted(PLACES, key=lambda place: -PLACES[place][0])
    assert [level.index(f'<span class="place">{place}</span>') for place in order] == sorted(
        level.index(f'<span class="place">{place}</span>') for place in order
    )
    assert "全国" in {hit.passage.metadata.region for hit in hits}
    assert "全国" not in level
    assert level.count("<a href=") == 4
    assert 'aria-label="西河市 2023 年实际完成 1200亿元（《西河市2024年政府工作报告》）"' in level
    whole = figures_html("地区生产总值", hits, charts, "")
    assert whole.index("（数量，亿元）") < whole.index("（增幅，%）")


def test_figures_of_several_years_are_drawn_as_lines(retriever: Retriever) -> None:
    charts = draw_charts(find_figures(retriever.snapshot, "地区生产总值"))
    assert not is_ranked(next(chart for chart in charts if chart.kind == "change"))


def test_a_question_in_english_is_told_how_it_was_looked_for(retriever: Retriever) -> None:
    page = Page(retriever)
    markup = page.show(Address("How much did GDP grow?")).html
    assert "英文问题按这些词查找：地区生产总值、国内生产总值、增长。" in markup
    assert "英文问题只能按大意查找" in page.show(Address("Xyzzy plugh?")).html
    assert "英文问题" not in page.show(Address("GDP增长多少")).html
