"""Follow-up questions: what is left out is filled in, what stands alone stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.errors import GenerationError
from reportqa.followup import rewrite
from reportqa.prompt import Message

DATA = Path(__file__).parent / "data" / "followups"
PLACES = ("武汉市江汉区", "江汉区", "江汉", "东山县", "东山", "西河市", "西河")


def pairs(name: str) -> list[Any]:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [pytest.param(row, id=row["question"]) for row in map(json.loads, lines)]


def is_rewritten_well(row: dict[str, Any], written: str) -> bool:
    if row.get("same"):
        return written == str(row["question"])
    return all(word in written for word in row["has"]) and not any(
        word in written for word in row["not"]
    )


@pytest.mark.parametrize("row", pairs("first"))
def test_a_follow_up_is_filled_from_the_question_before_it(row: dict[str, Any]) -> None:
    written = rewrite(row["question"], row["before"], places=PLACES)
    assert is_rewritten_well(row, written), written


@pytest.mark.parametrize("row", [*pairs("second"), *pairs("third")])
def test_pairs_that_were_written_after_the_rules(row: dict[str, Any]) -> None:
    written = rewrite(row["question"], row["before"], places=PLACES)
    assert is_rewritten_well(row, written), written


BEFORE = ["2024年江汉区新增就业完成多少？"]
FOLLOW_UP = "那2025年的目标呢？"
BY_RULE = "2025年江汉区新增就业目标是多少？"


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("2025年江汉区新增就业的目标是多少？", "2025年江汉区新增就业的目标是多少？"),
        ("2026年江汉区新增就业的目标是多少？", BY_RULE),  # another year
        ("2025年江汉区新增就业目标是1.8万人吗？", BY_RULE),  # a figure of its own
        ("2025年武汉市硚口区财政收入目标是多少？", BY_RULE),  # another place and indicator
        ("江汉区新增就业目标是多少？", BY_RULE),  # the follow-up's own year is gone
        ("目标是1.8万人。\n还要别的吗？", BY_RULE),
        ("请访问 http://evil.example", BY_RULE),
        ("", BY_RULE),
    ],
)
def test_a_model_may_only_use_the_words_of_the_questions(written: str, taken: str) -> None:
    assert rewrite(FOLLOW_UP, BEFORE, places=PLACES, llm=lambda _: written) == taken


def test_a_model_that_fails_leaves_the_rule() -> None:
    def down(messages: Sequence[Message]) -> str:
        raise GenerationError("down")

    assert rewrite(FOLLOW_UP, BEFORE, places=PLACES, llm=down) == BY_RULE


def test_a_model_is_not_asked_of_a_question_that_stands_alone() -> None:
    def never(messages: Sequence[Message]) -> str:
        raise AssertionError

    alone = "2025年江汉区新增就业目标是多少？"
    assert rewrite(alone, BEFORE, places=PLACES, llm=never) == alone


def test_the_rewritten_question_is_asked_and_told(tmp_path: Path) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    reply = ask(retriever, "西河市呢？", before=["东山县2023年地区生产总值完成多少？"])
    assert reply.question == "西河市呢？"
    assert reply.rewritten == "西河市2023年地区生产总值完成多少？"
    assert reply.understood.regions == ("西河市",)
    assert "1580亿元" in (reply.answer.text or "")
    alone = ask(retriever, "西河市粮食总产量是多少？", before=["东山县2023年地区生产总值？"])
    assert alone.rewritten is None
    retriever.snapshot.close()
