"""Question and passages → Evidence: their sentences, the one that most likely answers first.

Search finds the passages; this weighs their sentences against each other. Each sentence is scored
by its passage's score, its own vector, the question's words that it or its headings hold, and how
well its figures fit what is asked: unit, year, achieved or planned.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reportqa.english import in_chinese
from reportqa.everyday import in_report_words
from reportqa.lexical import tokens
from reportqa.records import Evidence, Figure, Passage, Span, Understanding

__all__ = ["ReadPassage", "figure_fit", "plain_words", "rank_evidence", "same_unit"]

# Weights, fitted as a conditional logit over the sentences of the development questions, rounded;
# each set alone gives much the same, and half or twice a weight changes little.
PASSAGE = 0.7  # a deviation of the passage's score below the first hit's
STATED = 4.0  # a deviation that the passage gains by what the question states
CLOSENESS = 120.0  # cosine of sentence and question
WORDS = 15.0  # share of the question's words held by the sentence, rare ones counting more
HEADINGS = 22.0  # share held by the headings alone
BASIS = 2.0  # figures achieved or planned, as the question has it; taken off where not
OTHER_YEAR = 1.0  # taken off where all figures are of years not asked for
ANY_FIGURE = 4.0  # a figure where one is asked for
UNIT = 2.0  # a figure in the unit asked for
LENGTH = 1.8  # per natural logarithm of the characters: short sentences are near anything


_SHORT = {
    "GDP": "地区生产总值",
    "社零": "社会消费品零售总额",
    "固投": "固定资产投资",
    "规上": "规模以上",
}
_RATES = ("%", "％", "成", "倍")


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage with what is read of it once: the words of its headings, and of each sentence
    under them its place among the passage's sentences, its words and its figures. `words` are
    those of all sentences; two passages that share most say the same."""

    headings: frozenset[str]
    sentences: tuple[tuple[int, Span, frozenset[str], tuple[Figure, ...]], ...]
    words: frozenset[str]

    @classmethod
    def of(cls, passage: Passage, figures: Sequence[Figure]) -> ReadPassage:
        """`figures` are those of the passage."""
        sentences = tuple(
            (
                number,
                span,
                frozenset(tokens(passage.quote(span))),
                tuple(f for f in figures if span.start <= f.start and f.end <= span.end),
            )
            for number, span in enumerate(passage.sentences)
            if span.end > passage.section.body
        )
        return cls(
            frozenset(tokens(" ".join(passage.section.headings))),
            sentences,
            frozenset().union(*(words for _, _, words, _ in sentences)),
        )


def rank_evidence(
    question: str,
    understood: Understanding,
    read: Sequence[ReadPassage],
    scores: Sequence[float],
    agreement: Sequence[float],
    closeness: Sequence[Sequence[float]],
) -> list[tuple[Evidence, ...]]:
    """For each passage its sentences, best first; scores compare between the passages.

    `scores` are the passages' own, of which `agreement` is for what the question states;
    `closeness` are the cosines of all sentences of each passage with the question."""
    held = [words for passage in read for _, _, words, _ in passage.sentences]
    asked = set(plain_words(question))
    asked |= {*tokens(in_chinese(question)), *tokens(in_report_words(question))}
    spread = Counter(token for words in held for token in asked & words)
    rarity = {token: math.log(1 + len(held) / (1 + spread[token])) for token in asked}
    whole = sum(rarity.values()) or 1.0
    best = max(scores, default=0.0)
    ranked = []
    for passage, score, agrees, near in zip(read, scores, agreement, closeness, strict=True):
        found = []
        for number, span, words, figures in passage.sentences:
            above = (asked & passage.headings) - words
            fit = (
                PASSAGE * (score - best)
                + (STATED - PASSAGE) * agrees
                + CLOSENESS * near[number]
                + WORDS * sum(rarity[token] for token in asked & words) / whole
                + HEADINGS * sum(rarity[token] for token in above) / whole
                + LENGTH * math.log(span.end - span.start + 1)
                + _figures_fit(figures, understood)
            )
            found.append(Evidence(span, fit, figures, near[number]))
        found.sort(key=lambda one: (-one.score, one.span.start))
        ranked.append(tuple(found))
    return ranked


def figure_fit(question: str, figure: Figure, understood: Understanding) -> float:
    """How well a figure suits a question: unit, year, sense, and words of its indicator."""
    fit = 0.0
    unit = understood.unit
    if unit:
        fit += 1.0 if same_unit(unit, figure.unit) else -1.0
    if understood.years and figure.years:
        inside = any(figure.years[0] <= year <= figure.years[1] for year in understood.years)
        fit += 0.5 if inside else -0.5
    if understood.basis and figure.basis:
        planned = figure.basis == "planned"
        fit += 0.5 if planned == (understood.basis == "plan") else -0.5
    wanted = set(plain_words(question))
    indicator = set(tokens(figure.indicator))
    if indicator:
        fit += 2.0 * len(wanted & indicator) / len(indicator)
    return fit


def _figures_fit(figures: Sequence[Figure], understood: Understanding) -> float:
    """What a sentence gains or loses by its figures."""
    fit = 0.0
    if figures and understood.asked == "figure":
        fit += ANY_FIGURE
        unit = understood.unit
        if unit and any(same_unit(unit, figure.unit) for figure in figures):
            fit += UNIT
    if understood.basis:
        planned = [figure.basis == "planned" for figure in figures if figure.basis]
        if planned:
            fit += BASIS if (understood.basis == "plan") in planned else -BASIS
    if understood.years:
        spans = [figure.years for figure in figures if figure.years]
        if spans and not any(a <= year <= b for a, b in spans for year in understood.years):
            fit -= OTHER_YEAR
    return fit


def plain_words(text: str) -> list[str]:
    """The tokens of a text, with what is commonly abbreviated written out (GDP, 社零)."""
    for short, whole in _SHORT.items():
        text = text.replace(short, whole)
    return tokens(text)


def same_unit(asked: str, unit: str) -> bool:
    """Whether a figure's unit is the one asked for; % stands for every share and rate."""
    return unit[:1] in _RATES if asked == "%" else asked in unit
