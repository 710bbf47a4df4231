"""An Answer → its HTML: what is said, large, each [n] a link to the evidence; its figures; or why
there is no answer, and the nearest there is. Generated text is marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportqa.records import Answer, Citation, Figure, FigureBasis, Hit, Removed, Reply, Span
from reportqa.sides import named_sides
from reportqa.statements import best_figure
from reportqa.stretches import LIST_MARK
from reportqa.web.cards import basis_badge, escape, notice_html, paragraphs_html, place_line
from reportqa.web.evidence_cards import basis_of, cite_link, hit_of
from reportqa.web.words import Words

__all__ = ["answer_html", "draft_html"]

_NUMBER = re.compile(r"\[(\d+)\]")
_MARKED = re.compile(rf"{LIST_MARK.pattern}|^\[\d{{1,3}}\]\s*")


def answer_html(reply: Reply, say: Words) -> str:
    """The answer to the question, or an abstention that looks like one."""
    answer = reply.answer
    if answer.abstained or answer.text is None:
        return _abstention_html(reply, say)
    if answer.mode == "generated":
        quotes = "".join(_quote_html(citation, reply.hits, say) for citation in answer.citations)
        return (
            f'<section class="answer generated" aria-label="{say("生成的回答")}">'
            f'<h2><span class="badge">{say("生成")}</span>'
            f"{say('模型根据下列原文写成，已逐句核对')}</h2>"
            f"{_generated_html(answer, reply.hits, say)}{_removed_html(answer.removed, say)}"
            f'</section><section class="answer" aria-label="{say("报告原文这样说")}">'
            f"<h2>{say('报告原文这样说')}</h2>{quotes}</section>"
        )
    statements, rest = _statements(answer)
    said = "".join(_said_html(text, citation, reply, say) for text, citation in statements)
    said += _lines_html(rest, answer, reply.hits, say)
    note = f'<p class="note" role="status">{escape(answer.note)}</p>' if answer.note else ""
    return (
        f'{note}<section class="answer" aria-label="{say("简答")}">'
        f"<h2>{say('报告原文这样说')}</h2>{said}</section>{_removed_html(answer.removed, say)}"
    )


def draft_html(draft: str, say: Words) -> str:
    """What a model writes, before it is checked: plain text, its numbers lead nowhere yet. Its end
    is in sight in a box of one height, so that nothing below moves while it grows."""
    words = paragraphs_html(draft, 0, ()) or "<p>……</p>"
    return (
        f'<section class="answer generated draft" aria-label="{say("生成中的回答")}" '
        f'aria-busy="true"><h2><span class="badge">{say("生成")}</span>'
        f"{say('模型正在写，尚未核对')}</h2>"
        f'<div class="latest"><div>{words}</div></div></section>'
    )


def _statements(answer: Answer) -> tuple[list[tuple[str, Citation]], str]:
    """The text taken apart at its numbers, which end lines, as those of a report's own notes do
    not: what is said, and what it cites; and what is left behind the last."""
    rest, found = answer.text or "", []
    for citation in answer.citations:
        said, *after = re.split(rf"\[{citation.number}\](?=\n|$)", rest, maxsplit=1)
        rest = "".join(after)
        found.append((_unmarked(said.strip()), citation))
    return found, rest.strip()


def _unmarked(text: str) -> str:
    """A sentence without the mark of a list item or the number of a note before it."""
    return _MARKED.sub("", text) or text


def _said_html(said: str, citation: Citation, reply: Reply, say: Words) -> str:
    """One statement, its figures set out, and where it stands; the whole sentence on demand. Of
    several figures only the one asked for is set out, where one is."""
    hits = reply.hits
    figures = _figures_said(said, citation, hits)
    if len(figures) > 1 and reply.understood.asked in ("figure", "comparison"):
        question = reply.rewritten or reply.question
        sides = dict(named_sides(question, reply.understood))
        understood = sides.get(said.partition("：")[0], reply.understood)
        figures = [figure for figure in (best_figure(question, figures, understood),) if figure]
    whole = "".join(_unmarked(citation.quote).split())
    quote = ""
    if "".join(said.split()) not in (whole, whole.rstrip("。；;")):
        quote = (
            f'<details class="quote"><summary>{say("看原句")}</summary>'
            f"<blockquote>{escape(citation.quote)}</blockquote></details>"
        )
    basis = figures[0].basis if figures else None
    return (
        f'<div class="said"><p class="statement">{_with_figures(said, figures)}'
        f"{cite_link(citation, hits, say)}</p>"
        f"{_source_html(citation, hits, say, basis)}{quote}</div>"
    )


def _quote_html(citation: Citation, hits: Sequence[Hit], say: Words) -> str:
    """A quoted sentence with its [n]."""
    quote = _unmarked(citation.quote)
    return (
        f'<div class="said"><p>{escape(quote)}{cite_link(citation, hits, say)}</p>'
        f"{_source_html(citation, hits, say)}</div>"
    )


def _source_html(
    citation: Citation, hits: Sequence[Hit], say: Words, basis: FigureBasis | None = None
) -> str:
    hit = hit_of(citation, hits)
    there = basis_of(hit, Span(citation.start, citation.end)) if hit else None
    badge = basis_badge(basis or there, say)
    where = " › ".join((place_line(citation.metadata, say), *citation.headings[-1:]))
    return f'<p class="source">{badge}{escape(where)}</p>'


def _figures_said(said: str, citation: Citation, hits: Sequence[Hit]) -> list[Figure]:
    """The figures of the cited sentence that are said, in the order in which they are."""
    hit = hit_of(citation, hits)
    figures = [
        figure
        for one in (hit.ranked if hit else ())
        for figure in one.figures
        if citation.start <= figure.start < citation.end and figure.text in said
    ]
    return sorted(figures, key=lambda figure: said.index(figure.text))


def _with_figures(said: str, figures: Sequence[Figure]) -> str:
    """The statement with its figures set off."""
    out, at = [], 0
    for figure in figures:
        first = said.find(figure.text, at)
        if first >= 0:
            last = first + len(figure.text)
            out += [escape(said[at:first]), f'<b class="figure">{escape(said[first:last])}</b>']
            at = last
    return "".join([*out, escape(said[at:])])


def _abstention_html(reply: Reply, say: Words) -> str:
    answer = reply.answer
    nearest = "".join(_quote_html(citation, reply.hits, say) for citation in answer.citations)
    near = f"<h3>{say('最接近的原文')}</h3>{nearest}" if nearest else ""
    reason = (answer.reason or say("换一种问法试试。")).removesuffix("。以下是最接近的原文")
    return notice_html(say("没有找到可以回答的依据"), reason, "abstained", near)


def _generated_html(answer: Answer, hits: Sequence[Hit], say: Words) -> str:
    """The checked text, every [n] a link to what it cites."""
    return _lines_html(answer.text or "", answer, hits, say)


def _lines_html(text: str, answer: Answer, hits: Sequence[Hit], say: Words) -> str:
    """Lines as paragraphs, every [n] a link to what it cites."""
    cited = {citation.number: citation for citation in answer.citations}

    def link(match: re.Match[str]) -> str:
        citation = cited.get(int(match[1]))
        return cite_link(citation, hits, say) if citation else match[0]

    lines = [line for line in text.split("\n") if line.strip()]
    return "".join(f"<p>{_NUMBER.sub(link, escape(line))}</p>" for line in lines)


def _removed_html(removed: Sequence[Removed], say: Words) -> str:
    """What the check took out, folded: it is not to be taken for the answer."""
    if not removed:
        return ""
    items = "".join(
        f"<li><s>{escape(gone.sentence)}</s><span>{escape(gone.reason)}</span></li>"
        for gone in removed
    )
    return (
        f'<details class="removed"><summary>{say("核对时删去 {n} 句", n=len(removed))}</summary>'
        f"<ul>{items}</ul></details>"
    )
