"""MCP by the official client over both transports, against a server on a port and a process."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from corpora import REPORTS, build_index, write_corpus
from mcp import Client, StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from serving import running

from reportqa.integrations import openai_tools
from reportqa.web.brief import LEAST_BUDGET

ODD = "坏'\"&#?% 1"
TOOLS = {"search_reports", "ask_reports", "read_report", "list_reports", "find_figures"}
SERVING = Path(__file__).parent / "serving.py"
LONG = "南湖市-2024"
NUMERALS = [f"{tens}{ones}" for tens in ("", "十", "二十") for ones in "一二三四五六七八九"]
QUESTION = "东山县改造老旧小区多少个？"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp")
    many = "".join(
        f"{numeral}、第{numeral}项重点工作\n做好第{numeral}项。\n" for numeral in NUMERALS
    )
    reports = REPORTS | {
        f"{ODD}.txt": "北海市2024年政府工作报告\n\n一、情况\n今年建成灯塔9座。",
        f"{LONG}.txt": f"南湖市2024年政府工作报告\n\n{many}",
    }
    build_index(write_corpus(folder / "corpus", reports), folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with running(index) as site:
        yield f"{site.url}/mcp"


@asynccontextmanager
async def connected(index: Path, address: str, how: str) -> AsyncIterator[Client]:
    command = [str(SERVING), str(index), "stdio"]
    process = StdioServerParameters(
        command=sys.executable,
        args=command,
        cwd=SERVING.parent.parent,
        env={"PYTHONPATH": f"{SERVING.parent}:{SERVING.parent.parent}"},
    )
    async with Client(address if how == "http" else stdio_client(process)) as client:
        yield client


async def call(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    assert len(result.content) == 1
    return result.content[0].text  # type: ignore[union-attr]


def over(index: Path, address: str, how: str, ask: Any) -> Any:
    """What `ask(client)` gives over a transport."""

    async def talk() -> Any:
        async with connected(index, address, how) as client:
            return await ask(client)

    return anyio.run(talk)


@pytest.mark.parametrize("how", ["http", "stdio"])
def test_every_tool_is_described_and_answers(index: Path, address: str, how: str) -> None:
    async def ask(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        assert {tool["function"]["name"] for tool in openai_tools.tools()} == TOOLS
        for tool in tools.values():
            assert len(tool.description or "") > 60
            for name, field in tool.input_schema["properties"].items():
                assert field.get("description"), f"{tool.name}: {name} is not described"
        found = await call(client, "search_reports", question=QUESTION, k=2)
        assert found.startswith("〔东山县〕\n\n[1] 《2024年东山县政府工作报告》")
        assert "改造老旧小区23个" in found
        answer = await call(client, "ask_reports", question=QUESTION)
        assert "改造老旧小区23个" in answer
        assert "[1]" in answer
        listed = await call(client, "list_reports", region="西河市")
        assert listed.splitlines() == [
            "共 1 篇报告",
            "西河市2024年政府工作报告 | 西河市 | 2024 | 政府工作报告 | report_id=西河市-2024",
        ]

    over(index, address, how, ask)


@pytest.mark.parametrize("how", ["http", "stdio"])
def test_figures_are_listed_with_year_sense_and_sentence(
    index: Path, address: str, how: str
) -> None:
    async def ask(client: Client) -> None:
        found = await call(client, "find_figures", indicator="粮食总产量")
        assert found.splitlines()[:2] == [
            "共 1 个数值",
            "1. 粮食总产量 212万吨 | 西河市 | 2023 | 实际完成",
        ]
        assert "“粮食总产量达到212万吨，连续八年稳定增长。”" in found
        planned = await call(client, "find_figures", indicator="地区生产总值", basis="plan")
        assert planned.startswith("共 1 个数值\n1. 地区生产总值 增长6.5%左右 | 东山县 | 2024")
        nothing = await call(client, "find_figures", indicator="登月次数")
        assert nothing.startswith("没有找到“登月次数”的数值。现有 4 篇报告")
        paged = await call(client, "find_figures", indicator="地区生产总值", characters=500)
        place = re.search(r"（另有 (\d+) 项：offset=(\d+)", paged)
        assert place
        assert int(place[1]) + int(place[2]) == 5
        rest = await call(client, "find_figures", indicator="地区生产总值", offset=int(place[2]))
        assert rest.splitlines()[1].startswith(f"{int(place[2]) + 1}. ")

    over(index, address, how, ask)


def test_both_transports_say_the_same(index: Path, address: str) -> None:
    async def ask(client: Client) -> list[str]:
        questions = (QUESTION, "西河市粮食产量", "新能源汽车", "灯塔")
        return [
            await call(client, tool, question=question)
            for question in questions
            for tool in ("search_reports", "ask_reports")
        ]

    assert over(index, address, "http", ask) == over(index, address, "stdio", ask)


def test_the_caller_says_how_readily_an_answer_is_refused(index: Path, address: str) -> None:
    question = "东山县改造老旧小区为什么停了？"

    async def ask(client: Client) -> list[str]:
        settings = ("normal", "low")
        return [await call(client, "ask_reports", question=question, caution=c) for c in settings]

    strict, bold = over(index, address, "http", ask)
    assert "没有说原因" in strict
    assert "没有说原因" not in bold
    assert "改造老旧小区23个" in bold


def test_a_passage_is_read_in_its_context_by_its_range(index: Path, address: str) -> None:
    async def ask(client: Client) -> None:
        found = await call(client, "search_reports", question=QUESTION, k=1)
        place = re.search(r"report_id=(\S+) start=(\d+) end=(\d+)", found)
        assert place
        read = await call(
            client, "read_report", report_id=place[1], start=int(place[2]), end=int(place[3])
        )
        assert "改造老旧小区23个" in read
        outline = await call(client, "read_report", report_id=place[1], outline=True)
        assert "（二）民生福祉持续改善" in outline
        assert "start=" in outline

    over(index, address, "http", ask)


@pytest.mark.parametrize("budget", [LEAST_BUDGET, 700, 1500, 6000])
def test_no_result_is_longer_than_its_budget(index: Path, address: str, budget: int) -> None:
    async def ask(client: Client) -> list[str]:
        return [
            await call(client, "search_reports", question="去年的工作", k=20, characters=budget),
            await call(client, "ask_reports", question="去年的工作", characters=budget),
            await call(client, "read_report", report_id="东山县-2024", characters=budget),
            await call(client, "list_reports", characters=budget),
            await call(client, "find_figures", indicator="地区生产总值", characters=budget),
        ]

    texts = over(index, address, "http", ask)
    assert max(map(len, texts)) <= budget
    assert min(map(len, texts)) > 20
    if budget == LEAST_BUDGET:
        assert "没有列出" in texts[0]


def test_a_report_read_piece_by_piece_is_whole(index: Path, address: str) -> None:
    async def ask(client: Client) -> str:
        text, start = "", 0
        while True:
            piece = await call(
                client, "read_report", report_id="东山县-2024", start=start, characters=LEAST_BUDGET
            )
            body = piece.split("\n\n", 1)[1]
            more = re.search(r"\n\n（接着读：start=(\d+)）$", body)
            if not more:
                return text + body
            text, start = text + body[: more.start()], int(more[1])

    whole = over(index, address, "http", lambda client: client.read_resource(uri("东山县-2024")))
    assert over(index, address, "http", ask) == whole.contents[0].text


def uri(report_id: str) -> str:
    from urllib.parse import quote

    return f"reportqa://report/{quote(report_id, safe='')}"


def test_every_report_is_a_resource_by_whatever_name(index: Path, address: str) -> None:
    async def ask(client: Client) -> None:
        listed = (await client.list_resources()).resources
        assert {resource.name for resource in listed} == {"东山县-2024", "西河市-2024", ODD, LONG}
        for resource in listed:
            text = (await client.read_resource(str(resource.uri))).contents[0].text  # type: ignore[union-attr]
            assert "政府工作报告" in text
        for missing in (uri("没有"), uri("../../CURRENT"), uri("/etc/passwd")):
            with pytest.raises(MCPError):
                await client.read_resource(missing)

    over(index, address, "http", ask)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search_reports", {"question": "？！"}, "has no words"),
        ("search_reports", {"question": "生产总值", "year": "去年"}, "write 2024 or 2021-2025"),
        ("search_reports", {"question": ""}, "search_reports: question: String should have"),
        ("search_reports", {"question": "问", "k": 0, "characters": 1}, "500"),
        ("search_reports", {"question": "问", "top_k": 3}, "'top_k' is no argument of search_"),
        ("search_report", {"question": "问"}, "use search_reports, ask_reports"),
        ("read_report", {"report_id": "没有"}, "no report '没有': list_reports gives"),
        ("read_report", {"report_id": "东山县-2024", "start": 99999}, "the report has"),
    ],
)
def test_what_cannot_be_done_is_said_to_the_model(
    index: Path, address: str, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async def ask(client: Client) -> None:
        result = await client.call_tool(tool, arguments)
        assert result.is_error
        text: str = result.content[0].text  # type: ignore[union-attr]
        assert said in text
        assert "pydantic" not in text
        assert "\n" not in text

    over(index, address, "http", ask)


def test_tools_are_described_without_blanks_and_take_no_other_names(
    index: Path, address: str
) -> None:
    async def ask(client: Client) -> None:
        for tool in (await client.list_tools()).tools:
            assert "\n  " not in (tool.description or "")
            assert tool.input_schema["additionalProperties"] is False

    over(index, address, "http", ask)


def test_an_outline_that_is_cut_goes_on_where_it_says(index: Path, address: str) -> None:
    async def ask(client: Client) -> None:
        whole = await call(client, "read_report", report_id=LONG, outline=True, characters=9_000)
        start, read = 0, []
        for _ in range(9):
            part = await call(
                client, "read_report", report_id=LONG, outline=True, start=start, characters=500
            )
            read += [line for line in part.split("\n")[1:] if not line.startswith("（另有")]
            more = re.search(r"项：start=(\d+)，", part)
            if not more:
                break
            start = int(more[1])
        assert start
        assert read == whole.split("\n")[1:]

    over(index, address, "http", ask)


def test_a_list_past_its_end_says_so(index: Path, address: str) -> None:
    async def ask(client: Client) -> None:
        assert "从 offset=99 起没有了" in await call(client, "list_reports", offset=99)
        past = await call(client, "find_figures", indicator="生产总值", offset=99)
        assert "从 offset=99 起没有了" in past
        assert "没有报告符合筛选条件。现有 4 篇报告" in await call(
            client, "list_reports", region="月球"
        )

    over(index, address, "http", ask)


def test_a_filter_that_matches_nothing_says_what_there_is(index: Path, address: str) -> None:
    async def ask(client: Client) -> None:
        for tool in ("ask_reports", "search_reports"):
            said = await call(client, tool, question="生产总值", year="1999")
            assert "没有段落符合筛选条件。现有 4 篇报告" in said

    over(index, address, "http", ask)
