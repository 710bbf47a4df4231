"""Filters read what people write and let through only what they say."""

from __future__ import annotations

import pytest

from reportqa.errors import QuestionError
from reportqa.filters import describe_choices, make_filters, parse_years
from reportqa.records import Metadata


@pytest.mark.parametrize(
    ("text", "years"),
    [("2024", (2024, 2024)), ("2021-2025", (2021, 2025)), (" 2021—2025年 ", (2021, 2025))],
)
def test_years_are_read_as_people_write_them(text: str, years: tuple[int, int]) -> None:
    assert parse_years(text) == years


@pytest.mark.parametrize("text", ["", "24", "二〇二四", "2024-", "2025-2021", "20245"])
def test_what_is_not_a_year_is_an_error(text: str) -> None:
    with pytest.raises(QuestionError, match="write"):
        parse_years(text)


@pytest.mark.parametrize("field", ["region", "kind", "report"])
def test_a_blank_filter_is_an_error_and_not_left_out(field: str) -> None:
    with pytest.raises(QuestionError, match=f"{field} is blank"):
        make_filters(**{field: ["甲县", " "]})


def test_one_value_may_stand_without_a_list() -> None:
    several = make_filters(year=["2024"], about=["2023"], region=["江汉"], report=["r"])
    assert make_filters(year="2024", about="2023", region="江汉", report="r") == several
    with pytest.raises(QuestionError, match="kind is blank"):
        make_filters(kind="")


def test_an_unknown_basis_is_an_error() -> None:
    with pytest.raises(QuestionError, match="actual or plan"):
        make_filters(basis="both")


def test_the_choices_are_told_in_one_line() -> None:
    reports = [
        Metadata("a", "甲", "甲县", None, "政府工作报告", None, 2021, "a"),
        Metadata("b", "乙", None, None, "统计公报", None, 2024, "b"),
    ]
    assert describe_choices(reports) == (
        "现有 2 篇报告；地区：甲县、未知；年份：2021–2024；类型：政府工作报告、统计公报"
    )
