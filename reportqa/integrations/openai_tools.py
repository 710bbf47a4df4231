"""The reports as tools of an OpenAI-style chat, for callers without MCP. Needs no library.

`tools()` goes into the request; `call` runs what the model asks for and gives the text to send
back: the tools of MCP, their results as JSON. A mistake the model can mend comes back as
{"error": …}; all else is raised.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportqa.errors import QuestionError
from reportqa.figures import page_figures
from reportqa.filters import describe_choices, read_range, report_passes
from reportqa.integrations.asking import FILTER_FIELDS, ask_json, read_filters
from reportqa.records import Metadata
from reportqa.render import figure_json
from reportqa.search import MOST_HITS, Retriever

__all__ = ["call", "tools"]

DEFAULT_K = 8
DEFAULT_FIGURES = 20
MOST_CHARACTERS = 6_000
"""Of passages, figures or text in one reply; the first is given whole all the same."""

_CITED = ("report_id", "title", "year", "region", "kind", "headings", "about", "basis")
_RANGE = ("start", "end", "text")
_OF_FIGURE = (
    "indicator", "figure", "value", "high", "unit", "kind", "direction", "against", "first_year",
    "last_year", "basis", "region", "report_id", "title", "headings", "start", "end", "sentence",
)  # fmt: skip

Given = dict[str, Any]
"""The arguments of a call by name; those left out and those that are null are not there."""
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Tool:
    """What is said of a tool to the model: its arguments by name, each with its JSON schema; and
    what carries out a call within a budget of characters."""

    description: str
    arguments: Mapping[str, Schema]
    required: tuple[str, ...]
    run: Callable[[Retriever, Given, int], dict[str, Any]]

    def check(self, name: str, given: Given) -> None:
        """QuestionError names the argument that is missing, unknown or of the wrong type. Lists,
        which are filters, may be single values: `read_filters` reads them."""
        for field in (*self.required, *given):
            if field not in self.arguments:
                known = ", ".join(self.arguments)
                raise QuestionError(f"{field!r} is no argument of {name}: use {known}")
            schema, value = self.arguments[field], given.get(field)
            if schema["type"] == "string" and "enum" not in schema and not isinstance(value, str):
                raise QuestionError(f'{field} is not a text: send {{"{field}": "…"}}')
            if schema["type"] == "boolean" and not isinstance(value, bool):
                raise QuestionError(f"{field} is {value!r}: send true or false")
            if schema["type"] == "integer" and not _is_within(value, schema):
                most = f"to {schema['maximum']}" if "maximum" in schema else "or more"
                wanted = f"send a whole number, {schema['minimum']} {most}"
                raise QuestionError(f"{field} is {value!r}: {wanted}")


def tools() -> list[dict[str, Any]]:
    """The tools, in the form of the field `tools` of a chat completion request."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": tool.description,
                "parameters": {
                    "type": "object",
                    "properties": {field: dict(schema) for field, schema in tool.arguments.items()},
                    "required": list(tool.required),
                    "additionalProperties": False,
                },
            },
        }
        for name, tool in _TOOLS.items()
    ]


def call(
    retriever: Retriever,
    name: str,
    arguments: str | Mapping[str, Any],
    *,
    characters: int = MOST_CHARACTERS,
) -> str:
    """What the tool says, as JSON text. `arguments` as the model sent them, parsed or not.
    `characters` is the budget for what is quoted; what did not fit is counted."""
    try:
        if name not in _TOOLS:
            raise QuestionError(f"there is no tool {name!r}: use {' or '.join(_TOOLS)}")
        given = _read(arguments)
        _TOOLS[name].check(name, given)
        said = _TOOLS[name].run(retriever, given, characters)
    except QuestionError as error:
        said = {"error": str(error)}
    return json.dumps(said, ensure_ascii=False)


def _read(arguments: str | Mapping[str, Any]) -> Given:
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError as error:
            raise QuestionError(f"the arguments are not JSON ({error}): send an object") from error
    if not isinstance(arguments, Mapping):
        raise QuestionError('the arguments are no object: send {"question": "…"}')
    return {field: value for field, value in arguments.items() if value is not None}


def _is_within(value: object, schema: Schema) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and schema["minimum"] <= value <= schema.get("maximum", value)
    )


def _asked_for(given: Given) -> Given:
    """The filters among the arguments."""
    return {field: given[field] for field in FILTER_FIELDS if field in given}


def _search(retriever: Retriever, given: Given, characters: int) -> dict[str, Any]:
    reply = ask_json(retriever, given["question"], given.get("k", DEFAULT_K), _asked_for(given))
    passages = []
    for hit in reply["hits"]:
        quotes = [sentence["text"].strip() for sentence in hit["evidence"]]
        cited = {field: hit[field] for field in (*_CITED, *_RANGE)}
        passages.append({"number": hit["rank"], **cited, "evidence": quotes})
    shown = _fitting(passages, [len(passage["text"]) for passage in passages], characters)
    said = {"passages": shown, "left_out": len(passages) - len(shown)}
    return said if shown else {**said, "reason": reply["answer"]["reason"]}


def _ask(retriever: Retriever, given: Given, characters: int) -> dict[str, Any]:
    reply = ask_json(retriever, given["question"], given.get("k", DEFAULT_K), _asked_for(given))
    answer = reply["answer"]
    said = {field: answer[field] for field in ("text", "abstained", "reason", "citations")}
    return {**said, "understood": reply["understood"]}


def _figures(retriever: Retriever, given: Given, characters: int) -> dict[str, Any]:
    snapshot, filters = retriever.snapshot, read_filters(_asked_for(given))
    offset, k = given.get("offset", 0), given.get("k", DEFAULT_FIGURES)
    hits, total = page_figures(snapshot, given["indicator"], filters, k, offset)
    figures = []
    for hit in hits:
        figure = figure_json(hit)
        figures.append({"number": hit.rank, **{field: figure[field] for field in _OF_FIGURE}})
    shown = _fitting(figures, [len(figure["sentence"]) for figure in figures], characters)
    said = {"figures": shown, "total": total, "left_out": max(0, total - offset) - len(shown)}
    if total:
        return said
    choices = describe_choices(snapshot.reports)
    return {**said, "reason": f"没有找到“{given['indicator']}”的数值。{choices}"}


def _report(retriever: Retriever, given: Given, characters: int) -> dict[str, Any]:
    snapshot = retriever.snapshot
    report = snapshot.report(given["report_id"])
    said = {**_named(report.metadata), "characters": len(report.text)}
    if given.get("outline"):
        headed = [s for s in snapshot.sections(given["report_id"]) if s.body > s.start]
        places = [{"headings": list(s.headings), "start": s.start, "end": s.end} for s in headed]
        return {**said, "sections": places}
    place = read_range(report, given.get("start", 0), given.get("end"))
    last = min(place.end, place.start + max(1, characters))
    more = {"read_on_at": last} if last < place.end else {}
    text = report.text[place.start : last]
    return {**said, "start": place.start, "end": last, "text": text, **more}


def _reports(retriever: Retriever, given: Given, characters: int) -> dict[str, Any]:
    snapshot, filters = retriever.snapshot, read_filters(_asked_for(given))
    passing = [_named(m) for m in snapshot.reports if report_passes(m, filters)]
    rest = passing[given.get("offset", 0) :]
    shown = _fitting(
        rest, [len(report["title"]) + len(report["report_id"]) for report in rest], characters
    )
    return {"reports": shown, "total": len(passing), "left_out": len(rest) - len(shown)}


def _named(metadata: Metadata) -> dict[str, Any]:
    return {
        "report_id": metadata.id,
        "title": metadata.title,
        "region": metadata.region,
        "year": metadata.year,
        "kind": metadata.kind,
    }


def _fitting(
    entries: Sequence[dict[str, Any]], lengths: Sequence[int], characters: int
) -> list[dict[str, Any]]:
    """As many as the budget holds, and the first in any case."""
    shown: list[dict[str, Any]] = []
    for entry, length in zip(entries, lengths, strict=True):
        characters -= length
        if characters < 0 and shown:
            break
        shown.append(entry)
    return shown


def _texts(text: str) -> Schema:
    return {"type": "array", "items": {"type": "string"}, "description": f"only {text}"}


_QUESTION = {"type": "string", "description": "one question or a few key words"}
_FILTERS: dict[str, Schema] = {
    "year": _texts("reports with these years in their titles: 2024 or 2021-2025"),
    "about": _texts("what speaks of these years; a report of 2025 tells what 2024 achieved"),
    "region": _texts("reports of these places: 湖北, 江汉区"),
    "kind": _texts("these kinds of report: 政府工作报告, 计划报告, 统计公报"),
    "report": _texts("these reports, by the report_id of earlier results"),
    "basis": {
        "type": "string",
        "enum": ["actual", "plan"],
        "description": "only what was achieved, or only what is planned",
    },
}
_REPORT_FILTERS = {field: _FILTERS[field] for field in ("year", "region", "kind")}
_OFFSET = {"type": "integer", "minimum": 0, "default": 0, "description": "how many to pass over"}


def _most(what: str, default: int) -> Schema:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_HITS,
        "default": default,
        "description": f"{what} wanted",
    }


_ASKED = {"question": _QUESTION, "k": _most("passages", DEFAULT_K), **_FILTERS}
_TOOLS: dict[str, _Tool] = {
    "search_reports": _Tool(
        "Search Chinese government reports. Returns numbered passages, best first, each with its "
        "report, year, region, heading path, character range and evidence sentences to quote. "
        "Ask in Chinese where you can, and name place and year: 2024年江汉区新增就业多少人？",
        _ASKED,
        ("question",),
        _search,
    ),
    "ask_reports": _Tool(
        "Answer a question from Chinese government reports by verbatim sentences, each with a "
        "numbered citation; says so where the reports do not answer. For more context use "
        "search_reports.",
        _ASKED,
        ("question",),
        _ask,
    ),
    "find_figures": _Tool(
        "List the figures of an indicator across reports, to compare years and places: each with "
        "value and unit, the year it is of, whether it was achieved, estimated or planned, its "
        "sentence and where it stands. Nearest indicator first, then the newest: read the "
        "indicator, it may be narrower than what was asked for.",
        {
            "indicator": {
                "type": "string",
                "description": "what the figures are of, in the reports' words: 地区生产总值",
            },
            **_FILTERS,
            "k": _most("figures", DEFAULT_FIGURES),
            "offset": _OFFSET,
        },
        ("indicator",),
        _figures,
    ),
    "read_report": _Tool(
        "Read a report by its report_id, or a range of it, to see a passage in its context. Long "
        "text is cut, and read_on_at says where to go on.",
        {
            "report_id": {"type": "string", "description": "as the other tools give it"},
            "start": {**_OFFSET, "description": "where to begin, in characters"},
            "end": {"type": "integer", "minimum": 0, "description": "where to end"},
            "outline": {
                "type": "boolean",
                "default": False,
                "description": "true: its headings with their ranges, not its text",
            },
        },
        ("report_id",),
        _report,
    ),
    "list_reports": _Tool(
        "List the reports there are: title, region, year, kind and report_id.",
        {**_REPORT_FILTERS, "offset": _OFFSET},
        (),
        _reports,
    ),
}
