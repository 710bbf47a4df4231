"""metadata.csv → what its rows say of reports, one column at a time, and what is wrong with it.

A row names its report in `file` or `id`; an empty or bad cell leaves to the text what it says.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportqa.corpus.identity import KINDS, year_of
from reportqa.corpus.textfile import UnreadableError, decode, read_bytes
from reportqa.records import Problem

__all__ = ["FIELDS", "Override", "clean_fields", "read_overrides"]

FIELDS = ("title", "region", "issuer", "kind", "date", "year")
"""The columns that may be given."""

_DATE = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?月?)?年?$")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Override:
    """A row of metadata.csv: `key` names the report as the row does, `fields` what it says."""

    key: str
    fields: Mapping[str, str | int]
    where: str


def read_overrides(
    files: Sequence[Path],
) -> tuple[dict[Path, dict[str, Override]], list[Problem]]:
    """The rows of some metadata.csv, by their folder and the file or id they name, and the
    problems met."""
    overrides: dict[Path, dict[str, Override]] = {}
    problems: list[Problem] = []
    for file in files:
        rows = overrides.setdefault(file.parent, {})
        try:
            _read_rows(file, decode(read_bytes(file)), rows, problems)
        except UnreadableError as error:
            problems.append(Problem(str(file), f"left out: {error}", skipped=False))
        except csv.Error as error:
            message = f"left out from here on, not CSV ({error}); save it as CSV in UTF-8"
            problems.append(Problem(str(file), message, skipped=False))
    return overrides, problems


def _read_rows(
    file: Path,
    text: str,
    overrides: dict[str, Override],
    problems: list[Problem],
) -> None:
    def complain(message: str) -> None:
        problems.append(Problem(f"{file}:{reader.line_num}", message, skipped=False))

    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    if "file" not in header and "id" not in header:
        complain("left out: the first line must name the columns, one of them file or id")
        return
    for name in header:
        if name and name not in (*FIELDS, "file", "id"):
            complain(f"the column {name} is unknown; the columns are file, id, {', '.join(FIELDS)}")
    for row in reader:
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        key = cells.get("file") or cells.get("id")
        if not key:
            complain("the row names no report; fill in file or id")
        elif key in overrides:
            complain(f"{key} has a row already ({overrides[key].where}); remove one of the two")
        else:
            fields, complaints = clean_fields({name: cells.get(name) for name in FIELDS})
            for complaint in complaints:
                complain(complaint)
            overrides[key] = Override(key, fields, f"{file}:{reader.line_num}")


def clean_fields(given: Mapping[str, object]) -> tuple[dict[str, str | int], list[str]]:
    """The fields that can be used, and a complaint about each that cannot."""
    fields: dict[str, str | int] = {}
    complaints = []
    for name, value in given.items():
        if value is None or value == "":
            continue
        cleaned = _clean(name, value)
        if cleaned is None:
            rule = _RULES.get(name, "must be a text")
            complaints.append(f"{name} {rule}, not {value!r}; what the text tells is used instead")
        else:
            fields[name] = cleaned
    return fields, complaints


_RULES = {
    "year": "must be a year like 2024",
    "date": "must be a date like 2024-01-31",
    "kind": f"must be one of {'、'.join(KINDS)}",
}


def _clean(name: str, value: object) -> str | int | None:
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text or isinstance(value, bool):
        return None
    if name == "year":
        spelled = re.fullmatch(r"\d{4}年?|[一二][〇○零一二三四五六七八九]{3}年?", text)
        return year_of(text) if spelled else None
    if name == "date":
        return _iso_date(text)
    if name == "kind":
        return text if text in KINDS else None
    if not isinstance(value, str):
        return None
    return " ".join(_INVISIBLE.sub("", text).split()) or None


def _iso_date(text: str) -> str | None:
    found = _DATE.match(text)
    if not found or not year_of(found[1]):
        return None
    year, month, day = found[1], int(found[2] or 1), int(found[3] or 1)
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return None
    parts = [year, *(f"{int(part):02}" for part in (found[2], found[3]) if part)]
    return "-".join(parts)
