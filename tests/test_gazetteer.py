"""A place is told from a word, from a part of a name, and from the place around it."""

from __future__ import annotations

import pytest

from reportqa.gazetteer import Gazetteer
from reportqa.places import region_matches

JIANGHAN = Gazetteer(["武汉市江汉区"])
SEVERAL = Gazetteer(
    ["南京市鼓楼区", "福州市鼓楼区", "山西省", "平安县", "吉林省", "长阳土家族自治县"]
)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("硚口区新增就业多少人", ("硚口区",)),
        ("武汉市洪山区的目标", ("洪山区",)),
        ("2023年汉阳固定资产投资增长多少", ("汉阳",)),
        ("江汉和青山区谁的投资多", ("青山区",)),
        ("江汉和硚口谁的投资多", ("硚口",)),
        ("江汉和石家庄哪个人口多", ("石家庄",)),
        ("Who is the mayor of Wuhan?", ("武汉市",)),
        ("Where in Wuhan does Jianghan lie?", ()),
        ("贵阳新增就业多少", ("贵阳",)),
        ("湖南省长沙市的投资", ("长沙市",)),
        ("恩施州的茶叶产量", ("恩施州",)),
        ("五峰县的茶叶产量", ("五峰县",)),
        ("鄂伦春自治旗的林地", ("鄂伦春自治旗",)),
        ("义乌市的出口", ("义乌市",)),
        ("How many clinics has Hanyang District?", ("汉阳区",)),
        ("Growth in Guizhou", ("贵州省",)),
        ("Schools of Suzhou City", ("Suzhou City",)),
    ],
)
def test_a_place_without_a_report_is_missing(question: str, missing: tuple[str, ...]) -> None:
    assert JIANGHAN.read(question).missing == missing


@pytest.mark.parametrize(
    "question",
    [
        "老旧小区加装电梯几部",
        "社区食堂有几家",
        "产业园区有几个",
        "全区的绿地",
        "市区的绿地",
        "新城区的路灯",
        "南部山区的水库",
        "朝阳产业有哪些",
        "西湖龙井产量",
        "和平时期的军队",
        "江汉大学的学生",
        "武汉大学的学生",
        "上海证券交易所的规则",
        "中山大学的专家",
        "南山医院的床位",
        "公安机关破案几起",
        "长寿老人有多少",
        "2024年新建学校几所",
        "合作社有几家",
        "友好城市有几个",
        "沿海城市的经验",
        "新增城区道路几条",
        "管理县级公路",
        "城市和县城的差别",
        "东方市场在哪里",
        "与武昌区交界的路段",
        "对口支援博乐市的项目",
        "武汉时装周的主题",
        "江汉艺术中心何时开放",
        "南京路的商铺",
        "阿里云的机房",
        "长治久安靠什么",
        "Which schools opened in the Financial District?",
        "Wuhan University graduates",
        "宜昌到贵阳的高铁",
        "长沙至贵阳的航班",
    ],
)
def test_what_is_no_place_asked_about_is_not_missing(question: str) -> None:
    assert JIANGHAN.read(question).missing == ()


@pytest.mark.parametrize(
    ("question", "regions", "missing"),
    [
        ("鼓楼区的目标", {"南京市鼓楼区", "福州市鼓楼区"}, ()),
        ("福州市鼓楼区的目标", {"福州市鼓楼区"}, ()),
        ("开封市鼓楼区的目标", set(), ("开封市鼓楼区",)),
        ("福建鼓楼区的目标", {"福州市鼓楼区"}, ()),
        ("平安建设的成效", set(), ()),
        ("平安县的目标", {"平安县"}, ()),
        ("2024年平安GDP是多少", {"平安县"}, ()),
        ("平安出行", set(), ()),
        ("长阳县的茶", {"长阳土家族自治县"}, ()),
        ("长阳的茶", {"长阳土家族自治县"}, ()),
        ("山西、吉林谁多", {"山西省", "吉林省"}, ()),
        ("Tea of Changyang County", {"长阳土家族自治县"}, ()),
    ],
)
def test_a_name_is_every_region_at_hand_called_so(
    question: str, regions: set[str], missing: tuple[str, ...]
) -> None:
    found = SEVERAL.read(question)
    assert (found.regions, found.missing) == (regions, missing)


def test_spans_cover_the_places_named() -> None:
    text = "江汉区和硚口区的绿地"
    spans = JIANGHAN.read(text).spans
    assert [text[start:end] for start, end in spans] == ["江汉区", "硚口区"]


def test_an_english_name_finds_a_city_whose_name_ends_in_a_unit() -> None:
    found = Gazetteer(["杭州市"]).read("Parks in Hangzhou")
    assert (found.regions, found.missing) == ({"杭州市"}, ())


def test_a_region_of_one_character_is_found_by_filters_and_in_no_word() -> None:
    assert Gazetteer(["京", "北京市"]).read("北京2024年的GDP").regions == {"北京市"}
    assert region_matches("京", "京")
    assert not region_matches("北京市", "京")
