"""The desk: questions that wait are answered together, each as if it were asked alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus
from fakes import FakeEncoder
from numpy.typing import NDArray

from reportqa.answer import ask
from reportqa.errors import EncoderError, QuestionError
from reportqa.overlap import AT_ONCE
from reportqa.records import Filters, Hit
from reportqa.search import Retriever
from reportqa.web.desk import MOST_WAITING, TOGETHER, Asked, BusyDeskError, Desk, Served

QUESTIONS = ("东山县改造老旧小区多少个", "西河市粮食总产量", "新能源汽车产量", "城镇新增就业目标")


class SlowEncoder(FakeEncoder):
    """Encodes when it is let, and keeps what it was given together."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.begun = threading.Event()
        self.batches: list[tuple[str, ...]] = []
        self.let.set()

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if threading.current_thread().name == "desk":
            self.batches.append(tuple(texts))
            self.begun.set()
            self.let.wait(10)
        if "损坏" in texts:
            raise EncoderError("the model is damaged")
        return super().encode_questions(texts)


async def ask_all(desk: Desk, asked: Sequence[Asked]) -> list[Served]:
    return [served async for group in desk.ask_all(asked) for served in group]


def hold(desk: Desk, encoder: SlowEncoder) -> None:
    """Keep the model busy with a question, until `encoder.let` is set."""
    encoder.let.clear()
    encoder.begun.clear()
    desk.submit(Asked("生产总值"))
    assert encoder.begun.wait(10)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return folder / "index"


@pytest.fixture
def encoder() -> SlowEncoder:
    return SlowEncoder()


@pytest.fixture
def retriever(index: Path, encoder: SlowEncoder) -> Iterator[Retriever]:
    retriever = open_retriever(index, encoder)
    yield retriever
    retriever.snapshot.close()


@pytest.fixture
def desk(retriever: Retriever, encoder: SlowEncoder) -> Iterator[Desk]:
    desk = Desk(retriever)
    yield desk
    encoder.let.set()
    desk.close()


def test_questions_that_wait_are_answered_together_and_as_alone(
    desk: Desk, encoder: SlowEncoder, retriever: Retriever
) -> None:
    hold(desk, encoder)
    waiting = [desk.submit(Asked(question, id=str(i))) for i, question in enumerate(QUESTIONS)]
    assert desk.unanswered == 1 + 4
    encoder.let.set()
    for i, (question, future) in enumerate(zip(QUESTIONS, waiting, strict=True)):
        served = future.result(10)
        alone = ask(retriever, question, id=str(i))
        assert (served.reply.id, served.reply.hits) == (alone.id, alone.hits)
        assert served.reply.answer == alone.answer
        assert served.together == 4
    assert encoder.batches == [("生产总值",), QUESTIONS]


def test_while_one_batch_is_ranked_the_next_is_encoded(
    desk: Desk, encoder: SlowEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranking, let = threading.Event(), threading.Event()
    search_many = Retriever.search_many

    def search_when_let(*args: Any) -> list[tuple[Hit, ...]]:
        ranking.set()
        assert let.wait(10)
        return search_many(*args)

    monkeypatch.setattr(Retriever, "search_many", search_when_let)
    first = desk.submit(Asked(QUESTIONS[0]))
    assert ranking.wait(10)
    encoder.begun.clear()
    second = desk.submit(Asked(QUESTIONS[1]))
    assert encoder.begun.wait(10)
    assert not first.done()
    let.set()
    assert first.result(10).reply.hits
    assert second.result(10).reply.hits


def test_questions_with_other_filters_keep_to_their_own(desk: Desk, encoder: SlowEncoder) -> None:
    hold(desk, encoder)
    east = desk.submit(Asked("生产总值", 3, Filters(regions=("东山县",))))
    west = desk.submit(Asked("生产总值", 2, Filters(regions=("西河市",))))
    encoder.let.set()
    for future, region, k in ((east, "东山县", 3), (west, "西河市", 2)):
        hits = future.result(10).reply.hits
        assert {hit.passage.metadata.region for hit in hits} == {region}
        assert 0 < len(hits) <= k


def test_what_is_switched_off_is_forgotten_for_that_question_alone(
    desk: Desk, encoder: SlowEncoder
) -> None:
    hold(desk, encoder)
    question = "西河市2023年粮食总产量"
    whole = desk.submit(Asked(question))
    less = desk.submit(Asked(question, off=("region", "year")))
    encoder.let.set()
    read = whole.result(10).reply.understood
    assert (read.regions, read.years) == (("西河市",), (2023,))
    read = less.result(10).reply.understood
    assert (read.regions, read.years) == ((), ())
    assert less.result(10).together == 2


def test_no_batch_is_larger_than_its_bound(desk: Desk, encoder: SlowEncoder) -> None:
    served = asyncio.run(ask_all(desk, [Asked("生产总值", 1)] * (2 * TOGETHER + 1)))
    assert len(served) == 2 * TOGETHER + 1
    assert max(map(len, encoder.batches)) <= TOGETHER


def test_the_event_loop_goes_on_while_a_question_is_answered(
    desk: Desk, encoder: SlowEncoder
) -> None:
    async def ask_and_look() -> bool:
        encoder.let.clear()
        asked = asyncio.create_task(desk.ask_soon(Asked("生产总值")))
        while not encoder.begun.is_set():
            await asyncio.sleep(0.01)
        went_on = not asked.done()
        encoder.let.set()
        await asked
        return went_on

    assert asyncio.run(ask_and_look())


def test_a_question_that_cannot_be_asked_is_refused_before_it_waits(desk: Desk) -> None:
    with pytest.raises(QuestionError, match="has no words"):
        desk.submit(Asked("？！"))
    with pytest.raises(QuestionError, match="k is 0"):
        desk.submit(Asked("生产总值", 0))
    assert desk.unanswered == 0


def test_a_failure_reaches_who_asked_and_the_desk_goes_on(desk: Desk) -> None:
    with pytest.raises(EncoderError, match="the model is damaged"):
        desk.ask(Asked("损坏"))
    assert desk.ask(Asked("生产总值")).reply.hits


def test_too_many_waiting_are_refused(desk: Desk, encoder: SlowEncoder) -> None:
    hold(desk, encoder)
    for _ in range(MOST_WAITING):
        desk.submit(Asked("生产总值", 1))
    with pytest.raises(BusyDeskError, match="512 questions wait already"):
        desk.submit(Asked("生产总值", 1))


def test_a_snapshot_that_cannot_be_looked_for_is_told_and_does_not_end_the_desk(
    desk: Desk, retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise MemoryError("no room for another snapshot")

    with monkeypatch.context() as patched:
        patched.setattr(retriever, "refresh", fail)
        for _ in range(2 * AT_ONCE):
            with pytest.raises(MemoryError):
                desk.ask(Asked("生产总值"))
    assert desk.ask(Asked("生产总值")).reply.hits


def test_a_closed_desk_answers_those_that_wait_and_nobody_else(
    desk: Desk, encoder: SlowEncoder
) -> None:
    encoder.let.clear()
    waiting = [desk.submit(Asked(question)) for question in QUESTIONS]
    threading.Timer(0.1, encoder.let.set).start()
    desk.close()
    assert all(future.result(0).reply.hits for future in waiting)
    with pytest.raises(BusyDeskError, match="ending"):
        desk.submit(Asked("生产总值"))


def test_a_list_is_answered_from_one_snapshot_though_a_new_one_is_taken_up_meanwhile(
    tmp_path: Path,
) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    encoder = SlowEncoder()
    desk = Desk(open_retriever(tmp_path / "index", encoder))
    before = desk.snapshot.generation

    async def ask_while_it_changes() -> list[str]:
        encoder.let.clear()
        asking = asyncio.create_task(ask_all(desk, [Asked("老旧小区", 1)] * (2 * TOGETHER + 1)))
        while not encoder.begun.is_set():
            await asyncio.sleep(0.01)
        newer = {name: text + "\n改造公园9座。\n" for name, text in REPORTS.items()}
        build_index(write_corpus(tmp_path / "corpus", newer), tmp_path / "index")
        encoder.let.set()
        other = await desk.ask_soon(Asked("公园", 1))
        assert "改造公园9座" in other.reply.hits[0].passage.text
        return [served.snapshot.generation for served in await asking]

    assert asyncio.run(ask_while_it_changes()) == [before] * (2 * TOGETHER + 1)
    assert desk.snapshot.generation != before
    desk.close()
    desk.snapshot.close()


def test_a_question_is_answered_from_the_snapshot_it_names_while_others_are_built(
    tmp_path: Path,
) -> None:
    def write(number: int) -> None:
        line = f"\n磁悬浮线路建成{number}公里。\n"
        reports = {name: text + line for name, text in REPORTS.items()}
        build_index(write_corpus(tmp_path / "corpus", reports), tmp_path / "index")

    write(1)
    desk = Desk(open_retriever(tmp_path / "index"))
    generations = {desk.snapshot.generation}
    for number in range(2, 6):
        asked = [desk.submit(Asked("磁悬浮线路建成几公里", 2)) for _ in range(20)]
        write(number)
        for future in asked:
            served = future.result(20)
            said = {hit.passage.text.split("建成")[-1] for hit in served.reply.hits}
            assert len(said) == 1  # both reports tell of the same snapshot
        generations.add(desk.ask(Asked("磁悬浮线路")).snapshot.generation)
    assert len(generations) == 5
    desk.close()
    desk.snapshot.close()


def test_a_new_snapshot_is_taken_up_though_nobody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportqa.web.desk.LOOK_EVERY", 0.05)
    corpus = write_corpus(tmp_path / "corpus", {"东山县-2024.txt": REPORTS["东山县-2024.txt"]})
    build_index(corpus, tmp_path / "index")
    desk = Desk(open_retriever(tmp_path / "index"))
    assert desk.taken_up is None
    desk.start()
    build_index(write_corpus(corpus), tmp_path / "index")
    for _ in range(200):
        if desk.taken_up:
            break
        threading.Event().wait(0.05)
    assert desk.taken_up is not None
    assert len(desk.snapshot.reports) == 2
    desk.close()
    desk.snapshot.close()
