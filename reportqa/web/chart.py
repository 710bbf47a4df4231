"""A Chart → SVG in which every point is a link to the sentence it is read from.

Drawn here and not by a library of charts: a link and a name a point, by mouse, keyboard and screen
reader, in the page's own colours, and nothing to load. Achieved is a filled circle on a whole line,
planned a hollow diamond on a dashed one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from reportqa.figures.series import Chart, Point, Series, regions_of
from reportqa.render import FIGURE_BASIS_WORDS, figure_words
from reportqa.web.cards import escape, reader_url
from reportqa.web.words import CHINESE, Words

__all__ = ["KINDS", "MOST_DRAWN", "chart_html", "place_name", "point_link", "ticks"]

MOST_DRAWN = 6
"""Places in one chart: more lines than colours can be told apart."""

WIDTH, HEIGHT = 760, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 18, 26, 34  # room around the drawing
TICKS = 5
KINDS = {"level": "数量", "change": "增幅"}
"""The kinds of chart, as they are called."""


def chart_html(chart: Chart, say: Words = CHINESE) -> str:
    """The chart with its legend and what is left out of it."""
    regions = regions_of(chart.series)
    shown = regions[:MOST_DRAWN]
    lines = [series for series in chart.series if series.region in shown]
    axes = _Axes(lines)
    body = axes.grid(chart.unit)
    body += "".join(_line(axes, one, shown.index(one.region), say) for one in lines)
    left = len(regions) - len(shown)
    cut = "图中是数值最多的 {shown} 个地区，另有 {left} 个：可用地区筛选。"
    more = say(cut, shown=len(shown), left=left) if left else ""
    titled = "{name}（{kind}，{unit}）"
    kind, unit = say(KINDS[chart.kind]), chart.unit or say("无单位")
    title = say(titled, name=chart.indicator, kind=kind, unit=unit)
    return (
        f'<figure class="chart"><figcaption>{escape(title)}</figcaption>{_legend(shown, say)}'
        f'<div class="drawing"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" '
        f'aria-label="{escape(title)}">{body}</svg></div>'
        f'<p class="note">{more}{say("每个点通向报告里的原句。")}</p></figure>'
    )


def ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """Round numbers from at most `low` to at least `high`, about `count` steps."""
    if high <= low:
        high, low = high + (abs(high) or 1) / 2, low - (abs(low) or 1) / 2
    rough = (high - low) / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 10) for n in range(first, last + 1)]


class _Axes:
    """Years to the right, values upwards. Levels begin at zero, where that is not far off."""

    def __init__(self, series: Sequence[Series]) -> None:
        points = [point for one in series for point in one.points]
        years = [point.year for point in points]
        values = [point.value for point in points]
        low, high = min(values), max(values)
        self.marks = ticks(0 if 0 < low < high / 2 else low, high)
        self.first, self.last = min(years), max(years)

    def x(self, year: int) -> float:
        if self.first == self.last:
            return (LEFT + WIDTH - RIGHT) / 2
        room = WIDTH - RIGHT - LEFT - 40
        return round(LEFT + 20 + room * (year - self.first) / (self.last - self.first), 1)

    def y(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / (high - low), 1)

    def grid(self, unit: str) -> str:
        """Lines with their numbers, and the years."""
        parts = [
            f'<text class="unit" x="{LEFT - 8}" y="12" text-anchor="end">{escape(unit)}</text>'
        ]
        for mark in self.marks:
            y = self.y(mark)
            parts.append(
                f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
                f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{mark:,.10g}</text>'
            )
        step = max(1, math.ceil((self.last - self.first + 1) / 12))
        for year in range(self.first, self.last + 1, step):
            parts.append(
                f'<text x="{self.x(year)}" y="{HEIGHT - 10}" text-anchor="middle">{year}</text>'
            )
        return f'<g aria-hidden="true">{"".join(parts)}</g>'


def _line(axes: _Axes, series: Series, colour: int, say: Words) -> str:
    """The line through the nearest figure of each year, and a point for every figure."""
    first = {point.year: point for point in reversed(series.points)}
    path = " ".join(f"{axes.x(year)},{axes.y(first[year].value)}" for year in sorted(first))
    points = "".join(_point(axes, point, series, say) for point in series.points)
    kind = "planned" if series.planned else "achieved"
    return (
        f'<g class="series c{colour} {kind}"><polyline points="{path}" aria-hidden="true"/>'
        f"{points}</g>"
    )


def point_link(point: Point, region: str, say: Words) -> tuple[str, str]:
    """The address of a point's sentence, and what it says in words; both escaped."""
    found = point.found
    word = FIGURE_BASIS_WORDS[found.figure.basis]
    named = "{region} {year} 年{sense} {figure}（《{title}》）"
    name = say(
        named,
        region=place_name(region, say),
        year=point.year,
        sense=say(word) if word else "",
        figure=figure_words(found),
        title=found.passage.metadata.title,
    )
    span, report = found.figure.sentence, found.figure.report_id
    url = reader_url(report, span.start, span.end, found.passage.quote(span))
    return escape(url), escape(name)


def _point(axes: _Axes, point: Point, series: Series, say: Words) -> str:
    x, y = axes.x(point.year), axes.y(point.value)
    url, name = point_link(point, series.region, say)
    shape = (
        f'<path d="M{x} {y - 6}l6 6l-6 6l-6 -6z"/>'
        if series.planned
        else f'<circle cx="{x}" cy="{y}" r="4.5"/>'
    )
    return (
        f'<a href="{url}" aria-label="{name}"><title>{name}</title>'
        f'<circle class="reach" cx="{x}" cy="{y}" r="12"/>{shape}</a>'
    )


def place_name(region: str, say: Words) -> str:
    """The place of a series, in the visitor's language where it is not known."""
    return say("未知地区") if region == "未知地区" else region


def _legend(regions: Sequence[str], say: Words) -> str:
    places = "".join(
        f'<li class="c{number}"><i aria-hidden="true"></i>{escape(place_name(region, say))}</li>'
        for number, region in enumerate(regions)
    )
    senses = (
        '<li class="sense"><svg viewBox="0 0 28 12" aria-hidden="true"><path d="M0 6h28"/>'
        f'<circle cx="14" cy="6" r="4"/></svg>{say("实际或预计完成")}</li>'
        '<li class="sense planned"><svg viewBox="0 0 28 12" aria-hidden="true"><path d="M0 6h28"/>'
        f'<path class="diamond" d="M14 1l5 5l-5 5l-5 -5z"/></svg>{say("计划目标")}</li>'
    )
    return f'<ul class="legend">{places}{senses}</ul>'
