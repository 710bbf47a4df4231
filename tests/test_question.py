"""What a question states is read, and what it leaves open stays open."""

from __future__ import annotations

import pytest

from reportqa.question import QuestionReader
from reportqa.records import Metadata, Understanding


def report(region: str, year: int) -> Metadata:
    return Metadata(f"{region}{year}", "t", region, None, "政府工作报告", None, year, "x")


READER = QuestionReader(
    [
        report("全国", 1981),
        report("全国", 2024),
        report("山西省", 2025),
        report("湖北省", 2025),
        report("十堰市", 2024),
        report("西藏自治区", 2025),
        report("陕西省", 2025),
        report("海南省", 2025),
        report("武汉市江汉区", 2025),
        report("保定市清苑区", 2024),
        report("清苑县", 2003),
    ]
)


@pytest.mark.parametrize(
    ("question", "regions"),
    [
        ("山西省2025年固定资产投资的目标", ("山西省",)),
        ("湖北十堰被授予什么称号", ("十堰市",)),
        ("保定市清苑区2023年投资增长多少", ("保定市清苑区",)),
        ("清苑县的报告怎么说", ("清苑县",)),
        ("江汉哪个平台入选武汉市十大项目", ("武汉市江汉区",)),
        ("西藏与海南，哪个目标更高", ("海南省", "西藏自治区")),
        ("2024年全国赤字率是多少", ("全国",)),
        ("江汉哪条街入选全国示范步行街", ("武汉市江汉区",)),
        ("哪条街是全国示范步行街", ()),
        ("財政赤字：海南", ("海南省",)),
        ("What did Tibet aim for?", ("西藏自治区",)),
        ("GDP of Shaanxi and of Shanxi", ("山西省", "陕西省")),
        ("How many jobs in Jianghan District?", ("武汉市江汉区",)),
        ("新增就业多少人", ()),
        ("湖北新旧动能转换基金是什么", ("湖北省",)),
        ("武汉有几家分支机构", ("武汉市江汉区",)),
        ("河北的目标", ("保定市清苑区",)),
    ],
)
def test_places_are_the_ones_named(question: str, regions: tuple[str, ...]) -> None:
    assert READER.read(question).regions == regions


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("山东的目标是多少", ("山东",)),
        ("成都市和山西的目标", ("成都市",)),
        ("山东省济南市的投资", ("济南市",)),
        ("山西的目标是多少", ()),
        ("阿里云的数据中心", ()),
        ("在上海证券交易所上市的公司", ()),
        ("武汉2024年的生产总值", ("武汉",)),
        ("江汉在武汉市排第几", ()),
    ],
)
def test_a_place_no_report_is_of_is_said(question: str, missing: tuple[str, ...]) -> None:
    assert READER.read(question).missing == missing


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("2024年新增就业", (2024,)),
        ("二〇二四年新增就业", (2024,)),
        ("物业城市24年有几个平台", (2024,)),
        ("“十四五”期间的目标", (2021, 2022, 2023, 2024, 2025)),
        ("2021—2023年怎么变化", (2021, 2022, 2023)),
        ("时隔30年再次拿到举办权", ()),
        ("30年来的变化", ()),
        ("今年的目标", (2025,)),
        ("去年完成多少", (2024,)),
        ("十堰去年完成多少", (2023,)),
        ("在1981年的报告里，“今年”的赤字", (1981,)),
        ("目标是多少", ()),
    ],
)
def test_years_are_the_ones_stated_or_counted_from_the_newest_report(
    question: str, years: tuple[int, ...]
) -> None:
    assert READER.read(question).years == years


@pytest.mark.parametrize(
    ("question", "basis"),
    [
        ("目标是多少", "plan"),
        ("打算增长百分之几", "plan"),
        ("实际完成多少", "actual"),
        ("预计完成多少", "actual"),
        ("离目标完成还差多少", None),
        ("有多少座公园", None),
        ("What is the growth target?", "plan"),
    ],
)
def test_achieved_or_planned_where_the_question_says_one(question: str, basis: str | None) -> None:
    assert READER.read(question).basis == basis


def test_without_reports_nothing_is_known_of_places() -> None:
    empty = QuestionReader([])
    assert empty.read("今年就业目标") == Understanding(basis="plan")
    assert empty.read("jobs in Hainan") == Understanding()
    assert empty.read("海南2024年") == Understanding(years=(2024,), missing=("海南",))
