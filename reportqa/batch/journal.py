"""A file that grows by whole records, and beside it the journal that lets an interrupted run go on.

OUT.journal holds what the run is of (questions, options, snapshot) and, after each lot, how far it
came: rows done and failed, bytes written and their checksum. A run that begins and finds a journal
goes on where it ends; whatever was written after that is cut away. A finished run removes it.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from reportqa.batch.output import PART, unwritable
from reportqa.errors import QuestionError

__all__ = ["Done", "Journal"]

FORMAT = 1
READ_TOGETHER = 1 << 20  # bytes
_AGAIN = "; the same command then goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Done:
    """How far a run came: rows done, and of these failed; bytes of the file and their CRC-32."""

    rows: int = 0
    failed: int = 0
    bytes: int = 0
    crc: int = 0


class Journal:
    """Holds the growing file `path` for the run that ends in `out`, which is the same file unless
    `out` is written whole in the end. A context manager; one run at a time holds it."""

    def __init__(self, out: Path, path: Path, plan: Mapping[str, Any], head: str) -> None:
        """`plan` is what must be the same to go on, in words people know; `head` opens the file."""
        self._out, self._path = out, path
        self._plan = {"journal": FORMAT, **plan}
        self._head = head.encode()
        self._journal = out.with_name(out.name + ".journal")
        self._lock = FileLock(out.with_name(out.name + ".lock"))
        self._file: int | None = None
        self.done = Done()

    def open(self, fresh: bool) -> None:
        """Take up the run that was interrupted here, unless `fresh`, or begin one. QuestionError
        where it was a run of something else, where OUT is not as it left it, where another run is
        writing it, or where it cannot be written."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise QuestionError(
                f"another run is writing {self._out}: let it finish or name another file"
            ) from error
        except OSError as error:
            raise unwritable(self._out, error) from error
        try:
            if not fresh and self._journal.exists():
                self._resume()
            lines = json.dumps(self._plan), json.dumps(asdict(self.done)), ""
            part = self._journal.with_name(self._journal.name + PART)
            part.write_text("\n".join(lines), "utf-8")
            part.replace(self._journal)
        except OSError as error:
            raise unwritable(self._out, error) from error

    def add(self, text: str, rows: int, failed: int) -> None:
        """Append a lot of records; then note how far the run came. Where the writing fails or is
        interrupted, the file is as before."""
        data = text.encode()
        try:
            if data and self._file is None:
                self._begin(data)
                data = self._head + data
            elif data:
                self._append(data)
            size, crc = self.done.bytes + len(data), zlib.crc32(data, self.done.crc)
            self.done = Done(self.done.rows + rows, self.done.failed + failed, size, crc)
            with self._journal.open("ab") as journal:
                journal.write(json.dumps(asdict(self.done)).encode() + b"\n")
        except OSError as error:
            raise unwritable(self._out, error, _AGAIN) from error

    def finish(self) -> None:
        """The run is over: nothing is left to go on with."""
        self._journal.unlink(missing_ok=True)
        if self._path != self._out:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """The journal itself; `open` it next."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the files; the journal stays unless the run is finished."""
        if self._file is not None:
            os.close(self._file)
        if self._lock.is_locked:
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock.release()

    def _begin(self, data: bytes) -> None:
        """The file with its head and first records, moved to its place: what stood there before
        stands until then."""
        part = self._path.with_name(self._path.name + PART)
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            _write(file, self._head + data)
            os.fsync(file)
            part.replace(self._path)
        except BaseException:
            os.close(file)
            part.unlink(missing_ok=True)
            raise
        self._file = file

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        try:
            _write(self._file, data)
            os.fsync(self._file)
        except BaseException:
            os.ftruncate(self._file, self.done.bytes)
            raise

    def _resume(self) -> None:
        lines = self._journal.read_bytes().split(b"\n")
        notes = [note for line in lines[:-1] if isinstance(note := _read(line), dict)]
        if len(notes) < 2 or "journal" not in notes[0]:
            raise QuestionError(
                f"{self._journal} is damaged: the same command with --fresh starts over"
            )
        self._compare(notes[0])
        self.done = Done(**notes[-1])
        if self.done.bytes:
            self._reopen()

    def _compare(self, before: Mapping[str, Any]) -> None:
        changed = [
            f"{name} was {before.get(name)!r} and is {value!r}"
            for name, value in self._plan.items()
            if before.get(name) != value
        ]
        if changed:
            raise QuestionError(
                f"{self._out} was begun by a run that did not finish, and what it was of has "
                f"changed ({'; '.join(changed)}): add --fresh to start over, or name another file"
            )

    def _reopen(self) -> None:
        """The file as the journal knows it, cut back to it. QuestionError where it is another."""
        wrong = QuestionError(
            f"{self._path} was changed or removed since the run that did not finish: "
            "add --fresh to start over, or name another file"
        )
        try:
            file = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            raise wrong from None
        crc, left = 0, self.done.bytes
        while left and (data := os.read(file, min(left, READ_TOGETHER))):
            crc, left = zlib.crc32(data, crc), left - len(data)
        if left or crc != self.done.crc:
            os.close(file)
            raise wrong
        os.ftruncate(file, self.done.bytes)
        self._file = file


def _read(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _write(file: int, data: bytes) -> None:
    """All of the data, at the place where the file stands."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
