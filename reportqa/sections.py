"""A Report comes in, its Sections come out: the heading grammar, as a table.

The one idea: the Chinese numbering is the truth (RULES), Markdown depth counts only where nothing
is numbered. A line is first given a zone (title, contents, body, notes), then at most one heading is
read at its beginning, then headings are nested by rank. Whatever is doubtful stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

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

__all__ = ["RULES", "Rule", "split_sections"]

MAX_HEADING = 64
"""Code points of the longest heading after a number."""

MAX_RUN_IN = 50
"""The same where text follows on the same line."""

MAX_TOPIC = 26
"""Code points of the longest unnumbered topic sentence that counts as a title."""

MAX_LED, MIN_LED = 46, 3
"""Code points of the longest topic sentence in a series with the same opening words, and the least
number of paragraphs in such a series."""

MIN_TITLED = 60
"""Code points of the shortest paragraph that a short paragraph before it can be the title of."""

MIN_TOPICS = 0.08
"""Share of paragraphs in a report that must open with a topic sentence for plain ones to count."""

MAX_STANDALONE = 32
"""Code points of the longest unnumbered line that counts as a heading."""

LOOK = 200
"""Code points read of a line to find its heading; the rest is text whatever it says."""

YEARLY = frozenset({"政府工作报告", "计划报告", COMMUNIQUE})
"""Kinds of reports that look back on one year and ahead to one, where nothing else is said."""

_HAN = "[一二三四五六七八九十百零〇○]{1,5}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of numbered heading. `rank` is its usual place, smaller is higher; `item` marks
    kinds that number list items as often as headings: a whole sentence after them stays text."""

    name: str
    rank: int
    number: re.Pattern[str]
    item: bool = False


RULES: tuple[Rule, ...] = (
    Rule("编", 10, re.compile(rf"第\s*({_HAN}|\d{{1,2}})\s*[编篇](?![者辑制])[\s　:：、]*")),
    Rule("部分", 20, re.compile(rf"第\s*({_HAN}|\d{{1,2}})\s*部分[\s　:：、]*")),
    Rule("章", 30, re.compile(rf"第\s*({_HAN}|\d{{1,2}})\s*章[\s　:：、]*")),
    Rule("节", 40, re.compile(rf"第\s*({_HAN}|\d{{1,2}})\s*节[\s　:：、]*")),
    Rule("一、", 50, re.compile(rf"({_HAN})\s*(?:、(?!\s*{_HAN}\s*[、是要])|[．.](?!\s*\d))\s*")),
    Rule("（一）", 60, re.compile(rf"[（(]\s*({_HAN})\s*[)）][、.．]?\s*")),
    Rule(
        "1.", 70, re.compile(r"(\d{1,2})\s*(?:[.．](?!\d)|[.．](?=20\d\d\s*年)|、)\s*"), item=True
    ),
    Rule("（1）", 80, re.compile(r"[（(]\s*(\d{1,2})\s*[)）][、.．]?\s*"), item=True),
    Rule("①", 90, re.compile(r"([①-⑳])\s*"), item=True),
)
"""Kinds of numbered headings, highest first."""

ITEMS = frozenset(rule.name for rule in RULES if rule.item)

ABOVE, BELOW, TOPIC, TERM = 5, 95, 100, 110
"""Ranks of headings without a number: a standalone line above the highest numbered kind, or below
all; a topic sentence; a term of a glossary."""

_TITLE_LINE = re.compile(
    r"报\s*告|公\s*报|规\s*划|纲\s*要|来\s*源|作\s*者|会议上|代表大会|添加时间|发布时间|发布日期|浏览次数|字号|打印|统计局|调查总?队|"
    r"^[—\-（(]*\s*(?:19|20)[\d\s]{2,4}\s*年\s*\d+\s*月|^[（(]?[一二][九〇○零].{2}年.{1,3}月|(?:主席|总理|省长|市长|区长|县长|州长|盟长|旗长|主任|书记)"
)
_TITLE_END = re.compile(r"(?:报\s*告|公\s*报|规\s*划|纲\s*要)[①\s]*$")
_DELIVERED = re.compile(r"(?:作|做).{0,14}报告。$")
_SALUTATION = re.compile(
    r"(?:尊敬的)?(?:各位|同志|全体)[^。]{0,14}[：:，,！!]?$|各位代表[：:，,！!]?$"
)
_PART_TITLE = re.compile(
    r"回顾|安排|任务|目标|总体要求|思路|建设|重点工作|主要工作|展望|形势|部署|建议|成就|情况|措施|^[前序引导结][言语]$"
)
_CONTENTS = re.compile(r"(?:目\s*[录錄次]|contents)$", re.IGNORECASE)
_DOTS = re.compile(r"[\s.．…·‥・\-—]*\d*\s*$")
_LEADER = re.compile(r"(?:[.．…·‥・]{2,}|\s)\s*\d{1,3}\s*$")

_FRAME = r"^[※*＊【〔\[（(《\s—-]*"
_FRAME_END = r"[※*＊】〕\]）)》\s：:]*$"
_GLOSSARY = re.compile(
    _FRAME
    + r"(?:[一-鿿《》]{0,14}(?:名词|术语|用语|词语|缩略语)[一-鿿]{0,4}(?:解释|说明|注释|释义)?"
    r"|(?:有关|相关)?(?:指标|用语)(?:解释|说明)|注\s*释|注\s*解|附\s*注|注)" + _FRAME_END
)
_ANNEX = re.compile(
    _FRAME + r"(?:附\s*[件表录图]?\s*[\d一二三四五六七八九十]{0,3}"
    r"|附\s*[件表录]\s*[\d一二三四五六七八九十]{0,3}\s*[：:]\s*.{0,40}|说明|资料来源|数据来源)"
    + _FRAME_END
)
_MARKED = re.compile(
    r"[\[〔［【]\s*(?:注\s*)?(\d{1,3})\s*[\]〕］】]\s*|(\d{1,3})\s*[.．、:：]\s*|[（(]\s*(\d{1,3})\s*[)）]\s*|([①-⑳㉑-㉟㊱-㊿])\s*"
)
_TERM_END = re.compile(r"[：:]|——|(?:[，,]\s*)?(?:是指|系指|指的是|主要指|，指|,指)")
_PLAIN_TERM_END = re.compile(r"[：:]")

_RESUME = re.compile(
    r"各位代表|(?:与此)?同时[，,]|此外[，,]|(?:在)?(?:肯定|取得|总结|看到|回顾)(?:这些)?成绩|回顾|(?:一|五|过去一|过去五|这一|这五)年(?:来|的)?[，,]|"
    r"(?:以上|上述|这些)(?:成绩|目标|工作)|成绩(?:的取得|来之不易)"
)
_CLOSING = re.compile(r"让我们|团结奋斗|努力奋斗|而奋斗|新篇章|新辉煌|新局面|谢谢大家")
_ADDRESS = re.compile(r"(?:各位|同志们|朋友们)")

_SENTENCE = re.compile(r"[。！？!?]")
_PARAGRAPH_END = ("。", "！", "？", "：", "；", "!", "?", ":", ";", "”", "）", ")")
_BAD_END = "。！？；：，、,;:!?…《“（(了的和与在对為为"
_NOT_TOPIC = re.compile(
    r"[：:；;！!？?…《]|\d+(?:\.\d+)?\s*(?:[%％]|亿|万|个百分点)|百分之|^[\d—\-]|我们|我[国省市区县州党]|各位|同时|此外|其中|但是|"
    r"(?:19|20)\d\d\s*年|今年|去年|全年|是|(?<![主重需纪必])要(?![素闻求点件塞])|已经|因此|所以|对此|必须|应当|可以|有[的些]|[^改为]了$|[一二三四五六七八九十]是"
)
_NOT_STANDALONE = re.compile(
    r"[\d.]+\s*(?:[%％]|亿|万)|\s-?\d[\d.,]*$|单位[：:]|^[—\-·•]|责任编辑|上一[篇页]|^表\s*\d|^图\s*\d|(?:第|共)\s*\d+\s*页|^\W*$|https?:"
)


_FIGURES = re.compile(r"\d[\d.]*\s*(?:[%％]|亿|万|个|户|家)|百分之|[：:；;！!？?…]")
_DATED_OR_QUOTED = re.compile(r"(?:19|20|１９|２０)\d\d\s*年?|“[^”]*”")


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph without its line feed; `end` is where the next one starts."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading at the beginning of a line, in offsets of the report: the title is
    [start, stop), text follows from `body`. An empty title resumes the path at `rank`."""

    line: int
    start: int
    stop: int
    body: int
    rank: int
    kind: str
    number: int = 0


_Topic = tuple[int, _Heading | None]
"""A line and the topic sentence it may open with."""


def split_sections(report: Report) -> tuple[Section, ...]:
    """The sections of a report, in order; they tile its text exactly, each paragraph's line feed
    belonging to the section before it. An empty text has none."""
    if not report.text:
        return ()
    lines = _lines(report.text)
    zones = _zones(lines)
    headings = _headings(report, lines, zones)
    return tuple(_tile(report, lines, zones, headings))


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for line in text.split("\n"):
        end = min(start + len(line) + 1, len(text))
        lines.append(_Line(start, end, line))
        start = end
    return [line for line in lines if line.end > line.start]


# --- zones: which lines are title, contents, body, closing, notes -------------------------------


def _zones(lines: Sequence[_Line]) -> list[Role]:
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


def _end_of_title(lines: Sequence[_Line], at: int) -> int:
    """The line after the title block: the last line near the top that looks like one of title,
    date, speaker, source or salutation, with nothing but short lines before it."""
    end = at
    for index in range(at, min(at + 14, len(lines))):
        text = lines[index].text
        short = len(text) <= 80 and not text.endswith(("；", "！", "？"))
        short = short and (text[-1:] != "。" or bool(_DELIVERED.search(text)))
        if not short or _CONTENTS.match(text) or (index > at and _numbered(text)):
            break
        if _SALUTATION.match(text):
            return index + 1
        named = _TITLE_LINE.search(text) and not _PART_TITLE.search(_TITLE_LINE.sub("", text))
        if named or (index == at and _TITLE_END.search(text)):
            end = index + 1
    return end


def _end_of_contents(lines: Sequence[_Line], at: int) -> int:
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
    head = _SENTENCE.split(text[:LOOK], maxsplit=1)[0]
    return re.sub(r"\s", "", _DOTS.sub("", head))


def _start_of_notes(lines: Sequence[_Line], at: int) -> int:
    """The line of the first annex or glossary heading, or of a run of footnotes at the end. A
    report may be shorter than its glossary; other annexes are believed only in the latter part."""
    for index in range(max(at, 1), len(lines) - 1):
        if _is_glossary(lines[index].text):
            return index
        if _is_annex(lines[index].text) and (
            lines[index].start > lines[-1].end * 0.4 or _is_glossary(lines[index + 1].text)
        ):
            return index
    index = len(lines)
    while index > at and re.match(r"[\[〔［【]\s*\d{1,3}\s*[\]〕］】]", lines[index - 1].text):
        index -= 1
    return index if len(lines) - index >= 2 else len(lines)


def _is_glossary(text: str) -> bool:
    return len(text) <= 60 and bool(_GLOSSARY.match(text))


def _is_annex(text: str) -> bool:
    return len(text) <= 60 and bool(_ANNEX.match(text))


def _start_of_closing(lines: Sequence[_Line], at: int, notes: int) -> int:
    """The line where the closing formula begins: only the last paragraph, only when it appeals to
    the audience and brings no figures; otherwise `notes`, and nothing is lost from the body."""
    index = notes - 1
    while index > at and len(lines[index].text) <= 12 and not _numbered(lines[index].text):
        index -= 1
    if index <= at:
        return notes
    text = lines[index].text
    if len(text) > 600 or not _CLOSING.search(text) or re.search(r"\d[\d.]*\s*[%％亿]", text):
        return notes
    if _ADDRESS.match(text):
        return index
    before = lines[index - 1].text
    if len(before) <= 12 and _ADDRESS.match(before):
        return index - 1
    return index if text.startswith("让我们") else notes


# --- headings -----------------------------------------------------------------------------------


def _headings(report: Report, lines: Sequence[_Line], zones: Sequence[Role]) -> list[_Heading]:
    body = [i for i, zone in enumerate(zones) if zone == "body"]
    notes = [i for i, zone in enumerate(zones) if zone == "notes"]
    numbered = _accept(h for i in body if (h := _read_numbered(lines[i], i)))
    numbered = _ranked(numbered)
    taken = {h.line for h in numbered}
    depths = _depths(report, lines)
    standalone = _standalone(lines, [i for i in body if i not in taken], body, numbered)
    if not numbered:
        standalone = _by_markdown(lines, body, depths) or standalone
    taken |= {h.line for h in standalone}
    found = sorted([*numbered, *standalone], key=lambda h: h.start)
    found += _topics(report, lines, body, found)
    found.sort(key=lambda h: h.start)
    found += _resumptions(lines, body, found)
    found += _notes(lines, notes)
    found.sort(key=lambda h: h.start)
    return found


def _numbered(text: str) -> tuple[Rule, re.Match[str]] | None:
    for rule in RULES:
        if match := rule.number.match(text[:LOOK]):
            return rule, match
    return None


def _read_numbered(line: _Line, index: int) -> _Heading | None:
    """The numbered heading a line begins with: all of a line without end mark, or its first
    sentence when that is short (“（一）…。正文”)."""
    found = _numbered(line.text)
    if found is None:
        return None
    rule, match = found
    text, begin = line.text[:LOOK], match.end()
    stop = _SENTENCE.search(text, begin)
    title_end = stop.start() if stop else len(line.text)
    whole = title_end >= len(line.text) - 1
    title = line.text[begin:title_end]
    if stop is None and len(line.text) > begin + MAX_HEADING:
        colon = re.search(r"[：:]", text[begin : begin + 24])
        if colon is None or rule.item:
            return None
        title_end, title = begin + colon.start(), text[begin : begin + colon.start()]
    longest = MAX_HEADING if whole else MAX_RUN_IN
    if not 2 <= len(title) <= longest or title[-1] in "；，、,;":
        return None
    if rule.item and ((whole and line.text[-1] in "。；;！") or len(title) > 40 or "；" in title):
        return None
    if rule.item and re.search(r"\d[\d.]*\s*(?:[%％]|亿|万)", title):
        return None
    if whole and line.text[-1] in "。；;" and len(title) > 30:
        return None
    title_end -= len(title) - len(title.rstrip("：: "))
    return _Heading(
        index,
        line.start,
        line.start + title_end,
        line.end if whole else _skip(line, title_end),
        rule.rank,
        rule.name,
        _ordinal(match[1]),
    )


def _skip(line: _Line, at: int) -> int:
    """Where text begins after a run-in title: past its end mark and blanks."""
    text = line.text
    while at < len(text) and text[at] in "。：:！!？? 　":
        at += 1
    return line.start + at


def _ordinal(number: str) -> int:
    if number.isascii():
        return int(number)
    if number in "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚":
        return ord(number) - ord("①") + 1
    tens, ten, units = number.rpartition("十")
    digit = {c: i for i, c in enumerate("零一二三四五六七八九")}
    value = digit.get(units[-1:], 0)
    return value + 10 * (digit.get(tens[-1:], 1) if tens else 1) if ten else value


def _accept(headings: Iterator[_Heading]) -> list[_Heading]:
    """Without numbers that come from nowhere: a list-like kind must begin with 1 under its parent
    and go on by one (errors of one more are forgiven)."""
    kept: list[_Heading] = []
    last: dict[str, int] = {}
    for heading in headings:
        ahead = heading.number - last.get(heading.kind, 0) - 1
        forgiven = range(2) if heading.kind in ITEMS else range(-99, 4)
        if heading.number != 1 and ahead not in forgiven:
            continue
        last[heading.kind] = heading.number
        for rule in RULES:
            if rule.rank > heading.rank:
                last.pop(rule.name, None)
        kept.append(heading)
    return kept


def _ranked(headings: list[_Heading]) -> list[_Heading]:
    """With the ranks of two kinds exchanged where the report nests them the other way round: the
    usually lower kind comes first, runs through once, and the other restarts beneath it."""
    order = [r for r in RULES if any(h.kind == r.name for h in headings)]
    ranks = {r.name: r.rank for r in order}
    for high, low in pairwise(order):
        highs = [h for h in headings if h.kind == high.name]
        lows = [h for h in headings if h.kind == low.name]
        restarts = sum(h.number == 1 for h in highs)
        if lows[0].start < highs[0].start and restarts > 1 >= sum(h.number == 1 for h in lows):
            ranks[high.name], ranks[low.name] = ranks[low.name], ranks[high.name]
    headings = [replace(h, rank=ranks[h.kind]) for h in headings]
    inner = {h for rule in order for h in _inner_runs([h for h in headings if h.kind == rule.name])}
    return [replace(h, rank=h.rank + 5) if h in inner else h for h in headings]


def _inner_runs(headings: Sequence[_Heading]) -> Iterator[_Heading]:
    """The headings of runs that begin anew inside another run of the same kind, which goes on
    after them: 一 二 (一 二 三) 三 四."""
    runs: list[list[_Heading]] = []
    for heading in headings:
        outer = runs[-2][-1].number if len(runs) > 1 else 0
        number = runs[-1][-1].number if runs else 0
        if runs and 0 < heading.number - number <= 2 and heading.number > 1:
            runs[-1].append(heading)
        elif runs and len(runs) > 1 and heading.number == outer + 1 > 1:
            yield from runs.pop()
            runs[-1].append(heading)
        else:
            runs.append([heading])


def _depths(report: Report, lines: Sequence[_Line]) -> dict[int, int]:
    """Line → Markdown depth, and 0 for a line that is bold as a whole."""
    starts = {line.start: i for i, line in enumerate(lines)}
    depths = {}
    for mark in report.marks:
        index = starts.get(mark.start)
        if index is None:
            continue
        whole = mark.end >= mark.start + len(lines[index].text.rstrip("。：: "))
        if mark.kind == "heading" or whole:
            depths[index] = mark.depth
    return depths


def _by_markdown(
    lines: Sequence[_Line], body: Sequence[int], depths: dict[int, int]
) -> list[_Heading]:
    marked = [i for i in body if depths.get(i, 0) > 0 and len(lines[i].text) <= MAX_HEADING]
    return [_whole(lines[i], i, ABOVE + depths[i], "markdown") for i in marked]


def _whole(line: _Line, index: int, rank: int, kind: str) -> _Heading:
    stop = line.start + len(line.text.rstrip("：: 。"))
    return _Heading(index, line.start, stop, line.end, rank, kind)


def _standalone(
    lines: Sequence[_Line],
    free: Sequence[int],
    body: Sequence[int],
    numbered: Sequence[_Heading],
) -> list[_Heading]:
    """Short lines without end mark that stand alone between paragraphs. Repeated lines are page
    furniture, and three in a row are a table."""
    seen = Counter(line.text for line in lines)
    heads = {h.line for h in numbered}
    short = {i for i in free if _stands_alone(lines[i].text) and seen[lines[i].text] == 1}
    found = []
    for i in sorted(short):
        neighbours = (i - 1 in short) + (i + 1 in short) + (i - 2 in short) + (i + 2 in short)
        before = lines[i - 1].text if i > body[0] else "。"
        ended = before.endswith(_PARAGRAPH_END) or i - 1 in heads or i - 1 in found
        last = i == body[-1]
        if neighbours <= 1 and (ended or i == body[0]) and not last:
            found.append(i)
    return _placed(lines, found, numbered)


def _stands_alone(text: str) -> bool:
    if not 4 <= len(text) <= MAX_STANDALONE or text[-1] in _BAD_END + "”）)":
        return bool(len(text) > 4 and text[-1:] in "”）)" and _stands_alone(text.rstrip("”）)")))
    if _NOT_STANDALONE.search(text) or _ADDRESS.match(text) or "。" in text:
        return False
    if re.search(r"\d", _DATED_OR_QUOTED.sub("", text)) or not _balanced(text):
        return False
    return sum("一" <= c <= "鿿" for c in text) >= 3


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("“”", "《》", "（）", "()"))


def _placed(
    lines: Sequence[_Line], found: Sequence[int], numbered: Sequence[_Heading]
) -> list[_Heading]:
    """Standalone lines with their rank: above the numbers when numbers begin anew under them,
    below otherwise."""
    if not found:
        return []
    if not numbered:
        return [_whole(lines[i], i, ABOVE, "standalone") for i in found]
    top = min(h.rank for h in numbered)
    tops = [h for h in numbered if h.rank == top]
    ones = [h.line for h in tops if h.number == 1]
    parts = [i for i in found if _PART_TITLE.search(lines[i].text)]
    # Every run of the highest numbers has a part title of its own before it.
    before = {h.line: p.line for p, h in pairwise(tops)}
    runs_led = all(any(before.get(one, -1) < i < one for i in parts) for one in ones)
    above = len(parts) >= 2 and bool(ones) and runs_led
    headings = []
    for i in found:
        if above and i in parts:
            rank = ABOVE
        elif i < tops[0].line:
            rank = top
        else:
            rank = BELOW
        headings.append(_whole(lines[i], i, rank, "standalone"))
    return headings


# --- topic sentences ----------------------------------------------------------------------------


def _topics(
    report: Report, lines: Sequence[_Line], body: Sequence[int], found: Sequence[_Heading]
) -> list[_Heading]:
    """First sentences that title their paragraph: bold ones, and plain ones where most paragraphs
    between the first and the last of them in the same section have one."""
    bold = {m.start: m.end for m in report.marks if m.kind == "bold"}
    heads = {h.line for h in found}
    plain: list[_Heading] = []
    topics: list[_Heading] = []
    fresh = {
        i for i in body if i == 0 or lines[i - 1].text.endswith(_PARAGRAPH_END) or i - 1 in heads
    }
    group: list[_Topic] = []
    for i in [*body, -1]:
        if i == -1 or i in heads or (group and i != group[-1][0] + 1):
            for topic in _consistent(lines, group):
                (topics if topic.kind == "bold" else plain).append(topic)
            group = []
        if i != -1 and i not in heads:
            line, long_next = lines[i], i + 1 < len(lines) and len(lines[i + 1].text) >= MIN_TITLED
            first = _read_topic(line, i, bold.get(line.start), long_next) if i in fresh else None
            group.append((i, first))
    enough = len(plain) + len(topics) >= MIN_TOPICS * len(body)
    return topics + plain if enough else topics


def _read_topic(
    line: _Line, index: int, bold_end: int | None, titles_next: bool
) -> _Heading | None:
    """The first sentence of a paragraph if it can be its title; the whole of a short paragraph
    only where a long one follows (`titles_next`)."""
    text = line.text[:LOOK]
    dash = re.match(r"[—–\-]{1,3}\s*", text)
    begin = dash.end() if dash else 0
    stop = text.find("。", begin)
    if stop < 0 or (stop + 1 >= len(line.text) and not titles_next):
        return None
    title = text[begin:stop]
    bold = bold_end is not None and abs(line.start + stop + 1 - bold_end) <= 1
    plain = 4 <= len(title) <= MAX_TOPIC and title.count("，") < 2 and not _NOT_TOPIC.search(title)
    led = 10 <= len(title) <= MAX_LED and title.count("，") < 4 and not _FIGURES.search(title)
    if len(title) > MAX_HEADING or not (bold or plain or led):
        return None
    if not _balanced(title) or stop + 1 < len(line.text) < stop + 8:
        return None
    kind = "bold" if bold else "led" if not plain else "dash" if dash else "topic"
    start = line.start + begin
    return _Heading(index, start, line.start + stop, _skip(line, stop), TOPIC, kind)


def _consistent(lines: Sequence[_Line], group: Sequence[_Topic]) -> list[_Heading]:
    """The topic sentences of one section that count: beside a bold one, all; else those that most
    paragraphs from the first to the last have. Longer ones only when at least three begin with the
    same words (“一年来，我们…”)."""
    leads = Counter(_lead(lines[i]) for i, h in group if h and h.kind == "led")
    kept = [
        (n, h)
        for n, (i, h) in enumerate(group)
        if h and (h.kind != "led" or leads[_lead(lines[i])] >= MIN_LED)
    ]
    topics = [h for _, h in kept]
    if any(h.kind == "bold" for h in topics):
        return topics
    return topics if len(kept) >= 2 and len(kept) * 2 > kept[-1][0] - kept[0][0] + 1 else []


def _lead(line: _Line) -> str:
    return line.text.lstrip("—–- ")[:2]


def _resumptions(
    lines: Sequence[_Line], body: Sequence[int], found: Sequence[_Heading]
) -> list[_Heading]:
    """Places where a part goes on as a whole after its last subheading (“各位代表！…”,
    “在肯定成绩的同时…”): the path goes back to the part."""
    if not found:
        return []
    top = min(h.rank for h in found)
    tops = [h.line for h in found if h.rank == top] + [body[-1] + 1]
    resumed = []
    at = [h.line for h in found]
    for part, following in pairwise(tops):
        last = at[bisect_left(at, following) - 1]
        if last == part:
            continue
        for i in range(last + 1, following):
            if _RESUME.match(lines[i].text[:LOOK]):
                start = lines[i].start
                resumed.append(_Heading(i, start, start, start, top, "resume"))
                break
    return resumed


# --- notes --------------------------------------------------------------------------------------


def _notes(lines: Sequence[_Line], notes: Sequence[int]) -> list[_Heading]:
    """The headings of annexes; in a glossary each term is one."""
    headings: list[_Heading] = []
    glossary: _Glossary | None = None
    for i in notes:
        text = lines[i].text
        follows = bool(headings) and headings[-1].line == i - 1 and headings[-1].kind == "annex"
        if _is_glossary(text):
            glossary = _Glossary()
            headings.append(_framed(lines[i], i, 1 if follows else 0, "glossary"))
        elif _is_annex(text):
            glossary = None
            headings.append(_framed(lines[i], i, 0, "annex"))
        elif glossary is not None or not headings:
            glossary = glossary or _Glossary()
            if entry := glossary.read(lines[i], i):
                headings.append(entry)
        elif follows and _stands_alone(text):
            headings.append(_whole(lines[i], i, 1, "annex title"))
        elif heading := _read_numbered(lines[i], i):
            headings.append(heading)
    return headings


def _framed(line: _Line, index: int, rank: int, kind: str) -> _Heading:
    """A heading without the stars or brackets around it."""
    inner = line.text.strip("※*＊【】〔〕[]：: ")
    start = line.start + line.text.find(inner)
    return _Heading(index, start, start + len(inner), line.end, rank, kind)


class _Glossary:
    """Reads one list of definitions; the first entry settles how entries are marked."""

    def __init__(self) -> None:
        self._style: int | None = None
        self._number = 0

    def read(self, line: _Line, index: int) -> _Heading | None:
        """The term a line defines, or an untitled entry for a mark without term; None where the
        line goes on with the definition before."""
        mark = _MARKED.match(line.text)
        style = mark.lastindex if mark else 0
        if self._style is None:
            self._style = style
        if style != self._style:
            return None
        begin = mark.end() if mark else 0
        if mark and not self._goes_on(mark[mark.lastindex or 0]):
            return None
        end = (_TERM_END if mark else _PLAIN_TERM_END).search(line.text[: begin + 60], begin)
        if (
            end is None
            or end.start() - begin < 1
            or re.search("[。，]", line.text[begin : end.start()])
        ):
            start = line.start
            return _Heading(index, start, start, start, TERM, "note") if mark else None
        start, stop = line.start + begin, line.start + end.start()
        return _Heading(index, start, stop, line.start + end.end(), TERM, "term")

    def _goes_on(self, number: str) -> bool:
        value = _ordinal(number)
        goes_on = self._number < value <= self._number + 3 or value == 1
        if goes_on:
            self._number = value
        return goes_on


# --- tiling -------------------------------------------------------------------------------------


def _tile(
    report: Report,
    lines: Sequence[_Line],
    zones: Sequence[Role],
    headings: Sequence[_Heading],
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
            if report.metadata.kind == COMMUNIQUE:
                basis = "actual"
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
