"""The words before a number → whether they speak of a change, which way, and against what."""

from __future__ import annotations

import re
from typing import Literal

from reportqa.figures.grammar import BEYOND, COMPARED, DOWN, IMPROVED, OF_ANOTHER, UP
from reportqa.figures.quantities import Quantity

__all__ = ["Direction", "end_of_words", "read_predicate"]

Direction = Literal["up", "down"]
_PARTS = ("倍", "%", "成", "")
"""Units of what is taken of something else; a fraction has none."""


def end_of_words(read: str, start: int, quantity: Quantity) -> int:
    """Where the words before a quantity end, without what it is a multiple or a part of: 税收
    of 税收是2005年的1.4倍."""
    if quantity.unit not in _PARTS:
        return quantity.start
    found = OF_ANOTHER.search(read, start, quantity.start)
    return found.start() if found else quantity.start


def read_predicate(words: str) -> tuple[bool, Direction | None, str]:
    """Whether the words before a number speak of a change, which way, and against what."""
    words = re.sub(r"\s", "", words)
    against = ""
    for match in re.finditer(COMPARED, words):
        against = match[0]
    tail = words[-14:]
    if IMPROVED.search(words):
        return False, None, ""
    reached = re.search(r"(?:到|至|为|达|达到|突破|占|在)$", tail)
    rate = re.search(
        r"(?:增速|增幅|降幅|涨幅|增长率|增长(?:预期)?目标|年均增长)[^，]{0,10}$", words
    )
    if reached and not rate:
        return False, None, ""
    change = re.search(
        rf"(?:{UP}|{DOWN})(?:了|幅度?|速|率|约|超过?|预期|目标|定|为|达到?|保持|控制|在|幅|分别|各|近|逾|\s)*$",
        tail,
    )
    noun = re.search(r"(?:增速|增幅|降幅|涨幅|增长率)", tail)
    if not change and not noun:
        if beyond := re.search(rf"{BEYOND}$", words):
            return True, "down" if beyond[0][0] in "低慢" else "up", beyond[0]
        return False, None, against if re.search(r"年均|每年|逐年", against) else ""
    said = (change or noun)[0]  # type: ignore[index]
    if re.match(r"(?:新增|净增加?值?)", said) or words.endswith(("新增", "扩增")):
        return False, None, ""
    down = re.match(DOWN, said) or "降幅" in said
    return True, "down" if down else "up", against
