"""Feedback: what gets into the file, what evaluate.py makes of it, and what is turned away."""

from __future__ import annotations

import json
import resource
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from corpora import build_index, open_retriever, write_corpus
from fastapi import FastAPI
from fastapi.testclient import TestClient
from serving import process

from reportqa.answer import ask
from reportqa.errors import AccessError
from reportqa.evaluation import read_gold, score_gold
from reportqa.search import Retriever
from reportqa.web.cards import reader_url
from reportqa.web.desk import Desk
from reportqa.web.feedback import FeedbackFile, add_feedback
from reportqa.web.problems import add_problems

OURS = {"Sec-Fetch-Site": "same-origin"}
QUOTE = "粮食总产量达到212万吨，连续八年稳定增长。"
QUESTION = "粮食总产量达到多少"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedback")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def retriever(index: Path) -> Iterator[Retriever]:
    retriever = open_retriever(index)
    yield retriever
    retriever.snapshot.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


@pytest.fixture
def client(retriever: Retriever, path: Path) -> TestClient:
    return client_of(retriever, FeedbackFile(path))


def client_of(retriever: Retriever, file: FeedbackFile) -> TestClient:
    app = FastAPI()
    add_problems(app)
    add_feedback(app, Desk(retriever), file)
    return TestClient(app)


@pytest.fixture
def address(retriever: Retriever) -> str:
    start = retriever.snapshot.report("西河市-2024").text.index(QUOTE)
    return "http://testserver/" + reader_url("西河市-2024", start, start + len(QUOTE), QUOTE)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_verdict_becomes_a_question_that_can_be_evaluated(
    client: TestClient, path: Path, address: str, retriever: Retriever
) -> None:
    told = {"question": QUESTION, "verdict": "passage", "evidence": [address]}
    answer = client.post("/feedback", json=told, headers=OURS)
    assert (answer.status_code, answer.content) == (204, b"")
    (row,) = rows(path)
    assert list(row) == [
        "id", "question", "lang", "type", "evidence", "answers", "note", "verdict", "date",
    ]  # fmt: skip
    assert row["evidence"] == [{"doc": "西河市-2024", "quote": QUOTE}]
    assert (row["question"], row["lang"], row["verdict"]) == (QUESTION, "zh", "passage")
    gold = read_gold(path)
    found = score_gold(gold, [ask(retriever, QUESTION, 5, id=row["id"])])
    assert found["missed@5"] == []


def test_a_no_is_kept_but_is_no_question_without_an_answer(
    client: TestClient, path: Path, address: str
) -> None:
    for verdict in ("down", "up"):
        told = {"question": "How much grain?", "verdict": verdict, "evidence": [address]}
        assert client.post("/feedback", json=told, headers=OURS).status_code == 204
    down, up = rows(path)
    assert (down["verdict"], down["evidence"], down["lang"]) == ("down", [], "en")
    assert up["evidence"] == [{"doc": "西河市-2024", "quote": QUOTE}]
    assert [row["id"] for row in read_gold(path)] == [up["id"]]


def test_nothing_is_written_of_the_visitor(client: TestClient, path: Path) -> None:
    told = {"question": QUESTION, "verdict": "down"}
    headers = {**OURS, "User-Agent": "Secret/1", "X-Forwarded-For": "203.0.113.9"}
    client.post("/feedback", json=told, headers=headers)
    written = path.read_text(encoding="utf-8")
    assert not any(word in written for word in ("Secret", "203.0.113.9", "testclient"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "http://testserver"}, 204),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_only_the_page_itself_may_send(
    client: TestClient, path: Path, headers: dict[str, str], status: int
) -> None:
    told = {"question": QUESTION, "verdict": "down"}
    assert client.post("/feedback", json=told, headers=headers).status_code == status
    assert len(rows(path)) == (status == 204)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"question": "？？"}, "question"),
        ({"question": "长" * 1001}, "question"),
        ({"verdict": "maybe"}, "verdict"),
        ({"evidence": []}, "no passage is named"),
        ({"evidence": ["report/none?start=1&end=3"]}, "none"),
        ({"evidence": ["/etc/passwd"]}, "no report"),
        ({"evidence": ["report/西河市-2024?start=1&end=3&h=0123456789ab"]}, "changed meanwhile"),
        ({"evidence": ["x"] * 11}, "evidence"),
        ({"doc": "西河市-2024"}, "doc"),
    ],
)
def test_what_names_no_question_or_passage_is_refused(
    client: TestClient, path: Path, address: str, changed: dict[str, Any], said: str
) -> None:
    told = {"question": QUESTION, "verdict": "passage", "evidence": [address]} | changed
    answer = client.post("/feedback", json=told, headers=OURS)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert rows(path) == []


@pytest.mark.browser  # it is the whole page that is started
def test_without_a_file_there_is_no_route(index: Path) -> None:
    told = {"question": QUESTION, "verdict": "down"}
    with process(index, page=True) as (url, _):
        assert httpx.post(f"{url}/feedback", json=told, headers=OURS).status_code in (404, 405)
        assert httpx.get(f"{url}/feedback.js").status_code == 404
        assert "feedback.js" not in httpx.get(url).text


def test_the_file_does_not_grow_past_its_limit(path: Path) -> None:
    file = FeedbackFile(path, largest=40)
    assert [file.add({"id": "一二三"}) for _ in range(4)] == [True, True, False, False]
    assert rows(path) == [{"id": "一二三"}] * 2


def test_a_full_file_is_told(retriever: Retriever, path: Path) -> None:
    client = client_of(retriever, FeedbackFile(path, 10))
    told = {"question": QUESTION, "verdict": "down"}
    answer = client.post("/feedback", json=told, headers=OURS)
    assert (answer.status_code, path.read_bytes()) == (507, b"")


def test_a_full_disk_leaves_no_half_line(path: Path) -> None:
    file = FeedbackFile(path)
    assert file.add({"question": "一"})
    before = path.read_bytes()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5, unlimited[1]))
    try:
        assert not file.add({"question": "二"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert path.read_bytes() == before
    assert file.add({"question": "三"})
    lines = path.read_text("utf-8").splitlines()
    assert [json.loads(line)["question"] for line in lines] == ["一", "三"]


def test_lines_of_many_writers_stay_whole_and_what_was_there_stays(path: Path) -> None:
    path.write_text('{"id": "before"}\n', encoding="utf-8")
    files = [FeedbackFile(path) for _ in range(4)]

    def write(number: int) -> None:
        for i in range(25):
            files[number].add({"id": f"{number}-{i}", "text": "长" * 3_000})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [row["id"] for row in rows(path)]
    assert ids[0] == "before"
    assert sorted(ids[1:]) == sorted(f"{n}-{i}" for n in range(4) for i in range(25))


def test_a_file_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match=r"feedback cannot be written to .*name another file"):
        FeedbackFile(tmp_path / "none" / "feedback.jsonl")
