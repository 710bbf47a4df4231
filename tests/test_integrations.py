"""Each integration against the library it is for: the same hits, the same citation, a loop that
goes on, and a clear line where the library is missing."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from corpora import build_index, open_retriever, write_corpus
from fakes import FakeEncoder
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from langchain_tests.integration_tests import RetrieversIntegrationTests
from llama_index.core.callbacks import CallbackManager
from llama_index.core.retrievers import BaseRetriever as LlamaRetriever
from llama_index.core.schema import MetadataMode
from numpy.typing import NDArray

from reportqa.answer import ask
from reportqa.errors import MissingExtraError, QuestionError, ReportQAError
from reportqa.figures import find_figures
from reportqa.filters import make_filters
from reportqa.integrations import langchain, llama_index, openai_tools
from reportqa.integrations.asking import FILTER_FIELDS, read_filters
from reportqa.records import NO_FILTERS, Filters
from reportqa.render import figure_json, reply_json
from reportqa.search import Retriever

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when Haystack is imported
import haystack as haystack_library

from reportqa.integrations import haystack

ROOT = Path(__file__).parents[1]
QUESTION = "2024年东山县城镇新增就业多少人？"
PROMISED = {
    "report_id", "title", "year", "region", "kind", "headings", "start", "end", "score", "evidence",
}  # fmt: skip
EXTRAS = {
    "langchain": "langchain_core",
    "llama_index": "llama_index",
    "haystack": "haystack",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("integrations")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def retriever(index: Path) -> Retriever:
    return open_retriever(index)


Found = list[tuple[str, dict[str, Any], float]]


def by_langchain(retriever: Retriever, k: int, filters: Any = None) -> Found:
    found = langchain.ReportRetriever(retriever=retriever, k=k, filters=filters).invoke(QUESTION)
    return [(one.page_content, one.metadata, one.metadata["score"]) for one in found]


def by_llama_index(retriever: Retriever, k: int, filters: Any = None) -> Found:
    found = llama_index.ReportRetriever(retriever, k, filters).retrieve(QUESTION)
    return [(one.text, one.metadata, one.score or 0.0) for one in found]


def by_haystack(retriever: Retriever, k: int, filters: Any = None) -> Found:
    asked = haystack.ReportRetriever(retriever=retriever, top_k=k, filters=filters)
    found = asked.run(query=QUESTION)["documents"]
    return [(one.content or "", one.meta, one.score or 0.0) for one in found]


WAYS = [by_langchain, by_llama_index, by_haystack]


@pytest.mark.parametrize("way", WAYS)
def test_the_hits_and_their_citations_are_those_of_ask(
    retriever: Retriever, way: Callable[..., Found]
) -> None:
    hits = reply_json(ask(retriever, QUESTION, 4))["hits"]
    found = way(retriever, 4)
    assert [{**citation, "text": text} for text, citation, _ in found] == hits
    assert [score for _, _, score in found] == [hit["score"] for hit in hits]


@pytest.mark.parametrize("way", WAYS)
def test_a_citation_leads_to_the_text(retriever: Retriever, way: Callable[..., Found]) -> None:
    texts = {m.id: retriever.snapshot.report(m.id).text for m in retriever.snapshot.reports}
    text, citation, _ = way(retriever, 1)[0]
    assert citation.keys() >= PROMISED
    assert (citation["report_id"], citation["year"], citation["region"], citation["kind"]) == (
        "东山县-2024", 2024, "东山县", "政府工作报告",
    )  # fmt: skip
    assert citation["headings"] == ["二、2024年工作安排"]
    assert texts["东山县-2024"][citation["start"] : citation["end"]] == text
    assert "——城镇新增就业3200人以上。" in [s["text"].strip() for s in citation["evidence"]]


@pytest.mark.parametrize(
    ("way", "filters"),
    [
        *((way, {"region": "西河", "basis": "plan"}) for way in WAYS),
        *((way, make_filters(region=["西河"], basis="plan")) for way in WAYS[:2]),
    ],  # a Haystack pipeline is saved as text, and its filters are mappings
)
def test_filters_hold(retriever: Retriever, way: Callable[..., Found], filters: Any) -> None:
    found = way(retriever, 10, filters)
    assert found
    assert {(c["region"], c["basis"]) for _, c, _ in found} == {("西河市", "plan")}
    assert way(retriever, 10, {"region": "南海省"}) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("k", "filters", "said"),
    [
        (0, None, "k is 0: ask for 1 to 1000 passages"),
        (3, {"place": "西河"}, "filter 'place' is not known: use year, about, region, kind"),
        (3, {"year": "next"}, "year 'next' is not a year"),
        (3, {"operator": "AND", "conditions": []}, "filter 'operator' is not known"),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_says_why(
    retriever: Retriever, way: Callable[..., Found], k: int, filters: Any, said: str
) -> None:
    with pytest.raises(QuestionError, match=re.escape(said)):
        way(retriever, k, filters)


# Filters as mappings.


def test_a_filter_takes_one_value_or_several_as_texts_or_years() -> None:
    read = read_filters(
        {"year": 2024, "about": ["2021-2023", 2025], "region": "东山", "report": ("a", "b")}
    )
    assert read == Filters(
        years=((2024, 2024),),
        about=((2021, 2023), (2025, 2025)),
        regions=("东山",),
        reports=("a", "b"),
    )
    assert read_filters(None) == read_filters({}) == read_filters({"year": None}) == NO_FILTERS


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"year": True}, "filter 'year' is True: give a text"),
        ({"year": {"$gt": 2020}}, "filter 'year' is {'.gt': 2020}"),
        ({"region": [None]}, r"filter 'region' is \[None\]"),
        ({"basis": ["actual", "plan"]}, "takes one of actual and plan"),
        ({"basis": "both"}, "basis 'both' is not known"),
        ({"region": " "}, "region is blank"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(filters: dict[str, Any], said: str) -> None:
    with pytest.raises(QuestionError, match=said):
        read_filters(filters)


# The event loop.


class WaitingEncoder(FakeEncoder):
    """Encodes a question only after the event loop has gone round."""

    def __init__(self) -> None:
        super().__init__()
        self.went_round = threading.Event()

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        assert self.went_round.wait(20), "the event loop stood still during the search"
        return super().encode_questions(texts)


def ask_langchain(retriever: Retriever) -> Coroutine[Any, Any, Any]:
    return langchain.ReportRetriever(retriever=retriever, k=2).ainvoke(QUESTION)


def ask_llama_index(retriever: Retriever) -> Coroutine[Any, Any, Any]:
    coroutine: Coroutine[Any, Any, Any] = llama_index.ReportRetriever(retriever, 2).aretrieve(
        QUESTION
    )
    return coroutine


async def ask_haystack(retriever: Retriever) -> Any:
    found = await haystack.ReportRetriever(retriever=retriever, top_k=2).run_async(query=QUESTION)
    return found["documents"]


@pytest.mark.parametrize("asked", [ask_langchain, ask_llama_index, ask_haystack])
def test_an_asynchronous_search_leaves_the_event_loop_ticking(
    index: Path, asked: Callable[[Retriever], Coroutine[Any, Any, Any]]
) -> None:
    encoder = FakeEncoder()
    build_with = open_retriever(index, encoder)
    waiting = WaitingEncoder()
    searching = Retriever(build_with.snapshot, waiting, index)  # type: ignore[arg-type]

    async def tick_while_searching() -> Any:
        search = asyncio.ensure_future(asked(searching))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not search.done()
        waiting.went_round.set()
        return await search

    assert len(asyncio.run(tick_while_searching())) == 2


# Each library's own ways.

# The standard test is asynchronous and unmarked; a mark is no override.
pytest.mark.anyio(RetrieversIntegrationTests.test_ainvoke_returns_documents)


class TestLangChainStandard(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def opened(self, index: Path) -> None:
        self.reports = open_retriever(index)

    @property
    def retriever_constructor(self) -> type[langchain.ReportRetriever]:
        return langchain.ReportRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"retriever": self.reports}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_langchain_takes_k_and_filters_for_one_call_and_chains(retriever: Retriever) -> None:
    asked = langchain.ReportRetriever(retriever=retriever)
    found = asked.invoke(QUESTION, k=2, filters={"region": "西河"})
    assert [one.metadata["region"] for one in found] == ["西河市", "西河市"]
    again = asyncio.run(asked.ainvoke(QUESTION, k=2, filters={"region": "西河"}))
    assert again == found
    first: RunnableLambda[list[Document], str | None] = RunnableLambda(lambda found: found[0].id)
    assert (asked | first).batch([QUESTION, QUESTION]) == [asked.invoke(QUESTION)[0].id] * 2


def test_llama_index_shows_an_llm_the_source_and_tells_its_callbacks(retriever: Retriever) -> None:
    asked = llama_index.ReportRetriever(retriever, k=1, callback_manager=CallbackManager())
    assert isinstance(asked, LlamaRetriever)
    (found,) = asked.retrieve(QUESTION)
    shown = found.node.get_content(MetadataMode.LLM)
    assert "title: 2024年东山县政府工作报告" in shown
    assert "score" not in shown
    assert (found.node.start_char_idx, found.node.end_char_idx) == (
        found.metadata["start"],
        found.metadata["end"],
    )


def test_a_haystack_pipeline_runs_is_saved_and_is_loaded(retriever: Retriever) -> None:
    pipeline = haystack_library.Pipeline()
    asked = haystack.ReportRetriever(
        index="elsewhere", top_k=2, filters={"year": [2024]}, retriever=retriever
    )
    pipeline.add_component("reports", asked)
    found = pipeline.run({"reports": {"query": QUESTION, "top_k": 1}})["reports"]["documents"]
    assert [one.meta["report_id"] for one in found] == ["东山县-2024"]
    loaded = haystack_library.Pipeline.loads(
        pipeline.dumps(), allowed_modules=["reportqa.integrations.haystack"]
    )
    component = loaded.get_component("reports")
    assert (component.index, component.top_k, component.filters) == (
        "elsewhere", 2, {"year": [2024]},
    )  # fmt: skip
    with pytest.raises(ReportQAError, match="no index at elsewhere"):
        component.warm_up()


# Without the library.


@pytest.mark.parametrize("name", EXTRAS)
def test_a_missing_extra_is_one_line_with_the_pip_command(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    real = builtins.__import__

    def without(module: str, *rest: Any, **named: Any) -> Any:
        if module.partition(".")[0] == EXTRAS[name]:
            raise ModuleNotFoundError(f"No module named {module!r}")
        return real(module, *rest, **named)

    monkeypatch.delitem(sys.modules, f"reportqa.integrations.{name}")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError) as raised:
        importlib.import_module(f"reportqa.integrations.{name}")
    assert isinstance(raised.value, ImportError)
    requirement = requirements(f"requirements-{name.replace('_', '-')}.txt")
    assert str(raised.value).endswith(f"this integration is for it: pip install '{requirement}'")


@pytest.mark.parametrize("name", EXTRAS)
def test_each_extra_is_declared(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    extra = name.replace("_", "-")
    assert extras[extra] == {"file": [f"requirements-{extra}.txt"]}


def requirements(name: str) -> str:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    (requirement,) = [line for line in lines if line and not line.startswith("#")]
    return requirement


def test_the_package_and_the_tools_load_none_of_the_libraries() -> None:
    program = "import reportqa.integrations.openai_tools, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    # langchain_core comes with the splitter of passages
    assert set(done.stdout.split()) & {"llama_index", "haystack", "openai"} == set()


# The OpenAI tools.


def called(retriever: Retriever, name: str, arguments: Any, **named: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(openai_tools.call(retriever, name, arguments, **named))
    return said


def test_the_tools_are_what_the_openai_library_takes() -> None:
    from openai.types.chat import ChatCompletionFunctionToolParam
    from pydantic import TypeAdapter

    adapter = TypeAdapter(list[ChatCompletionFunctionToolParam])
    offered = openai_tools.tools()
    assert adapter.validate_python(offered, strict=True)
    for tool in offered:
        function = tool["function"]
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", function["name"])
        assert len(function["description"]) <= 1024
        jsonschema.Draft202012Validator.check_schema(function["parameters"])
    fields = {t["function"]["name"]: {*t["function"]["parameters"]["properties"]} for t in offered}
    assert fields["search_reports"] == fields["ask_reports"] == {"question", "k", *FILTER_FIELDS}
    assert fields["find_figures"] == {"indicator", "k", "offset", *FILTER_FIELDS}


def test_a_model_finds_numbered_passages_with_their_source(retriever: Retriever) -> None:
    arguments = {"question": QUESTION, "k": 3, "region": ["东山"], "basis": "plan"}
    jsonschema.validate(arguments, openai_tools.tools()[0]["function"]["parameters"])
    said = called(retriever, "search_reports", json.dumps(arguments))
    assert [passage["number"] for passage in said["passages"]] == [1, 2, 3]
    first = said["passages"][0]
    assert (first["report_id"], first["basis"]) == ("东山县-2024", "plan")
    assert "——城镇新增就业3200人以上。" in first["evidence"]
    assert said["left_out"] == 0


def test_passages_keep_to_the_budget_and_the_rest_is_counted(retriever: Retriever) -> None:
    whole = called(retriever, "search_reports", {"question": QUESTION, "k": 4})["passages"]
    two = len(whole[0]["text"]) + len(whole[1]["text"])
    said = called(retriever, "search_reports", {"question": QUESTION, "k": 4}, characters=two)
    assert (said["passages"], said["left_out"]) == (whole[:2], 2)
    said = called(retriever, "search_reports", {"question": QUESTION, "k": 4}, characters=0)
    assert (said["passages"], said["left_out"]) == (whole[:1], 3)


def test_a_model_gets_the_answer_with_its_citations(retriever: Retriever) -> None:
    said = called(retriever, "ask_reports", {"question": QUESTION, "k": 5, "year": None})
    expected = reply_json(ask(retriever, QUESTION, 5))["answer"]
    assert (said["text"], said["citations"]) == (expected["text"], expected["citations"])
    nothing = called(retriever, "ask_reports", {"question": QUESTION, "region": "南海"})
    assert (nothing["text"], nothing["abstained"]) == (None, True)
    assert "现有 2 篇报告" in nothing["reason"]
    found = called(retriever, "search_reports", {"question": QUESTION, "region": "南海"})
    assert (found["passages"], found["reason"]) == ([], nothing["reason"])


def test_a_model_lists_the_figures_of_an_indicator_within_a_budget(retriever: Retriever) -> None:
    wanted = [figure_json(hit) for hit in find_figures(retriever.snapshot, "地区生产总值")]
    asked: dict[str, Any] = {"indicator": "地区生产总值"}
    said = called(retriever, "find_figures", asked)
    assert [one["number"] for one in said["figures"]] == [1, 2, 3, 4, 5]
    for one, figure in zip(said["figures"], wanted, strict=True):
        assert {field: one[field] for field in one if field != "number"}.items() <= figure.items()
    assert (said["total"], said["left_out"]) == (5, 0)
    planned = called(retriever, "find_figures", asked | {"basis": "plan", "region": "东山"})
    assert [one["figure"] for one in planned["figures"]] == ["6.5%左右"]
    paged = called(retriever, "find_figures", asked | {"offset": 3}, characters=0)
    assert [one["number"] for one in paged["figures"]] == [4]
    assert (paged["total"], paged["left_out"]) == (5, 1)
    nothing = called(retriever, "find_figures", {"indicator": "登月次数"})
    assert nothing["reason"].startswith("没有找到“登月次数”的数值。现有 2 篇报告")


def test_a_model_reads_a_report_piece_by_piece_and_finds_it_by_the_list(
    retriever: Retriever,
) -> None:
    listed = called(retriever, "list_reports", {"region": "东山"})
    assert (listed["total"], listed["left_out"]) == (1, 0)
    named = {"report_id": listed["reports"][0]["report_id"]}
    whole = retriever.snapshot.report(named["report_id"]).text
    read, start = "", 0
    while True:
        piece = called(retriever, "read_report", named | {"start": start}, characters=50)
        assert (piece["start"], piece["end"] - start) == (start, len(piece["text"]))
        read += piece["text"]
        if "read_on_at" not in piece:
            break
        start = piece["read_on_at"]
    assert read == whole
    outline = called(retriever, "read_report", named | {"outline": True})["sections"]
    second = next(one for one in outline if one["headings"] == ["二、2024年工作安排"])
    place = {"start": second["start"], "end": second["end"]}
    assert called(retriever, "read_report", named | place)["text"].startswith("二、2024年工作安排")
    paged = called(retriever, "list_reports", {}, characters=0)
    assert (len(paged["reports"]), paged["total"], paged["left_out"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("find", {}, "there is no tool 'find': use search_reports or ask_reports"),
        ("find_figures", {}, 'indicator is not a text: send {"indicator": "…"}'),
        ("find_figures", {"indicator": "值"}, "indicator '值' is too short"),
        (
            "find_figures",
            {"indicator": "产值", "offset": -1},
            "offset is -1: send a whole number, 0",
        ),
        ("find_figures", {"indicator": "产值", "basis": "x"}, "basis 'x' is not known"),
        ("read_report", {"report_id": "没有"}, "没有"),
        ("read_report", {"report_id": "东山县-2024", "start": 9999}, "nothing lies from 9999 to"),
        ("read_report", {"report_id": "东山县-2024", "outline": 1}, "outline is 1: send true"),
        ("list_reports", {"basis": "plan"}, "'basis' is no argument of list_reports"),
        ("ask_reports", "{", "the arguments are not JSON (Expecting property name"),
        ("ask_reports", "[]", "the arguments are no object"),
        ("ask_reports", {}, "question is not a text"),
        ("ask_reports", {"question": " "}, "the question is empty: type one"),
        ("ask_reports", {"question": "就业", "k": "5"}, "k is '5': send a whole number"),
        ("ask_reports", {"question": "就业", "k": 0}, "k is 0: send a whole number, 1 to 1000"),
        ("ask_reports", {"question": "就业", "top_k": 5}, "'top_k' is no argument of ask_reports"),
        ("ask_reports", {"question": "就业", "year": ["x"]}, "year 'x' is not a year"),
    ],
)
def test_a_call_that_cannot_be_carried_out_says_why(
    retriever: Retriever, name: str, arguments: Any, error: str
) -> None:
    said = called(retriever, name, arguments)
    assert list(said) == ["error"]
    assert error in said["error"]
