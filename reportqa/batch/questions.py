"""A file of questions → its questions, each with its id, its place and its other columns.

In: .txt (a question a line), .csv, .tsv and .xlsx (a column question or 问题, optionally id or
编号), .jsonl ({"id", "question"}; `_id` and `text` are accepted), or - for standard input. Out: an
Asked for each question, a Problem for each row that holds none. One bad row stops nothing.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reportqa.batch.tables import (
    QUESTION_NAMES,
    Asked,
    Row,
    checked,
    find_header,
    table_questions,
)
from reportqa.corpus.textfile import UnreadableError, decode
from reportqa.errors import QuestionError
from reportqa.records import Problem

__all__ = ["INPUTS", "open_questions", "read_questions"]

INPUTS = (".txt", ".csv", ".tsv", ".xlsx", ".jsonl")
"""The endings of files of questions."""

DELIMITERS = {".csv": ",;\t，", ".tsv": "\t"}
MOST_BYTES = 200_000_000  # of a file of questions: it is read whole


def read_questions(source: str) -> Iterator[Asked | Problem]:
    """The questions of a file, or a Problem for a row that holds none. QuestionError where the
    file itself cannot be read. A blank row is no question and no problem."""
    yield from open_questions(source)()


def open_questions(source: str) -> Callable[[], Iterator[Asked | Problem]]:
    """A function that reads the questions from the beginning, each time it is called. Text is read
    and decoded here, once; a workbook is read anew each time."""
    if source == "-":
        text = _text(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
        lines = _from_jsonl if text.lstrip()[:1] == "{" else _from_lines
        return lambda: _unique(lines(text, "-"))
    path = Path(source)
    ending = path.suffix.lower()
    if ending not in INPUTS:
        old = " (save an .xls file as .xlsx)" if ending == ".xls" else ""
        raise QuestionError(
            f"{path}: questions are read from {', '.join(INPUTS)} or -{old}",
            f"只能读取 {'、'.join(INPUTS)} 文件" + ("：请把 .xls 另存为 .xlsx" if old else ""),
        )
    if ending == ".xlsx":
        from reportqa.batch.xlsx_in import open_workbook

        workbook = open_workbook(path)
        return lambda: _unique(_from_workbook(workbook.table(), source))
    text = _text(_bytes(path), source)
    if ending in DELIMITERS:
        return lambda: _unique(_from_csv(text, source, DELIMITERS[ending]))
    reader = _from_lines if ending == ".txt" else _from_jsonl
    return lambda: _unique(reader(text, source))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise QuestionError(
            f"{path} cannot be read ({error.strerror}): check its name and permissions",
            "文件读不出来：请重新上传",
        ) from error


def _text(data: bytes, where: str) -> str:
    if len(data) > MOST_BYTES:
        raise QuestionError(
            f"{where} has more than {MOST_BYTES:,} bytes: split it",
            f"文件超过 {MOST_BYTES:,} 字节：请拆成几份",
        )
    try:
        return decode(data)
    except UnreadableError as error:
        raise QuestionError(
            f"{where} is not text: {str(error).replace('.txt or .md', '.csv or .txt')}",
            "文件内容不是文本，或编码认不出来：请另存为 UTF-8 编码的文本或 CSV，或另存为 .xlsx",
        ) from error


def _unique(rows: Iterator[Asked | Problem]) -> Iterator[Asked | Problem]:
    """The rows, with a Problem in place of each whose id an earlier one has."""
    seen: dict[str, str] = {}
    for row in rows:
        if isinstance(row, Problem):
            yield row
        elif row.id in seen:
            message = (
                f"the id {row.id!r} stands at {seen[row.id]} already: "
                "give every row an id of its own, or leave the column out"
            )
            said = f"编号“{row.id}”与前面的行重复：请给每行一个编号，或删去编号列"
            yield Problem(row.where, message, True, said)
        else:
            seen[row.id] = row.where
            yield row


def _from_lines(text: str, where: str) -> Iterator[Asked | Problem]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield checked(Asked(str(number), line.strip(), f"{where}:{number}"))


def _from_csv(text: str, where: str, delimiters: str) -> Iterator[Asked | Problem]:
    text, delimiters = _excel_separator(text, delimiters)
    for delimiter in delimiters:
        rows = _csv_rows(text, where, delimiter)
        if header := find_header(rows):
            yield from table_questions(rows, header, where, ragged=True)
            return
    if not text.strip():
        raise QuestionError(
            f"{where} is empty: write a heading question and a question a row",
            "文件是空的：第一行写列名“问题”，下面每行写一个问题",
        )
    first = next((line for line in text.splitlines() if line.strip()), "")
    raise QuestionError(
        f"{where}:1: no column named {' or '.join(QUESTION_NAMES)} "
        f"(the headings read {first.strip()[:80]!r}): add a heading line with it",
        f"没有名为“问题”或 question 的列（第一行是“{first.strip()[:80]}”）：请在第一行加上列名",
    )


def _excel_separator(text: str, delimiters: str) -> tuple[str, str]:
    """A first line such as `sep=;` names the delimiter; it is kept as a blank line."""
    first, feed, rest = text.partition("\n")
    if match := re.fullmatch(r'"?sep=(.)"?\r?', first):
        return feed + rest, match[1]
    return text, delimiters


def _csv_rows(text: str, where: str, delimiter: str) -> Iterator[Row | Problem]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield Row(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            message = f"the row is not CSV ({error}): mend its quotation marks"
            said = "这一行不合 CSV 的格式：请检查引号"
            yield Problem(f"{where}:{line}", message, True, said)


def _from_workbook(table: Any, where: str) -> Iterator[Asked | Problem]:
    yield from table_questions(
        table.rows, table.header, f"{where}:{table.sheet}", ragged=False, why=table.why_empty
    )
    for sheet in table.unread:
        message = (
            f"this sheet holds questions, too, and only the sheet {table.sheet} is read: "
            "put them there, or into a file of their own"
        )
        said = f"这张表也有“问题”一列，但只读“{table.sheet}”表：请并到那张表，或另存为一份文件"
        yield Problem(f"{where}:{sheet}", message, True, said)


def _from_jsonl(text: str, where: str) -> Iterator[Asked | Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            row = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:  # also of numbers too long, lists too deep
            message = f"the line is not JSON ({error}): mend or delete it"
            yield Problem(place, message, True, "这一行不是 JSON：请改正或删去")
            continue
        names = row.keys() if isinstance(row, dict) else ()
        question_name = "question" if "question" in names else "text"
        id_name = "id" if "id" in names else "_id"
        question = row.get(question_name) if names else None
        if isinstance(question, str) and question.strip():
            columns = {key: row[key] for key in names if key not in (question_name, id_name)}
            yield Asked(
                _mended(str(row.get(id_name, number))),
                _mended(question.strip()),
                place,
                json.loads(_mended(json.dumps(columns, ensure_ascii=False))),
            )
        else:
            message = 'the line has no "question": add it or delete the line'
            yield Problem(place, message, True, "这一行没有 question 一项：请补上或删去这一行")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _mended(text: str) -> str:
    """The text with U+FFFD for each half of a character: JSON can spell one, no file hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
