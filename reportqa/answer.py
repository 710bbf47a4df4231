"""Hits → Answer: the sentences nearest the question, verbatim, each with its citation.

`ask` and `ask_many` go the whole way, from question to Reply.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from reportqa.filters import describe_choices
from reportqa.records import NO_FILTERS, Answer, Citation, Filters, Hit, Reply
from reportqa.search import Retriever

__all__ = ["answer", "ask", "ask_many"]

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


def ask(
    retriever: Retriever,
    question: str,
    k: int = 10,
    filters: Filters = NO_FILTERS,
    *,
    id: str = "1",
) -> Reply:
    """Search and answer one question. Raises QuestionError where it cannot be asked."""
    return ask_many(retriever, [question], k, filters, ids=[id])[0]


def ask_many(
    retriever: Retriever,
    questions: Sequence[str],
    k: int = 10,
    filters: Filters = NO_FILTERS,
    *,
    ids: Sequence[str] | None = None,
) -> list[Reply]:
    """Search and answer each question; `seconds` is the batch's time shared evenly."""
    began = time.perf_counter()
    understood = [retriever.understand(question) for question in questions]
    found = retriever.search_many(questions, k, filters, understood)
    nothing = f"没有段落符合筛选条件。{describe_choices(retriever.snapshot.reports)}"
    answers = [answer(hits, nothing) for hits in found]
    seconds = (time.perf_counter() - began) / max(1, len(questions))
    names = ids if ids is not None else [str(n) for n in range(1, len(questions) + 1)]
    rows = zip(names, questions, found, answers, understood, strict=True)
    return [Reply(i, q, hits, said, seconds, read) for i, q, hits, said, read in rows]


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
