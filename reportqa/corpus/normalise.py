"""Raw text → clean paragraphs, with every removed mark and line kept beside them.

The text is taken as a list of lines and passed over until nothing changes: stray blanks go, page
furniture is cut out, Markdown marks are lifted off, lines broken in mid-sentence are joined. A
pass sees only the lines, so the result, normalised again, is itself. Characters are only removed,
never changed or moved: `comparable(restore(normalise(raw))) == comparable(raw)`. The passes share
one kind of line and one table of patterns, so they share one file, longer than most.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reportqa.records import Cut, Mark

__all__ = ["Normalised", "comparable", "normalise", "restore"]

_INVISIBLE = dict.fromkeys(
    (0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))
)
_INVISIBLE[0xFEFF] = None
"""Zero-width characters, direction marks, soft hyphens and byte order marks."""

_MARKS = dict.fromkeys(map(ord, "#*_"))

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WIDE = "\u2010-\u2027\u2030-\u203a\u3001-\u3003\u3008-\u301f\u30fb\ufe30-\ufe4f\uff01-\uff0f"
_WIDE += "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
"""Full-width punctuation, dashes and curly quotes: no blank belongs beside them."""

_END = re.compile(
    r"[。！？；：!?;:…．.][”’\"）)」』》〉\]】]*"
    r"(?:[（(\[〔［【][^（()）\[\]〔〕]{1,12}[)）\]〕］】]|[①-⑳])*$"
)
"""The end of a sentence or of a line that introduces others, footnote marks included."""
_RUNS = re.compile(r"[。！？；]|^(?:\d{1,3}[.．、]|[\[〔［【]\d{1,3}).*?[:：]")
"""Marks running text, numbered or not: a sentence ends in it, or it defines a term."""
_TABLE = re.compile(r"\||[图表] ?\d")
_OPEN = (*"（(《〈“‘「『〔［【，、,", "一是", "二是", "一要", "二要")
_CLOSE = tuple("，。、；：！？）》〉”’」』〕］】％%)")
_NUMBERED = re.compile(
    r"第[一二三四五六七八九十百\d]{1,4}(?:部分|[章节编篇])|[一二三四五六七八九十]{1,3}、"
    r"|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,3}[.．、](?![\d０-９])|[（(]\d{1,2}[）)]"
)
_STARTS = re.compile(
    rf"{_NUMBERED.pattern}|[①-⑳]|[\[〔［【]\d{{1,3}}[\]〕］】]|[-+*•·●■◆▲◇○※] |[•●■◆▲※]|——|---|\|"
    r"|(?:各位|尊敬的各位)(?:代表|委员|主任|领导|同志)|同志们|附件|附录|附[:：]|名词解释|注[:：释]"
    r"|(?:资料)?来源\s*[:：]|[图表]\d"
)
"""What only ever begins a paragraph: headings, list items, footnotes, forms of address."""

_PAGE = re.compile(
    r"(?:[—–－―─\-]+\s*(?P<a>\d{1,4})\s*[—–－―─\-]+|第\s*(?P<b>\d{1,4})\s*页"
    r"(?:\s*[,，/／]?\s*共\s*\d{1,4}\s*页)?)"
)
_BARE_PAGE = re.compile(r"\d{1,4}(?:\s*[/／]\s*\d{1,4})?")
_INLINE_PAGE = re.compile(rf"(?<=[{_HAN}，、；]) ?— ?(\d{{1,3}}) ?— ?(?=[{_HAN}])")
_OVERLEAF = re.compile(r"[（(](?:下转|上接|紧接|转|接)第?[一二三四五六七八九十\dA-Z]{1,3}版[）)]")
_RULE = re.compile(r"(?:- ?){3,}|(?:\* ?){3,}|(?:_ ?){3,}|(?:= ?){3,}")
_RUNNING = re.compile(r"(?:报告|公报|计划|规划|纲要)$")
_SITE = re.compile(
    r"(?:您?(?:当前|现在|所在)的?(?:位置|栏目)\s*[:：]?|您的位置).*|(?:网站)?首页\s*(?:>|＞|»|/|-).*"
    r"|.*(?:浏览|阅读|访问|点击)(?:次数|量|数|率)\s*[:：]?\s*(?:\d+|\[).*"
    r"|[【\[（(]?\s*(?:(?:字号|字体|大|中|小|打印(?:本页)?|关闭(?:窗口|本页)?|分享(?:到)?|收藏|微信|微博"
    r"|扫一扫|返回(?:顶部|首页)?|大字|保存)[\s:：|｜\]\[【】()（）]*){2,}"
    r"|(?:上一篇|下一篇|上一条|下一条)\s*[:：].*|[（(]?(?:责任编辑|责编|网络编辑)\s*[:：].{0,20}"
    r"|.*(?:ICP备|公网安备|网站标识码|版权所有).*|扫一扫.{0,16}|返回(?:顶部|首页|列表)|打印本页|关闭窗口"
)
_HEAD_LINES = 12
"""Site navigation is looked for in so many lines from the top."""
_SHORT = 40
"""A line of so many characters may be a heading or a row of columns."""
_UNFINISHED = 70
"""A line of so many characters, with a comma, is running text though no sentence ends in it."""
_LINES_PER_BREAK = 30
"""Unfinished lines are taken for broken paragraphs where there is one in so many: now and then a
paragraph just lacks its full stop."""
_PAGE_TEXT = 150
"""Bare numbers count as page numbers only with so much text, on average, between them."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text`: paragraphs separated by one line feed. `marks` and `cuts`: what was taken out, in
    offsets of `text`; cuts in the order in which they stood, their stray blanks gone too."""

    text: str
    marks: tuple[Mark, ...]
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line on its way: `bold` and `cuts` in offsets of `text`; `gap` says that a blank line,
    `indent` that white space stood before it; `width` counts Han characters double."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()
    cuts: tuple[Cut, ...] = ()
    depth: int = 0
    gap: bool = False
    indent: bool = False
    width: int = 0


def comparable(text: str) -> str:
    """The text without white space, invisible characters and Markdown marks (#, *, _): a quote is
    in the original when `comparable(quote) in comparable(original)`."""
    return "".join(text.split()).translate(_INVISIBLE | _MARKS)


def restore(normalised: Normalised) -> str:
    """The text with all cuts put back in their places."""
    parts, last = [], 0
    for cut in normalised.cuts:
        parts += [normalised.text[last : cut.at], "\n", cut.text, "\n"]
        last = cut.at
    return "".join([*parts, normalised.text[last:]])


def normalise(raw: str) -> Normalised:
    """Clean paragraphs of a raw text; see the head of this file. Takes linear time, once more for
    each depth of marks within marks."""
    lines = _read_lines(raw)
    while True:
        plain = not _is_markdown(lines)
        tidied = [_lift_marks(_tidy(line), plain=plain) for line in lines]
        passed = _join_lines(_cut_furniture(tidied))
        if [(x.text, x.cuts) for x in passed] == [(x.text, x.cuts) for x in lines]:
            return _assemble(passed)
        lines = [replace(x, gap=False, indent=False, width=_width(x.text)) for x in passed]


def _read_lines(raw: str) -> list[_Line]:
    """Lines with something on them. White space of any kind becomes blanks."""
    lines, gap = [], False
    for line in raw.translate(_INVISIBLE).splitlines():
        text = re.sub(r"\s", " ", line)
        if stripped := text.strip():
            indent = len(text) - len(text.lstrip()) > 0
            lines.append(_Line(stripped, gap=gap, indent=indent, width=_width(stripped)))
            gap = False
        else:
            gap = True
    return lines


def _width(text: str) -> int:
    return len(text) + len(re.findall(f"[{_HAN}{_WIDE}]", text))


def _without(line: _Line, spans: Sequence[tuple[int, int]], cut: bool = False) -> _Line:
    """The line without some ranges of its text, which become cuts if so asked."""
    if not spans:
        return line
    starts = [start for start, _ in spans]
    gone = [0]
    for start, end in spans:
        gone.append(gone[-1] + end - start)

    def move(at: int) -> int:
        i = bisect_left(starts, at)
        return at - gone[i] + (max(0, spans[i - 1][1] - at) if i else 0)

    kept, last = [], 0
    for start, end in spans:
        kept.append(line.text[last:start])
        last = end
    cuts = [(old.at, Cut(move(old.at), old.text)) for old in line.cuts]
    if cut:
        cuts += [(start, Cut(move(start), line.text[start:end])) for start, end in spans]
    return replace(
        line,
        text="".join([*kept, line.text[last:]]),
        bold=tuple((move(start), move(end)) for start, end in line.bold),
        cuts=tuple(new for _, new in sorted(cuts, key=lambda pair: pair[0])),
    )


# --- blanks ---------------------------------------------------------------------------------------


def _tidy(line: _Line) -> _Line:
    """The line without stray blanks. Blanks between words of Latin letters, beside them, and
    between the columns of a table or of a signature stay."""
    text = line.text
    if " " not in text:
        return line
    columns = len(text) <= 2 * _SHORT and not line.depth and not _SENTENCE.search(text)
    keeps = _keeps_column_gap if columns else _keeps_gap
    spans = []
    for run in re.finditer(" +", text):
        start, end = run.span()
        if start == 0 or end == len(text) or not keeps(text, start, end):
            spans.append((start, end))
        elif end - start > 1:
            spans.append((start + 1, end))
    return _without(line, spans)


_SENTENCE = re.compile(r"[，。；：！？]|、(?!.* -?[\d.]+$)")
_HAN_CHAR = re.compile(f"[{_HAN}]")
_WIDE_CHAR = re.compile(f"[{_WIDE}]")
_DIGITS_BEFORE = re.compile(r"[\d]*$")
_DIGITS_AFTER = re.compile(r"[\d]*")
_LIST_MARK = re.compile(r"(?:\d{1,3}[.．]|[-+*•·]|#+|[图表] ?\d{1,3})$")


def _keeps_gap(text: str, start: int, end: int) -> bool:
    """Whether a blank in running text stays."""
    left, right = text[start - 1], text[end]
    if start <= 6 and _LIST_MARK.match(text[:start]):
        return True
    if _WIDE_CHAR.match(left) or _WIDE_CHAR.match(right):
        return False
    left_han, right_han = bool(_HAN_CHAR.match(left)), bool(_HAN_CHAR.match(right))
    if left_han or right_han:
        other = right if left_han else left
        return not (left_han and right_han) and not (other.isdigit() or other in ".,;:!?%()‰")
    if left.isdigit() and (right.isdigit() or right in "%.‰"):
        before = _DIGITS_BEFORE.search(text[max(0, start - 4) : start])
        after = _DIGITS_AFTER.match(text[end : end + 4])
        return len(before[0] if before else "") == len(after[0] if after else "") == 4
    return not (left == "." and right.isdigit() and start > 1 and text[start - 2].isdigit())


def _keeps_column_gap(text: str, start: int, end: int) -> bool:
    """Whether a blank in a line with no punctuation stays: between columns, not in 报 告."""
    left, right = text[start - 1], text[end]
    if _WIDE_CHAR.match(left) and _WIDE_CHAR.match(right):
        return False
    if left.isdigit() and right in "年月日":
        return False
    if not (_HAN_CHAR.match(left) and _HAN_CHAR.match(right)):
        return True
    if len(text) > _SHORT:
        return False
    single_left = start < 2 or text[start - 2] == " "
    single_right = end + 1 >= len(text) or text[end + 1] == " "
    return not (single_left and single_right)


# --- Markdown marks -------------------------------------------------------------------------------

_HEADING = re.compile(r"(?:#{1,6} +)+(?=[^ ])|#{1,6}$")
_BOLD = re.compile(
    r"(?<![*\\])\*\*(?![*\s])[^*\n]*(?<!\s)\*\*(?!\*)"
    r"|(?<![\w\\])__(?![_\s])[^_\n]*(?<!\s)__(?!\w)"
)


def _is_markdown(lines: Sequence[_Line]) -> bool:
    """Whether # opens a heading here: statistics open a row of a table with it."""
    return any(
        (i == 0 and line.text.startswith("#")) or line.text.startswith("##") or "**" in line.text
        for i, line in enumerate(lines)
    )


def _lift_marks(line: _Line, *, plain: bool) -> _Line:
    """The line with # and ** taken off its text and noted beside it."""
    found = None if plain else _HEADING.match(line.text)
    if found:
        depth = line.depth or min(6, found[0].split()[-1].count("#"))
        line = replace(_without(line, [found.span()]), depth=depth)
    bolds = [match.span() for match in _BOLD.finditer(line.text)]
    if not bolds:
        return line
    spans = [span for a, b in bolds for span in ((a, a + 2), (b - 2, b))]
    inner = tuple((a + 2, b - 2) for a, b in bolds)
    return _without(replace(line, bold=tuple(sorted({*line.bold, *inner}))), spans)


# --- page furniture -------------------------------------------------------------------------------


def _cut_furniture(lines: Sequence[_Line]) -> list[_Line]:
    """The lines without furniture, each cut noted on the line before it (or the first one)."""
    drop = {i for i, line in enumerate(lines) if not line.text or _RULE.fullmatch(line.text)}
    drop |= _page_numbers(lines) | _running_titles(lines) | _site_lines(lines)
    inline = _inline_pages(lines)
    kept: list[_Line] = []
    loose: list[Cut] = []
    for i, line in enumerate(lines):
        if i in drop:
            loose += _dissolve(line)
            continue
        spans = [match.span() for match in _OVERLEAF.finditer(line.text)]
        line = _without(line, sorted({*spans, *inline.get(i, ())}), cut=True)
        if loose:
            _settle(kept, loose)
            line = replace(line, gap=True)
            if not kept:
                line, loose = replace(line, cuts=(*loose, *line.cuts)), []
        kept.append(line)
    if loose and not kept:
        kept.append(_Line(""))
    _settle(kept, loose)
    return kept


def _settle(kept: list[_Line], loose: list[Cut]) -> None:
    """Hang the loose cuts on the end of the last line kept, if there is one."""
    if kept and loose:
        end = len(kept[-1].text)
        cuts = (*kept[-1].cuts, *(replace(cut, at=end) for cut in loose))
        kept[-1] = replace(kept[-1], cuts=cuts)
        loose.clear()


def _dissolve(line: _Line) -> list[Cut]:
    """A dropped line and the cuts made in it before, in their order."""
    cuts, last = [], 0
    for cut in line.cuts:
        cuts += [Cut(0, line.text[last : cut.at]), cut]
        last = cut.at
    return [cut for cut in [*cuts, Cut(0, line.text[last:])] if cut.text]


def _page_numbers(lines: Sequence[_Line]) -> set[int]:
    """Decorated page numbers; bare ones only where they count up by one through the text."""
    pages = {i for i, line in enumerate(lines) if _PAGE.fullmatch(line.text)}
    bare = [
        (i, int(re.split(r"[/／]", line.text)[0]))
        for i, line in enumerate(lines)
        if len(line.text) < 12 and _BARE_PAGE.fullmatch(line.text)
    ]
    run: list[int] = []
    for at, (i, number) in enumerate(bare):
        run.append(i)
        if at + 1 == len(bare) or bare[at + 1][1] != number + 1:
            between = sum(len(line.text) for line in lines[run[0] : run[-1]])
            if len(run) > 2 and between > _PAGE_TEXT * (len(run) - 1):
                pages.update(run)
            run = []
    return pages


def _inline_pages(lines: Sequence[_Line]) -> dict[int, list[tuple[int, int]]]:
    """Page numbers inside sentences (一 — 1 — 般), where they count up through the text."""
    found = [
        (i, match.span(), int(match[1]))
        for i, line in enumerate(lines)
        if "—" in line.text
        for match in _INLINE_PAGE.finditer(line.text)
    ]
    numbers = [number for _, _, number in found]
    if any(a >= b for a, b in pairwise(numbers)):
        return {}
    spans: dict[int, list[tuple[int, int]]] = {}
    for i, span, _ in found:
        spans.setdefault(i, []).append(span)
    return spans


def _running_titles(lines: Sequence[_Line]) -> set[int]:
    """A title repeated on every page; its first copy stays where it opens the text."""
    titles = Counter(
        line.text
        for line in lines
        if 6 < len(line.text) <= _SHORT
        and _RUNNING.search(line.text)
        and not _NUMBERED.match(line.text)
    )
    seen: set[str] = set()
    running = set()
    for i, line in enumerate(lines):
        if titles[line.text] > 2:
            if i > 3 or line.text in seen:
                running.add(i)
            seen.add(line.text)
    return running


def _site_lines(lines: Sequence[_Line]) -> set[int]:
    """Navigation of the web site a text was copied from: lines that are surely such at the head,
    and all that follows the first one after the last sentence."""
    head = {
        i
        for i, line in enumerate(lines[:_HEAD_LINES])
        if len(line.text) <= 2 * _SHORT and _SITE.fullmatch(line.text)
    }
    foot = len(lines)
    while foot > 0 and not _is_sentence(lines[foot - 1].text):
        foot -= 1
    for i in range(foot, len(lines)):
        if len(lines[i].text) <= 4 * _SHORT and _SITE.fullmatch(lines[i].text):
            return head | set(range(i, len(lines)))
    return head


def _is_sentence(text: str) -> bool:
    return len(text) > 20 and bool(re.search(r"[。！!；;][”’）)]*$", text))


# --- broken lines ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a text is laid out: blank lines between paragraphs, the width it was wrapped at (0 where
    it was not), first lines indented, paragraphs often broken in mid-sentence."""

    spaced: bool
    wrap: int
    indented: bool
    broken: bool = False


def _join_lines(lines: Sequence[_Line]) -> list[_Line]:
    """The lines with those joined that were broken in mid-sentence."""
    if not lines:
        return []
    layout = _read_layout(lines)
    groups: list[list[_Line]] = []
    tail = ""
    for i, line in enumerate(lines):
        if groups and _continues(tail, groups[-1], line, layout, head=i < _HEAD_LINES):
            groups[-1].append(line)
            tail = (tail + line.text)[-400:] if len(tail) > 400 else tail + line.text
        else:
            groups.append([line])
            tail = line.text
    return [_merge(group) for group in groups]


def _read_layout(lines: Sequence[_Line]) -> _Layout:
    after_ends = [b.gap for a, b in pairwise(lines) if _END.search(a.text[-60:])]
    layout = _Layout(
        spaced=len(after_ends) > 2 and sum(after_ends) * 5 > len(after_ends) * 4,
        wrap=_wrap_width(lines),
        indented=0 < sum(line.indent for line in lines) < len(lines),
    )
    broken = replace(layout, broken=True)
    breaks = sum(
        _continues(a.text, [a], b, broken, head=False)
        and not _continues(a.text, [a], b, layout, head=False)
        for a, b in pairwise(lines)
    )
    return broken if breaks * _LINES_PER_BREAK >= len(lines) else layout


def _wrap_width(lines: Sequence[_Line]) -> int:
    """The width at which a text was wrapped, 0 where it was not."""
    widths = sorted(line.width for line in lines if not _END.search(line.text))
    if len(widths) < 8 or not 40 <= (width := widths[len(widths) * 9 // 10]) <= 130:
        return 0
    full = sum(width - 6 <= w <= width + 6 for w in widths)
    running = sum(w <= width + 6 for w in (line.width for line in lines))
    return width if full * 4 > len(widths) and running * 10 > 9 * len(lines) else 0


def _continues(
    before: str, group: Sequence[_Line], line: _Line, layout: _Layout, *, head: bool
) -> bool:
    """Whether a line goes on with the paragraph before it, of which `before` is the end."""
    text = line.text
    if not before or not text:
        return False
    if line.depth or _STARTS.match(text) or _TABLE.match(text):
        return False
    if text.startswith(_CLOSE) or before.endswith(_OPEN):
        return True
    wrap = layout.wrap
    full = wrap and wrap - 12 <= group[-1].width <= wrap * 1.4 and not _TABLE.match(before)
    if _END.search(before[-60:]):
        return bool(full) and ((layout.indented and not line.indent) or before[-1] in "；：;:")
    if head and _is_broken_title(before, text):
        return True
    if group[0].depth or (_NUMBERED.match(group[0].text) and not _RUNS.search(before)):
        return bool(full and len(group) == 1 and line.width < wrap * 0.8 and not _END.search(text))
    if full:
        return True
    soft = layout.spaced and not line.gap
    if soft and (len(group) > 1 or re.search(r"[，。；：、”》]", before)):
        return True
    if not layout.broken:
        return False
    unfinished = len(before) > _UNFINISHED and re.search("[，,]", before)
    return bool(_RUNS.search(before) or unfinished)


def _is_broken_title(before: str, text: str) -> bool:
    """政府工作报 + 告; 关于…发展 + 计划…的报告; 在…人民代表大会 + 第五次会议上."""
    whole = before + text
    if len(text) < 6 and whole.endswith("政府工作报告") and not text.endswith("政府工作报告"):
        return True
    if before.startswith("关于") and len(before) < 2 * _SHORT and "报告" not in before:
        return bool(re.search(r"报告|草案|决定|公报", text)) and not _END.search(text)
    return bool(before.endswith("代表大会") and re.match(r"第.{1,3}次会[议議]", text))


def _merge(group: Sequence[_Line]) -> _Line:
    """One line of several; only two Latin words need a blank between them."""
    if len(group) == 1:
        return group[0]
    parts: list[str] = []
    bold: list[tuple[int, int]] = []
    cuts: list[Cut] = []
    at = 0
    for line in group:
        latin = parts and parts[-1][-1:].isascii() and parts[-1][-1:].isalpha()
        if latin and line.text[:1].isascii() and line.text[:1].isalpha():
            parts.append(" ")
            at += 1
        parts.append(line.text)
        bold += [(at + start, at + end) for start, end in line.bold]
        cuts += [Cut(at + cut.at, cut.text) for cut in line.cuts]
        at += len(line.text)
    return replace(group[0], text="".join(parts), bold=tuple(bold), cuts=tuple(cuts))


def _assemble(lines: Sequence[_Line]) -> Normalised:
    marks: list[Mark] = []
    cuts: list[Cut] = []
    for start, line in _offsets(lines):
        end = start + len(line.text)
        if line.depth:
            marks.append(Mark(start, end, "heading", line.depth))
        marks += [Mark(start + a, start + b, "bold", 0) for a, b in line.bold if a < b]
        cuts += [Cut(start + cut.at, cut.text) for cut in line.cuts]
    return Normalised("\n".join(line.text for line in lines), tuple(marks), tuple(cuts))


def _offsets(lines: Sequence[_Line]) -> Iterator[tuple[int, _Line]]:
    start = 0
    for line in lines:
        yield start, line
        start += len(line.text) + 1
