"""A Reply → the HTML of answer, evidence and notices. Strings out, nothing else happens here.

The one idea: every text that is not ours passes through `escape` on its way into HTML, and ranges
are highlighted by `highlight` before anything is joined, so markup is never searched or cut.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reportqa.records import (
    Answer,
    Basis,
    Citation,
    Hit,
    Metadata,
    Passage,
    Removed,
    Reply,
    Span,
)
from reportqa.render import BASIS_WORDS, understood_text
from reportqa.web.permalink import range_query

__all__ = [
    "basis_badge",
    "escape",
    "highlight",
    "holdings_html",
    "notice_html",
    "paragraphs_html",
    "reader_url",
    "reply_html",
    "trim",
]

MOST_LISTED = 200  # reports named before a question
FEW = 8  # reports that are listed unfolded

_NUMBER = re.compile(r"\[(\d+)\]")

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


def basis_badge(basis: Basis | None) -> str:
    """Achieved or planned, in a word and a colour; nothing where it is unclear."""
    return f'<span class="basis {basis}">{BASIS_WORDS[basis]}</span>' if basis else ""


def notice_html(title: str, message: str, kind: str = "") -> str:
    """Something the visitor should know, in place of an answer."""
    return (
        f'<div class="notice {kind}" role="status"><strong>{escape(title)}</strong>'
        f"<p>{escape(message)}</p></div>"
    )


def reply_html(
    reply: Reply, snapshot_line: str, *, literal: str = "", draft: str | None = None
) -> str:
    """The whole of one reply: answer or abstention, the passages, the line below them. `literal` is
    the address that asks a follow-up by its own words alone; `draft`, where it is not None, what a
    model has written so far, shown above what the reports say."""
    parts = []
    if reply.rewritten:
        undo = f' <a href="{escape(literal)}">按原话提问</a>' if literal else ""
        parts.append(
            f'<p class="rewritten">按上一个问题理解为：<strong>{escape(reply.rewritten)}</strong>'
            f"{undo}</p>"
        )
    if said := understood_text(reply.understood):
        parts.append(f'<p class="understood">问题理解：{escape(said)}</p>')
    if draft is not None:
        parts.append(_draft_html(draft))
    parts.append(_answer_html(reply))
    if reply.hits:
        parts.append(
            f'<h2 class="part">相关段落<span>{len(reply.hits)} 段，最相关的在前</span></h2>'
        )
        parts += [_hit_html(hit) for hit in reply.hits]
    parts.append(f'<p class="colophon">用时 {reply.seconds:.2f} 秒 · {escape(snapshot_line)}</p>')
    return "".join(parts)


def holdings_html(reports: Sequence[Metadata], passages: int) -> str:
    """What there is to ask about, before a question: each report, to be read whole."""
    items = "".join(
        f'<li><a href="{escape(reader_url(m.id))}">《{escape(m.title)}》</a>'
        f"<span>{escape(_place_line(m))}</span></li>"
        for m in reports[:MOST_LISTED]
    )
    more = f"<li>……其余 {len(reports) - MOST_LISTED:,} 篇可用问题找到</li>"
    return (
        f'<div class="holdings"><details{" open" if len(reports) <= FEW else ""}>'
        f"<summary>现有 {len(reports):,} 篇报告，{passages:,} 个段落，可直接阅读</summary>"
        f"<ul>{items}{more if len(reports) > MOST_LISTED else ''}</ul></details></div>"
    )


def _answer_html(reply: Reply) -> str:
    answer = reply.answer
    if answer.abstained or answer.text is None:
        return notice_html(
            "没有找到可以回答的依据", answer.reason or "换一种问法试试。", "abstained"
        )
    said = "".join(_said_html(citation, reply.hits) for citation in answer.citations)
    evidence = f'<section class="answer" aria-label="简答"><h2>报告原文这样说</h2>{said}</section>'
    removed = _removed_html(answer.removed)
    if answer.mode == "extractive":
        note = f'<p class="note" role="status">{escape(answer.note)}</p>' if answer.note else ""
        return note + evidence + removed
    return (
        '<section class="answer generated" aria-label="生成的回答">'
        '<h2><span class="badge">生成</span>模型根据下列原文写成，已逐句核对</h2>'
        f"{_generated_html(answer, reply.hits)}{removed}</section>{evidence}"
    )


def _draft_html(draft: str) -> str:
    """What a model writes, before it is checked: plain text, its numbers lead nowhere yet."""
    words = paragraphs_html(draft, 0, ()) or "<p>……</p>"
    return (
        '<section class="answer generated draft" aria-label="生成中的回答" aria-busy="true">'
        f'<h2><span class="badge">生成</span>模型正在写，尚未核对</h2>{words}</section>'
    )


def _generated_html(answer: Answer, hits: Sequence[Hit]) -> str:
    """The checked text, every [n] a link to what it cites."""
    cited = {citation.number: citation for citation in answer.citations}

    def link(match: re.Match[str]) -> str:
        citation = cited.get(int(match[1]))
        return _cite_link(citation, hits) if citation else match[0]

    lines = [line for line in (answer.text or "").split("\n") if line.strip()]
    return "".join(f"<p>{_NUMBER.sub(link, escape(line))}</p>" for line in lines)


def _removed_html(removed: Sequence[Removed]) -> str:
    """What the check took out, folded: it is not to be taken for the answer."""
    if not removed:
        return ""
    items = "".join(
        f"<li><s>{escape(gone.sentence)}</s><span>{escape(gone.reason)}</span></li>"
        for gone in removed
    )
    return (
        f'<details class="removed"><summary>核对时删去 {len(removed)} 句</summary>'
        f"<ul>{items}</ul></details>"
    )


def _cite_link(citation: Citation, hits: Iterable[Hit]) -> str:
    """[n], which leads to the card, or to the reader in a new tab."""
    hit = next((hit for hit in hits if _holds(hit.passage, citation)), None)
    url = escape(reader_url(citation.metadata.id, citation.start, citation.end, citation.quote))
    jump = f' data-jump="{_mark_of(hit, citation)}"' if hit else ""
    number = citation.number
    return f'<a class="cite" href="{url}"{jump} aria-label="依据 {number}">[{number}]</a>'


def _said_html(citation: Citation, hits: Sequence[Hit]) -> str:
    """A quoted sentence with its [n]."""
    hit = next((hit for hit in hits if _holds(hit.passage, citation)), None)
    badge = basis_badge(hit.passage.basis) if hit else ""
    where = " › ".join((_place_line(citation.metadata), *citation.headings[-1:]))
    return (
        f'<div class="said"><p>{escape(citation.quote)}{_cite_link(citation, hits)}</p>'
        f'<p class="source">{badge}{escape(where)}</p></div>'
    )


def _hit_html(hit: Hit) -> str:
    passage, metadata = hit.passage, hit.passage.metadata
    name = f"hit-{hit.rank}"
    spans = [trim(span, passage.text, passage.start) for span in hit.evidence]
    marks = [(span, f"{name}-{i}") for i, span in enumerate(spans, 1)]
    best = (
        spans[0] if spans else trim(Span(passage.start, passage.end), passage.text, passage.start)
    )
    also = [(span, passage.quote(span)) for span in spans[1:]]
    url = escape(reader_url(metadata.id, best.start, best.end, passage.quote(best), also))
    path = "".join(f"<li>{escape(heading)}</li>" for heading in passage.section.headings)
    return (
        f'<article class="hit" id="{name}" tabindex="-1" aria-labelledby="{name}-title">'
        f'<header><span class="rank">{hit.rank}</span>'
        f'<h3 id="{name}-title">《{escape(metadata.title)}》</h3>'
        f'<span class="facts"><span>{escape(_place_line(metadata))}</span>'
        f"{basis_badge(passage.basis)}</span></header>"
        + (f'<ol class="path" aria-label="所在章节">{path}</ol>' if path else "")
        + f'<div class="text">{paragraphs_html(passage.text, passage.start, marks)}</div>'
        f'<footer><a class="to-reader" href="{url}" aria-label="在报告中查看第 {hit.rank} 段">'
        "在报告中查看</a></footer></article>"
    )


def _place_line(metadata: Metadata) -> str:
    """Where, when and what kind, as far as known."""
    year = f"{metadata.year} 年" if metadata.year is not None else ""
    return " · ".join(filter(None, (metadata.region, year, metadata.kind)))


def _mark_of(hit: Hit, citation: Citation) -> str:
    """The id of the highlighted sentence that is cited, or of its card."""
    for number, span in enumerate(hit.evidence, 1):
        if span.start <= citation.start < span.end:
            return f"hit-{hit.rank}-{number}"
    return f"hit-{hit.rank}"


def _holds(passage: Passage, citation: Citation) -> bool:
    return (
        passage.metadata.id == citation.metadata.id
        and passage.start <= citation.start
        and citation.end <= passage.end
    )
