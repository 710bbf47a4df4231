"""Any text → text that a spreadsheet or a Word file takes, and that does nothing there.

Questions, columns and reports are data from elsewhere: a cell that begins like a formula is made
text, control characters that XML refuses and marks that reorder what a reader sees are removed.
JSON lines need none of this and keep every character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from reportqa.render import source_text

__all__ = [
    "Record",
    "answer_lines",
    "cell_text",
    "citation_line",
    "evidence_parts",
    "formula_like",
    "hit_source",
    "known_line",
    "plain_text",
]

Record = Mapping[str, Any]
"""The JSON object of one answer, with the other columns of its row as "columns"."""

_REFUSED = re.compile(  # controls, marks of direction, halves of characters, non-characters
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufffe\uffff]"
)
_FORMULA = re.compile(r"[=+\-@\t\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?%?")


def plain_text(value: object) -> str:
    """The text without what is refused; a line ends with a line feed. A value of JSON that is no
    text is written as JSON."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _REFUSED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def formula_like(text: str) -> bool:
    """Whether a spreadsheet program might compute the text; a plain number such as −3.5 it may."""
    return bool(_FORMULA.match(text.lstrip(" "))) and not _NUMBER.fullmatch(text)


def cell_text(value: object) -> str:
    """A cell of a .csv or .tsv file: where it begins like a formula, behind an apostrophe."""
    text = plain_text(value)
    return "'" + text if formula_like(text) else text


def answer_lines(record: Record) -> list[str]:
    """What is said to the question, then what is noted about it."""
    answer = record["answer"]
    said = answer["text"] or f"（未作回答）{answer['reason'] or ''}"
    notes = [answer["note"]] if answer.get("note") else []
    if answer["mode"] == "generated":
        removed = len(answer["removed"])
        notes.insert(0, "由模型生成，已逐句核对" + (f"，删去 {removed} 句" if removed else ""))
    return [*said.split("\n"), *(f"注：{note}" for note in notes)]


def known_line(record: Record, names: Mapping[str, str]) -> str:
    """What is known of a question but itself: its id, where it has one, and the other columns of
    its row, each under the name given for it."""
    columns = record.get("columns", {})
    named = {"编号": record["id"]} | {names[key]: columns.get(key) for key in names}
    return "　".join(f"{name}：{plain_text(value)}" for name, value in named.items() if value)


def citation_line(citation: Record) -> str:
    """[1] 《title》 › headings：quote."""
    source = source_text(citation["title"], citation["headings"])
    return f"[{citation['number']}] {source}：{citation['quote']}"


def hit_source(hit: Record, *, basis: bool = False) -> str:
    """Title and headings of a hit, and its basis where that is asked for."""
    return source_text(hit["title"], hit["headings"], hit["basis"] if basis else None)


def evidence_parts(hit: Record) -> Iterator[tuple[str, bool]]:
    """The text of a hit in parts that join to it, each with whether it is evidence; what trails
    the text is left out."""
    text, base = hit["text"].rstrip(), hit["start"]
    marks = bytearray(len(text))
    for span in hit["evidence"]:
        first, last = max(0, span["start"] - base), min(len(text), span["end"] - base)
        marks[first:last] = b"\1" * (last - first)
    at = 0
    for marked, run in groupby(marks):
        start, at = at, at + sum(1 for _ in run)
        yield text[start:at], bool(marked)
