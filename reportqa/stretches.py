"""A sentence → the stretch of it that is said: whole clauses, trimmed, as short as they can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportqa.doubt import TIME
from reportqa.lexical import simplify, tokens
from reportqa.records import Evidence, Figure, Hit, Metadata, Span, Understanding

__all__ = [
    "LIST_MARK",
    "PLAIN",
    "Sentence",
    "Statement",
    "clause_spans",
    "clauses",
    "grow",
    "trim",
]

PLAIN = 90
"""Characters that a statement is filled up to where no single fact is asked for."""

LIST_MARK = re.compile(r"^[\s\-–—•·●▪◆★]+")
"""What stands before an item of a list, and is not quoted."""
_CLAUSE = re.compile(r"[^，,；;：:。！？!?\n]*[，,；;：:。！？!?\n]*")
_TRAIL = "，,；;：:。、 \n"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit."""

    hit: Hit
    evidence: Evidence

    @property
    def span(self) -> Span:
        """Where it stands in its passage's report."""
        return self.evidence.span

    @property
    def score(self) -> float:
        """How likely it answers."""
        return self.evidence.score

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that stand in it."""
        return self.evidence.figures

    @property
    def metadata(self) -> Metadata:
        """The report it is of."""
        return self.hit.passage.metadata

    def quote(self, span: Span) -> str:
        """The text of a span, verbatim."""
        return self.hit.passage.quote(span)


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of one sentence: the stretch, and words put before and behind it."""

    sentence: Sentence
    span: Span
    before: str = ""
    behind: str = ""


def clauses(question: str, sentence: Sentence, understood: Understanding, most: int) -> Statement:
    """The clauses of a sentence that hold most of the question's words."""
    parts = clause_spans(sentence)
    asked = set(tokens(simplify(question)))

    def held(span: Span) -> tuple[bool, int]:
        said = sentence.quote(span)
        dated = understood.asked == "time" and TIME.search(said) is not None
        return dated, len(asked & set(tokens(said)))

    best = max(parts, key=lambda span: (*held(span), -span.start))
    span = grow(best, parts, most)
    return Statement(sentence, trim(sentence.hit, span))


def grow(span: Span, parts: Sequence[Span], most: int) -> Span:
    """A stretch of clauses with its neighbours, following ones first, while they fit."""
    grown = True
    while grown:
        grown = False
        after = [c for c in parts if c.start == span.end]
        if after and after[0].end - span.start <= most:
            span, grown = Span(span.start, after[0].end), True
        ahead = [c for c in parts if c.end == span.start]
        if ahead and span.end - ahead[0].start <= most:
            span, grown = Span(ahead[0].start, span.end), True
    return span


def clause_spans(sentence: Sentence) -> list[Span]:
    """The clauses of a sentence, which tile it."""
    start = sentence.span.start
    return [
        Span(start + m.start(), start + m.end())
        for m in _CLAUSE.finditer(sentence.quote(sentence.span))
        if m.end() > m.start()
    ]


def trim(hit: Hit, span: Span) -> Span:
    """Without white space, list marks and punctuation at the ends."""
    text = hit.passage.quote(span)
    kept = text.rstrip(_TRAIL)
    lead = len(kept) - len(LIST_MARK.sub("", kept))
    return Span(span.start + lead, span.start + len(kept))
