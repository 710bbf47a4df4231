"""A question for a list → its items, all of them and in order, where a report numbers them.

Reports number in running text and over paragraphs (一是…；二是…, （1）…, 第一，…), and a passage
holds a part of such a row: sentences near in meaning name one or two of its items. The row is read
from the section, and the words before it say what it lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportqa.figures.numerals import number_value
from reportqa.fitting import share_said, words
from reportqa.index import Snapshot
from reportqa.outline import cite_headings
from reportqa.records import Citation, Evidence, Hit, Section, Span, Understanding

__all__ = ["NumberedList", "find_items", "read_lists"]

LEAST, MOST = 3, 40  # items that are a list
READ = 6  # best sentences, one of which must stand in the list or lead to it
LEADING = 160  # characters before the first item that say what it lists,
HEADED = 600  # and from its heading, where that may say so too
HELD = 0.6  # share of the topic's words that these and the headings must hold,
COUNTED = 0.3  # and where these count the items as the topic does: 五个方面
ITEM = 60  # characters of an item, filled up with its clauses
APART = 1500  # characters from one item to the next

_CHINESE = "[一二三四五六七八九十]{1,3}"
_MARK = re.compile(
    rf"(?P<is>{_CHINESE})(?:是|要|个是)[，,]?|"
    rf"第(?P<nth>{_CHINESE})[，,、：]|"
    rf"[（(](?P<bracket>\d{{1,2}}|{_CHINESE})[）)]|"
    r"(?P<plain>\d{1,2})(?:[.．、](?!\d))"
)
_BEFORE = re.compile(r"(?:^|[。；;：:，,！？!?\n])\s*$")
_ENDS = re.compile(r"[。；;！!\n]")
_CLAUSE = re.compile(r"[^，,：:]*[，,：:]?")
_TRAIL = "，,；;：:。、！! \n"
_NUMBER = re.compile(
    rf"(?P<number>\d{{1,2}}|{_CHINESE}|[两几])(?:大|个|项|件|条|类|种|方面|点)+(?:方面)?"
)
_WHICH = re.compile(rf"(?<=哪){_NUMBER.pattern}")
_GENERAL = re.compile(
    r"具体|主要|重点|内容|举措|措施|要求|做法|方面|任务|项目|事项|分别|工作|面临|提出|采取|抓好?|做好?|开展|实施|办好|的|了|来|要|将"
)


@dataclass(frozen=True, slots=True)
class NumberedList:
    """A row of numbered items of a section: where each begins, its mark included, and where its
    first sentence ends. `lead` is the text before the first item."""

    section: Section
    lead: Span
    items: tuple[Span, ...]


def find_items(
    snapshot: Snapshot,
    question: str,
    understood: Understanding,
    best: Sequence[tuple[Hit, Evidence]],
) -> tuple[tuple[Citation, str], ...]:
    """A citation for each item of the list that is asked for, with the stretch of it that is said,
    behind the sentence that leads to it where no heading names the topic; none where no list is
    asked for, or where none of the best sentences stands in one that is of the topic."""
    counted = _NUMBER.search("".join(understood.topic)) or _WHICH.search(question)
    count = _count(counted)
    if understood.asked != "list" and (understood.asked or count is None):
        return ()
    asked = [_NUMBER.sub("，", part) for part in understood.topic]
    topic = words(*(_GENERAL.sub("，", part) for part in asked)) or words(*asked)
    if not topic:
        return ()
    for hit, evidence in best[:READ]:
        if _of_question(hit, understood):
            found = _in_text(snapshot, hit, evidence, topic, counted)
            if found or (found := _in_headings(snapshot, hit, topic, count)):
                return found
    return ()


def _in_text(
    snapshot: Snapshot,
    hit: Hit,
    evidence: Evidence,
    topic: set[str],
    counted: re.Match[str] | None,
) -> tuple[tuple[Citation, str], ...]:
    """The items of a list of the passage's section, where the sentence stands in it or before it,
    and what leads to it holds as much of the topic as the sentence."""
    text = snapshot.report(hit.passage.metadata.id).text
    said = share_said(topic, hit.passage.quote(evidence.span))
    count = _count(counted)
    lists = list(read_lists(text, hit.passage.section))
    for found in lists:
        # a heading over several lists, or far above one, says of none what it lists
        near = len(lists) == 1 and found.lead.end - found.section.body <= HEADED
        heading = "".join(found.section.headings[-1:]) if near else ""
        inside = found.lead.start <= evidence.span.start < found.items[-1].end
        fits = count is None or count == len(found.items)
        around = f"{heading} {text[found.lead.start : found.lead.end]}"
        least = COUNTED if counted and count and counted[0] in around else HELD
        if inside and fits and share_said(topic, around) >= max(least, said):
            headed = share_said(topic, heading) >= HELD
            spans = found.items if headed else (_leading(text, found), *found.items)
            told = [span for span in spans if span.end > span.start]
            return tuple(_cite(n, hit, text, span) for n, span in enumerate(told, 1))
    return ()


def _in_headings(
    snapshot: Snapshot, hit: Hit, topic: set[str], count: int | None
) -> tuple[tuple[Citation, str], ...]:
    """The headings below the one that a number of things is announced under, as many as asked
    for."""
    if count is None or not LEAST <= count <= MOST:
        return ()
    metadata = hit.passage.metadata
    text = snapshot.report(metadata.id).text
    path = hit.passage.section.headings
    for depth in range(len(path), 0, -1):
        under = [s for s in snapshot.sections(metadata.id) if s.headings[:depth] == path[:depth]]
        below = [section for section in under if len(section.headings) > depth]
        lead = "".join(text[s.start : s.end] for s in under if len(s.headings) == depth)
        as_many = count == len({section.headings[depth] for section in below})
        if as_many and share_said(topic, lead[-LEADING:]) >= HELD:
            cited = cite_headings(snapshot, metadata.id, below, depth)
            return tuple((citation, citation.quote) for citation in cited)
    return ()


def read_lists(text: str, section: Section) -> Iterator[NumberedList]:
    """The numbered lists of a section of this text, in order."""
    rows: dict[str, list[int]] = {}
    for style, number, start in _marks(text, section):
        row = rows.get(style, [])
        if number == len(row) + 1 and number > 1 and start - row[-1] <= APART:
            row.append(start)
        elif number == 1:
            if len(row) >= LEAST:
                yield _list(text, section, row)
            rows[style] = [start]
    for row in rows.values():
        if len(row) >= LEAST:
            yield _list(text, section, row)


def _marks(text: str, section: Section) -> Iterator[tuple[str, int, int]]:
    """The marks of items in a section: their way, their number, and where they begin."""
    for found in _MARK.finditer(text, section.start, section.end):
        before = text[max(section.start, found.start() - 3) : found.start()]
        style = found.lastgroup
        if style and _BEFORE.search(before):
            yield style, int(number_value(found[style]) or 0), found.start()


def _list(text: str, section: Section, starts: Sequence[int]) -> NumberedList:
    lead = Span(max(section.body, starts[0] - LEADING), starts[0])
    bounds = [*starts[1:], section.end]
    items = tuple(
        Span(start, _end(text, start, bound)) for start, bound in zip(starts, bounds, strict=True)
    )
    return NumberedList(section, lead, items)


def _end(text: str, start: int, bound: int) -> int:
    """Where the first sentence of an item ends, its mark not being one."""
    mark = _MARK.match(text, start)
    begins = mark.end() if mark else start
    begins += len(text[begins:bound]) - len(text[begins:bound].lstrip())
    found = _ENDS.search(text, begins, bound)
    return found.end() if found else bound


def _leading(text: str, found: NumberedList) -> Span:
    """The sentence before the first item."""
    lead = text[found.lead.start : found.lead.end].rstrip()
    begins = max((match.end() for match in _ENDS.finditer(lead.rstrip(_TRAIL))), default=0)
    return Span(found.lead.start + begins, found.lead.start + len(lead))


def _of_question(hit: Hit, understood: Understanding) -> bool:
    """Whether a passage is of the place, the years and the sense asked about."""
    passage = hit.passage
    if understood.regions and passage.metadata.region not in understood.regions:
        return False
    if understood.years and passage.about and not set(understood.years) & set(passage.about):
        return False
    return understood.basis is None or passage.basis in (None, understood.basis)


def _count(counted: re.Match[str] | None) -> int | None:
    """How many items the topic says there are; None where it leaves that open."""
    if counted is None or counted["number"] == "几":
        return None
    return int(number_value(counted["number"]) or 0)


def _cite(number: int, hit: Hit, text: str, item: Span) -> tuple[Citation, str]:
    """The first sentence of an item, and of it the clauses that fit."""
    quote = text[item.start : item.end].rstrip(_TRAIL)
    end = 0
    for clause in _CLAUSE.finditer(quote):
        if end and clause.end() > ITEM:
            break
        end = clause.end()
    passage = hit.passage
    cited = Citation(
        number,
        passage.metadata,
        passage.section.headings,
        item.start,
        item.start + len(quote),
        quote,
    )
    return cited, " ".join(quote[:end].rstrip(_TRAIL).split())
