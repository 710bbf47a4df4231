"""Who asks for a numbered list gets all of its items, in the report's order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.search import Retriever

DEEDS = [
    "一是为老年人建设社区食堂30个",
    "二是改造老旧小区电梯200部",
    "三是新建改建农村公路80公里",
    "四是为学生提供课后托管服务",
]
PROJECTS = [
    "（1）建设南山湖引水工程，铺设管道40公里，新建泵站3座",
    "（2）建设北山货运铁路",
    "（3）建设东山抽水蓄能电站",
]
GAPS = ["一是总量偏小", "二是路网不密", "三是人才不足"]
FOOD = ["一是抽检", "二是追溯", "三是曝光"]
FIRE = ["一是建站", "二是演练", "三是排查"]
SELF = ["一是强化政治建设", "二是加强依法行政", "三是提升履职效能"]
ANNEX = ["一、提升养老服务", "二、扩大学位供给", "三、改善乡村道路"]
LONG = "深入调查研究，改进工作作风，提高办事效率，让群众少跑腿、好办事。" * 4

REPORT = f"""2025年南山县政府工作报告

一、2024年工作回顾
全年地区生产总值增长6%，财政收入完成20亿元。我县还有不少短板，主要表现在三个方面：{"。".join(GAPS)}。

二、2025年重点工作
（一）办好民生实事
今年继续办好四件民生实事：{"；".join(DEEDS)}。群众的事情再小也是大事。
（二）扩大有效投资
加快实施重点项目。{"。".join(PROJECTS)}。强化要素保障。

（三）公共安全
食品监管不放松。{"。".join(FOOD)}。消防救援强基础。{"。".join(FIRE)}。

三、加强政府自身建设
坚持把党的全面领导落实到政府工作全过程。
{chr(10).join(f"{item}。{LONG}" for item in SELF)}

附件
2025年3项惠民工程
{chr(10).join(f"{item}{chr(10)}年度目标：完成投资5000万元，年底前全部完工。" for item in ANNEX)}
"""
OTHER = """2025年北海县政府工作报告

二、2025年重点工作
办好民生实事，着力解决群众急难愁盼问题。继续推进重点项目建设。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("items")
    corpus = {"南山县-2025.txt": REPORT, "北海县-2025.txt": OTHER}
    build_index(write_corpus(folder / "corpus", corpus), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "items"),
    [
        ("南山县2025年的民生实事有哪些？", DEEDS),
        ("南山县2025年四件民生实事是哪些？", DEEDS),
        ("南山县四件民生实事", DEEDS),
        ("南山县2025年加快实施哪些重点项目？", PROJECTS),
        ("南山县2025年加强政府自身建设有哪几项举措？", SELF),
        ("南山县2024年面临哪三个方面的短板？", GAPS),
        ("南山县2025年3项惠民工程有哪些？", ANNEX),
    ],
)
def test_every_item_of_a_numbered_list_is_said_in_order(
    retriever: Retriever, question: str, items: list[str]
) -> None:
    answer = ask(retriever, question).answer
    said = [line.rpartition("[")[0] for line in (answer.text or "").split("\n")]
    assert said[-len(items) :] == items
    assert len(said) - len(items) in (0, 1)  # with the line that leads to it
    assert [citation.number for citation in answer.citations] == list(range(1, len(said) + 1))
    for citation in answer.citations:
        text = retriever.snapshot.report(citation.metadata.id).text
        assert text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    "question",
    [
        "南山县2025年五件民生实事是哪些？",  # four are numbered
        "北海县2025年的民生实事有哪些？",  # another county's
        "南山县2021年的民生实事有哪些？",
        "南山县2025年有哪些旅游景点？",
    ],
)
def test_another_list_is_none_of_what_is_asked_for(retriever: Retriever, question: str) -> None:
    said = ask(retriever, question).answer.text or ""
    assert not any(item in said for item in (DEEDS[3], PROJECTS[2], SELF[2], ANNEX[2]))


def test_a_heading_over_several_lists_names_none_of_them(retriever: Retriever) -> None:
    said = ask(retriever, "南山县2025年的公共安全工作有哪些？").answer.text or ""
    assert not set(FOOD) <= {line.rpartition("[")[0] for line in said.split("\n")}
