"""A subject before several numbers → the part of it that each number is of.

粮食、油料、蔬菜产量 | 分别达 118、33、165 万吨: as many parts as numbers, and what ends
the last belongs to all.
"""

from __future__ import annotations

import re

from reportqa.figures.grammar import (
    AND_ALL,
    AND_COMMA,
    LEVEL,
    MAKES_MORE,
    MEASURED,
    NAMES,
    PAIRED,
    RATE_END,
    SHARED_END,
)
from reportqa.figures.phrases import trim_phrase
from reportqa.records import Span

_SUMMED = re.compile(r"等|[一二两三四五六七八九十\d]+\s*[大个类项种]")
"""What sums up a list at its end: 索具、石油物探装备 | 四大主导产业."""

__all__ = ["last_part", "parts_named", "share_subject", "twin", "without_measure", "without_verb"]


def share_subject(read: str, subject: Span | None, count: int) -> list[tuple[Span, ...]] | None:
    """A、B、C → one for each of as many figures; 城镇、农村居民收入 share their end."""
    if subject is None:
        return None
    words, apart, predicate = read[subject.start : subject.end].partition("分别")
    if apart:  # 交通、水利 | 分别 | 完成投资
        owners = share_subject(read, Span(subject.start, subject.start + len(words)), count)
        shared = trim_phrase(read, subject.end - len(predicate), subject.end)
        return owners and [(*spans, shared) if shared else spans for spans in owners]
    for splitter in (AND_ALL, AND_COMMA):
        edges = [0]
        for match in splitter.finditer(words):
            edges += [match.start(), match.end()]
        edges.append(len(words))
        parts = [
            trim_phrase(read, subject.start + a, subject.start + b)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        ]
        if len(parts) == count and all(parts):
            whole = [part for part in parts if part]
            return [_with_end(read, part, whole[-1]) for part in whole]
    return None


def _with_end(read: str, part: Span, last: Span) -> tuple[Span, ...]:
    length, longer = part.end - part.start, last.end - last.start
    if part == last:
        return (part,)
    words = read[part.start : part.end]
    if PAIRED.fullmatch(words) and longer - length >= 1 + (length > 1):
        other = PAIRED.match(read, last.start, last.end)
        return (part, Span(other.end() if other else last.start + length, last.end))
    alike = longer > length + 1 and read[last.start + length - 1] == words[-1]
    if length == 2 and alike:  # 国控、省控 | 断面水质优良率
        return (part, Span(last.start + length, last.end))
    at = read.find(words[-2:], last.start, last.end)
    if length >= 2 and at >= 0 and at + 2 < last.end:
        return (part, Span(at + 2, last.end))
    end = SHARED_END.search(read, last.start, last.end)
    rate = RATE_END.search(read, last.start, last.end)
    if at < 0 and rate and not RATE_END.search(words):
        return (part, Span(rate.start(), last.end))
    if at < 0 and end and not SHARED_END.search(words) and not NAMES.search(words):
        return (part, Span(end.start(), last.end))
    return (part,)


def parts_named(read: str, start: int, end: int, count: int) -> list[tuple[Span, ...]] | None:
    """The parts of a list of names in a clause without a figure, where it has as many as asked
    for: 发展汽车、新能源、索具等产业, 产值分别达到 …"""
    edges = [start]
    for match in AND_COMMA.finditer(read, start, end):
        edges += [match.start(), match.end()]
    summed = _SUMMED.search(read, edges[-1] + 2, end)
    edges.append(summed.start() if summed else end)
    parts = [trim_phrase(read, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if not summed or len(parts) != count:
        return None
    named: list[tuple[Span, ...]] = [(part,) for part in parts if part]
    return named if len(named) == count else None


def last_part(read: str, subject: Span) -> Span:
    """What follows the last comma of a list: 中联水泥 of 京环园区一期、中联水泥."""
    comma = read.rfind("、", subject.start, subject.end)
    return Span(comma + 1, subject.end) if comma >= 0 else subject


def twin(read: str, inherited: tuple[Span, ...]) -> tuple[Span, ...]:
    """What the other of a pair left to this one: 人均居住面积 of 城镇人均居住面积, for 农村."""
    if not inherited:
        return ()
    first = inherited[0]
    match = PAIRED.match(read, first.start, first.end)
    match = match or LEVEL.search(read, first.start, first.end)  # 承办国家级 | 赛事
    if match is None or (match.end() == first.end and len(inherited) == 1):
        return ()
    return tuple(s for s in (Span(match.end(), first.end), *inherited[1:]) if s.end > s.start)


def without_verb(read: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The spans without a verb that opens them: 企业 of 新增企业, 新增 | 企业."""
    first = spans[0]
    match = MAKES_MORE.match(read, first.start, first.end)
    if match is None:
        return spans
    if match.end() < first.end:
        return (Span(match.end(), first.end), *spans[1:])
    return spans[1:] or spans


def without_measure(read: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The spans without an area that ends them: 粮食 of 粮食播种面积, 产量."""
    last = spans[-1]
    match = MEASURED.search(read, last.start, last.end)
    if match is None or match.start() == last.start:
        return spans
    return (*spans[:-1], Span(last.start, match.start()))
