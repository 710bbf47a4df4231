"""What normalise does to a text, one rule a test, and its invariants by property."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa.corpus.normalise import comparable, normalise, restore
from reportqa.records import Cut, Mark

LONG = "坚持稳字当头，全市经济运行稳中有进，主要指标好于预期，发展质量不断提高。"


def text_of(raw: str) -> str:
    return normalise(raw).text


def test_a_paragraph_broken_by_a_page_is_joined() -> None:
    broken = "经济质效提升。引进总部企业，固定资产投资超过100亿元，开\n\n工重大项目 54 个。"
    raw = f"{LONG}\n\n{broken}\n\n{LONG}"
    assert text_of(raw) == (
        f"{LONG}\n经济质效提升。引进总部企业，固定资产投资超过100亿元，开工重大项目54个。\n{LONG}"
    )


def test_a_definition_broken_by_a_page_is_joined() -> None:
    raw = "1. 甲基金：由省委、省政府\n\n设立的母基金。\n\n2. 乙平台：数据平台。\n\n完。"
    assert text_of(raw).split("\n")[0] == "1. 甲基金：由省委、省政府设立的母基金。"


def test_a_paragraph_that_lacks_its_full_stop_is_not_joined_to_the_next() -> None:
    lines = [LONG] * 40 + ["治理水体。确保一渠清水北上", "深化污染防治。加强治理。"]
    assert text_of("\n".join(lines)).endswith("确保一渠清水北上\n深化污染防治。加强治理。")


def test_a_heading_is_not_joined_to_its_text() -> None:
    raw = f"一、过去五年工作回顾\n（一）坚持创新，动能更强\n{LONG}"
    assert text_of(raw) == raw


def test_a_heading_broken_after_a_comma_is_joined() -> None:
    raw = f"一、回顾五年，我们坚定前行、\n砥砺奋进，取得决定性成就\n{LONG}"
    assert text_of(raw).split("\n")[0] == "一、回顾五年，我们坚定前行、砥砺奋进，取得决定性成就"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("政府工作报\n告\n\n各位代表：", "政府工作报告"),
        (
            "关于某区2024年国民经济和社会发展\n计划执行情况与2025年计划草案的报告\n各位代表：",
            "关于某区2024年国民经济和社会发展计划执行情况与2025年计划草案的报告",
        ),
        (
            "2011年1月20日在某县第十四届人民代表大会\n第五次会议上\n各位代表：",
            "2011年1月20日在某县第十四届人民代表大会第五次会议上",
        ),
    ],
)
def test_a_title_broken_over_lines_is_joined(raw: str, title: str) -> None:
    assert text_of(raw).split("\n")[0] == title


def test_words_that_were_links_on_lines_of_their_own_are_joined() -> None:
    raw = (
        f"{LONG}\n\n要认真落实《\n教育法\n》，细颗粒物（PM\n2.5\n）浓度下降，广义货币M\n2\n增长12%。\n\n"
        + (f"{LONG}\n\n" * 4)
    )
    assert text_of(raw).split("\n")[1] == (
        "要认真落实《教育法》，细颗粒物（PM2.5）浓度下降，广义货币M2增长12%。"
    )


def test_lines_wrapped_at_a_width_are_joined_and_tables_are_not() -> None:
    text = (
        "全年全州工业增加值比上年增长百分之三点五其中轻工业增加值增长较快重工业平稳运行" * 6 + "。"
    )
    wrapped = [text[i : i + 30] for i in range(0, len(text), 30)]
    raw = "\n".join(
        ["一、工业", *wrapped, "表1 主要产品产量", "指标 产量 增长", "粮食 133.77 -2.3"]
    )
    assert text_of(raw) == f"一、工业\n{text}\n表1 主要产品产量\n指标 产量 增长\n粮食 133.77 -2.3"


def test_list_items_begin_a_paragraph_and_keep_their_dashes() -> None:
    raw = "主要指标如下，\n- 生产总值增长 6.5%；\n——就业稳定。\n1. 收入增长。"
    assert text_of(raw) == "主要指标如下，\n- 生产总值增长6.5%；\n——就业稳定。\n1. 收入增长。"


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("推进改 革，完成 7 4 7 7 2 亿元，", "推进改革，完成74772亿元，"),
        ("投资 36.5 9亿元，2 016 年增长 5 %。", "投资36.59亿元，2016年增长5%。"),
        ("汉口 STAY 开业，5G 基站 10 个。", "汉口 STAY 开业，5G 基站10个。"),
        ("各位代表! 时光不负, 奋斗者。", "各位代表!时光不负,奋斗者。"),
        ("武汉市某区人民政府代区长 叶 某", "武汉市某区人民政府代区长 叶某"),
        ("政 府 工 作 报 告", "政府工作报告"),
        ("林 业 86.95 4.2", "林业 86.95 4.2"),
        ("电力、热力供应业 % -23.0", "电力、热力供应业 % -23.0"),
        ("表10 2023年收入、支出情况", "表10 2023年收入、支出情况"),
        ("增长４．5％，PM_{2.5}下降。", "增长４．5％，PM_{2.5}下降。"),
        ("零宽\u200b字符\ufeff和\u3000全角空格。", "零宽字符和全角空格。"),
    ],
)
def test_stray_blanks_go_and_the_others_stay(raw: str, tidied: str) -> None:
    assert text_of(raw) == tidied


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0c", "\u2028", "\u2029", "\x85", "\n\n\n"])
def test_any_line_end_separates_paragraphs(end: str) -> None:
    assert text_of(f"甲。{end}乙。{end}") == "甲。\n乙。"


def test_markdown_marks_are_lifted_off_with_their_offsets() -> None:
    found = normalise("# 报告\n\n### **(一) 扩内需，经济稳**\n\n**实力攀升。**总值增长。")
    assert found.text == "报告\n(一)扩内需，经济稳\n实力攀升。总值增长。"
    assert found.marks == (
        Mark(0, 2, "heading", 1),
        Mark(3, 13, "heading", 3),
        Mark(3, 13, "bold", 0),
        Mark(14, 19, "bold", 0),
    )


def test_a_hash_in_a_plain_table_is_no_heading() -> None:
    found = normalise("指标 增长\n投资 -8.3\n# 住宅 -2.4\n#男性 53.4")
    assert found.text == "指标 增长\n投资 -8.3\n# 住宅 -2.4\n#男性 53.4"
    assert found.marks == ()


@pytest.mark.parametrize(
    "kept", ["[链接](http://a.cn)", "<b>粗</b>", "|甲|乙|", "由____填写", "a\\*b"]
)
def test_unusual_constructs_stay_as_they_are(kept: str) -> None:
    assert text_of(kept) == kept


def test_page_numbers_are_cut_and_the_sentence_mended() -> None:
    raw = f"{LONG}\n全年粮食播种面积稳定。食用菌收获面\n— 4 —\n积 2.5 万亩。"
    found = normalise(raw)
    assert found.text == f"{LONG}\n全年粮食播种面积稳定。食用菌收获面积2.5万亩。"
    assert found.cuts == (Cut(found.text.index("积2.5"), "— 4 —"),)


def test_page_numbers_inside_a_sentence_are_cut() -> None:
    found = normalise("完成一 — 1 — 般公共预算收入，增 — 2 — 长百分之五。")
    assert found.text == "完成一般公共预算收入，增长百分之五。"
    assert [cut.text for cut in found.cuts] == ["—1—", "—2—"]


def test_bare_numbers_are_page_numbers_only_where_they_count_up() -> None:
    pages = "\n".join(f"{LONG * 6}\n{number}" for number in (1, 2, 3))
    assert [cut.text for cut in normalise(pages).cuts] == ["1", "2", "3"]
    stray = f"{LONG}\n广义货币M\n2\n增长13%。{LONG}\n森林覆盖万平方公里\n2\n左右。"
    assert normalise(stray).cuts == ()


def test_a_title_repeated_on_every_page_is_cut_but_for_the_first() -> None:
    title = "某市2023年统计公报"
    raw = f"{title}\n{LONG}\n" + f"{title}\n{LONG}\n" * 4
    found = normalise(raw)
    assert found.text.count(title) == 1
    assert [cut.text for cut in found.cuts] == [title] * 4


def test_site_navigation_is_cut_at_head_and_foot() -> None:
    raw = (
        "当前位置：首页 > 政务公开\n某市政府工作报告\n浏览次数：4034 次\n"
        f"{LONG}\n（下转第四版）（紧接第一版）{LONG}\n"
        "【打印】【关闭】\n友情链接\n某市政府网 ICP备12345号"
    )
    found = normalise(raw)
    assert found.text == f"某市政府工作报告\n{LONG}\n{LONG}"
    assert [cut.text for cut in found.cuts][:2] == [
        "当前位置：首页 > 政务公开",
        "浏览次数：4034次",
    ]
    assert comparable(restore(found)) == comparable(raw)


def test_offices_named_at_the_end_are_no_navigation() -> None:
    raw = f"{LONG}\n主办单位：省教育厅、省财政厅\n十、实施交通惠民工程"
    assert text_of(raw) == raw


def test_nothing_is_left_of_an_empty_text() -> None:
    assert text_of(" \n\u200b\n") == ""


def test_a_line_of_five_megabytes_goes_through_in_seconds() -> None:
    started = time.monotonic()
    text_of("全市生产总值增长 5.3%，改 革开放**持续**深化。" * 80_000)
    assert time.monotonic() - started < 30


_WORDS = """
全市 经济，增长。5 2 % 。 ： “ ” （ ） # ## ** __ - — —— 1 一、 （一） 1. a Word _ * \\ | ；
关于 表1 第3页 报告 公报 [1] ① 各位代表 首页> 责任编辑：张某 （下转第2版）
"""
_SPACES = (" ", "  ", "\n", "\n\n", "\t", "\x0c", "\r\n", "\u3000", "\u200b")
PIECES = st.sampled_from(
    [*_WORDS.split(), *_SPACES, "— 1 —", "报告\n" * 3, "江汉区工作报告\n" * 3, "1\n2\n3\n", LONG]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_nothing_is_lost_and_twice_is_once(raw: str) -> None:
    found = normalise(raw)
    assert comparable(restore(found)) == comparable(raw)
    assert normalise(found.text).text == found.text
    for paragraph in found.text.split("\n") if found.text else []:
        assert paragraph
        assert paragraph == paragraph.strip()
    for mark in found.marks:
        assert 0 <= mark.start <= mark.end <= len(found.text)
    places = [cut.at for cut in found.cuts]
    assert places == sorted(places)
    assert all(0 <= at <= len(found.text) for at in places)
