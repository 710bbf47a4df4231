"""Every interface gives the same hits, answers and citations to the same fifty questions: page,
REST, MCP over both transports, LangChain and a file, each compared with `ask` in Python."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from reportqa.answer import ask
from reportqa.integrations.langchain import ReportRetriever
from reportqa.records import Reply
from reportqa.render import reply_json
from reportqa.search import Retriever
from reportqa.web import brief

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests/data/doors/questions.txt"
ASKED = QUESTIONS.read_text("utf-8").splitlines()
K = 10
BUDGET = 20_000  # characters of a result over MCP
SLOW = 300.0  # seconds

Replies = list[dict[str, Any]]


@pytest.fixture(scope="module")
def retriever(shipped_index: Path) -> Iterator[Retriever]:
    retriever = Retriever.open(shipped_index)
    yield retriever
    retriever.snapshot.close()


@pytest.fixture(scope="module")
def by_python(retriever: Retriever) -> list[Reply]:
    """What `ask` says to each question, asked one by one."""
    return [ask(retriever, question, K, id=str(n)) for n, question in enumerate(ASKED, 1)]


@pytest.fixture(scope="module")
def wanted(by_python: list[Reply]) -> Replies:
    return timeless([reply_json(reply) for reply in by_python])


@pytest.fixture(scope="module")
def url(shipped_index: Path) -> Iterator[str]:
    """`serve.py` itself on a free port."""
    command = [
        sys.executable,
        "serve.py",
        "--index",
        str(shipped_index),
        "--port",
        "0",
        "--api-only",
    ]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        said = server.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, said
        yield found[0]
    finally:
        server.terminate()
        server.wait(60)
        server.stdout.close()


def timeless(replies: Replies) -> Replies:
    """Without the seconds, in which no two runs agree."""
    return [{name: one[name] for name in one if name != "seconds"} for one in replies]


def test_the_fifty_questions_are_worth_comparing(wanted: Replies) -> None:
    assert len(set(ASKED)) == 50
    answered = [reply for reply in wanted if reply["answer"]["text"]]
    assert 25 <= len(answered) < 50  # some are abstained from
    assert len({reply["hits"][0]["passage_id"] for reply in wanted}) > 20


def test_rest_says_what_python_says(url: str, wanted: Replies) -> None:
    with httpx.Client(base_url=url, timeout=SLOW) as client:
        asked = [{"question": q, "k": K, "id": str(n)} for n, q in enumerate(ASKED, 1)]
        assert timeless([client.post("/api/ask", json=one).json() for one in asked]) == wanted
        found = timeless([client.post("/api/search", json=one).json() for one in asked])
        assert found == [{n: reply[n] for n in reply if n != "answer"} for reply in wanted]
        together = {"questions": [{"question": question} for question in ASKED], "k": K}
        got = client.post("/api/batch", json=together).json()
    assert got["problems"] == []
    assert timeless(got["replies"]) == wanted


@pytest.mark.parametrize("how", ["http", "stdio"])
def test_mcp_says_what_python_says(
    shipped_index: Path, request: pytest.FixtureRequest, by_python: list[Reply], how: str
) -> None:
    command = [str(ROOT / "serve.py"), "--mcp-stdio", "--index", str(shipped_index)]
    process = StdioServerParameters(command=sys.executable, args=command, cwd=ROOT)
    door = f"{request.getfixturevalue('url')}/mcp" if how == "http" else stdio_client(process)

    async def talk() -> list[tuple[str, str]]:
        async with Client(door) as client:

            async def call(tool: str, **asked: Any) -> str:
                result = await client.call_tool(tool, {**asked, "characters": BUDGET})
                return result.content[0].text  # type: ignore[union-attr]

            return [
                (
                    await call("search_reports", question=question, k=K),
                    await call("ask_reports", question=question),
                )
                for question in ASKED
            ]

    assert anyio.run(talk) == [
        (brief.hits_brief(reply, BUDGET), brief.answer_brief(reply, BUDGET)) for reply in by_python
    ]


def test_langchain_says_what_python_says(retriever: Retriever, wanted: Replies) -> None:
    documents = ReportRetriever(retriever=retriever, k=K).batch(ASKED)
    found = [[{**one.metadata, "text": one.page_content} for one in hits] for hits in documents]
    assert found == [reply["hits"] for reply in wanted]


def test_a_file_says_what_python_says(shipped_index: Path, wanted: Replies, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    command = [
        "query.py",
        str(QUESTIONS),
        "-o",
        str(out),
        "-k",
        str(K),
        "--index",
        str(shipped_index),
    ]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, timeout=SLOW)
    assert timeless([json.loads(line) for line in out.read_text("utf-8").splitlines()]) == wanted


def test_the_page_shows_what_python_says(retriever: Retriever, by_python: list[Reply]) -> None:
    from reportqa.web.address import Address
    from reportqa.web.desk import Desk
    from reportqa.web.reply_card import reply_html
    from reportqa.web.shown import Page, describe_snapshot

    def plain(html: str) -> str:
        """Without the time it took, and the downloads, which only a page has."""
        return re.sub(r'用时 [\d.]+ 秒|<p class="downloads".*?</p>', "", html)

    desk = Desk(retriever)
    page, line = Page(desk), describe_snapshot(retriever.snapshot)
    for question, reply in zip(ASKED, by_python, strict=True):
        address = Address(question=question)
        shown = page.show(address)
        assert shown.frame
        wanted = reply_html(reply, line, address, around=shown.frame.around)
        assert plain(wanted) in plain(shown.html)
    desk.close()
