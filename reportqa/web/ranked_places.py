"""A Chart of one year → its places from the highest to the lowest, each value a link to its
sentence. Lines over the years say nothing of a single one, in which places lie upon one another.
"""

from __future__ import annotations

from reportqa.figures.series import Chart, Point, regions_of
from reportqa.places import NATION
from reportqa.render import figure_words
from reportqa.web.cards import escape
from reportqa.web.chart import KINDS, place_name, point_link
from reportqa.web.words import CHINESE, Words

__all__ = ["MOST_RANKED", "is_ranked", "ranking_html"]

MOST_RANKED = 20
"""Places in one list."""
LEAST_PLACES = 3


def is_ranked(chart: Chart) -> bool:
    """Whether a chart is of one year and of places enough."""
    years = {point.year for series in chart.series for point in series.points}
    places = set(regions_of(chart.series)) - {NATION}
    return len(years) == 1 and len(places) >= LEAST_PLACES


def ranking_html(chart: Chart, say: Words = CHINESE) -> str:
    """The places of what was achieved, and those of what is planned, the highest first."""
    lists = "".join(_list_html(chart, planned, say) for planned in (False, True))
    year = next(point.year for series in chart.series for point in series.points)
    titled = "{year} 年{name}（{kind}，{unit}）"
    kind, unit = say(KINDS[chart.kind]), chart.unit or say("无单位")
    title = say(titled, year=year, name=chart.indicator, kind=kind, unit=unit)
    return (
        f'<figure class="chart ranking"><figcaption>{escape(title)}</figcaption>{lists}'
        f'<p class="note">{say("只列报告里写明的数值，口径可能不同；点数值看原句。")}</p>'
        "</figure>"
    )


def _list_html(chart: Chart, planned: bool, say: Words) -> str:
    """One list; nothing where there is nothing to list."""
    rows = [
        (series.region, min(series.points, key=lambda point: point.found.rank))
        for series in chart.series
        if series.planned == planned and series.region != NATION
    ]
    if not rows:
        return ""
    rows.sort(key=lambda row: -row[1].value)
    longest = max(abs(point.value) for _, point in rows) or 1.0
    items = "".join(_row_html(*row, longest, say) for row in rows[:MOST_RANKED])
    left = len(rows) - MOST_RANKED
    more = f'<p class="note">{say("另有 {n:,} 个地区，见下表。", n=left)}</p>' if left > 0 else ""
    name, word = ("planned", "计划目标") if planned else ("achieved", "实际或预计完成")
    return f'<h2>{say(word)}</h2><ol class="{name}">{items}</ol>{more}'


def _row_html(region: str, point: Point, longest: float, say: Words) -> str:
    url, name = point_link(point, region, say)
    width = round(100 * abs(point.value) / longest, 1)
    return (
        f'<li><span class="place">{escape(place_name(region, say))}</span>'
        f'<i aria-hidden="true"><b style="width:{width}%"></b></i>'
        f'<a href="{url}" aria-label="{name}" title="{name}">'
        f"{escape(figure_words(point.found))}</a></li>"
    )
