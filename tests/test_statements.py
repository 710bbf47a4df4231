"""What is said of a sentence is as short as it can be and still whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.search import Retriever
from reportqa.statements import best_figure

NOTES = """
名词解释

1. “一体两带”：“一体”即县城主城区。“两带”即沿江产业带和沿山生态带。“一体”先行建设。
2. 无感审批：即以主动服务替代被动服务的全新政务服务模式，依托大数据等技术手段，\
提前发现群众办事需求，精准对接办事群众，免费快递审批结果，\
整个办事过程企业和群众无需主动申请、无需提交材料、无需来回跑腿。
3. 东山管家：覆盖全县的一支群防群治力量。人员从网格员、志愿者中挑选，承担信息收集员职责。
4. 四类人员：即低保户、特困户、残疾人家庭和边缘户。
"""
CORPUS = {
    "东山县-2023.txt": f"""2023年东山县政府工作报告
——2023年1月10日在东山县第十七届人民代表大会第二次会议上

一、2022年工作回顾
全县地区生产总值完成302.6亿元。五年来，粮食单产年均增长3%。为四类人员改造危房39户，成效明显。

二、2023年工作安排
地区生产总值增长6.5%以上。社会消费品零售总额增长9%左右。实施一体两带战略，推行无感审批。
{NOTES}""",
    "东山县-2024.txt": """2024年东山县政府工作报告
——2024年1月10日在东山县第十七届人民代表大会第三次会议上

一、2023年工作回顾
全县地区生产总值完成321.5亿元，同比增长6.1%。

二、2024年工作安排
地区生产总值增长7%。
办好三件民生实事，包括：新建公园5个；改造菜场3座；增设公交站亭20处。财政收入平稳。
新建图书馆1座，推动全民阅读走进城乡社区。举办读书节。全民健身活动丰富多彩。
""",
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("statements")
    build_index(write_corpus(folder / "corpus", CORPUS), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        pytest.param(
            "东山县的“无感审批”是什么意思？",
            "无感审批：即以主动服务替代被动服务的全新政务服务模式，依托大数据等技术手段，"
            "提前发现群众办事需求，精准对接办事群众，免费快递审批结果[1]",
            id="long",
        ),
        pytest.param(
            "什么叫“一体两带”？",
            "“一体两带”：“一体”即县城主城区。“两带”即沿江产业带和沿山生态带。“一体”先行建设[1]",
            id="parts",
        ),
        pytest.param(
            "“一体两带”里的“一体”指什么？", "“一体两带”：“一体”即县城主城区[1]", id="part"
        ),
        pytest.param(
            "“东山管家”是干什么的？",
            "东山管家：覆盖全县的一支群防群治力量。人员从网格员、志愿者中挑选，承担信息收集员职责[1]",
            id="two-sentences",
        ),
        pytest.param(
            "“四类人员”包括哪些？", "四类人员：即低保户、特困户、残疾人家庭和边缘户[1]", id="list"
        ),
    ],
)
def test_a_definition_is_whole_and_short_and_without_its_number(
    retriever: Retriever, question: str, said: str
) -> None:
    assert ask(retriever, question).answer.text == said


def test_a_row_of_items_is_given_to_its_end(retriever: Retriever) -> None:
    text = ask(retriever, "东山县2024年要办哪些民生实事？").answer.text or ""
    said = "办好三件民生实事，包括：新建公园5个；改造菜场3座；增设公交站亭20处[1]"
    assert text.split("\n")[0] == said


def test_beside_a_sentence_in_the_topics_words_none_without_them_is_said(
    retriever: Retriever,
) -> None:
    text = ask(retriever, "东山县全民阅读").answer.text or ""
    assert text.split("\n")[0] == "新建图书馆1座，推动全民阅读走进城乡社区[1]"
    assert "公园" not in text
    assert "生产总值" not in text


def test_what_became_of_a_plan_stands_before_it(retriever: Retriever) -> None:
    text = ask(retriever, "东山县2023年地区生产总值增长多少？").answer.text or ""
    first, second = text.split("\n")
    assert "同比增长6.1%" in first
    assert "实际" in first
    assert "增长6.5%以上" in second
    assert "计划" in second


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("东山县2023年地区生产总值的增长目标是多少？", "增长6.5%以上"),
        ("东山县2023年社会消费品零售总额增长多少？", "增长9%左右"),
        ("东山县2024年地区生产总值增长多少？", "增长7%"),
    ],
)
def test_a_plan_stands_alone_where_it_is_asked_for_or_all_there_is(
    retriever: Retriever, question: str, held: str
) -> None:
    text = ask(retriever, question).answer.text or ""
    assert held in text
    assert "实际" not in text


TEA = """2024年茶山县政府工作报告

二、2024年工作安排
用三年时间推动茶叶产业高质量发展。成立研究院，制定种植规程。旅游收入由2亿元增加到3亿元。
"""


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("tea")
    build_index(write_corpus(folder / "corpus", {"茶山县-2024.txt": TEA}), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


def test_what_is_announced_in_the_words_of_the_question_is_followed_by_what_is_done(
    tea: Retriever,
) -> None:
    said = ask(tea, "茶山县怎样推动茶叶产业高质量发展？").answer.text or ""
    assert said.split("\n")[:2] == [
        "用三年时间推动茶叶产业高质量发展[1]",
        "成立研究院，制定种植规程[2]",
    ]


@pytest.mark.parametrize(
    ("question", "told"), [("旅游收入增加到多少亿元？", "3亿元"), ("旅游收入多少亿元？", "2亿元")]
)
def test_of_a_rise_the_figure_that_was_reached_is_the_one_asked_for(
    tea: Retriever, question: str, told: str
) -> None:
    hits = tea.search(question)
    figures = next(e.figures for h in hits for e in h.ranked if len(e.figures) == 2)
    best = best_figure(question, figures, tea.understand(question))
    assert best is not None
    assert best.text == told
