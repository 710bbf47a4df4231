"""What a filter lets through: the texts of command line, page and API → Filters → a mask of rows.

Filters are total: a row outside the mask is never returned, and a filter that matches nothing
returns nothing. `describe_choices` then says what there is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import QuestionError
from reportqa.index import BASES, Snapshot
from reportqa.places import region_matches
from reportqa.records import NO_FILTERS, Basis, Filters, Metadata, Report, Span

__all__ = [
    "allowed_rows",
    "describe_choices",
    "make_filters",
    "parse_years",
    "read_range",
    "report_passes",
    "rows_about",
]

_YEARS = re.compile(r"(\d{4})(?:\s*[-–—~～至到]\s*(\d{4}))?年?")
_BASIS: dict[str, Basis] = {
    "actual": "actual",
    "plan": "plan",
    "实际完成": "actual",
    "计划目标": "plan",
}


def parse_years(text: str) -> tuple[int, int]:
    """`2024` or `2021-2025` → an inclusive range of years; QuestionError otherwise."""
    match = _YEARS.fullmatch(text.strip())
    if not match:
        raise QuestionError(f"year {text!r} is not a year: write 2024 or 2021-2025")
    first, last = int(match[1]), int(match[2] or match[1])
    if first > last:
        raise QuestionError(f"years {text!r} run backwards: write {last}-{first}")
    return first, last


def make_filters(
    *,
    year: str | Iterable[str] = (),
    about: str | Iterable[str] = (),
    region: str | Iterable[str] = (),
    kind: str | Iterable[str] = (),
    basis: str | None = None,
    report: str | Iterable[str] = (),
) -> Filters:
    """Filters from texts as people write them, one or several of a field. Raises QuestionError for
    what cannot be read."""
    if basis and basis not in _BASIS:
        raise QuestionError(f"basis {basis!r} is not known: write actual or plan")
    return Filters(
        years=tuple(map(parse_years, _several(year))),
        about=tuple(map(parse_years, _several(about))),
        regions=_named("region", region),
        kinds=_named("kind", kind),
        basis=_BASIS[basis] if basis else None,
        reports=_named("report", report),
    )


def _several(values: str | Iterable[str]) -> Iterable[str]:
    """A text alone is one value, not the values its characters are."""
    return [values] if isinstance(values, str) else values


def _named(field: str, values: str | Iterable[str]) -> tuple[str, ...]:
    """The values without outer white space; a blank one is an error, not a filter left out."""
    names = tuple(value.strip() for value in _several(values))
    if not all(names):
        raise QuestionError(f"{field} is blank: name one, or leave it out")
    return names


def read_range(report: Report, start: int = 0, end: int | None = None) -> Span:
    """The range [start, end) of a report's text, as much of it as there is. QuestionError where
    nothing lies in it."""
    length = len(report.text)
    last = length if end is None else min(end, length)
    if start >= last:
        raise QuestionError(
            f"nothing lies from {start} to {last}: the report has {length} characters"
        )
    return Span(start, last)


def allowed_rows(snapshot: Snapshot, filters: Filters) -> NDArray[np.bool_] | None:
    """One bool per passage of the snapshot; None where nothing is asked (all are allowed)."""
    if filters == NO_FILTERS:
        return None
    reports = np.array([report_passes(m, filters) for m in snapshot.reports], dtype=bool)
    mask: NDArray[np.bool_] = reports[snapshot.passage_report]
    if filters.basis:
        mask &= snapshot.passage_basis == BASES.index(filters.basis)
    if filters.about:
        mask &= rows_about(snapshot, filters.about)
    return mask


def describe_choices(reports: Sequence[Metadata]) -> str:
    """The regions, years and kinds there are, in one line of Chinese."""
    regions = _counted(m.region or "未知" for m in reports)
    years = sorted({m.year for m in reports if m.year is not None})
    kinds = _counted(m.kind for m in reports)
    span = "未知" if not years else f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return f"现有 {len(reports)} 篇报告；地区：{regions}；年份：{span}；类型：{kinds}"


def _counted(values: Iterable[str], longest: int = 8) -> str:
    counts = Counter(values).most_common()
    shown = "、".join(value for value, _ in counts[:longest])
    return f"{shown} 等 {len(counts)} 种" if len(counts) > longest else shown


def report_passes(metadata: Metadata, filters: Filters) -> bool:
    """Whether a report is of the years, regions and kinds asked for, and among those named."""
    year = metadata.year
    return (
        (not filters.years or (year is not None and any(a <= year <= b for a, b in filters.years)))
        and (
            not filters.regions or any(region_matches(metadata.region, r) for r in filters.regions)
        )
        and (not filters.kinds or metadata.kind in filters.kinds)
        and (not filters.reports or metadata.id in filters.reports)
    )


def rows_about(
    snapshot: Snapshot, ranges: Sequence[tuple[int, int]], rows: NDArray[np.int64] | None = None
) -> NDArray[np.bool_]:
    """One bool for each of these passages, or for every one: whether it speaks of a year in one of
    the inclusive ranges."""
    starts = snapshot.first_about
    if rows is None:
        years, first, last = snapshot.about, starts[:-1], starts[1:]
    else:  # the years of these rows alone, one run after the other
        lengths = starts[rows + 1] - starts[rows]
        last = np.cumsum(lengths)
        first = last - lengths
        years = snapshot.about[np.arange(lengths.sum()) + np.repeat(starts[rows] - first, lengths)]
    inside = np.zeros(len(years), dtype=bool)
    for earliest, latest in ranges:
        inside |= (years >= earliest) & (years <= latest)
    counts = np.concatenate(([0], np.cumsum(inside)))
    return np.asarray(counts[last] > counts[first])
