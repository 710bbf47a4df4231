"""Question → whether it asks which of all places is first or last, which hardly a report tells.

Each report speaks of its own place. Which has most is seen by setting the figures of all side by
side; a sentence answers only where it itself tells a rank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportqa.places import NATION
from reportqa.records import Evidence, Hit, Understanding

__all__ = ["AREAS", "FIRST", "asks_which_is_first", "doubt_first"]

AREAS = r"(?:城市|地区|地方|省[份市]?|区县|县[区市]?|地市|市|区|州|旗)"
_WHICH = re.compile(
    rf"(?:哪|谁|什么|各)[一个些几座家大]*{AREAS}|{AREAS}(?:是|在|为|属于?)?哪|谁|哪里|哪儿|"
    r"\b(?:which|what) (?:city|cities|place|province|county|district|region|area)",
    re.IGNORECASE,
)
FIRST = re.compile(
    r"最[高低多少快慢大小强弱]|第一(?![产季批书次个届期])|排名|排行|排第|领先|垫底|居首|榜首|倒数|"
    r"\b(?:highest|lowest|most|fewest|largest|smallest|biggest|fastest|slowest|ranks?|ranking)\b",
    re.IGNORECASE,
)
_RANK = re.compile(
    r"第[一二三四五1-5](?![产季批书次个届期项])|首位|榜首|冠军|排[名行位第]|位[居列]|名列|领先|"
    r"最[高低多少快慢大小]|居[^，。；]{0,6}[首前]"
)


def asks_which_is_first(question: str, understood: Understanding) -> bool:
    """Whether a question that names no place but the nation asks which is first, or last."""
    if set(understood.regions) - {NATION} or understood.missing:
        return False
    return bool(_WHICH.search(question) and FIRST.search(question))


def doubt_first(
    question: str, understood: Understanding, read: Sequence[tuple[Hit, Evidence]]
) -> str | None:
    """Why the sentences `read` do not tell which place is first: none of them tells a rank."""
    if not asks_which_is_first(question, understood):
        return None
    if any(_RANK.search(hit.passage.quote(one.span)) for hit, one in read):
        return None
    return "每份报告只说本地，没有一处原文比较各地的高低；各地的数字可以并排查看"
