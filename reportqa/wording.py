"""A question as it is typed → as it is compared: without courtesies, in the reports' characters.

A model reads simplified and traditional characters as different words, though related ones, and
“请问一下”, “谢谢” and a closing “怎么办” as part of what is sought; all move a question's vector
away from the passage that answers it. What is shown and quoted keeps the asker's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from reportqa.lexical import simplify, traditionalise

__all__ = ["in_script", "is_traditional", "without_courtesies"]

READ = 20_000  # characters by which the script of reports is told
TRADITIONAL = 0.1  # share of characters that simplifying changes; of traditional texts .3 and more

_BEFORE = re.compile(
    r"^(?:(?:"
    r"[你您]好|请问(?:一下)?|想(?:请)?问(?:一下|下|问)?|我?想(?:请教|咨询|知道|了解)(?:一下|下)?|"
    r"麻烦[您你]?(?:问|查|找)?(?:一下|下)?|(?:请|帮我|帮忙|麻烦)+(?:查|找|搜)(?:一下|下|查|找)?|"
    r"(?:请|能不能|能否|可以|可否|麻烦)*告诉我|"
    r"(?:hi|hello|excuse me|please|(?:can|could) you (?:please )?tell me)\b"
    r")[，,、：:。！!\s]*)+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?<=[^\s，,。！!])[，,。！!；;\s]*(?:谢谢|多谢|感谢|谢了|拜托|(?:thanks|thank you)\b)"
    r"(?:[您你]|了|啦|大家)*[。！!~～.\s]*$",
    re.IGNORECASE,
)
_HELPLESS = re.compile(
    r"(?<=[\u3400-\u9fff]{2})[，, ]?(?:我们?|那|该|应该|要)*"
    r"(?:怎么办|咋办|咋整)[呢啊呀]?[？?。！!\s]*$"
)  # 堵车怎么办: sentences on what is to be done come before those on traffic jams
_HAN = re.compile(r"[\u3400-\u9fff]")


def without_courtesies(question: str) -> str:
    """The question without the polite words before and after it and a closing 怎么办; itself where
    nothing else is left, or where converting it to find them changes its length."""
    plain = simplify(question)
    if len(plain) != len(question):
        return question
    before = _BEFORE.match(plain)
    after = _AFTER.search(plain)
    start, end = before.end() if before else 0, after.start() if after else len(plain)
    if helpless := _HELPLESS.search(plain, start, end):
        end = helpless.start()
    ended = question[end:] and question[end - 1] not in "？?"
    kept = question[start:end].strip()
    if not kept:
        return question
    return f"{kept}？" if ended and _HAN.search(kept) else kept


def is_traditional(texts: Iterable[str]) -> bool:
    """Whether texts are written in traditional characters, by the first READ characters."""
    sample = "".join(islice((c for text in texts for c in _HAN.findall(text)), READ))
    changed = sum(old != new for old, new in zip(sample, simplify(sample), strict=False))
    return changed > TRADITIONAL * len(sample)


def in_script(question: str, *, traditional: bool) -> str:
    """The question in traditional or in simplified characters."""
    return traditionalise(question) if traditional else simplify(question)
