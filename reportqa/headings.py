"""The heading grammar, as a table: the paragraphs of a Report come in, its headings come out.

The one idea: the Chinese numbering is the truth (RULES); Markdown depth counts only where nothing
is numbered. At most one heading is read at the beginning of a line; then headings are nested by
rank. Whatever is doubtful stays text. One file, because the rules lean on each other.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reportqa.records import Report, Role

__all__ = [
    "ADDRESS",
    "LOOK",
    "PART_TITLE",
    "RULES",
    "SENTENCE",
    "Heading",
    "Line",
    "Rule",
    "find_headings",
    "is_annex",
    "is_glossary",
    "match_rule",
    "split_lines",
]

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

SECTION_RANK = 50
"""The rank of 一、, which also numbers lists of sentences."""

ITEMS = frozenset(rule.name for rule in RULES if rule.item)

ABOVE, BELOW, TOPIC, TERM = 5, 95, 100, 110
"""Ranks of headings without a number: a standalone line above the highest numbered kind, or below
all; a topic sentence; a term of a glossary."""

PART_TITLE = re.compile(
    r"回顾|安排|任务|目标|总体要求|思路|建设|重点工作|主要工作|展望|形势|部署|建议|成就|情况|措施|^[前序引导结][言语]$"
)
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
ADDRESS = re.compile(r"(?:各位|同志们|朋友们)")

SENTENCE = re.compile(r"[。！？!?]")
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
class Line:
    """A paragraph without its line feed; `end` is where the next one starts."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at the beginning of a line, in offsets of the report: the title is
    [start, stop), text follows from `body`. An empty title resumes the path at `rank`."""

    line: int
    start: int
    stop: int
    body: int
    rank: int
    kind: str
    number: int = 0


_Topic = tuple[int, Heading | None]
"""A line and the topic sentence it may open with."""


def split_lines(text: str) -> list[Line]:
    """The paragraphs of a text; they tile it."""
    lines, start = [], 0
    for line in text.split("\n"):
        end = min(start + len(line) + 1, len(text))
        lines.append(Line(start, end, line))
        start = end
    return [line for line in lines if line.end > line.start]


# --- headings -----------------------------------------------------------------------------------


def find_headings(report: Report, lines: Sequence[Line], zones: Sequence[Role]) -> list[Heading]:
    """The headings in body and notes in order, at most one a line, ranked for nesting."""
    body = [i for i, zone in enumerate(zones) if zone == "body"]
    notes = [i for i, zone in enumerate(zones) if zone == "notes"]
    numbered = _accept(lines, (h for i in body if (h := _read_numbered(lines[i], i))))
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


def match_rule(text: str) -> tuple[Rule, re.Match[str]] | None:
    """The rule whose number a line begins with, and where."""
    for rule in RULES:
        if match := rule.number.match(text[:LOOK]):
            return rule, match
    return None


def _read_numbered(line: Line, index: int) -> Heading | None:
    """The numbered heading a line begins with: all of a line without end mark, or its first
    sentence when that is short (“（一）…。正文”)."""
    found = match_rule(line.text)
    if found is None:
        return None
    rule, match = found
    text, begin = line.text[:LOOK], match.end()
    stop = SENTENCE.search(text, begin)
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
    return Heading(
        index,
        line.start,
        line.start + title_end,
        line.end if whole else _skip(line, title_end),
        rule.rank,
        rule.name,
        _ordinal(match[1]),
    )


def _skip(line: Line, at: int) -> int:
    """Where text begins after a run-in title: past its end mark and blanks."""
    text = line.text
    while at < len(text) and text[at] in "。：:！!？? 　":
        at += 1
    return line.start + at


def _ordinal(number: str) -> int:
    """The value of 3, ３, ③, ㉓ or 二十三."""
    number = unicodedata.normalize("NFKC", number)
    if number.isdecimal():
        return int(number)
    tens, ten, units = number.rpartition("十")
    digit = {c: i for i, c in enumerate("零一二三四五六七八九")}
    value = digit.get(units[-1:], 0)
    return value + 10 * (digit.get(tens[-1:], 1) if tens else 1) if ten else value


def _accept(lines: Sequence[Line], headings: Iterator[Heading]) -> list[Heading]:
    """Without numbers that come from nowhere: a list-like kind must begin with 1 under its parent
    and go on by one (errors of one more are forgiven). Where a heading 一、 has had no end mark,
    sentences so numbered that fill their line are list items."""
    kept: list[Heading] = []
    last: dict[str, int] = {}
    unmarked = False
    for heading in headings:
        line = lines[heading.line]
        if heading.rank == SECTION_RANK:
            sentence = heading.body == line.end and line.text[-1] in "。；;"
            if unmarked and sentence:
                continue
            unmarked = unmarked or not sentence
        ahead = heading.number - last.get(heading.kind, 0) - 1
        forgiven = range(2) if heading.kind in ITEMS else range(-99, 4)
        doubtful = heading.kind in ITEMS or line.text[-1] in "。；;"
        if doubtful and heading.number != 1 and ahead not in forgiven:
            continue
        last[heading.kind] = heading.number
        for rule in RULES:
            if rule.rank > heading.rank:
                last.pop(rule.name, None)
        kept.append(heading)
    return kept


def _ranked(headings: list[Heading]) -> list[Heading]:
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
    return list(_lowered(headings, inner))


def _lowered(headings: Sequence[Heading], inner: set[Heading]) -> Iterator[Heading]:
    """The headings, those of inner runs ranked below the heading that such a run follows."""
    last, above = None, 0
    for heading in headings:
        if heading in inner:
            above = last.rank if last and last not in inner else above
            yield replace(heading, rank=max(heading.rank, above) + 5)
        else:
            yield heading
        last = heading


def _inner_runs(headings: Sequence[Heading]) -> Iterator[Heading]:
    """The headings of runs that begin anew inside another run of the same kind, which goes on
    after them: 一 二 (一 二 三) 三 四."""
    runs: list[list[Heading]] = []
    for heading in headings:
        if runs and heading.number > 1 and 0 < heading.number - runs[-1][-1].number <= 2:
            runs[-1].append(heading)
            continue
        outer = [n for n, run in enumerate(runs[:-1]) if heading.number == run[-1].number + 1]
        if outer and heading.number > 1:
            for run in runs[outer[-1] + 1 :]:
                yield from run
            del runs[outer[-1] + 1 :]
            runs[-1].append(heading)
        else:
            runs.append([heading])


def _depths(report: Report, lines: Sequence[Line]) -> dict[int, int]:
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
    lines: Sequence[Line], body: Sequence[int], depths: dict[int, int]
) -> list[Heading]:
    marked = [i for i in body if depths.get(i, 0) > 0 and len(lines[i].text) <= MAX_HEADING]
    return [_whole(lines[i], i, ABOVE + depths[i], "markdown") for i in marked]


def _whole(line: Line, index: int, rank: int, kind: str) -> Heading:
    stop = line.start + len(line.text.rstrip("：: 。"))
    return Heading(index, line.start, stop, line.end, rank, kind)


def _standalone(
    lines: Sequence[Line],
    free: Sequence[int],
    body: Sequence[int],
    numbered: Sequence[Heading],
) -> list[Heading]:
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
    if _NOT_STANDALONE.search(text) or ADDRESS.match(text) or "。" in text:
        return False
    if re.search(r"\d", _DATED_OR_QUOTED.sub("", text)) or not _balanced(text):
        return False
    return sum("一" <= c <= "鿿" for c in text) >= 3


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("“”", "《》", "（）", "()"))


def _placed(
    lines: Sequence[Line], found: Sequence[int], numbered: Sequence[Heading]
) -> list[Heading]:
    """Standalone lines with their rank: above the numbers when numbers begin anew under them,
    below otherwise."""
    if not found:
        return []
    if not numbered:
        return [_whole(lines[i], i, ABOVE, "standalone") for i in found]
    top = min(h.rank for h in numbered)
    tops = [h for h in numbered if h.rank == top]
    ones = [h.line for h in tops if h.number == 1]
    parts = [i for i in found if PART_TITLE.search(lines[i].text)]
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
    report: Report, lines: Sequence[Line], body: Sequence[int], found: Sequence[Heading]
) -> list[Heading]:
    """First sentences that title their paragraph: bold ones, and plain ones where most paragraphs
    between the first and the last of them in the same section have one."""
    bold = {m.start: m.end for m in report.marks if m.kind == "bold"}
    heads = {h.line for h in found}
    plain: list[Heading] = []
    topics: list[Heading] = []
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


def _read_topic(line: Line, index: int, bold_end: int | None, titles_next: bool) -> Heading | None:
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
    return Heading(index, start, line.start + stop, _skip(line, stop), TOPIC, kind)


def _consistent(lines: Sequence[Line], group: Sequence[_Topic]) -> list[Heading]:
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


def _lead(line: Line) -> str:
    return line.text.lstrip("—–- ")[:2]


def _resumptions(
    lines: Sequence[Line], body: Sequence[int], found: Sequence[Heading]
) -> list[Heading]:
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
                resumed.append(Heading(i, start, start, start, top, "resume"))
                break
    return resumed


def is_glossary(text: str) -> bool:
    """Whether a line heads a list of definitions or footnotes."""
    return len(text) <= 60 and bool(_GLOSSARY.match(text))


def is_annex(text: str) -> bool:
    """Whether a line heads another kind of annex."""
    return len(text) <= 60 and bool(_ANNEX.match(text))


# --- notes --------------------------------------------------------------------------------------


def _notes(lines: Sequence[Line], notes: Sequence[int]) -> list[Heading]:
    """The headings of annexes; in a glossary each term is one."""
    headings: list[Heading] = []
    glossary: _Glossary | None = None
    for i in notes:
        text = lines[i].text
        follows = bool(headings) and headings[-1].line == i - 1 and headings[-1].kind == "annex"
        if is_glossary(text):
            glossary = _Glossary()
            headings.append(_framed(lines[i], i, 1 if follows else 0, "glossary"))
        elif is_annex(text):
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


def _framed(line: Line, index: int, rank: int, kind: str) -> Heading:
    """A heading without the stars or brackets around it."""
    inner = line.text.strip("※*＊【】〔〕[]：: ")
    start = line.start + line.text.find(inner)
    return Heading(index, start, start + len(inner), line.end, rank, kind)


class _Glossary:
    """Reads one list of definitions; the first entry settles how entries are marked."""

    def __init__(self) -> None:
        self._style: int | None = None
        self._number = 0

    def read(self, line: Line, index: int) -> Heading | None:
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
            return Heading(index, start, start, start, TERM, "note") if mark else None
        start, stop = line.start + begin, line.start + end.start()
        return Heading(index, start, stop, line.start + end.end(), TERM, "term")

    def _goes_on(self, number: str) -> bool:
        value = _ordinal(number)
        goes_on = self._number < value <= self._number + 3 or value == 1
        if goes_on:
            self._number = value
        return goes_on
