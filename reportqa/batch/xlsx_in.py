"""An .xlsx workbook → the rows of its table of questions. The only reader with openpyxl.

The table is on the first visible sheet that has a heading question or 问题 in its first rows. The
values of formulas are those last computed and saved; a formula without one is named.
"""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from reportqa.batch.tables import QUESTION_NAMES, Header, Row, find_header
from reportqa.errors import QuestionError
from reportqa.records import Problem

__all__ = ["Table", "Workbook", "open_workbook"]

MOST_UNPACKED = 1_000_000_000  # bytes: a workbook of a few kilobytes can unpack to any size
ROWS_TOGETHER = 1_000
_OLE = b"\xd0\xcf\x11\xe0"  # an old .xls, or an .xlsx locked away behind a password
_LOCKED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows under the headings, why the question of a line is empty, and, once the rows are
    read, the sheets behind this one that hold a table of questions, too."""

    sheet: str
    header: Header
    rows: Iterator[Row | Problem]
    unread: Iterator[str]
    why_empty: Callable[[int], tuple[str, str] | None]


def open_workbook(path: Path) -> Workbook:
    """A workbook that can be read. Raises QuestionError with the reason where it cannot."""
    try:
        with path.open("rb") as file:
            data = file.read()
    except OSError as error:
        raise QuestionError(
            f"{path} cannot be read ({error.strerror}): check its name and permissions",
            "文件读不出来：请重新上传",
        ) from error
    if data.startswith(_OLE):
        if _LOCKED in data:
            raise QuestionError(
                f"{path} is protected by a password: save it without one",
                "文件有密码保护：请去掉密码再保存",
            )
        raise QuestionError(
            f"{path} is an old Excel file: save it as .xlsx",
            "这是旧式的 Excel 文件：请另存为 .xlsx",
        )
    if not data:
        raise QuestionError(
            f"{path} is empty: save the workbook anew", "文件是空的：请重新保存工作簿"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile as error:
        raise QuestionError(
            f"{path} is not an Excel workbook: save it as .xlsx",
            "文件不是 Excel 工作簿：请在 Excel 或 WPS 里另存为 .xlsx",
        ) from error
    if size > MOST_UNPACKED:
        raise QuestionError(
            f"{path} unpacks to {size:,} bytes: split it",
            f"工作簿解压后有 {size:,} 字节，太大了：请拆成几份",
        )
    return Workbook(path, data)


class Workbook:
    """Reads its table from the beginning each time, row by row."""

    def __init__(self, path: Path, data: bytes) -> None:
        """`data` is the file, still packed. Nothing of it is read yet."""
        self._path, self._data = path, data

    def table(self) -> Table:
        """The table of questions. Raises QuestionError where no sheet has one."""
        seen, sheets = [], self._sheets(values=True)
        for name, rows in sheets:
            texts = _rows_of(rows)
            if header := find_header(texts):
                unread = (other for other, rows in sheets if _hold_questions(_rows_of(rows)))
                why = _Formulas(self, name, header).why_empty
                return Table(name, header, texts, unread, why)
            seen.append(name)
        raise QuestionError(
            f"{self._path}: no column named {' or '.join(QUESTION_NAMES)} on its sheets "
            f"({'、'.join(seen) or 'none visible'}): add a heading row with it",
            f"工作表（{'、'.join(seen) or '没有可见的'}）里没有名为“问题”或 question 的列："
            "请在第一行加上列名",
        )

    def _sheets(self, values: bool) -> Iterator[tuple[str, Iterator[tuple[int, list[Any]]]]]:
        """Name and rows of each visible sheet: formulas as their values, or as they are."""
        from openpyxl import load_workbook

        with _complaining(self._path), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
            # from memory: openpyxl leaves the file open where the workbook is damaged
            book = load_workbook(io.BytesIO(self._data), read_only=True, data_only=values)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield str(sheet.title), self._rows(sheet)

    def _rows(self, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
        with _complaining(self._path):
            sheet.reset_dimensions()  # a size written down wrong would cut the table
            rows = enumerate(sheet.iter_rows(values_only=True), 1)
        while True:
            with _complaining(self._path), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lot = list(islice(rows, ROWS_TOGETHER))
            if not lot:
                return
            yield from ((number, list(cells)) for number, cells in lot)

    def formula_lines(self, name: str, column: int) -> set[int]:
        """The lines on which a column of a sheet holds a formula."""
        rows = next(rows for title, rows in self._sheets(values=False) if title == name)
        return {
            number
            for number, cells in rows
            if len(cells) > column and str(cells[column] or "").startswith("=")
        }


def _rows_of(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[Row]:
    return (Row(line, [_text(cell) for cell in cells]) for line, cells in rows)


def _hold_questions(rows: Iterator[Row]) -> bool:
    header = find_header(rows)
    return header is not None and any("".join(row.cells[header.question :][:1]) for row in rows)


class _Formulas:
    """Why a question is empty: its formula was never computed. Looked up when first asked."""

    def __init__(self, workbook: Workbook, sheet: str, header: Header) -> None:
        self._workbook, self._sheet, self._header = workbook, sheet, header

    @cached_property
    def _lines(self) -> set[int]:
        return self._workbook.formula_lines(self._sheet, self._header.question)

    def why_empty(self, line: int) -> tuple[str, str] | None:
        if line not in self._lines:
            return None
        return (
            "the question is a formula that was never computed: "
            "open the workbook in Excel or WPS and save it, or paste the values",
            "问题一格是还没有算出结果的公式：请用 Excel 或 WPS 打开并保存，或粘贴为值",
        )


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    """What openpyxl and the parsers below it raise over a damaged workbook, as one of ours."""
    try:
        yield
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,  # of XML
    ) as error:
        raise QuestionError(
            f"{path} is damaged ({error}): open it in Excel or WPS and save it anew",
            "文件已损坏：请用 Excel 或 WPS 打开并重新保存",
        ) from error


def _text(value: Any) -> str:
    """A cell's value as it reads: whole numbers without a point, days without an hour."""
    from openpyxl.utils.escape import unescape

    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return unescape(value) if isinstance(value, str) else str(value)
