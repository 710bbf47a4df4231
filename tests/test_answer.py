"""An answer is verbatim sentences, each with a citation that resolves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import answer, ask, ask_many
from reportqa.filters import make_filters
from reportqa.search import Retriever


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("answer")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize("question", ["地区生产总值完成多少", "改造老旧小区几个", "高新技术企业"])
def test_every_number_resolves_to_a_verbatim_quote(retriever: Retriever, question: str) -> None:
    said = ask(retriever, question).answer
    assert said.text is not None
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", said.text)]
    assert numbers == [citation.number for citation in said.citations]
    assert 1 <= len(numbers) <= 3
    for citation in said.citations:
        text = retriever.snapshot.report(citation.metadata.id).text
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote == citation.quote.strip()
        assert f"{citation.quote}[{citation.number}]" in said.text


def test_the_first_citation_is_the_sentence_that_answers(retriever: Retriever) -> None:
    said = ask(retriever, "西河市粮食总产量是多少").answer
    assert "粮食总产量达到212万吨" in said.citations[0].quote


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


def test_no_hits_no_answer() -> None:
    assert answer(()).abstained
