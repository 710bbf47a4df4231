"""Figures of single questions → means with intervals, and the comparison of two runs.

Everything is resampled over questions, with a fixed seed: the same figures give the same output.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = [
    "RESAMPLES",
    "SEED",
    "Figures",
    "compare",
    "draw",
    "mean_table",
]

Figures = dict[str, dict[str, float]]
"""Of each question, by id, each figure; a figure that a question cannot have is left out."""

RESAMPLES = 10_000
SEED = 20240
TAILS = (2.5, 97.5)  # percentiles: what lies between is the 95 % interval
DRAWN_AT_ONCE = 4_000_000  # counts held in memory, 8 bytes each


def mean_table(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Each figure's mean over the rows that have it, and under ci95 its interval."""
    names = dict.fromkeys(name for row in rows for name in row)
    means = {name: _mean([row[name] for row in rows if name in row]) for name in names}
    return {"n": len(rows), **means, "ci95": _intervals(rows)}


def compare(figures: Figures, others: Figures, names: Sequence[str]) -> dict[str, Any]:
    """One run against another over the same questions: of each named figure the two means, their
    difference with its 95 % interval (paired bootstrap), and p, the share of paired randomisations
    with a difference as large; then the ids better and worse by the first named figure. Where no
    question has figures, only that."""
    if not figures:
        return {"n": 0, "won": [], "lost": []}
    differences = [
        {name: row[name] - others[id][name] for name in names} for id, row in figures.items()
    ]
    intervals = _intervals(differences)
    compared: dict[str, Any] = {"n": len(figures)}
    for name in names:
        by = [row[name] for row in differences]
        compared[name] = {
            "this": _mean([row[name] for row in figures.values()]),
            "other": _mean([row[name] for row in others.values()]),
            "difference": _mean(by),
            "ci95": intervals[name],
            "p": _randomisation(by),
        }
    gained = {id: row[names[0]] for id, row in zip(figures, differences, strict=True)}
    return {
        **compared,
        "won": [id for id, gain in gained.items() if gain > 0],
        "lost": [id for id, gain in gained.items() if gain < 0],
    }


def draw(ids: Sequence[str], most: int | None) -> list[str]:
    """The ids, or `most` of them where there are more, in their order and the same each time."""
    if most is None or len(ids) <= most:
        return list(ids)
    drawn = set(random.Random(SEED).sample(sorted(ids), most))
    return [id for id in ids if id in drawn]


def _intervals(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Percentile bootstrap of each figure's mean over questions drawn with replacement.

    Questions alike in every figure are drawn together, as counts: the same distribution, and few
    draws, since the figures of thousands of questions take a few hundred values."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not names:
        return {}
    alike = Counter(tuple(row.get(name) for name in names) for row in rows)
    values = np.array(list(alike), dtype=np.float64)
    known = ~np.isnan(values)
    shares = np.array(list(alike.values())) / len(rows)
    random = np.random.default_rng(SEED)
    means = np.empty((RESAMPLES, len(names)))
    step = max(1, DRAWN_AT_ONCE // len(alike))
    for start in range(0, RESAMPLES, step):
        size = min(step, RESAMPLES - start)
        drawn = random.multinomial(len(rows), shares, size=size).astype(np.float64)
        with np.errstate(invalid="ignore"):  # 0 / 0 where no question drawn has the figure
            means[start : start + size] = (drawn @ np.nan_to_num(values)) / (drawn @ known)
    low, high = np.nanpercentile(means, TAILS, axis=0)
    return {
        name: [round(float(low[i]), 4), round(float(high[i]), 4)] for i, name in enumerate(names)
    }


def _randomisation(differences: Sequence[float]) -> float:
    """Two-sided p of the paired randomisation test: each difference is as likely the other way
    round. The observed signs count as one of the draws, so p is never 0."""
    sizes = Counter(abs(difference) for difference in differences if difference)
    if not sizes:
        return 1.0
    many = np.array(list(sizes.values()))
    positive = np.random.default_rng(SEED).binomial(many, 0.5, size=(RESAMPLES, len(many)))
    sums = np.abs((2 * positive - many) @ np.array(list(sizes)))
    as_large = int(np.sum(sums >= abs(math.fsum(differences)) - 1e-9))
    return round((1 + as_large) / (1 + RESAMPLES), 4)


def _mean(values: Sequence[float]) -> float:
    return round(math.fsum(values) / len(values), 4)
