"""A Report with its Sections → the HTML page that shows it whole, opened at a sentence.

A page of its own, not a part of the Gradio page: it loads at once, the browser's own back button,
find-in-page and printing work on it, and its address can be kept and shared. Sentences, highlighted
ranges and defined terms are layers over the text; reader.js moves among them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from reportqa.records import Report, Section, Span
from reportqa.web.cards import basis_badge, escape, trim
from reportqa.web.permalink import Place, range_query
from reportqa.web.terms import define_terms, find_terms

__all__ = ["missing_html", "reader_html"]

OUTLINE_DEPTH = 3  # levels of headings listed beside the text
LONGEST_OUTLINE_TITLE = 40  # characters

MOVED = "位置已变：报告改动过，已按原文找到这句话。"
GONE = "原句已改动或删去：现在的报告里找不到引用的原话。"


@dataclass(frozen=True, slots=True)
class _Wrap:
    """An element around a range. `again` opens it where the range goes on after a break."""

    span: Span
    opening: str
    again: str
    closing: str


_Layers = tuple[Sequence[_Wrap], ...]  # outermost first, each ascending and without overlaps


def reader_html(
    report: Report,
    sections: Sequence[Section],
    places: Sequence[Place] = (),
    sentences: Sequence[Span] = (),
) -> str:
    """The report as a page. The places that are still in it are highlighted, under the ids `here`,
    `here-2` and so on; each of the sentences has its own address."""
    metadata, text = report.metadata, report.text
    spans = [trim(p.span, text, 0) for p in places if p.span and p.state != "gone"]
    marks = _marks(spans)
    links = [_sentence_wrap(trim(span, text, 0), text) for span in sentences]
    terms = define_terms(report, sections)
    body = "".join(
        _section_html(
            number,
            section,
            text,
            (links, marks, [_term_wrap(*one) for one in find_terms(report, section, terms)]),
        )
        for number, section in enumerate(sections)
    )
    facts = [
        metadata.region,
        metadata.issuer,
        f"{metadata.year} 年" if metadata.year is not None else None,
        metadata.kind,
        f"发布 {metadata.date}" if metadata.date else None,
    ]
    line = " · ".join(escape(fact) for fact in facts if fact)
    here = spans[0].start if spans else next((p.span.start for p in places if p.span), None)
    return _page(
        metadata.title,
        _bar_html(metadata.title, len(marks), places, sections)
        + f'<div class="reader">{_outline_html(sections, here)}<main id="text" tabindex="-1">'
        f"<h1>{escape(metadata.title)}</h1>"
        f'<p class="facts">{line}</p>{body}'
        f'<p class="colophon">来源文件：{escape(PurePath(metadata.source).name)}</p></main></div>'
        + _TOOLS,
    )


def missing_html(report_id: str) -> str:
    """The page for an address whose report is not in the snapshot."""
    return _page(
        "没有这份报告",
        '<main class="missing"><h1>没有这份报告</h1>'
        f"<p>当前的索引里没有编号为 <code>{escape(report_id)}</code> 的报告。"
        "它可能已被移除或改名。</p>"
        '<p><a class="back" href="../">回到提问</a></p></main>',
    )


# --- layers over the text -----------------------------------------------------------------------


def _marks(spans: Sequence[Span]) -> list[_Wrap]:
    """The ranges to highlight, numbered as they come; of two that overlap, the later in the text
    keeps its rest."""
    marks, at = [], 0
    for number, span in sorted(enumerate(spans, 1), key=lambda one: one[1].start):
        start = max(at, span.start)
        if start < span.end:
            name = "here" if number == 1 else f"here-{number}"
            marks.append(_Wrap(Span(start, span.end), f'<mark id="{name}">', "<mark>", "</mark>"))
            at = span.end
    return marks


def _sentence_wrap(span: Span, text: str) -> _Wrap:
    address = escape(range_query(span, text[span.start : span.end]))
    opening = f'<span class="s" data-at="{address}">'
    return _Wrap(span, opening, opening, "</span>")


def _term_wrap(span: Span, definition: str) -> _Wrap:
    opening = f'<dfn tabindex="0" title="{escape(definition)}">'
    return _Wrap(span, opening, "<dfn>", "</dfn>")


def _layered(text: str, start: int, end: int, layers: _Layers) -> str:
    """A range of the text as HTML, in the elements of the layers."""
    if not layers:
        return escape(text[start:end])
    wraps, inner, out, at = layers[0], layers[1:], [], start
    first = max(0, bisect_right(wraps, start, key=lambda wrap: wrap.span.start) - 1)
    for wrap in wraps[first:]:
        if wrap.span.start >= end:
            break
        begin, stop = max(wrap.span.start, start), min(wrap.span.end, end)
        if begin < stop:
            opening = wrap.opening if begin == wrap.span.start else wrap.again
            out.append(_layered(text, at, begin, inner))
            out.append(f"{opening}{_layered(text, begin, stop, inner)}{wrap.closing}")
            at = stop
    out.append(_layered(text, at, end, inner) if at < end else "")
    return "".join(out)


def _section_html(number: int, section: Section, text: str, layers: _Layers) -> str:
    """The heading as written, then the text under it. A heading that its text follows in the same
    line is shown in bold at the head of the paragraph."""
    heading = text[section.start : section.body]
    level = min(len(section.headings) + 1, 6)
    parts, at = [], section.body
    if heading.strip() and not heading.rstrip(" ").endswith("\n"):
        line_end = text.find("\n", section.body, section.end)
        at = section.end if line_end < 0 else line_end
        parts.append(
            f'<p><strong class="run-in" role="heading" aria-level="{level}">'
            f"{_layered(text, section.start, section.body, layers)}</strong>"
            f"{_layered(text, section.body, at, layers)}</p>"
        )
    else:
        for line in _lines(text, section.start, section.body):
            html = _layered(text, line.start, line.end, layers)
            parts.append(f"<h{level}>{html}</h{level}>")
    for line in _lines(text, at, section.end):
        parts.append(f"<p>{_layered(text, line.start, line.end, layers)}</p>")
    if not parts:
        return ""
    return f'<section id="s{number}" class="{section.role}">{"".join(parts)}</section>'


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of a range that hold something."""
    for line in text[start:end].split("\n"):
        if line.strip():
            yield Span(start, start + len(line))
        start += len(line) + 1


# --- around the text ----------------------------------------------------------------------------


def _bar_html(title: str, marked: int, places: Sequence[Place], sections: Sequence[Section]) -> str:
    """The bar that stays in sight: the way back, outline, evidence, find, and what has changed."""
    to_outline = (
        '<button type="button" id="to-outline" class="scripted" aria-controls="outline" '
        'aria-expanded="false">目录</button>'
        if any(section.headings for section in sections)
        else ""
    )
    return (
        '<header class="bar"><a class="back" href="../">← 回到提问</a>'
        f'{to_outline}<span class="name">{escape(title)}</span>{_evidence_html(marked)}{_FIND}'
        f"{_changes_html(places, sections)}</header>"
    )


def _evidence_html(marked: int) -> str:
    if marked < 2:
        return '<a href="#here">回到依据</a>' if marked else ""
    return (
        '<nav class="steps" id="evidence" aria-label="依据">'
        '<button type="button" class="scripted" aria-label="上一处依据">‹</button>'
        f'<a href="#here">依据 <span>1/{marked}</span></a>'
        '<button type="button" class="scripted" aria-label="下一处依据">›</button></nav>'
    )


def _changes_html(places: Sequence[Place], sections: Sequence[Section]) -> str:
    """What became of the quotes that an address names, where the report was changed."""
    states = [place.state for place in places]
    moved, gone = states.count("moved"), states.count("gone")
    if not moved and not gone:
        return ""
    if len(places) == 1:
        said = MOVED if moved else GONE
    else:
        parts = [f"{moved} 处位置已变，已按原文找到" if moved else ""]
        parts.append(f"{gone} 处原句已改动或删去" if gone else "")
        said = f"{len(places)} 处依据中，{'；'.join(filter(None, parts))}。"
    lost = next((p.span for p in places if p.state == "gone" and p.span), None)
    number = next(
        (n for n, s in enumerate(sections) if lost and s.start <= lost.start < s.end), None
    )
    near = f' <a href="#s{number}">看原来所在的章节</a>' if number is not None else ""
    return f'<p class="changed" role="status">{said}{near}</p>'


def _outline_html(sections: Sequence[Section], here: int | None) -> str:
    """Links to the headings, as deep as OUTLINE_DEPTH; of the notes only their own heading."""
    items = []
    for number, section in enumerate(sections):
        depth = len(section.headings)
        if section.role == "contents" or section.body == section.start:
            continue
        if depth == 0 or depth > (1 if section.role == "notes" else OUTLINE_DEPTH):
            continue
        title = section.headings[-1]
        if len(title) > LONGEST_OUTLINE_TITLE:
            title = title[: LONGEST_OUTLINE_TITLE - 1] + "…"
        read = here is not None and section.start <= here < section.end
        current = ' aria-current="location"' if read else ""
        items.append(
            f'<li class="d{depth}"><a href="#s{number}"{current}>{escape(title)}'
            f"{basis_badge(section.basis) if depth == 1 else ''}</a></li>"
        )
    if not items:
        return ""
    return (
        '<nav class="outline" id="outline" aria-label="目录" tabindex="-1">'
        f'<p class="outline-head">目录</p><ul>{"".join(items)}</ul></nav>'
    )


_FIND = (
    '<div class="find steps scripted" role="search">'
    '<input id="find" type="search" aria-label="在报告中查找" placeholder="在报告中查找" '
    'autocomplete="off" spellcheck="false" maxlength="100">'
    '<output id="found" aria-live="polite"></output>'
    '<button type="button" aria-label="上一处">‹</button>'
    '<button type="button" aria-label="下一处">›</button></div>'
)

_TOOLS = (
    '<div id="gloss" role="tooltip" hidden></div>'
    '<div id="chosen" role="group" aria-label="选中的句子" hidden>'
    '<button type="button" id="copy-link">复制本句链接</button>'
    '<button type="button" id="unchoose" aria-label="取消选中">✕</button></div>'
    '<p id="said" role="status"></p>'
)


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="../favicon.ico"><link rel="stylesheet" href="../base.css">'
        '<link rel="stylesheet" href="../reader.css">'
        '<script src="../copy.js"></script><script src="../reader.js"></script></head>'
        f'<body class="reading">{body}</body></html>'
    )
