"""A Reply → JSON, plain text. Rendering comes last: nothing reads what is rendered here, but for
the writers of batch, which write files from the JSON record.

One formatter for command line, page and interfaces, so that all of them say the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Literal

from reportqa.records import (
    Answer,
    Basis,
    Citation,
    FigureBasis,
    FigureHit,
    Hit,
    Metadata,
    Reply,
    Understanding,
)

__all__ = [
    "BASIS_WORDS",
    "FIGURE_BASIS_WORDS",
    "CitationStyle",
    "citation_text",
    "figure_json",
    "figure_words",
    "figure_years",
    "figures_text",
    "format_source",
    "generated_text",
    "ranks_json",
    "reply_json",
    "reply_text",
    "source_text",
    "understood_text",
    "years_text",
]

BASIS_WORDS: dict[Basis | None, str] = {"actual": "实际完成", "plan": "计划目标", None: ""}
"""How a basis is called on page and terminal."""

FIGURE_BASIS_WORDS: dict[FigureBasis | None, str] = {
    "achieved": "实际完成",
    "estimated": "预计完成",
    "planned": "计划目标",
    None: "",
}
"""The same for a figure, which may be an estimate."""

CitationStyle = Literal["plain", "gbt7714"]
"""How a citation is written: the quote with its source in running Chinese, or an entry of a list
of references by GB/T 7714."""

_TEXT_COLUMNS = 96


def reply_json(reply: Reply) -> dict[str, Any]:
    """The JSON object of one answer: the contract of query.py and of every interface."""
    answer = reply.answer
    return {
        "id": reply.id,
        "question": reply.question,
        "seconds": round(reply.seconds, 6),
        "answer": {
            "text": answer.text,
            "abstained": answer.abstained,
            "reason": answer.reason,
            "mode": answer.mode,
            "citations": [_citation_json(citation) for citation in answer.citations],
            "note": answer.note,
            "removed": [
                {"sentence": gone.sentence, "kind": gone.kind, "reason": gone.reason}
                for gone in answer.removed
            ],
        },
        "hits": [_hit_json(hit) for hit in reply.hits],
        "understood": {
            "years": list(reply.understood.years),
            "regions": list(reply.understood.regions),
            "missing": list(reply.understood.missing),
            "basis": reply.understood.basis,
            "kinds": list(reply.understood.kinds),
            "report_years": list(reply.understood.report_years),
            "asked": reply.understood.asked,
            "unit": reply.understood.unit,
            "topic": list(reply.understood.topic),
            "language": reply.understood.language,
            "spelt": reply.understood.spelt,
        },
        "rewritten": reply.rewritten,
    }


def ranks_json(reply: Reply) -> dict[str, Any]:
    """Of the JSON object of one answer what tells its hits apart, for who reads nothing else."""
    hits = [
        {"rank": hit.rank, "score": round(hit.score, 6), "passage_id": hit.passage.id}
        for hit in reply.hits
    ]
    return {"id": reply.id, "question": reply.question, "hits": hits}


def understood_text(understood: Understanding) -> str:
    """What was understood of a question, in one line of Chinese; empty where it states nothing."""
    parts = [f"{years}年" for years in years_text(understood.years)]
    parts += [f"{years}年报告" for years in years_text(understood.report_years)]
    parts += [*understood.kinds, *understood.regions, BASIS_WORDS[understood.basis]]
    said = "、".join(filter(None, parts))
    spelt = f"按“{understood.spelt}”查找" if understood.spelt else ""
    gap = f"没有{'、'.join(understood.missing)}的报告，以下来自别处" if understood.missing else ""
    return "；".join(filter(None, [said, spelt, gap]))


def years_text(years: Sequence[int]) -> list[str]:
    """Years as they are written, without 年; three or more in a row as a span."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return [f"{years[0]}–{years[-1]}"]
    return [f"{year}" for year in years]


def generated_text(answer: Answer) -> str:
    """What a reader has to know of a generated answer, or of one that was to be generated; empty
    for an extractive one."""
    removed = f"，删去 {len(answer.removed)} 句" if answer.removed else ""
    if answer.mode == "generated":
        return f"模型生成，已逐句核对{removed}"
    return f"{answer.note.rstrip('。')}{removed}" if answer.note else ""


def format_source(metadata: Metadata, headings: Sequence[str], basis: Basis | None = None) -> str:
    """Title, headings and basis in one line: where a passage stands."""
    return source_text(metadata.title, headings, basis)


def source_text(title: str, headings: Sequence[str], basis: Basis | None = None) -> str:
    """`format_source` from the fields of a JSON record."""
    parts = [f"《{title}》", *headings]
    word = BASIS_WORDS[basis]
    return " › ".join(parts) + (f"（{word}）" if word else "")


def citation_text(source: Citation | Hit, style: CitationStyle = "plain") -> str:
    """A citation to paste into a paper; of a hit its best sentence. What is not known is left out,
    as GB/T 7714 lets an entry do; a year that only the title tells stands in brackets there. The
    section takes the place of the page, which these texts have not."""
    if isinstance(source, Citation):
        metadata, headings, quote = source.metadata, source.headings, source.quote
    else:
        passage = source.passage
        metadata, headings = passage.metadata, passage.section.headings
        quote = passage.quote(source.evidence[0]) if source.evidence else passage.text
    if style == "gbt7714":
        return _gbt7714(metadata, headings)
    quote = " ".join(quote.split())
    by = f"{metadata.issuer}：" if metadata.issuer else ""
    facts = [f"{by}《{metadata.title}》", _chinese_date(metadata.date), " › ".join(headings)]
    return f"“{_inner_quotes(quote)}”（{'，'.join(filter(None, facts))}）"


def _gbt7714(metadata: Metadata, headings: Sequence[str]) -> str:
    """主要责任者. 题名[R]. (公布日期): 引文所在. A year alone has no parentheses."""
    date = metadata.date or ""
    if len(date) > 4:
        date = f"({date})"
    elif not date and metadata.year is not None:
        date = f"[{metadata.year}]"  # not stated, taken from the title
    issuer = f"{metadata.issuer}. " if metadata.issuer else ""
    entry = f"{issuer}{metadata.title}[R]"
    where = ", ".join(headings)
    if date:
        entry += f". {date}"
    return f"{entry}: {where}." if where else f"{entry}."


def _chinese_date(date: str | None) -> str:
    """2024-01-05 as 2024年1月5日."""
    parts = zip((date or "").split("-"), "年月日", strict=False)
    return "".join(f"{int(part)}{unit}" for part, unit in parts if part)


def _inner_quotes(text: str) -> str:
    """Quotation marks as they stand inside others."""
    return text.translate(str.maketrans("“”‘’", "‘’“”"))


def reply_text(reply: Reply) -> str:
    """An answer a person can read in a terminal: the answer, then the passages."""
    answer = reply.answer
    lines = [f"〔按上一个问题理解为：{reply.rewritten}〕"] if reply.rewritten else []
    lines += [f"〔{said}〕"] if (said := understood_text(reply.understood)) else []
    lines += [f"〔{said}〕"] if (said := generated_text(answer)) else []
    lines.append(answer.text or f"（未作回答）{answer.reason or ''}")
    for citation in answer.citations:
        lines.append(f"  [{citation.number}] {format_source(citation.metadata, citation.headings)}")
        if answer.mode == "generated":  # what it says is not what it quotes
            lines += [f"      {line}" for line in _wrap(citation.quote, _TEXT_COLUMNS - 6)]
    lines += [f"  删去：{gone.sentence}（{gone.reason}）" for gone in answer.removed]
    if reply.hits:
        lines += ["", f"相关段落（{len(reply.hits)}）："]
    for hit in reply.hits:
        passage = hit.passage
        source = format_source(passage.metadata, passage.section.headings, passage.basis)
        lines += ["", f"{hit.rank}. {source}", f"   {passage.id}  得分 {hit.score:.3f}"]
        lines += [f"   {line}" for line in _wrap(passage.text.strip(), _TEXT_COLUMNS - 3)]
    return "\n".join(lines)


def figure_json(hit: FigureHit) -> dict[str, Any]:
    """One figure found, flat: a line of .jsonl, a row of .csv, an object of any interface."""
    figure, passage = hit.figure, hit.passage
    first, last = figure.years or (None, None)
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "indicator": figure.indicator,
        "figure": figure.text,
        "value": figure.value,
        "high": figure.high,
        "unit": figure.unit,
        "comparator": figure.comparator,
        "comparator_words": figure.comparator_words,
        "kind": figure.kind,
        "direction": figure.direction,
        "against": figure.against,
        "first_year": first,
        "last_year": last,
        "basis": figure.basis,
        "region": passage.metadata.region,
        "report_id": figure.report_id,
        "title": passage.metadata.title,
        "headings": list(passage.section.headings),
        "passage_id": passage.id,
        "start": figure.start,
        "end": figure.end,
        "indicator_spans": [{"start": s.start, "end": s.end} for s in figure.indicator_spans],
        "sentence": passage.quote(figure.sentence).strip(),
    }


def figures_text(hits: Sequence[FigureHit]) -> str:
    """A table of figures for a terminal, each with its report and sentence under it."""
    rows = [("指标", "数值", "年份", "性质")]
    rows += [
        (hit.figure.indicator, figure_words(hit), figure_years(hit), _basis_words(hit))
        for hit in hits
    ]
    widths = [max(_cells(row[column]) for row in rows) for column in range(4)]
    table = [
        "  ".join(
            word + " " * (width - _cells(word)) for word, width in zip(row, widths, strict=True)
        )
        for row in rows
    ]
    lines = [table[0].rstrip(), "-" * min(_TEXT_COLUMNS, sum(widths) + 6)]
    for hit, row in zip(hits, table[1:], strict=True):
        passage = hit.passage
        lines.append(row.rstrip())
        lines.append(f"    {format_source(passage.metadata, passage.section.headings[-1:])}")
        sentence = " ".join(passage.quote(hit.figure.sentence).split())
        lines += [f"    {line}" for line in _wrap(sentence, _TEXT_COLUMNS - 4)]
    return "\n".join(lines)


def figure_words(hit: FigureHit) -> str:
    """The figure as written; a change with its direction and what it is against."""
    figure = hit.figure
    text = "".join(figure.text.split())
    if figure.kind == "level" or figure.comparator == "multiple":
        return figure.against + text
    return f"{figure.against}{'下降' if figure.direction == 'down' else '增长'}{text}"


def figure_years(hit: FigureHit) -> str:
    """The year or the range of years a figure is of; nothing where none is known."""
    years = hit.figure.years
    if years is None:
        return ""
    return f"{years[0]}" if years[0] == years[1] else f"{years[0]}–{years[1]}"


def _basis_words(hit: FigureHit) -> str:
    return FIGURE_BASIS_WORDS[hit.figure.basis]


def _cells(text: str) -> int:
    """The cells of a terminal that a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _citation_json(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "report_id": citation.metadata.id,
        "title": citation.metadata.title,
        "headings": list(citation.headings),
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    passage, metadata = hit.passage, hit.passage.metadata
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "passage_id": passage.id,
        "report_id": metadata.id,
        "title": metadata.title,
        "year": metadata.year,
        "region": metadata.region,
        "kind": metadata.kind,
        "headings": list(passage.section.headings),
        "about": list(passage.about),
        "basis": passage.basis,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "evidence": [
            {"start": span.start, "end": span.end, "text": passage.quote(span)}
            for span in hit.evidence
        ],
    }


def _wrap(text: str, columns: int) -> list[str]:
    """Lines no wider than `columns` cells; a wide character takes two."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, width = "", 0
        for char in paragraph:
            cells = _cells(char)
            if width + cells > columns:
                lines.append(line)
                line, width = "", 0
            line, width = line + char, width + cells
        lines.append(line)
    return lines
