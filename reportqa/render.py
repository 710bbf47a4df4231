"""A Reply → JSON, plain text. Rendering comes last: nothing reads what is rendered here.

One formatter for command line, page and interfaces, so that all of them say the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from reportqa.records import Answer, Basis, Citation, Hit, Metadata, Reply, Understanding

__all__ = [
    "BASIS_WORDS",
    "format_source",
    "generated_text",
    "reply_json",
    "reply_text",
    "understood_text",
]

BASIS_WORDS: dict[Basis | None, str] = {"actual": "实际完成", "plan": "计划目标", None: ""}
"""How a basis is called on page and terminal."""

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
        },
        "rewritten": reply.rewritten,
    }


def understood_text(understood: Understanding) -> str:
    """What was understood of a question, in one line of Chinese; empty where it states nothing."""
    parts = [f"{year}年" for year in understood.years]
    if len(parts) > 2 and understood.years[-1] - understood.years[0] == len(parts) - 1:
        parts = [f"{understood.years[0]}–{understood.years[-1]}年"]
    parts += [*understood.regions, *filter(None, [BASIS_WORDS[understood.basis]])]
    said = "、".join(parts)
    if understood.missing:
        places = "、".join(understood.missing)
        said = (
            f"{said}；没有{places}的报告，以下来自别处"
            if said
            else f"没有{places}的报告，以下来自别处"
        )
    return said


def generated_text(answer: Answer) -> str:
    """What a reader has to know of a generated answer, or of one that was to be generated; empty
    for an extractive one."""
    removed = f"，删去 {len(answer.removed)} 句" if answer.removed else ""
    if answer.mode == "generated":
        return f"模型生成，已逐句核对{removed}"
    return f"{answer.note.rstrip('。')}{removed}" if answer.note else ""


def format_source(metadata: Metadata, headings: Sequence[str], basis: Basis | None = None) -> str:
    """Title, headings and basis in one line: where a passage stands."""
    parts = [f"《{metadata.title}》", *headings]
    word = BASIS_WORDS[basis]
    return " › ".join(parts) + (f"（{word}）" if word else "")


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
            cells = 2 if unicodedata.east_asian_width(char) in "WF" else 1
            if width + cells > columns:
                lines.append(line)
                line, width = "", 0
            line, width = line + char, width + cells
        lines.append(line)
    return lines
