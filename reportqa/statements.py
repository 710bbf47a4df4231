"""Sentences, best first → what is said of them, verbatim and short.

A figure comes with the place, year and sense that the stretch leaves out; a comparison is a row
for each side; a list and a definition are given whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reportqa.definitions import definition, noted, whole
from reportqa.english import in_chinese
from reportqa.evidence import CHANGE, asked_words, figure_fit, plain_words, same_unit
from reportqa.figure_doubt import FROM
from reportqa.fitting import likeness, overlaps, words
from reportqa.lexical import tokens
from reportqa.places import NATION
from reportqa.records import Figure, FigureBasis, Span, Understanding
from reportqa.rows import Row, find_rows, which_is_more
from reportqa.sides import named_sides
from reportqa.stretches import PLAIN, Sentence, Statement, clause_spans, clauses, grow, trim

__all__ = ["best_figure", "choose"]

STATEMENT = 44  # characters that a figure's statement is filled up to
SURE = 4.0  # of evidence score: further ahead than this, the first sentence stands alone
EXACT = 0.8  # share of the words of an indicator and the topic from which it names just that
WORDED = 1 / 3  # share of a topic's words from which the reports put it in these words
NEAR = 8.0  # further behind than this, a sentence is no second opinion
OWN = 0.5  # what a figure gains by a word asked for that not all figures of its sentence have
PLACES = 5  # rows where a question names no place and several have its figure

_HOW = re.compile("怎么?样|怎么|如何|咋")
_REACHED = re.compile(r"[增加提高升下降缩减少扩大]到了?(?:多少|几|百分之几)")
_BASIS_WORDS: dict[FigureBasis | None, str] = {
    "achieved": "实际", "estimated": "预计", "planned": "计划", None: "",
}  # fmt: skip


def choose(
    question: str, ranked: Sequence[Sentence], understood: Understanding
) -> Sequence[Statement | str]:
    """What is said, in order; words that no sentence is cited for stand as they are."""
    if understood.asked == "definition":
        return [definition(question, ranked, understood)]
    if understood.asked == "comparison":
        return _sides(question, ranked, understood)
    if understood.asked == "list":
        note = noted(ranked, understood)
        if note and note.hit is not ranked[0].hit:
            return [definition(question, ranked, understood)]
        return [whole(one) for one in _close(ranked, 2)]
    if understood.asked == "figure":
        if rows := _of_each_place(question, ranked, understood):
            return rows
        return [
            _figure_statement(question, one, understood)
            for one in _with_figures(question, ranked, understood)
        ]
    most = 2 if understood.asked in ("name", "time") else 3
    close = _on_topic(_close(ranked, most), understood)
    if understood.asked == "yes_no" and _says_all(close[0], understood):
        close = close[:1]
    said = [clauses(question, one, understood, PLAIN) for one in close]
    if understood.asked is None and _HOW.search(question) and _says_all(close[0], understood):
        said[1:1] = _next(close[0], close)
    return said


def _next(sentence: Sentence, said: Sequence[Sentence]) -> list[Statement]:
    """What the sentence behind one says, where it is not said anyway: a deed that is announced in
    the words of the question is told in the next."""
    passage = sentence.hit.passage
    behind = next((span for span in passage.sentences if span.start >= sentence.span.end), None)
    if behind is None or any(one.span == behind for one in said):
        return []
    after = Sentence(sentence.hit, replace(sentence.evidence, span=behind, figures=()))
    ends = [c for c in clause_spans(after) if c.end - behind.start <= PLAIN]
    return [Statement(after, trim(after.hit, Span(behind.start, ends[-1].end)))] if ends else []


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


def _of_each_place(
    question: str, ranked: Sequence[Sentence], understood: Understanding
) -> list[Statement | str]:
    """Where no place is named and the best sentence is one of several places' that tell just the
    figure asked for: a row for each, the nation's first, and that the place was left open. What a
    year's plan became comes before the plan."""
    if understood.regions or understood.missing:
        return []
    rows: dict[str, tuple[Sentence, Figure]] = {}
    for one in ranked:
        figure = _best_figure(question, one, understood)
        region = one.metadata.region
        if region and figure and _is_asked(figure, understood):
            planned = understood.years and region in rows and rows[region][1].basis == "planned"
            if region not in rows or (planned and figure.basis in ("achieved", "estimated")):
                rows[region] = (one, figure)
    if len(rows) < 2 or ranked[0].metadata.region not in rows:
        return []
    nation_first = sorted(rows, key=lambda region: region != NATION)[:PLACES]
    said = [_say_figure(question, *rows[region], f"{region}：") for region in nation_first]
    return [*said, f"问题未写明地区，以上是{len(said)}个地区各自的数字；写明地区可查得更准"]


def _is_asked(figure: Figure, understood: Understanding) -> bool:
    """Whether a figure is of just the name, the unit, the years and the sense asked for."""
    unit = understood.unit
    return (
        likeness(figure, understood) >= EXACT
        and (unit is None or same_unit(unit, figure.unit))
        and overlaps(figure, understood)
    )


def _achieved(
    question: str, first: Sentence, ranked: Sequence[Sentence], understood: Understanding
) -> Sentence | None:
    """Where a year's figure is asked for and the best one is its plan, the sentence that tells what
    became of it, in this report of the place or its next."""
    planned = _best_figure(question, first, understood)
    if understood.basis or not understood.years or not planned or planned.basis != "planned":
        return None
    name = replace(understood, topic=(planned.indicator,))
    level = planned.kind == "change" and understood.unit is None and not CHANGE.search(question)
    for one in ranked:
        done = _best_figure(question, one, replace(understood, basis="actual"))
        if (
            done is not None
            and done.basis in ("achieved", "estimated")
            and one.metadata.region == first.metadata.region
            and overlaps(done, understood)
            and (done.unit[-1:] == planned.unit[-1:] or (level and done.kind != "change"))
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
    if not rows and named_sides(question, understood):
        return []
    if not rows:
        return [_figure_statement(question, one, understood) for one in ranked[:2]]
    if not _in_point(question, rows, understood):
        return []
    said = [_say_row(question, row, understood) for row in rows]
    if understood.missing:
        return [*said, *(f"{place}：没有这个地区的报告" for place in understood.missing)]
    verdict = which_is_more(question, rows)
    return [*said, verdict] if verdict else said


def _in_point(question: str, rows: Sequence[Row], understood: Understanding) -> bool:
    """Whether a row of figures holds a word of what is compared, where the question names it."""
    topic = words(*understood.topic) if understood.language != "en" else set()
    topic |= set(tokens(in_chinese(question)))
    said = [Sentence(*row.found) for row in rows if row.found and row.figure]
    return (
        not topic or not said or any(topic & set(plain_words(one.quote(one.span))) for one in said)
    )


def _say_row(question: str, row: Row, understood: Understanding) -> Statement | str:
    if row.found is None:
        return f"{row.label}：没有找到"
    sentence = Sentence(*row.found)
    label = f"{row.label}："
    if row.figure:
        return _say_figure(question, sentence, row.figure, label)
    return replace(clauses(question, sentence, understood, PLAIN), before=label)


def _best_figure(question: str, sentence: Sentence, understood: Understanding) -> Figure | None:
    return best_figure(question, sentence.figures, understood)


def best_figure(
    question: str, figures: Sequence[Figure], understood: Understanding
) -> Figure | None:
    """The figure that suits the question best, of those of a sentence in their order; of a rise
    from a figure that it gives, or where it asks what was reached, the next."""
    known = FROM.search(question)
    texts = [figure.text for figure in figures]
    if known and known[1] in texts[:-1]:
        return figures[texts.index(known[1]) + 1]

    named = [frozenset(plain_words(figure.indicator)) for figure in figures]
    own = asked_words(question).difference(frozenset.intersection(*named) if named else ())

    def fit(figure: Figure) -> tuple[float, int]:
        apart = OWN * bool(own & set(plain_words(figure.indicator)))
        return figure_fit(question, figure, understood) + apart, -figure.start

    best = max(figures, key=fit, default=None)
    if best is None or not _REACHED.search(question):
        return best
    rest = figures[figures.index(best) + 1 :]
    reached = rest and (rest[0].indicator, rest[0].unit) == (best.indicator, best.unit)
    return rest[0] if reached else best


def _figure_statement(question: str, sentence: Sentence, understood: Understanding) -> Statement:
    figure = _best_figure(question, sentence, understood)
    if figure is None:
        return clauses(question, sentence, understood, STATEMENT)
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
    parts = clause_spans(sentence)
    touched = [c for c in parts if c.start < end and start < c.end]
    span = Span(touched[0].start, touched[-1].end)
    span = grow(span, parts, STATEMENT)
    aside = _aside(sentence, figure, f"{label}{sentence.quote(span)}")
    return Statement(sentence, trim(sentence.hit, span), before, aside)


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
