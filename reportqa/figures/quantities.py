"""A passage's text → its quantities: numbers with comparator and unit, where each stands.

The one idea: a number is a quantity only by what stands after it. A unit, a scale (万, 亿), a
percentage, a fraction or a multiple makes one; dates, ordinals, numbered headings, document
numbers, names (“十四五”, 5G, “15分钟生活圈”) and thresholds that only say which things are counted
(500万元以上项目) make none. Rankings (全市第一) are ordinals, hence none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import prod

from reportqa.figures.lookalikes import is_no_quantity
from reportqa.figures.numerals import ARABIC, HAN, number_value, plain
from reportqa.figures.units import COUNTERS, RATE, UNIT
from reportqa.records import SCALES, Comparator

__all__ = ["Quantity", "find_quantities"]

NATION = 1e7


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit in a text: `start`:`end` with comparator and unit, the number itself
    from `number`. `counts` where the unit only counts things that are named beside it."""

    start: int
    end: int
    number: int
    value: float
    high: float | None
    unit: str
    comparator: Comparator
    comparator_words: str
    counts: bool

    @property
    def of_a_nation(self) -> bool:
        """Whether it is as large as a number of all people of a country or a large part of it."""
        scale = prod(SCALES.get(char, 1.0) for char in self.unit)
        return self.value * scale >= NATION


_SCALE = (
    r"(?:个\s?亿(?!元以上|元级|级)|万\s?[多余]?[万亿]|"
    r"[十百千]?\s?万|[十百千]?\s?亿|千(?![伏瓦米克升])|百)"
)
_MORE = r"(?:多|余|几)"
_BEFORE = (
    r"(?:尚未|没有|未能?)(?:达到|突破|超过|迈过)|不少于|不低于|不小于|不下于|至少|起码|不超过|不高于|不大于|不突破|最多|至多|超过了|超过|"
    r"高于|大于|多于|突破了|突破|达到或超过|"
    r"低于|少于|小于|不足|不到|未达|接近于|接近|将近|大约|大概|约为|(?<![签节契合条履违集])约|(?<![附最邻临亲贴逼])近|"
    r"逾|(?<![超通经不度])过(?=\s?[\d千百])|(?<!高)(?<!赶)超"
)
_AFTER = r"及以上|以上|或以上|左右|上下|以内|之内|及以下|以下|之多|[多余](?!出)"
_DASH = r"(?:[—–\-~～]{1,2}|至|到)"

_NUMBER = rf"(?:{ARABIC}|{HAN})"
_PERCENT_OF = r"(?:百|千|万)分之"
_QUANTITY = re.compile(
    rf"""(?P<before>(?:{_BEFORE})\s*)?
    (?:(?P<per>{_PERCENT_OF})\s*(?P<per_low>{_NUMBER})
           (?:\s*{_DASH}\s*(?:{_PERCENT_OF})?\s*(?P<per_high>{_NUMBER}))?(?P<per_more>{_MORE})?
      |(?P<whole>{HAN})分之(?P<part>{HAN})(?P<part_more>{_MORE})?
      |(?<![\dA-Za-z第/.])(?P<parts>[1-9][/／](?:[2-9]|10)(?![\d/.A-Za-z号]))(?P<parts_more>{_MORE})?
      |翻(?:了|上)?(?P<turns>[一两二三四五1-5])?(?:番|倍)
      |(?P<tenths>[一二两三四五六七八九])成(?P<tenths_more>[多半])?
         (?=以上|左右|以下|的|[，。；、）)]|为|来自|达到|实现)
      |(?P<low>(?<!\d)[+-](?=\d){ARABIC}|{_NUMBER})
         (?:\s*{_SCALE}?\s?(?:{UNIT})?\s*{_DASH}\s*(?P<high>{_NUMBER}))?
         \s?(?P<more>{_MORE})?\s?(?P<scale>{_SCALE})?\s?(?P<more_late>{_MORE})?
         \s?(?P<unit>(?:{UNIT})(?:{RATE})?)?
      |(?:(?<=[近上逾超过约])|(?<=突破)|(?<=[一-龥]达)|(?<=突破了)|(?<=超过了)|(?<=推出)|(?<=完成)|(?<=稳定在))
         (?P<bare>[十百千](?=[万亿]|{UNIT})|(?=万亿)|(?<!上)(?=万(?:{UNIT})))
         (?P<bare_scale>万亿|[万亿])?(?P<bare_unit>{UNIT})?
    )
    (?P<after>\s?(?:{_AFTER}))?""",
    re.VERBOSE,
)

_COMPARATORS: tuple[tuple[str, Comparator], ...] = (
    ("不少于|不低于|不小于|不下于|至少|起码|及以上|以上|或以上|达到或超过", "at_least"),
    ("不超过|不高于|不大于|不突破|最多|至多|以内|之内|及以下|以下", "at_most"),
    ("低于|少于|小于|不足|不到|未|没有", "under"),
    ("超过|高于|大于|多于|突破|逾|超|过|多|余|几|之多|半", "over"),
    ("接近|将近|大约|大概|约|近|左右|上下", "about"),
)
_COMPARATOR_PATTERNS = tuple((re.compile(words), name) for words, name in _COMPARATORS)


def find_quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in order; none overlaps another."""
    read = plain(text)
    quoted = [match.span() for match in _SHORT_QUOTE.finditer(read)]
    found: list[Quantity] = []
    bare: list[Quantity] = []
    for match in _QUANTITY.finditer(read):
        if is_no_quantity(read, match) or any(a <= match.start() < b for a, b in quoted):
            continue
        if match["turns"] and read.rfind("“", 0, match.start()) > read.rfind("”", 0, match.start()):
            continue  # a slogan
        quantity = _quantity(match)
        if quantity is None:
            continue
        told = match["turns"] or match["part"] or match["parts"] or match["scale"]
        if not quantity.unit and not told:
            bare.append(quantity)
            continue
        found.extend(_sharing(read, bare, quantity))
        bare = []
        found.append(quantity)
    found = sorted(found + _bare_levels(read, bare), key=lambda q: q.start)
    pairs = zip_longest(found, found[1:])
    return [_with_unit_of(read, quantity, after) for quantity, after in pairs if quantity]


def _with_unit_of(text: str, quantity: Quantity, after: Quantity | None) -> Quantity:
    """A number that leaves a part of its unit to the next: 6.4 个和 8.9 个百分点."""
    if after is None or quantity.unit == after.unit or not after.unit.startswith(quantity.unit):
        return quantity
    if quantity.unit not in ("个", "万", "亿") or not _TWO.fullmatch(
        text, quantity.end, after.start
    ):
        return quantity
    return replace(quantity, unit=after.unit, counts=after.counts)


_SHORT_QUOTE = re.compile(r"[“‘\"「『《][^”’\"」』》\n]{1,14}[”’\"」』》]")
_LIST_GAP = re.compile(r"\s*(?:、|和|及|与|以及|，)\s*")
_TWO = re.compile(r"\s*[、和]\s*")
_TOGETHER = re.compile(r"分别|各")


def _sharing(text: str, bare: list[Quantity], last: Quantity) -> Iterator[Quantity]:
    """Numbers of a list that leave their unit to its last: 完成 x、y、z 亿元."""
    chain: list[Quantity] = []
    at = last.start
    for quantity in reversed(bare):
        if not _LIST_GAP.fullmatch(text, quantity.end, at):
            break
        chain.append(replace(quantity, unit=last.unit, counts=last.counts))
        at = quantity.start
    if chain and _TOGETHER.search(text, max(0, at - 40), at):
        yield from reversed(chain)


_BARE_SUBJECT = re.compile(
    r"(?:指数|系数|得分|比例|容积率|总分|密度|综合指数)[^，。；\n]{0,8}?(?:达到?|为|是|降至|降到|"
    r"升至|控制在)?\s*$"
)


def _bare_levels(text: str, bare: list[Quantity]) -> list[Quantity]:
    """Numbers without a unit that an index or a coefficient takes."""
    return [q for q in bare if _BARE_SUBJECT.search(text, max(0, q.start - 20), q.start)]


def _quantity(match: re.Match[str]) -> Quantity | None:
    """What a match says; None where its numeral is none (二三级)."""
    words = [match["before"] or "", match["after"] or ""]
    start, end = match.span()
    end -= len(match[0]) - len(match[0].rstrip())
    high: float | None = None
    comparator: Comparator | None = None
    unit, number = "", start + len(words[0])
    value: float | None
    if match["per"]:
        value, high = number_value(match["per_low"]), _optional(match["per_high"])
        unit = {"百": "%", "千": "‰", "万": "‱"}[match["per"][0]]
        words[1] = (match["per_more"] or "") + words[1]
    elif match["part"]:
        whole, part = number_value(match["whole"]), number_value(match["part"])
        value = None if not whole or part is None else part / whole
        words[1] = (match["part_more"] or "") + words[1]
    elif match["parts"]:
        part, whole = map(float, re.split("[/／]", match["parts"]))
        value = part / whole if part < whole else None
        words[1] = (match["parts_more"] or "") + words[1]
    elif match["tenths"]:
        value, unit = number_value(match["tenths"]), "成"
        words[1] = (match["tenths_more"] or "") + words[1]
    elif match["bare"] is not None:
        value = {"十": 10.0, "百": 100.0, "千": 1000.0, "": 1.0}[match["bare"]]
        unit = (match["bare_scale"] or "") + (match["bare_unit"] or "")
        words[0] = "超" if not words[0] else words[0]
    elif match["low"] is None:
        turns = match["turns"]
        value, unit = 2.0 ** (_optional(turns) or 1), "倍"
        comparator = "multiple"
        words[0] = match[0].strip()
    else:
        sign = -1 if match["low"][0] == "-" else 1
        scale, low = match["scale"] or "", match["low"].lstrip("+-")
        if "亿" in low and scale:  # 六百零三亿五千万元: one number, not a number of 万元
            scale, low = "", low + scale
        value, high = number_value(low), _optional(match["high"])
        value = None if value is None else sign * value
        unit = re.sub(r"\s|^个(?=亿)|[多余](?=亿)", "", scale + (match["unit"] or ""))
        inside = "多" if re.search(r"[多余]", scale) else ""  # 4 万多亿元
        words[1] = (match["more"] or "") + inside + (match["more_late"] or "") + words[1]
    if value is None:
        return None
    told = "".join(word.strip() for word in words)
    counts = not re.sub("[十百千万亿]", "", unit) or _counter(unit) in COUNTERS
    return Quantity(
        start, end, number, value, high, unit, comparator or _comparator(told), told, counts
    )


def _counter(unit: str) -> str:
    """The unit without its scale: 户 of 万户."""
    return unit.lstrip("十百千万亿")


def _optional(written: str | None) -> float | None:
    return None if written is None else number_value(written)


def _comparator(words: str) -> Comparator:
    for pattern, name in _COMPARATOR_PATTERNS:
        if words and pattern.search(words):
            return name
    return "none"
