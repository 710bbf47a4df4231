"""Questions and replies → the answers that contradict what their question states.

A question states a place, years, or a sense (achieved or planned); each line of an answer cites a
report, and tells years and sense in brackets at its end where its words leave them out. The check
reads the answer's text alone, as a reader does, and nothing of how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reportqa.evaluation.runs import RunReply, replies_by_id
from reportqa.records import Basis, Reply, Understanding
from reportqa.sides import named_sides

__all__ = ["list_contradictions"]

_LINE = re.compile(r"(?P<said>.*?)(?:（(?P<aside>[^（）]*)）)?\[(?P<number>\d+)\]$")
_YEARS = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[—–-](\d{4}))?年")
_SINCE = re.compile(r"(?<!\d)\d{4}年[^，,。；;]{0,14}(?:以来|以后)")
_SUMMED = re.compile(r"累计|年均|[两三四五十几]年(?:来|间|共|累)")
_PLANNED = re.compile(r"计划|目标|力争|争取|确保")
_ACTUAL = re.compile(r"实际|预计(?!将|目标)")


def list_contradictions(
    gold: Sequence[Mapping[str, Any]], replies: Iterable[Reply | RunReply]
) -> list[dict[str, str]]:
    """Each line of an answer that is of a place, of years or of a sense that its question rules
    out: the question's id, which of the three, what was asked and the line. Questions whose reply
    does not say what it understood state nothing here."""
    run = replies_by_id(replies)
    found = []
    for row in gold:
        reply = run.get(row["id"])
        if reply is None or reply.text is None:
            continue
        sides = dict(named_sides(row["question"], reply.understood))
        for line in reply.text.split("\n"):
            label, _, rest = line.partition("：")
            stated, said = (sides[label], rest) if label in sides else (reply.understood, line)
            for field, asked in _contradicted(said, stated, reply.cited):
                found.append({"id": row["id"], "field": field, "asked": asked, "line": line})
    return found


def _contradicted(
    line: str, stated: Understanding, cited: Mapping[int, str | None]
) -> list[tuple[str, str]]:
    """What the line contradicts of what is stated of it, as (field, what was asked)."""
    read = _LINE.match(line)
    if read is None:  # a gap, or which of two is more
        return []
    found = []
    region = cited.get(int(read["number"]))
    if stated.regions and region is not None and region not in stated.regions:
        found.append(("region", "、".join(stated.regions)))
    if stated.years and not _of_years(read, stated.years):
        found.append(("year", "、".join(map(str, stated.years))))
    told = _sense(read["aside"] or "") or _sense(read["said"])
    if stated.basis and told and told != stated.basis:
        found.append(("basis", stated.basis))
    return found


def _of_years(read: re.Match[str], years: Sequence[int]) -> bool:
    """Whether a line may be of the years asked for: one of a span that holds one of them may; a sum
    or a mean over a span is of no single year, and one since when nothing like it was seen says
    nothing of the line's own."""
    said = _SINCE.sub("", read["said"])
    told = [(int(a), int(b or a)) for a, b in _YEARS.findall(read["aside"] or "")]
    told = told or [(int(a), int(b or a)) for a, b in _YEARS.findall(said)]
    if not told:
        return True
    if len(years) == 1 and _SUMMED.search(said):
        return (years[0], years[0]) in told
    return any(first <= year <= last for first, last in told for year in years)


def _sense(text: str) -> Basis | None:
    planned, actual = _PLANNED.search(text), _ACTUAL.search(text)
    if planned and actual:
        return None
    return "plan" if planned else "actual" if actual else None
