"""A term is explained by what explains it; where it is only used, that is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.search import Retriever

REPORT = """2024年南山县政府工作报告

一、2023年工作回顾
低空经济快速成长，建成通用机场1座。发展低空经济是我县的重大机遇。人工智能是新一轮科技革命的重要驱动力量。\
建成建筑信息模型（BIM）管理平台。南山管家为老人送餐3万次。全县地区生产总值完成300亿元，增长6%。

二、2024年重点工作
继续发展低空经济，引进企业10家。深化林长制改革，加强山林管护。推广南山管家服务，让老人在家门口享受照料。

名词解释
1.“三减一增”：指减材料、减环节、减时限，增加满意度。
2.林长制：即由党政负责人担任林长，负责森林资源保护发展的制度。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("meaning")
    build_index(write_corpus(folder / "corpus", {"南山县-2024.txt": REPORT}), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("什么是“三减一增”？", "减材料、减环节、减时限"),
        ("啥叫林长制", "由党政负责人担任林长"),
        ("人工智能是什么？", "人工智能是新一轮科技革命的重要驱动力量"),
        ("BIM是什么的简称？", "建筑信息模型（BIM）"),
        ("南山管家是干什么的？", "南山管家"),
    ],
)
def test_a_term_that_is_explained_is_answered_by_what_explains_it(
    retriever: Retriever, question: str, told: str
) -> None:
    answer = ask(retriever, question).answer
    assert told in (answer.text or "")


@pytest.mark.parametrize("question", ["什么是低空经济？", "低空经济是什么意思？"])
def test_a_term_that_is_only_used_is_not_explained_by_its_uses(
    retriever: Retriever, question: str
) -> None:
    answer = ask(retriever, question).answer
    assert answer.text is None
    assert answer.reason is not None
    assert answer.reason.startswith("报告提到“低空经济”，但没有说明它的含义")
    assert all("低空经济" in citation.quote for citation in answer.citations)


def test_a_term_in_no_report_is_said_to_be_in_none(retriever: Retriever) -> None:
    reason = ask(retriever, "什么是量子纠缠态？").answer.reason or ""
    assert reason.startswith("报告没有提到“量子纠缠态”")


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("人工智能是什么？", "人工智能"),
        ("啥叫河长制", "河长制"),
        ("什么是居委会呢", "居委会"),
        ("碳中和是什么意思", "碳中和"),
        ("网格员是干什么的？", "网格员"),
    ],
)
def test_a_term_keeps_the_characters_that_end_it(
    retriever: Retriever, question: str, term: str
) -> None:
    assert retriever.understand(question).topic == (term,)
