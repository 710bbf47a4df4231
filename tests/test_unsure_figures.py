"""Where what a number is of would be a guess, no indicator is given; its neighbours keep theirs."""

from __future__ import annotations

import pytest

from reportqa.figures import extract_figures
from reportqa.passages import split_sentences
from reportqa.records import Figure, Metadata, Passage, Section

METADATA = Metadata("r", "政府工作报告", "某县", None, "政府工作报告", "2025-01-08", 2025, "r.md")


def figures(text: str, heading: str = "一、2024年工作回顾") -> tuple[Figure, ...]:
    """The figures of a text that stands under a heading of a report of January 2025."""
    section = Section(0, len(text), 0, (heading,), "body", (), None)
    passage = Passage(METADATA, section, 0, len(text), text, split_sentences(text), (), None)
    return extract_figures(passage)


def named(text: str) -> list[tuple[str, str]]:
    return [(figure.indicator, figure.text) for figure in figures(text)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # words that name nothing
        ("一九八三和一九八四两年合计60亿元。", [("", "60亿元")]),
        ("茶叶产销两旺，继续保持40%以上增长、达30万吨。", [("", "40%以上"), ("", "30万吨")]),
        ("建成茶园3万亩、在建2万亩。", [("建成茶园", "3万亩"), ("", "2万亩")]),
        ("擦亮茶园品牌，省级35个。", [("", "35个")]),
        ("实施六个“倍增计划”。", [("", "六个")]),
        ("新开工保障房700套，基本建成500套。", [("新开工保障房", "700套"), ("", "500套")]),
        # whose it is stands elsewhere
        ("实现年产值20亿元。", [("", "20亿元")]),
        ("借款三十亿元，只占全部经费的5%。", [("借款", "三十亿元"), ("", "5%")]),
        ("分布在沿海的有20个，分布在内地的有30个。", [("", "20个"), ("", "30个")]),
        # a clause and no name
        ("考虑价格下降因素，比上年实际增长4%。", [("", "4%")]),
        ("各部门要带头节约、坚决把会议压减三成。", [("", "三成")]),
        ("货物周转量要在上年基数上增长30%。", [("", "30%")]),
        ("初步改良了40万亩。", [("", "40万亩")]),
        ("各地茶场已经陆续投入生产5万亩。", [("", "5万亩")]),
        ("参加全省茶博会、开展品鉴50场。", [("", "50场")]),
        # the noun behind runs on
        ("交通先行，80个行政村建有客货邮站点。", [("", "80个")]),
        ("扶持20个山区乡镇因地制宜发展茶叶。", [("", "20个")]),
        ("为1600户高山茶农安装太阳能路灯。", [("", "1600户")]),
        ("有30个农户的小农经济。", [("", "30个")]),
        # words of another number
        ("培育30户交易额1000万元以上电商企业。", [("", "30户"), ("", "1000万元以上")]),
        ("新建南岭、北岭等6座500千伏变电站。", [("", "6座")]),
        ("我们是一个人口占世界五分之一的国家。", [("", "五分之一")]),
        ("引进35岁以下大学生。", [("", "35岁以下")]),
        ("打造24小时自助书房。", [("", "24小时")]),
        ("安排资金8亿元、20万亩。", [("安排资金", "8亿元"), ("", "20万亩")]),
        # a list that shares its words undivided
        (
            "三类茶园单产分别达到40斤、50斤和60斤。",
            [("", "40斤"), ("", "50斤"), ("", "60斤")],
        ),
    ],
)
def test_a_guess_at_what_a_number_is_of_names_no_indicator(
    text: str, read: list[tuple[str, str]]
) -> None:
    assert named(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("完成签约300户。", [("签约", "300户")]),
        ("出口增长6%。", [("出口", "6%")]),
        ("茶叶产值达到20亿元。", [("茶叶产值", "20亿元")]),
        ("管理费占全部经费的5%。", [("管理费占全部经费", "5%")]),
        ("通硬化路的自然村有20个。", [("通硬化路的自然村", "20个")]),
        ("在校学生3万人。", [("在校学生", "3万人")]),
        ("已建在建充电桩500个。", [("已建在建充电桩", "500个")]),
        ("20个重点项目全部开工。", [("重点项目", "20个")]),
        ("为300名困难和重度残疾人发放补贴。", [("困难和重度残疾人", "300名")]),
        ("建成3个新式的大型制茶厂。", [("建成新式的大型制茶厂", "3个")]),
        ("制定3项国家标准。", [("制定国家标准", "3项")]),
        (
            "到省城时间由5小时缩短到3小时。",
            [("到省城时间", "5小时"), ("到省城时间", "3小时")],
        ),
        ("两次下调贷款利率。", [("下调贷款利率", "两次")]),
        ("引进总投资50亿元以上的茶饮项目。", [("引进总投资茶饮项目", "50亿元以上")]),
        ("城乡居民收入分别增长4%、6%。", [("城乡居民收入", "4%"), ("城乡居民收入", "6%")]),
    ],
)
def test_what_only_looks_like_a_guess_keeps_its_indicator(
    text: str, read: list[tuple[str, str]]
) -> None:
    assert named(text) == read


def test_what_leans_on_a_guess_names_no_indicator_either() -> None:
    assert named("实现年产值20亿元、增长8%。") == [("", "20亿元"), ("", "8%")]


def test_a_figure_without_an_indicator_keeps_its_number_year_and_basis() -> None:
    (figure,) = figures("初步改良了40万亩。")
    assert (figure.value, figure.unit) == (40, "万亩")
    assert (figure.years, figure.basis) == ((2024, 2024), "achieved")
    assert figure.indicator_spans == ()
