"""Comparisons, figures and the corpus → tables as HTML. Strings out, nothing else happens here.

Every row leads to its sentence in the reader. On a narrow screen a row stands as a card: each cell
carries its heading along as `data-label`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from reportqa.compare import By, Compared, Comparison
from reportqa.figures.series import Chart
from reportqa.index import Snapshot
from reportqa.records import FigureHit, Metadata, Span
from reportqa.render import FIGURE_BASIS_WORDS, figure_words, figure_years
from reportqa.web.cards import basis_badge, escape, highlight, reader_url, trim
from reportqa.web.chart import chart_html

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


def comparison_html(comparison: Comparison, downloads: str) -> str:
    """A row for each of what is compared: its sentence, or why there is none."""
    columns = comparison.columns
    gaps = f"，{comparison.gaps} 项没有依据" if comparison.gaps else ""
    caption = f"“{comparison.question}”：{len(columns)} 项{gaps}"
    rows = "".join(_compared_html(column) for column in columns)
    return _table(caption, (BY_WORDS[comparison.by], "原句", "出处"), rows) + downloads


def figures_html(
    indicator: str, hits: Sequence[FigureHit], charts: Sequence[Chart], downloads: str
) -> str:
    """Charts of what can be drawn, then every figure with its sentence."""
    drawn = "".join(chart_html(chart) for chart in charts[:MOST_CHARTS] if chart.size > 1)
    rows = "".join(_figure_html(hit) for hit in hits[:MOST_FIGURES])
    cut = f"，列出前 {MOST_FIGURES} 个" if len(hits) > MOST_FIGURES else ""
    caption = f"“{indicator}”的数值：{len(hits):,} 个{cut}，指标名称最相近的在前"
    heads = ("地区", "年份", "数值", "性质", "原句", "出处")
    return drawn + _table(caption, heads, rows) + downloads


def corpus_html(snapshot: Snapshot, wanted: str = "") -> str:
    """The reports whose title, region, year or kind holds all the words wanted."""
    words = wanted.split()
    found = [
        metadata
        for metadata in snapshot.reports
        if all(word in f"{metadata.title} {_facts(metadata)}" for word in words)
    ]
    rows = "".join(_report_html(snapshot, metadata) for metadata in found[:MOST_LISTED])
    more = f"，列出前 {MOST_LISTED} 篇" if len(found) > MOST_LISTED else ""
    caption = f"{len(found):,} 篇报告{more}"
    table = _table(caption, ("报告", "地区", "年份", "类型", "段落"), rows)
    return _about_html(snapshot) + table + _problems_html(snapshot)


def _table(caption: str, heads: Sequence[str], rows: str) -> str:
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        f'<table class="sheet"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(label: str, inside: str) -> str:
    narrow = ' class="narrow"' if label in NARROW else ""
    return f'<td data-label="{label}"{narrow}>{inside}</td>'


def _compared_html(column: Compared) -> str:
    citation, hit = column.citation, column.hit
    badge = basis_badge(hit.passage.basis) if hit else ""
    source = ""
    if citation is not None:
        url = escape(reader_url(citation.metadata.id, citation.start, citation.end))
        where = " › ".join((f"《{citation.metadata.title}》", *citation.headings[-1:]))
        source = f'<a href="{url}">{escape(where)}</a>'
    if column.gap is None and citation is not None:
        said = f"<blockquote>{escape(citation.quote)}</blockquote>{badge}"
    else:
        said = f'<p class="gap"><strong>没有依据</strong> {escape(column.gap or "")}</p>'
        if citation is not None:
            said += (
                f"<details><summary>最接近的原文</summary><p>{escape(citation.quote)}</p>"
                f"<p>{source}</p></details>"
            )
            source = ""
    return (
        f'<tr class="{"gap" if column.gap else "said"}"><th scope="row">{escape(column.label)}</th>'
        f"{_cell('原句', said)}{_cell('出处', source or '—')}</tr>"
    )


def _figure_html(hit: FigureHit) -> str:
    figure, passage = hit.figure, hit.passage
    span = figure.sentence
    url = escape(reader_url(figure.report_id, span.start, span.end))
    word = FIGURE_BASIS_WORDS[figure.basis]
    kind = "plan" if figure.basis == "planned" else "actual"
    badge = f'<span class="basis {kind}">{word}</span>' if word else "未说明"
    name = f"<small>{escape(figure.indicator)}</small> {escape(figure_words(hit))}"
    sentence = _excerpt_html(hit)
    cells = (
        _cell("年份", escape(figure_years(hit)) or "未说明"),
        _cell("数值", name),
        _cell("性质", badge),
        _cell("原句", f"<blockquote>{sentence}</blockquote>"),
        _cell("出处", f'<a href="{url}">《{escape(passage.metadata.title)}》</a>'),
    )
    region = escape(passage.metadata.region or "未知地区")
    return f'<tr><th scope="row">{region}</th>{"".join(cells)}</tr>'


def _excerpt_html(hit: FigureHit) -> str:
    """The sentence with its figure marked, cut at both sides where it is long."""
    figure = hit.figure
    span = trim(figure.sentence, hit.passage.text, hit.passage.start)
    named = min((s.start for s in figure.indicator_spans), default=figure.start)
    first = max(span.start, min(figure.start, max(named, figure.start - 2 * AROUND)) - AROUND)
    last = min(span.end, figure.end + AROUND)
    text = hit.passage.quote(Span(first, last))
    marked = highlight(text, first, [(Span(figure.start, figure.end), "")])
    return f"{'…' if first > span.start else ''}{marked}{'…' if last < span.end else ''}"


def _report_html(snapshot: Snapshot, metadata: Metadata) -> str:
    url = escape(reader_url(metadata.id))
    cells = (
        _cell("地区", escape(metadata.region or "—")),
        _cell("年份", str(metadata.year or "—")),
        _cell("类型", escape(metadata.kind or "—")),
        _cell("段落", f"{len(snapshot.passages_of(metadata.id)):,}"),
    )
    title = f'<a href="{url}">《{escape(metadata.title)}》</a>'
    return f'<tr><th scope="row">{title}</th>{"".join(cells)}</tr>'


def _about_html(snapshot: Snapshot) -> str:
    facts = (
        ("快照", snapshot.generation),
        ("建成时间", snapshot.created.replace("T", " ").replace("+00:00", " UTC")),
        ("报告", f"{len(snapshot.reports):,} 篇"),
        ("段落", f"{snapshot.n_passages:,} 个，{snapshot.n_sentences:,} 句"),
        ("向量模型", f"{snapshot.card.name}（{snapshot.card.dimension} 维）"),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts)
    return f'<dl class="about">{items}</dl>'


def _problems_html(snapshot: Snapshot) -> str:
    """What the build had to say; a file is named without the folder it lies in."""
    problems = snapshot.problems
    if not problems:
        return '<p class="note">上次建索引没有发现问题。</p>'
    items = "".join(
        f"<li><strong>{escape(PurePath(problem.where).name)}</strong>"
        f"{'（已跳过）' if problem.skipped else ''} {escape(problem.message)}</li>"
        for problem in problems[:MOST_LISTED]
    )
    return (
        f'<details class="problems"><summary>上次建索引发现 {len(problems)} 个问题</summary>'
        f"<ul>{items}</ul></details>"
    )


def _facts(metadata: Metadata) -> str:
    return f"{metadata.region or ''} {metadata.year or ''} {metadata.kind}"
