"""An indicator → the figures of a snapshot that are figures of it, best first.

The same words come first, then indicators that hold them whole, then those that share most of
their characters; the newest of equals comes first. 二三级医院床位数 does not
hold 三级医院床位数: a numeral or a negation just before the words makes them other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reportqa.errors import QuestionError
from reportqa.filters import allowed_rows
from reportqa.index import Snapshot
from reportqa.records import NO_FILTERS, Figure, FigureHit, Filters

__all__ = ["MOST_FIGURES", "find_figures", "indicator_score", "page_figures"]

MOST_FIGURES = 10_000
"""The largest k."""
LEAST_SHARED = 0.5
"""The share of character pairs in common below which two indicators have nothing to do."""

_MARKS = re.compile(r"[\s“”\"「」『』《》、的]")
_OTHER_BEFORE = re.compile(r"[一二三四五六七八九十\d非不未无副准亚次]$")


def find_figures(
    snapshot: Snapshot, indicator: str, filters: Filters = NO_FILTERS, k: int = 50
) -> tuple[FigureHit, ...]:
    """The k figures whose indicator is nearest to the one asked for, best first, then newest;
    fewer where fewer are near. Of the filters, basis and years spoken of are those of the figure:
    `actual` lets estimates through, too. Raises QuestionError where nothing is asked for."""
    return page_figures(snapshot, indicator, filters, k)[0]


def page_figures(
    snapshot: Snapshot, indicator: str, filters: Filters = NO_FILTERS, k: int = 50, offset: int = 0
) -> tuple[tuple[FigureHit, ...], int]:
    """The same from `offset` on, and how many there are."""
    wanted = _MARKS.sub("", indicator)
    if len(wanted) < 2:
        raise QuestionError(f"indicator {indicator!r} is too short: name one, such as 地区生产总值")
    if not 1 <= k <= MOST_FIGURES:
        raise QuestionError(f"k is {k}: ask for 1 to {MOST_FIGURES} figures")
    found: list[tuple[float, int, int, Figure]] = []
    for row, figure in _candidates(snapshot, wanted, filters):
        score = indicator_score(wanted, figure.indicator)
        if score > 0:
            found.append((score, figure.years[1] if figure.years else 0, row, figure))
    found.sort(key=lambda item: (-item[0], -item[1], item[2], item[3].start))
    hits = (
        FigureHit(rank, score, row, snapshot.passage(row), figure)
        for rank, (score, _, row, figure) in enumerate(found[offset : offset + k], offset + 1)
    )
    return tuple(hits), len(found)


def indicator_score(wanted: str, indicator: str) -> float:
    """How near an indicator is to the one wanted: 1 for the same words, above 0.5 where it holds
    them whole, up to 0.5 by the character pairs the two share, 0 where these are few."""
    wanted, indicator = _MARKS.sub("", wanted), _MARKS.sub("", indicator)
    if wanted == indicator:
        return 1.0
    if len(wanted) < 2 or len(indicator) < 2:
        return 0.0
    at = indicator.find(wanted)
    if at >= 0 and not _OTHER_BEFORE.search(indicator[:at]):
        return 0.5 + 0.5 * len(wanted) / (len(indicator) + 1)
    ours, theirs = _pairs(wanted), _pairs(indicator)
    shared = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return shared / 2 if shared >= LEAST_SHARED else 0.0


def _pairs(words: str) -> set[str]:
    return {words[i : i + 2] for i in range(len(words) - 1)}


def _candidates(snapshot: Snapshot, wanted: str, filters: Filters) -> Iterator[tuple[int, Figure]]:
    """The figures that pass the filters, of passages that may name the indicator."""
    allowed = allowed_rows(snapshot, replace(filters, basis=None, about=()))
    for row in snapshot.rows_naming(sorted(_pairs(wanted))):
        if allowed is None or allowed[row]:
            for figure in snapshot.figures_of(row):
                if _figure_passes(figure, filters):
                    yield row, figure


def _figure_passes(figure: Figure, filters: Filters) -> bool:
    if filters.basis and (
        figure.basis is None or (figure.basis == "planned") != (filters.basis == "plan")
    ):
        return False
    if not filters.about:
        return True
    years = figure.years
    return years is not None and any(a <= years[1] and years[0] <= b for a, b in filters.about)
