"""What a system said to the questions → what measuring needs of it.

From Replies at hand, or from a file of them in query.py's JSON; of a hit there, only `text` (for
questions with quotes) or `report_id` (for BEIR) is needed, so that other systems' runs do too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from reportqa.errors import QuestionError
from reportqa.records import NOTHING_STATED, Reply, Understanding

__all__ = [
    "RunHit",
    "RunReply",
    "json_lines",
    "read_run",
    "replies_by_id",
    "run_reply",
]

SHOWN = 100  # characters of a text that has no sentence of evidence


@dataclass(frozen=True, slots=True)
class RunHit:
    """What measuring needs of a hit; `sentence` is its first sentence of evidence, where there is
    none the beginning of its text."""

    report: str | None
    text: str
    headings: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class RunReply:
    """What measuring needs of a reply: hits best first; `abstained`, `seconds` and the answer's
    `text` where known, of which place each citation is, and what the question was understood to
    state: places, years, sense."""

    id: str
    hits: tuple[RunHit, ...]
    abstained: bool | None
    seconds: float | None
    text: str | None = None
    cited: Mapping[int, str | None] = field(default_factory=dict)
    understood: Understanding = NOTHING_STATED


def read_run(path: Path, needed: Literal["text", "report_id"] = "text") -> list[RunReply]:
    """The replies of a saved run. Hits are put in the order of their ranks, where they have them.
    QuestionError with the line where `id`, `hits`, or a hit's `needed` field is missing, or what is
    there is of another type."""
    replies = {}
    for number, row in json_lines(path):
        where = f"{path}:{number}"
        if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("hits"), list):
            raise QuestionError(f"{where}: needs id and hits, as query.py writes them")
        for hit in row["hits"]:
            if not isinstance(hit, dict) or not isinstance(hit.get(needed), str):
                raise QuestionError(f"{where}: each hit needs {needed}, as query.py writes it")
            if fault := _fault(hit):
                raise QuestionError(f"{where}: {fault}")
        id, answer, seconds = str(row["id"]), row.get("answer"), row.get("seconds")
        if not isinstance(seconds, int | float | None):
            raise QuestionError(f"{where}: seconds {seconds!r} is not a number")
        if id in replies:
            raise QuestionError(f"{where}: id {id} stands on an earlier line too")
        hits = sorted(row["hits"], key=lambda hit: int(hit.get("rank", 0)))
        abstained = text = None
        cited: dict[int, str | None] = {}
        if isinstance(answer, dict):
            abstained = bool(answer.get("abstained") or not answer.get("text"))
            text = None if abstained else str(answer["text"])
            regions = {hit.get("report_id"): hit.get("region") for hit in hits}
            cited = {
                one["number"]: regions.get(one.get("report_id"))
                for one in answer.get("citations") or ()
                if "number" in one
            }
        saved = tuple(map(_saved_hit, hits))
        stated = row.get("understood") or {}
        replies[id] = RunReply(
            id,
            saved,
            abstained,
            seconds,
            text,
            cited,
            Understanding(
                years=tuple(stated.get("years") or ()),
                regions=tuple(stated.get("regions") or ()),
                basis=stated.get("basis"),
                asked=stated.get("asked"),
            ),
        )
    if not replies:
        raise QuestionError(f"{path} holds no reply: write one JSON object a line")
    return list(replies.values())


def run_reply(reply: Reply) -> RunReply:
    """The same from a Reply at hand."""
    hits = []
    for hit in reply.hits:
        passage = hit.passage
        sentence = passage.quote(hit.evidence[0]) if hit.evidence else passage.text[:SHOWN]
        hits.append(
            RunHit(passage.metadata.id, passage.text, passage.section.headings, sentence.strip())
        )
    answer = reply.answer
    return RunReply(
        str(reply.id),
        tuple(hits),
        answer.abstained,
        reply.seconds,
        answer.text,
        {one.number: one.metadata.region for one in answer.citations},
        reply.understood,
    )


def replies_by_id(replies: Iterable[Reply | RunReply]) -> dict[str, RunReply]:
    """The replies by the ids of their questions."""
    run = [reply if isinstance(reply, RunReply) else run_reply(reply) for reply in replies]
    return {reply.id: reply for reply in run}


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Line number and value of each line that is not blank; QuestionError where one is no JSON."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, json.loads(line)
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:  # also of numbers too long, lists too deep
        raise QuestionError(f"{path}:{number}: not JSON: {error}") from error


def _fault(hit: Mapping[str, Any]) -> str | None:
    """What is wrong with a hit beside the field that is needed, if anything is."""
    if not isinstance(hit.get("rank", 0), int):
        return f"rank {hit['rank']!r} is not a whole number"
    for name, kind in (("headings", str), ("evidence", dict)):
        items = hit.get(name) or []
        if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
            return f"{name} of a hit is a list, as query.py writes it"
    if not isinstance(hit.get("report_id"), str | None):
        return "report_id is a text"
    return None if isinstance(hit.get("text"), str | None) else "text is a text"


def _saved_hit(hit: Mapping[str, Any]) -> RunHit:
    text = hit.get("text") or ""
    evidence = hit.get("evidence") or [{}]
    headings = tuple(hit.get("headings") or ())
    sentence = str(evidence[0].get("text") or text[:SHOWN])
    return RunHit(hit.get("report_id"), text, headings, sentence.strip())
