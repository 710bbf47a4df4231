"""What figures are of where the words stand apart: shared, behind the number, a clause before."""

from __future__ import annotations

import pytest

from reportqa.figures import extract_figures
from reportqa.figures.quantities import find_quantities
from reportqa.passages import split_sentences
from reportqa.records import Figure, Metadata, Passage, Section

PAST, NEXT = "一、2024年工作回顾", "二、2025年工作安排"


def figures(text: str, heading: str = PAST, year: int = 2025) -> tuple[Figure, ...]:
    """The figures of a text that stands under a heading of a report of January of a year."""
    report = Metadata("r", "报告", "某县", None, "政府工作报告", f"{year}-01-08", year, "r.md")
    section = Section(0, len(text), 0, (heading,) if heading else (), "body", (), None)
    passage = Passage(report, section, 0, len(text), text, split_sentences(text), (), None)
    return extract_figures(passage)


def named(text: str) -> list[tuple[str, str]]:
    return [(figure.indicator, figure.text) for figure in figures(text)]


def indicators(text: str) -> list[str]:
    return [figure.indicator for figure in figures(text)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "重点发展食品、纺织、机械三大主导产业，力争年产值分别达到30亿元、20亿元、10亿元。",
            ["重点发展食品年产值", "纺织年产值", "机械年产值"],
        ),
        (
            "机械制造、轻工纺织等传统产业加快转型，分别实现产值75亿元、26亿元。",
            ["机械制造产值", "轻工纺织产值"],
        ),
        (
            "办结代表建议148件、委员提案134件，满意率分别达98.6%和99.2%。",
            ["办结代表建议", "委员提案", "办结代表建议满意率", "委员提案满意率"],
        ),
        (
            "15个省重大项目、39个市重大项目分别完成年度投资计划的151%和115%。",
            ["省重大项目", "市重大项目", "省重大项目年度投资计划", "市重大项目年度投资计划"],
        ),
        (
            "高技术制造业、装备制造业增加值分别增长12.5%、13.1%，占规上工业比重分别提高到21%、33%。",
            [
                "高技术制造业增加值",
                "装备制造业增加值",
                "高技术制造业增加值占规上工业比重",
                "装备制造业增加值占规上工业比重",
            ],
        ),
        ("“保交楼”“保交房”交付率分别达100%和98%。", ["“保交楼”交付率", "“保交房”交付率"]),
        (
            "卫生厕所普及率、生活垃圾和污水治理率分别达到87%、100%、75%。",
            ["卫生厕所普及率", "生活垃圾治理率", "污水治理率"],
        ),
        (
            "甘蔗、蔬菜（含食用菌）、水果产量分别达到10万吨、7万吨、5万吨。",
            ["甘蔗产量", "蔬菜（含食用菌）产量", "水果产量"],
        ),
        ("治安、刑事案件分别下降7%、3%。", ["治安案件", "刑事案件"]),
        ("肉牛、肉羊饲养量分别达到25万头、22万只。", ["肉牛饲养量", "肉羊饲养量"]),
        ("承办国家级赛事3项、省级5项。", ["承办国家级赛事", "省级赛事"]),
        ("卫生厕所、生活污水处理覆盖率分别达70%、52%。", ["卫生厕所覆盖率", "生活污水处理覆盖率"]),
    ],
)
def test_what_several_figures_share_is_divided_among_them(text: str, read: list[str]) -> None:
    assert indicators(text) == read


def test_a_list_of_another_length_is_not_divided() -> None:
    text = "新增贷款60亿元，存贷款余额分别突破500亿元、530亿元。"
    assert indicators(text) == ["新增贷款", "存贷款余额", "存贷款余额"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("在川高校承担了全省近80%的基础研究项目。", "在川高校承担了全省基础研究项目"),
        ("规模化供水工程覆盖94%的农村人口。", "规模化供水工程覆盖农村人口"),
        ("试点扩大到全国50%以上的城市。", "试点扩大到全国城市"),
        ("粮食产量还有70%的县没有达到要求。", "粮食产量县"),
        ("居民消费价格涨幅稳定在2%左右的较低水平。", "居民消费价格"),
        ("含油量66%的油菜品种培育成功。", "含油量"),
        ("龙头企业占20%的利益分配模式。", "龙头企业"),
    ],
)
def test_a_share_is_of_what_is_named_behind_it(text: str, read: str) -> None:
    assert indicators(text) == [read]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "汽车产量保持40%以上增长、达357万辆。",
            [("汽车产量", "40%以上", "change"), ("汽车产量", "357万辆", "level")],
        ),
        ("固定资产投资连续4年保持20%以上的增速。", [("固定资产投资", "20%以上", "change")]),
        ("经济年均增长保持在6.5%以上。", [("经济", "6.5%以上", "change")]),
    ],
)
def test_a_rate_may_be_named_behind_its_number(text: str, read: list[tuple[str, str, str]]) -> None:
    assert [(figure.indicator, figure.text, figure.kind) for figure in figures(text)] == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("粮食播种面积68万亩、产量26万吨。", ["粮食播种面积", "粮食产量"]),
        ("开展演出50场、惠及20万人。", ["开展演出", "开展演出惠及"]),
        ("新建56万亩、改造提升10万亩高标准农田。", ["新建高标准农田", "改造提升高标准农田"]),
        ("下达债券50亿元、同比净增17亿元。", ["下达债券", "下达债券同比净增"]),
        (
            "粮食播种面积68万亩、产量26万吨，分别超省定任务7万亩、1万吨。",
            ["粮食播种面积", "粮食产量", "粮食播种面积", "粮食产量"],
        ),
        ("外贸出口从7月份开始大幅度回升，全年达到194亿美元。", ["外贸出口"]),
        (
            "园区装机总量64亿瓦；两个新园区增势迅猛，总产值54亿元。",
            ["装机总量", "飞地园区总产值"],
        ),
        ("在老人数量较多的区域新建50个服务中心。", ["新建服务中心"]),
        ("实施总长7.6公里的滨河路大修工程。", ["实施总长滨河路大修工程"]),
        ("安排2000亿元特别国债资金支持大规模设备更新。", ["安排特别国债资金"]),
        ("改造约1亿人居住的棚户区。", ["改造居住的棚户区"]),
        ("居民收入，考虑价格下降因素，比上年增长4.3%。", ["居民收入"]),
        ("国务院增发1000亿元财政债券。", ["国务院增发财政债券"]),
        ("新开工装机100万千瓦、新投产60万千瓦。", ["新开工装机", "装机新投产"]),
        ("推动大龙公司6万吨海绵钛制造等8个项目投产。", ["大龙公司海绵钛制造", "项目"]),
        ("项目投资73亿元、超年度计划目标13.9%。", ["项目投资", "项目投资"]),
        ("旅游收入均超过疫情前水平，同比增长66.9%。", ["旅游收入"]),
        ("“本地鱼”品牌产品正式发布、出口增长12倍。", ["出口"]),
        ("采取招募社区助理3000名等举措。", ["采取招募社区助理"]),
        ("计划规定社会商品零售总额达到650亿元。", ["社会商品零售总额"]),
        ("《纲要》提出了单位生产总值能耗降低20%左右的目标。", ["单位生产总值能耗"]),
    ],
)
def test_what_only_leads_to_a_figure_is_left_out(text: str, read: list[str]) -> None:
    assert indicators(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("完成6所学校改造提升和教学设备采购。", ("学校改造提升和教学设备采购", "6所")),
        ("加快4个中型灌区续建配套与节水改造项目。", ("中型灌区续建配套与节水改造项目", "4个")),
        ("完成1200户规模以上企业数字化改造。", ("规模以上企业数字化改造", "1200户")),
        ("12个产业园新入驻企业众多。", ("产业园", "12个")),
        ("97%的政务服务事项可全程网办。", ("政务服务事项", "97%")),
        ("429个事项实行告知承诺服务。", ("事项", "429个")),
        ("规划建设了四个矿产建材集中区。", ("规划建设矿产建材集中区", "四个")),
        ("票决出10项为民办实事项目后实施。", ("票决出为民办实事项目", "10项")),
        ("安排500亿元设立预算稳定调节基金。", ("安排设立预算稳定调节基金", "500亿元")),
        ("使80%的人口地区普及九年义务教育。", ("人口地区", "80%")),
        ("给予最高500万元贴息支持。", ("给予贴息支持", "500万元")),
        ("为864名退役军人接续补缴养老保险。", ("退役军人", "864名")),
        ("56个口袋公园向市民开放。", ("口袋公园", "56个")),
        ("110所学校体育场地面向社会开放。", ("学校体育场地", "110所")),
        ("290所救援中心陆续开工。", ("救援中心", "290所")),
        ("50件民生实事高质量完成。", ("民生实事", "50件")),
        ("完善6个开发区“管委会＋公司”运营模式。", ("开发区“管委会＋公司”运营模式", "6个")),
        ("向192个县实施基本药物制度。", ("县", "192个")),
        ("努力把三分之一的企业建成先进企业。", ("企业", "三分之一")),
        ("89个开发区工业总产值占全省比重提高。", ("开发区工业总产值", "89个")),
        ("平板玻璃产能压减7600多万重量箱。", ("平板玻璃产能", "7600多万重量箱")),
        ("公路密度达到104.5公里/百平方公里。", ("公路密度", "104.5公里/百平方公里")),
    ],
)
def test_a_noun_is_neither_cut_short_nor_runs_into_its_predicate(
    text: str, read: tuple[str, str]
) -> None:
    assert named(text) == [read]


@pytest.mark.parametrize(
    "text",
    [
        "提高残疾人两项补贴标准",
        "坚持科学决策、依法行政三项基本准则",
        "抓好三项工作：一是",
        "正确处理两种不同性质的矛盾",
        "可生育两个孩子",
        "在不到四分之一世纪的时间里",
        "报告分为四个部分：一、",
        "上述三项任务相互联系",
        "破除城乡二元结构",
        "培育城区人口超50万县",
        "年应纳税所得额100万元至300万元部分",
    ],
)
def test_what_is_counted_by_name_alone_is_no_quantity(text: str) -> None:
    assert find_quantities(text) == []


@pytest.mark.parametrize(
    ("text", "heading", "read"),
    [
        (
            "财政补助标准由每人每年320元提高到380元。",
            NEXT,
            [((2024, 2024), "achieved"), ((2025, 2025), "planned")],
        ),
        (
            "教育投入将由去年的107亿元增加到156亿元。",
            NEXT,
            [((2024, 2024), "achieved"), ((2025, 2025), "planned")],
        ),
        ("辖区央企贡献了全市超过四成的增加值。", NEXT, [((2024, 2024), "achieved")]),
        (
            "全年生产总值增长3%。粮食产量13万吨。",
            "一、过去一年和五年工作回顾",
            [((2024, 2024), "achieved"), ((2024, 2024), "achieved")],
        ),
        ("部门精简四分之一。", "一、2024年工作回顾和2025年要求", [((2024, 2024), "achieved")]),
        ("新建养老机构52个。", "一、牢记嘱托，发展取得新成效", [((2024, 2024), "achieved")]),
        ("新建养老机构52个。", "三、推动发展取得新成效", [(None, None)]),
        ("从2021年到2023年年均超收204亿元。", NEXT, [((2021, 2023), "achieved")]),
        ("信贷规模与去年持平，物价涨幅控制在6%以内。", NEXT, [((2025, 2025), "planned")]),
        ("农业税收入为2020年的98.8%。", NEXT, [((2025, 2025), "planned")]),
        ("居民人均收入比二0二0年翻一番。", NEXT, [((2025, 2025), "planned")]),
        ("建区以来，全县人口增加60%。", "", [(None, "achieved")]),
        ("青壮年文盲率下降到6%以上。", "一、过去五年的政府工作", [((2020, 2024), "achieved")]),
        ("危害损失率已降低到2%以下。", "", [(None, "achieved")]),
        (
            "货物运输量将达到35万吨，比2024年的28万吨增长25%。",
            "",
            [((2025, 2025), "planned"), ((2024, 2024), "achieved"), ((2025, 2025), "planned")],
        ),
    ],
)
def test_years_and_basis_come_from_the_nearest_words(
    text: str, heading: str, read: list[tuple[tuple[int, int] | None, str]]
) -> None:
    assert [(figure.years, figure.basis) for figure in figures(text, heading)] == read
