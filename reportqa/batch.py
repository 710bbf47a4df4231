"""Files of questions in, files of replies out.

In: .txt (a question a line), .csv (column question, optional id), .jsonl ({"id", "question"};
`_id` and `text` are accepted), or - for standard input, a question a line. Out: .jsonl or .csv.
A file appears under its name only when it is whole.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from reportqa.errors import QuestionError
from reportqa.records import Problem, Reply
from reportqa.render import format_source, reply_json

__all__ = ["Asked", "open_output", "read_questions"]

INPUTS = (".txt", ".csv", ".jsonl")
OUTPUTS = (".jsonl", ".csv")
CSV_HITS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a file: its id (the file's own, or the line it stands on) and where it is."""

    id: str
    question: str
    where: str


def read_questions(source: str) -> Iterator[Asked | Problem]:
    """The questions of a file, or a Problem for a row that holds none. QuestionError where the
    file itself cannot be read. A blank line of a .txt file is no question and no problem."""
    if source == "-":
        yield from _from_lines(_decode(sys.stdin.buffer.read(), "standard input"), "-")
        return
    path = Path(source)
    reader = {".txt": _from_lines, ".csv": _from_csv, ".jsonl": _from_jsonl}.get(
        path.suffix.lower()
    )
    if reader is None:
        raise QuestionError(f"{path}: questions are read from {', '.join(INPUTS)} or -")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise QuestionError(
            f"{path} cannot be read ({error.strerror}): check its name and permissions"
        ) from error
    yield from reader(_decode(raw, source), source)


def _decode(raw: bytes, where: str) -> str:
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise QuestionError(f"{where} is not text: save it as UTF-8")


def _from_lines(text: str, where: str) -> Iterator[Asked | Problem]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Asked(str(number), line.strip(), f"{where}:{number}")


def _from_csv(text: str, where: str) -> Iterator[Asked | Problem]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    names = [(name or "").strip().lower() for name in rows.fieldnames or []]
    if "question" not in names:
        raise QuestionError(f"{where}:1: no column named question: add a header line with it")
    rows.fieldnames = names
    for row in _csv_rows(rows, where):
        place = f"{where}:{rows.line_num}"
        question = (row.get("question") or "").strip()
        if question:
            yield Asked((row.get("id") or "").strip() or str(rows.line_num), question, place)
        else:
            yield Problem(place, "the row has no question: fill the column or delete the row", True)


def _csv_rows(rows: csv.DictReader[str], where: str) -> Iterator[dict[str, str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise QuestionError(
            f"{where}:{rows.line_num + 1} is not CSV ({error}): mend its quotation marks"
        ) from error


def _from_jsonl(text: str, where: str) -> Iterator[Asked | Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # also of numbers too long, lists too deep
            yield Problem(place, f"the line is not JSON ({error}): mend or delete it", True)
            continue
        question = row.get("question", row.get("text")) if isinstance(row, dict) else None
        if isinstance(question, str) and question.strip():
            name = str(row.get("id", row.get("_id", number)))
            yield Asked(_mended(name), _mended(question.strip()), place)
        else:
            yield Problem(place, 'the line has no "question": add it or delete the line', True)


def _mended(text: str) -> str:
    """The text with U+FFFD for each half of a character: JSON can spell one, no file hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@contextmanager
def open_output(name: str | None) -> Iterator[Callable[[Reply], None]]:
    """A function that writes one Reply. `name` None is JSON lines on standard output; else its
    ending chooses. The file is written beside its place and moved there when all is written; where
    the writing fails, what stood there before still stands."""
    if name is None:
        yield lambda reply: _write_jsonl(sys.stdout, reply)
        return
    path = Path(name)
    if path.suffix.lower() not in OUTPUTS:
        raise QuestionError(f"{path}: answers are written to {' or '.join(OUTPUTS)}")
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield _writer(path, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise QuestionError(
            f"{path} cannot be written ({error.strerror}): choose another place or make room"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _writer(path: Path, file: TextIO) -> Callable[[Reply], None]:
    if path.suffix.lower() == ".jsonl":
        return lambda reply: _write_jsonl(file, reply)
    file.write("\ufeff")  # a spreadsheet program takes the file for UTF-8 only with this mark
    table = csv.writer(file)
    passages = [f"passage {n}" for n in range(1, CSV_HITS + 1)]
    sources = [f"source {n}" for n in range(1, CSV_HITS + 1)]
    table.writerow(["id", "question", "answer", "citations", *_alternate(sources, passages)])
    return lambda reply: table.writerow([_cell(value) for value in _csv_row(reply)])


def _write_jsonl(file: TextIO, reply: Reply) -> None:
    file.write(json.dumps(reply_json(reply), ensure_ascii=False) + "\n")
    file.flush()


def _csv_row(reply: Reply) -> list[str]:
    answer = reply.answer
    cited = [
        f"[{c.number}] {format_source(c.metadata, c.headings)}：{c.quote}" for c in answer.citations
    ]
    hits = reply.hits[:CSV_HITS]
    sources = [format_source(h.passage.metadata, h.passage.section.headings) for h in hits]
    passages = [hit.passage.text for hit in hits]
    blank = [""] * (CSV_HITS - len(hits))
    text = answer.text or f"（未作回答）{answer.reason or ''}"
    found = _alternate([*sources, *blank], [*passages, *blank])
    return [reply.id, reply.question, text, "\n".join(cited), *found]


def _cell(value: str) -> str:
    """A cell no spreadsheet program takes for a formula."""
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _alternate(one: Iterable[str], two: Iterable[str]) -> list[str]:
    return [value for pair in zip(one, two, strict=True) for value in pair]
