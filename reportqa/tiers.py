"""Which passages contradict a question, and the order of those that go above or below by tiers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set

from reportqa.records import Metadata, Passage, Understanding

__all__ = [
    "contradicts",
    "is_of_what_is_stated",
    "ordered",
    "stacked",
]

APART = 1.0  # score by which what comes after stands below the last before it


def is_of_what_is_stated(metadata: Metadata, understood: Understanding) -> bool:
    """Whether place and year are stated, one at least, and the report is of them."""
    dated = (*understood.report_years, *understood.years)
    return (
        bool(understood.regions or dated)
        and (not understood.regions or metadata.region in understood.regions)
        and (not dated or metadata.year in dated)
    )


def contradicts(passage: Passage, understood: Understanding) -> bool:
    """Whether a passage is of another place or speaks of other years only, where the question
    states both."""
    dated = understood.report_years or understood.years
    if not (understood.regions and dated):
        return False
    metadata = passage.metadata
    if metadata.region not in understood.regions:
        return True
    if understood.report_years and metadata.year not in understood.report_years:
        return True
    if understood.years and passage.about:
        return not set(understood.years) & set(passage.about)
    return metadata.year is not None and all(abs(metadata.year - year) > 1 for year in dated)


def stacked(scores: Mapping[int, float], tiers: Sequence[Set[int]]) -> dict[int, float]:
    """The scores, lowered where needed for each tier to stand below the one before."""
    lowered: dict[int, float] = {}
    floor = math.inf
    for tier in filter(None, tiers):
        drop = max(0.0, max(scores[row] for row in tier) - floor + APART)
        lowered |= {row: scores[row] - drop for row in tier}
        floor = min(lowered[row] for row in tier)
    return lowered


def ordered(scores: Mapping[int, float], first: Sequence[int]) -> dict[int, float]:
    """The scores, best first: those of the rows that come `first` in their own order, raised
    where needed to what comes after, then the others by (−score, row)."""
    others = sorted(scores.keys() - set(first), key=lambda row: (-scores[row], row))
    raised: dict[int, float] = {}
    top = max((scores[row] for row in others), default=-math.inf)
    for row in reversed(first):
        raised[row] = top = max(top, scores[row])
    return {row: raised[row] for row in first} | {row: scores[row] for row in others}
