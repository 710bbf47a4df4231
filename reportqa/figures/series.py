"""Figures found → lines that may be drawn over one another: same words, same unit, by place.

Only what can be compared is drawn: figures of the very indicator (or of the nearest, where none has
its words), of one year each, levels apart from changes, and what is planned apart from what is
achieved. What is left out stays in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from reportqa.records import SCALES, FigureHit

__all__ = ["Chart", "Point", "Series", "draw_charts", "regions_of"]

ON_YEAR = frozenset({"", "同比", "同口径", "比上年", "比去年", "比上一年"})
"""What a change may be against to be drawn: the year before."""
STEPS = ((1e8, "亿"), (1e4, "万"))  # a scale is taken where the largest value reaches it


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at its year; `value` is in the chart's unit."""

    year: int
    value: float
    found: FigureHit


@dataclass(frozen=True, slots=True)
class Series:
    """What the reports of a place say, year by year; `planned` apart from what was achieved, of
    which estimates are part. Of several figures of a year the nearest comes first."""

    region: str
    planned: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series of one unit on common axes."""

    indicator: str
    kind: Literal["level", "change"]
    unit: str
    series: tuple[Series, ...]

    @property
    def size(self) -> int:
        """The number of points."""
        return sum(len(series.points) for series in self.series)


def draw_charts(hits: Sequence[FigureHit]) -> tuple[Chart, ...]:
    """The charts of figures found, those with most points first."""
    drawable = [hit for hit in hits if _drawable(hit)]
    nearest = max((hit.score for hit in drawable), default=0.0)
    groups: dict[tuple[Literal["level", "change"], str], list[FigureHit]] = {}
    for hit in drawable:
        if hit.score == nearest:
            key = (hit.figure.kind, _plain_unit(hit.figure.unit))
            groups.setdefault(key, []).append(hit)
    charts = [_chart(kind, unit, found) for (kind, unit), found in groups.items()]
    charts.sort(key=lambda chart: -chart.size)
    return tuple(charts)


def _drawable(hit: FigureHit) -> bool:
    figure = hit.figure
    return (
        figure.years is not None
        and figure.basis is not None
        and figure.years[0] == figure.years[1]
        and figure.high is None
        and figure.comparator != "multiple"
        and (figure.kind == "level" or figure.against in ON_YEAR)
    )


def _chart(kind: Literal["level", "change"], unit: str, hits: Sequence[FigureHit]) -> Chart:
    largest = max(abs(hit.figure.amount) for hit in hits)
    scale, name = next(((s, n) for s, n in STEPS if largest >= s), (1.0, ""))
    lines: dict[tuple[str, bool], dict[tuple[int, float], FigureHit]] = {}
    for hit in hits:
        assert hit.figure.years is not None
        line = (hit.passage.metadata.region or "未知地区", hit.figure.basis == "planned")
        value = hit.figure.amount / scale
        if kind == "change" and hit.figure.direction == "down":
            value = -value
        lines.setdefault(line, {}).setdefault((hit.figure.years[0], value), hit)
    series = [Series(region, planned, _points(found)) for (region, planned), found in lines.items()]
    sizes: dict[str, int] = {}
    for one in series:
        sizes[one.region] = sizes.get(one.region, 0) + len(one.points)
    series.sort(key=lambda one: (-sizes[one.region], one.region, one.planned))
    return Chart(hits[0].figure.indicator, kind, name + unit, tuple(series))


def _points(found: dict[tuple[int, float], FigureHit]) -> tuple[Point, ...]:
    points = [Point(year, value, hit) for (year, value), hit in found.items()]
    return tuple(sorted(points, key=lambda point: (point.year, point.found.rank)))


def _plain_unit(unit: str) -> str:
    """The unit without its 万 and 亿."""
    return unit.lstrip("".join(SCALES))


def regions_of(series: Iterable[Series]) -> list[str]:
    """The places, in the order of the series."""
    return list(dict.fromkeys(one.region for one in series))
