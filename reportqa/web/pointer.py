"""A question for the highest of all places → a line that points to the figures side by side.

No sentence of a report says which place is first: that is seen by setting the figures of all places
beside each other, which the tab 指标 does. The line fills it in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from reportqa.english import in_chinese
from reportqa.everyday import in_report_words
from reportqa.figures import find_figures
from reportqa.first_place import AREAS, FIRST, asks_which_is_first
from reportqa.index import Snapshot
from reportqa.places import NATION
from reportqa.records import Filters, Understanding
from reportqa.web.cards import escape
from reportqa.web.words import CHINESE, Words

__all__ = ["Pointer", "find_pointer", "pointer_html"]

MOST_FOUND = 1_000  # figures looked at
LEAST_SCORE = 0.75  # of a figure that is one of the indicator
LEAST_PLACES = 3  # of which there is something to compare

_FASTER = re.compile(r"增速|增长|增幅|涨幅|最[快慢]|\b(?:fast|slow|grow)", re.IGNORECASE)
_HEAD = re.compile(rf"^(?:全国|各|{AREAS}|的)+")
_GROWTH = re.compile(r"的?(?:增速|增长率|增幅|增长|涨幅|总量|总额|数量|规模|人数)$")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which indicator to look up, of which year, and how many places have it."""

    indicator: str
    year: int
    places: int

    @property
    def url(self) -> str:
        """The address that shows the figures."""
        asked = {"tab": "figures", "indicator": self.indicator, "spoken": self.year}
        return "?" + urlencode(asked)


def find_pointer(question: str, understood: Understanding, snapshot: Snapshot) -> Pointer | None:
    """What to look up for a question that asks which place is first, where three places or more
    have it; None for every other question."""
    if len(understood.years) > 1 or not asks_which_is_first(question, understood):
        return None
    for indicator in dict.fromkeys(_indicators(question, understood)):
        kind = "change" if _FASTER.search(question) else "level"
        places = _places_by_year(snapshot, indicator, understood, kind)
        if places and (most := places.most_common(1)[0])[1] >= LEAST_PLACES:
            return Pointer(indicator, *most)
    return None


def _indicators(question: str, understood: Understanding) -> Iterator[str]:
    """What may be the indicator, as reports call it first."""
    for stretch in understood.topic:
        whole = FIRST.split(stretch)[0].strip("的 ")
        yield from in_report_words(whole).split()[:1]
        for name in (whole, _HEAD.sub("", whole)):
            yield from (one for one in (name, _GROWTH.sub("", name)) if len(one) > 1)
    yield from in_chinese(question).split()


def _places_by_year(
    snapshot: Snapshot, indicator: str, understood: Understanding, kind: str
) -> Counter[int]:
    """In how many places each year has a figure of the indicator, a level or a change."""
    about = tuple((year, year) for year in understood.years)
    hits = find_figures(snapshot, indicator, Filters(about=about), MOST_FOUND)
    found = {
        (hit.figure.years[0], hit.passage.metadata.region)
        for hit in hits
        if hit.score >= LEAST_SCORE
        and hit.figure.kind == kind
        and hit.figure.years is not None
        and hit.figure.years[0] == hit.figure.years[1]
        and hit.passage.metadata.region not in (None, NATION)
    }
    return Counter(year for year, _ in sorted(found, reverse=True))


def pointer_html(pointer: Pointer, say: Words = CHINESE) -> str:
    """The line, with its link."""
    why = say("要看各地高低，请到“指标”页：")
    what = "{year} 年 {n:,} 个地区的“{indicator}”"
    shown = say(what, year=pointer.year, n=pointer.places, indicator=pointer.indicator)
    url = pointer.url + ("&lang=en" if say.english else "")
    return f'<p class="pointer">{why}<a href="{escape(url)}">{escape(shown)}</a></p>'
