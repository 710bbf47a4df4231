"""Hits → Answer: the sentences nearest the question, verbatim, each with its citation."""

from __future__ import annotations

from collections.abc import Sequence

from reportqa.records import Answer, Citation, Hit

__all__ = ["answer"]

MOST_SENTENCES = 3


def answer(hits: Sequence[Hit], nothing: str = "没有检索到内容") -> Answer:
    """The first hit's evidence and the best sentence of each hit that scores about as well, at
    most three sentences in all. Where there is no hit, an abstention whose reason is `nothing`."""
    if not hits:
        return Answer(None, True, nothing, "extractive", ())
    chosen = [(hits[0], span) for span in hits[0].evidence]
    chosen += [(hit, hit.evidence[0]) for hit in hits[1:MOST_SENTENCES] if hit.evidence]
    citations = tuple(
        _cite(number, hit, span.start, span.end)
        for number, (hit, span) in enumerate(chosen[:MOST_SENTENCES], 1)
    )
    text = "\n".join(f"{citation.quote}[{citation.number}]" for citation in citations)
    return Answer(text, False, None, "extractive", citations)


def _cite(number: int, hit: Hit, start: int, end: int) -> Citation:
    passage = hit.passage
    quote = passage.text[start - passage.start : end - passage.start]
    kept = quote.rstrip()
    lead = len(quote) - len(quote.lstrip())
    return Citation(
        number,
        passage.metadata,
        passage.section.headings,
        start + lead,
        start + len(kept),
        kept[lead:],
    )
