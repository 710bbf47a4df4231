"""A Report with its Sections → the HTML page that shows it whole, opened at a sentence.

A page of its own, not a part of the Gradio page: it loads at once, the browser's own back button,
find-in-page and printing work on it, and its address can be kept and shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from reportqa.records import Report, Section, Span
from reportqa.web.cards import basis_badge, escape, highlight, paragraphs_html, trim

__all__ = ["missing_html", "read_range", "reader_html"]

OUTLINE_DEPTH = 3  # levels of headings listed beside the text
LONGEST_OUTLINE_TITLE = 40  # characters


def read_range(start: str | None, end: str | None, length: int) -> Span | None:
    """The range that an address asks for, cut to the text; None where it asks for none."""
    if not start or not start.isdecimal() or len(start) > 12:
        return None
    first = int(start)
    last = int(end) if end and end.isdecimal() and len(end) <= 12 else length
    first, last = min(first, length), min(last, length)
    return Span(first, last) if first < last else None


def reader_html(report: Report, sections: Sequence[Section], place: Span | None) -> str:
    """The report as a page; `place` is highlighted and carries the id `here`."""
    metadata = report.metadata
    marks = [(trim(place, report.text, 0), "here")] if place else []
    facts = [
        metadata.region,
        metadata.issuer,
        f"{metadata.year} 年" if metadata.year is not None else None,
        metadata.kind,
        f"发布 {metadata.date}" if metadata.date else None,
    ]
    line = " · ".join(escape(fact) for fact in facts if fact)
    body = "".join(
        _section_html(number, section, report.text, marks)
        for number, section in enumerate(sections)
    )
    outline = _outline_html(sections, report.text, place)
    return _page(
        metadata.title,
        '<header class="bar"><a class="back" href="../">← 回到提问</a>'
        f"<span>{escape(metadata.title)}</span>"
        + ('<a href="#here">回到依据</a>' if place else "")
        + "</header>"
        f'<div class="reader">{outline}<main id="text" tabindex="-1">'
        f"<h1>{escape(metadata.title)}</h1>"
        f'<p class="facts">{line}</p>{body}'
        f'<p class="colophon">来源文件：{escape(PurePath(metadata.source).name)}</p></main></div>',
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


def _section_html(
    number: int, section: Section, text: str, marks: Sequence[tuple[Span, str]]
) -> str:
    """The heading as written, then the text under it. A heading that its text follows in the same
    line is shown in bold at the head of the paragraph."""
    heading = text[section.start : section.body]
    level = min(len(section.headings) + 1, 6)
    parts = []
    if heading.strip() and not heading.rstrip(" ").endswith("\n"):
        first = text.find("\n", section.body, section.end)
        first = section.end if first < 0 else first
        parts.append(
            f'<p><strong class="run-in" role="heading" aria-level="{level}">'
            f"{highlight(heading, section.start, marks)}</strong>"
            f"{highlight(text[section.body : first], section.body, marks)}</p>"
            + paragraphs_html(text[first : section.end], first, marks)
        )
    else:
        for start, line in _lines(heading, section.start):
            parts.append(f"<h{level}>{highlight(line, start, marks)}</h{level}>")
        parts.append(paragraphs_html(text[section.body : section.end], section.body, marks))
    if not "".join(parts):
        return ""
    return f'<section id="s{number}" class="{section.role}">{"".join(parts)}</section>'


def _outline_html(sections: Sequence[Section], text: str, place: Span | None) -> str:
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
        here = place is not None and section.start <= place.start < section.end
        current = ' aria-current="location"' if here else ""
        items.append(
            f'<li class="d{depth}"><a href="#s{number}"{current}>{escape(title)}'
            f"{basis_badge(section.basis) if depth == 1 else ''}</a></li>"
        )
    if not items:
        return ""
    return (
        '<nav class="outline" aria-label="目录"><details open><summary>目录</summary>'
        f"<ul>{''.join(items)}</ul></details></nav>"
    )


def _lines(text: str, offset: int) -> Iterator[tuple[int, str]]:
    """The lines that hold something, each with the offset it begins at."""
    for line in text.split("\n"):
        if line.strip():
            yield offset, line
        offset += len(line) + 1


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="../favicon.ico"><link rel="stylesheet" href="../page.css">'
        f'<script src="../reader.js"></script></head><body class="reading">{body}</body></html>'
    )
