"""A number → the noun behind it that it counts."""

from __future__ import annotations

import re

from reportqa.figures.grammar import (
    AFTER_END,
    INSIDE,
    LEVELS,
    NAMES,
    NOT_BEHIND,
    NOUN_AFTER,
    PART_OF,
    PEOPLE,
    PREDICATE_OF_PEOPLE,
)
from reportqa.figures.quantities import Quantity
from reportqa.records import Span

__all__ = ["is_fraction", "is_share", "noun_behind"]

LONGEST_BEHIND = 28
"""Characters of a noun behind a number."""
_ANOTHER = re.compile(r"[^，,。；;：:、\n（）()#]+#")
_ASIDE = re.compile("·+")
_PLACES = re.compile(r"[县市区州旗乡][（(][市县区州旗镇、，]+[）)](?!级)")
_PARTICLES = ("了", "强", "着", "过", "的", "等", "多", "内", "外")


def noun_behind(read: str, masked: str, quantity: Quantity) -> Span | None:
    """The noun that a quantity counts: 企业 of 86 家企业. `masked` is the text with all quantities
    as `#`, as long as `read`."""
    match = NOUN_AFTER.match(masked, quantity.end)
    if match is None:
        return None
    start, end = match.span(1)
    levels = LEVELS.match(read, start)
    if levels and (more := NOUN_AFTER.match(masked, levels.end())):
        end = more.end(1)
    end = _before_aside(read, masked, start, end)
    if told := _whole(read, quantity, start, end):
        return told
    cut = AFTER_END.search(read, start, end)
    if cut and cut.start() == start:  # 41 个列入国家考核范围的 | 水功能区, 4 次 | 降低准备金率
        noun = read.find("的", start, min(end, start + LONGEST_BEHIND))
        if noun > 0:
            start, cut = noun + 1, AFTER_END.search(read, noun + 1, end)
        elif quantity.unit.endswith("次"):
            cut = None
    if cut:
        end = cut.start()
    if NOT_BEHIND.match(read, start, end):
        return None
    if inside := INSIDE.search(read, start, end):
        end = inside.start()
    while end > start and read[end - 1] == "的":
        end -= 1
    owner = read.find("的", start + 1, end)
    if owner > 0 and _ANOTHER.match(masked, end):  # 六个 | 工业部 | 的产品成本下降 3%
        end = owner
    end = _before_next(read, masked, start, end)
    end = min(end, start + LONGEST_BEHIND)
    return Span(start, end) if end > start and read[start:end] not in _PARTICLES else None


def is_share(read: str, quantity: Quantity, words: str) -> bool:
    """Whether a percentage behind `words` is a share of what is named after it: 承担全省近 80% |
    的基础研究项目."""
    if quantity.unit not in ("%", "成") or not PART_OF.match(read, quantity.end):
        return False
    before = read[: quantity.start]
    if before.endswith("占"):
        return False
    return not NAMES.search(words) or "占" in words or before.endswith("有")


def is_fraction(read: str, quantity: Quantity, words: str) -> bool:
    """Whether a fraction is one of the things named behind it: 三分之一 | 的企业."""
    fraction = "分之" in read[quantity.start : quantity.end] and "占" not in words
    return fraction and PART_OF.match(read, quantity.end) is not None


def _whole(read: str, quantity: Quantity, start: int, end: int) -> Span | None:
    """The words behind a number that say alone what it is of: a people (14 亿 | 人民的饭碗), or
    what becomes of people (12 人 | 入选人才名单)."""
    people = PEOPLE.match(read, start, end) if quantity.of_a_nation else None
    owned = read.find("的", start, min(end, start + LONGEST_BEHIND)) >= 0
    if people is None and not owned and AFTER_END.match(read, start, end):
        people = PREDICATE_OF_PEOPLE.match(read, start, end)
    return Span(start, people.end()) if people else None


def _before_aside(read: str, masked: str, start: int, end: int) -> int:
    """Where a noun ends before an aside in letters (重点城市细颗粒物 | （PM2.5）年均浓度), or
    behind one that names places alike: 县（市、区） | 地区生产总值."""
    aside = _ASIDE.search(masked, start, end)
    if aside is None:
        return end
    words = read[aside.start() : aside.end()]
    if _PLACES.match(read, aside.start() - 1):
        return aside.end()
    return aside.start() if re.search(r"[A-Za-z\d]", words) else end


def _before_next(read: str, masked: str, start: int, end: int) -> int:
    """Where a noun ends that runs up to the next number, and takes the word before it along."""
    joint = None
    if masked.startswith("#", end):
        joint = re.search(r"[和及与向]$", read[start:end])
    elif masked.startswith("等#", end):  # 18 个 | 市直部门 | 和新闻出版等 3 个领域
        joint = re.search(r"(?<=[一-龥]{2})[和及与]", read[start:end])
    return start + joint.start() if joint else end
