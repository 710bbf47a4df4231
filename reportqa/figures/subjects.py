"""A clause without a figure → the subject that the clause after it may leave out.

财政收入 of 财政收入稳步增长, 增速 5%; 基本养老金 of 提高基本养老金, 人均增加 120 元.
"""

from __future__ import annotations

from reportqa.figures.grammar import CIRCUMSTANCE, GENERIC, NAMES, RAISED, STATE, TOPIC
from reportqa.figures.phrases import noun_phrase, trim_phrase
from reportqa.records import Span

__all__ = ["is_only_stated", "plain_subject"]

LONGEST_SUBJECT = 32
"""Characters of a subject without a figure."""


def plain_subject(
    read: str, sentence_start: int, start: int, end: int, named: bool
) -> tuple[Span, ...] | None:
    """The subject of the clause `start`:`end`; empty where it has one that cannot be told, None
    where it has none. `named` where its sentence has named an indicator before."""
    before = read[sentence_start:start]
    if max(before.rfind("（"), before.rfind("(")) > max(before.rfind("）"), before.rfind(")")):
        return None  # an aside
    if CIRCUMSTANCE.match(read, start):
        return None
    stop = end
    while end > start and not read[end - 1].isalnum():
        end -= 1
    found = STATE.search(read, start, end)
    if raised := RAISED.search(read, start, end):  # 提高 | 基本养老金，人均增加
        return (Span(*raised.span(1)),)
    if NAMES.search(read, start, end) and not (found and found.end() == end):
        cut = end
    elif found is None:
        topic = not named and TOPIC.match(read[start:end])
        if not topic and read[stop - 1 : stop] not in ("：", ":"):
            return None
        cut = end
    else:
        cut = found.start()
    phrase = noun_phrase(read, start, cut)
    if phrase and phrase.end - phrase.start > LONGEST_SUBJECT:
        owned = read.rfind("的", phrase.start, phrase.end - 2) + 1
        short = trim_phrase(read, owned, phrase.end) if owned else None
        telling = short and not GENERIC.match(read[short.start : short.end])
        if short is None or not telling or short.end - short.start > LONGEST_SUBJECT:
            return () if owned else None
        phrase = short
    return (phrase,) if phrase else None


def is_only_stated(read: str, subject: Span, start: int, end: int) -> bool:
    """Whether a clause has nothing but its subject and how that fares: 两个园区 | 增势迅猛."""
    rest = read[subject.end : end].rstrip("，,：: \n")
    return subject.start == start and (not rest or STATE.fullmatch(rest) is not None)
