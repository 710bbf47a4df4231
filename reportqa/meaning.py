"""A question for the meaning of a term → the sentence that tells it, or none.

A report explains a term in a note (“放管服”：指…) or in passing (X是指…, Y（X）). Other sentences
with the term use it: none of them says what it means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reportqa.evidence import plain_words
from reportqa.fitting import words
from reportqa.lexical import simplify, tokens
from reportqa.records import Evidence, Hit, Understanding

__all__ = ["find_meaning", "find_note", "mentions", "without_mark"]

DEFINING = 6  # best sentences among which the one that tells a meaning is looked for
HELD = 0.6  # share of a term's words from which a sentence has the term

_ASKED = re.compile(
    r"什么是|什么叫|何谓|何为|啥是|啥叫|意思|含义|定义|理解|指|是(?:什么|啥|乜)|简称|缩写|全称"
)
_NOTE_MARK = re.compile(r"(?:[\[［【(（]\d+[\]］】)）]|\d{1,2}\s*[.．、])\s*(?!\d)")
_TERM = re.compile(r"[“\"]?([^：:，。]{2,40}?)[”\"]?(?:[：:]|是指|即)")
_OPENS = r"(?:^|[。；;：:，,、！？!?\d\]］】.．]|所谓)[“‘「『\"《]?"
_CLOSED = r"[”’」』\"》]?(?:[（(][^）)]{1,40}[）)])?"
_TELLS = (
    "[，,]?(?:指的?是|[就也]?是(?!否)|即|意为|意思是|包括|分为|[：:]|——|指(?![导标挥定明出向示]))"
)


def find_meaning(
    question: str, understood: Understanding, best: Sequence[tuple[Hit, Evidence]]
) -> tuple[Hit, Evidence] | None:
    """The first of the best sentences that tells what the term means: of a note on it, or one that
    says of it what it is; where the question only asks for what it does (干什么的), one that has
    it. None where none does."""
    if note := find_note(best, understood):
        return note
    near = best[:DEFINING]
    if _ASKED.search(question) and understood.topic:
        told = (one for one in near if _tells(_quote(one), understood.topic))
    else:
        told = (one for one in near if mentions(one, understood))
    return next(told, None)


def find_note(
    best: Sequence[tuple[Hit, Evidence]], understood: Understanding
) -> tuple[Hit, Evidence] | None:
    """The first of the best sentences that is of the note on the term asked about, as the note's
    first sentence; one on the very term before one on a longer."""
    asked = ["".join(tokens(simplify(part))) for part in understood.topic]
    longer = None
    for hit, evidence in best[:DEFINING]:
        passage = hit.passage
        if passage.section.role != "notes":
            continue
        first = hit, replace(evidence, span=passage.sentences[0])
        found = _TERM.match(without_mark(_quote(first)))
        term = "".join(tokens(simplify(found[1]))) if found else ""
        if term in asked:
            return first
        if longer is None and any(part in term or term in part for part in asked if part and term):
            longer = first
    return longer


def mentions(found: tuple[Hit, Evidence], understood: Understanding) -> bool:
    """Whether a sentence, or a heading over it, has the term asked about."""
    topic = words(*understood.topic)
    said = set(plain_words(f"{' '.join(found[0].passage.section.headings)} {_quote(found)}"))
    return not topic or len(topic & said) >= HELD * len(topic)


def without_mark(text: str) -> str:
    """A note without its number in the report, which is none of a citation."""
    mark = _NOTE_MARK.match(text)
    return text[mark.end() :] if mark else text


def _tells(quote: str, terms: Sequence[str]) -> bool:
    """Whether a sentence says of one of the terms, as its subject, what it is, or writes it out."""
    said = simplify("".join(quote.split()))
    names = (re.escape(simplify("".join(term.split()))) for term in terms)
    return any(
        re.search(rf"{_OPENS}{name}{_CLOSED}{_TELLS}|[（(]{name}[）)]|{name}[（(]", said, re.I)
        for name in names
    )


def _quote(found: tuple[Hit, Evidence]) -> str:
    hit, evidence = found
    return hit.passage.quote(evidence.span)
