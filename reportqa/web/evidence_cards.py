"""Hits → the HTML of the evidence: passages grouped by report, the sentences that speak to the
question marked, and why each was found. A report stands where its best passage does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from reportqa.records import (
    Basis,
    Citation,
    FigureBasis,
    Hit,
    Passage,
    Reply,
    Span,
    Understanding,
)
from reportqa.render import citation_text
from reportqa.web.cards import (
    basis_badge,
    escape,
    paragraphs_html,
    place_line,
    reader_url,
    trim,
)
from reportqa.web.words import Words

__all__ = ["Around", "basis_of", "cite_link", "evidence_html", "hit_of", "shared_words"]

Around = Mapping[int, tuple[str, str]]
"""By rank: the text before a passage in its report, and the text after it."""

MOST_WORDS = 5  # named as the reason why a passage was found

_WORDS = re.compile(r"[\u3400-\u9fff]{2,}|[^\W_]{2,}")


def evidence_html(reply: Reply, around: Around, say: Words, downloads: str = "") -> str:
    """All hits of a reply under one heading, beside which they can be taken away: `downloads` is
    HTML. That alone where there are none."""
    if not reply.hits:
        return downloads
    groups: dict[str, list[Hit]] = {}
    for hit in reply.hits:
        groups.setdefault(hit.passage.metadata.id, []).append(hit)
    counted = say("{n} 段，来自 {m} 篇报告，最相关的在前", n=len(reply.hits), m=len(groups))
    heading = f'<h2 class="part">{say("相关段落")}<span>{counted}</span></h2>'
    parts = [f'<div class="found">{heading}{downloads}</div>']
    for hits in groups.values():
        metadata = hits[0].passage.metadata
        cards = "".join(
            _hit_html(hit, reply.understood, around.get(hit.rank, ("", "")), say) for hit in hits
        )
        parts.append(
            f'<section class="of-report"><header><h3>《{escape(metadata.title)}》</h3>'
            f'<span class="facts">{escape(place_line(metadata, say))} · '
            f"{say('{n} 段', n=len(hits))}</span></header>{cards}</section>"
        )
    return "".join(parts)


def cite_link(citation: Citation, hits: Iterable[Hit], say: Words) -> str:
    """[n], which leads to the passage on the page, or else to the reader."""
    hit = hit_of(citation, hits)
    url = escape(reader_url(citation.metadata.id, citation.start, citation.end, citation.quote))
    jump = f' data-jump="{_mark_of(hit, citation)}"' if hit else ""
    number = citation.number
    label = say("依据 {n}", n=number)
    return f'<a class="cite" href="{url}"{jump} aria-label="{label}">[{number}]</a>'


def hit_of(citation: Citation, hits: Iterable[Hit]) -> Hit | None:
    """The hit that holds what is cited."""
    return next((hit for hit in hits if _holds(hit.passage, citation)), None)


def basis_of(hit: Hit, span: Span) -> Basis | FigureBasis | None:
    """Whether a sentence of a hit tells of what was achieved, is expected or planned: as its
    passage does, but estimated where all its figures are."""
    figures = (figure for one in hit.ranked for figure in one.figures)
    bases = {figure.basis for figure in figures if span.start <= figure.start < span.end}
    estimated = hit.passage.basis == "actual" and bases == {"estimated"}
    return "estimated" if estimated else hit.passage.basis


def shared_words(topic: Sequence[str], text: str) -> list[str]:
    """What the question is about, as far as it stands in the text: the longest stretches of two
    characters or more, in the order of the question."""
    found: list[str] = []
    for run in (run for part in topic for run in _WORDS.findall(part)):
        at = 0
        while at < len(run) - 1:
            end = next((e for e in range(len(run), at + 1, -1) if run[at:e] in text), at)
            if end > at and run[at:end] not in found:
                found.append(run[at:end])
            at = max(end, at + 1)
    return found


def _hit_html(hit: Hit, understood: Understanding, around: tuple[str, str], say: Words) -> str:
    passage, metadata = hit.passage, hit.passage.metadata
    name = f"hit-{hit.rank}"
    spans = [trim(span, passage.text, passage.start) for span in hit.evidence]
    marks = [(span, f"{name}-{i}") for i, span in enumerate(spans, 1)]
    whole = Span(passage.start, passage.end)
    best = spans[0] if spans else trim(whole, passage.text, passage.start)
    also = [(span, passage.quote(span)) for span in spans[1:]]
    url = escape(reader_url(metadata.id, best.start, best.end, passage.quote(best), also))
    path = "".join(f"<li>{escape(heading)}</li>" for heading in passage.section.headings)
    label = say("依据 {n}", n=hit.rank)
    return (
        f'<article class="hit" id="{name}" tabindex="-1" aria-label="{label}">'
        f'<header><span class="rank">{hit.rank}</span>'
        + (f'<ol class="path" aria-label="{say("所在章节")}">{path}</ol>' if path else "")
        + f"{basis_badge(basis_of(hit, best), say)}</header>"
        f"{_around_html(around[0], say('上文'))}"
        f'<div class="text">{paragraphs_html(passage.text, passage.start, marks)}</div>'
        f"{_around_html(around[1], say('下文'))}"
        f'<footer><span class="why">{_why_html(hit, understood, say)}</span>'
        f"{_copy_html(citation_text(hit), say('复制引文'), say)}"
        f"{_copy_html(citation_text(hit, 'gbt7714'), 'GB/T 7714', say)}"
        f'<a class="to-reader" href="{url}" '
        f'aria-label="{say("在报告中查看第 {n} 段", n=hit.rank)}">'
        f"{say('在报告中查看')}</a></footer></article>"
    )


def _copy_html(text: str, label: str, say: Words) -> str:
    return (
        f'<button type="button" class="copy" data-copy="{escape(text)}" '
        f'data-done="{say("已复制")}">{label}</button>'
    )


def _around_html(text: str, label: str) -> str:
    """Neighbouring text, folded; nothing at the ends of a report."""
    if not text.strip():
        return ""
    words = paragraphs_html(text, 0, ())
    return f'<details class="around"><summary>{label}</summary>{words}</details>'


def _why_html(hit: Hit, understood: Understanding, say: Words) -> str:
    """Which words, which agreement with the question, which figures made this a hit."""
    passage = hit.passage
    text = passage.text + "".join(passage.section.headings)
    words = shared_words(understood.topic, text)[:MOST_WORDS]
    why = [f"{say('同词')} <b>{escape('、'.join(words))}</b>" if words else say("意思相近")]
    if understood.asked == "figure" and hit.ranked and hit.ranked[0].figures:
        why.append(say("含数字"))
    if passage.metadata.region in understood.regions:
        why.append(say("地区相符"))
    if set(understood.years) & set(passage.about):
        why.append(say("年份相符"))
    return f"{say('为何找到：')}{' · '.join(why)}"


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
