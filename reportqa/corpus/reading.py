"""Files and their metadata → Reports, one at a time; what is wrong with a file → a Problem.

A folder is read recursively for .md, .txt and .jsonl, in the order of the paths. Nothing stops the
reading but a path that is not there and a corpus without any report: everything else is said as a
Problem beside the Reports, and the rest goes on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from reportqa.corpus.identity import Identity, identify
from reportqa.corpus.metadata import FIELDS, Override, clean_fields, read_overrides
from reportqa.corpus.normalise import normalise
from reportqa.corpus.textfile import (
    MAX_FILE_BYTES,
    UnreadableError,
    check_text,
    decode,
    read_bytes,
    require_file,
)
from reportqa.errors import CorpusError
from reportqa.records import Metadata, Problem, Report

__all__ = ["MAX_FILE_BYTES", "REPORT_ENDINGS", "corpus_bytes", "read_corpus"]

REPORT_ENDINGS = (".md", ".txt", ".jsonl")
"""What a report file ends with, in any letter case."""

_ID_KEYS = ("_id", "id")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # for an id, or where one comes from


@dataclass(slots=True)
class _Reading:
    """What one reading of a corpus has met: metadata rows by their folder and the file or id they
    name, ids given out, rows used."""

    overrides: Mapping[Path, Mapping[str, Override]]
    ids: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    found: bool = False


def read_corpus(paths: Sequence[Path]) -> Iterator[Report | Problem]:
    """Reports and problems of folders and files, sorted by path, each file once.

    A .jsonl file is streamed. A report's id is its file's stem; where stems collide, the folders
    under the given one are put before it (2024-江汉). A .jsonl document's id is its `_id`.

    Raises CorpusError where a path is missing, or in the end where there was no report at all.
    """
    files, problems = _find_files(paths)
    yield from problems
    overrides, problems = read_overrides(sorted({*_metadata_files(paths)}))
    yield from problems
    reading = _Reading(overrides)
    skipped = 0
    ids = _file_ids(files)
    for file in files:
        if file.suffix.lower() == ".jsonl":
            items = _read_documents(file, reading, reserved=set(ids.values()))
        else:
            items = _read_file(file, ids[file], reading)
        for item in items:
            reading.found = reading.found or isinstance(item, Report)
            skipped += isinstance(item, Problem) and item.skipped
            yield item
    for row in (row for rows in overrides.values() for row in rows.values()):
        if row.where not in reading.used:
            message = f"no report is called {row.key}; correct the file or id, or remove the row"
            yield Problem(row.where, message, skipped=False)
    if not reading.found:
        names = ", ".join(str(path) for path in paths) or "(no path given)"
        if skipped:
            raise CorpusError(f"no report in {names} could be read: mend what was skipped")
        raise CorpusError(f"no report in {names}: put .md, .txt or .jsonl files there")


# --- files ----------------------------------------------------------------------------------------


def corpus_bytes(paths: Sequence[Path]) -> int:
    """The size of all report files together, for telling how far a reading is."""
    files, _ = _find_files(paths)
    return sum(file.stat().st_size for file in files if file.is_file())


def _find_files(paths: Sequence[Path]) -> tuple[dict[Path, Path], list[Problem]]:
    """Report files → the folder each was found under; problems of entries that are no files."""
    files: dict[Path, Path] = {}
    problems: list[Problem] = []
    for path in paths:
        if not _exists(path):
            raise CorpusError(f"{path} does not exist: give a folder of reports or a report file")
        if path.is_dir():
            found = [file for file in _walk(path, problems) if _is_report(file)]
            files |= {file: path for file in found if file not in files}
        elif path.suffix.lower() not in REPORT_ENDINGS:
            message = "not a report file; reports end with .md, .txt or .jsonl"
            problems.append(Problem(str(path), message, skipped=True))
        else:
            files.setdefault(path, path.parent)
    unique: dict[Path, Path] = {}
    seen: set[Path] = set()
    for file in sorted(files):
        real = file.parent.resolve() / file.name  # a link to a file is a report of its own
        if _UNFIT.search(str(file)):
            where = _UNFIT.sub(lambda match: ascii(match[0])[1:-1], str(file))
            message = "the name is not text in UTF-8, or has control characters; rename it"
            problems.append(Problem(where, message, skipped=True))
        elif real not in seen:
            seen.add(real)
            unique[file] = files[file]
    return unique, problems


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}): check its permissions"
        ) from error


def _walk(folder: Path, problems: list[Problem], above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Everything under a folder that is neither hidden nor itself a folder, in order."""
    above = (*above, folder.resolve())
    try:
        entries = [(entry, entry.is_dir()) for entry in sorted(folder.iterdir())]
    except OSError as error:
        message = f"the folder cannot be read ({error.strerror}); check its permissions"
        problems.append(Problem(str(folder), message, skipped=True))
        return
    for entry, is_folder in entries:
        if entry.name.startswith(".") or (is_folder and entry.resolve() in above):
            continue
        if not is_folder:
            yield entry
            continue
        if _is_report(entry):
            message = "a folder with the ending of a report; the reports in it are read"
            problems.append(Problem(str(entry), message, skipped=False))
        yield from _walk(entry, problems, above)


def _is_report(file: Path) -> bool:
    return file.suffix.lower() in REPORT_ENDINGS and not file.name.lower().startswith("readme.")


def _metadata_files(paths: Sequence[Path]) -> list[Path]:
    """metadata.csv in each folder given and in those under it, or beside a file given."""
    found: list[Path] = []
    for path in paths:
        for file in _walk(path, []) if path.is_dir() else [path.parent / "metadata.csv"]:
            if file.name.lower() == "metadata.csv" and file.exists():
                found.append(file)
    return found


def _file_ids(files: Mapping[Path, Path]) -> dict[Path, str]:
    """An id for each file: its stem, else its path under the folder given, else with its ending
    and a number; the same files always get the same ids."""
    texts = [file for file in files if file.suffix.lower() != ".jsonl"]
    stems = Counter(file.stem for file in texts)
    ids: dict[Path, str] = {file: file.stem for file in texts if stems[file.stem] == 1}
    taken = set(ids.values())
    for file in texts:
        if file in ids:
            continue
        relative = file.relative_to(files[file])
        name = "-".join(relative.with_suffix("").parts)
        candidates = [name, f"{name}-{file.suffix[1:].lower()}", f"{files[file].name}-{name}"]
        candidates += [f"{name}-{number}" for number in range(2, len(texts) + 3)]
        ids[file] = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(ids[file])
    return ids


# --- reports --------------------------------------------------------------------------------------


def _read_file(file: Path, report_id: str, reading: _Reading) -> Iterator[Report | Problem]:
    override = _override(reading, file, report_id)
    try:
        raw = decode(read_bytes(file))
        warning = check_text(raw)
        report = _make_report(raw, report_id, str(file), file.stem, override, {})
    except UnreadableError as error:
        yield Problem(str(file), str(error), skipped=True)
        return
    if warning:
        yield Problem(str(file), warning, skipped=False)
    reading.ids.add(report_id)
    yield report


def _read_documents(
    file: Path, reading: _Reading, reserved: set[str]
) -> Iterator[Report | Problem]:
    """The documents of a .jsonl file, a line at a time."""
    try:
        require_file(file)
        with file.open("rb") as lines:
            for number, line in enumerate(_bounded_lines(lines), 1):
                where = f"{file}:{number}"
                if isinstance(line, str):
                    yield Problem(where, line, skipped=True)
                elif line.strip(b" \t\r\n\xef\xbb\xbf"):
                    yield from _read_document(line, file, number, reading, reserved)
    except UnreadableError as error:
        yield Problem(str(file), str(error), skipped=True)
    except OSError as error:
        message = f"cannot be read ({error.strerror}); check that it is a file and its permissions"
        yield Problem(str(file), message, skipped=True)


def _bounded_lines(file: BinaryIO) -> Iterator[bytes | str]:
    """The lines of an open binary file; a message in place of one that is too long."""
    while line := file.readline(MAX_FILE_BYTES + 1):
        if len(line) <= MAX_FILE_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_FILE_BYTES + 1)
        yield f"the line is longer than {MAX_FILE_BYTES:,} bytes; split the document"


def _read_document(
    line: bytes, file: Path, number: int, reading: _Reading, reserved: set[str]
) -> Iterator[Report | Problem]:
    where = f"{file}:{number}"
    try:
        fields = _parse_document(line)
        report_id = _document_id(fields)
        if report_id in reading.ids or report_id in reserved:
            raise UnreadableError(f"the id {report_id} is taken already; give each its own")
        raw = fields["text"]
        if not isinstance(raw, str):
            raise UnreadableError("text must be a string; correct the line")
        warning = check_text(raw)
        given, complaints = clean_fields({key: fields.get(key) for key in FIELDS})
        override = _override(reading, file, report_id)
        raw = re.sub(r"[\ud800-\udfff]", "\ufffd", raw)
        report = _make_report(raw, report_id, where, report_id, override, given)
    except UnreadableError as error:
        yield Problem(where, str(error), skipped=True)
        return
    for complaint in [*complaints, *([warning] if warning else [])]:
        yield Problem(where, complaint, skipped=False)
    reading.ids.add(report_id)
    yield report


def _parse_document(line: bytes) -> dict[str, object]:
    try:
        fields = json.loads(decode(line))
    except (ValueError, RecursionError) as error:  # also of numbers too long, lists too deep
        raise UnreadableError(f"not JSON ({error}); write one object a line") from error
    if not isinstance(fields, dict):
        raise UnreadableError('not an object; write {"_id": …, "title": …, "text": …}')
    if fields.get("text") is None:
        raise UnreadableError("no text; give the report's text under the key text")
    return fields


def _document_id(fields: Mapping[str, object]) -> str:
    for key in _ID_KEYS:
        value = fields.get(key)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    raise UnreadableError("no id; give a string under the key _id or id")


def _override(reading: _Reading, file: Path, report_id: str) -> Override | None:
    """The metadata row of a report in the nearest metadata.csv above it: by its id, its path from
    there, or its name."""
    for folder in file.parents:
        if rows := reading.overrides.get(folder):
            for key in (report_id, file.relative_to(folder).as_posix(), file.name):
                if row := rows.get(key):
                    reading.used.add(row.where)
                    return row
    return None


def _make_report(
    raw: str,
    report_id: str,
    source: str,
    stem: str,
    override: Override | None,
    given: Mapping[str, str | int],
) -> Report:
    normalised = normalise(raw)
    if not normalised.text:
        raise UnreadableError("there is no text in it; remove it or fill it")
    opening = f"{given['title']}\n" if "title" in given else ""
    inferred = identify(opening + normalised.text, stem)
    fields = {**given, **(override.fields if override else {})}
    return Report(
        _merge(report_id, source, inferred, fields),
        normalised.text,
        normalised.marks,
        normalised.cuts,
    )


def _merge(
    report_id: str, source: str, inferred: Identity, fields: Mapping[str, str | int]
) -> Metadata:
    def text(name: str, otherwise: str | None) -> str | None:
        return str(fields[name]) if name in fields else otherwise

    date = text("date", inferred.date)
    year = fields.get("year", inferred.year)
    return Metadata(
        id=report_id,
        title=text("title", inferred.title) or report_id,
        region=text("region", inferred.region),
        issuer=text("issuer", inferred.issuer),
        kind=text("kind", inferred.kind) or inferred.kind,
        date=date,
        year=int(year) if year is not None else None,
        source=source,
    )
