"""Answers that a model writes over REST: streamed, checked, and in nobody's way."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from corpora import build_index, write_corpus
from serving import running

from reportqa.errors import GenerationError
from reportqa.prompt import Message
from reportqa.web.writing import ANSWERS_AT_ONCE, CROWDED, MOST_WAITING

ASKED = {"question": "东山县2023年地区生产总值完成多少"}
EVENTS = {"Accept": "text/event-stream"}
TOO_LONG = 10.0  # seconds that nothing here should take


class Model:
    """Writes a sentence with the number of the excerpt that bears it out, when it is let."""

    def __init__(self) -> None:
        self.let, self.begun, self.stopped, self.finished = (threading.Event() for _ in range(4))
        self.let.set()
        self.fails = False

    def __call__(self, messages: Sequence[Message]) -> Iterator[str]:
        self.begun.set()
        if self.fails:
            raise GenerationError("it is out", "连不上模型")
        excerpts = messages[-1]["content"].split("321.5亿元")[0]
        number = excerpts[excerpts.rindex("[") + 1 :].partition("]")[0]
        try:
            yield "2023年东山县地区生产总值"
            self.let.wait(TOO_LONG)
            yield f"完成321.5亿元[{number}]。"
            yield f"另有登月9次[{number}]。"
            self.finished.set()
        finally:
            self.stopped.set()


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("writing")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return folder / "index"


@pytest.fixture
def client(index: Path, model: Model) -> Iterator[httpx.Client]:
    with (
        running(index, llm=model) as site,
        httpx.Client(base_url=site.url, timeout=2 * TOO_LONG) as client,
    ):
        yield client
        model.let.set()


def events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        kind, _, value = line.partition(": ")
        if kind == "event":
            name = value
        elif kind == "data":
            yield name, json.loads(value)


def test_an_answer_is_the_checked_text_and_says_what_was_taken_out(client: httpx.Client) -> None:
    answer = client.post("/api/ask", json=ASKED).json()["answer"]
    assert answer["mode"] == "generated"
    assert answer["text"].startswith("2023年东山县地区生产总值完成321.5亿元[")
    assert "登月" not in answer["text"]
    assert [one["sentence"].partition("[")[0] for one in answer["removed"]] == ["另有登月9次"]
    assert "321.5亿元" in answer["citations"][0]["quote"]


def test_the_words_come_as_they_are_written_and_the_checked_answer_last(
    client: httpx.Client, model: Model
) -> None:
    model.let.clear()
    with client.stream("POST", "/api/ask", json=ASKED, headers=EVENTS) as streamed:
        coming = events(streamed.iter_lines())
        assert [next(coming)[0] for _ in range(2)] == ["understood", "hits"]
        assert next(coming)[1]["text"] == "2023年东山县地区生产总值"  # the rest is not written yet
        model.let.set()
        rest = list(coming)
    assert [name for name, _ in rest] == ["delta", "delta", "answer"]
    whole = client.post("/api/ask", json=ASKED).json()
    assert rest[-1][1]["answer"] == whole["answer"]


@pytest.mark.parametrize("headers", [{}, EVENTS])
def test_the_time_a_model_took_is_logged_with_its_question_and_counted(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> None:
    with caplog.at_level(logging.INFO, "reportqa.requests"):
        client.post("/api/ask", json=ASKED, headers=headers)
        counted = client.get("/metrics").text
    (question,) = (r.facts for r in caplog.records if r.getMessage() == "question")  # type: ignore[attr-defined]
    assert question["written_ms"] > 0
    assert 'reportqa_question_seconds_count{stage="written"} 1.0' in counted


def test_searches_do_not_wait_for_a_model_that_writes(client: httpx.Client, model: Model) -> None:
    model.let.clear()
    got: list[httpx.Response] = []
    writing = [
        threading.Thread(target=lambda: got.append(client.post("/api/ask", json=ASKED)))
        for _ in range(ANSWERS_AT_ONCE)
    ]
    for thread in writing:
        thread.start()
    assert model.begun.wait(TOO_LONG)
    for _ in range(10):
        assert client.post("/api/search", json=ASKED).json()["hits"]
    plain = client.post("/api/ask", json=ASKED | {"generate": False}).json()
    assert plain["answer"]["mode"] == "extractive"
    assert plain["answer"]["note"] is None
    assert got == []
    model.let.set()
    for thread in writing:
        thread.join(TOO_LONG)
    assert [one.json()["answer"]["mode"] for one in got] == ["generated"] * ANSWERS_AT_ONCE


def test_a_model_is_told_to_stop_when_who_asked_has_gone(
    client: httpx.Client, model: Model
) -> None:
    model.let.clear()
    with client.stream("POST", "/api/ask", json=ASKED, headers=EVENTS) as streamed:
        coming = events(streamed.iter_lines())
        while next(coming)[0] != "delta":
            pass
    time.sleep(0.2)  # the server learns that nobody listens any more
    model.let.set()
    assert model.stopped.wait(TOO_LONG)
    assert not model.finished.is_set()


def test_a_model_that_fails_leaves_the_sentences_of_the_reports(
    client: httpx.Client, model: Model
) -> None:
    model.fails = True
    streamed = client.post("/api/ask", json=ASKED, headers=EVENTS)
    found = dict(events(iter(streamed.text.splitlines())))
    assert list(found) == ["understood", "hits", "answer"]
    answer = found["answer"]["answer"]
    assert answer["mode"] == "extractive"
    assert "321.5亿元" in answer["text"]
    assert answer["note"] == "连不上模型，以下是报告原文的摘录。"


def test_an_abstention_asks_no_model(client: httpx.Client, model: Model) -> None:
    got = client.post("/api/ask", json={"question": "南海市2023年地区生产总值", "year": 1999})
    assert got.json()["answer"]["abstained"]
    assert not model.begun.is_set()


def test_a_crowd_at_the_model_is_given_the_sentences_of_the_reports(
    client: httpx.Client, model: Model
) -> None:
    model.let.clear()
    most = ANSWERS_AT_ONCE + MOST_WAITING
    got: list[httpx.Response] = []
    crowd = [
        threading.Thread(target=lambda: got.append(client.post("/api/ask", json=ASKED)))
        for _ in range(most + 1)
    ]
    for thread in crowd:
        thread.start()
    until = time.monotonic() + TOO_LONG
    while not got and time.monotonic() < until:
        time.sleep(0.05)
    assert [one.json()["answer"]["note"] for one in got] == [CROWDED]
    model.let.set()
    for thread in crowd:
        thread.join(TOO_LONG)
    assert [one.json()["answer"]["mode"] for one in got[1:]] == ["generated"] * most
