"""Question and passages → Evidence: their sentences, the one that most likely answers first.

Search finds the passages; this weighs their sentences against each other. Each sentence is scored
by its passage's score, its own vector, the question's words that it or its headings hold, and how
well its figures fit what is asked: unit, year, achieved or planned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from reportqa.english import in_chinese
from reportqa.everyday import in_report_words
from reportqa.lexical import tokens, tokens_of_each
from reportqa.records import SCALES, Evidence, Figure, Passage, Span, Understanding

__all__ = [
    "CHANGE",
    "ReadPassage",
    "asked_words",
    "figure_fit",
    "plain_words",
    "rank_evidence",
    "same_unit",
    "settle_figures",
]

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
OWN = 2  # characters between a year and a figure that is of that year: 从2015年的87亿元
LENGTH = 1.8  # per natural logarithm of the characters: short sentences are near anything

Numbers = NDArray[np.int64]

_SHORT = {
    "GDP": "地区生产总值",
    "社零": "社会消费品零售总额",
    "固投": "固定资产投资",
    "规上": "规模以上",
}
_BASE = r"(?:从|由|[较比是]|恢复到|相当于|超过|[高低多少]于)"
_SINCE = "[^，,。；;]{0,14}(?:以来|以后)"
_SUMMED = re.compile("累计|年均|总计|合计")
_SUMMED_HERE = re.compile("[两三四五六七八九十几]年(?:来|间)?(?:累计|年均|总计|合计)")
CHANGE = re.compile(
    r"增|降|减|提高|上升|上涨|涨|扩大|变|快|慢|翻|\b(?:grow|growth|grew|rise|rose|increas|fall|fell|drop|declin)",
    re.IGNORECASE,
)
"""Where a question asks how much something rises or falls."""
_COUNTERS = tuple("人名个位户家所座件")
_RATES = ("%", "％", "‰", "成", "倍")


@dataclass(frozen=True, slots=True, eq=False)
class ReadPassage:
    """A passage with what is read of it once: its sentences under its headings, each with its place
    among all sentences and its figures, and the words of both.

    Words are numbers, by `hash`: `words` are those of the sentences one after the other, and
    `holders` gives the sentence of each; `headings` are those of the headings."""

    passage: Passage
    sentences: tuple[tuple[int, Span, tuple[Figure, ...]], ...]
    words: Numbers
    holders: Numbers
    headings: Numbers

    @classmethod
    def of(cls, passage: Passage, figures: Sequence[Figure]) -> ReadPassage:
        """`figures` are those of the passage."""
        sentences = tuple(
            (
                number,
                span,
                tuple(f for f in figures if span.start <= f.start and f.end <= span.end),
            )
            for number, span in enumerate(passage.sentences)
            if span.end > passage.section.body
        )
        texts = [passage.quote(span) for _, span, _ in sentences]
        *said, headings = tokens_of_each([*texts, " ".join(passage.section.headings)])
        holders = np.repeat(np.arange(len(said)), list(map(len, said)))
        return cls(passage, sentences, _numbers(chain(*said)), holders, _numbers(headings))


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
    if not read:
        return []
    near = [
        [cosines[number] for number, _, _ in passage.sentences]
        for passage, cosines in zip(read, closeness, strict=True)
    ]
    fits = iter(_fits(question, read, np.array(scores), np.array(agreement), near).tolist())
    ranked = []
    for passage, cosines in zip(read, near, strict=True):
        found = [
            Evidence(
                span,
                next(fits) + (_figures_fit(figures, understood) if figures else 0.0),
                figures,
                cosine,
            )
            for (_, span, figures), cosine in zip(passage.sentences, cosines, strict=True)
        ]
        found.sort(key=lambda one: (-one.score, one.span.start))
        ranked.append(tuple(found))
    return ranked


def _fits(
    question: str,
    read: Sequence[ReadPassage],
    scores: NDArray[np.float64],
    agreement: NDArray[np.float64],
    near: Sequence[Sequence[float]],
) -> NDArray[np.float64]:
    """What each sentence of all passages, one after the other, scores without its figures."""
    # in one order in every process: sums come out the same to the last bit
    asked = _numbers(sorted(asked_words(question) | set(tokens(in_report_words(question)))))
    counts = np.array([len(passage.sentences) for passage in read])
    passage_of = np.repeat(np.arange(len(read)), counts)
    firsts = (np.cumsum(counts) - counts).tolist()
    held = np.zeros((len(passage_of), len(asked)), np.bool_)
    headed = np.zeros((len(read), len(asked)), np.bool_)
    holders = [one.holders + first for one, first in zip(read, firsts, strict=True)]
    _mark(held, asked, [one.words for one in read], holders)
    headings = [one.headings for one in read]
    _mark(headed, asked, headings, [np.full(len(one), at) for at, one in enumerate(headings)])
    rarity = np.log1p(len(held) / (1 + held.sum(axis=0)))
    rarity /= rarity.sum() or 1.0
    lengths = [span.end - span.start for one in read for _, span, _ in one.sentences]
    of_passage = PASSAGE * (scores - scores.max()) + (STATED - PASSAGE) * agreement
    fits: NDArray[np.float64] = (
        of_passage[passage_of]
        + CLOSENESS * np.array(list(chain(*near)))
        + WORDS * (held @ rarity)
        + HEADINGS * ((headed[passage_of] & ~held) @ rarity)
        + LENGTH * np.log1p(lengths)
    )
    return fits


def _mark(
    held: NDArray[np.bool_], asked: Numbers, words: Sequence[Numbers], holders: Sequence[Numbers]
) -> None:
    """Set in (holders, asked) which of the words asked each holder has."""
    if not len(asked):
        return
    order = np.argsort(asked)
    said = np.concatenate(words)
    places = order[np.searchsorted(asked, said, sorter=order) % len(asked)]
    found = asked[places] == said
    held[np.concatenate(holders)[found], places[found]] = True


def _numbers(words: Iterable[str]) -> Numbers:
    return np.fromiter(map(hash, words), np.int64)


def settle_figures(passage: Passage, evidence: Evidence, understood: Understanding) -> Evidence:
    """The evidence with the figures that may be told as they are. A year that the sentence only
    measures against (恢复到2019年水平, 从2015年的…增长到) is not a figure's own: it is of the other
    years that the passage speaks of. A sum or a mean over years tells nothing of their last
    alone, where that is asked for, and is left out."""
    if not any(figure.years for figure in evidence.figures):
        return evidence
    figures = (_settled(passage, evidence, figure) for figure in evidence.figures)
    years = understood.years
    kept = tuple(
        figure
        for figure in figures
        if not (len(years) == 1 and _summed_to(years[0], passage, evidence, figure))
    )
    return replace(evidence, figures=kept)


def _settled(passage: Passage, evidence: Evidence, figure: Figure) -> Figure:
    if figure.years is None or figure.years[0] != figure.years[1]:
        return figure
    year = figure.years[0]
    said = passage.quote(evidence.span)
    written = [match.start() for match in re.finditer(rf"(?<!\d){year}年", said)]
    against = rf"{_BASE}({year}年)|(?<!\d)({year}年)(?={_SINCE})"
    measured = [match.start(match.lastindex or 0) for match in re.finditer(against, said)]
    others = [other for other in passage.about if other != year]
    if not measured or measured != written or not others:
        return figure
    behind = figure.start - evidence.span.start - written[-1] - len(f"{year}年")
    if 0 <= behind <= OWN and figure.unit != "倍":
        return figure
    return replace(figure, years=(min(others), max(others)))


def _summed_to(year: int, passage: Passage, evidence: Evidence, figure: Figure) -> bool:
    """Whether a figure is a sum or a mean over several years up to this one."""
    if figure.years is None or figure.years[1] != year:
        return False
    before = passage.quote(Span(evidence.span.start, figure.start))
    clause = re.split("[，,；;。]", before)[-1]
    over = _SUMMED if figure.years[0] < year else _SUMMED_HERE
    return over.search(clause) is not None


def figure_fit(question: str, figure: Figure, understood: Understanding) -> float:
    """How well a figure suits a question: unit, level or change, year, sense, and words of its
    indicator."""
    fit = 0.0
    unit = understood.unit
    if unit:
        fit += 1.0 if same_unit(unit, figure.unit) else -1.0
    elif figure.kind == "change" and not CHANGE.search(question):
        fit -= 0.5
    if understood.years and figure.years:
        inside = any(figure.years[0] <= year <= figure.years[1] for year in understood.years)
        fit += 0.5 if inside else -0.5
    if understood.basis and figure.basis:
        planned = figure.basis == "planned"
        fit += 0.5 if planned == (understood.basis == "plan") else -0.5
    indicator = set(tokens(figure.indicator))
    if indicator:
        fit += 2.0 * len(asked_words(question) & indicator) / len(indicator)
    return fit


def _figures_fit(figures: Sequence[Figure], understood: Understanding) -> float:
    """What a sentence gains or loses by its figures."""
    fit = 0.0
    if understood.asked == "figure":
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


@lru_cache(maxsize=256)
def asked_words(question: str) -> frozenset[str]:
    """The words of a question, those of its English terms in Chinese too."""
    return frozenset(plain_words(question)) | frozenset(tokens(in_chinese(question)))


def plain_words(text: str) -> list[str]:
    """The tokens of a text, with what is commonly abbreviated written out (GDP, 社零)."""
    for short, whole in _SHORT.items():
        text = text.replace(short, whole)
    return tokens(text)


def same_unit(asked: str, unit: str) -> bool:
    """Whether a figure's unit is the one asked for; % stands for every share and rate, and a scale
    without a unit (17万毕业生) counts people and things. People and things may be told in another
    scale or counter: 15396人 and 500万名 where 多少万人 is asked."""
    if asked == "%":
        return unit[:1] in _RATES
    counted, told = (_counter(one) for one in (asked, unit))
    return asked in unit or (counted in _COUNTERS and told in (counted, ""))


def _counter(unit: str) -> str:
    """The unit without its scale; one counter for those that count the same."""
    bare = unit.lstrip("".join(SCALES))
    return {"名": "人", "位": "人", "户": "家"}.get(bare, bare)
