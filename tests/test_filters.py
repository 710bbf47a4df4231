"""Filters read what people write and let through only what they say."""

from __future__ import annotations

import pytest

from reportqa.errors import QuestionError
from reportqa.filters import describe_choices, make_filters, parse_years, region_matches
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


def test_an_unknown_basis_is_an_error() -> None:
    with pytest.raises(QuestionError, match="actual or plan"):
        make_filters(basis="both")


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("武汉市江汉区", "武汉市江汉区"),
        ("武汉市江汉区", "武汉"),
        ("武汉市江汉区", "江汉"),
        ("武汉市江汉区", "江汉区"),
        ("湖北省武汉市江汉区", "武汉市江汉区"),
        ("山西省", "山西"),
        ("吉林省", "吉林"),
        ("吉林市", "吉林"),
        ("广西壮族自治区", "广西"),
        ("凉山彝族自治州", "凉山"),
        ("全国", "全国"),
        ("西藏", "西藏"),
    ],
)
def test_a_region_matches_its_names_and_the_places_it_lies_in(region: str, wanted: str) -> None:
    assert region_matches(region, wanted)


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("山西省", "山东"),
        ("山西省", "西"),
        ("吉林省", "吉林市"),
        ("海南省", "南"),
        ("武汉市江汉区", "江"),
        ("武汉市江汉区", "汉阳"),
        (None, "武汉"),
    ],
)
def test_a_region_does_not_match_another_place(region: str | None, wanted: str) -> None:
    assert not region_matches(region, wanted)


def test_the_choices_are_told_in_one_line() -> None:
    reports = [
        Metadata("a", "甲", "甲县", None, "政府工作报告", None, 2021, "a"),
        Metadata("b", "乙", None, None, "统计公报", None, 2024, "b"),
    ]
    assert describe_choices(reports) == (
        "现有 2 篇报告；地区：甲县、未知；年份：2021–2024；类型：政府工作报告、统计公报"
    )
