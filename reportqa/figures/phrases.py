"""A stretch of text before a number → the noun phrase in it, cut back from both ends.

Predicates and comparisons fall away at its end, times, places and conjunctions at its beginning;
what remains names what the number is of.
"""

from __future__ import annotations

from reportqa.figures.grammar import (
    AGAINST,
    HAN,
    IMPROVED,
    INNER_STOP,
    KEEP_TAIL,
    LEAD,
    MIDDLE_PREDICATE,
    PROTECTED,
    TAIL,
)
from reportqa.records import Span

__all__ = ["noun_phrase", "trim_phrase"]


def noun_phrase(read: str, start: int, end: int) -> Span | None:
    """The noun phrase of a stretch, cut at both ends; None where nothing remains."""
    words = read[start:end]
    for match in INNER_STOP.finditer(words):
        if match.end() < len(words):
            start, words = start + match.end(), read[start + match.end() : end]
            break
    kept = KEEP_TAIL.search(words) or IMPROVED.search(words)
    tail = None if kept else TAIL.search(words)
    if tail:
        words = words[: tail.start()]
        more = MIDDLE_PREDICATE.search(words)
        if more and more.start() > 1:
            words = words[: more.start()]
    phrase = trim_phrase(read, start, start + len(words))
    if phrase and AGAINST.match(read, phrase.start, phrase.end):
        return None
    if phrase and read[phrase.start : phrase.end].endswith("经济"):  # 经济 | 增长预期目标为 5%
        return Span(phrase.start, phrase.end + 2 * read.startswith("增长", phrase.end, end))
    return phrase


def trim_phrase(read: str, start: int, end: int) -> Span | None:
    """A phrase without what only leads into it, and without marks at its end."""
    while match := LEAD.match(read[start:end]):
        if PROTECTED.match(read, start, end):
            break
        start += match.end()
    while end > start and read[end - 1] in " \n、“（(的":
        end -= 1
    if not HAN.search(read, start, end):
        return None
    return _with_quotes(read, start, end)


def _with_quotes(read: str, start: int, end: int) -> Span:
    """The span with the quotation mark that its words have lost: 建成“四好农村路”."""
    words = read[start:end]
    if words.count("”") > words.count("“") and read[start - 1 : start] == "“":
        start -= 1
    elif words.count("“") > words.count("”") and read[end : end + 1] == "”":
        end += 1
    return Span(start, end)
