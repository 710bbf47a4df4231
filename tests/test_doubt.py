"""When the reports do not answer: every reason, and what must not be taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.doubt import find_doubt
from reportqa.figure_doubt import SAME
from reportqa.fitting import likeness, measure, measure_asked, overlaps
from reportqa.records import Understanding
from reportqa.search import Retriever

REPORT = """# 南山县2024年政府工作报告

——2024年1月20日在南山县第十八届人民代表大会第四次会议上

南山县县长 王小明

## 一、2023年工作回顾

由于消费回暖，全县地区生产总值完成300亿元，增长6%。\
服务业增加值完成120亿元，增长7%。社会消费品零售总额增长5%。\
成功举办第七届全国龙舟大赛，带动全县文化旅游消费持续升温。\
受市场需求不足影响，外贸进出口总额下降3%。生活垃圾分类提质增效。\
组织宣讲，学习贯彻党的二十大精神。李明院士到南山县指导茶叶产业发展。投用首艘海上发射船。办好五项南山实事，群众满意。建成龙舟文化广场2个。\
新改扩建4所中小学、幼儿园，新增学位2370个。\
评选“南山好人”3名，分别是张山、李思、王武。南山人才卡惠及各类人才3200人。\
跨县就医人次由0.2万增加到173.1万。全县有1.2万大学生毕业。人口出生率为7.2‰。农村普惠性幼儿园覆盖率达到90%。开展补贴性技能培训6万人次。粮食总产量达到21万吨。

## 二、2024年工作安排

地区生产总值增长6.5%。社会消费品零售总额增长8%。建成高标准农田2万亩。深化房屋征收攻坚行动。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("doubt")
    build_index(write_corpus(folder / "corpus", {"南山县-2024.md": REPORT}), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        pytest.param("南山县2019年地区生产总值完成多少亿元？", "没有2019年的", id="year"),
        pytest.param(
            "南山县2024年社会消费品零售总额实际增长多少？",
            "没有2024年实际完成的",
            id="year-and-sense",
        ),
        pytest.param(
            "南山县2023年第一产业增加值是多少？", "没有给出“第一产业增加值”", id="other-indicator"
        ),
        pytest.param("南山县有哪几座图书馆？", "没有提到“图书馆”", id="term"),
        pytest.param("南山县“数字孪生”指什么？", "没有提到“数字孪生”", id="quoted"),
        pytest.param("南山县的BIM平台叫什么？", "没有提到“BIM”", id="latin"),
        pytest.param("第八届全国龙舟大赛由哪家单位举办？", "没有提到“第八届”", id="ordinal"),
        pytest.param("新改扩建4所中小学、幼儿园，这4所分别叫什么？", "只说了“4所”", id="items"),
        pytest.param("地区生产总值为什么下降？", "没有证实“下降”", id="presupposition"),
        pytest.param("南山人才卡能拿多少补贴？", "没有给出“", id="money"),
        pytest.param("跨县就医人次由0.5万增加到多少？", "没有提到“0.5万”", id="from-a-figure"),
        pytest.param("南山县县委书记是谁？", "没有提到所问的人", id="person"),
        pytest.param("第七届全国龙舟大赛花了多少钱？", "没有给出“", id="measure-money"),
        pytest.param("高标准农田之间的路有多长？", "没有给出“", id="measure-length"),
        pytest.param("第七届全国龙舟大赛有多少支队伍参加？", "没有给出“", id="measure-things"),
        pytest.param("高标准农田是哪家公司设计的？", "没有提到由谁设计", id="doer"),
        pytest.param("南山县2023年雕塑产业园区是多少个？", "没有给出“雕塑产业园区”", id="name"),
        pytest.param("南山县2023年森林覆盖率是多少？", "没有给出“森林覆盖率”", id="rate"),
        pytest.param("南山县2023年清洁能源装机容量是多少？", "没有给出“清洁能源", id="no-particle"),
        pytest.param("什么是一刻钟便民生活圈？", "没有提到“一刻钟便民生活圈”", id="definition"),
        pytest.param("南山县外贸进出口利润有多少？", "没有给出“", id="head"),
        pytest.param("南山县的五项南山实事分别是什么？", "只说了“五项”", id="items-in-words"),
        pytest.param("首艘海上发射船是哪家船厂建造的？", "没有提到由谁建造", id="maker"),
        pytest.param("全国龙舟大赛的吉祥物叫什么？", "没有提到“吉祥物”", id="thing-named"),
        pytest.param("哪位教授到南山县指导茶叶产业？", "没有提到所问的人", id="titled"),
        pytest.param("南山县有多少所中小学？", "没有说一共有多少“中小学”", id="newly-built"),
        pytest.param("南山县有多大？", "没有给出所问的总面积", id="how-large"),
        pytest.param("南山县有多少个龙舟？", "没有给出“龙舟”的数字", id="of-another-noun"),
        pytest.param("南山县的面积", "没有给出所问的总面积", id="area-of-a-part"),
        pytest.param("南山县有多少人？", "没有给出所问的总人口", id="people-of-a-part"),
        pytest.param("南山县的猫为什么喜欢抓沙发？", "没有提到“", id="reason-of-nothing"),
        pytest.param(
            "Why did Nanshan's gross domestic product shrink?", "没有", id="presupposition-en"
        ),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    retriever: Retriever, question: str, reason: str
) -> None:
    said = ask(retriever, question).answer
    assert said.abstained
    assert said.text is None
    assert reason in (said.reason or "")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("南山县2023年服务业增加值完成多少？", "120亿元"),
        ("社会消费品零售总额2024年增长目标是多少？", "增长8%"),
        ("成功举办了第几届全国龙舟大赛？", "第七届"),
        ("“南山好人”3名分别是谁？", "张山、李思、王武"),
        ("外贸进出口总额为什么下降？", "受市场需求不足影响"),
        ("跨县就医人次由0.2万增加到多少？", "173.1万"),
        ("南山县县长是谁？", "王小明"),
        ("学习党的二十大精神有哪些举措？", "二十大精神"),
        ("哪位院士到南山县指导茶叶产业？", "李明"),
        ("外贸进出口总额下降，主要原因是什么？", "受市场需求不足影响"),
        ("南山县粮食总产量达到多少万吨？", "21万吨"),
        ("南山县大学生毕业多少人？", "1.2万大学生"),
        ("南山县人口出生率是多少？", "7.2‰"),
        ("南山县2023年农村幼儿园覆盖率是多少？", "90%"),
        ("南山县开展补贴性技能培训多少？", "6万人次"),
        ("南山县新改扩建了多少所中小学？", "4所"),
        ("南山县有多少名“南山好人”？", "3名"),
        ("南山县的粮食总产量", "21万吨"),
    ],
)
def test_what_is_there_is_answered(retriever: Retriever, question: str, expected: str) -> None:
    said = ask(retriever, question).answer
    assert not said.abstained, said.reason
    assert said.text is not None
    assert expected in said.text


def test_a_question_in_english_is_refused_where_many_sentences_fit_alike(
    retriever: Retriever,
) -> None:
    hits = retriever.search("地区生产总值")
    best = [(hit, one) for hit in hits for one in hit.ranked][:6]
    alike = [(hit, replace(one, score=50.0)) for hit, one in best]
    ahead = [(best[0][0], replace(best[0][1], score=60.0)), *alike[1:]]
    stated = Understanding(asked="name", language="en")
    assert find_doubt("Which festival was held?", stated, alike)
    assert find_doubt("Which festival was held?", stated, ahead) is None


def test_a_figure_named_by_the_terms_of_an_english_question_answers_it(
    retriever: Retriever,
) -> None:
    hits = retriever.search("粮食总产量")
    best = [(hit, one) for hit in hits for one in hit.ranked]
    grain = next(one for one in best if any(f.indicator == "粮食总产量" for f in one[1].figures))
    alike = [(hit, replace(one, score=50.0)) for hit, one in (grain, *best)][:6]
    stated = Understanding(asked="figure", language="en")
    assert find_doubt("How large was the grain output?", stated, alike) is None
    assert find_doubt("How large was the cotton output?", stated, alike)


def test_an_english_question_needs_a_greater_lead_where_no_term_of_it_is_there(
    retriever: Retriever,
) -> None:
    hits = retriever.search("粮食总产量")
    best = [(hit, one) for hit in hits for one in hit.ranked][:6]
    ahead = [(hit, replace(one, score=50.0 if n else 51.5)) for n, (hit, one) in enumerate(best)]
    stated = Understanding(asked="name", language="en")
    said = ahead[0][0].passage.quote(ahead[0][1].span)
    assert "粮食" in said
    assert find_doubt("Which grain was it?", stated, ahead) is None
    assert find_doubt("Which ballet was it?", stated, ahead)


def test_a_long_term_of_an_english_question_must_be_in_a_sentence(retriever: Retriever) -> None:
    hits = retriever.search("粮食总产量")
    best = [(hit, one) for hit in hits for one in hit.ranked][:6]
    ahead = [(hit, replace(one, score=50.0 if n else 70.0)) for n, (hit, one) in enumerate(best)]
    stated = Understanding(asked="name", language="en")
    said = find_doubt("Which new energy vehicle was it?", stated, ahead)
    assert said == "最接近的原文没有提到“新能源汽车”"
    assert find_doubt("Which vehicle was it?", stated, ahead) is None


def test_an_english_question_is_weighed_against_sentences_of_its_place(
    retriever: Retriever,
) -> None:
    hits = retriever.search("粮食总产量")
    best = [(hit, one) for hit in hits for one in hit.ranked][:6]
    passage = best[0][0].passage
    metadata = replace(passage.metadata, region="北山县")
    elsewhere = replace(best[0][0], passage=replace(passage, metadata=metadata))
    of_place = [(hit, replace(one, score=50.0)) for hit, one in best[:3]]
    behind = [(elsewhere, replace(best[0][1], score=40.0))] * 3
    stated = Understanding(asked="name", language="en", regions=("南山县",))
    assert find_doubt("Which festival was held?", stated, [*of_place, *behind])
    assert (
        find_doubt("Which festival was held?", replace(stated, regions=()), [*of_place, *behind])
        is None
    )


def test_everyday_wording_finds_the_figure_that_shares_a_word(tmp_path: Path) -> None:
    text = "2024年北山县政府工作报告\n\n一、2023年工作回顾\n居民楼改造提速，更新住宅电梯400部。"
    build_index(write_corpus(tmp_path / "corpus", {"北山县-2024.txt": text}), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    assert "400部" in (ask(retriever, "北山县给居民楼换了多少部旧电梯？").answer.text or "")
    assert ask(retriever, "北山县居民楼加固有多少栋？").answer.abstained
    retriever.snapshot.close()


def test_low_caution_doubts_nothing_but_an_empty_search(retriever: Retriever) -> None:
    assert ask(retriever, "南山县有哪几座图书馆？", caution="low").answer.text


@pytest.mark.parametrize(
    ("topic", "indicator", "same"),
    [
        ("地区生产总值", "地区生产总值", True),
        ("GDP", "全县地区生产总值", True),
        ("地区生产总值", "人均地区生产总值", False),
        ("地区生产总值", "服务业增加值占地区生产总值比重", False),
        ("服务业增加值占地区生产总值比重", "服务业增加值占地区生产总值的比重", True),
        ("单位生产总值能耗", "生产总值", False),
        ("單位生產總值能耗", "单位生产总值能耗", True),
        ("示範單位", "示范单位", True),
        ("地区生产总值", "经济", True),
        ("经济", "国内生产总值", True),
        ("GDP", "数字经济核心产业增加值", False),
    ],
)
def test_a_share_or_what_comes_to_a_head_is_another_indicator(
    retriever: Retriever, topic: str, indicator: str, same: bool
) -> None:
    figure = next(f for h in retriever.search("生产总值", 3) for e in h.ranked for f in e.figures)
    figure = replace(figure, indicator=indicator)
    assert (likeness(figure, Understanding(topic=(topic,))) >= SAME) == same


def test_what_a_figure_measures_is_told_by_any_scale(retriever: Retriever) -> None:
    figure = next(f for h in retriever.search("生产总值", 3) for e in h.ranked for f in e.figures)
    for unit in ("斤", "亿斤", "万亿斤", "千万亿斤"):
        assert measure(replace(figure, unit=unit)) == measure_asked("收了多少斤", "斤")


def test_growth_of_the_economy_is_growth_of_what_it_produces(tmp_path: Path) -> None:
    text = """2025年北川省政府工作报告

一、2024年工作回顾
全省粮食产量500亿斤。
二、2025年工作安排
经济社会发展的主要预期目标是：经济增长6%左右。
"""
    build_index(write_corpus(tmp_path / "corpus", {"a.txt": text}), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    found = [(hit, hit.ranked[0]) for hit in retriever.search("经济增长目标", 1)]
    assert "6%左右" in found[0][0].passage.quote(found[0][1].span)
    for name in ("地区生产总值", "GDP"):
        question = f"2025年{name}增长目标是多少？"
        assert find_doubt(question, retriever.understand(question), found) is None


def test_a_direction_asked_about_is_no_word_that_must_be_there(retriever: Retriever) -> None:
    for way in ("下降", "上升", "减少"):
        text = ask(retriever, f"南山县外贸进出口总额{way}了吗？").answer.text or ""
        assert text.startswith("受市场需求不足影响，外贸进出口总额下降3%")
        assert "\n" not in text  # the sentence that decides, alone


def test_a_figure_of_another_indicator_is_no_second_opinion(retriever: Retriever) -> None:
    text = ask(retriever, "南山县2023年服务业增加值是多少？").answer.text or ""
    assert "120亿元" in text
    assert "\n" not in text


def test_a_figure_of_another_span_of_years_is_none_of_the_one_asked_for(
    retriever: Retriever,
) -> None:
    figure = next(f for h in retriever.search("生产总值", 3) for e in h.ranked for f in e.figures)
    asked = Understanding(years=(2016, 2017, 2018, 2019, 2020))
    told = {
        years: overlaps(replace(figure, years=years, basis=None), asked)
        for years in ((2016, 2020), (2015, 2020), (2018, 2018), (2012, 2016), (2018, 2022))
    }
    assert [years for years, of in told.items() if of] == [(2016, 2020), (2015, 2020), (2018, 2018)]
