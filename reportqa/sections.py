"""A Report comes in, its Sections come out; they tile its text exactly.

The one idea: every line first gets a zone (title, contents, body, closing, notes) by where it
stands and how it looks; the headings that the grammar (headings.py) finds in body and notes then
open one section each, with the path of headings above them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from reportqa.headings import (
    ADDRESS,
    LOOK,
    PART_TITLE,
    SENTENCE,
    Heading,
    Line,
    find_headings,
    is_annex,
    is_glossary,
    match_rule,
    split_lines,
)
from reportqa.records import Section
from reportqa.scope import (
    COMMUNIQUE,
    delivery_year,
    heading_scope,
    passage_scope,
    read_part_basis,
    reviewed_year,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reportqa.records import Basis, Report, Role

__all__ = ["split_sections"]

YEARLY = frozenset({"政府工作报告", "计划报告", COMMUNIQUE})
"""Kinds of reports that look back on one year and ahead to one, where nothing else is said."""

_TITLE_LINE = re.compile(
    r"报\s*告|公\s*报|规\s*划|纲\s*要|来\s*源|作\s*者|会议上|代表大会|添加时间|发布时间|发布日期|浏览次数|字号|打印|统计局|调查总?队|"
    r"^[—\-（(]*\s*(?:19|20)[\d\s]{2,4}\s*年\s*\d+\s*月|^[（(]?[一二][九〇○零].{2}年.{1,3}月|(?:主席|总理|省长|市长|区长|县长|州长|盟长|旗长|主任|书记)"
)
_TITLE_END = re.compile(r"(?:报\s*告|公\s*报|规\s*划|纲\s*要)[①\s]*$")
_DELIVERED = re.compile(r"(?:作|做).{0,14}报告。$")
_SALUTATION = re.compile(
    r"(?:尊敬的)?(?:各位|同志|全体)[^。]{0,14}[：:，,！!]?$|各位代表[：:，,！!]?$"
)
_CONTENTS = re.compile(r"(?:目\s*[录錄次]|contents)$", re.IGNORECASE)
_DOTS = re.compile(r"[\s.．…·‥・\-—]*\d*\s*$")
_LEADER = re.compile(r"(?:[.．…·‥・]{2,}|\s)\s*\d{1,3}\s*$")
_CLOSING = re.compile(r"让我们|团结奋斗|努力奋斗|而奋斗|新篇章|新辉煌|新局面|谢谢大家")


def split_sections(report: Report) -> tuple[Section, ...]:
    """The sections of a report, in order; they tile its text exactly, each paragraph's line feed
    belonging to the section before it. An empty text has none."""
    if not report.text:
        return ()
    lines = split_lines(report.text)
    zones = _zones(lines)
    headings = find_headings(report, lines, zones)
    return tuple(_tile(report, lines, zones, headings))


# --- zones: which lines are title, contents, body, closing, notes -------------------------------


def _zones(lines: Sequence[Line]) -> list[Role]:
    zones: list[Role] = ["body"] * len(lines)
    at = _end_of_title(lines, 0)
    zones[:at] = ["title"] * at
    after = _end_of_contents(lines, at)
    if after > at:
        zones[at:after] = ["contents"] * (after - at)
        at = _end_of_title(lines, after)
        zones[after:at] = ["title"] * (at - after)
    notes = _start_of_notes(lines, at)
    zones[notes:] = ["notes"] * (len(lines) - notes)
    closing = _start_of_closing(lines, at, notes)
    zones[closing:notes] = ["closing"] * (notes - closing)
    return zones


def _end_of_title(lines: Sequence[Line], at: int) -> int:
    """The line after the title block: the last line near the top that looks like one of title,
    date, speaker, source or salutation, with nothing but short lines before it."""
    end = at
    for index in range(at, min(at + 14, len(lines))):
        text = lines[index].text
        short = len(text) <= 80 and not text.endswith(("；", "！", "？"))
        short = short and (text[-1:] != "。" or bool(_DELIVERED.search(text)))
        if not short or _CONTENTS.match(text) or (index > at and match_rule(text)):
            break
        if _SALUTATION.match(text):
            return index + 1
        named = _TITLE_LINE.search(text) and not PART_TITLE.search(_TITLE_LINE.sub("", text))
        if named or (index == at and _TITLE_END.search(text)):
            end = index + 1
    return end


def _end_of_contents(lines: Sequence[Line], at: int) -> int:
    """The line after a run of entries that bear page numbers or come again as headings."""
    start = at
    while start < min(at + 4, len(lines)) and not _CONTENTS.match(lines[start].text):
        start += 1
    named = start < min(at + 4, len(lines))
    first = start + 1 if named else at
    last_seen = {_entry(line.text): index for index, line in enumerate(lines)}
    end = first
    while end < len(lines):
        text = lines[end].text
        again = last_seen.get(_entry(text), end) > end
        if len(text) > 80 or not (again or _LEADER.search(text)):
            break
        end += 1
    if end - first < (1 if named else 3):
        return at
    # Entries that come again inside the run itself (a title twice) are no contents.
    inside = sum(last_seen[_entry(line.text)] < end for line in lines[first:end])
    leaders = sum(bool(_LEADER.search(line.text)) for line in lines[first:end])
    return end if named or leaders * 2 >= end - first or inside * 2 < end - first else at


def _entry(text: str) -> str:
    """A contents entry or heading, comparable: no page number, dots, white space or run-in text."""
    head = SENTENCE.split(text[:LOOK], maxsplit=1)[0]
    return re.sub(r"\s", "", _DOTS.sub("", head))


def _start_of_notes(lines: Sequence[Line], at: int) -> int:
    """The line of the first annex or glossary heading, or of a run of footnotes at the end. A
    report may be shorter than its glossary; other annexes are believed only in the latter part."""
    for index in range(max(at, 1), len(lines) - 1):
        if is_glossary(lines[index].text):
            return index
        if is_annex(lines[index].text) and (
            lines[index].start > lines[-1].end * 0.4 or is_glossary(lines[index + 1].text)
        ):
            return index
    index = len(lines)
    while index > at and re.match(r"[\[〔［【]\s*\d{1,3}\s*[\]〕］】]", lines[index - 1].text):
        index -= 1
    return index if len(lines) - index >= 2 else len(lines)


def _start_of_closing(lines: Sequence[Line], at: int, notes: int) -> int:
    """The line where the closing formula begins: only the last paragraph, only when it appeals to
    the audience and brings no figures; otherwise `notes`, and nothing is lost from the body."""
    index = notes - 1
    while index > at and len(lines[index].text) <= 12 and not match_rule(lines[index].text):
        index -= 1
    if index <= at:
        return notes
    text = lines[index].text
    if len(text) > 600 or not _CLOSING.search(text) or re.search(r"\d[\d.]*\s*[%％亿]", text):
        return notes
    if ADDRESS.match(text):
        return index
    before = lines[index - 1].text
    if len(before) <= 12 and ADDRESS.match(before):
        return index - 1
    return index if text.startswith("让我们") else notes


# --- tiling -------------------------------------------------------------------------------------


def _tile(
    report: Report,
    lines: Sequence[Line],
    zones: Sequence[Role],
    headings: Sequence[Heading],
) -> Iterator[Section]:
    """The sections from line to line."""
    at_line = {h.line: h for h in headings}
    path: list[tuple[int, str]] = []
    open_section: Section | None = None
    sections: list[Section] = []
    for i, (line, zone) in enumerate(zip(lines, zones, strict=True)):
        heading = at_line.get(i)
        turned = open_section is None or zone != zones[i - 1]
        if turned and zone != "body":
            path = []
        if heading is None and not turned:
            continue
        if open_section is not None:
            sections.append(replace(open_section, end=line.start))
        body = line.start
        if heading is not None:
            title = report.text[heading.start : heading.stop]
            if heading.kind == "resume":
                path = [step for step in path if step[0] <= heading.rank]
            else:
                path = [step for step in path if step[0] < heading.rank]
            if title:
                path.append((heading.rank, title))
            body = heading.body
        steps = tuple(title for _, title in path)
        open_section = Section(line.start, line.end, body, steps, zone, (), None)
    if open_section is not None:
        sections.append(replace(open_section, end=len(report.text)))
    return _scoped(report, sections)


def _scoped(report: Report, sections: Sequence[Section]) -> Iterator[Section]:
    """The sections with their scope: years from the headings, else from their own text; basis from
    the headings, else from their sentences and those of the whole part, where these do not differ.
    A statistical communiqué only reports."""
    anchor, reviewed = delivery_year(report.metadata), reviewed_year(report.metadata)
    yearly = report.metadata.kind in YEARLY
    of_part = _part_bases(report, sections)
    for section in sections:
        text = report.text[section.start : section.end]
        years, basis = heading_scope(section.headings, anchor, reviewed)
        about, told = passage_scope(section, text, anchor, reviewed=reviewed)
        if section.role != "body":
            yield replace(section, about=about)
            continue
        if basis is None:
            part = of_part.get(section.headings[:1])
            basis = told if part in (None, told) else part if told is None else None
        if report.metadata.kind == COMMUNIQUE and reviewed is not None:
            years, basis = (reviewed,), "actual"
        if not (years or about) and yearly and reviewed is not None and section.headings:
            about = {"actual": (reviewed,), "plan": (reviewed + 1,), None: ()}[basis]
        yield replace(section, about=years or about, basis=basis)


def _part_bases(report: Report, sections: Sequence[Section]) -> dict[tuple[str, ...], Basis | None]:
    """Highest heading → what its part is by the sentences of all its sections."""
    parts: dict[tuple[str, ...], list[str]] = {}
    for section in sections:
        if section.role == "body" and section.headings:
            text = report.text[section.body : section.end]
            parts.setdefault(section.headings[:1], []).append(text)
    return {top: read_part_basis("".join(texts)) for top, texts in parts.items()}
