"""Which years a text speaks of, and whether it reports or plans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportqa.records import Metadata, Section
from reportqa.scope import (
    delivery_year,
    heading_scope,
    passage_scope,
    read_basis,
    read_part_basis,
    read_years,
    reviewed_year,
)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2024年生产总值", (2024,)),
        ("2024 年与2022年", (2022, 2024)),
        ("2021—2025年规划", (2021, 2022, 2023, 2024, 2025)),
        ("2021-2023年", (2021, 2022, 2023)),
        ("2019年至2021年", (2019, 2020, 2021)),
        ("２０２４年", (2024,)),
        ("二○二四年", (2024,)),
        ("二〇二一年", (2021,)),
        ("一九五五年", (1955,)),
        ("一九五三年到一九五五年", (1953, 1954, 1955)),
        ("“十四五”时期", (2021, 2022, 2023, 2024, 2025)),
        ("“十五五”规划", (2026, 2027, 2028, 2029, 2030)),
        ("十三五期间", (2016, 2017, 2018, 2019, 2020)),
        ("“十五”计划", (2001, 2002, 2003, 2004, 2005)),
        ("“九五”末", (1996, 1997, 1998, 1999, 2000)),
        ("“一五”计划", (1953, 1954, 1955, 1956, 1957)),
        ("“三五”计划", (1966, 1967, 1968, 1969, 1970)),
        ("第七个五年计划", (1986, 1987, 1988, 1989, 1990)),
        ("第十四个五年规划", (2021, 2022, 2023, 2024, 2025)),
        ("GDP growth in 2024", (2024,)),
        ("2023政府工作报告", (2023,)),
    ],
)
def test_years_are_read_without_an_anchor(text: str, years: tuple[int, ...]) -> None:
    assert read_years(text, None) == years


@pytest.mark.parametrize(
    "text",
    [
        "1954座水库",
        "完成投资2024万元",
        "“七五”普法",
        "今年和去年",
        "2.2024年",
        "增长20.24%",
        "十五个项目",
        "一五一十",
        "过去五年",
        "12024年",
    ],
)
def test_what_is_no_year_is_not_read_as_one(text: str) -> None:
    assert read_years(text, None) == ()


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("今年的任务", (2025,)),
        ("比去年提高", (2024,)),
        ("上年末", (2024,)),
        ("明年将建成", (2026,)),
        ("过去一年", (2024,)),
        ("一年来，全县", (2024,)),
        ("过去五年", (2020, 2021, 2022, 2023, 2024)),
        ("五年来，我们", (2020, 2021, 2022, 2023, 2024)),
        ("过去一年和五年工作回顾", (2020, 2021, 2022, 2023, 2024)),
        ("今后五年", (2025, 2026, 2027, 2028, 2029)),
        ("未来三年", (2025, 2026, 2027)),
    ],
)
def test_relative_words_are_read_from_the_year_of_delivery(
    text: str, years: tuple[int, ...]
) -> None:
    assert read_years(text, 2025) == years


def test_a_report_of_december_looks_back_on_its_own_year() -> None:
    assert read_years("过去五年", 2021, reviewed=2021) == (2017, 2018, 2019, 2020, 2021)
    assert read_years("未来五年", 2021, reviewed=2021) == (2022, 2023, 2024, 2025, 2026)


def metadata(year: int | None, date: str | None, kind: str = "政府工作报告") -> Metadata:
    return Metadata("x", "x", None, None, kind, date, year, "x")


@pytest.mark.parametrize(
    ("year", "date", "kind", "delivered", "reviewed"),
    [
        (2025, "2025-01-15", "政府工作报告", 2025, 2024),
        (2021, "2021-12-15", "政府工作报告", 2021, 2021),
        (2025, "2024-12", "计划报告", 2024, 2024),
        (2024, None, "政府工作报告", 2024, 2023),
        (2024, "2024", "政府工作报告", 2024, 2023),
        (2023, "2024-04-30", "统计公报", 2023, 2023),
        (None, None, "other", None, None),
        (None, "2022-03", "other", 2022, 2021),
        (1998, "2016-05-01", "政府工作报告", 1998, 1997),
    ],
)
def test_the_years_of_delivery_and_review_follow_from_title_date_and_kind(
    year: int | None, date: str | None, kind: str, delivered: int | None, reviewed: int | None
) -> None:
    assert delivery_year(metadata(year, date, kind)) == delivered
    assert reviewed_year(metadata(year, date, kind)) == reviewed


@pytest.mark.parametrize(
    "text",
    [
        "地区生产总值预计完成810亿元，增长5.2%。",
        "全年粮食产量比上年增长2.1%。",
        "累计建成公路120公里。",
        "新建学校6所，入选全国试点。顺利完成年度任务。",
        "去年，全县新增绿地40公顷。",
    ],
)
def test_a_text_of_results_reports(text: str) -> None:
    assert read_basis(text) == "actual"


@pytest.mark.parametrize(
    "text",
    [
        "力争新增企业300家。加快建设产业园。",
        "今年主要预期目标是：生产总值增长6%左右。",
        "我们将坚持就业优先。要办好人民满意的教育。",
        "确保年底前建成通车。",
        "加快推进管网改造，年内完成60公里以上。",
    ],
)
def test_a_text_of_intentions_plans(text: str) -> None:
    assert read_basis(text) == "plan"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "各位代表：",
        "推进城市更新，优化营商环境。",
        "山川秀美，人民勤劳。",
        "去年完成投资60亿元，比上年增长5%。今年要确保完成70亿元以上。",
    ],
)
def test_a_text_without_clear_signs_is_neither(text: str) -> None:
    assert read_basis(text) is None


def test_a_part_decides_only_with_many_signs() -> None:
    assert read_part_basis("确保完成投资。" * 3) is None
    assert read_part_basis("我们要加快建设，确保完成投资。" * 12) == "plan"
    assert read_part_basis("全年完成了投资，比上年增长5%。" * 12) == "actual"
    assert read_part_basis("确保完成投资。" * 12 + "山川秀美，人民勤劳。" * 12) is None


@pytest.mark.parametrize(
    ("headings", "years", "basis"),
    [
        (("一、2024年国民经济和社会发展计划执行情况",), (2024,), "actual"),
        (("一、2024年计划执行情况", "（一）加快项目建设"), (2024,), "actual"),
        (("三、2025年主要任务和措施", "（一）工作成效"), (2025,), "plan"),
        (("过去五年工作回顾",), (2020, 2021, 2022, 2023, 2024), "actual"),
        (("今后五年的奋斗目标",), (2025, 2026, 2027, 2028, 2029), "plan"),
        (("关于2024年工作",), (2024,), "actual"),
        (("2025年政府工作",), (2025,), "plan"),
        (("一、2024年工作回顾", "一年来，项目建设提速"), (2024,), "actual"),
        (("2024年工作回顾和2025年工作安排",), (2024, 2025), None),
        (("加强政府自身建设",), (), None),
        ((), (), None),
    ],
)
def test_headings_tell_years_and_basis(
    headings: tuple[str, ...], years: tuple[int, ...], basis: str | None
) -> None:
    assert heading_scope(headings, 2025) == (years, basis)


def section(*headings: str, basis: str | None = None, about: tuple[int, ...] = ()) -> Section:
    assert basis in ("actual", "plan", None)
    return Section(0, 1, 0, headings, "body", about, basis)


def test_an_estimate_in_a_review_is_actual() -> None:
    text = "地区生产总值预计完成1740亿元，增长6.5%。"
    assert passage_scope(section("一、2024年执行情况"), text, 2025) == ((2024,), "actual")


def test_a_passage_that_names_another_year_speaks_of_it_too() -> None:
    text = "2022年以来，累计改造小区30个，2025年将全部完成。"
    about, _ = passage_scope(section("一、2024年工作回顾"), text, 2025)
    assert about == (2022, 2024, 2025)


def test_a_goal_of_next_year_in_a_review_is_a_plan() -> None:
    text = "2025年主要预期目标：生产总值增长6%左右。要确保粮食丰收。"
    assert passage_scope(section("一、2024年工作回顾"), text, 2025) == ((2024, 2025), "plan")


def test_a_result_of_last_year_in_a_plan_is_actual() -> None:
    text = "2024年，全县累计完成投资60亿元，比上年增长8%。"
    assert passage_scope(section("二、2025年工作安排"), text, 2025) == ((2024, 2025), "actual")


def test_years_of_comparison_are_not_spoken_of() -> None:
    text = "生产总值比2020年增长21%，较2019年提高三成，粮食产量比上年下降1%。"
    assert passage_scope(section("一、2024年工作回顾"), text, 2025)[0] == (2024,)


def test_a_plan_period_that_is_only_named_and_far_horizons_are_not_spoken_of() -> None:
    text = "2025年是“十四五”规划收官之年，要锚定2035年远景目标接续奋斗。"
    assert passage_scope(section("二、2025年工作安排"), text, 2025)[0] == (2025,)


def test_a_confession_of_problems_neither_reports_nor_plans() -> None:
    text = "同时，我们也清醒看到，发展中还存在不少困难和问题。"
    assert passage_scope(section("一、2024年工作回顾"), text, 2025) == ((2024,), None)


def test_without_headings_that_tell_the_sentences_do() -> None:
    text = "新增绿地20公顷，比上年增长8%。"
    assert passage_scope(section("三、生态环境"), text, 2025)[1] == "actual"


def test_sentences_against_their_section_leave_the_basis_open() -> None:
    text = "确保新增绿地20公顷以上。"
    assert passage_scope(section("三、生态环境", basis="actual"), text, 2025)[1] is None


def test_a_passage_without_years_takes_the_only_year_of_its_section() -> None:
    found = passage_scope(section("三、生态", about=(2024,)), "山清水秀。", 2025)
    assert found == ((2024,), None)


def test_a_passage_of_a_communique_speaks_of_its_year_and_those_it_adds() -> None:
    found = passage_scope(
        section("一、综合", about=(2023,), basis="actual"), "2022年终核实数为9亿元。", 2023
    )
    assert found[0] == (2022, 2023)


def test_notes_have_no_basis() -> None:
    notes = Section(0, 1, 0, ("名词解释", "双碳"), "notes", (), None)
    assert passage_scope(notes, "力争2030年前实现碳达峰，2024年完成试点。", 2025) == (
        (2024,),
        None,
    )


@settings(max_examples=150, deadline=None)
@given(
    st.text("一二三四五十年来去今过后未至—-“”1290１２○〇 月第个计划规划时期比较，。", max_size=80)
)
def test_years_of_any_text_are_ascending_and_plausible(text: str) -> None:
    years = read_years(text, 2025)
    assert list(years) == sorted(set(years))
    assert all(1900 <= year <= 2099 for year in years)
