"""Texts of reports → HTML: what the cards of the page are made of. Strings out, nothing else.

The one idea: every text that is not ours passes through `escape` on its way into HTML, and ranges
are highlighted by `highlight` before anything is joined, so markup is never searched or cut.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reportqa.records import Basis, FigureBasis, Metadata, Span
from reportqa.web.permalink import range_query
from reportqa.web.words import CHINESE, Words

__all__ = [
    "basis_badge",
    "escape",
    "highlight",
    "history_html",
    "holdings_html",
    "notice_html",
    "paragraphs_html",
    "place_line",
    "reader_url",
    "trim",
]

MOST_LISTED = 200  # reports named before a question
FEW = 8  # reports that are listed unfolded

# Characters that reorder or hide what stands around them, and controls no browser shows.
_UNSEEN = {
    *range(0x00, 0x09), *range(0x0B, 0x20), 0x7F, 0x061C, 0x200B, 0x200E, 0x200F,
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
}  # fmt: skip
_VISIBLE = dict.fromkeys(_UNSEEN, "\N{REPLACEMENT CHARACTER}")


def escape(text: str) -> str:
    """Text as HTML shows it, in an element or a quoted attribute. Controls that are invisible or
    turn the reading direction come out as the replacement character."""
    return html.escape(text.translate(_VISIBLE), quote=True)


def reader_url(
    report_id: str,
    start: int | None = None,
    end: int | None = None,
    quote_there: str | None = None,
    also: Iterable[tuple[Span, str]] = (),
) -> str:
    """The address of a report in the reader, opened at a range of its text. With what is quoted
    from there the reader finds it again in a changed report; `also` are further ranges, each with
    its quote, that the reader steps through."""
    url = f"report/{quote(report_id, safe='')}"
    if start is None or end is None:
        return url
    ranges = [(Span(start, end), quote_there), *also]
    return f"{url}?{'&'.join(range_query(*one) for one in ranges)}#here"


def highlight(text: str, offset: int, marks: Sequence[tuple[Span, str]]) -> str:
    """A text that begins at `offset` as HTML, what lies in one of the spans inside <mark>. A mark
    comes with its id, or "", which the piece gets where the span begins. Of two spans that
    overlap, the later one keeps its rest."""
    pieces, at, end = [], offset, offset + len(text)
    for span, name in sorted(marks, key=lambda mark: mark[0].start):
        first, last = max(span.start, at), min(span.end, end)
        if first >= last:
            continue
        begins = f' id="{escape(name)}"' if name and first == span.start else ""
        pieces.append(escape(text[at - offset : first - offset]))
        pieces.append(f"<mark{begins}>{escape(text[first - offset : last - offset])}</mark>")
        at = last
    pieces.append(escape(text[at - offset :]))
    return "".join(pieces)


def paragraphs_html(text: str, offset: int, marks: Sequence[tuple[Span, str]]) -> str:
    """One <p> a line of a text that begins at `offset`; blank lines are left out."""
    out = []
    for line in text.split("\n"):
        if line.strip():
            out.append(f"<p>{highlight(line, offset, marks)}</p>")
        offset += len(line) + 1
    return "".join(out)


def trim(span: Span, text: str, offset: int) -> Span:
    """The span without the white space at its ends, so that a mark begins where something can be
    seen; it must lie in the text, which begins at `offset`."""
    inside = text[span.start - offset : span.end - offset]
    return Span(span.end - len(inside.lstrip()), span.start + len(inside.rstrip()))


_BASES: dict[Basis | FigureBasis | None, tuple[str, str]] = {
    "actual": ("actual", "实际完成"),
    "achieved": ("actual", "实际完成"),
    "estimated": ("estimated", "预计完成"),
    "plan": ("plan", "计划目标"),
    "planned": ("plan", "计划目标"),
}


def basis_badge(basis: Basis | FigureBasis | None, say: Words = CHINESE) -> str:
    """Achieved, estimated or planned, in a word and a colour; nothing where it is unclear."""
    if basis is None:
        return ""
    name, word = _BASES[basis]
    return f'<span class="basis {name}">{say(word)}</span>'


def notice_html(title: str, message: str, kind: str = "", more: str = "") -> str:
    """Something the visitor should know, in place of an answer; `more` is HTML below it."""
    return (
        f'<div class="notice {kind}" role="status"><strong>{escape(title)}</strong>'
        f"<p>{escape(message)}</p>{more}</div>"
    )


def holdings_html(reports: Sequence[Metadata], passages: int, say: Words = CHINESE) -> str:
    """What there is to ask about, before a question: each report, to be read whole."""
    items = "".join(
        f'<li><a href="{escape(reader_url(m.id))}">《{escape(m.title)}》</a>'
        f"<span>{escape(place_line(m, say))}</span></li>"
        for m in reports[:MOST_LISTED]
    )
    more = f"<li>{say('……其余 {n:,} 篇可用问题找到', n=len(reports) - MOST_LISTED)}</li>"
    held = say(
        "现有 {reports:,} 篇报告，{passages:,} 个段落，可直接阅读",
        reports=len(reports),
        passages=passages,
    )
    return (
        f'<div class="holdings"><details{" open" if len(reports) <= FEW else ""}>'
        f"<summary>{held}</summary>"
        f"<ul>{items}{more if len(reports) > MOST_LISTED else ''}</ul></details></div>"
    )


def history_html(say: Words = CHINESE) -> str:
    """Where the browser lists what this visitor has asked; hidden while that is nothing."""
    return (
        f'<details class="history" hidden><summary>{say("问过的问题")}</summary><ul></ul>'
        f'<button type="button">{say("清除")}</button></details>'
    )


def place_line(metadata: Metadata, say: Words = CHINESE) -> str:
    """Where, when and what kind, as far as known."""
    year = say("{year} 年", year=metadata.year) if metadata.year is not None else ""
    return " · ".join(filter(None, (metadata.region, year, metadata.kind)))
