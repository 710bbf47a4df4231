"""Rows of a table, or any text with a place → questions, each with its id and its other columns.

What .csv, .tsv and .xlsx files have in common: the headings are found among the first rows, and a
row that holds no question becomes a Problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from reportqa.errors import QuestionError
from reportqa.records import Problem

__all__ = [
    "MOST_COLUMNS",
    "QUESTION_NAMES",
    "Asked",
    "Header",
    "Row",
    "checked",
    "find_header",
    "table_questions",
]

QUESTION_NAMES = ("question", "问题")
ID_NAMES = ("id", "编号")
HEADER_WITHIN = 20  # rows: spreadsheets often have a title and notes above their headings
MOST_COLUMNS = 500  # carried to the output


_ERROR_VALUE = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a file: its id (the file's own, or the line it stands on), where it is, and
    what else its row holds, by column."""

    id: str
    question: str
    where: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the line it begins on, and its cells as text."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table's columns are: the question's, the id's if there is one, and the others'."""

    question: int
    id: int | None
    others: tuple[tuple[int, str], ...]
    width: int


def find_header(rows: Iterable[Row | Problem]) -> Header | None:
    """The columns of a table whose rows begin here; the rows up to its headings are consumed."""
    for row in islice(rows, HEADER_WITHIN):
        if isinstance(row, Row) and (header := _read_header(row.cells)):
            return header
    return None


def _read_header(cells: Sequence[str]) -> Header | None:
    names = [unicodedata.normalize("NFKC", cell).strip().lower() for cell in cells]
    question = next((names.index(name) for name in QUESTION_NAMES if name in names), None)
    if question is None:
        return None
    id = next((names.index(name) for name in ID_NAMES if name in names), None)
    others: dict[str, int] = {}
    for at, cell in enumerate(cells):
        if at in (question, id) or not names[at]:
            continue
        name, number = cell.strip(), 2
        while name in others:  # two columns of one name
            name, number = f"{cell.strip()} {number}", number + 1
        others[name] = at
    return Header(question, id, tuple((at, name) for name, at in others.items()), len(cells))


def table_questions(
    rows: Iterable[Row | Problem],
    header: Header,
    where: str,
    *,
    ragged: bool,
    why: Callable[[int], tuple[str, str] | None] = lambda line: None,
) -> Iterator[Asked | Problem]:
    """`ragged`: cells beyond the headings mean that a comma was not quoted. `why` says why the
    question of a line is empty where the row alone does not tell, in English and Chinese."""
    if len(header.others) > MOST_COLUMNS:
        raise QuestionError(
            f"{where} has {len(header.others)} columns beside the question: "
            f"leave at most {MOST_COLUMNS}",
            f"问题之外还有 {len(header.others)} 列：最多留 {MOST_COLUMNS} 列",
        )
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        place = f"{where}:{row.line}"
        if not any(cell.strip() for cell in row.cells):
            if reason := why(row.line):
                yield Problem(place, reason[0], True, reason[1])
            continue
        cells = [*row.cells, *[""] * (header.width - len(row.cells))]
        question = cells[header.question].strip()
        if ragged and any(cell.strip() for cell in cells[header.width :]):
            message = (
                f"the row has {len(cells)} cells under {header.width} headings: "
                "put quotation marks around a text with commas"
            )
            said = f"这一行有 {len(cells)} 格，列名只有 {header.width} 个：含逗号的文字请加引号"
            yield Problem(place, message, True, said)
        elif _ERROR_VALUE.fullmatch(question):
            message = f"the cell holds the error {question}, not a question: mend its formula"
            said = f"问题一格里是错误值 {question}：请改正公式"
            yield Problem(place, message, True, said)
        elif not question:
            message = "the row has no question: fill the column or delete the row"
            message, said = why(row.line) or (message, "这一行没有问题：请填上，或删去这一行")
            yield Problem(place, message, True, said)
        else:
            id = "" if header.id is None else cells[header.id].strip()
            columns = {name: cells[at] for at, name in header.others}
            yield checked(Asked(id or str(row.line), question, place, columns))


def checked(asked: Asked) -> Asked | Problem:
    """The question, unless bytes of it fitted no encoding."""
    if "\ufffd" not in asked.question:
        return asked
    return Problem(
        asked.where,
        "the question holds bytes that are no text: save the file as UTF-8",
        True,
        "问题里有认不出的字符：请把文件另存为 UTF-8 编码",
    )
