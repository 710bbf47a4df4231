"""What a term means, and what a list holds: said whole, from the note on the term where one is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportqa.meaning import find_meaning, find_note, without_mark
from reportqa.records import Span, Understanding
from reportqa.stretches import PLAIN, Sentence, Statement, clause_spans, clauses, trim

__all__ = ["definition", "noted", "whole"]

WHOLE = 240  # characters of a sentence up to which a list is given whole, of a definition of parts
ROW = 400  # the same of sentences that form a row
DEFINED = 80  # the same for what is kept of a definition of more than PLAIN characters

_PART = re.compile(r"[“\"]?[^，,。：:]{2,14}[”\"]?[，,]?(?:即|是指|指的?是|包括)")
_GOES_ON = re.compile(r"[的和与及为是即指：:][，,；;：:]*$")
_INTRODUCES, _IN_ROW = ("：", ":"), ("；", ";")
_PAIRS = (("“", "”"), ("（", "）"), ("《", "》"))


def whole(sentence: Sentence) -> Statement:
    """The sentence, or the clauses of its beginning that fit; where it only introduces (…如下：) or
    begins a row (…，包括：…；), with the sentences after it that fit, of a row to its end."""
    span = trim(sentence.hit, sentence.span)
    said = sentence.quote(sentence.span).rstrip()
    introduces = said.endswith(_INTRODUCES)
    in_row = "：" in said and said.endswith(_IN_ROW)
    for after in sentence.hit.passage.sentences:
        if after.start < sentence.span.end:
            continue
        if not (introduces or in_row) or after.end - span.start > ROW:
            break
        span = trim(sentence.hit, Span(span.start, after.end))
        in_row = sentence.quote(after).rstrip().endswith(_IN_ROW)
    if span.end - span.start > WHOLE and span.end <= sentence.span.end:
        ends = [c.end for c in clause_spans(sentence) if c.end - span.start <= WHOLE]
        span = trim(sentence.hit, Span(span.start, max(ends, default=span.start + WHOLE)))
    return Statement(sentence, _unmarked(sentence, span))


def _unmarked(sentence: Sentence, span: Span) -> Span:
    """The stretch without the number that a note has in the report, which is none of a citation."""
    return Span(span.end - len(without_mark(sentence.quote(span))), span.end)


def noted(ranked: Sequence[Sentence], understood: Understanding) -> Sentence | None:
    """The first sentence of the note on the term asked about, where one is among the best."""
    found = find_note([(one.hit, one.evidence) for one in ranked], understood)
    return Sentence(*found) if found else None


def definition(question: str, ranked: Sequence[Sentence], understood: Understanding) -> Statement:
    """What a term means. Of a note its first sentence and what fits after it; of a term of parts
    (“一核”即…。“两纵”即…。) the parts up to the last asked about; of a long sentence the clauses
    that fit. Of another sentence, the first that tells it, what holds the question's words."""
    sentence = noted(ranked, understood)
    if sentence is None:
        meant = find_meaning(question, understood, [(one.hit, one.evidence) for one in ranked])
        best = Sentence(*meant) if meant else ranked[0]
        if best.span.end - best.span.start > PLAIN:
            return clauses(question, best, understood, PLAIN)
        return Statement(best, _unmarked(best, trim(best.hit, best.span)))
    first = sentence.span
    passage = sentence.hit.passage
    start, end = _unmarked(sentence, trim(sentence.hit, first)).start, first.end
    term = passage.quote(first).partition("：")[0]
    named = [f"“{name}”" for name in understood.topic if f"“{name}”" not in term]
    parts = [one for one in passage.sentences[1:] if _PART.match(passage.quote(one))]
    told = (first, *parts) if parts else ()
    asked = [one for one in told if any(name in passage.quote(one) for name in named)]
    if parts and parts[-1].end - start <= WHOLE:
        end = asked[-1].end if asked else parts[-1].end
    for after in passage.sentences:
        if after.start >= end and after.end - start <= PLAIN and not asked:
            end = after.end
    span = trim(sentence.hit, Span(start, end))
    return Statement(sentence, span if end > first.end else _shortened(sentence, span))


def _shortened(sentence: Sentence, span: Span) -> Span:
    """Of a long stretch the clauses that fit, never up to where a phrase goes on."""
    if span.end - span.start <= PLAIN:
        return span
    ends = [c.end for c in clause_spans(sentence) if span.start < c.end <= span.start + DEFINED]
    for end in reversed(ends):
        kept = Span(span.start, end)
        said = sentence.quote(kept)
        closed = all(said.count(a) == said.count(b) for a, b in _PAIRS)
        if closed and not _GOES_ON.search(said):
            return trim(sentence.hit, kept)
    return span
