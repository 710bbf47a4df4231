"""What a comparison sets side by side: places, years, both, or what was planned and achieved.

In: a question and what was understood of it. Out: for each side its label and what is asked of it
alone. Search looks for each, and the answer has a row for each. A side is the report of the very
place: what lies in a place that no report is of does not stand for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from reportqa.places import places_around
from reportqa.records import Basis, Understanding

__all__ = ["in_turn", "named_regions", "named_sides"]

MOST = 6  # sides that are looked for one by one
NAME = 2  # characters of a region that the question must hold

_PLAN = re.compile(
    r"目标|计划|预期|打算|力争|拟|要(?:新增|新建|做到|完成|达到)|\bplan|\btarget", re.I
)
_ACTUAL = re.compile(
    r"实[际绩有]|(?<!要)(?:完成|达到|做到)|预计(?!目标)|现有|\bactual|\bachiev", re.I
)
_OF_SENSE: tuple[tuple[str, Basis, re.Pattern[str]], ...] = (
    ("计划", "plan", _PLAN),
    ("实际", "actual", _ACTUAL),
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]")


def named_regions(understood: Understanding) -> tuple[str, ...]:
    """The regions without those that only lie in a place which no report is of."""
    missing = set(understood.missing)
    return tuple(one for one in understood.regions if not missing & places_around(one))


def named_sides(question: str, understood: Understanding) -> list[tuple[str, Understanding]]:
    """The sides of a comparison, by label: places, years or both; else plan and achievement, where
    the question names the two; none of another question, or where it names none. A year is held to
    the sense that stands with it in the question."""
    if understood.asked != "comparison":
        return []
    places, years = _places(question, named_regions(understood)), understood.years
    if not 1 < len(places) * max(1, len(years)) <= MOST:
        years = ()
    if len(places) > 1 or (places and understood.missing):
        sides = [(one, replace(understood, regions=regions)) for one, regions in places]
        if len(years) < 2:
            return sides if len(sides) <= MOST else []
        return [
            (f"{one}{year}年", replace(side, years=(year,)))
            for one, side in sides
            for year in years
        ]
    if 1 < len(understood.years) <= MOST:
        senses = _senses(question, understood.years)
        other = understood.basis if _HAN.search(question) else None
        return [
            (f"{one}年", replace(understood, years=(one,), basis=senses.get(one, other)))
            for one in understood.years
        ]
    if all(pattern.search(question) for _, _, pattern in _OF_SENSE):
        return [(label, replace(understood, basis=basis)) for label, basis, _ in _OF_SENSE]
    return []


def in_turn(sides: Sequence[Sequence[int]]) -> list[int]:
    """The rows of the sides, each side's best first: the first of each, then the second of each,
    and so on; a row that several sides have once."""
    turns = chain.from_iterable(zip_longest(*sides))
    return list(dict.fromkeys(row for row in turns if row is not None))


def _places(question: str, regions: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The places that the question names, in its order, each with its regions: a county that became
    a district is one place under two names, and what a province's name alone brought in is none."""
    places: dict[str, list[str]] = {}
    for region in regions:
        if name := _longest_in(question, region):
            places.setdefault(name, []).append(region)
    if not places:
        return [(region, (region,)) for region in regions]
    in_order = sorted(places.items(), key=lambda item: question.index(item[0]))
    return [(of[0] if len(of) == 1 else name, tuple(of)) for name, of in in_order]


def _longest_in(question: str, region: str) -> str | None:
    """The longest piece of a region's name that the question holds."""
    pieces = (
        region[start : start + length]
        for length in range(len(region), NAME - 1, -1)
        for start in range(len(region) - length + 1)
    )
    return next((piece for piece in pieces if piece in question), None)


def _senses(question: str, years: Sequence[int]) -> dict[int, Basis]:
    """The sense that is said with each year: behind it in Chinese, before it in English."""
    found = [match for match in _YEAR.finditer(question) if int(match[0]) in years]
    ends = [match.end() for match in found]
    starts = [match.start() for match in found]
    if _HAN.search(question):
        parts = [question[a:b] for a, b in zip(ends, [*starts[1:], len(question)], strict=True)]
    else:
        parts = [question[a:b] for a, b in zip([0, *ends], starts, strict=False)]
    senses: dict[int, Basis] = {}
    for match, part in zip(found, parts, strict=True):
        said = [basis for _, basis, pattern in _OF_SENSE if pattern.search(part)]
        if len(said) == 1:
            senses[int(match[0])] = said[0]
    return senses
