"""Whether a figure is of what is asked: of its name, its years, its sense, and what it measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reportqa.evidence import plain_words
from reportqa.lexical import simplify
from reportqa.records import Figure, Understanding

__all__ = [
    "NAMED",
    "THINGS",
    "agrees",
    "likeness",
    "measure",
    "measure_asked",
    "of_years",
    "overlaps",
    "share_said",
    "words",
]

NAMED = 1 / 3
"""Share of the words of the shorter of two names from which they name one thing."""

APART = 0.3  # what is left of a likeness where one of the two is by head, by unit or a share
SPAN = 3  # years asked about from which they are one span

_PARTICLE = re.compile(r"[的了在和与及由从把被给]")
_MEASURE = re.compile(
    r"(?:增加值|总?产值|总值|[总金]额|总量|产量|收入|支出|投资|人数|面积|比重|增速|增长率?|规模|数量|的)+$"
)
_QUALIFIERS = tuple(
    map(re.compile, ("人均|按人口平均|每人", "占|比重|比例|几成", "单位|每[万亿平]"))
)
_PRODUCT = "地区生产总值"
_PRODUCTS = re.compile(r"GDP|(?:地区|国内|全[国省市县区州])?生产总值", re.IGNORECASE)
_ECONOMY = re.compile(
    r"(?:全[国省市县区州]|我[国省市县区]|国内)?(?:国民)?经济(?:总量|规模|增长率?|增速|[的年均])*"
)
THINGS = -1
"""The measure of what is counted, in whatever counter: 家, 所, 场次."""

_SCALE = "[十百千万]?(?:万?亿)?万?"
_MEASURES = tuple(
    (re.compile(asked), re.compile(units))
    for asked, units in (
        (r"多少钱|几块钱|几毛钱", rf"{_SCALE}(?:美|欧|港)?[元块钱]"),
        (r"几成|百分之几", r"[%％‰成倍番]|个?百分点"),
        (r"多[宽深]|多长(?!时)|多远", rf"{_SCALE}(?:公里|千米|里|米)"),
        (r"占地|面积", rf"{_SCALE}(?:亩|公顷|平方米|平方公里|平方千米)"),
        (r"多久|多长时间", r"个?(?:年|月|周|天|日|小时|分钟|秒)|(?:个)?工作日"),
        (r"多重", rf"{_SCALE}(?:吨|斤|公斤|千克)"),
    )
)


def agrees(figure: Figure, understood: Understanding) -> bool:
    """Whether neither the years nor the sense of a figure contradict the question."""
    if understood.years and not of_years(figure, understood.years):
        return False
    if understood.basis is None or figure.basis is None:
        return True
    return (figure.basis == "planned") == (understood.basis == "plan")


def overlaps(figure: Figure, understood: Understanding) -> bool:
    """The same where the figure may be of another name: of several years is of each of them."""
    if figure.years is None:
        return agrees(figure, understood)
    first, last = figure.years
    years = understood.years
    inside = not years or any(first <= year <= last for year in years)
    if len(years) >= SPAN:
        inside = of_years(figure, years)
    return inside and agrees(replace(figure, years=None), understood)


def of_years(figure: Figure, years: Sequence[int]) -> bool:
    """Whether a figure is of the years asked for. One of several years is of their last, as a
    level reached by then, and of no single year before; where a span is asked for, one of another
    span is not."""
    if figure.years is None:
        return True
    first, last = figure.years
    if len(years) == 1:
        return last in years
    if len(years) >= SPAN and first < last:
        return min(years) <= first + 1 and last <= max(years)
    return any(first <= year <= last for year in years)


def likeness(figure: Figure, understood: Understanding) -> float:
    """The share of words that an indicator and the topic have in common, of the shorter; both
    without the measure at their end (增加值) too, where that leaves a name to each. Little where
    is of a head, a unit or a share of what the other is of (人均, 占…比重)."""
    topic, told = simplify("".join(understood.topic)), figure.indicator
    apart = any((q.search(topic) is None) != (q.search(told) is None) for q in _QUALIFIERS)
    return _same_words(figure, understood) * (APART if apart else 1.0)


def _same_words(figure: Figure, understood: Understanding) -> float:
    full = _common([figure.indicator], understood.topic)
    bare = [_MEASURE.sub("", _named(part)) for part in understood.topic]
    name = _MEASURE.sub("", _named(figure.indicator))
    if len(name) < 2 or max(map(len, bare), default=0) < 2:
        return full
    return min(full, _common([name], bare))


def _common(ours: Sequence[str], theirs: Sequence[str]) -> float:
    one, other = words(*ours), words(*theirs)
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def measure_asked(question: str, unit: str | None) -> int | None:
    """What is to be measured, by its place in _MEASURES; None where the question leaves it open."""
    for number, (asked, units) in enumerate(_MEASURES):
        if (unit and units.fullmatch(unit)) or asked.search(question):
            return number
    return THINGS if unit else None


def measure(figure: Figure) -> int:
    """What a figure measures, by its place in _MEASURES."""
    units = enumerate(of for _, of in _MEASURES)
    return next((number for number, of in units if of.fullmatch(figure.unit)), THINGS)


def share_said(topic: set[str], text: str) -> float:
    """Share of the words of a topic that a text has; 1 of no topic."""
    return len(topic & set(plain_words(text))) / len(topic) if topic else 1.0


def words(*texts: str) -> set[str]:
    """The words of texts, without those that a particle stands in."""
    named = map(_named, texts)
    return {word for text in named for word in plain_words(text) if not _PARTICLE.search(word)}


def _named(text: str) -> str:
    """The text with one name for what an economy produces: reports write 经济增长6% as well as
    国内生产总值增长6%."""
    return _PRODUCT if _ECONOMY.fullmatch(text) else _PRODUCTS.sub(_PRODUCT, text)
