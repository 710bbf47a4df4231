"""A Snapshot → a few questions that it can answer, for the visitor who does not know what to ask.

Built from what the reports say of themselves: places, years, headings, and the usual indicators
where a report has them. The same snapshot gives the same questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reportqa.records import Metadata, Section

if TYPE_CHECKING:
    from reportqa.index import Snapshot

__all__ = ["example_questions", "place_name", "topic_of"]

INDICATORS = (
    "地区生产总值",
    "一般公共预算收入",
    "城镇新增就业",
    "社会消费品零售总额",
    "居民人均可支配收入",
)
REPORTS_READ = 4  # as many are asked about at most, evenly spaced over the snapshot

_NUMBER = re.compile(
    r"^(?:第[一二三四五六七八九十百\d]+(?:部分|章|节|编|篇)|[（(]?[一二三四五六七八九十百\d]+[)）、.．]+)[\s：:、]*"
)
_CLAUSE = re.compile(r"[，,。；;：:、—\s]")
_TOPIC = re.compile(r"[\u4e00-\u9fff]{4,14}")
_DOING = re.compile(
    r"(?:坚持|推进|推动|加快|加强|深化|提升|优化|完善|强化|聚焦|着力|实施|促进|扩大|抓好|做好|做强"
    r"|建设|打造|保障|保护|构建|培育|增进|改善|发展|激发|维护|夯实|提高|健全|落实)"
)
_PLACE = re.compile(r".+?(?:省|自治区|市|区|县|州|旗|盟)")
_EMPTY_WORDS = re.compile(r"回顾|情况|总体|要求|目标|安排|建议|任务|概况|前言|说明|解释|工作$")


def example_questions(snapshot: Snapshot, count: int = 4) -> tuple[str, ...]:
    """At most `count` questions, of several reports by turns; fewer where too little is known."""
    reports = snapshot.reports
    step = max(1, len(reports) // REPORTS_READ)
    asked = [_questions(snapshot, metadata) for metadata in reports[::step][:REPORTS_READ]]
    found: list[str] = []
    while asked and len(found) < count:
        for questions in list(asked):
            question = next(questions, None)
            if question is None:
                asked.remove(questions)
            elif question not in found:
                found.append(question)
    return tuple(found[:count])


def _questions(snapshot: Snapshot, metadata: Metadata) -> Iterator[str]:
    """The questions one report suggests: an indicator of its own, then topics of its headings."""
    place = place_name(metadata)
    text = snapshot.report(metadata.id).text
    held = [name for name in INDICATORS if name in text]
    if held:
        # two reports of one place should not ask for the same
        yield f"{place}{held[(metadata.year or 0) % len(held)]}是多少？"
    sections = [section for section in snapshot.sections(metadata.id) if topic_of(section)]
    year = f"{metadata.year}年" if metadata.year is not None else ""
    sections.sort(key=lambda section: _DOING.match(topic_of(section)) is None)
    for section in sections[1:] + sections[:1]:  # the first is often the most general
        topic = topic_of(section)
        if not _DOING.match(topic):
            yield f"{place}{year}“{topic}”具体指什么？"
        elif section.basis == "plan":
            yield f"{place}{year}计划怎样{topic}？"
        else:
            yield f"{place}是怎样{topic}的？"


def place_name(metadata: Metadata) -> str:
    """The smallest place a report is of; its title where no place is known."""
    places = _PLACE.findall(metadata.region or "")
    return places[-1] if places else metadata.region or f"《{metadata.title}》里"


def topic_of(section: Section) -> str:
    """What a section is about in a few words; empty where its heading does not tell."""
    if section.role != "body" or not 1 <= len(section.headings) <= 3:
        return ""
    words = _NUMBER.sub("", section.headings[-1].strip())
    clause = _CLAUSE.split(words, maxsplit=1)[0]
    return clause if _TOPIC.fullmatch(clause) and not _EMPTY_WORDS.search(clause) else ""
