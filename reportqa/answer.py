"""Hits → Answer: the few clauses that answer, verbatim, each with the sentence it stands in.

`ask` and `ask_many` go the whole way, from question to Reply. An answer is put together from
statements: a stretch of a report's sentence as short as it can be, the place, year and sense that
the stretch leaves out, and the number of its citation.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from reportqa.doubt import Caution, find_doubt
from reportqa.evidence import settle_figures
from reportqa.filters import describe_choices
from reportqa.followup import rewrite
from reportqa.generate import LLM, finish, write
from reportqa.records import (
    NO_FILTERS,
    NOTHING_STATED,
    Answer,
    Citation,
    Filters,
    Hit,
    Reply,
    Span,
    Understanding,
)
from reportqa.search import Retriever
from reportqa.statements import LIST_MARK, Sentence, choose

__all__ = ["answer", "ask", "ask_many"]

HITS_READ = 10  # hits whose sentences may answer
NEAREST = 2  # sentences cited where nothing answers


def answer(
    question: str,
    hits: Sequence[Hit],
    understood: Understanding = NOTHING_STATED,
    nothing: str = "没有检索到内容",
    caution: Caution = "normal",
) -> Answer:
    """What the hits say to the question. Where there is no hit, an abstention whose reason is
    `nothing`; where they do not hold what is asked for, one that says what is missing and cites
    the nearest sentences."""
    ranked = [
        Sentence(hit, settle_figures(hit.passage, one, understood))
        for hit in hits[:HITS_READ]
        for one in hit.ranked
    ]
    ranked.sort(key=lambda one: (-one.score, one.hit.rank, one.span.start))
    if not ranked:
        return _abstain(nothing)
    best = [(one.hit, one.evidence) for one in ranked]
    if doubt := find_doubt(question, understood, best, caution):
        return _abstain(f"{doubt}。以下是最接近的原文", ranked[:NEAREST])
    statements = choose(question, ranked, understood)
    citations: list[Citation] = []
    lines = []
    for statement in statements:
        if isinstance(statement, str):
            lines.append(statement)
            continue
        citation = _cite(len(citations) + 1, statement.sentence, statement.span)
        citations.append(citation)
        said = statement.sentence.quote(statement.span)
        lines.append(f"{statement.before}{said}{statement.behind}[{citation.number}]")
    return Answer("\n".join(lines), False, None, "extractive", tuple(citations))


def ask(
    retriever: Retriever,
    question: str,
    k: int = 10,
    filters: Filters = NO_FILTERS,
    *,
    id: str = "1",
    before: Sequence[str] = (),
    caution: Caution = "normal",
    llm: LLM | None = None,
) -> Reply:
    """Search and answer one question. With the questions `before` it, latest last, a follow-up is
    first rewritten to stand alone; with an `llm` the answer is generated and checked. Raises
    QuestionError where it cannot be asked."""
    asked = rewrite(question, before, places=retriever.reader.names, llm=llm)
    reply = ask_many(retriever, [asked], k, filters, ids=[id], caution=caution, llm=llm)[0]
    return replace(reply, question=question, rewritten=asked) if asked != question else reply


def ask_many(
    retriever: Retriever,
    questions: Sequence[str],
    k: int = 10,
    filters: Filters = NO_FILTERS,
    *,
    ids: Sequence[str] | None = None,
    caution: Caution = "normal",
    llm: LLM | None = None,
    understood: Sequence[Understanding] | None = None,
) -> list[Reply]:
    """Search and answer each question; `seconds` is the batch's time shared evenly. A question
    that names only places no report is of is not answered from another; its hits stay. With an
    `llm` what is answered is generated, one question after the other. `understood` takes the place
    of what the questions state."""
    began = time.perf_counter()
    retriever = retriever.pinned()
    if understood is None:
        understood = [retriever.understand(question) for question in questions]
    found = retriever.search_many(questions, k, filters, understood)
    choices = describe_choices(retriever.snapshot.reports)
    answers = [
        _abstain(f"没有{'、'.join(read.missing)}的报告。{choices}")
        if read.missing and not read.regions
        else answer(question, hits, read, f"没有段落符合筛选条件。{choices}", caution)
        for question, hits, read in zip(questions, found, understood, strict=True)
    ]
    if llm is not None:
        asked = zip(questions, found, answers, strict=True)
        answers = [finish(write(q, hits, said, llm)) for q, hits, said in asked]
    seconds = (time.perf_counter() - began) / max(1, len(questions))
    names = ids if ids is not None else [str(n) for n in range(1, len(questions) + 1)]
    rows = zip(names, questions, found, answers, understood, strict=True)
    return [Reply(i, q, hits, said, seconds, read) for i, q, hits, said, read in rows]


def _abstain(reason: str, nearest: Sequence[Sentence] = ()) -> Answer:
    citations = tuple(_cite(number, one) for number, one in enumerate(nearest, 1))
    return Answer(None, True, reason, "extractive", citations)


def _cite(number: int, sentence: Sentence, said: Span | None = None) -> Citation:
    """The sentence of a statement, and those after it that are said with it, without white space
    and the mark of a list item at the ends."""
    passage = sentence.hit.passage
    start, end = sentence.span.start, sentence.span.end
    if said is not None and said.end > end:
        end = min(span.end for span in passage.sentences if span.end >= said.end)
    quote = sentence.quote(Span(start, end)).rstrip()
    kept = LIST_MARK.sub("", quote) or quote
    end = start + len(quote)
    headings = passage.section.headings
    return Citation(number, passage.metadata, headings, end - len(kept), end, kept)
