"""JSON records → an .xlsx workbook: a sheet of answers and one of evidence, linked to each other.

The only user of xlsxwriter, which writes row by row in bounded memory. Every value is written as
text or number and none as a formula; text that begins like one is marked as text, as Excel does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from reportqa.batch.cells import (
    Record,
    answer_lines,
    citation_line,
    evidence_parts,
    formula_like,
    plain_text,
)
from reportqa.batch.formats import headings_for
from reportqa.render import BASIS_WORDS

__all__ = ["write_rows", "write_workbook"]

MOST_CHARACTERS = 32_767  # in a cell, by Excel
MOST_ROWS = 1_048_576  # on a sheet, by Excel
MOST_LINKS = 65_530  # on a sheet, by Excel
A4 = 9  # by Excel
LINE_HEIGHT, GREATEST_HEIGHT = 15.75, 409.0  # points; the second by Excel
WIDE = 2.1  # digits that a Chinese character is as wide as
CUT = "……（单元格放不下，其余略）"

ANSWERS, EVIDENCE = "回答", "依据"
ANSWER_COLUMNS = {"编号": 12, "问题": 36}  # widths in characters
ANSWER_FIELDS = {"回答": 64, "引用": 64, "依据": 12}
OTHER_WIDTH = 16
EVIDENCE_COLUMNS = {
    "编号": 12,
    "问题": 28,
    "名次": 6,
    "相关度": 8,
    "报告": 32,
    "年份": 8,
    "地区": 14,
    "类型": 14,
    "标题路径": 32,
    "完成或计划": 12,
    "所述年份": 12,
    "依据句": 48,
    "段落": 80,
    "报告编号": 24,
    "起": 8,
    "止": 8,
}

_SPELLED = re.compile("_x[0-9A-Fa-f]{4}_")  # spelled twice by xlsxwriter in a rich cell

Cell = str | int | float | None


def write_workbook(path: Path, records: Iterable[Record], others: Sequence[str]) -> None:
    """Write a workbook. OSError where it cannot be written."""
    with _open_book(path) as book:
        _write_sheets(book, records, others)


def write_rows(
    path: Path, name: str, widths: Mapping[str, int], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write a workbook of plain rows under headings, which come with their widths in characters.
    OSError where it cannot be written."""
    with _open_book(path) as book:
        sheets = _Sheets(book, _styles(book), name, widths)
        for row in rows:
            sheets.next_row()
            for column, value in enumerate(row):
                sheets.write(column, plain_text(value) if isinstance(value, str) else value)
        sheets.close()


@contextmanager
def _open_book(path: Path) -> Iterator[Any]:
    """A workbook, which is written at the end. OSError where it cannot be."""
    options = {
        "constant_memory": True,
        "strings_to_urls": False,
        "strings_to_formulas": False,
    }
    book = xlsxwriter.Workbook(str(path), options)
    book.use_zip64()  # where the sheets need it, and only there
    try:
        yield book
    finally:
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from error


def _write_sheets(book: Any, records: Iterable[Record], others: Sequence[str]) -> None:
    fields = [*ANSWER_COLUMNS, *ANSWER_FIELDS]
    named = dict.fromkeys(headings_for(others, fields), OTHER_WIDTH)
    styles = _styles(book)
    answers = _Sheets(book, styles, ANSWERS, ANSWER_COLUMNS | named | ANSWER_FIELDS)
    evidence = _Sheets(book, styles, EVIDENCE, EVIDENCE_COLUMNS)
    for record in records:
        answers.next_row()
        for number, hit in enumerate(record["hits"]):
            evidence.next_row()
            back = answers.place if number == 0 else None
            _write_hit(evidence, record, hit, back)
            if number == 0:
                first = evidence.place
        columns = record.get("columns", {})
        answers.write(0, plain_text(record["id"]))
        answers.write(1, plain_text(record["question"]))
        for at, name in enumerate(others, 2):
            value = columns.get(name)
            plain = isinstance(value, int | float) and not isinstance(value, bool)
            answers.write(at, value if plain else plain_text(value))
        at = 2 + len(others)
        answers.write(at, "\n".join(map(plain_text, answer_lines(record))))
        cited = "\n".join(map(citation_line, record["answer"]["citations"]))
        answers.write(at + 1, plain_text(cited))
        if record["hits"]:
            answers.link(at + 2, first, f"{len(record['hits'])} 个段落")
    answers.close()
    evidence.close()


def _write_hit(sheet: _Sheets, record: Record, hit: Record, back: str | None) -> None:
    if back:
        sheet.link(0, back, plain_text(record["id"]))
    else:
        sheet.write(0, plain_text(record["id"]))
    parts = [(plain_text(text), marked) for text, marked in evidence_parts(hit)]
    cells: tuple[Cell, ...] = (
        plain_text(record["question"]),
        hit["rank"],
        hit["score"],
        plain_text(hit["title"]),
        hit["year"],
        plain_text(hit["region"]),
        plain_text(hit["kind"]),
        plain_text(" › ".join(hit["headings"])),
        BASIS_WORDS[hit["basis"]],
        "、".join(map(str, hit["about"])),
        plain_text("\n".join(span["text"].strip() for span in hit["evidence"])),
    )
    for at, value in enumerate(cells, 1):
        sheet.write(at, value)
    sheet.write_marked(len(cells) + 1, parts)
    for at, name in enumerate(("report_id", "start", "end"), len(cells) + 2):
        sheet.write(at, plain_text(hit[name]) if name == "report_id" else hit[name])


def _styles(book: Any) -> Mapping[str, Any]:
    cell = {"text_wrap": True, "valign": "top"}
    head = {"bold": True, "bg_color": "#DDE7F3", "border": 1, "border_color": "#B8C7DA"}
    return {
        "cell": book.add_format(cell),
        "text": book.add_format(cell | {"quote_prefix": True}),
        "link": book.add_format(cell | {"font_color": "#0563C1", "underline": 1}),
        "mark": book.add_format({"bold": True, "font_color": "#9C3A00"}),
        "head": book.add_format(cell | head),
    }


class _Sheets:
    """Rows of one kind, on as many sheets as they need, each under the same frozen headings."""

    def __init__(
        self, book: Any, styles: Mapping[str, Any], name: str, widths: Mapping[str, int]
    ) -> None:
        self._book, self._styles, self._name, self._widths = book, styles, name, widths
        self._wide = tuple(widths.values())
        self._count = 0
        self._open()

    def _open(self) -> None:
        self._count += 1
        self._title = self._name if self._count == 1 else f"{self._name} {self._count}"
        self._sheet = self._book.add_worksheet(self._title)
        self._sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(self._widths.items()):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, _fitting(heading), self._styles["head"])
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_paper(A4)
        self._row = self._links = 0
        self._lines = 1

    @property
    def place(self) -> str:
        """The row, as a link leads to it."""
        return f"internal:'{self._title}'!A{self._row + 1}"

    def next_row(self) -> None:
        """Go on to a row; to another sheet where this one is full."""
        self._end_row()
        self._row += 1
        if self._row == MOST_ROWS:
            self._row -= 1
            self.close()
            self._open()
            self._row = 1

    def close(self) -> None:
        """The sheet is done: its headings filter its rows."""
        self._end_row()
        self._sheet.autofilter(0, 0, self._row, len(self._widths) - 1)

    def _end_row(self) -> None:
        """Make the row as high as its longest cell: not every program does so by itself."""
        if self._lines > 1:
            self._sheet.set_row(self._row, min(self._lines * LINE_HEIGHT, GREATEST_HEIGHT))
        for kept in (self._sheet.row_info, self._sheet.row_sizes):  # of rows written long ago
            kept.pop(self._row - 2, None)
        self._lines = 1

    def _make_room(self, column: int, text: str) -> None:
        self._lines = max(self._lines, _count_lines(text, self._wide[column]))

    def write(self, column: int, value: Cell) -> None:
        """A cell of text or of a number; an empty one for nothing."""
        styles = self._styles
        if value is None or value == "":
            self._sheet.write_blank(self._row, column, None, styles["cell"])
        elif isinstance(value, str):
            style = styles["text" if formula_like(value) else "cell"]
            self._make_room(column, value)
            self._sheet.write_string(self._row, column, _fitting(value), style)
        elif isinstance(value, int) and abs(value) > 10**15:  # a spreadsheet would round it
            self._sheet.write_string(self._row, column, str(value), styles["cell"])
        else:
            self._sheet.write_number(self._row, column, value, styles["cell"])

    def write_marked(self, column: int, parts: Sequence[tuple[str, bool]]) -> None:
        """A cell of text with some parts of it marked."""
        text = "".join(part for part, _ in parts)
        pieces: list[Any] = []
        for part, marked in parts:
            if part:
                pieces += [self._styles["mark"], part] if marked else [part]
        strings = sum(isinstance(piece, str) for piece in pieces)
        plain = strings < 2 or len(text) > MOST_CHARACTERS  # a rich cell has two parts at least
        if plain or _SPELLED.search(text):
            self.write(column, text)
        else:
            style = self._styles["text" if formula_like(text) else "cell"]
            self._make_room(column, text)
            self._sheet.write_rich_string(self._row, column, *pieces, style)

    def link(self, column: int, place: str, text: str) -> None:
        """A cell that leads to another; plain text where the sheet has all the links it may."""
        self._links += 1
        if self._links > MOST_LINKS or not text:
            self.write(column, text)
        else:
            style = self._styles["link"]
            self._sheet.write_url(self._row, column, place, style, string=_fitting(text))


def _count_lines(text: str, width: int) -> int:
    """The lines that a text takes in a column of this width, rather one too many."""
    wide = sum(line_width // (width - 1) + 1 for line_width in map(_width, text.split("\n")))
    return int(wide)


def _width(line: str) -> float:
    """In digits, which widths of columns count in. A Chinese character has two bytes more than a
    digit."""
    return len(line) + (WIDE - 1) * (len(line.encode()) - len(line)) / 2


def _fitting(text: str) -> str:
    """As much of the text as a cell takes."""
    if len(text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS:
        return text
    kept = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - len(CUT))]
    return kept.decode("utf-16-le", "ignore") + CUT
