"""Figures found → a .csv or .jsonl file, which appears under its name only when it is whole."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path

from reportqa.errors import QuestionError
from reportqa.records import FigureHit
from reportqa.render import figure_json

__all__ = ["write_figures"]

OUTPUTS = (".csv", ".jsonl")


def write_figures(name: str, hits: Sequence[FigureHit]) -> None:
    """Write figures, a row or a line each; the ending chooses. Raises QuestionError where that
    cannot be done, and what stood there before still stands."""
    path = Path(name)
    if path.suffix.lower() not in OUTPUTS:
        raise QuestionError(f"{path}: figures are written to {' or '.join(OUTPUTS)}")
    part = path.with_name(path.name + ".part")
    rows = [figure_json(hit) for hit in hits]
    try:
        # a spreadsheet program takes a .csv for UTF-8 only with a mark at its beginning
        encoding = "utf-8-sig" if path.suffix.lower() == ".csv" else "utf-8"
        with part.open("w", encoding=encoding, newline="") as file:
            if path.suffix.lower() == ".csv":
                table = csv.writer(file)
                table.writerow(_COLUMNS)
                table.writerows([_cell(row[column]) for column in _COLUMNS] for row in rows)
            else:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise QuestionError(
            f"{path} cannot be written ({error.strerror}): choose another place or make room"
        ) from error
    finally:
        part.unlink(missing_ok=True)


_COLUMNS = (
    "indicator figure value high unit comparator kind direction against first_year last_year basis "
    "region title report_id start end sentence score"
).split()


def _cell(value: object) -> str:
    """A cell no spreadsheet program takes for a formula; a number stays one."""
    text = "" if value is None else str(value)
    formula = isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r")
    return "'" + text if formula else text
