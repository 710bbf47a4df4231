"""Text → what a statement can be held to: figures, years, clauses, signs of plan and negation.

Statement and source are read by the same functions, so that both lose the same things: blanks,
full width, thousands commas. That is why figures are read here by a small grammar and not taken
from `reportqa.figures`, whose records stand in passages: what a model wrote has none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

__all__ = [
    "Figure",
    "bigrams",
    "clauses",
    "clean",
    "content",
    "direction",
    "read_figures",
    "read_statement_years",
]

HAN = "\u3007\u3400-\u9fff"
_SCALES = {"万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "千": 10**3}

# What is measured: its units, each with how many of the smallest it is. Counting words stand for
# one another (家, 个, 户); people do not stand for visits (人次).
_COUNTING = "个家户座所条件项支只台套张栋处起辆架艘部间块批类级种对幢口盏门册本篇例宗笔单"
_MEASURES: dict[str, dict[str, str]] = {
    "%": {"%": "1"},
    "百分点": {"个百分点": "1", "百分点": "1"},
    "元": {"元": "1"},
    "美元": {"美元": "1"},
    "倍": {"倍": "1"},
    "人次": {"人次": "1"},
    "人": {"人": "1", "名": "1", "位": "1"},
    "面积": {"平方公里": "1000000", "平方千米": "1000000", "公顷": "10000", "平方米": "1"},
    "亩": {"亩": "1"},
    "长度": {"公里": "1000", "千米": "1000", "米": "1"},
    "重量": {"吨": "1000", "公斤": "1", "千克": "1", "斤": "0.5"},
    "体积": {"立方米": "1"},
    "密度": {"公里/平方公里": "1"},
    "元/面积": {"元/平方公里": "1", "元/平方米": "0.000001"},
    "浓度": {"微克/立方米": "1", "毫克/立方米": "1000"},
    "电": {"千瓦时": "1", "度": "1"},
    "功率": {"千瓦": "1", "兆瓦": "1000"},
    "时间": {"分钟": "1", "小时": "60"},
    "天": {"天": "1"},
    "年数": {"年": "1"},
    "月": {"月": "1", "个月": "1"},
    "日": {"日": "1"},
    "场次": {"场次": "1", "场": "1", "次": "1"},
    "个": dict.fromkeys(_COUNTING, "1"),
}
_UNITS = {
    unit: (kind, Decimal(factor))
    for kind, units in _MEASURES.items()
    for unit, factor in units.items()
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?<![A-Za-z\d.+])(?P<value>\d+(?:\.\d+)?)"
    rf"[余多]?(?P<scale>万亿|千万|百万|亿|万|千)?[余多]?(?P<unit>{_UNIT})?(?![A-Za-z\d+])"
)
_JOINED = re.compile(r"^(?:左右|以上|以内|以下)?(?:[、和与及~—–-]|至|到|以及)$")
_HAN_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_HAN_FIGURE = re.compile(
    r"百分之(?P<percent>[〇零一二三四五六七八九十百]+(?:点[〇零一二三四五六七八九]+)?)"
    r"|(?<![第每逐统唯同这那哪各几“十百千万亿])"
    r"(?P<count>[二两三四五六七八九十百千万亿零〇一]+)"
    r"(?=个百分点|人次|[家名座所项支条栋万亿])"
)
_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)\s*年?(?:\s*[—–~至到-]+\s*((?:19|20)\d\d)\s*)年|"
                   r"(?<![\d.])((?:19|20)\d\d)\s*年度?")  # fmt: skip
_BASE_BEFORE = re.compile(r"(?:较|比|与|同|恢复到|相比于?|相对于?|自|从|由)$")
_COMPARED_AFTER = re.compile(r"^(?:相比|比较|比[,，]|的?水平|同期|的[^,，。;；]{0,6}倍)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9]")
_CLAUSE = re.compile(r"[，,；;：:。！？!?\n（）()]+")
_UP = re.compile(r"增长|上升|增加|提高|提升|上涨|扩大|升至|增至|攀升|回升")
_DOWN = re.compile(r"(?:负增长|下降|减少|降低|回落|缩小|下滑|压降|降至|减至|下跌|压减|降幅)")
_SAME = {
    "gdp": "地区生产总值",
    "GDP": "地区生产总值",
    "社零": "社会消费品零售",
    "人均收入": "人均可支配收入",
    "公共财政预算收入": "一般公共预算收入",
}
# Words that say how something is told and not what: they tell no figure from another.
_EMPTY = re.compile(
    r"预计|预期|目标|计划|力争|争取|完成|实现|达到|达|增长|增加|下降|上升|提高|提升|突破|超过|超|"
    r"约|共|为|是|的|了|将|到|至|等|与|和|及|或|在|从|较|比|相比|其中|包括|分别|同比|累计|全年|全区|"
    r"全市|全县|全省|左右|以上|以下|以内|不少于|低于|高于|多于|少于|总计|合计|预测|新增|则|而|也|又|"
    r"今年|去年|主要|具体|如下|根据|报告|提出|显示|指出|年均|年度|当年|因此|总量"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a cleaned text: what it measures ("" where no unit is written), how much in the
    smallest unit of that, and where it stands."""

    kind: str
    amount: Decimal
    start: int
    end: int


def clean(text: str) -> str:
    """The text as it is compared: half width, no blanks, no commas within numbers, no marks of
    formulas; line feeds become semicolons."""
    text = text.strip().replace("\n", "；")
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\s_{}$\\*`]+", "", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    for word, same in _SAME.items():
        text = text.replace(word, same)
    return text


def content(text: str) -> str:
    """A cleaned text without what says how: no figures, years, empty words."""
    return _EMPTY.sub("|", _FIGURE.sub("|", _YEAR.sub("|", text)))


def bigrams(text: str) -> set[str]:
    """Pairs of neighbouring Han characters, and Latin words with the numbers in them."""
    runs = re.findall(rf"[{HAN}]{{2,}}", text)
    return {run[i : i + 2] for run in runs for i in range(len(run) - 1)} | {
        word.casefold() for word in _LATIN.findall(text)
    }


def clauses(text: str) -> list[tuple[int, int]]:
    """The ranges of a cleaned text between commas and stronger stops."""
    edges = [0]
    for match in _CLAUSE.finditer(text):
        edges += [match.start(), match.end()]
    edges.append(len(text))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if b > a]


def read_figures(text: str) -> list[Figure]:
    """The figures of a cleaned text, years left out. A number without a unit before 、 or 和 and
    another number has that one's unit: 6.5、6.7 亿元."""
    years = [match.span() for match in _YEAR.finditer(text)]
    matches = [m for m in _FIGURE.finditer(text) if not any(a <= m.start() < b for a, b in years)]
    found: list[Figure] = []
    scale, unit, follows = 1, None, len(text)
    for match in reversed(matches):
        between = text[match.end() : follows]
        if match["unit"] or match["scale"] or not (_JOINED.match(between) and unit):
            scale, unit = _SCALES.get(match["scale"] or "", 1), match["unit"]
        follows = match.start()
        found.append(_figure(Decimal(match["value"]), scale, unit, match.start(), match.end()))
    found += _read_han_figures(text)
    return sorted(found, key=lambda figure: figure.start)


def _figure(value: Decimal, scale: int, unit: str | None, start: int, end: int) -> Figure:
    kind, factor = _UNITS.get(unit or "", ("", Decimal(1)))
    return Figure(kind, (value * scale * factor).normalize(), start, end)


def _read_han_figures(text: str) -> list[Figure]:
    """百分之六点五, 二十一家; a lone 一 counts nothing."""
    found = []
    for match in _HAN_FIGURE.finditer(text):
        words = match["percent"] or match["count"]
        if words == "一" or not any(c in _HAN_DIGITS or c == "十" for c in words):
            continue
        unit = "%" if match["percent"] else None
        value = _han_number(words)
        end = match.end()
        if unit is None:
            counted = re.match(_UNIT, text[end:])
            unit, end = (counted[0], end + counted.end()) if counted else (None, end)
        found.append(_figure(value, 1, unit, match.start(), end))
    return found


def _han_number(words: str) -> Decimal:
    whole, _, part = words.partition("点")
    total = section = digit = 0
    for char in whole:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        elif (scale := _HAN_SCALES[char]) >= 10**4:
            total, section, digit = (total + section + digit) * scale, 0, 0
        else:
            section, digit = section + (digit or 1) * scale, 0
    value = Decimal(total + section + digit)
    decimals = "".join(str(_HAN_DIGITS[c]) for c in part)
    return value + Decimal(f"0.{decimals}") if decimals else value


def read_statement_years(text: str) -> tuple[set[int], set[int]]:
    """The years a cleaned text speaks of, and those it only compares with (较2016年)."""
    spoken: set[int] = set()
    base: set[int] = set()
    for match in _YEAR.finditer(text):
        compares = _BASE_BEFORE.search(text[: match.start()]) or _COMPARED_AFTER.match(
            text[match.end() :]
        )
        into = base if compares else spoken
        into |= {int(year) for year in match.groups() if year}
    return spoken, base


def direction(text: str) -> int:
    """1 where the last word of the text that says so says up, −1 down, 0 none."""
    downs = [m.end() for m in _DOWN.finditer(text)]
    ups = [m.end() for m in _UP.finditer(_DOWN.sub(lambda m: "　" * len(m[0]), text))]
    if not downs and not ups:
        return 0
    return 1 if max(ups, default=-1) > max(downs, default=-1) else -1
