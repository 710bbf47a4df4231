"""Hits → Answer: the sentences nearest the question, verbatim, each with its citation.

`ask` and `ask_many` go the whole way, from question to Reply.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from reportqa.filters import describe_choices
from reportqa.followup import rewrite
from reportqa.generate import LLM, finish, write
from reportqa.records import NO_FILTERS, Answer, Citation, Filters, Hit, Reply, Span
from reportqa.search import Retriever

__all__ = ["answer", "ask", "ask_many"]

MOST_SENTENCES = 3
_LEAD = re.compile(r"^[\s\-–—•·●▪◆★]+")


def answer(hits: Sequence[Hit], nothing: str = "没有检索到内容") -> Answer:
    """The first hit's evidence and the best sentence of each hit that scores about as well, at
    most three sentences in all. Where there is no hit, an abstention whose reason is `nothing`."""
    if not hits:
        return _abstain(nothing)
    chosen = [(hits[0], span) for span in hits[0].evidence]
    chosen += [(hit, hit.evidence[0]) for hit in hits[1:MOST_SENTENCES] if hit.evidence]
    citations = tuple(
        _cite(number, hit, span) for number, (hit, span) in enumerate(chosen[:MOST_SENTENCES], 1)
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
    before: Sequence[str] = (),
    llm: LLM | None = None,
) -> Reply:
    """Search and answer one question. With the questions `before` it, latest last, a follow-up is
    first rewritten to stand alone; with an `llm` the answer is generated and checked. Raises
    QuestionError where it cannot be asked."""
    asked = rewrite(question, before, places=retriever.reader.names, llm=llm)
    reply = ask_many(retriever, [asked], k, filters, ids=[id], llm=llm)[0]
    return replace(reply, question=question, rewritten=asked) if asked != question else reply


def ask_many(
    retriever: Retriever,
    questions: Sequence[str],
    k: int = 10,
    filters: Filters = NO_FILTERS,
    *,
    ids: Sequence[str] | None = None,
    llm: LLM | None = None,
) -> list[Reply]:
    """Search and answer each question; `seconds` is the batch's time shared evenly. A question
    that names only places no report is of is not answered from another; its hits stay. With an
    `llm` what is answered is generated, one question after the other."""
    began = time.perf_counter()
    understood = [retriever.understand(question) for question in questions]
    found = retriever.search_many(questions, k, filters, understood)
    choices = describe_choices(retriever.snapshot.reports)
    answers = [
        _abstain(f"没有{'、'.join(read.missing)}的报告。{choices}")
        if read.missing and not read.regions
        else answer(hits, f"没有段落符合筛选条件。{choices}")
        for hits, read in zip(found, understood, strict=True)
    ]
    if llm is not None:
        asked = zip(questions, found, answers, strict=True)
        answers = [finish(write(q, hits, said, llm)) for q, hits, said in asked]
    seconds = (time.perf_counter() - began) / max(1, len(questions))
    names = ids if ids is not None else [str(n) for n in range(1, len(questions) + 1)]
    rows = zip(names, questions, found, answers, understood, strict=True)
    return [Reply(i, q, hits, said, seconds, read) for i, q, hits, said, read in rows]


def _abstain(reason: str) -> Answer:
    return Answer(None, True, reason, "extractive", ())


def _cite(number: int, hit: Hit, span: Span) -> Citation:
    """A sentence without what leads and trails it: white space and the mark of a list item."""
    passage = hit.passage
    quote = passage.quote(span).rstrip()
    kept = _LEAD.sub("", quote) or quote
    end = span.start + len(quote)
    headings = passage.section.headings
    return Citation(number, passage.metadata, headings, end - len(kept), end, kept)
