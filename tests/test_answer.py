"""An answer is verbatim sentences, each with a citation that resolves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from time import sleep

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import answer, ask, ask_many
from reportqa.filters import make_filters
from reportqa.prompt import Message
from reportqa.search import Retriever


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("answer")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


ASIDE = re.compile(r"(?:（[^（）]*）)?\[(\d+)\]$")


@pytest.mark.parametrize(
    "question",
    [
        "地区生产总值完成多少",
        "改造老旧小区几个",
        "高新技术企业",
        "东山县和西河市地区生产总值相比怎么样？",
        "西河市交通枢纽建设得怎么样？",
    ],
)
def test_every_statement_is_verbatim_in_the_quote_of_its_number(
    retriever: Retriever, question: str
) -> None:
    said = ask(retriever, question).answer
    assert said.text is not None
    lines = [line for line in said.text.split("\n") if not line.startswith("问题未写明地区")]
    assert [int(ASIDE.search(line)[1]) for line in lines] == [  # type: ignore[index]
        citation.number for citation in said.citations
    ]
    for line, citation in zip(lines, said.citations, strict=True):
        text = retriever.snapshot.report(citation.metadata.id).text
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote == citation.quote.strip()
        assert ASIDE.sub("", line).rpartition("：")[2] in citation.quote


def test_where_no_place_is_named_each_place_has_a_row_and_that_is_said(
    retriever: Retriever,
) -> None:
    said = ask(retriever, "地区生产总值完成多少亿元？").answer.text or ""
    *rows, note = said.split("\n")
    assert {row.partition("：")[0] for row in rows} == {"东山县", "西河市"}
    assert all(("321.5亿元" in row) != ("1580亿元" in row) for row in rows)
    assert note == "问题未写明地区，以上是2个地区各自的数字；写明地区可查得更准"


@pytest.mark.parametrize(
    "question",
    [
        "东山县地区生产总值完成多少亿元？",
        "粮食总产量达到多少万吨？",  # only one place tells it
        "改造了多少个老旧小区？",
    ],
)
def test_one_place_named_or_the_only_one_is_answered_for_itself(
    retriever: Retriever, question: str
) -> None:
    assert "问题未写明地区" not in (ask(retriever, question).answer.text or "")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "东山县2023年地区生产总值完成多少？",
            "全县地区生产总值完成321.5亿元，增长6.1%（东山县，2023年，实际）[1]",
        ),
        (
            "东山县2024年城镇新增就业目标是多少人？",
            "城镇新增就业3200人以上（东山县，2024年，计划）[1]",
        ),
        (
            "西河市粮食总产量是多少？",
            "粮食总产量达到212万吨，连续八年稳定增长（西河市，2023年，实际）[1]",
        ),
    ],
)
def test_a_figure_is_given_with_place_year_and_sense(
    retriever: Retriever, question: str, expected: str
) -> None:
    said = ask(retriever, question).answer
    assert said.text is not None
    assert expected.removesuffix("[1]") in said.text.split("\n")[0]


def test_the_first_citation_is_the_sentence_that_answers(retriever: Retriever) -> None:
    said = ask(retriever, "西河市粮食总产量是多少").answer
    assert "粮食总产量达到212万吨" in said.citations[0].quote


def test_two_places_compared_get_a_statement_each(retriever: Retriever) -> None:
    said = ask(retriever, "东山县和西河市2023年地区生产总值相比，谁更高？").answer
    assert said.text is not None
    assert "321.5亿元" in said.text
    assert "1580亿元" in said.text


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("东山县2019年地区生产总值完成多少亿元？", "没有2019年的"),
        ("西河北站新增公交线路的总投资是多少亿元？", "但没有给出“"),
        ("西河北站为什么停工了？", "没有说原因"),
        ("西河北站是哪一天建成投用的？", "没有说时间"),
    ],
)
def test_what_the_evidence_lacks_is_named_and_the_nearest_shown(
    retriever: Retriever, question: str, reason: str
) -> None:
    said = ask(retriever, question).answer
    assert said.abstained
    assert said.text is None
    assert reason in (said.reason or "")
    assert 1 <= len(said.citations) <= 2


def test_low_caution_answers_what_normal_caution_does_not(retriever: Retriever) -> None:
    question = "西河北站为什么停工了？"
    assert ask(retriever, question).answer.abstained
    assert ask(retriever, question, caution="low").answer.text


def test_high_caution_refuses_a_figure_of_which_no_word_is_there(retriever: Retriever) -> None:
    question = "东山县办理离婚登记多少对？"
    said = ask(retriever, question, caution="high").answer
    assert said.abstained
    assert "没有提到“办理离婚登记”" in (said.reason or "")


def test_nothing_found_is_an_abstention_that_says_what_there_is(retriever: Retriever) -> None:
    said = ask(retriever, "地区生产总值", filters=make_filters(region=["山东"])).answer
    assert said.text is None
    assert said.abstained
    assert said.reason is not None
    assert "没有段落符合筛选条件" in said.reason
    assert "西河市" in said.reason
    assert said.citations == ()


def test_a_place_no_report_is_of_is_not_answered_from_another(retriever: Retriever) -> None:
    reply = ask(retriever, "山东2023年地区生产总值完成多少")
    assert reply.understood.missing == ("山东",)
    assert reply.answer.abstained
    assert (reply.answer.reason or "").startswith("没有山东的报告。现有 2 篇报告")
    assert reply.hits  # the nearest there is, shown as such
    both = ask(retriever, "山东和西河市的粮食总产量").answer
    assert both.text is not None


def test_what_lies_in_a_place_does_not_answer_for_it(tmp_path: Path) -> None:
    report = "2024年武汉市江汉区政府工作报告\n\n一、2023年工作回顾\n全区生产总值完成1630亿元。\n"
    build_index(write_corpus(tmp_path / "corpus", {"江汉-2024.txt": report}), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    said = ask(retriever, "武汉2023年的生产总值是多少？").answer
    assert said.reason == "没有武汉的报告，只有武汉市江汉区的。以下是最接近的原文"
    assert "1630亿元" in said.citations[0].quote
    assert "1630亿元" in (ask(retriever, "江汉2023年的生产总值是多少？").answer.text or "")
    retriever.snapshot.close()


def test_a_figure_of_a_place_is_not_told_of_another(retriever: Retriever) -> None:
    text = ask(retriever, "东山县粮食总产量是多少？").answer.text or ""
    assert "西河市" not in text
    assert "212万吨" not in text


def test_the_mark_of_a_list_item_is_no_part_of_the_quote(retriever: Retriever) -> None:
    said = ask(retriever, "城镇新增就业3200人以上").answer
    assert said.citations[0].quote == "城镇新增就业3200人以上。"


def test_replies_keep_the_order_and_ids_of_the_questions(retriever: Retriever) -> None:
    replies = ask_many(retriever, ["就业", "绿地"], 2, ids=["x", "y"])
    assert [(r.id, r.question, len(r.hits)) for r in replies] == [
        ("x", "就业", 2),
        ("y", "绿地", 2),
    ]
    assert all(r.seconds > 0 for r in replies)


def test_the_stages_of_a_question_make_up_its_time(retriever: Retriever) -> None:
    replies = ask_many(retriever, ["就业", "绿地"])
    assert replies[0].timings == replies[1].timings
    stages = astuple(replies[0].timings)
    assert all(seconds > 0 for seconds in stages[:4])
    assert sum(stages) == pytest.approx(sum(reply.seconds for reply in replies))
    assert stages[4] == 0

    def write_slowly(messages: Sequence[Message]) -> Iterator[str]:
        sleep(0.02)
        yield "不知道"

    slow = ask(retriever, "高新技术企业多少家", llm=write_slowly)
    assert 0.02 <= slow.timings.written < slow.seconds


def test_without_answers_hits_are_all_there_is(retriever: Retriever) -> None:
    found = ask_many(retriever, ["城镇新增就业3200人以上"], 2, answered=False)[0]
    assert found.hits == ask(retriever, "城镇新增就业3200人以上", 2).hits
    assert (found.answer.text, found.answer.citations) == (None, ())
    assert ask_many(retriever, []) == []


def test_no_hits_no_answer() -> None:
    assert answer("就业", ()).abstained
