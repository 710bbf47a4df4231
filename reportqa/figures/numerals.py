"""Numbers as reports write them → floats: 1,234.5, ４．５, 一百二十, 两千三百万, 三点五.

`plain` makes a text easy to read by patterns without moving a single character: every offset in the
result is an offset in the original.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reportqa.lexical import simplify

__all__ = ["ARABIC", "HAN", "number_value", "plain"]

_PLAIN = str.maketrans("０１２３４５６７８９．％－−﹣", "0123456789.%---")
_TRADITIONAL = re.compile(r"[國個們這爲為與將從業產産實總萬億點兩餘噸條戶過長達減較現計劃間張]")
"""Characters one of which stands in any passage written in traditional ones."""
_MIDDLE_POINT = re.compile(r"(?<=\d)[·•](?=\d+[%万亿个倍])")

_DIGITS = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9,
}  # fmt: skip
_TENS = {"十": 10, "百": 100, "千": 1000}

ARABIC = r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\s?\.\s?\d+)?)"
"""Digits with thousands separators and decimals; a blank may stand at the decimal point."""

_HAN_PIECE = (
    r"[一二两三四五六七八九十][一二两三四五六七八九十百千零〇]*(?:点[一二三四五六七八九零〇]+)?"
)
HAN = rf"(?:(?:{_HAN_PIECE}(?:万亿|[万亿])零?)*{_HAN_PIECE})"
"""A Chinese numeral; a last 万 or 亿 is left to the unit, as in 3.5 万."""


@lru_cache(maxsize=8)
def plain(text: str) -> str:
    """Full-width digits, points, signs and ％ as ASCII, 19·5% as 19.5%, traditional characters as
    simplified ones, character for character."""
    if _TRADITIONAL.search(text):
        simple = simplify(text)
        text = simple if len(simple) == len(text) else text
    return _MIDDLE_POINT.sub(".", text.translate(_PLAIN))


def number_value(written: str) -> float | None:
    """The value of a number that `ARABIC` or `HAN` has matched; None for what is no number, such
    as 二三 or 百十."""
    if written[0].isdigit():
        return float(re.sub(r"[\s,，]", "", written))
    whole, _, decimals = written.partition("点")
    value = _han_integer(whole)
    if value is None or not decimals:
        return value
    return value + float("0." + "".join(str(_DIGITS[digit]) for digit in decimals))


def _han_integer(written: str) -> float | None:
    """一万二千 → 12000; digits read one by one (二〇二四) only where all are digits."""
    if len(written) > 1 and all(char in _DIGITS for char in written):
        if any(char in "零〇" for char in written):
            return float("".join(str(_DIGITS[char]) for char in written))
        return None
    for myriad, size in (("亿", 10**8), ("万", 10**4)):
        before, sign, after = written.rpartition(myriad)
        if sign:
            whole = _han_integer(before) if before else None
            rest = _han_integer(after) if after else 0.0
            return None if whole is None or rest is None else whole * size + rest
    part, digit = 0, None
    for char in written:
        if char in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[char]
        else:
            part += _TENS[char] * (1 if digit is None else digit)
            digit = None
    return float(part + (digit or 0))
