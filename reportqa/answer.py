"""Hits → Answer: the few clauses that answer, verbatim, each with the sentence it stands in.

`ask` and `ask_many` go the whole way, from question to Reply. An answer is put together from
statements: a stretch of a report's sentence as short as it can be, the place, year and sense that
the stretch leaves out, and the number of its citation.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reportqa.doubt import TIME, Caution, agrees, find_doubt, overlaps
from reportqa.evidence import figure_fit
from reportqa.filters import describe_choices
from reportqa.followup import rewrite
from reportqa.generate import LLM, finish, write
from reportqa.lexical import simplify, tokens
from reportqa.records import (
    NO_FILTERS,
    NOTHING_STATED,
    Answer,
    Citation,
    Evidence,
    Figure,
    FigureBasis,
    Filters,
    Hit,
    Metadata,
    Reply,
    Span,
    Understanding,
)
from reportqa.search import Retriever

__all__ = ["answer", "ask", "ask_many"]

HITS_READ = 10  # hits whose sentences may answer
NEAREST = 2  # sentences cited where nothing answers
STATEMENT = 44  # characters that a statement of a longer sentence is filled up to
PLAIN = 90  # the same where no single fact is asked for
WHOLE = 240  # characters up to which a list or a definition is given whole
SURE = 4.0  # of evidence score: further ahead than this, the first sentence stands alone
LIKE = 4.0  # of evidence score: what a figure of a comparison gains by each likeness to the other
NEAR = 8.0  # further behind than this, a sentence is no second opinion

_LEAD = re.compile(r"^[\s\-–—•·●▪◆★]+")
_CLAUSE = re.compile(r"[^，,；;：:。！？!?\n]*[，,；;：:。！？!?\n]*")
_MORE = re.compile(
    r"[更最](?P<more>[高低多少快慢大小])|(?P<up>[高多快大])了?还是(?P<down>[低少慢小])"
)
_TRAIL = "，,；;：:。、 \n"
_BASIS_WORDS: dict[FigureBasis | None, str] = {
    "achieved": "实际", "estimated": "预计", "planned": "计划", None: "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a hit."""

    hit: Hit
    evidence: Evidence

    @property
    def span(self) -> Span:
        return self.evidence.span

    @property
    def score(self) -> float:
        return self.evidence.score

    @property
    def figures(self) -> tuple[Figure, ...]:
        return self.evidence.figures

    @property
    def metadata(self) -> Metadata:
        return self.hit.passage.metadata

    def quote(self, span: Span) -> str:
        """The text of a span, verbatim."""
        return self.hit.passage.quote(span)


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is said of one sentence: the stretch, and words put before and behind it."""

    sentence: _Sentence
    span: Span
    before: str = ""
    behind: str = ""


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
    ranked = [_Sentence(hit, one) for hit in hits[:HITS_READ] for one in hit.ranked]
    ranked.sort(key=lambda one: (-one.score, one.hit.rank, one.span.start))
    if not ranked:
        return _abstain(nothing)
    best = [(one.hit, one.evidence) for one in ranked]
    if doubt := find_doubt(question, understood, best, caution):
        return _abstain(f"{doubt}。以下是最接近的原文", ranked[:NEAREST])
    statements = _choose(question, ranked, understood)
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


def _choose(
    question: str, ranked: Sequence[_Sentence], understood: Understanding
) -> Sequence[_Statement | str]:
    """What is said, in order; words that no sentence is cited for stand as they are."""
    if understood.asked == "definition":
        return [_whole(ranked[0], WHOLE, following=True)]
    if understood.asked == "comparison":
        return _sides(question, ranked, understood)
    if understood.asked == "list":
        return [_whole(one, WHOLE) for one in _close(ranked, 2)]
    if understood.asked == "figure":
        close = _close(ranked, 2)
        # a sense is read more surely than a year: by its year the best sentence is not dropped
        sense = replace(understood, years=())
        fitting = [
            one for one in close if _fits(question, one, sense if one is close[0] else understood)
        ]
        return [_figure_statement(question, one, understood) for one in fitting or close]
    most = 2 if understood.asked in ("name", "time") else 3
    return [_clauses(question, one, understood, PLAIN) for one in _close(ranked, most)]


def _close(ranked: Sequence[_Sentence], most: int) -> list[_Sentence]:
    """The first, and those about as good where it is not clearly ahead."""
    first = ranked[0]
    if len(ranked) > 1 and first.score - ranked[1].score > SURE:
        return [first]
    return [one for one in ranked[:most] if first.score - one.score <= NEAR]


def _fits(question: str, sentence: _Sentence, understood: Understanding) -> bool:
    """Whether the figure that would be said is of the years and the sense asked for."""
    figure = _best_figure(question, sentence, understood)
    return figure is None or overlaps(figure, understood)


def _sides(
    question: str, ranked: Sequence[_Sentence], understood: Understanding
) -> list[_Statement | str]:
    """A row for each place or year compared, with a gap where nothing is said of it; which of two
    is more, where that is asked. The two best sentences where no sides are named."""
    sides = _named_sides(understood)
    chosen: list[tuple[str, _Sentence, Figure] | str] = []
    like: Figure | None = None
    for label, side in sides:
        found = _side_figure(question, ranked, side, like)
        if found is None:
            chosen.append(f"{label}：没有找到")
        else:
            chosen.append((label, *found))
            like = like or found[1]
    rows = [row for row in chosen if not isinstance(row, str)]
    if not rows:
        return [_figure_statement(question, one, understood) for one in ranked[:2]]
    said: list[_Statement | str] = [
        row if isinstance(row, str) else _say_figure(question, row[1], row[2], f"{row[0]}：")
        for row in chosen
    ]
    if len(rows) == len(sides) == 2 and (verdict := _verdict(question, rows)):
        said.append(verdict)
    return said


def _named_sides(understood: Understanding) -> list[tuple[str, Understanding]]:
    if len(understood.regions) > 1:
        return [(one, replace(understood, regions=(one,))) for one in understood.regions]
    if len(understood.years) > 1:
        return [(f"{one}年", replace(understood, years=(one,))) for one in understood.years]
    return []


def _side_figure(
    question: str, ranked: Sequence[_Sentence], side: Understanding, like: Figure | None
) -> tuple[_Sentence, Figure] | None:
    """The best figure of one side, with its sentence; rather one `like` that of the other side."""
    best: tuple[float, _Sentence, Figure] | None = None
    for one in ranked:
        if len(side.regions) == 1 and one.metadata.region != side.regions[0]:
            continue
        for figure in one.figures:
            if figure.years is None or not agrees(figure, replace(side, basis=None)):
                continue
            fit = one.score + LIKE * figure_fit(question, figure, side)
            fit -= LIKE * (figure.years[0] != figure.years[1] and len(side.years) == 1)
            if like:
                alike = (figure.unit == like.unit, figure.kind == like.kind)
                named = figure_fit(like.indicator, figure, NOTHING_STATED)
                fit += LIKE * (sum(alike) + named)
            if best is None or fit > best[0]:
                best = (fit, one, figure)
    return best[1:] if best else None


def _verdict(question: str, rows: Sequence[tuple[str, _Sentence, Figure]]) -> str | None:
    """Which of two is more, in the question's own word, where one unit and kind measure both."""
    (one, _, first), (other, _, second) = rows
    asked = _MORE.search(question)
    if asked is None or (first.unit, first.kind) != (second.unit, second.kind):
        return None
    left, right = (-f.value if f.direction == "down" else f.value for f in (first, second))
    if left == right:
        return None
    if asked["more"]:
        most = asked["more"] in "高多快大"
        return f"{one if (left > right) == most else other}更{asked['more']}[1][2]"
    return f"{other}比{one}{asked['up'] if right > left else asked['down']}[1][2]"


def _whole(sentence: _Sentence, most: int, *, following: bool = False) -> _Statement:
    """The sentence, or as much of its beginning as fits; where it only introduces (…如下：), or a
    definition goes on, with the sentences after it that fit."""
    span = _trim(sentence.hit, sentence.span)
    passage = sentence.hit.passage
    goes_on = following and passage.section.role == "notes"
    if goes_on or sentence.quote(sentence.span).rstrip().endswith(("：", ":")):
        for after in passage.sentences:
            if after.start >= span.end and after.end - span.start <= most:
                span = _trim(sentence.hit, Span(span.start, after.end))
    return _Statement(sentence, Span(span.start, min(span.end, span.start + most)))


def _best_figure(question: str, sentence: _Sentence, understood: Understanding) -> Figure | None:
    def fit(figure: Figure) -> tuple[float, int]:
        return figure_fit(question, figure, understood), -figure.start

    return max(sentence.figures, key=fit, default=None)


def _figure_statement(question: str, sentence: _Sentence, understood: Understanding) -> _Statement:
    figure = _best_figure(question, sentence, understood)
    if figure is None:
        return _clauses(question, sentence, understood, STATEMENT)
    return _say_figure(question, sentence, figure)


def _say_figure(question: str, sentence: _Sentence, figure: Figure, label: str = "") -> _Statement:
    """The clauses that hold a figure and its name; the label stands before them."""
    start, end = figure.start, figure.end
    inside = [
        s
        for s in figure.indicator_spans
        if sentence.span.start <= s.start and s.end <= sentence.span.end
    ]
    before = label
    near = [s for s in inside if abs(s.start - start) <= STATEMENT]
    if near:
        start = min(start, *(s.start for s in near))
        end = max(end, *(s.end for s in near))
    elif figure.indicator:
        before = f"{label}{figure.indicator}："
    clauses = _clause_spans(sentence)
    touched = [c for c in clauses if c.start < end and start < c.end]
    span = Span(touched[0].start, touched[-1].end)
    span = _grow(question, sentence, span, clauses, STATEMENT)
    aside = _aside(sentence, figure, f"{label}{sentence.quote(span)}")
    return _Statement(sentence, _trim(sentence.hit, span), before, aside)


def _aside(sentence: _Sentence, figure: Figure, said: str) -> str:
    """Place, year and sense of a figure, as far as what is said leaves them out."""
    years = figure.years
    region = sentence.metadata.region or ""
    parts = ["" if said.startswith(f"{region}：") else region]
    if years and not all(str(year) in said for year in years):
        parts.append(f"{years[0]}年" if years[0] == years[1] else f"{years[0]}–{years[1]}年")
    word = _BASIS_WORDS[figure.basis]
    if word and word not in said:
        parts.append(word)
    told = "，".join(part for part in parts if part)
    return f"（{told}）" if told else ""


def _clauses(
    question: str, sentence: _Sentence, understood: Understanding, most: int
) -> _Statement:
    """The clauses of a sentence that hold most of the question's words."""
    clauses = _clause_spans(sentence)
    asked = set(tokens(simplify(question)))

    def held(span: Span) -> tuple[bool, int]:
        said = sentence.quote(span)
        dated = understood.asked == "time" and TIME.search(said) is not None
        return dated, len(asked & set(tokens(said)))

    best = max(clauses, key=lambda span: (*held(span), -span.start))
    span = _grow(question, sentence, best, clauses, most)
    return _Statement(sentence, _trim(sentence.hit, span))


def _grow(
    question: str, sentence: _Sentence, span: Span, clauses: Sequence[Span], most: int
) -> Span:
    """A stretch of clauses with its neighbours, following ones first, while they fit."""
    grown = True
    while grown:
        grown = False
        after = [c for c in clauses if c.start == span.end]
        if after and after[0].end - span.start <= most:
            span, grown = Span(span.start, after[0].end), True
        ahead = [c for c in clauses if c.end == span.start]
        if ahead and span.end - ahead[0].start <= most:
            span, grown = Span(ahead[0].start, span.end), True
    return span


def _clause_spans(sentence: _Sentence) -> list[Span]:
    start = sentence.span.start
    return [
        Span(start + m.start(), start + m.end())
        for m in _CLAUSE.finditer(sentence.quote(sentence.span))
        if m.end() > m.start()
    ]


def _trim(hit: Hit, span: Span) -> Span:
    """Without white space, list marks and punctuation at the ends."""
    text = hit.passage.quote(span)
    kept = text.rstrip(_TRAIL)
    lead = len(kept) - len(_LEAD.sub("", kept))
    return Span(span.start + lead, span.start + len(kept))


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


def _abstain(reason: str, nearest: Sequence[_Sentence] = ()) -> Answer:
    citations = tuple(_cite(number, one) for number, one in enumerate(nearest, 1))
    return Answer(None, True, reason, "extractive", citations)


def _cite(number: int, sentence: _Sentence, said: Span | None = None) -> Citation:
    """The sentence of a statement, and those after it that are said with it, without white space
    and the mark of a list item at the ends."""
    passage = sentence.hit.passage
    start, end = sentence.span.start, sentence.span.end
    if said is not None and said.end > end:
        end = min(span.end for span in passage.sentences if span.end >= said.end)
    quote = sentence.quote(Span(start, end)).rstrip()
    kept = _LEAD.sub("", quote) or quote
    end = start + len(quote)
    headings = passage.section.headings
    return Citation(number, passage.metadata, headings, end - len(kept), end, kept)
