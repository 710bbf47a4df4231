"""What a comparison sets side by side, and the rows it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.records import Understanding
from reportqa.search import Retriever
from reportqa.sides import in_turn, named_sides
from reportqa.tiers import ordered

COMPARED = Understanding(asked="comparison")


def sides(question: str, **stated: object) -> list[tuple[str, tuple[str, ...], object, object]]:
    read = Understanding(asked="comparison", **stated)  # type: ignore[arg-type]
    return [
        (label, side.regions, side.years, side.basis) for label, side in named_sides(question, read)
    ]


def test_places_are_sides() -> None:
    assert sides("东山县和西河市谁高", regions=("东山县", "西河市"), years=(2023,)) == [
        ("东山县", ("东山县",), (2023,), None),
        ("西河市", ("西河市",), (2023,), None),
    ]


def test_places_and_years_together_are_sides_while_they_are_few() -> None:
    two = ("东山县", "西河市")
    labels = [s[0] for s in sides("东山县和西河市", regions=two, years=(2022, 2023))]
    assert labels == ["东山县2022年", "东山县2023年", "西河市2022年", "西河市2023年"]
    many = [s[0] for s in sides("东山县和西河市", regions=two, years=(2020, 2021, 2022, 2023))]
    assert many == ["东山县", "西河市"]


def test_a_county_that_became_a_district_is_one_place() -> None:
    regions = ("山城市东山区", "东山县")
    assert sides("东山2007年与2012年相比", regions=regions, years=(2007, 2012)) == [
        ("2007年", regions, (2007,), None),
        ("2012年", regions, (2012,), None),
    ]


def test_cities_that_a_province_brought_in_are_no_sides() -> None:
    regions = ("甲城市", "贵南省")
    assert [s[0] for s in sides("贵南2023年和2024年", regions=regions, years=(2023, 2024))] == [
        "2023年",
        "2024年",
    ]


def test_each_year_has_the_sense_that_stands_with_it() -> None:
    senses = [
        (s[2], s[3])
        for s in sides("2022年目标、2024年实绩、2025年目标怎么变", years=(2022, 2024, 2025))
    ]
    assert senses == [((2022,), "plan"), ((2024,), "actual"), ((2025,), "plan")]
    said = sides("2024年做到的和2025年要做到的差多少，打算再加吗", years=(2024, 2025))
    assert [s[3] for s in said] == ["actual", "plan"]
    english = sides("Was more supplied in 2024 than planned for 2022?", years=(2022, 2024))
    assert [s[3] for s in english] == ["plan", None]
    held = sides("2025年的目标比2024年低多少", years=(2024, 2025), basis="plan")
    assert [s[3] for s in held] == ["plan", "plan"]


def test_plan_and_achievement_of_one_year_are_sides() -> None:
    assert [(s[0], s[3]) for s in sides("2024年目标和实际完成差多少", years=(2024,))] == [
        ("计划", "plan"),
        ("实际", "actual"),
    ]


def test_sides_stand_in_the_order_of_the_question() -> None:
    assert [s[0] for s in sides("西河和东山谁高", regions=("东山县", "西河市"))] == [
        "西河市",
        "东山县",
    ]


def test_what_lies_in_a_place_without_a_report_is_no_side_for_it() -> None:
    stated = {"regions": ("宜昌市", "武汉市江汉区"), "missing": ("武汉",), "years": (2024,)}
    assert [s[0] for s in sides("宜昌和武汉2024年相比", **stated)] == ["宜昌市"]
    assert sides("长沙和武汉相比", regions=("武汉市江汉区",), missing=("长沙", "武汉")) == []


def test_no_sides_of_another_question_or_where_none_is_named() -> None:
    assert named_sides("东山县和西河市", Understanding(regions=("东山县", "西河市"))) == []
    assert named_sides("两者有什么差别", COMPARED) == []


def test_sides_take_turns_and_what_both_have_comes_once() -> None:
    assert in_turn([[1, 2, 3], [4, 1], []]) == [1, 4, 2, 3]


CORPUS = {
    "东山县-2023.txt": """2023年东山县政府工作报告
——2023年1月10日在东山县第十七届人民代表大会第二次会议上

一、2022年工作回顾
全县地区生产总值完成302.6亿元。改造老旧小区18个，培育文明村9个。

二、2023年工作安排
改造老旧小区20个，新增学位900个。粮食总产量30万吨以上。
""",
    "东山县-2024.txt": """2024年东山县政府工作报告
——2024年1月10日在东山县第十七届人民代表大会第三次会议上

一、2023年工作回顾
五年累计完成地区生产总值1480亿元。全县地区生产总值完成321.5亿元，增长6.1%。
改造老旧小区23个，建成文明村12个。

二、2024年工作安排
改造老旧小区30个。引导农民改种大豆。
""",
    "西河市-2024.txt": """2024年西河市政府工作报告
——2024年1月12日在西河市第五届人民代表大会第四次会议上

一、2023年工作回顾
全市生产总值完成1580亿元。地区生产总值占全省比重达到5%。改造老旧小区46个。
""",
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("sides")
    build_index(write_corpus(folder / "corpus", CORPUS), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "held"),
    [
        (
            "东山县和西河市2023年地区生产总值谁更高？",
            [("东山县：", "321.5亿元"), ("西河市：", "1580亿元"), ("西河市更高[1][2]", "")],
        ),
        (
            "东山县2023年改造老旧小区的目标和实际差多少？",
            [("计划：", "改造老旧小区20个"), ("实际：", "改造老旧小区23个")],
        ),
        (
            "东山县2022年实际改造老旧小区和2024年目标相比多了还是少了？",
            [("2022年：", "18个"), ("2024年：", "30个"), ("2024年比2022年多[1][2]", "")],
        ),
        (
            "东山县和北海市2023年地区生产总值比一比",
            [("东山县：", "321.5亿元"), ("北海市：没有这个地区的报告", "")],
        ),
        (
            "西河市、东山县2023年改造老旧小区分别多少个？",
            [("西河市：", "46个"), ("东山县：", "23个")],
        ),
        (
            "东山县2022年和2023年的粮食总产量相比如何？",
            [("2022年：没有找到", ""), ("2023年：", "粮食总产量30万吨以上")],
        ),
    ],
)
def test_rows_are_figures_of_one_thing(
    retriever: Retriever, question: str, held: list[tuple[str, str]]
) -> None:
    text = ask(retriever, question).answer.text
    assert text is not None
    lines = text.split("\n")
    assert len(lines) == len(held)
    for line, (start, inside) in zip(lines, held, strict=True):
        assert line.startswith(start)
        assert inside in line


def test_a_comparison_of_what_no_row_speaks_of_is_refused(retriever: Retriever) -> None:
    said = ask(retriever, "东山县2022年和2023年的停车泊位哪个多？").answer
    assert said.reason == "没有找到可以对比的内容。以下是最接近的原文"
    assert said.citations


def test_what_is_no_figure_is_compared_by_sentences(retriever: Retriever) -> None:
    text = ask(retriever, "东山县2022年和2023年的重点有什么不同？").answer.text or ""
    assert [line.partition("：")[0] for line in text.split("\n")] == ["2022年", "2023年"]


def test_a_side_is_searched_as_if_it_alone_had_been_asked_for(tmp_path: Path) -> None:
    """What is said much of one year does not hide what is said, in other words, of the other."""
    said = "\n\n".join(
        f"{n}、2024年第{n}项\n改造老旧小区的目标：2024年改造老旧小区{number}个，不停步。"
        for number, n in enumerate("一二三四五六", 11)
    )
    corpus = {
        "南河县-2024.txt": f"2024年南河县政府工作报告\n{said}\n",
        "南河县-2022.txt": "2022年南河县政府工作报告\n一、2022年安排\n年内翻新旧楼18栋。\n",
    }
    build_index(write_corpus(tmp_path / "corpus", corpus), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    hits = retriever.search("南河县2022年和2024年改造老旧小区的目标相比，哪年更多？", 3)
    assert [hit.passage.metadata.year for hit in hits[:2]] == [2022, 2024]
    assert hits[0].score >= hits[1].score >= hits[2].score
    retriever.snapshot.close()


def test_what_comes_first_scores_no_less_than_what_comes_after() -> None:
    scores = {1: 5.0, 2: 9.0, 3: 7.0, 4: 9.0}
    assert list(ordered(scores, [3, 1]).items()) == [(3, 9.0), (1, 9.0), (2, 9.0), (4, 9.0)]
    assert list(ordered(scores, []).items()) == [(2, 9.0), (4, 9.0), (3, 7.0), (1, 5.0)]
    assert ordered({1: 2.0}, [1]) == {1: 2.0}
    assert ordered({}, []) == {}
