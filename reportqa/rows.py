"""The sides of a comparison → its rows: for each side the figure that is said of it.

The figures are chosen together, so that they are figures of one thing: each side's best alone may
be of the wrong one. Where a side has no such figure, its row is a gap; where no figure is compared,
it is a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportqa.evidence import figure_fit, plain_words
from reportqa.fitting import NAMED, agrees
from reportqa.records import SCALES, Evidence, Figure, Hit, Understanding
from reportqa.sides import named_sides

__all__ = ["Row", "find_rows", "which_is_more"]

LIKE = 5.0  # of evidence score: what a figure loses by each difference from the other sides'
OPEN_PLAN = 2.5  # what a plan loses where the question leaves open whether it is one
GAP = 8.0  # the same, for a side that is left without a figure
TRIED = 12  # figures of a side that are weighed against those of the others

_OPEN = re.compile("哪些|什么(?:政策|任务)|重点|[举措]措|做法|怎样|怎么[^样变]")
_SHARES = ("%", "％", "成")
_RARE_UNIT = re.compile("亩|公顷|[万亿]?(?:吨|斤|千瓦|立方米|平方米|平方公里)")
_MORE = re.compile(
    r"(?P<more>[更最](?P<way>[高低多少快慢大小]))|(?P<up>[高多快大])了?还是(?P<down>[低少慢小])"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A side by its label, with the sentence that says most of it, and the figure; None where
    nothing is said of it, or no figure is compared."""

    label: str
    found: tuple[Hit, Evidence] | None
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class _Told:
    """A figure that may be said of a side: how well its sentence fits, and it itself."""

    score: float
    fit: float
    found: tuple[Hit, Evidence]
    figure: Figure
    words: frozenset[str]


def find_rows(
    question: str,
    ranked: Sequence[tuple[Hit, Evidence]],
    understood: Understanding,
) -> list[Row]:
    """A row for each side, in order; none where the question names no sides or nothing is said of
    any."""
    sides = named_sides(question, understood)
    if understood.unit is None and _OPEN.search(question):
        return _sentences(ranked, sides)
    told = [_told(question, ranked, side) for _, side in sides]
    chosen = _alike(told)
    if not any(chosen):
        return []
    return [
        Row(label, one.found, one.figure) if one else Row(label, None, None)
        for (label, _), one in zip(sides, chosen, strict=True)
    ]


def which_is_more(question: str, rows: Sequence[Row]) -> str | None:
    """Which side is more, in the question's own word, where one unit and kind measure all."""
    asked = _MORE.search(question)
    figures = [row.figure for row in rows if row.figure]
    if asked is None or len(figures) < len(rows) or len(set(map(_measure, figures))) > 1:
        return None
    amounts = [-one.amount if one.direction == "down" else one.amount for one in figures]
    numbers = "".join(f"[{number}]" for number in range(1, len(rows) + 1))
    if asked["more"]:
        most = max(amounts) if asked["way"] in "高多快大" else min(amounts)
        named = [row.label for row, one in zip(rows, amounts, strict=True) if one == most]
        return f"{named[0]}{asked['more']}{numbers}" if len(named) == 1 else None
    if len(rows) != 2 or amounts[0] == amounts[1]:
        return None
    way = asked["up"] if amounts[1] > amounts[0] else asked["down"]
    return f"{rows[1].label}比{rows[0].label}{way}{numbers}"


def _measure(figure: Figure) -> tuple[str, str]:
    """What a figure is counted in, the scale of its unit aside, and whether it is a change."""
    return figure.unit.lstrip("".join(SCALES)), figure.kind


def _of_side(hit: Hit, side: Understanding) -> bool:
    return not side.regions or hit.passage.metadata.region in side.regions


def _told(
    question: str, ranked: Sequence[tuple[Hit, Evidence]], side: Understanding
) -> list[_Told]:
    """The figures that may be said of a side, the best by themselves first."""
    told = []
    for hit, evidence in ranked:
        if not _of_side(hit, side):
            continue
        for figure in evidence.figures:
            if figure.years is None or not agrees(figure, side):
                continue
            fit = LIKE * figure_fit(question, figure, side)
            fit -= LIKE * (figure.years[0] != figure.years[1] and len(side.years) == 1)
            fit -= OPEN_PLAN * (side.basis is None and figure.basis == "planned")
            words = frozenset(plain_words(figure.indicator))
            told.append(_Told(evidence.score, fit, (hit, evidence), figure, words))
    told.sort(key=lambda one: (-one.score - one.fit, one.figure.start))
    return told[:TRIED]


def _alike(told: Sequence[Sequence[_Told]]) -> list[_Told | None]:
    """One figure for each side, those that fit best and are most alike; None where a side has
    none that is of the same thing. What a side's sentences score is held against its own best,
    how well its figures fit against the best of all."""
    fittest = max((one.fit for of_side in told for one in of_side), default=0.0)
    best: tuple[float, list[_Told | None]] = (float("-inf"), [None] * len(told))
    for place, of_side in enumerate(told):
        for anchor in of_side:
            row: list[_Told | None] = [
                anchor if other == place else _most_like(anchor, candidates)
                for other, candidates in enumerate(told)
            ]
            total = 0.0
            for one, candidates in zip(row, told, strict=True):
                if one is None:
                    total -= GAP
                    continue
                behind = max(other.score for other in candidates) - one.score
                total += one.fit - fittest - behind - LIKE * _difference(anchor, one)
            if total > best[0]:
                best = (total, row)
    return best[1]


def _most_like(anchor: _Told, candidates: Sequence[_Told]) -> _Told | None:
    return max(
        (one for one in candidates if _of_one_thing(anchor, one)),
        key=lambda one: one.score + one.fit - LIKE * _difference(anchor, one),
        default=None,
    )


def _of_one_thing(one: _Told, other: _Told) -> bool:
    """Whether two figures may be set side by side: a share and a number may not."""
    if (one.figure.unit[:1] in _SHARES) != (other.figure.unit[:1] in _SHARES):
        return False
    rare = _RARE_UNIT.fullmatch(one.figure.unit) and _measure(one.figure) == _measure(other.figure)
    return bool(rare) or _held(one, other) >= NAMED


def _difference(one: _Told, other: _Told) -> float:
    """In unit, in kind and, counting twice, in the words of the indicator."""
    measures = zip(_measure(one.figure), _measure(other.figure), strict=True)
    return sum(a != b for a, b in measures) + 2 * (1 - _shared(one, other))


def _held(one: _Told, other: _Told) -> float:
    """The share of the words of the shorter indicator that the other has."""
    least = min(len(one.words), len(other.words))
    return len(one.words & other.words) / least if least else 0.0


def _shared(one: _Told, other: _Told) -> float:
    """The share of the words of two indicators that both have."""
    both = one.words | other.words
    return len(one.words & other.words) / len(both) if both else 0.0


def _sentences(
    ranked: Sequence[tuple[Hit, Evidence]], sides: Sequence[tuple[str, Understanding]]
) -> list[Row]:
    """The best sentence of each side."""
    rows = []
    for label, side in sides:
        found = next(((hit, one) for hit, one in ranked if _says_of(hit, side)), None)
        rows.append(Row(label, found, None))
    return rows if any(row.found for row in rows) else []


def _says_of(hit: Hit, side: Understanding) -> bool:
    passage = hit.passage
    if not _of_side(hit, side):
        return False
    if side.years and passage.about and not set(side.years) & set(passage.about):
        return False
    return side.basis is None or passage.basis in (None, side.basis)
