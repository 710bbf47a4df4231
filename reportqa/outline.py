"""A question for the tasks of a year → the headings under that part of a report, all, in order.

A report lists its main tasks by its own numbering. Sentences near in meaning name one or two of
them; the headings are the list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from reportqa.index import Snapshot
from reportqa.records import Basis, Citation, Hit, Section, Understanding

__all__ = ["cite_headings", "find_outline"]

LEAST, MOST = 3, 15  # headings of a part that are a list of its tasks

_WORK = re.compile(r"工作|任务|举措|措施|安排")
# A topic of these words alone asks for all of it: 重点任务, 要抓好的工作.
_ALL_OF_IT = re.compile(
    rf"(?:{_WORK.pattern}|政府|主要|重点|中心|核心|各项|目标|部署|思路|重要|推进|开展|做好|抓好|抓|做|要|的|了)+"
)
_DONE = re.compile("回顾|情况|成就|成效|工作")
_OWN = re.compile("自身建设|名词解释|附件")


def find_outline(
    snapshot: Snapshot, understood: Understanding, hits: Sequence[Hit]
) -> tuple[Citation, ...]:
    """A citation for each heading that the part asked about has below it, of the first report
    found that has such a part; none where not all tasks are asked for, or of no one place."""
    topic = "".join(understood.topic)
    if understood.asked not in ("list", None) or not _ALL_OF_IT.fullmatch(topic):
        return ()
    if not _WORK.search(topic):
        return ()
    basis = understood.basis or ("actual" if "了" in topic else "plan")
    one_place = len({one.region for one in snapshot.reports}) == 1
    for metadata in {hit.passage.metadata.id: hit.passage.metadata for hit in hits}.values():
        if metadata.region in understood.regions or (one_place and not understood.regions):
            parts = _parts(snapshot.sections(metadata.id))
            fitting = [one for one in parts if _is_asked_about(one, understood.years, basis)]
            if fitting:
                return cite_headings(snapshot, metadata.id, min(fitting, key=_span), 1)
    return ()


def _parts(sections: Sequence[Section]) -> Iterator[list[Section]]:
    """The sections under each top heading that have a heading of their own."""
    parts: dict[str, list[Section]] = {}
    for section in sections:
        if len(section.headings) > 1:
            parts.setdefault(section.headings[0], []).append(section)
    yield from parts.values()


def _is_asked_about(sections: Sequence[Section], years: Sequence[int], basis: Basis) -> bool:
    """Whether a part has a list of headings and most of it tells of these years, in that sense."""
    top = sections[0].headings[0]
    told = _WORK if basis == "plan" else _DONE
    if not told.search(top) or _OWN.search(top):
        return False
    if not LEAST <= len({section.headings[1] for section in sections}) <= MOST:
        return False
    bases = Counter(section.basis for section in sections)
    return bases[basis] > len(sections) / 2 and set(years) <= set(_years(sections))


def _years(sections: Sequence[Section]) -> list[int]:
    """The years that most sections of a part speak of."""
    told = Counter(year for section in sections for year in section.about)
    return [year for year, count in told.items() if count > len(sections) / 2]


def _span(sections: Sequence[Section]) -> int:
    return len(_years(sections))


def cite_headings(
    snapshot: Snapshot, report_id: str, sections: Sequence[Section], depth: int
) -> tuple[Citation, ...]:
    """The headings that the sections have at a depth, 0 being the top, where the text has them."""
    report = snapshot.report(report_id)
    citations: dict[str, Citation] = {}
    for section in sections:
        above, heading = section.headings[:depth], section.headings[depth]
        start = report.text.find(heading, section.start, section.body)
        if start >= 0 and heading not in citations:
            number, end = len(citations) + 1, start + len(heading)
            citations[heading] = Citation(number, report.metadata, above, start, end, heading)
    return tuple(citations.values())
