"""What people ask and no report tells, and what sounds like it and is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.search import Retriever

REPORT = """# 南山县2024年政府工作报告

——2024年1月20日在南山县第十八届人民代表大会第四次会议上

## 一、2023年工作回顾

全面取消居住证收费，社会保障卡持卡人数达到30万人。企业开办登记由窗口办理改为网上办理，一天办结。\
全年居民消费价格上涨0.3%。新开通公交线路3条，公交票价降到1元。新建保障性住房500套。\
12345热线电话受理诉求2万件。粮食总产量达到21万吨。全县失业率降到5%。\
对美国出口增长6%。

## 二、2024年工作安排

深化房屋征收攻坚行动。新增老年食堂6个。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("beside")
    build_index(write_corpus(folder / "corpus", {"南山县-2024.md": REPORT}), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        pytest.param("怎么办理居住证？", "没有说怎样办理", id="how"),
        pytest.param("南山县社会保障卡去哪里补办？", "没有说怎样补办", id="where"),
        pytest.param("保障性住房申请要什么材料？", "没有说怎样申请", id="papers"),
        pytest.param("How do I apply for a residence permit?", "没有说怎样", id="how-en"),
        pytest.param("南山县政府的邮编是多少？", "没有提到“邮编”", id="detail"),
        pytest.param("南山县今天堵车吗？", "不说“今天”", id="today"),
        pytest.param("请帮我写一份年终总结", "不是报告能回答的", id="task"),
        pytest.param("南山县的粮食多少钱一斤？", "没有给出所问的价格", id="price"),
        pytest.param("南山县保障性住房的房租是多少？", "没有给出所问的价格", id="rent"),
        pytest.param("日本2023年的失业率是多少？", "没有提到“日本”", id="country"),
    ],
)
def test_what_no_report_tells_is_refused_by_name(
    retriever: Retriever, question: str, reason: str
) -> None:
    said = ask(retriever, question).answer
    assert said.abstained
    assert reason in (said.reason or "")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("南山县企业开办登记怎么办理？", "网上办理"),
        ("南山县12345热线电话受理诉求多少件？", "2万件"),
        ("南山县2023年居民消费价格上涨多少？", "0.3%"),
        ("南山县公交票价是几块钱？", "1元"),
        ("南山县对美国出口增长多少？", "6%"),
        ("南山县2023年的失业率是多少？", "5%"),
    ],
)
def test_what_is_told_of_the_same_things_is_answered(
    retriever: Retriever, question: str, expected: str
) -> None:
    said = ask(retriever, question).answer
    assert not said.abstained, said.reason
    assert expected in (said.text or "")
