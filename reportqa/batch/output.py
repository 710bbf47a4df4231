"""Where answers go, by the ending of its name: standard output, a file that grows, or a file that
is written whole from records kept beside it.

In: records. Out: a file that is never torn: it is moved to its place, or grows by whole records.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from reportqa.batch.cells import Record
from reportqa.batch.formats import FORMATS, Format, json_line
from reportqa.errors import QuestionError
from reportqa.records import Reply
from reportqa.render import reply_json

__all__ = [
    "HITS_ALONE",
    "OUTPUTS",
    "check_output",
    "open_output",
    "read_records",
    "unwritable",
    "write_whole",
    "written_whole",
]

OUTPUTS = (".jsonl", ".csv", ".tsv", ".xlsx", ".docx", ".md", ".trec")
"""The endings of files of answers."""

HITS_ALONE = (".trec",)
"""Those of them that hold no answers: none is made for them."""

READ_AS_TEXT = (".docx", ".md")
PART = ".part"  # of a file that is not whole yet


def check_output(name: str) -> Path:
    """The path of a file of answers, links followed. QuestionError where it can be none."""
    path = Path(os.path.realpath(name))  # a link stays, what it points to is written
    if path.suffix.lower() not in OUTPUTS:
        raise QuestionError(f"{name}: answers are written to {', '.join(OUTPUTS)}")
    if path.is_dir():
        raise QuestionError(f"{name} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise unwritable(path, FileNotFoundError(2, "No such file or directory"))
    if path.exists() and not os.access(path, os.W_OK):
        raise unwritable(path, PermissionError(13, "Permission denied"))
    return path


def unwritable(path: Path, error: OSError, more: str = "") -> QuestionError:
    """What is said where a file of answers cannot be written."""
    return QuestionError(
        f"{path} cannot be written ({error.strerror}): choose another place or make room{more}"
    )


def written_whole(path: Path) -> bool:
    """Whether files of this ending cannot be appended to."""
    return path.suffix.lower() not in FORMATS


def write_whole(
    path: Path,
    records: Iterable[Record],
    others: Sequence[str],
    *,
    alone: bool = False,
    table: Format | None = None,
) -> None:
    """Write a file of answers and move it to its place; OSError where that cannot be done, and
    then what stood there before still stands. What is read as a text has no number where its one
    record stands `alone`; `table` is how a .csv file is written, unless as FORMATS has it."""
    ending = path.suffix.lower()
    if alone and ending in READ_AS_TEXT:
        records = ({**record, "id": ""} for record in records)
    part = path.with_name(path.name + PART)
    try:
        if ending == ".xlsx":
            from reportqa.batch.xlsx_out import write_workbook

            write_workbook(part, records, others)
        elif ending == ".docx":
            from reportqa.batch.docx_out import write_word_file

            write_word_file(part, records, others)
        else:
            form = table if table and ending == ".csv" else FORMATS[ending]
            with part.open("w", encoding="utf-8", newline="") as file:
                file.write(form.head(others))
                file.writelines(form.entry(record, others) for record in records)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_records(file: IO[bytes]) -> Iterator[Record]:
    """The records of JSON lines."""
    return map(json.loads, file)


@contextmanager
def open_output(name: str | None) -> Iterator[Callable[[Reply], None]]:
    """A function that writes one Reply. `name` None is JSON lines on standard output; else its
    ending chooses. The file is moved to its place when all is written; where the writing fails,
    what stood there before still stands."""
    if name is None:
        yield _write_out
        return
    path = check_output(name)
    with tempfile.TemporaryFile() as kept:
        yield lambda reply: _keep(kept, reply)
        kept.seek(0)
        alone = len(list(islice(kept, 2))) == 1
        kept.seek(0)
        try:
            write_whole(path, read_records(kept), (), alone=alone)
        except OSError as error:
            raise unwritable(path, error) from error


def _keep(kept: IO[bytes], reply: Reply) -> None:
    kept.write(json_line(reply_json(reply)).encode())


def _write_out(reply: Reply) -> None:
    sys.stdout.write(json_line(reply_json(reply)))
    sys.stdout.flush()
