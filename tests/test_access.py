"""Who may ask: tokens at every door, names of this machine, rates; nothing of it in a log."""

from __future__ import annotations

import base64
import json
import logging
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import httpx
import pytest
import serving
from corpora import build_index, write_corpus
from serving import process, running

from reportqa.errors import AccessError
from reportqa.web.access import Tokens, is_loopback, named_loopback, read_tokens
from reportqa.web.guard import Rate, Rules
from reportqa.web.server import SECONDS_TO_FINISH
from reportqa.web.users import Hashed, Users, read_users, save_user, user_line

ROOT = Path(__file__).parents[1]
TOKEN = "correct-horse-battery-staple"
DOORS = (
    ("GET", "/"),
    ("GET", "/report/东山县-2024"),
    ("GET", "/base.css"),
    ("GET", "/gradio_api/info"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/api/ask"),
    ("POST", "/api/search"),
    ("POST", "/api/batch"),
    ("GET", "/api/reports"),
    ("GET", "/api/reports/东山县-2024"),
    ("GET", "/api/figures?indicator=东山县"),
    ("POST", "/mcp"),
    ("GET", "/mcp"),
    ("GET", "/docs"),
    ("GET", "/docs/files/swagger-ui.css"),
    ("GET", "/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/nothing"),
    ("OPTIONS", "/api/ask"),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def kept(index: Path) -> Iterator[httpx.Client]:
    """A client without a token, at a server that asks for one."""
    with process(index, tokens=[TOKEN], page=True) as (url, _):
        yield from client_of(url)


def client_of(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"谁:{password}".encode()).decode()


# Tokens


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_asks_for_the_token(kept: httpx.Client, method: str, path: str) -> None:
    refused = kept.request(method, path)
    assert refused.status_code == 401
    assert "Bearer" in refused.headers["www-authenticate"]
    assert "东山县" not in refused.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_token(kept: httpx.Client, path: str) -> None:
    assert kept.get(path).status_code == 200


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", basic(TOKEN)])
def test_the_token_opens_page_rest_and_mcp(kept: httpx.Client, given: str) -> None:
    headers = {"Authorization": given}
    assert "问报告" in kept.get("/", headers=headers).text
    assert kept.get("/api/reports", headers=headers).json()["total"] == 2
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    wanted = {**headers, "Accept": "application/json, text/event-stream"}
    assert "search_reports" in kept.post("/mcp", json=call, headers=wanted).text


@pytest.mark.parametrize(
    "given",
    [None, "", TOKEN, "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Basic !",
     basic(""), basic("x" * 30), f"Basic {TOKEN}", f"Digest {TOKEN}"],
)  # fmt: skip
def test_what_is_not_the_token_opens_nothing(given: str | None) -> None:
    assert not Tokens([TOKEN, "another-token-of-some-length"]).let_in(given)


def test_any_token_of_the_file_lets_in(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# 张三\n{TOKEN}\n\nanother-token-of-some-length\n", "utf-8")
    tokens = read_tokens(file)
    assert tokens.let_in(f"Bearer {TOKEN}")
    assert tokens.let_in("Bearer another-token-of-some-length")
    assert not tokens.let_in("Bearer # 张三")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "holds no token"), ("# 无\n", "holds no token"), ("short\n", ":1: a token has 16"),
     (f"{TOKEN}\n口令口令口令口令口令口令口令口令\n", ":2: a token has 16")],
)  # fmt: skip
def test_a_file_without_usable_tokens_is_refused_and_not_repeated(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "tokens"
    file.write_text(text, "utf-8")
    with pytest.raises(AccessError, match=re.escape(said)) as refused:
        read_tokens(file)
    assert "short" not in str(refused.value)


def test_mcp_clients_send_the_token_as_a_header(index: Path) -> None:
    from mcp import Client
    from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

    async def list_tools(url: str, headers: dict[str, str]) -> int:
        http = create_mcp_http_client(headers=headers)
        async with http, Client(streamable_http_client(url, http_client=http)) as client:
            return len((await client.list_tools()).tools)

    with running(index, Rules(Tokens([TOKEN]))) as site:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert anyio.run(list_tools, f"{site.url}/mcp", headers) == 5


# Users

PASSWORD = "正确的密码已经够长了吧"


def login(name: str, password: str) -> dict[str, str]:
    given = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {given}"}


def test_a_user_added_by_the_program_is_let_in_and_nobody_else(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "users"
    for name, password in (("王芳", PASSWORD + "王"), ("li", PASSWORD + "李")):
        command = [sys.executable, "serve.py", "--user-file", str(file), "--add-user", name]
        subprocess.run(command, cwd=ROOT, input=f"{password}\n", text=True, check=True, timeout=60)
    assert file.stat().st_mode & 0o077 == 0
    assert PASSWORD not in file.read_text("utf-8")
    users = read_users(file)
    assert users.let_in(login("王芳", PASSWORD + "王")["Authorization"])
    assert users.let_in(login("li", PASSWORD + "李")["Authorization"])
    for name, password in (
        ("王芳", PASSWORD + "李"),
        ("", PASSWORD + "王"),
        ("无名", ""),
        ("li", ""),
    ):
        assert not users.let_in(login(name, password)["Authorization"])
    for given in (None, "", "Basic !", f"Bearer {PASSWORD}", "Basic " + "bm8gY29sb24="):
        assert not users.let_in(given)
    with running(index, Rules(Tokens([TOKEN]), users)) as site:
        for headers in (login("li", PASSWORD + "李"), {"Authorization": f"Bearer {TOKEN}"}):
            assert httpx.get(f"{site.url}/api/reports", headers=headers).status_code == 200
        refused = httpx.get(f"{site.url}/api/reports", headers=login("li", "falsch"))
        assert refused.status_code == 401


def test_a_user_who_is_there_gets_a_new_password_and_the_others_keep_theirs(
    tmp_path: Path,
) -> None:
    file = tmp_path / "users"
    file.write_text(f"# 科室\n{user_line('li', PASSWORD)}", "utf-8")  # no line feed at its end
    file.chmod(0o644)
    assert not save_user(file, "王芳", PASSWORD)
    assert save_user(file, "王芳", PASSWORD + "新")
    users = read_users(file)
    assert not users.let_in(login("王芳", PASSWORD)["Authorization"])
    assert users.let_in(login("王芳", PASSWORD + "新")["Authorization"])
    assert users.let_in(login("li", PASSWORD)["Authorization"])
    assert file.read_text("utf-8").startswith("# 科室\n")
    assert file.stat().st_mode & 0o777 == 0o640  # its group may be the server's
    with pytest.raises(AccessError, match="10 characters or more"):
        save_user(file, "li", "short")
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


@pytest.mark.parametrize(("rights", "warned"), [(0o644, True), (0o640, False), (0o600, False)])
def test_a_file_of_secrets_that_everybody_can_read_is_warned_of(
    tmp_path: Path, rights: int, warned: bool
) -> None:
    file = tmp_path / "tokens"
    file.write_text(TOKEN, "utf-8")
    file.chmod(rights)
    done = run("--token-file", str(file), "--index", str(tmp_path / "none"))
    assert (f"chmod 600 {file}" in done.stderr) is warned
    assert TOKEN not in done.stderr


def test_passwords_can_be_tried_but_slowly_and_who_is_known_does_not_wait(index: Path) -> None:
    users = Users({"li": hashed(PASSWORD)})
    with running(index, Rules(users=users)) as site:
        right = login("li", PASSWORD)
        assert httpx.get(f"{site.url}/api/reports", headers=right).status_code == 200
        tried = [
            httpx.get(f"{site.url}/api/reports", headers=login("li", str(n))).status_code
            for n in range(12)
        ]
        assert tried[0] == 401
        assert 429 in tried
        assert httpx.get(f"{site.url}/api/reports", headers=right).status_code == 200


def hashed(password: str) -> Hashed:
    _, salt, digest = user_line("x", password).split(":")
    return Hashed(bytes.fromhex(salt), bytes.fromhex(digest))


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "holds no user"), ("li:plain-password\n", ":1: is not name:salt:hash"),
     ("li:00:11\n\nli:22:33\n", ":3: the user li stands there twice")],
)  # fmt: skip
def test_a_file_without_usable_users_is_refused_and_not_repeated(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "users"
    file.write_text(text, "utf-8")
    with pytest.raises(AccessError, match=re.escape(said)) as refused:
        read_users(file)
    assert "plain-password" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("a:b", PASSWORD), (" a", PASSWORD), ("#a", PASSWORD), ("a\nb", PASSWORD),
     ("a", "short")],
)  # fmt: skip
def test_no_user_is_made_of_what_would_not_be_read_back(name: str, password: str) -> None:
    with pytest.raises(AccessError):
        user_line(name, password)


# Names, origins, headers


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("example.cn", False)],
)  # fmt: skip
def test_loopback_is_told_from_what_others_reach(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("host", "ours"),
    [("127.0.0.1:7860", True), ("localhost", True), ("LOCALHOST:1", True), ("[::1]:7860", True),
     ("evil.example:7860", False), ("127.0.0.1.evil.example", False), ("", False)],
)  # fmt: skip
def test_a_name_that_another_site_pointed_here_is_told(host: str, ours: bool) -> None:
    assert named_loopback(host) is ours


def test_without_a_token_only_this_machines_names_are_answered(index: Path) -> None:
    with running(index, Rules(loopback_names=True)) as site:
        assert httpx.get(f"{site.url}/api/reports").status_code == 200
        for path in ("/api/reports", "/mcp", "/healthz"):
            refused = httpx.get(f"{site.url}{path}", headers={"Host": "evil.example"})
            assert refused.status_code == 421


def test_no_other_site_may_read_an_answer(index: Path) -> None:
    with running(index) as site:
        for method, headers in (
            ("POST", {"Origin": "https://evil.example"}),
            (
                "OPTIONS",
                {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
            ),
        ):
            got = httpx.request(
                method, f"{site.url}/api/search", json={"question": "生产总值"}, headers=headers
            )
            assert [name for name in got.headers if name.startswith("access-control")] == []
            assert got.headers["x-content-type-options"] == "nosniff"
            assert got.headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in got.headers["content-security-policy"]


# Rates


def test_a_client_may_ask_twice_its_rate_at_once_and_then_by_its_rate() -> None:
    rate = Rate(5)
    assert [rate.wait("a", 100.0) for _ in range(10)] == [0.0] * 10
    assert rate.wait("a", 100.0) == pytest.approx(0.2)
    assert rate.wait("b", 100.0) == 0.0
    assert rate.wait("a", 100.21) == 0.0
    assert rate.wait("a", 100.21) > 0


def test_too_many_requests_are_told_when_to_come_again(index: Path) -> None:
    with running(index, Rules(rate=1)) as site:
        got = [httpx.get(f"{site.url}/api/reports") for _ in range(4)]
        assert [one.status_code for one in got][:2] == [200, 200]
        assert got[3].status_code == 429
        assert got[3].headers["retry-after"] == "1"
        assert httpx.get(f"{site.url}/healthz").status_code == 200


# Logs


@pytest.mark.parametrize("private", [False, True])
def test_logs_hold_the_question_unless_private_and_never_the_token(
    index: Path, caplog: pytest.LogCaptureFixture, private: bool
) -> None:
    from reportqa.web.telemetry import JsonLines

    with (
        caplog.at_level(logging.INFO),
        running(index, Rules(Tokens([TOKEN]), private=private)) as site,
    ):
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Request-ID": "甲乙".encode().hex()}
        asked = {"question": "粮食总产量多少"}
        got = httpx.post(f"{site.url}/api/ask", json=asked, headers=headers)
        httpx.get(f"{site.url}/api/reports?year=2024&token={TOKEN}", headers=headers)
        httpx.get(f"{site.url}/api/reports", headers={"Authorization": "Bearer wrong-but-secret"})
    lines = [
        json.loads(JsonLines().format(r)) for r in caplog.records if r.name == "reportqa.requests"
    ]
    question = next(line for line in lines if line["message"] == "question")
    assert question["request_id"] == got.headers["x-request-id"] == "甲乙".encode().hex()
    assert question["characters"] == 7
    assert {"together", "hits", "snapshot"} <= set(question)
    stages = ("waited", "understood", "encoded", "searched", "answered", "written")
    times = [question[f"{stage}_ms"] for stage in stages]
    assert min(times[1:5]) >= 0
    assert question["searched_ms"] > 0
    assert question["written_ms"] == 0
    whole = next(line for line in lines if line["message"] == "request")["ms"]
    assert sum(times) <= whole + 1
    assert question.get("question") == (None if private else "粮食总产量多少")
    assert [line["status"] for line in lines if line["message"] == "request"] == [200, 422, 401]
    said = [r.getMessage() for r in caplog.records if not r.name.startswith("http")]  # our client
    text = "".join(said) + json.dumps(lines, ensure_ascii=False)
    assert TOKEN not in text
    assert "wrong-but-secret" not in text
    assert ("粮食总产量" in text) is not private


def test_a_question_asked_by_a_language_model_is_logged_under_its_request(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask_reports", "arguments": {"question": "粮食总产量多少"}},
    }
    headers = {"Accept": "application/json, text/event-stream", "X-Request-ID": "one-of-mcp"}
    with caplog.at_level(logging.INFO), running(index) as site:
        assert "212万吨" in httpx.post(f"{site.url}/mcp", json=call, headers=headers).text
    named = [r.facts["request_id"] for r in caplog.records if hasattr(r, "facts")]
    assert named == ["one-of-mcp", "one-of-mcp"]  # the question, the request


# Programs


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "serve.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--host", "0.0.0.0"],
            "--token-file FILE or --user-file FILE, or let everybody in by --open",
        ),
        (["--host", "0.0.0.0", "--token-file", "no-such-file"], "the tokens cannot be read"),
        (["--open", "--token-file", "x"], "give one"),
        (["--open", "--user-file", "x"], "give one"),
        (["--host", "0.0.0.0", "--user-file", "no-such-file"], "the users cannot be read"),
        (["--add-user", "王"], "--user-file FILE"),
        (["--root-path", "reports/"], "write it as /reports"),
        (["--rate", "nan"], "0 for no limit"),
        (["--rate", "-1"], "0 for no limit"),
    ],
)
def test_a_server_open_by_oversight_does_not_start(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_sigterm_lets_a_running_request_end(index: Path) -> None:
    with process(index) as (url, child):
        questions = [{"question": f"第{n}年改造老旧小区多少个"} for n in range(1000)]
        got: list[httpx.Response] = []

        def ask() -> None:
            got.append(httpx.post(f"{url}/api/batch", json={"questions": questions}, timeout=60))

        asking = threading.Thread(target=ask)
        asking.start()
        while "reportqa_questions_total 0.0" in httpx.get(f"{url}/metrics").text:
            pass
        child.send_signal(signal.SIGTERM)
        asking.join(60)
        assert (got[0].status_code, got[0].headers["connection"]) == (200, "close")
        assert len(got[0].json()["replies"]) == 1000


def test_a_client_that_goes_on_asking_does_not_keep_the_server_from_its_end(index: Path) -> None:
    got: list[httpx.Response] = []

    def go_on(url: str) -> None:
        with httpx.Client(base_url=url, timeout=60) as client, suppress(httpx.TransportError):
            while True:
                got.append(client.post("/api/ask", json={"question": "改造老旧小区多少个"}))

    with process(index) as (url, child):
        asking = [threading.Thread(target=go_on, args=(url,)) for _ in range(4)]
        for thread in asking:
            thread.start()
        while len(got) < 20:
            time.sleep(0.01)
        child.send_signal(signal.SIGTERM)
        assert child.wait(SECONDS_TO_FINISH / 2) == -signal.SIGTERM
        for thread in asking:
            thread.join(60)
    assert {response.status_code for response in got} == {200}


def test_sigterm_lets_a_streamed_answer_be_written_to_its_end(index: Path) -> None:
    asked = {"question": "东山县2023年地区生产总值完成多少"}
    wanted = {"Accept": "text/event-stream"}
    with (
        process(index, slow_model=True) as (url, child),
        httpx.stream("POST", f"{url}/api/ask", json=asked, headers=wanted, timeout=60) as got,
    ):
        lines = got.iter_lines()
        assert "event: delta" in lines
        child.send_signal(signal.SIGTERM)
        rest = [line for line in lines if line.startswith("event: ")]
        assert (rest.count("event: delta"), rest[-1]) == (serving.PIECES - 1, "event: answer")
        assert child.wait(60) == -signal.SIGTERM  # uvicorn passes it on when all is done
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz")


def test_an_open_page_neither_holds_the_server_up_nor_makes_it_complain(
    index: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        process(index, page=True) as (url, child),
        httpx.stream("GET", f"{url}/gradio_api/heartbeat/abc", timeout=60) as listening,
    ):
        pieces = listening.iter_bytes()
        assert next(pieces)
        child.send_signal(signal.SIGTERM)
        assert list(pieces) is not None  # the stream ends as it should, which httpx checks
        assert child.wait(60) == -signal.SIGTERM  # uvicorn passes it on when all is done
    said = capfd.readouterr().err
    assert '"route": "/gradio_api/heartbeat/{session_hash}"' in said
    assert "ERROR" not in said


def test_the_description_says_how_a_caller_is_known(index: Path) -> None:
    users = Users({"a": Hashed.of("long enough", b"salt")})
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with running(index, Rules(Tokens([TOKEN]), users)) as site:
        described = httpx.get(f"{site.url}/openapi.json", headers=bearer).json()
    ways = described["components"]["securitySchemes"]
    assert {name: way["scheme"] for name, way in ways.items()} == {
        "token": "bearer",
        "password": "basic",
    }
    assert described["paths"]["/api/ask"]["post"]["security"] == [{"token": []}, {"password": []}]
    assert "security" not in described["paths"]["/healthz"]["get"]


def test_behind_a_proxy_every_address_keeps_its_sub_path(index: Path) -> None:
    with process(index, page=True, root_path="/reports") as (url, _):
        for prefix in ("", "/reports"):  # a proxy may take its part of the path off, or not
            assert httpx.get(f"{url}{prefix}/api/reports").json()["total"] == 2
            assert httpx.get(f"{url}{prefix}/base.css").status_code == 200
            page = httpx.get(f"{url}{prefix}/")
            assert "/reports" in page.text
            # what is no page's address is not left to the page
            wrong = httpx.get(f"{url}{prefix}/api/search")
            assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
            nothing = httpx.get(f"{url}{prefix}/api/nothing")
            assert nothing.status_code == 404
            for got in (wrong, nothing):
                assert got.headers["content-type"] == "application/problem+json"
                assert got.json()["request_id"] == got.headers["x-request-id"]
            assert httpx.head(f"{url}{prefix}/healthz").status_code == 200
        reader = httpx.get(f"{url}/reports/report/东山县-2024").text
        assert re.findall(r'(?:href|src)="(/[^"]*)"', reader) == []
        assert "/reports/docs/files/swagger-ui.css" in httpx.get(f"{url}/docs").text
