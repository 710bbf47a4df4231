"""Hits → Answer: the few clauses that answer, verbatim, each with the sentence it stands in.

`ask` and `ask_many` go the whole way, from question to Reply. An answer is put together from
statements: a stretch of a report's sentence as short as it can be, the place, year and sense that
the stretch leaves out, and the number of its citation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import sub

from reportqa.doubt import Caution, find_doubt
from reportqa.evidence import settle_figures
from reportqa.figure_doubt import of_whole
from reportqa.filters import describe_choices
from reportqa.followup import rewrite
from reportqa.generate import LLM, finish, write
from reportqa.index import Snapshot
from reportqa.items import find_items
from reportqa.meaning import mentions
from reportqa.outline import find_outline
from reportqa.question import forget
from reportqa.records import (
    NO_FILTERS,
    NOTHING_STATED,
    Answer,
    Citation,
    Evidence,
    Filters,
    Hit,
    Reply,
    Span,
    Timings,
    Understanding,
)
from reportqa.search import Retriever
from reportqa.sides import named_regions
from reportqa.statements import choose
from reportqa.stretches import LIST_MARK, Sentence

__all__ = ["NOT_ANSWERED", "answer", "ask", "ask_many", "written"]

HITS_READ = 10  # hits whose sentences may answer
NEAREST = 2  # sentences cited where nothing answers
INSIDE = 3  # places named that lie in one without a report

NOT_ANSWERED = Answer(None, True, None, "extractive", ())
"""The answer of a reply whose question was only searched for."""


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
    best = _best(hits[:HITS_READ], understood)
    return _answered(question, best, understood, nothing, caution)


def _answered(
    question: str,
    best: list[tuple[Hit, Evidence]],
    understood: Understanding,
    nothing: str,
    caution: Caution,
) -> Answer:
    """What the best sentences say to the question."""
    best = of_whole(question, understood, _of_places(best, understood))
    ranked = [Sentence(hit, evidence) for hit, evidence in best]
    if not ranked:
        return _abstain(nothing)
    if doubt := find_doubt(question, understood, best, caution):
        if understood.asked == "definition":
            best = sorted(best, key=lambda one: not mentions(one, understood))
        return _abstain(doubt, best)
    statements = choose(question, ranked, understood)
    if not statements:
        return _abstain("没有找到可以对比的内容", best)
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
    off: Sequence[Sequence[str]] | None = None,
    answered: bool = True,
    encoded: Callable[[], None] = lambda: None,
) -> list[Reply]:
    """Search and answer each question; `seconds` is the batch's time shared evenly. A question
    that names only places no report is of is not answered from another; its hits stay. With an
    `llm` what is answered is generated, one question after the other. `off` names what is
    understood of each question and is not to count; without `answered` hits are all there is.
    `encoded` is called once the model is free for other questions."""
    if not questions:
        return []
    laps = [time.perf_counter()]
    retriever = retriever.pinned()
    texts = [retriever.check(question, k) for question in questions]
    forgotten = off if off is not None else [()] * len(texts)
    understood = [
        forget(retriever.understand(text), parts)
        for text, parts in zip(texts, forgotten, strict=True)
    ]
    laps.append(time.perf_counter())
    vectors = retriever.encode(texts, understood)
    encoded()
    laps.append(time.perf_counter())
    found = retriever.search_many(texts, k, filters, understood, vectors)
    laps.append(time.perf_counter())
    choices = describe_choices(retriever.snapshot.reports) if answered else ""
    answers = [
        _said(retriever.snapshot, *row, choices, caution) if answered else NOT_ANSWERED
        for row in zip(questions, found, understood, strict=True)
    ]
    laps.append(time.perf_counter())
    timings = Timings(*map(sub, laps[1:], laps))
    seconds = (laps[-1] - laps[0]) / len(questions)
    names = ids if ids is not None else [str(n) for n in range(1, len(questions) + 1)]
    rows = zip(names, questions, found, answers, understood, strict=True)
    replies = [
        Reply(i, q, hits, said, seconds, read, timings=timings) for i, q, hits, said, read in rows
    ]
    return replies if llm is None else [_write(reply, llm) for reply in replies]


def _of_places(
    best: list[tuple[Hit, Evidence]], understood: Understanding
) -> list[tuple[Hit, Evidence]]:
    """Where the figure of a place is asked for, the sentences of its reports, if there are any:
    another place's figure is none of it."""
    if understood.asked != "figure" or not understood.regions:
        return best
    regions = {*understood.regions, None}
    return [one for one in best if one[0].passage.metadata.region in regions] or best


def _best(hits: Sequence[Hit], understood: Understanding) -> list[tuple[Hit, Evidence]]:
    """The sentences of hits, best first, with the figures that may be told as they are."""
    best = [
        (hit, settle_figures(hit.passage, one, understood)) for hit in hits for one in hit.ranked
    ]
    return sorted(best, key=lambda one: (-one[1].score, one[0].rank, one[1].span.start))


def written(reply: Reply, answer: Answer, seconds: float) -> Reply:
    """The reply with the answer a model wrote, or did not, in so many seconds."""
    return replace(
        reply,
        answer=answer,
        seconds=reply.seconds + seconds,
        timings=replace(reply.timings, written=seconds),
    )


def _write(reply: Reply, llm: LLM) -> Reply:
    began = time.perf_counter()
    said = finish(write(reply.question, reply.hits, reply.answer, llm))
    return written(reply, said, time.perf_counter() - began)


def _said(
    snapshot: Snapshot,
    question: str,
    hits: Sequence[Hit],
    read: Understanding,
    choices: str,
    caution: Caution,
) -> Answer:
    """The answer to a question that was searched for among all reports."""
    if read.missing and not named_regions(read):
        places = f"没有{'、'.join(read.missing)}的报告"
        if not read.regions:
            return _abstain(f"{places}。{choices}")
        inside = "、".join(read.regions[:INSIDE])  # what lies there is another place
        return _abstain(f"{places}，只有{inside}的", _best(hits[:HITS_READ], read))
    best = _best(hits[:HITS_READ], read)
    outline = [
        (heading, heading.quote) for heading in find_outline(snapshot, read, hits[:HITS_READ])
    ]
    if listed := outline or find_items(snapshot, question, read, best):
        lines = (f"{said}[{cited.number}]" for cited, said in listed)
        return Answer("\n".join(lines), False, None, "extractive", tuple(c for c, _ in listed))
    return _answered(question, best, read, f"没有段落符合筛选条件。{choices}", caution)


def _abstain(reason: str, nearest: Sequence[tuple[Hit, Evidence]] = ()) -> Answer:
    """An abstention with the first of the sentences that come nearest."""
    cited = [_cite(number, Sentence(*one)) for number, one in enumerate(nearest[:NEAREST], 1)]
    reason = f"{reason}。以下是最接近的原文" if cited else reason
    return Answer(None, True, reason, "extractive", tuple(cited))


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
