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
from reportqa.fitting import likeness, overlaps, words
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
WHOLE = 240  # characters of a sentence up to which a list is given whole, of a definition of parts
ROW = 400  # the same of sentences that form a row
DEFINED = 80  # the same for what is kept of a definition of more than PLAIN characters
DEFINING = 6  # best sentences among which a note on the term is looked for
SURE = 4.0  # of evidence score: further ahead than this, the first sentence stands alone
EXACT = 0.8  # share of the words of an indicator and the topic from which it names just that
WORDED = 1 / 3  # share of a topic's words from which the reports put it in these words
NEAR = 8.0  # further behind than this, a sentence is no second opinion

LIST_MARK = re.compile(r"^[\s\-–—•·●▪◆★]+")
"""What stands before an item of a list, and is not quoted."""
_NOTE_MARK = re.compile(r"(?:[\[［【(（]\d+[\]］】)）]|\d{1,2}\s*[.．、])\s*(?!\d)")
_TERM = re.compile(r"[“\"]?([^：:，。]{2,40}?)[”\"]?(?:[：:]|是指|即)")
_PART = re.compile(r"[“\"]?[^，,。：:]{2,14}[”\"]?[，,]?(?:即|是指|指的?是|包括)")
_GOES_ON = re.compile(r"[的和与及为是即指：:][，,；;：:]*$")
_INTRODUCES, _IN_ROW = ("：", ":"), ("；", ";")
_PAIRS = (("“", "”"), ("（", "）"), ("《", "》"))
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
        return [_definition(question, ranked, understood)]
    if understood.asked == "comparison":
        return _sides(question, ranked, understood)
    if understood.asked == "list":
        noted = _noted(ranked, understood)
        if noted and noted.hit is not ranked[0].hit:
            return [_definition(question, ranked, understood)]
        return [_whole(one) for one in _close(ranked, 2)]
    if understood.asked == "figure":
        return [
            _figure_statement(question, one, understood)
            for one in _with_figures(question, ranked, understood)
        ]
    most = 2 if understood.asked in ("name", "time") else 3
    close = _on_topic(_close(ranked, most), understood)
    if understood.asked == "yes_no" and _says_all(close[0], understood):
        close = close[:1]
    return [_clauses(question, one, understood, PLAIN) for one in close]


def _close(ranked: Sequence[Sentence], most: int) -> list[Sentence]:
    """The first, and those about as good where it is not clearly ahead."""
    first = ranked[0]
    if len(ranked) > 1 and first.score - ranked[1].score > SURE:
        return [first]
    return [one for one in ranked[:most] if first.score - one.score <= NEAR]


def _on_topic(close: Sequence[Sentence], understood: Understanding) -> list[Sentence]:
    """The first, and those that hold at least half as many of the topic's words as it does: all,
    where the reports put the topic in other words."""
    topic = words(*understood.topic)
    held = [len(topic & words(one.quote(one.span))) for one in close]
    if held[0] < WORDED * len(topic):
        return list(close)
    return [one for one, count in zip(close, held, strict=True) if 2 * count >= held[0]]


def _with_figures(
    question: str, ranked: Sequence[Sentence], understood: Understanding
) -> list[Sentence]:
    """The first, and the second where it may be of what is asked for too: not where its figure is
    of other years or of the other sense, nor where the first names just what is asked for and the
    second something else."""
    close = _close(ranked, 2)
    # a sense is read more surely than a year: by its year the best sentence is dropped only for one
    # that names just what is asked for and is of the year
    sense = replace(understood, years=())
    fitting = [
        one for one in close if _fits(question, one, sense if one is close[0] else understood)
    ] or close
    names = [_named(one, understood) for one in fitting]
    if len(names) > 1 and names[1] >= EXACT and not _fits(question, fitting[0], understood):
        fitting, names = fitting[1:], names[1:]
    if done := _achieved(question, fitting[0], ranked, understood):
        return [done, fitting[0]]
    return fitting[:1] if len(names) > 1 and names[0] >= EXACT > names[1] else fitting


def _achieved(
    question: str, first: Sentence, ranked: Sequence[Sentence], understood: Understanding
) -> Sentence | None:
    """Where a year's figure is asked for and the best one is its plan, the sentence that tells what
    became of it, in this report of the place or its next."""
    planned = _best_figure(question, first, understood)
    if understood.basis or not understood.years or not planned or planned.basis != "planned":
        return None
    name = replace(understood, topic=(planned.indicator,))
    for one in ranked:
        done = _best_figure(question, one, replace(understood, basis="actual"))
        if (
            done is not None
            and done.basis in ("achieved", "estimated")
            and one.metadata.region == first.metadata.region
            and overlaps(done, understood)
            and done.unit[-1:] == planned.unit[-1:]
            and likeness(done, name) >= EXACT
        ):
            return one
    return None


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


def _whole(sentence: Sentence) -> Statement:
    """The sentence, or the clauses of its beginning that fit; where it only introduces (…如下：) or
    begins a row (…，包括：…；), with the sentences after it that fit, of a row to its end."""
    span = _trim(sentence.hit, sentence.span)
    said = sentence.quote(sentence.span).rstrip()
    introduces = said.endswith(_INTRODUCES)
    in_row = "：" in said and said.endswith(_IN_ROW)
    for after in sentence.hit.passage.sentences:
        if after.start < sentence.span.end:
            continue
        if not (introduces or in_row) or after.end - span.start > ROW:
            break
        span = _trim(sentence.hit, Span(span.start, after.end))
        in_row = sentence.quote(after).rstrip().endswith(_IN_ROW)
    if span.end - span.start > WHOLE and span.end <= sentence.span.end:
        ends = [c.end for c in _clause_spans(sentence) if c.end - span.start <= WHOLE]
        span = _trim(sentence.hit, Span(span.start, max(ends, default=span.start + WHOLE)))
    return Statement(sentence, _unmarked(sentence, span))


def _unmarked(sentence: Sentence, span: Span) -> Span:
    """The stretch without the number that a note has in the report, which is none of a citation."""
    mark = _NOTE_MARK.match(sentence.quote(span))
    return Span(span.start + len(mark[0]), span.end) if mark else span


def _noted(ranked: Sequence[Sentence], understood: Understanding) -> Sentence | None:
    """The first of the best sentences that is of the note on the term asked about, as the note's
    first sentence; one on the very term before one on a longer."""
    asked = ["".join(tokens(simplify(part))) for part in understood.topic]
    longer = None
    for one in ranked[:DEFINING]:
        passage = one.hit.passage
        if passage.section.role != "notes":
            continue
        first = replace(one, evidence=replace(one.evidence, span=passage.sentences[0]))
        found = _TERM.match(first.quote(_unmarked(first, first.span)))
        term = "".join(tokens(simplify(found[1]))) if found else ""
        if term in asked:
            return first
        if longer is None and any(part in term or term in part for part in asked if part and term):
            longer = first
    return longer


def _definition(question: str, ranked: Sequence[Sentence], understood: Understanding) -> Statement:
    """What a term means. Of a note its first sentence and what fits after it; of a term of parts
    (“一核”即…。“两纵”即…。) the parts up to the last asked about; of a long sentence the clauses
    that fit. Of another sentence what holds the question's words."""
    sentence = _noted(ranked, understood)
    if sentence is None:
        best = ranked[0]
        if best.span.end - best.span.start > PLAIN:
            return _clauses(question, best, understood, PLAIN)
        return Statement(best, _unmarked(best, _trim(best.hit, best.span)))
    first = sentence.span
    passage = sentence.hit.passage
    start, end = _unmarked(sentence, _trim(sentence.hit, first)).start, first.end
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
    span = _trim(sentence.hit, Span(start, end))
    return Statement(sentence, span if end > first.end else _shortened(sentence, span))


def _shortened(sentence: Sentence, span: Span) -> Span:
    """Of a long stretch the clauses that fit, never up to where a phrase goes on."""
    if span.end - span.start <= PLAIN:
        return span
    ends = [c.end for c in _clause_spans(sentence) if span.start < c.end <= span.start + DEFINED]
    for end in reversed(ends):
        kept = Span(span.start, end)
        said = sentence.quote(kept)
        closed = all(said.count(a) == said.count(b) for a, b in _PAIRS)
        if closed and not _GOES_ON.search(said):
            return _trim(sentence.hit, kept)
    return span


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
