"""The REST interface over real sockets: the JSON of every other door, and errors that help."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from corpora import REPORTS, build_index, write_corpus
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from serving import Running, running

from reportqa import __version__
from reportqa.answer import ask
from reportqa.figures import find_figures
from reportqa.render import figure_json, reply_json
from reportqa.web.guard import LARGEST_BODY
from reportqa.web.schema import MOST_PASSAGES, FiguresOut, ReplyOut, SearchOut

# The odd one: a name that an address has to escape.
ODD = "坏'\"&#?% 1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("api")
    reports = REPORTS | {f"{ODD}.txt": "北海市2024年政府工作报告\n\n一、情况\n今年建成灯塔9座。"}
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    with running(folder / "index") as site:
        yield site


@pytest.fixture(scope="module")
def client(site: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=30) as client:
        yield client


def same_but_for_time(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name != "seconds"}


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


# Questions


def test_an_answer_is_the_json_of_every_other_door(client: httpx.Client, site: Running) -> None:
    question = "东山县改造老旧小区多少个？"
    got = client.post("/api/ask", json={"question": question, "k": 3, "id": "甲"})
    assert got.status_code == 200
    assert got.headers["content-type"] == "application/json"
    wanted = reply_json(ask(site.desk.retriever, question, 3, id="甲"))
    assert same_but_for_time(got.json()) == same_but_for_time(wanted)
    assert "改造老旧小区23个" in got.text
    ReplyOut.model_validate(got.json())


def test_a_search_is_the_answer_without_what_is_drawn_from_the_hits(client: httpx.Client) -> None:
    asked = {"question": "东山县改造老旧小区多少个？", "k": 3}
    found = client.post("/api/search", json=asked).json()
    reply = client.post("/api/ask", json=asked).json()
    del reply["answer"]
    assert same_but_for_time(found) == same_but_for_time(reply)
    SearchOut.model_validate(found)


def test_an_answer_streams_as_understood_then_hits_then_answer(client: httpx.Client) -> None:
    asked = {"question": "东山县2023年改造老旧小区多少个？", "k": 2}
    streamed = client.post("/api/ask", json=asked, headers={"Accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    whole = client.post("/api/ask", json=asked).json()
    assert [name for name, _ in events(streamed.text)] == ["understood", "hits", "answer"]
    for name, data in events(streamed.text):
        assert data[name] == whole[name]


def test_a_question_that_cannot_be_asked_begins_no_stream(client: httpx.Client) -> None:
    refused = client.post(
        "/api/ask", json={"question": "？！"}, headers={"Accept": "text/event-stream"}
    )
    assert refused.status_code == 422


@pytest.mark.parametrize("year", ["2024", 2024, ["2024"], [2023, "2024-2025"]])
def test_a_filter_is_one_value_or_several(client: httpx.Client, year: object) -> None:
    asked = {"question": "生产总值", "year": year, "region": "西河市"}
    hits = client.post("/api/search", json=asked).json()["hits"]
    assert {hit["report_id"] for hit in hits} == {"西河市-2024"}


def test_a_batch_answers_in_order_and_names_what_cannot_be_asked(client: httpx.Client) -> None:
    questions = [{"question": "生产总值"}, {"question": "？", "id": "坏"}, {"question": "老旧小区"}]
    got = client.post("/api/batch", json={"questions": questions, "k": 1}).json()
    assert [(r["id"], r["question"]) for r in got["replies"]] == [
        ("1", "生产总值"),
        ("3", "老旧小区"),
    ]
    assert got["problems"] == [
        {"id": "坏", "question": "？", "problem": "the question '？' has no words: ask with some"}
    ]
    one = client.post("/api/ask", json={"question": "老旧小区", "k": 1, "id": "3"}).json()
    assert same_but_for_time(got["replies"][1]) == same_but_for_time(one)


def test_a_question_of_a_batch_may_be_its_text_alone(client: httpx.Client) -> None:
    asked = {"questions": ["生产总值", {"question": "老旧小区", "id": "b"}], "k": 1}
    got = client.post("/api/batch", json=asked).json()
    assert [(r["id"], r["question"]) for r in got["replies"]] == [
        ("1", "生产总值"),
        ("b", "老旧小区"),
    ]
    empty = client.post("/api/batch", json={"questions": ["生产总值", ""]})
    assert "questions.1.question" in empty.json()["detail"]


def test_a_batch_without_answers_has_hits_alone(client: httpx.Client) -> None:
    asked = {"questions": [{"question": "生产总值"}], "answered": False}
    reply = client.post("/api/batch", json=asked).json()["replies"][0]
    assert reply["hits"]
    assert "answer" not in reply


# Reports


def test_reports_are_listed_filtered_and_paged(client: httpx.Client) -> None:
    every = client.get("/api/reports").json()
    assert every["total"] == 3
    assert [r["report_id"] for r in every["reports"]] == sorted(["东山县-2024", ODD, "西河市-2024"])
    east = client.get("/api/reports", params={"region": "东山县", "year": "2024"}).json()
    assert [r["title"] for r in east["reports"]] == ["2024年东山县政府工作报告"]
    second = client.get("/api/reports", params={"offset": 1, "count": 1}).json()
    assert (second["total"], second["reports"]) == (3, every["reports"][1:2])


def test_no_answer_tells_where_a_file_lies(client: httpx.Client, site: Running) -> None:
    folder = str(Path(site.desk.snapshot.reports[0].source).parent)
    for path in ("/api/reports", "/api/reports/东山县-2024", "/readyz", "/openapi.json"):
        assert folder not in client.get(path).text


def test_a_range_of_a_report_is_the_quote_of_a_citation(client: httpx.Client) -> None:
    reply = client.post("/api/ask", json={"question": "东山县改造老旧小区多少个？"}).json()
    cited = reply["answer"]["citations"][0]
    place = {"start": cited["start"], "end": cited["end"]}
    part = client.get(f"/api/reports/{cited['report_id']}", params=place).json()
    assert part["text"] == cited["quote"]
    assert [s["headings"] for s in part["sections"]] == [cited["headings"]]
    whole = client.get(f"/api/reports/{cited['report_id']}").json()
    assert whole["text"][cited["start"] : cited["end"]] == cited["quote"]
    assert whole["characters"] == len(whole["text"])
    ends = [section["end"] for section in whole["sections"]]
    assert [0, *ends[:-1]] == [section["start"] for section in whole["sections"]]


def test_a_report_is_reached_by_an_odd_id(client: httpx.Client) -> None:
    from urllib.parse import quote

    got = client.get(f"/api/reports/{quote(ODD, safe='')}")
    assert got.json()["report_id"] == ODD


@pytest.mark.parametrize(
    "path", ["没有", "../东山县-2024", "%2e%2e/CURRENT", "..%2f..%2fetc%2fpasswd", "/etc/passwd"]
)
def test_no_id_reaches_what_is_no_report(client: httpx.Client, path: str) -> None:
    got = client.get(f"/api/reports/{path}")
    assert got.status_code == 404
    assert got.headers["content-type"] == "application/problem+json"


def test_a_range_that_runs_backwards_or_begins_behind_the_text_is_refused(
    client: httpx.Client,
) -> None:
    assert client.get("/api/reports/东山县-2024?start=9&end=3").status_code == 422
    got = client.get("/api/reports/东山县-2024?start=99999")
    assert got.status_code == 422
    assert "the report has" in got.json()["detail"]


def test_a_new_snapshot_is_read_before_anybody_asks(tmp_path: Path) -> None:
    def write(number: int) -> None:
        reports = {"甲.txt": f"甲市2024年政府工作报告\n\n一、情况\n灯塔总数达到{number}座。\n"}
        build_index(write_corpus(tmp_path / "corpus", reports), tmp_path / "index")

    write(1)
    with running(tmp_path / "index") as site, httpx.Client(base_url=site.url) as client:
        for number, path in ((2, "/api/figures?indicator=灯塔总数"), (3, "/api/reports/甲")):
            write(number)
            assert f"{number}座" in client.get(path).text
        write(4)
        before = client.get("/readyz").json()["snapshot"]
        assert client.get("/api/reports").json()["snapshot"] != before
        assert client.get("/readyz").json()["snapshot"] != before


# Figures


def test_figures_are_those_of_query_py_a_page_at_a_time(
    client: httpx.Client, site: Running
) -> None:
    wanted = [figure_json(hit) for hit in find_figures(site.desk.snapshot, "地区生产总值")]
    assert [(one["figure"], one["first_year"], one["basis"]) for one in wanted] == [
        ("6.5%左右", 2024, "planned"),
        ("321.5亿元", 2023, "achieved"),
        ("6.1%", 2023, "achieved"),
        ("1580亿元", 2023, "achieved"),
        ("5.4%", 2023, "achieved"),
    ]
    got = client.get("/api/figures", params={"indicator": "地区生产总值"}).json()
    assert (got["total"], got["figures"]) == (5, wanted)
    FiguresOut.model_validate(got)
    asked = {"indicator": "地区生产总值", "offset": 3, "count": 1}
    page = client.get("/api/figures", params=asked).json()
    assert (page["total"], page["figures"]) == (5, wanted[3:4])
    beyond = client.get("/api/figures", params=asked | {"offset": 99}).json()
    assert (beyond["total"], beyond["figures"]) == (5, [])


@pytest.mark.parametrize(
    ("asked", "figures"),
    [
        ({"region": "西河"}, {"1580亿元", "5.4%"}),
        ({"basis": "plan"}, {"6.5%左右"}),
        ({"about": "2024"}, {"6.5%左右"}),
        ({"year": "2023"}, set()),
        ({"report": ["西河市-2024", ODD], "kind": "政府工作报告"}, {"1580亿元", "5.4%"}),
    ],
)
def test_figures_are_filtered_by_their_own_year_and_sense(
    client: httpx.Client, asked: dict[str, Any], figures: set[str]
) -> None:
    got = client.get("/api/figures", params={"indicator": "地区生产总值", **asked}).json()
    assert {one["figure"] for one in got["figures"]} == figures
    assert got["total"] == len(figures)


def test_a_figure_stands_where_it_is_said_to(client: httpx.Client) -> None:
    got = client.get("/api/figures", params={"indicator": "粮食总产量"}).json()["figures"][0]
    place = {"start": got["start"], "end": got["end"]}
    part = client.get(f"/api/reports/{got['report_id']}", params=place).json()
    assert part["text"] == got["figure"] == "212万吨"


@pytest.mark.parametrize(
    "asked",
    [{}, {"indicator": ""}, {"indicator": "值"}, {"indicator": "产值", "basis": "x"},
     {"indicator": "产值", "about": "去年"}, {"indicator": "产值", "abuot": "2024"}],
)  # fmt: skip
def test_figures_of_nothing_that_can_be_asked_for_are_refused(
    client: httpx.Client, asked: dict[str, str]
) -> None:
    got = client.get("/api/figures", params=asked)
    assert got.status_code == 422
    assert got.headers["content-type"] == "application/problem+json"


# The documents


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readmes_own_curl_gets_an_answer(site: Running, name: str) -> None:
    text = (Path(__file__).parents[1] / name).read_text("utf-8")
    start = text.index("curl -s http://127.0.0.1:7860")
    command = shlex.split(text[start : text.index("```", start)].replace("\\\n", " "))
    command = [word.replace("http://127.0.0.1:7860", site.url) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert ReplyOut.model_validate_json(done.stdout).hits


# Errors and limits


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"question": " "}, "the question is empty"),
        ({"question": "？！"}, "has no words"),
        ({"question": "问" * 2001}, "at most 2000 characters"),
        ({"question": "问", "k": 0}, "greater than or equal to 1"),
        ({"question": "问", "k": MOST_PASSAGES + 1}, f"less than or equal to {MOST_PASSAGES}"),
        ({"question": "问", "year": "去年"}, "write 2024 or 2021-2025"),
        ({"question": "问", "region": " "}, "region is blank"),
        ({"question": "问", "basis": "x"}, "'actual' or 'plan'"),
        ({"question": "问", "top_k": 3}, "top_k: Extra inputs are not permitted"),
        ({}, "question: Field required"),
    ],
)
def test_a_request_that_cannot_be_used_says_what_to_change(
    client: httpx.Client, body: dict[str, Any], said: str
) -> None:
    got = client.post("/api/ask", json=body)
    assert got.status_code == 422
    assert got.headers["content-type"] == "application/problem+json"
    problem = got.json()
    assert said in problem["detail"]
    assert problem["status"] == 422
    assert problem["request_id"] == got.headers["x-request-id"]


def test_broken_unicode_is_refused_and_not_an_accident(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    got = client.post("/api/ask", content=b'{"question": "\\ud800\\u95ee"}', headers=headers)
    assert got.status_code == 422


@pytest.mark.parametrize("path", ["/api/nothing", "/nothing"])
def test_an_address_without_a_route_is_a_problem_too(client: httpx.Client, path: str) -> None:
    got = client.get(path)
    assert got.status_code == 404
    assert got.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_known_is_a_problem_too(client: httpx.Client) -> None:
    got = client.delete("/api/search")
    assert got.status_code == 405
    assert got.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/search", "POST"),
        ("OPTIONS", "/api/ask", "POST"),
        ("DELETE", "/api/reports/x", "GET"),
        ("GET", "/mcp", "POST"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_an_address_asked_by_the_wrong_method_says_the_right_one(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    got = client.request(method, path, timeout=5)
    assert got.status_code == 405
    assert got.headers["allow"] == allowed
    assert got.json()["detail"] == f"{method} is not answered here: send {allowed}"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/api/reports", "/docs"])
def test_head_is_answered_wherever_get_is_and_without_a_body(
    client: httpx.Client, path: str
) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code == 200
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.content == b""


@pytest.mark.parametrize(
    ("sent_as", "body", "status", "said"),
    [
        ("application/x-www-form-urlencoded", '{"question": "问"}', 415, "application/json"),
        ("text/plain", '{"question": "问"}', 415, "sent as text/plain"),
        ("application/json", '{"question"', 400, "not JSON (Expecting ':' delimiter at character"),
        ("application/json", "", 422, "body: Field required"),
    ],
)
def test_a_body_that_is_no_json_is_told_how_to_be_sent(
    client: httpx.Client, sent_as: str, body: str, status: int, said: str
) -> None:
    got = client.post("/api/ask", content=body.encode(), headers={"Content-Type": sent_as})
    assert got.status_code == status
    assert got.headers["content-type"] == "application/problem+json"
    assert said in got.json()["detail"]


def test_a_body_in_another_encoding_is_told_to_be_utf_8(client: httpx.Client) -> None:
    body = '{"question": "新增就业多少人？"}'.encode("gb18030")
    got = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert got.status_code == 400
    assert "UTF-8" in got.json()["detail"]


def test_the_root_of_a_server_without_a_page_leads_to_the_description(
    client: httpx.Client,
) -> None:
    got = client.get("/")
    assert got.status_code == 307
    assert got.headers["location"] == "/docs"


@pytest.mark.parametrize("told", [True, False])
def test_a_body_too_large_is_refused_whether_or_not_its_length_was_told(
    client: httpx.Client, told: bool
) -> None:
    body = b'{"question": "' + b"x" * LARGEST_BODY + b'"}'
    content: Any = body if told else (body[i : i + 9999] for i in range(0, len(body), 9999))
    got = client.post("/api/ask", content=content, headers={"Content-Type": "application/json"})
    assert got.status_code == 413
    assert "KiB" in got.json()["detail"]


def test_the_description_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert "http" not in page.text.replace("httpSnippet", "")
    for path in ("/docs/files/swagger-ui-bundle.js", "/docs/files/swagger-ui.css"):
        assert path in page.text
        assert client.get(path).status_code == 200
    assert client.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_operations_have_names_that_a_generated_client_can_bear(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert names == [
        *("search", "ask", "batch", "list_reports", "read_report", "list_figures"),
        *("is_alive", "is_ready", "read_metrics"),
    ]
    assert "securitySchemes" not in described["components"]  # this server is open


def test_metrics_tell_version_and_age_of_the_snapshot(client: httpx.Client, site: Running) -> None:
    text = client.get("/metrics").text
    assert f'reportqa_build_info{{version="{__version__}"}} 1.0' in text
    made = datetime.fromisoformat(site.desk.snapshot.created).timestamp()
    told = re.search(r"^reportqa_snapshot_created_timestamp_seconds (\S+)", text, re.M)
    assert told
    assert float(told[1]) == made


def test_metrics_count_by_route_and_not_by_address(client: httpx.Client) -> None:
    client.get("/api/reports/东山县-2024")
    client.post("/api/ask", json={"question": "生产总值"})
    text = client.get("/metrics").text
    assert 'route="/api/reports/{report_id:path}"' in text
    assert "东山县" not in text
    counted = re.findall(r'^reportqa_question_seconds_count{stage="(\w+)"} (\S+)', text, re.M)
    stages = [stage for stage, _ in counted]
    assert stages == ["waited", "understood", "encoded", "searched", "answered"]
    assert len({count for _, count in counted}) == 1
    assert "process_resident_memory_bytes" in text


# Whatever comes in


def test_no_request_makes_an_accident_or_an_answer_outside_the_description(site: Running) -> None:
    schema = schemathesis.openapi.from_url(f"{site.url}/openapi.json")
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
    ]
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 9
    for operation in operations:
        takes_nothing = not operation.body and not list(operation.iter_parameters())
        for mode in schemathesis.GenerationMode:  # what the description allows, and what not
            if takes_nothing and mode.is_negative:
                continue

            @settings(max_examples=25, suppress_health_check=list(HealthCheck))
            @given(operation.as_strategy(generation_mode=mode))
            def check(case: schemathesis.Case) -> None:
                case.call_and_validate(checks=checks)

            check()


def test_low_caution_answers_what_is_otherwise_refused(client: httpx.Client) -> None:
    question = {"question": "西河北站为什么停工了？"}
    assert client.post("/api/ask", json=question).json()["answer"]["abstained"]
    bold = client.post("/api/ask", json={**question, "caution": "low"}).json()
    assert bold["answer"]["text"]
    several = {"questions": [question], "caution": "low"}
    assert client.post("/api/batch", json=several).json()["replies"][0]["answer"] == bold["answer"]
