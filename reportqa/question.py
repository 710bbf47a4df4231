"""What a question states plainly: years, places, sense, kind of report, and what it asks for.

In: a question, and which reports there are. Out: an Understanding, which search lets count and
page and terminal show. What a question leaves open stays open; a place that no report is of is
named as missing, never replaced by another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from reportqa.asking import read_asked, read_language, read_topic, read_unit
from reportqa.gazetteer import Gazetteer
from reportqa.lexical import simplify
from reportqa.periods import Anchor, read_asked_years
from reportqa.records import Basis, Metadata, Understanding
from reportqa.scope import delivery_year, reviewed_year
from reportqa.spelling import Speller
from reportqa.wording import without_courtesies

__all__ = ["PARTS", "QuestionReader", "forget"]

# What can be switched off of what was understood → the fields that say nothing then.
_FORGOTTEN: dict[str, dict[str, Any]] = {
    "year": {"years": ()},
    "report_year": {"report_years": ()},
    "region": {"regions": (), "missing": ()},
    "kind": {"kinds": ()},
    "basis": {"basis": None},
    "spelling": {"spelt": None},
}
PARTS = tuple(_FORGOTTEN)
"""The parts of an understanding that an asker can switch off, by name."""

_PLAN = re.compile(
    r"目标|计划(?!报告|草案|生育|单列|经济)|预期(?!寿命)|打算|力争|(?<!向上)争取(?!到)|安排|准备(?!金)|"
    r"规划(?!局|馆|院)|(?<![模虚比])拟(?!人)|将要|控制[线在]|要求|(?<![主重需必首么何])要(?![求素闻点职])|"
    r"(?<!year )\bplan(?:s|ned|ning)?\b(?! report| period)|\btarget(?:s|ed)?\b|"
    r"\baim(?:s|ed|ing)?\b",
    re.I,
)
_ACTUAL = re.compile(
    r"完成|实际|实绩|实有|最后|实现了|建成了|达到了|执行|(?<![^降减][高低多少快慢大小])了(?:多少|几|百分之几)|同比|"
    r"\bachieved\b|\bactual(?:ly)?\b",
    re.I,
)
# The past tense tells what was achieved where the question states whose or which year's.
_PAST = re.compile(r"\b(?:was|were|did)\b(?!.*\b(?:announc|propos|promis|pledg|set\b))", re.I)
# At the end of a year reports estimate what it achieved; of this year and the next, they foresee.
_ESTIMATE = re.compile(r"预计(?!目标)")
_TO_COME = re.compile(r"[今明]年|将|to come")

# Kind of report → how a question names it; another kind is named by its own word.
_KINDS = {
    "政府工作报告": r"(?<![院会委常])(?:政府)?工作报告|\b(?:government )?work report",
    "计划报告": (
        r"计划报告|国民经济[和与]社会发展计划|计划执行情况|计划草案|\bplan report|"
        r"\breport on the .{0,40}\bplan\b|\bnational economic and social development plan"
    ),
    "统计公报": r"统计公报|公报|\bstatistical (?:communiqu[eé]|bulletin)|\bcommuniqu[eé]",
    "党代会报告": (
        r"党代会|党代表大会|(?:十[一二三四五六七八九]|二十)大(?:的?报告|上|提出|以来)|"
        r"\bparty congress"
    ),
    "规划": r"规划(?:纲要|全文)|五年规划|\bfive-year plan outline",
    "预算报告": r"预算报告|预算执行情况|预算草案|\bbudget report",
}
_QUOTED = re.compile(r"[“「『\"][^”」』\"]*[”」』\"]")
_NOT_NAMED = frozenset({"其他"})


class QuestionReader:
    """Reads questions against the reports at hand. Safe to share between threads."""

    def __init__(self, reports: Iterable[Metadata], held: Mapping[str, int] | None = None) -> None:
        """Learn which places reported, under which names, of which kinds, and when. `held` tells
        how many passages hold a token; without it no wrong character is mended."""
        self._reports = tuple(reports)
        self._gazetteer = Gazetteer(m.region for m in self._reports if m.region is not None)
        self._speller = None if held is None else Speller(held, self.names)
        self._dated = tuple(
            (metadata, Anchor(now, reviewed))
            for metadata in self._reports
            if (now := delivery_year(metadata)) is not None
            and (reviewed := reviewed_year(metadata)) is not None
        )
        self._kinds = tuple(
            (kind, re.compile(_KINDS.get(kind, re.escape(kind)), re.I))
            for kind in sorted({metadata.kind for metadata in self._reports} - _NOT_NAMED)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the places that reported."""
        return self._gazetteer.names

    def _spelt(self, question: str) -> str | None:
        """The question with its one wrong character put right; a place that is named, whether any
        report is of it or not, is not taken for another."""
        spelt = question if self._speller is None else self._speller.mend(question)
        if spelt == question:
            return None
        at = next(i for i, (was, now) in enumerate(zip(question, spelt, strict=True)) if was != now)
        named = self._gazetteer.read(simplify(question)).spans
        return None if any(start <= at < end for start, end in named) else spelt

    def read(self, question: str) -> Understanding:
        """What the question states. Relative years (今年, 去年) count from the report it names by
        its year; else from the newest of the place and of the kind it names, or of any, and only
        where no year is written out."""
        question = without_courtesies(question)
        spelt = self._spelt(question)
        question = spelt or question
        text = simplify(question)
        places = self._gazetteer.read(text)
        regions = places.regions
        blanked = _blank(text, places.spans, "□")
        kinds = tuple(kind for kind, pattern in self._kinds if pattern.search(text))
        time = read_asked_years(blanked, lambda years: self._anchor(regions, kinds, years))
        asked = read_asked(text, places.spans)
        written = question if len(question) == len(text) else text
        quoted = [match.span() for match in _QUOTED.finditer(text)]
        apart = [span for span in places.spans if not any(a < span[0] < b for a, b in quoted)]
        rest = _blank(_blank(text, apart, "　"), time.spans, "　")
        return Understanding(
            years=time.years,
            regions=tuple(sorted(regions)),
            missing=places.missing,
            basis=_read_basis(text, dated=bool(regions or time.years or time.report_years)),
            kinds=kinds,
            report_years=time.report_years,
            asked=asked,
            unit=read_unit(text, asked),
            topic=read_topic(rest, written, asked),
            language=read_language(text),
            spelt=spelt,
        )

    def _anchor(
        self, regions: frozenset[str], kinds: tuple[str, ...], years: tuple[int, ...]
    ) -> Anchor | None:
        """From where relative words count: the newest report, of the places, kinds and years
        named where there are any."""
        dated = [
            (metadata, anchor)
            for metadata, anchor in self._dated
            if not regions or metadata.region in regions
        ]
        dated = [one for one in dated if one[0].kind in kinds] or dated
        if not years:
            return max((anchor for _, anchor in dated), key=lambda a: a.now, default=None)
        latest = max(years)
        return max(
            (anchor for metadata, anchor in dated if metadata.year in years),
            key=lambda anchor: anchor.now,
            default=Anchor(latest, latest - 1),
        )


def _blank(text: str, spans: Iterable[tuple[int, int]], blank: str) -> str:
    for start, end in spans:
        text = text[:start] + blank * (end - start) + text[end:]
    return text


def _read_basis(text: str, *, dated: bool) -> Basis | None:
    """Planned or achieved, where the question says one and not the other; `dated` is one that
    states a place or a year."""
    plan, actual = _PLAN.search(text), _ACTUAL.search(text)
    if not _TO_COME.search(text):
        actual = actual or _ESTIMATE.search(text)
    actual = actual or (_PAST.search(text) if dated and not plan else None)
    if plan and not actual:
        return "plan"
    return "actual" if actual and not plan else None


def forget(understood: Understanding, parts: Collection[str]) -> Understanding:
    """What was understood without these PARTS: the asker did not mean them to count."""
    changes: dict[str, Any] = {}
    for part in parts:
        changes |= _FORGOTTEN[part]
    return replace(understood, **changes)
