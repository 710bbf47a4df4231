"""Replies and reports → plain text for a language model, within a budget of characters.

Numbered, each passage with its source and the range it can be read at; a passage that does not fit
whole gives its evidence sentences, and what is left out is said. Everything quoted is verbatim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from reportqa.records import FigureHit, Hit, Metadata, Reply, Report, Section, Span
from reportqa.render import (
    FIGURE_BASIS_WORDS,
    figure_words,
    figure_years,
    format_source,
    understood_text,
)

__all__ = [
    "LEAST_BUDGET",
    "answer_brief",
    "figures_brief",
    "hits_brief",
    "outline_brief",
    "report_brief",
    "reports_brief",
]

LEAST_BUDGET = 500
"""Characters; less holds no source and sentence."""

_ROOM_FOR_END = 80  # characters kept for the line that says what was left out
_AROUND = 60  # characters of a sentence shown on each side of its figure
_LONGEST_NAME = 60  # characters of a title or heading in a line of many


def hits_brief(reply: Reply, budget: int) -> str:
    """What was understood, then the passages, best first, as many as fit."""
    head = [f"〔{said}〕"] if (said := understood_text(reply.understood)) else []
    text, shown = "\n".join(head)[: budget // 3], 0
    for hit in reply.hits:
        whole = _passage(hit, hit.passage.text.strip())
        sentences = "……".join(hit.passage.quote(span).strip() for span in _in_order(hit.evidence))
        fitting = next(
            (
                entry
                for entry in (whole, _passage(hit, sentences))
                if len(text) + len(entry) + 2 <= budget - _ROOM_FOR_END
            ),
            None,
        )
        if fitting is None:
            break
        text, shown = f"{text}\n\n{fitting}".strip(), shown + 1
    left = len(reply.hits) - shown
    return f"{text}\n\n（另有 {left} 段没有列出：加大 characters 或收窄问题）" if left else text


def answer_brief(reply: Reply, budget: int) -> str:
    """The answer with what its numbers stand for."""
    said = understood_text(reply.understood)
    lines = [f"〔{said}〕"] if said else []
    lines.append(reply.answer.text or f"（未作回答）{reply.answer.reason or ''}")
    for citation in reply.answer.citations:
        source = format_source(citation.metadata, citation.headings)
        place = f"report_id={citation.metadata.id} start={citation.start} end={citation.end}"
        lines.append(f"[{citation.number}] {source}\n    {place}")
    return _cut("\n".join(lines), budget)


def report_brief(
    report: Report, sections: Sequence[Section], start: int, end: int, budget: int
) -> str:
    """The text of [start, end), cut to the budget, with where it stands and how to read on."""
    headings = next((s.headings for s in sections if s.start <= start < s.end), ())
    head = f"{format_source(report.metadata, [_short(h) for h in headings])}"[: budget // 3]
    room = budget - len(head) - _ROOM_FOR_END
    last = min(end, start + room)
    more = f"\n\n（接着读：start={last}）" if last < end else ""
    place = f"[{start}, {last}) 共 {len(report.text)} 字"
    return f"{head}\n{place}\n\n{report.text[start:last]}{more}"


def outline_brief(report: Report, sections: Sequence[Section], start: int, budget: int) -> str:
    """The headings of a report from `start` on with the ranges they can be read at."""
    named = [s for s in sections if s.headings and s.body > s.start >= start]
    lines = (
        f"{'  ' * (len(s.headings) - 1)}{_short(s.headings[-1])}  start={s.start} end={s.end}"
        for s in named
    )
    head = f"《{_short(report.metadata.title)}》 共 {len(report.text)} 字"
    return _listed(head, lines, budget, on=lambda shown: f"start={named[shown].start}")


def reports_brief(reports: Sequence[Metadata], offset: int, budget: int) -> str:
    """One line a report, from `offset` on."""
    lines = (
        f"{_short(m.title)} | {m.region or '-'} | {m.year or '-'} | {m.kind} | report_id={m.id}"
        for m in reports[offset:]
    )
    return _listed(f"共 {len(reports)} 篇报告", lines, budget, offset)


def figures_brief(hits: Sequence[FigureHit], total: int, offset: int, budget: int) -> str:
    """Two lines a figure, from the one at `offset` on: what it is, then the sentence and where it
    stands."""
    lines = (
        f"{hit.rank}. {hit.figure.indicator} {figure_words(hit)} | "
        f"{hit.passage.metadata.region or '-'} | {figure_years(hit) or '年份不明'} | "
        f"{FIGURE_BASIS_WORDS[hit.figure.basis] or '-'}\n"
        f"   《{_short(hit.passage.metadata.title)}》：“{_sentence(hit)}” "
        f"report_id={hit.figure.report_id} start={hit.figure.start} end={hit.figure.end}"
        for hit in hits
    )
    return _listed(f"共 {total} 个数值", lines, budget, offset, total)


def _sentence(hit: FigureHit) -> str:
    """The sentence of a figure in one line; of a long one, what stands around the figure."""
    passage, figure = hit.passage, hit.figure
    start = max(figure.sentence.start, figure.start - _AROUND)
    end = min(figure.sentence.end, figure.end + _AROUND)
    said = " ".join(passage.quote(Span(start, end)).split())
    before = "…" if start > figure.sentence.start else ""
    return f"{before}{said}{'…' if end < figure.sentence.end else ''}"


def _passage(hit: Hit, text: str) -> str:
    passage = hit.passage
    headings = [_short(heading) for heading in passage.section.headings]
    about = f" 说的是 {'、'.join(map(str, passage.about))} 年" if passage.about else ""
    return (
        f"[{hit.rank}] {format_source(passage.metadata, headings, passage.basis)}\n"
        f"report_id={passage.metadata.id} start={passage.start} end={passage.end}{about}\n{text}"
    )


def _in_order(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: span.start)


def _listed(
    head: str,
    lines: Iterable[str],
    budget: int,
    offset: int = 0,
    total: int | None = None,
    on: Callable[[int], str] | None = None,
) -> str:
    """As many lines as fit under the head; what is left out, of `total` where there are more than
    these lines, is said, and how to go on: `on` tells by what, unless by the offset."""
    text, shown, every = head, 0, list(lines)
    for line in every:
        if len(text) + len(line) + 1 > budget - _ROOM_FOR_END:
            break
        text, shown = f"{text}\n{line}", shown + 1
    left = (len(every) if total is None else max(0, total - offset)) - shown
    if left:
        further = on(shown) if on else f"offset={offset + shown}"
        return f"{text}\n（另有 {left} 项：{further}，或加大 characters）"
    return text if shown else f"{text}，从 offset={offset} 起没有了"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def _cut(text: str, budget: int) -> str:
    end = "（后面省略：加大 characters）"
    return text if len(text) <= budget else text[: budget - len(end)] + end
