"""Sentences, best first → what is said of them: stretches as short as they can be, verbatim.

A figure comes with the place, year and sense that the stretch leaves out; a comparison is a row
for each side; a list and a definition are given whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reportqa.doubt import FROM, TIME
from reportqa.evidence import figure_fit, plain_words
from reportqa.fitting import likeness, overlaps
from reportqa.lexical import simplify, tokens
from reportqa.records import (
    Evidence,
    Figure,
    FigureBasis,
    Hit,
    Metadata,
    Span,
    Understanding,
)
from reportqa.rows import Row, find_rows, which_is_more

__all__ = ["LIST_MARK", "Sentence", "Statement", "choose"]

STATEMENT = 44  # characters that a statement of a longer sentence is filled up to
PLAIN = 90  # the same where no single fact is asked for
WHOLE = 240  # characters up to which a list or a definition is given whole
SURE = 4.0  # of evidence score: further ahead than this, the first sentence stands alone
EXACT = 0.8  # share of the words of an indicator and the topic from which it names just that
NEAR = 8.0  # further behind than this, a sentence is no second opinion

LIST_MARK = re.compile(r"^[\s\-–—•·●▪◆★]+")
"""What stands before an item of a list, and is not quoted."""
_CLAUSE = re.compile(r"[^，,；;：:。！？!?\n]*[，,；;：:。！？!?\n]*")
_TRAIL = "，,；;：:。、 \n"
_BASIS_WORDS: dict[FigureBasis | None, str] = {
    "achieved": "实际", "estimated": "预计", "planned": "计划", None: "",
}  # fmt: skip


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


def choose(
    question: str, ranked: Sequence[Sentence], understood: Understanding
) -> Sequence[Statement | str]:
    """What is said, in order; words that no sentence is cited for stand as they are."""
    if understood.asked == "definition":
        return [_whole(ranked[0], WHOLE, following=True)]
    if understood.asked == "comparison":
        return _sides(question, ranked, understood)
    if understood.asked == "list":
        return [_whole(one, WHOLE) for one in _close(ranked, 2)]
    if understood.asked == "figure":
        return [
            _figure_statement(question, one, understood)
            for one in _with_figures(question, ranked, understood)
        ]
    most = 2 if understood.asked in ("name", "time") else 3
    close = _close(ranked, most)
    if understood.asked == "yes_no" and _says_all(close[0], understood):
        close = close[:1]
    return [_clauses(question, one, understood, PLAIN) for one in close]


def _close(ranked: Sequence[Sentence], most: int) -> list[Sentence]:
    """The first, and those about as good where it is not clearly ahead."""
    first = ranked[0]
    if len(ranked) > 1 and first.score - ranked[1].score > SURE:
        return [first]
    return [one for one in ranked[:most] if first.score - one.score <= NEAR]


def _with_figures(
    question: str, ranked: Sequence[Sentence], understood: Understanding
) -> list[Sentence]:
    """The first, and the second where it may be of what is asked for too: not where its figure is
    of other years or of the other sense, nor where the first names just what is asked for and the
    second something else."""
    close = _close(ranked, 2)
    # a sense is read more surely than a year: by its year the best sentence is not dropped
    sense = replace(understood, years=())
    fitting = [
        one for one in close if _fits(question, one, sense if one is close[0] else understood)
    ] or close
    names = [_named(one, understood) for one in fitting]
    return fitting[:1] if len(names) > 1 and names[0] >= EXACT > names[1] else fitting


def _says_all(sentence: Sentence, understood: Understanding) -> bool:
    """Whether a sentence holds nearly all words of the topic."""
    topic = {word for part in understood.topic for word in plain_words(part)}
    held = topic & set(plain_words(sentence.quote(sentence.span)))
    return bool(topic) and len(held) / len(topic) >= EXACT


def _fits(question: str, sentence: Sentence, understood: Understanding) -> bool:
    """Whether the figure that would be said is of the years and the sense asked for."""
    figure = _best_figure(question, sentence, understood)
    return figure is None or overlaps(figure, understood)


def _named(sentence: Sentence, understood: Understanding) -> float:
    """How far the indicators of a sentence are what is asked for, at best."""
    return max((likeness(figure, understood) for figure in sentence.figures), default=0.0)


def _sides(
    question: str, ranked: Sequence[Sentence], understood: Understanding
) -> list[Statement | str]:
    """A row for each side compared, with a gap where nothing is said of it or no report is of it;
    which of two is more, where that is asked. The two best sentences where no sides are named."""
    rows = find_rows(question, [(one.hit, one.evidence) for one in ranked], understood)
    if not rows:
        return [_figure_statement(question, one, understood) for one in ranked[:2]]
    said = [_say_row(question, row, understood) for row in rows]
    if understood.missing:
        return [*said, *(f"{place}：没有这个地区的报告" for place in understood.missing)]
    verdict = which_is_more(question, rows)
    return [*said, verdict] if verdict else said


def _say_row(question: str, row: Row, understood: Understanding) -> Statement | str:
    if row.found is None:
        return f"{row.label}：没有找到"
    sentence = Sentence(*row.found)
    label = f"{row.label}："
    if row.figure:
        return _say_figure(question, sentence, row.figure, label)
    return replace(_clauses(question, sentence, understood, PLAIN), before=label)


def _whole(sentence: Sentence, most: int, *, following: bool = False) -> Statement:
    """The sentence, or as much of its beginning as fits; where it only introduces (…如下：), or a
    definition goes on, with the sentences after it that fit."""
    span = _trim(sentence.hit, sentence.span)
    passage = sentence.hit.passage
    goes_on = following and passage.section.role == "notes"
    if goes_on or sentence.quote(sentence.span).rstrip().endswith(("：", ":")):
        for after in passage.sentences:
            if after.start >= span.end and after.end - span.start <= most:
                span = _trim(sentence.hit, Span(span.start, after.end))
    return Statement(sentence, Span(span.start, min(span.end, span.start + most)))


def _best_figure(question: str, sentence: Sentence, understood: Understanding) -> Figure | None:
    """The figure that suits the question best; of a rise from a figure that it gives, the next."""
    known = FROM.search(question)
    texts = [figure.text for figure in sentence.figures]
    if known and known[1] in texts[:-1]:
        return sentence.figures[texts.index(known[1]) + 1]

    def fit(figure: Figure) -> tuple[float, int]:
        return figure_fit(question, figure, understood), -figure.start

    return max(sentence.figures, key=fit, default=None)


def _figure_statement(question: str, sentence: Sentence, understood: Understanding) -> Statement:
    figure = _best_figure(question, sentence, understood)
    if figure is None:
        return _clauses(question, sentence, understood, STATEMENT)
    return _say_figure(question, sentence, figure)


def _say_figure(question: str, sentence: Sentence, figure: Figure, label: str = "") -> Statement:
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
    return Statement(sentence, _trim(sentence.hit, span), before, aside)


def _aside(sentence: Sentence, figure: Figure, said: str) -> str:
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


def _clauses(question: str, sentence: Sentence, understood: Understanding, most: int) -> Statement:
    """The clauses of a sentence that hold most of the question's words."""
    clauses = _clause_spans(sentence)
    asked = set(tokens(simplify(question)))

    def held(span: Span) -> tuple[bool, int]:
        said = sentence.quote(span)
        dated = understood.asked == "time" and TIME.search(said) is not None
        return dated, len(asked & set(tokens(said)))

    best = max(clauses, key=lambda span: (*held(span), -span.start))
    span = _grow(question, sentence, best, clauses, most)
    return Statement(sentence, _trim(sentence.hit, span))


def _grow(
    question: str, sentence: Sentence, span: Span, clauses: Sequence[Span], most: int
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


def _clause_spans(sentence: Sentence) -> list[Span]:
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
    lead = len(kept) - len(LIST_MARK.sub("", kept))
    return Span(span.start + lead, span.start + len(kept))
