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
        ("1981年国家说要怎么节约用煤", ("全国",)),
        ("总理怎么看物价", ("全国",)),
        ("山西的国家公园，国家给了多少钱", ("山西省",)),
        ("2025年国家GDP增长目标是多少", ("全国",)),
        ("国家的财政收入", ("全国",)),
        ("国家级园区有几个，国家公园在哪", ()),
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
        ("为什么要修水库", None),
        ("要修几座水库", "plan"),
        ("What is the growth target?", "plan"),
        ("What was the growth target?", "plan"),
        ("How fast was the growth in 2023?", "actual"),
        ("Which family was the richest?", None),
        ("How large was the programme announced in 2023?", None),
    ],
)
def test_achieved_or_planned_where_the_question_says_one(question: str, basis: str | None) -> None:
    assert READER.read(question).basis == basis


def test_without_reports_nothing_is_known_of_places() -> None:
    empty = QuestionReader([])
    assert empty.read("今年的目标") == Understanding(basis="plan", language="zh")
    assert empty.read("jobs in Hainan") == Understanding(
        missing=("海南省",), topic=("jobs",), language="en"
    )
    assert empty.read("海南2024年") == Understanding(
        years=(2024,), missing=("海南",), language="zh"
    )


@pytest.mark.parametrize(
    ("question", "asked", "unit"),
    [
        ("全县有多少所小学？", "figure", "所"),
        ("粮食总产达到多少万吨", "figure", "万吨"),
        ("新修了几公里农村公路", "figure", "公里"),
        ("森林覆盖率是多少？", "figure", "%"),
        ("工业增加值增长多少？", "figure", "%"),
        ("旅游收入占生产总值的几成", "figure", "%"),
        ("外贸进出口增速", "figure", "%"),
        ("给低保户发了多少钱", "figure", "元"),
        ("高鐵站每天發送幾多人次", "figure", "人次"),
        ("水库能蓄多少水", "figure", None),
        ("主要经济指标包括哪些", "list", None),
        ("养老有什么安排", "list", None),
        ("哪两家企业上市了", "list", None),
        ("三项重点任务是什么？", "list", None),
        ("五个产业园分别建在哪里", "list", None),
        ("谁分管教育", "name", None),
        ("哪家医院升为三级甲等", "name", None),
        ("新大桥叫咩", "name", None),
        ("获得了什么荣誉", "name", None),
        ("什么是“放管服”", "definition", None),
        ("“一河一策”指什么", "definition", None),
        ("RCEP是什么的简称", "definition", None),
        ("“六稳”是什么意思", "definition", None),
        ("与上一届相比财政收入怎么样", "comparison", None),
        ("投资目标比实际增速高多少个百分点", "comparison", "百分点"),
        ("两县谁的粮食更多", "comparison", None),
        ("两县2024年新增就业谁多？", "comparison", None),
        ("两个区的收入哪边高些", "comparison", None),
        ("哪个区的收入有多高", "figure", None),
        ("五年间城镇化率有什么变化", "comparison", "%"),
        ("山西和湖北的GDP比一比", "comparison", None),
        ("比较一下两县的茶叶产量", "comparison", None),
        ("2023年和2024年的粮食产量哪个高", "comparison", None),
        ("山西、湖北2025年新增就业分别是多少万人", "comparison", "万人"),
        ("陕西和海南的粮食总产量", "comparison", None),
        ("十堰2022年和2023年造林多少亩", "comparison", "亩"),
        ("十堰2022年和2023年累计造林多少亩", "figure", "亩"),
        ("陕西和海南合作共建了几个园区", "figure", "个"),
        ("哪个县建了多少水库", "figure", None),
        ("公园门票几块钱", "figure", "元"),
        ("十堰2023年新增企业多少家，2024年目标多少家", "comparison", "家"),
        ("十堰2023年的GDP", "figure", None),
        ("十堰2023年城镇新增就业目标", "figure", None),
        ("十堰通了地铁几号线", None, None),
        ("2023年十件民生实事是什么", None, None),
        ("What was the GDP of Shaanxi?", "figure", None),
        ("水电站建成了吗", "yes_no", None),
        ("是否取消了收费", "yes_no", None),
        ("有没有新建养老院", "yes_no", None),
        ("煤炭产量为什么下降", "reason", None),
        ("财政短收的原因", "reason", None),
        ("哪一年通高铁", "time", None),
        ("地铁何时开通", "time", None),
        ("怎样治理河道", None, None),
        ("乡村振兴 示范村", None, None),
        ("How many villages got tap water?", "figure", None),
        ("What share of homes has gas?", "figure", "%"),
        ("Who chairs the county's river council?", "name", None),
        ("Which three bridges opened?", "list", None),
        ("What does 'double reduction' mean?", "definition", None),
        ("Did exports grow faster than imports?", "comparison", None),
        ("Why was the plant closed?", "reason", None),
        ("When did the railway open?", "time", None),
        ("Was the hospital finished?", "yes_no", None),
    ],
)
def test_what_is_asked_for_and_in_which_unit(
    question: str, asked: str | None, unit: str | None
) -> None:
    read = READER.read(question)
    assert (read.asked, read.unit) == (asked, unit)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("2024年江汉区新建公厕多少座？", ("新建公厕",)),
        ("山西省2025年粮食总产量的目标是多少", ("粮食总产量",)),
        ("什么是“放管服”", ("放管服",)),
        ("RCEP是什么的简称", ("RCEP",)),
        ("何谓飞地经济？", ("飞地经济",)),
        ("十堰2023年舉辦了幾場馬拉松", ("舉辦", "馬拉松")),
        ("中央预算内投资有多少亿元", ("中央预算内投资",)),
        ("“会客江汉”活动", ("会客江汉", "活动")),
        ("老百姓养老有什么安排", ("养老",)),
        ("目标是多少", ()),
        ("What does 'double reduction' mean?", ("double reduction",)),
        ("How many rural schools did Hainan build in 2024?", ("rural schools", "build")),
    ],
)
def test_the_topic_is_what_is_left_in_the_question_s_own_characters(
    question: str, topic: tuple[str, ...]
) -> None:
    assert READER.read(question).topic == topic


@pytest.mark.parametrize(
    ("question", "years", "report_years"),
    [
        ("2021年政府工作报告说修了几条路", (), (2021,)),
        ("2021年报告提出2026年绿地达到多少", (2026,), (2021,)),
        ("1981年的报告里去年的粮食", (1980,), (1981,)),
        ("山西省2025年工作报告里的目标", (), (2025,)),
        ("According to the 2024 work report, how many dams were built?", (), (2024,)),
        ("2024年的粮食产量", (2024,), ()),
        ("二〇二三年和二〇二四年的粮食产量", (2023, 2024), ()),
        ("2022、2023年的粮食产量", (2022, 2023), ()),
        ("2022年至2024年新增就业", (2022, 2023, 2024), ()),
        ("近三年的财政收入", (2022, 2023, 2024), ()),
        ("十堰过去五年的投资", (2019, 2020, 2021, 2022, 2023), ()),
        ("近两年的投资", (2023, 2024), ()),
        ("截至2020年的三年修了几条路", (2018, 2019, 2020), ()),
        ("“十三五”末的城镇化率", (2020,), ()),
        ("“十四五”收官之年的目标", (2025,), ()),
        ("“十四五”开局之年的投资", (2021,), ()),
        ("“十四五”以来的投资", (2021, 2022, 2023, 2024, 2025), ()),
        ("前年的投资", (2023,), ()),
        ("明年的目标", (2026,), ()),
        ("比去年增长多少", (), ()),
        ("jobs created last year", (2024,), ()),
        ("investment over the past three years", (2022, 2023, 2024), ()),
        ("growth between 2019 and 2021", (2019, 2020, 2021), ()),
        ("goals of the 14th Five-Year Plan", (2021, 2022, 2023, 2024, 2025), ()),
        ("the five years before 2022", (2017, 2018, 2019, 2020, 2021), ()),
    ],
)
def test_years_asked_about_are_told_from_the_year_of_the_report(
    question: str, years: tuple[int, ...], report_years: tuple[int, ...]
) -> None:
    read = READER.read(question)
    assert (read.years, read.report_years) == (years, report_years)


def test_a_report_of_december_looks_back_on_its_own_year() -> None:
    winter = Metadata("w", "t", "东山县", None, "政府工作报告", "2021-12-20", 2021, "x")
    spring = Metadata("s", "t", "西山县", None, "政府工作报告", "2021-01-20", 2021, "x")
    reader = QuestionReader([winter, spring])
    assert reader.read("东山县2021年报告说五年来修了几条路").years == (2017, 2018, 2019, 2020, 2021)
    assert reader.read("西山县2021年报告说五年来修了几条路").years == (2016, 2017, 2018, 2019, 2020)


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("政府工作报告怎么说", ("政府工作报告",)),
        ("统计公报里的常住人口", ("统计公报",)),
        ("the statistical communiqué on population", ("统计公报",)),
        ("党代会报告提出什么", ()),
        ("常委会工作报告", ()),
        ("公园有几个", ()),
    ],
)
def test_kinds_are_those_named_of_the_reports_at_hand(
    question: str, kinds: tuple[str, ...]
) -> None:
    communique = Metadata("c", "t", "山西省", None, "统计公报", None, 2024, "x")
    reader = QuestionReader([report("山西省", 2025), communique])
    assert reader.read(question).kinds == kinds


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("江汉区GDP增长多少", "zh"),
        ("GDP of Shanxi", "en"),
        ("What does 双减 mean in this report?", None),
        ("2024", None),
    ],
)
def test_the_language_is_the_one_written_in(question: str, language: str | None) -> None:
    assert READER.read(question).language == language


@pytest.mark.parametrize(
    ("question", "basis"),
    [
        ("失业率控制在百分之几", "plan"),
        ("2026年要建成几座水厂", "plan"),
        ("人均预期寿命", None),
        ("2024年计划报告的结论", None),
        ("虚拟电厂有几座", None),
        ("新修了几条路", "actual"),
        ("今年预计增长多少", None),
        ("Who claims the prize?", None),
        ("the 14th Five-Year Plan period", None),
    ],
)
def test_words_that_only_look_like_plans_are_none(question: str, basis: str | None) -> None:
    assert READER.read(question).basis == basis
