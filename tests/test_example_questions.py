"""The questions that the page suggests: made from the reports, each answered from where it was
made, of different kinds, the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.records import Answer, Citation, Metadata, Span, Understanding
from reportqa.search import Retriever
from reportqa.web.examples import Example, example_questions

LATER = {
    "南山县-2025.txt": """2025年南山县政府工作报告

一、2024年工作回顾
全县地区生产总值完成410亿元，增长5.9%。

二、2025年工作安排
主要预期目标是：地区生产总值增长6%左右。
（一）建设现代交通
1. 公路。建设现代交通干线80公里，改造农村公路60公里。
2. 枢纽。建设现代交通枢纽2个，开通公交线路9条。
（二）办好民生实事。新建养老服务中心7个，新增学位900个。

名词解释
三长制：指河长、林长、路长共同负责的管护办法。
一网通办：指政务服务事项在一个平台上办理。
""",
    "北川县-2025.txt": """2025年北川县政府工作报告

一、2024年工作回顾
全县地区生产总值完成275亿元，增长4.8%。

二、2025年工作安排
主要预期目标是：地区生产总值增长5.5%左右，城镇新增就业2100人以上。
（一）推进产业升级。新引进亿元以上项目12个，高新技术企业突破40家。
""",
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("examples")
    build_index(write_corpus(folder / "corpus", REPORTS | LATER), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


def test_a_figure_measures_a_term_and_a_comparison_are_asked_about(retriever: Retriever) -> None:
    figure, measures, term, comparison = example_questions(retriever)
    assert figure.endswith("是多少？")
    assert measures.endswith("有哪些举措？")
    assert term == "什么是“三长制”？"
    assert comparison.endswith("各是多少？")
    assert "县和" in comparison


def test_every_example_is_short_and_answered(retriever: Retriever) -> None:
    for question in example_questions(retriever):
        assert len(question) <= 32
        assert ask(retriever, question, k=5).answer.text, question


def test_the_same_reports_give_the_same_examples_and_no_more_than_wanted(
    retriever: Retriever,
) -> None:
    examples = example_questions(retriever)
    assert examples == example_questions(retriever)
    assert example_questions(retriever, 2) == examples[:2]


def test_as_few_questions_are_tried_as_will_do(
    retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    encode = retriever.encode

    def count(self: Retriever, questions: list[str], understood: list[Understanding]) -> object:
        encoded.extend(questions)
        return encode(questions, understood)

    monkeypatch.setattr(Retriever, "encode", count)
    examples = example_questions(retriever)
    assert len(examples) == 4
    assert len(encoded) <= 8


def test_reports_of_no_known_place_give_no_examples(tmp_path: Path) -> None:
    build_index(
        write_corpus(tmp_path / "corpus", {"a.txt": "一段没有地名的文字。"}), tmp_path / "i"
    )
    retriever = open_retriever(tmp_path / "i")
    assert example_questions(retriever) == ()
    retriever.snapshot.close()


METADATA = Metadata("a", "报告", "东山县", None, "政府工作报告", None, 2024, "a.txt")
CITED = Citation(1, METADATA, (), 10, 20, "完成3.2亿元")
ANSWER = Answer("完成 3.2 亿元[1]", False, None, "extractive", (CITED,))
ASKED = Example("多少？", (("a", Span(12, 30)),), ("3.2亿元",))


def test_an_example_is_right_where_its_own_sentence_is_cited_and_its_words_are_said() -> None:
    assert ASKED.answered_by(ANSWER)
    assert not replace(ASKED, parts=(("b", Span(12, 30)),)).answered_by(ANSWER)
    assert not replace(ASKED, parts=(("a", Span(20, 30)),)).answered_by(ANSWER)
    assert not replace(ASKED, said=("5亿元",)).answered_by(ANSWER)
    assert not replace(ASKED, least=2).answered_by(ANSWER)
    assert not replace(ASKED, parts=(*ASKED.parts, ("a", Span(40, 50)))).answered_by(ANSWER)
    assert not ASKED.answered_by(replace(ANSWER, text=None, abstained=True))
