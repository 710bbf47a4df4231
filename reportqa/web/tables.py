"""Comparisons, figures and the corpus → tables as HTML. Strings out, nothing else happens here.

Every row leads to its sentence in the reader. On a narrow screen a row stands as a card: each cell
carries its heading along as `data-label`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from reportqa.compare import By, Compared, Comparison
from reportqa.figures.series import Chart
from reportqa.index import Snapshot
from reportqa.records import FigureHit, Metadata, Problem, Span
from reportqa.render import figure_words, figure_years
from reportqa.stretches import LIST_MARK
from reportqa.web.cards import basis_badge, escape, highlight, reader_url, trim
from reportqa.web.chart import chart_html
from reportqa.web.ranked_places import is_ranked, ranking_html
from reportqa.web.troubles import in_page_words
from reportqa.web.words import CHINESE, Words

__all__ = ["BY_WORDS", "comparison_html", "corpus_html", "figures_html", "framed"]

BY_WORDS: dict[By, str] = {"region": "地区", "year": "所述年份", "report": "报告"}
MOST_CHARTS = 2  # levels and changes, as a rule
MOST_LISTED = 500  # reports in one table
NARROW = ("年份", "性质", "段落", "类型")  # cells whose text is not broken
MOST_FIGURES = 60  # in one table; the file has all
AROUND = 60  # characters of a long sentence shown on each side of its figure


def framed(body: str, url: str) -> str:
    """What a tab shows, with the address that shows it again."""
    return f'<div class="reply" data-url="{escape(url)}">{body}</div>'


def comparison_html(comparison: Comparison, downloads: str, say: Words = CHINESE) -> str:
    """A row for each of what is compared: its sentence, or why there is none."""
    columns, by = comparison.columns, comparison.by
    gaps = say("，{n} 项没有依据", n=comparison.gaps) if comparison.gaps else ""
    counted = say("{n} 项{gaps}", n=len(columns), gaps=gaps)
    caption = say("“{question}”：{counted}", question=comparison.question, counted=counted)
    rows = "".join(_compared_html(column, by, say) for column in columns)
    heads = (say(BY_WORDS[by]), say("原句"), say("出处"))
    return _table(caption, heads, rows) + downloads


def figures_html(
    indicator: str,
    hits: Sequence[FigureHit],
    charts: Sequence[Chart],
    downloads: str,
    say: Words = CHINESE,
) -> str:
    """Charts of what can be drawn, then every figure with its sentence."""
    shown = [chart for chart in charts[:MOST_CHARTS] if chart.size > 1]
    shown.sort(key=lambda chart: is_ranked(chart) and chart.kind == "change")  # levels rank first
    drawn = "".join(
        ranking_html(chart, say) if is_ranked(chart) else chart_html(chart, say) for chart in shown
    )
    rows = "".join(_figure_html(hit, say) for hit in hits[:MOST_FIGURES])
    cut = say("，列出前 {n} 个", n=MOST_FIGURES) if len(hits) > MOST_FIGURES else ""
    counted = "“{indicator}”的数值：{n:,} 个{cut}，指标名称最相近的在前"
    caption = say(counted, indicator=indicator, n=len(hits), cut=cut)
    heads = [say(head) for head in ("地区", "年份", "数值", "性质", "原句", "出处")]
    return drawn + _table(caption, heads, rows) + downloads


def corpus_html(snapshot: Snapshot, wanted: str = "", say: Words = CHINESE) -> str:
    """The reports whose title, region, year or kind holds all the words wanted."""
    words = wanted.split()
    found = [
        metadata
        for metadata in snapshot.reports
        if all(word in f"{metadata.title} {_facts(metadata)}" for word in words)
    ]
    rows = "".join(_report_html(snapshot, metadata, say) for metadata in found[:MOST_LISTED])
    more = say("，列出前 {n} 篇", n=MOST_LISTED) if len(found) > MOST_LISTED else ""
    caption = say("{n:,} 篇报告{more}", n=len(found), more=more)
    heads = [say(head) for head in ("报告", "地区", "年份", "类型", "段落")]
    return _about_html(snapshot, say) + _table(caption, heads, rows) + _problems_html(snapshot, say)


def _table(caption: str, heads: Sequence[str], rows: str) -> str:
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        f'<table class="sheet"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(label: str, inside: str, say: Words) -> str:
    narrow = ' class="narrow"' if label in NARROW else ""
    return f'<td data-label="{say(label)}{say("：")}"{narrow}>{inside}</td>'


def _compared_html(column: Compared, by: By, say: Words) -> str:
    citation, hit = column.citation, column.hit
    badge = basis_badge(hit.passage.basis, say) if hit else ""
    source = ""
    if citation is not None:
        place = (citation.metadata.id, citation.start, citation.end, citation.quote)
        url = escape(reader_url(*place))
        where = " › ".join((f"《{citation.metadata.title}》", *citation.headings[-1:]))
        source = f'<a href="{url}">{escape(where)}</a>'
    if column.gap is None and citation is not None:
        said = f"<blockquote>{escape(citation.quote)}</blockquote>{badge}"
    else:
        said = f'<p class="gap"><strong>{say("没有依据")}</strong> {escape(column.gap or "")}</p>'
        if citation is not None:
            said += (
                f"<details><summary>{say('最接近的原文')}</summary><p>{escape(citation.quote)}</p>"
                f"<p>{source}</p></details>"
            )
            source = ""
    label = say("{year} 年", year=column.value) if by == "year" else column.label
    return (
        f'<tr class="{"gap" if column.gap else "said"}"><th scope="row">{escape(label)}</th>'
        f"{_cell('原句', said, say)}{_cell('出处', source or '—', say)}</tr>"
    )


def _figure_html(hit: FigureHit, say: Words) -> str:
    figure, passage = hit.figure, hit.passage
    span = figure.sentence
    url = escape(reader_url(figure.report_id, span.start, span.end, passage.quote(span)))
    badge = basis_badge(figure.basis, say) or say("未说明")
    name = f"<small>{escape(figure.indicator)}</small> {escape(figure_words(hit))}"
    sentence = _excerpt_html(hit)
    cells = (
        _cell("年份", escape(figure_years(hit)) or say("未说明"), say),
        _cell("数值", name, say),
        _cell("性质", badge, say),
        _cell("原句", f"<blockquote>{sentence}</blockquote>", say),
        _cell("出处", f'<a href="{url}">《{escape(passage.metadata.title)}》</a>', say),
    )
    region = escape(passage.metadata.region or say("未知地区"))
    return f'<tr><th scope="row">{region}</th>{"".join(cells)}</tr>'


def _excerpt_html(hit: FigureHit) -> str:
    """The sentence with its figure marked, cut at both sides where it is long."""
    figure = hit.figure
    span = trim(figure.sentence, hit.passage.text, hit.passage.start)
    item = LIST_MARK.match(hit.passage.quote(span))
    span = Span(span.start + (item.end() if item else 0), span.end)
    named = min((s.start for s in figure.indicator_spans), default=figure.start)
    first = max(span.start, min(figure.start, max(named, figure.start - 2 * AROUND)) - AROUND)
    last = min(span.end, figure.end + AROUND)
    text = hit.passage.quote(Span(first, last))
    marked = highlight(text, first, [(Span(figure.start, figure.end), "")])
    return f"{'…' if first > span.start else ''}{marked}{'…' if last < span.end else ''}"


def _report_html(snapshot: Snapshot, metadata: Metadata, say: Words) -> str:
    url = escape(reader_url(metadata.id))
    cells = (
        _cell("地区", escape(metadata.region or "—"), say),
        _cell("年份", str(metadata.year or "—"), say),
        _cell("类型", escape(metadata.kind or "—"), say),
        _cell("段落", f"{len(snapshot.passages_of(metadata.id)):,}", say),
    )
    title = f'<a href="{url}">《{escape(metadata.title)}》</a>'
    return f'<tr><th scope="row">{title}</th>{"".join(cells)}</tr>'


def _about_html(snapshot: Snapshot, say: Words) -> str:
    model = "{name}（{n} 维）"
    counted = "{passages:,} 个，{sentences:,} 句"
    passages, sentences = snapshot.n_passages, snapshot.n_sentences
    facts = (
        (say("快照"), snapshot.generation),
        (say("建成时间"), _local_time(snapshot.created)),
        (say("报告"), say("{n:,} 篇", n=len(snapshot.reports))),
        (say("段落"), say(counted, passages=passages, sentences=sentences)),
        (say("向量模型"), say(model, name=snapshot.card.name, n=snapshot.card.dimension)),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts)
    return f'<dl class="about">{items}</dl>'


def _local_time(moment: str) -> str:
    """A moment in ISO form as clocks here tell it, with their zone."""
    here = datetime.fromisoformat(moment).astimezone()
    away = here.isoformat(timespec="seconds")[19:]
    return f"{here:%Y-%m-%d %H:%M:%S} UTC{'' if away == '+00:00' else away}"


def _problems_html(snapshot: Snapshot, say: Words) -> str:
    """What the build had to say; a file is named without the folder it lies in."""
    problems = snapshot.problems
    if not problems:
        return f'<p class="note">{say("上次建索引没有发现问题。")}</p>'
    items = "".join(
        f"<li><strong>{escape(PurePath(problem.where).name)}</strong>"
        f"{say('（已跳过）') if problem.skipped else ''} "
        f"{escape(_said(problem, say))}</li>"
        for problem in problems[:MOST_LISTED]
    )
    found = say("上次建索引发现 {n} 个问题", n=len(problems))
    return f'<details class="problems"><summary>{found}</summary><ul>{items}</ul></details>'


def _said(problem: Problem, say: Words) -> str:
    """A problem in the visitor's language."""
    return problem.message if say.english else problem.said or in_page_words(problem.message)


def _facts(metadata: Metadata) -> str:
    return f"{metadata.region or ''} {metadata.year or ''} {metadata.kind}"
