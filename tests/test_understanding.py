"""Sixty questions and more, read over two small collections: data/questions.tsv says how.

A line of the table is a question, what is understood over two reports of one district, and what
over reports of the country, provinces, cities and counties: years, @ the years of the report
named, places, ! the places no report is of, and + achieved or planned.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reportqa.question import QuestionReader
from reportqa.records import Metadata, Understanding

TABLE = Path(__file__).parent / "data" / "questions.tsv"
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]

PROVINCES = """
上海市 云南省 内蒙古自治区 北京市 吉林省 四川省 天津市 安徽省 山东省 山西省 广东省 江苏省
广西壮族自治区 新疆维吾尔自治区 江西省 河北省 河南省 浙江省 海南省 湖北省 湖南省 西藏自治区
贵州省 辽宁省 重庆市 陕西省 青海省 黑龙江省
"""
CITIES = """
三亚市 上海市 六安市 十堰市 南宁市 天门市 孝感市 宜昌市 成都市 杭州市 深圳市 荆门市
锡林郭勒盟 阿坝藏族羌族自治州 黔南布依族苗族自治州 博野县 保定市徐水区 保定市清苑区
"""


def report(region: str, year: int, kind: str = "政府工作报告", date: str | None = None) -> Metadata:
    return Metadata(f"{region}{year}{kind}", "t", region, None, kind, date, year, "x")


DISTRICT = [
    report("武汉市江汉区", 2021, date="2021-12-15"),
    report("武汉市江汉区", 2025, "计划报告"),
]
MANY = [
    *DISTRICT,
    *(report("全国", year) for year in (1978, 1981, *range(2004, 2027))),
    *(report("全国", year, "党代会报告") for year in (2002, 2012, 2017)),
    *(report(region, 2025, date="2025-01-14") for region in PROVINCES.split()),
    *(report(region, 2024) for region in CITIES.split()),
    report("徐水县", 2015),
    report("清苑县", 2003),
    report("洛阳市", 2023, "统计公报"),
    report("黔东南苗族侗族自治州", 2023, "统计公报"),
]
READERS = QuestionReader(DISTRICT), QuestionReader(MANY)


def written(understood: Understanding) -> str:
    """An understanding as the table has it."""
    years = understood.years
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        said = [f"{years[0]}-{years[-1]}"]
    else:
        said = [str(year) for year in years]
    said += [f"@{year}" for year in understood.report_years]
    said += understood.regions
    said += [f"!{name}" for name in understood.missing]
    said += [f"+{understood.basis}"] if understood.basis else []
    return " ".join(said)


@pytest.mark.parametrize(("question", "district", "many"), ROWS)
def test_a_question_is_understood_over_few_reports_and_many(
    question: str, district: str, many: str
) -> None:
    assert tuple(written(reader.read(question)) for reader in READERS) == (district, many)
