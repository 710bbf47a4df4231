"""The reports as tools of an OpenAI-style chat, for callers without MCP. Needs no library.

`tools()` goes into the request; `call` runs what the model asks for and gives the text to send
back. A mistake the model can mend comes back as {"error": …}; all else is raised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reportqa.errors import QuestionError
from reportqa.integrations.asking import FILTER_FIELDS, ask_json
from reportqa.search import MOST_HITS, Retriever

__all__ = ["call", "tools"]

TOOL_NAMES = ("search_reports", "ask_reports")
DEFAULT_K = 8
MOST_CHARACTERS = 6_000
"""Of passages in one reply of search_reports; the first passage is given whole all the same."""

_CITED = ("report_id", "title", "year", "region", "kind", "headings", "about", "basis")
_RANGE = ("start", "end", "text")

_SEARCH = (
    "Search Chinese government reports. Returns numbered passages, best first, each with its "
    "report, year, region, heading path, character range and evidence sentences to quote. "
    "Ask in Chinese where you can, and name place and year: 2024年江汉区新增就业多少人？"
)
_ASK = (
    "Answer a question from Chinese government reports by verbatim sentences, each with a numbered "
    "citation; says so where the reports do not answer. For more context use search_reports."
)
_FIELDS: dict[str, tuple[str, str]] = {
    "year": ("string", "years in the reports' titles: 2024 or 2021-2025"),
    "about": ("string", "years the passages speak of; a report of 2025 tells what 2024 achieved"),
    "region": ("string", "places the reports are of: 湖北, 江汉区"),
    "kind": ("string", "kinds of report: 政府工作报告, 计划报告, 统计公报"),
    "report": ("string", "report_id of earlier results"),
}


def tools() -> list[dict[str, Any]]:
    """The two tools, in the form of the field `tools` of a chat completion request."""
    return [_tool(name, text) for name, text in zip(TOOL_NAMES, (_SEARCH, _ASK), strict=True)]


def call(
    retriever: Retriever,
    name: str,
    arguments: str | Mapping[str, Any],
    *,
    characters: int = MOST_CHARACTERS,
) -> str:
    """What the tool says, as JSON text. `arguments` as the model sent them, parsed or not.
    `characters` is the budget for passages of search_reports; what did not fit is counted."""
    try:
        question, k, filters = _read(name, arguments)
        reply = ask_json(retriever, question, k, filters)
    except QuestionError as error:
        return json.dumps({"error": str(error)}, ensure_ascii=False)
    said = _search(reply, characters) if name == "search_reports" else _ask(reply)
    return json.dumps(said, ensure_ascii=False)


def _search(reply: dict[str, Any], characters: int) -> dict[str, Any]:
    passages: list[dict[str, Any]] = []
    for hit in reply["hits"]:
        characters -= len(hit["text"])
        if characters < 0 and passages:
            break
        quotes = [sentence["text"].strip() for sentence in hit["evidence"]]
        cited = {field: hit[field] for field in (*_CITED, *_RANGE)}
        passages.append({"number": hit["rank"], **cited, "evidence": quotes})
    said = {"passages": passages, "left_out": len(reply["hits"]) - len(passages)}
    return said if passages else {**said, "reason": reply["answer"]["reason"]}


def _ask(reply: dict[str, Any]) -> dict[str, Any]:
    answer = reply["answer"]
    said = {field: answer[field] for field in ("text", "abstained", "reason", "citations")}
    return {**said, "understood": reply["understood"]}


def _read(name: str, arguments: str | Mapping[str, Any]) -> tuple[str, int, dict[str, Any]]:
    """Question, k and filters of a call. Null is as good as absent."""
    if name not in TOOL_NAMES:
        raise QuestionError(f"there is no tool {name!r}: use {' or '.join(TOOL_NAMES)}")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError as error:
            raise QuestionError(f"the arguments are not JSON ({error}): send an object") from error
    if not isinstance(arguments, Mapping):
        raise QuestionError('the arguments are no object: send {"question": "…"}')
    given = {field: value for field, value in arguments.items() if value is not None}
    question, k = given.pop("question", None), given.pop("k", DEFAULT_K)
    if not isinstance(question, str):
        raise QuestionError('question is not a text: send {"question": "…"}')
    if not isinstance(k, int) or isinstance(k, bool):
        raise QuestionError(f"k is {k!r}: send a whole number, 1 to {MOST_HITS}")
    unknown = [field for field in given if field not in FILTER_FIELDS]
    if unknown:
        known = ", ".join(("question", "k", *FILTER_FIELDS))
        raise QuestionError(f"{unknown[0]!r} is no argument of {name}: use {known}")
    return question, k, given


def _tool(name: str, description: str) -> dict[str, Any]:
    question = {"type": "string", "description": "one question or a few key words"}
    k = {"type": "integer", "minimum": 1, "maximum": MOST_HITS, "default": DEFAULT_K}
    basis = {
        "type": "string",
        "enum": ["actual", "plan"],
        "description": "only what was achieved, or only what is planned",
    }
    lists = {
        field: {"type": "array", "items": {"type": kind}, "description": f"only these {text}"}
        for field, (kind, text) in _FIELDS.items()
    }
    parameters = {
        "type": "object",
        "properties": {
            "question": question,
            "k": {**k, "description": "passages wanted"},
            **lists,
            "basis": basis,
        },
        "required": ["question"],
        "additionalProperties": False,
    }
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}
