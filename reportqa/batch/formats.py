"""A JSON record → the lines it adds to a .jsonl, .csv, .tsv, .md or .trec file.

Each of these grows by whole records, so that results appear as they come. A Format is what stands
at the head of the file and what one record adds; both are functions of their arguments alone.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reportqa.batch.cells import (
    Record,
    answer_lines,
    cell_text,
    citation_line,
    evidence_parts,
    hit_source,
    known_line,
    plain_text,
)

__all__ = ["BOM", "FORMATS", "PEOPLE_CSV", "Format", "headings_for", "json_line", "table_line"]

TABLE_NAMES = ("id", "question", "answer", "citations", "source", "passage")
TABLE_HITS = 3  # in a row of a .csv or .tsv file
SHOWN_HITS = 3  # under an answer of a .md or .docx file
TREC_TAG = "reportqa"
BOM = "\ufeff"  # without it a spreadsheet program does not take the file for UTF-8


@dataclass(frozen=True, slots=True)
class Format:
    """How a file of one ending is written. Both functions are given the names of the input's other
    columns; `entry` ends with a line feed."""

    head: Callable[[Sequence[str]], str]
    entry: Callable[[Record, Sequence[str]], str]


def json_line(record: Record) -> str:
    """One line; characters that some readers of lines take for its end are spelled out."""
    line = json.dumps(record, ensure_ascii=False)
    for character in "\x85\u2028\u2029":
        line = line.replace(character, f"\\u{ord(character):04x}")
    return line + "\n"


def headings_for(others: Sequence[str], ours: Iterable[str]) -> list[str]:
    """The names of the input's other columns, each different from ours and from one another."""
    taken, names = set(ours), []
    for other in others:
        name, number = plain_text(other), 1
        while name in taken:
            number += 1
            name = f"{plain_text(other)} (input)" if number == 2 else f"{other} (input {number})"
        taken.add(name)
        names.append(name)
    return names


def _table_head(others: Sequence[str], delimiter: str, names: Sequence[str]) -> str:
    id, question, answer, citations, source, passage = names
    ours = [answer, citations]
    for number in range(1, TABLE_HITS + 1):
        ours += [f"{source} {number}", f"{passage} {number}"]
    others = headings_for(others, [id, question, *ours])
    return BOM + table_line([id, question, *others, *ours], delimiter)


def _table_entry(record: Record, others: Sequence[str], delimiter: str) -> str:
    columns = record.get("columns", {})
    hits = record["hits"][:TABLE_HITS]
    found = [text for hit in hits for text in (hit_source(hit), hit["text"].strip())]
    row = [
        record["id"],
        record["question"],
        *(columns.get(name) for name in others),
        "\n".join(answer_lines(record)),
        "\n".join(map(citation_line, record["answer"]["citations"])),
        *found,
        *[""] * (2 * (TABLE_HITS - len(hits))),
    ]
    return table_line(row, delimiter)


def table_line(row: Sequence[object], delimiter: str) -> str:
    """One row; in a .tsv file it is one line, too."""
    texts = [plain_text(value) for value in row]
    if delimiter == "\t":
        texts = [" ".join(text.split()) for text in texts]
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow(map(cell_text, texts))
    return line.getvalue()


def _markdown_head(others: Sequence[str]) -> str:
    return "# 问答\n"


def _markdown_entry(record: Record, others: Sequence[str]) -> str:
    lines = ["", f"## {_markdown(record['question'])}", ""]
    if known := known_line(record, {name: name for name in others}):
        lines += [_markdown(known), ""]
    lines += [f"{_markdown(line)}  " for line in answer_lines(record)]
    for citation in record["answer"]["citations"]:
        lines += ["", f"> {_markdown(citation_line(citation))}"]
    if record["hits"]:
        lines += ["", "### 相关段落", ""]
    for hit in record["hits"][:SHOWN_HITS]:
        source = _markdown(hit_source(hit, basis=True))
        lines += [f"{hit['rank']}. {source}  ", f"   {_marked(hit)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _marked(hit: Record) -> str:
    """A hit's text, its evidence in bold: by tags, for ** fails beside Chinese punctuation."""
    text = ""
    for part, bold in evidence_parts(hit):
        lines = [_markdown(line) for line in plain_text(part).split("\n")]
        text += "  \n   ".join(
            f"<b>{line}</b>" if bold and line.strip() else line for line in lines
        )
    return text


def _markdown(text: str) -> str:
    """Text in one line of Markdown that is nothing but text."""
    line = re.sub(r"([\\`*_{}\[\]<>#|~$&!])", r"\\\1", " ".join(plain_text(text).split("\n")))
    return re.sub(r"^(\s*\d*)([-+.)])", r"\1\\\2", line)  # no item of a list


def _trec_entry(record: Record, others: Sequence[str]) -> str:
    """`qid Q0 docid rank score tag`, a line a passage."""
    question = _trec_name(record["id"])
    return "".join(
        f"{question} Q0 {_trec_name(hit['passage_id'])} {hit['rank']} {hit['score']:.6f} "
        f"{TREC_TAG}\n"
        for hit in record["hits"]
    )


def _trec_name(text: str) -> str:
    """A name without white space and control characters: they, and %, as %XX."""

    def spelled(match: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in match[0].encode())

    return re.sub(r"[%\s\x00-\x20\x7f-\xa0\u200b-\u200f\u202a-\u202e\u2066-\u2069]", spelled, text)


def _table(delimiter: str, names: Sequence[str] = TABLE_NAMES) -> Format:
    return Format(
        lambda others: _table_head(others, delimiter, names),
        lambda record, others: _table_entry(record, others, delimiter),
    )


FORMATS: dict[str, Format] = {
    ".jsonl": Format(lambda others: "", lambda record, others: json_line(record)),
    ".csv": _table(","),
    ".tsv": _table("\t"),
    ".md": Format(_markdown_head, _markdown_entry),
    ".trec": Format(lambda others: "", _trec_entry),
}
"""By ending."""

PEOPLE_CSV = _table(",", ("编号", "问题", "回答", "引用", "出处", "段落"))
"""A .csv file for people, who read it in a spreadsheet program: headings as in the workbook, where
those of FORMATS are names for programs."""
