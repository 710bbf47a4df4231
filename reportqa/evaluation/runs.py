"""What a system said to the questions → what measuring needs of it.

From Replies at hand, or from a file of them in query.py's JSON; of a hit there, only `text` (for
questions with quotes) or `report_id` (for BEIR) is needed, so that other systems' runs do too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reportqa.errors import QuestionError
from reportqa.records import Reply

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
    `text` where known."""

    id: str
    hits: tuple[RunHit, ...]
    abstained: bool | None
    seconds: float | None
    text: str | None = None


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
            if not isinstance(hit.get("rank", 0), int):
                raise QuestionError(f"{where}: rank {hit['rank']!r} is not a whole number")
            if wrong := _wrong_field(hit):
                raise QuestionError(f"{where}: {wrong} is not as query.py writes it")
        if not isinstance(row.get("seconds"), int | float | None):
            raise QuestionError(f"{where}: seconds {row['seconds']!r} is not a number")
        id, answer = str(row["id"]), row.get("answer")
        if id in replies:
            raise QuestionError(f"{where}: id {id} stands on an earlier line too")
        hits = sorted(row["hits"], key=lambda hit: int(hit.get("rank", 0)))
        abstained = text = None
        if isinstance(answer, dict):
            abstained = bool(answer.get("abstained") or not answer.get("text"))
            text = None if abstained else str(answer["text"])
        saved = tuple(map(_saved_hit, hits))
        replies[id] = RunReply(id, saved, abstained, row.get("seconds"), text)
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
    return RunReply(str(reply.id), tuple(hits), answer.abstained, reply.seconds, answer.text)


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


def _wrong_field(hit: Mapping[str, Any]) -> str | None:
    """The first field of a saved hit that has another type than query.py gives it."""
    evidence = hit.get("evidence") or []
    fits = {
        "text": isinstance(hit.get("text"), str | None),
        "report_id": isinstance(hit.get("report_id"), str | None),
        "headings": isinstance(hit.get("headings"), list | None),
        "evidence": isinstance(evidence, list)
        and all(isinstance(one, dict) and isinstance(one.get("text"), str) for one in evidence),
    }
    return next((name for name, fit in fits.items() if not fit), None)


def _saved_hit(hit: Mapping[str, Any]) -> RunHit:
    text = hit.get("text") or ""
    evidence = hit.get("evidence") or [{"text": text[:SHOWN]}]
    headings = tuple(hit.get("headings") or ())
    return RunHit(hit.get("report_id"), text, headings, evidence[0]["text"].strip())
