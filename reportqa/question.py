"""What a question states plainly: the years, places and sense (achieved or planned) it names.

In: a question, and which places reported when. Out: an Understanding, which search lets count and
page and terminal show. What a question leaves open stays open; a place that no report is of is
named as missing, never replaced by another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise, zip_longest

from pypinyin import lazy_pinyin

from reportqa.lexical import simplify
from reportqa.places import (
    CITIES,
    PREFECTURES,
    PROVINCES,
    place_names,
    places_around,
    short_name,
)
from reportqa.records import Basis, Metadata, Understanding
from reportqa.scope import read_years

__all__ = ["QuestionReader"]

NATIONAL = "全国"
_NATIONAL_NAMES = ("全国", "我国", "国务院", "中央财政")
# 全国 as praise (全国第一, 全国示范步行街) is not the place.
_PRAISE = re.compile(r"全国(?=第|首|前|最|唯一|百强|示范|文明|先进|优秀|重点|知名|十|领先)")

# What follows a place that is asked about; in 上海证券交易所 the place is part of a name.
_SUBJECT = re.compile(
    '省|市|自治区|的|[“"]?十[一二三四五]五|\\d{2,4}年|[今去明]年|和|与|、|[？?]?$'
)

# English names that are not the pinyin of the Chinese ones.
_ENGLISH = {
    "全国": "china",
    "西藏": "tibet",
    "内蒙古": "inner mongolia",
    "陕西": "shaanxi",
    "哈尔滨": "harbin",
    "乌鲁木齐": "urumqi",
    "拉萨": "lhasa",
    "呼和浩特": "hohhot",
    "香港": "hong kong",
    "澳门": "macau",
}

_PLAN = re.compile(r"目标|计划|预期|打算|力争|安排|准备|规划|要建|拟|将要|plan|target|aim", re.I)
_ACTUAL = re.compile(
    r"完成|实际|实绩|最后|实现了|预计(?!目标)|建成了|达到了|执行|achieved|actual", re.I
)

# 24年 is 2024, but 30年来, 时隔30年 and 第30年 are spans.
_SHORT_YEAR = re.compile(r"(?<![\d第近满])(?<!时隔)(?<!过去)(?<!连续)(\d\d)年(?![来前后间内以代])")
_HAN = re.compile(r"[\u3400-\u9fff]")


class QuestionReader:
    """Reads questions against the reports at hand. Safe to share between threads."""

    def __init__(self, reports: Iterable[Metadata]) -> None:
        """Learn which places reported, under which names, and when last."""
        self._own: dict[str, set[str]] = {}  # name → the regions called so
        self._inside: dict[str, set[str]] = {}  # name → the regions that lie there
        self._english: dict[str, set[str]] = {}
        self._newest: dict[str, int] = {}
        for metadata in reports:
            if metadata.region is not None:
                self._learn(metadata.region, metadata.year)
        listed = [*PROVINCES, *PROVINCES.values(), *PREFECTURES.values()]
        known = {*self._own, *self._inside, *listed, *(f"{city}市" for city in CITIES)}
        names = sorted(known, key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, names)))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the places that reported."""
        return tuple(sorted(self._own))

    def read(self, question: str) -> Understanding:
        """What the question states. Relative years (今年, 去年) count from the newest report of
        the place it names, or of any place, and only where no year is written out."""
        text = simplify(question)
        regions, missing = self._read_places(text)
        return Understanding(
            years=self._read_years(text, regions),
            regions=tuple(sorted(regions)),
            missing=missing,
            basis=_read_basis(text),
        )

    def _learn(self, region: str, year: int | None) -> None:
        own = place_names(region) | set(_NATIONAL_NAMES if region == NATIONAL else ())
        for names, known in ((own, self._own), (places_around(region), self._inside)):
            for name in names:
                known.setdefault(name, set()).add(region)
        short = short_name(min(own, key=len))
        english = _ENGLISH.get(short) or "".join(lazy_pinyin(short))
        self._english.setdefault(english, set()).add(region)
        if year is not None:
            self._newest[region] = max(year, self._newest.get(region, year))

    def _read_places(self, text: str) -> tuple[set[str], tuple[str, ...]]:
        if not _HAN.search(text):
            words = re.findall(r"[a-z]+", text.lower())
            spoken = {*words, *map(" ".join, pairwise(words))}
            found = set().union(*(self._english.get(word, set()) for word in spoken))
            return _local(found), ()
        named = list(self._names.finditer(_PRAISE.sub("　　", text)))
        regions: set[str] = set()
        missing: list[str] = []
        for one, following in zip_longest(named, named[1:]):
            # 湖北十堰, 保定市清苑区: the wider place only says where the narrower lies
            if following is not None and not text[one.end() : following.start()].strip("省市的"):
                continue
            name = one.group()
            regions |= self._own.get(name) or self._inside.get(name, set())
            if name not in self._own and _SUBJECT.match(text, one.end()):
                missing.append(name)
        return _local(regions), tuple(dict.fromkeys(missing))

    def _read_years(self, text: str, regions: set[str]) -> tuple[int, ...]:
        newest = [year for region, year in self._newest.items() if not regions or region in regions]
        latest = max(newest, default=None)
        years = {*read_years(text, None)}
        for match in _SHORT_YEAR.finditer(text):
            year = 2000 + int(match[1])
            if latest is not None and year <= latest + 1:
                years.add(year)
        return tuple(sorted(years)) if years else read_years(text, latest)


def _local(regions: set[str]) -> set[str]:
    """Where a place is named, the whole country only says how it stands there."""
    return regions - {NATIONAL} if len(regions) > 1 else regions


def _read_basis(text: str) -> Basis | None:
    """Planned or achieved, where the question says one and not the other."""
    plan, actual = _PLAN.search(text), _ACTUAL.search(text)
    if plan and not actual:
        return "plan"
    return "actual" if actual and not plan else None
