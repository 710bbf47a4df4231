"""Which years a question asks about, and which years only say which report is meant.

In: a question in simplified characters, its places blanked out, and how to count relative words
(今年, 近五年): from the report it names, or else from the newest. The one idea: what is a report's
date (2021年报告中) is read first and taken out; the rest is read as a question words its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from reportqa.scope import read_years

__all__ = ["Anchor", "AskedYears", "read_asked_years"]

_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_YEAR = re.compile(
    r"(?<![一二三四五六七八九十百])[一二][九〇○零][〇○零一二三四五六七八九]{2}(?=年)"
)
_N = r"(两三|三五|两|二|三|四|五|六|七|八|九|十|[2-9]|10)"
_NUMBERS = {
    **dict(zip("二三四五六七八九十", range(2, 11), strict=True)),
    "两": 2,
    "两三": 3,
    "三五": 5,
}
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
          "ten": 10}  # fmt: skip

_REPORT = re.compile(
    r"(?<!\d)((?:19|20)\d\d|(?<![\d第近满])\d\d(?=年))年?(?:初|底|末|\d{1,2}月)?的?□*的?"
    r"(?:政府|人大|两会|国务院|全国|统计|计划|预算|党代会|年度|工作|国民经济[和与]社会发展|"
    r"脱贫|专项|这[份篇]|那[份篇]|我国|中央|执行情况)*(?:里|作)?的?(?:报告|公报)(?![期厅])|"
    r"\b(?:(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december) )?((?:19|20)\d\d) (?:[a-z]+ ){0,3}?(?:report|communiqué|communique|bulletin)\b|"
    r"\b(?:report|communiqué|communique|bulletin) (?:of|for|from|in|delivered in) (?:[a-z]+ )?"
    r"((?:19|20)\d\d)\b",
    re.IGNORECASE,
)

# The report to a party congress is named by the congress's number.
_CONGRESS = re.compile(
    r"(?<!贯彻)(?<!落实)(?<!学习)(?<![彻实习]党的)(十[二三四五六七八九]|二十)大"
    r"(?:上?的?报告|[上里]|(?:怎么|是怎么)?[说讲]|(?:提出|指出|强调)(?!的))"
)
_FIRST_COUNTED, _CONGRESS_YEARS = 1982, 5  # the twelfth, and one in five years since
_CONGRESSES = {
    name: _FIRST_COUNTED + _CONGRESS_YEARS * at
    for at, name in enumerate([*(f"十{digit}" for digit in "二三四五六七八九"), "二十"])
}

# What the country said, asked or meant to do in a year stands in that year's report, which tells of
# other years too.
_SAID_THEN = re.compile(
    r"(?<!\d)((?:19|20)\d\d)年(?=[^。？?\d]{0,24}?(?:国家|中央|总理)(?:是|又|都)?"
    r"(?:怎么|如何|[说讲看想]|要求|打算|提出|承认|决定|规定))"
)

# 24年 is 2024, but 30年来, 时隔30年 and 第30年 are spans.
_SHORT_YEAR = re.compile(
    r"(?<![\d第近满前这后])(?<!时隔)(?<!过去)(?<!连续)(?<!未来)(\d\d)年(?![来前后间内以代])"
)
_YEAR = re.compile(
    r"(?<![\d.])(?:19|20)\d\d\s*(?:学?年)(?:初|底|末|(?:上|下)半年|[一二三四]季度|\d{1,2}月)?"
)
_LISTED = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=(?:[、和与及]\s*(?:19|20)\d\d)+年)")
_BETWEEN = re.compile(
    r"(?<![\d.])((?:19|20)\d\d)年?\s*(?:[—–－\-~～]{1,2}|至|到|\bto\b|\band\b|\bthrough\b)\s*"
    r"((?:19|20)\d\d)(?![\d.,]\d)年?",
    re.IGNORECASE,
)
_ENGLISH_YEAR = re.compile(r"(?<![\d.,$¥])((?:19[4-9]|20[0-6])\d)(?![\d.%])(?!,\d)")
_BETWEEN_SHORT = re.compile(r"(?<![\d.])((?:19|20)\d\d)年?\s*[—–－\-~～至到]\s*(\d\d)年")
_DECADE = re.compile(
    r"(?:20世纪|上个?世纪)?([1-9]0|[一二三四五六七八九]十)年代(?:[初末]|[前中后]期)?"
)
_TENS = dict(zip("一二三四五六七八九", range(10, 100, 10), strict=True))
# 江汉2024财政收入, but not 2024户, 2000公里: a bare number is a year where no counter follows.
_BARE_YEAR = re.compile(
    r"(?<![\d.,$¥￥第])(?<!\d，)((?:19[4-9]|20[0-6])\d)(?![\d%％]|[.,，]\d|\s*[十百千万亿多余来几个名人户家元块吨"
    r"亩公平立方米套件项条座所处台辆次班天日号里位只头年届艘架栋间张册度克升瓦美港欧分小批宗起期强])"
)
_UNTIL = re.compile(
    r"(?:到|至|截至|截止到?)((?:19|20)\d\d)年(?:底|末)?(?:为止)?的?(?:这|前|过去|此前)?的?"
    + _N + r"年"
)  # fmt: skip
_BEFORE = re.compile(
    rf"\b({'|'.join(_WORDS)}) years (?:before|to|up to|until|ending in) ((?:19|20)\d\d)",
    re.IGNORECASE,
)
_SINCE = re.compile(r"((?:19|20)\d\d)年(?:以来|起|以后)|\bsince ((?:19|20)\d\d)\b", re.IGNORECASE)
_PAST = re.compile(
    r"(?:近|最近|过去|前|这|刚刚过去的|此前)的?(?:" + _N + r")个?年(?!前|级|度)|"
    r"(?<![\d一二三四五六七八九十第])" + _N + r"年(?:来|以来|间|里)"
)
_PAST_ENGLISH = re.compile(
    rf"\b(?:past|last|previous|preceding|recent) ({'|'.join(_WORDS)}|\d) years",
    re.IGNORECASE,
)
_NEXT = re.compile(r"(?:今后|未来|接下来|下)的?" + _N + r"年")
_NEXT_ENGLISH = re.compile(r"\b(?:next|coming) (two|three|four|five|ten) years", re.IGNORECASE)

_ORDINAL = r"(十[一二三四五六七]?|[一二三四五六七八九])"
_PLAN = re.compile(
    rf"[“\"「『‘]?{_ORDINAL}五[”\"」』’]?(?=期间|时期|规划|计划|以来|末|初|开局|收官|最后|头|第一年|这五年|五年|以?前|目标|的)|"
    rf"[“\"「『‘]{_ORDINAL}五[”\"」』’]|第{_ORDINAL}个五年(?:规划|计划)|"
    r"\b(\d{1,2})(?:st|nd|rd|th) five-year plan|\b([a-z]+) five-year plan",
    re.IGNORECASE,
)
_PLAN_PART = re.compile(r"(?:期间|时期)?的?([前后])" + _N + "年")
_PLAN_END = re.compile(r"(?:规划|计划|期间|时期)?的?(?:期?末|收官|最后一年|结束)")
_PLAN_START = re.compile(r"(?:规划|计划|期间|时期)?的?(?:开局|头一年|第一年|首年|期?初)")
_ORDINALS = dict(zip("一二三四五六七八九十", range(1, 11), strict=True))
_ORDINALS |= {f"十{word}": 10 + _ORDINALS[word] for word in "一二三四五六七"}
_ENGLISH_ORDINALS = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16,
}  # fmt: skip

_RELATIVE = (
    (re.compile(r"今年|本年度?|当年|\bthis year\b|\bcurrent year\b", re.IGNORECASE), 0),
    (re.compile(r"去年|上一?年(?![级纪])|\blast year\b|\bprevious year\b", re.IGNORECASE), -1),
    (re.compile(r"明年|下一年|来年|\bnext year\b|\bcoming year\b", re.IGNORECASE), 1),
    (re.compile(r"(?<![大以之])前年|\byear before last\b", re.IGNORECASE), -2),
)
# 比去年增长: only compared with.
_COMPARED = re.compile(
    r"(?:比|较|同)(?:上一?年|去年)(?:同期)?|compared (?:with|to) last year", re.IGNORECASE
)
LONGEST = 20  # years; of a longer span only the ends are kept


@dataclass(frozen=True, slots=True)
class Anchor:
    """What relative words count from: `now` is 今年, `reviewed` the last year looked back on."""

    now: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class AskedYears:
    """`spans` are the words that were read as time, in the text given."""

    years: tuple[int, ...]
    report_years: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


def read_asked_years(
    text: str, anchor_of: Callable[[tuple[int, ...]], Anchor | None]
) -> AskedYears:
    """`anchor_of` gives the anchor for the report years named, the newest for none; None where
    nothing is known. Places are given as □, two-digit years count up to the year after now."""
    text = _HAN_YEAR.sub(lambda match: match[0].translate(_HAN_DIGITS), text)
    newest = anchor_of(())
    reader = _Reader(text)
    reports = set()
    for match in reader.take(_REPORT):
        reports.add(_full_year(next(filter(None, match.groups()))))
    reports |= {_CONGRESSES[match[1]] for match in reader.take(_CONGRESS)}
    reports |= {int(match[1]) for match in reader.take(_SAID_THEN)}
    anchor = anchor_of(tuple(sorted(reports)))
    reader.read_plans(anchor)
    reader.read_spans(anchor)
    reader.read_single(newest)
    written_out = frozenset(reader.years)
    reader.read_relative(anchor or Anchor(0, 0))
    if anchor is None or (written_out and not reports):
        reader.years = set(written_out)
    years = tuple(sorted(year for year in reader.years if 1900 <= year <= 2099))
    return AskedYears(years, tuple(sorted(reports)), tuple(sorted(reader.spans)))


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


class _Reader:
    """A text from which what has been read is blanked out, with the years so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.years: set[int] = set()
        self.spans: list[tuple[int, int]] = []

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        found = list(pattern.finditer(self.text))
        for match in found:
            self._blank(match.start(), match.end())
        return found

    def _blank(self, start: int, end: int) -> None:
        self.spans.append((start, end))
        self.text = self.text[:start] + "　" * (end - start) + self.text[end:]

    def _add(self, first: int, last: int) -> None:
        self.years.update(range(first, last + 1) if 0 <= last - first <= LONGEST else (first, last))

    def read_plans(self, newest: Anchor | None) -> None:
        for match in self.take(_PLAN):
            number = _plan_number(match)
            if number is None:
                continue
            first = 1953 + 5 * (number - 1) if number < 3 else 1966 + 5 * (number - 3)
            before, after = self.text[: match.start()], self.text[match.end() :]
            if part := _PLAN_PART.match(after):
                count = min(5, _number(part[2]))
                start = first if part[1] == "前" else first + 5 - count
                self._add(start, start + count - 1)
                self._blank(match.end(), match.end() + part.end())
            elif _PLAN_END.match(after) or re.search(r"\b(?:end|last year) of the $", before):
                self._add(first + 4, first + 4)
            elif _PLAN_START.match(after) or re.search(r"\b(?:start|first year) of the $", before):
                self._add(first, first)
            elif after.startswith("以来") and newest is not None:
                self._add(first, newest.now)
            else:
                self._add(first, first + 4)

    def read_spans(self, newest: Anchor | None) -> None:
        for match in self.take(_UNTIL):
            self._add(int(match[1]) - _number(match[2]) + 1, int(match[1]))
        for match in self.take(_BEFORE):
            last = int(match[2]) - ("before" in match[0].lower())
            self._add(last - _number(match[1]) + 1, last)
        for match in self.take(_BETWEEN):
            self._add(int(match[1]), int(match[2]))
        for match in self.take(_BETWEEN_SHORT):
            self._add(int(match[1]), int(match[1][:2] + match[2]))
        for match in self.take(_DECADE):
            ten = _TENS.get(match[1][0]) or int(match[1])
            self._add(1900 + ten, 1909 + ten)
        for match in self.take(_SINCE):
            first = int(match[1] or match[2])
            self._add(first, newest.now if newest is not None and newest.now > first else first)

    def read_single(self, newest: Anchor | None) -> None:
        self.years |= {int(match[1]) for match in self.take(_LISTED)}
        if re.search(r"[\u3400-\u9fff]", self.text):
            self.years |= set(read_years(self.text, None))
            self.take(_YEAR)
            self.years |= {int(match[1]) for match in self.take(_BARE_YEAR)}
        else:
            self.years |= {int(match[1]) for match in self.take(_ENGLISH_YEAR)}
        for match in self.take(_SHORT_YEAR):
            year = _full_year(match[1])
            if newest is not None and year <= newest.now + 1:
                self.years.add(year)

    def read_relative(self, anchor: Anchor) -> None:
        self.take(_COMPARED)
        for pattern, shift in _RELATIVE:
            if self.take(pattern):
                self.years.add(anchor.now + shift)
        for pattern in (_PAST, _PAST_ENGLISH):
            for match in self.take(pattern):
                count = _number(next(filter(None, match.groups())))
                self._add(anchor.reviewed - count + 1, anchor.reviewed)
        for pattern in (_NEXT, _NEXT_ENGLISH):
            for match in self.take(pattern):
                self._add(anchor.reviewed + 1, anchor.reviewed + _number(match[1]))
        if self.take(_LAST_YEAR):
            self.years.add(anchor.reviewed)


_LAST_YEAR = re.compile(
    r"(?:刚刚)?过去的?[一1]年|(?<![\d一二三四五六七八九十])[一1]年来|近[一1]年(?!级)"
)


def _number(word: str) -> int:
    return _NUMBERS.get(word) or _WORDS.get(word.lower()) or int(word)


def _plan_number(match: re.Match[str]) -> int | None:
    han = match[1] or match[2] or match[3]
    if han:
        return _ORDINALS[han]
    return int(match[4]) if match[4] else _ENGLISH_ORDINALS.get(match[5].lower())
