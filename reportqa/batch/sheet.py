"""Rows under headings → a .csv, .tsv or .xlsx file: tables that are not answers to questions.

In: texts and numbers from anywhere. Out: a file in which none of them is a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from reportqa.batch.formats import BOM, table_line
from reportqa.batch.xlsx_out import write_rows
from reportqa.errors import QuestionError

__all__ = ["SHEETS", "write_sheet"]

SHEETS = (".csv", ".tsv", ".xlsx")
"""The endings of tables."""


def write_sheet(
    path: Path,
    name: str,
    widths: Mapping[str, int],
    rows: Iterable[Sequence[str | int | float | None]],
) -> None:
    """Write a table; the ending chooses. `name` is the sheet's, `widths` are its headings with
    their widths in characters. QuestionError for another ending, OSError where it cannot be
    written."""
    ending = path.suffix.lower()
    if ending not in SHEETS:
        raise QuestionError(f"{path.name}: tables are written to {', '.join(SHEETS)}")
    if ending == ".xlsx":
        write_rows(path, name, widths, rows)
        return
    delimiter = "\t" if ending == ".tsv" else ","
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BOM + table_line(list(widths), delimiter))
        file.writelines(table_line(row, delimiter) for row in rows)
