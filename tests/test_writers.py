"""Answers of a file that a model writes: several at once, at a pace, again where it failed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus
from endpoints import running_endpoint

from reportqa.answer import ask_many
from reportqa.batch import Tally, run_batch
from reportqa.batch.writers import TRIES, Writers
from reportqa.errors import GenerationError
from reportqa.generate import LLM, openai_llm
from reportqa.prompt import Message
from reportqa.records import Reply
from reportqa.search import Retriever

QUESTIONS = [f"东山县2023年地区生产总值完成多少亿元{'？' * n}" for n in range(1, 9)]
TOO_LONG = 10.0  # seconds


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("writers")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.fixture(scope="module")
def replies(retriever: Retriever) -> list[Reply]:
    return ask_many(retriever, QUESTIONS)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other within hundredths of a second."""
    monkeypatch.setattr("reportqa.batch.writers.FIRST_WAIT", 0.01)


def says(messages: Sequence[Message]) -> Iterator[str]:
    """A sentence that its excerpt bears out."""
    excerpts = messages[-1]["content"].split("321.5亿元")[0]
    number = excerpts[excerpts.rindex("[") + 1 :].partition("]")[0]
    yield f"2023年东山县地区生产总值完成321.5亿元[{number}]。"


def failing(
    times: int, error: GenerationError, calls: list[float]
) -> Callable[[Sequence[Message]], Iterator[str]]:
    """`says`, after it failed so many times."""

    def llm(messages: Sequence[Message]) -> Iterator[str]:
        calls.append(time.monotonic())
        if len(calls) <= times:
            raise error
        return says(messages)

    return llm


def modes(replies: Sequence[Reply]) -> list[str]:
    return [reply.answer.mode for reply in replies]


def test_as_many_answers_as_jobs_are_written_at_once_and_come_in_order(
    replies: list[Reply],
) -> None:
    together = threading.Barrier(4)

    def llm(messages: Sequence[Message]) -> Iterator[str]:
        together.wait(TOO_LONG)  # breaks unless four are here
        return says(messages)

    with Writers(llm, 4) as writers:
        written = writers.write_all(replies)
    assert modes(written) == ["generated"] * 8
    assert [reply.question for reply in written] == QUESTIONS


def test_what_failed_for_a_moment_is_asked_again(replies: list[Reply]) -> None:
    calls: list[float] = []
    llm = failing(TRIES - 1, GenerationError("busy", "忙", 0.0), calls)
    with Writers(llm, 1) as writers:
        assert modes(writers.write_all(replies[:1])) == ["generated"]
    assert len(calls) == TRIES


def test_half_a_text_that_broke_off_is_no_part_of_the_next_try(replies: list[Reply]) -> None:
    calls: list[int] = []

    def llm(messages: Sequence[Message]) -> Iterator[str]:
        calls.append(1)
        if len(calls) == 1:
            yield "半句"
            raise GenerationError("broke off", "断了", 0.0)
        yield from says(messages)

    with Writers(llm, 1) as writers:
        (written,) = writers.write_all(replies[:1])
    assert written.answer.text
    assert written.answer.text.startswith("2023年东山县")
    assert written.answer.removed == ()


def test_what_will_not_go_better_is_asked_once(replies: list[Reply]) -> None:
    calls: list[float] = []
    llm = failing(99, GenerationError("the key is refused", "密钥不对"), calls)
    with Writers(llm, 1) as writers:
        (written,) = writers.write_all(replies[:1])
    assert len(calls) == 1
    assert written.answer.note == "密钥不对，以下是报告原文的摘录。"
    assert written.answer.text == replies[0].answer.text


def test_a_model_given_up_on_is_tried_once_an_answer_until_it_answers(
    replies: list[Reply],
) -> None:
    calls: list[float] = []
    llm = failing(TRIES + 2, GenerationError("gone", "连不上模型", 0.0), calls)
    with Writers(llm, 1) as writers:
        assert modes(writers.write_all(replies[:4])) == ["extractive"] * 3 + ["generated"]
    assert len(calls) == TRIES + 3


def test_no_more_requests_go_out_than_the_rate_allows(replies: list[Reply]) -> None:
    calls: list[float] = []
    with Writers(failing(0, GenerationError(""), calls), 4, rate=600) as writers:
        writers.write_all(replies[:4])
    gaps = [later - sooner for sooner, later in pairwise(calls)]
    assert min(gaps) > 0.05  # a tenth of a second, but for the clock's unevenness


def test_an_endpoint_says_how_long_to_wait(replies: list[Reply]) -> None:
    said = "later:2023年东山县地区生产总值完成321.5亿元[1]。"
    with running_endpoint() as endpoint:
        llm = openai_llm(said, base_url=endpoint.base_url, retries=0)
        began = time.monotonic()
        with Writers(llm, 1) as writers:
            (written,) = writers.write_all(replies[:1])
        assert len(endpoint.asked()) == 3
    assert time.monotonic() - began > 0.4
    assert written.answer.note is None


def test_leaving_stops_what_is_being_written(replies: list[Reply]) -> None:
    begun = threading.Barrier(3)  # both writers and the test

    def llm(_: Sequence[Message]) -> Iterator[str]:
        begun.wait(TOO_LONG)
        while True:
            time.sleep(0.01)
            yield ""

    with Writers(llm, 2) as writers:
        asking = threading.Thread(target=lambda: writers.write_all(replies[:2]))
        asking.start()
        begun.wait(TOO_LONG)
        began = time.monotonic()
    asking.join(TOO_LONG)
    assert time.monotonic() - began < TOO_LONG / 2


def test_a_file_is_written_by_the_model_and_goes_on_where_it_stopped(
    retriever: Retriever, tmp_path: Path
) -> None:
    source, out = tmp_path / "q.txt", tmp_path / "a.jsonl"
    source.write_text("\n".join(QUESTIONS), "utf-8")
    asked: list[str] = []

    def llm(messages: Sequence[Message]) -> Iterator[str]:
        asked.append("once")
        return says(messages)

    def run(llm: LLM, stop_at: int = 99) -> Tally:
        def look(progress: object) -> None:
            if progress.done >= stop_at:  # type: ignore[attr-defined]
                raise KeyboardInterrupt

        return run_batch(
            retriever, str(source), str(out), llm=llm, llm_name="m", jobs=2, on_progress=look
        )

    with pytest.raises(KeyboardInterrupt):
        run(llm, stop_at=4)
    assert len(asked) == 4  # a lot is no more than the jobs have in hand
    assert run(llm) == Tally(8, 0, 4, 0)
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["question"] for line in lines] == QUESTIONS
    assert {line["answer"]["mode"] for line in lines} == {"generated"}
    assert len(asked) == 8
    refusing = failing(99, GenerationError("no", "不行"), [])
    assert run(refusing) == Tally(8, 0, 0, 8)
