"""Reports with their vectors → a new generation, published all at once.

One writer at a time holds index/LOCK. It writes into index/.building-*, syncs, verifies what lies
on the disk, gives the folder its name and only then replaces index/CURRENT. Killed at any moment it
leaves the last snapshot serving, and the vectors it had for the next build to take up.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from reportqa.errors import BusyError, SnapshotError
from reportqa.index.content import QUANTISED_FROM, Addition, SnapshotContent, hash_array
from reportqa.index.files import (
    FORMAT,
    Manifest,
    SnapshotFiles,
    current_generation,
    generations,
    note_file,
    pack_manifest,
    point_at,
    read_manifest,
    sync,
    sync_folder,
    writing,
)
from reportqa.index.reuse import KnownVectors, RowLog
from reportqa.index.snapshot import open_generation
from reportqa.index.verify import faults_of
from reportqa.records import ModelCard, Problem

__all__ = ["SnapshotWriter", "rollback"]

KEPT = 3  # generations: the one that serves and those that served before it
LEFTOVERS_KEPT = 2  # folders of killed builds, until a build succeeds
BUILDING = ".building-"
LOGS = ("passages.rows", "sentences.rows", "embedded.rows")
STAMP = "%Y%m%dT%H%M%SZ"


class _Lock:
    """index/LOCK, and beside it who holds it."""

    def __init__(self, index_dir: Path, wait: float) -> None:
        self._lock = FileLock(index_dir / "LOCK", timeout=wait)
        self._owner = index_dir / "LOCK.owner"

    def acquire(self) -> None:
        try:
            self._lock.acquire()
        except Timeout as error:
            owner = "pid unknown"
            with suppress(OSError):
                owner = self._owner.read_text("utf-8").strip()
            raise BusyError(
                f"another build is running ({owner}) in {self._owner.parent}: "
                "let it finish or end it, then run python build_index.py again"
            ) from error
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        with suppress(OSError):  # a full disk must not keep the lock: the owner is a courtesy
            self._owner.write_text(f"pid {os.getpid()}, since {since}\n", "utf-8")

    def release(self) -> None:
        with suppress(OSError):
            self._owner.unlink(missing_ok=True)
        self._lock.release()


class SnapshotWriter:
    """Writes one snapshot, report by report. A context manager: it holds the lock while open;
    left by an exception, it keeps the vectors it was given for the next build."""

    def __init__(
        self,
        index_dir: Path,
        card: ModelCard,
        *,
        wait: float = 0,
        quantised_from: int = QUANTISED_FROM,
    ) -> None:
        """`wait` is how many seconds another build may take to finish; then BusyError. From
        `quantised_from` sentences on, quantised indexes are written too."""
        self.index_dir = index_dir
        self.card = card
        self._quantised_from = quantised_from
        self._lock = _Lock(index_dir, wait)

    def __enter__(self) -> SnapshotWriter:
        """Take the lock and make room. Raises BusyError where another build holds it."""
        with writing(self.index_dir):
            self.index_dir.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._folder = self.index_dir / f"{BUILDING}{stamp}-{os.getpid()}"
        self._files = SnapshotFiles.of(self._folder / "snapshot")
        try:
            with writing(self._folder):
                self._known = self._look_around()
                self._folder.mkdir()
                self._logs = {name: RowLog(self._folder / name, self.card) for name in LOGS}
                self._content = SnapshotContent(
                    self._files,
                    self.card,
                    self._logs["passages.rows"],
                    self._logs["sentences.rows"],
                    self._quantised_from,
                )
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._lock.release()
            raise
        return self

    def _look_around(self) -> KnownVectors:
        """The vectors that lie in the index: generations, latest first, then killed builds.
        Of these only those with the most vectors are kept, or each kill would fill the disk."""
        known = KnownVectors(self.card)
        for name in reversed(generations(self.index_dir)):
            known.add_generation(self.index_dir / name)
        leftovers = list(self.index_dir.glob(f"{BUILDING}*"))
        logs = {
            folder: [folder / name for name in LOGS if (folder / name).is_file()]
            for folder in leftovers
        }
        size = {folder: sum(log.stat().st_size for log in logs[folder]) for folder in leftovers}
        leftovers.sort(key=lambda folder: (-size[folder], folder.name))
        for place, folder in enumerate(leftovers):
            if place < LEFTOVERS_KEPT and size[folder]:
                shutil.rmtree(folder / "snapshot", ignore_errors=True)
                for log in logs[folder]:
                    known.add_log(log)
            else:
                shutil.rmtree(folder, ignore_errors=True)
        return known

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close and let the lock go. Where the disk was full, nothing is kept: it must not
        stay full."""
        full = _is_full(error) or _is_full(getattr(error, "__cause__", None))
        try:
            with suppress(OSError):  # what is left unwritten is thrown away below
                self._close()
            shutil.rmtree(
                self._folder if error is None or full else self._files.folder, ignore_errors=True
            )
        finally:
            self._lock.release()

    def _close(self) -> None:
        """Close every file of this build; twice does no harm."""
        for log in self._logs.values():
            log.close()
        self._content.discard()

    def known_vectors(
        self, hashes: Sequence[bytes]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which texts (by `embedded_hash`) were embedded before with this very model, and their
        vectors: (n,) and (n, dimension), zeros where not. Looks through the generations on disk
        and what killed builds left."""
        return self._known.find(hashes)

    def remember(self, hashes: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Put vectors by for the next build, should this one be killed before it adds them."""
        with writing(self._folder):
            self._logs["embedded.rows"].append(hash_array(hashes), vectors)

    def forget(self) -> None:
        """Let go what was put by: its texts have been added since, and their vectors lie with
        them."""
        with writing(self._folder):
            self._logs["embedded.rows"].clear()

    def add(self, addition: Addition) -> None:
        """Add a report. Raises SnapshotError, adding nothing, where its parts do not fit each other
        or the texts do not tile."""
        with writing(self._folder):
            self._content.add(addition)

    def publish(self, problems: Iterable[Problem] = ()) -> Path:
        """Write, sync and verify the snapshot, then let it serve; returns its folder. Where it
        holds just what the one that serves holds, that one stays and its folder is returned.
        Raises SnapshotError, and the last snapshot serves on, where anything fails."""
        with writing(self._folder):
            self._content.write()
            self._close()
            previous = _last_whole(self.index_dir)
            manifest = self._manifest(tuple(problems), previous)
            if previous and previous == _pointed_at(self.index_dir):
                served = self.index_dir / previous
                if read_manifest(SnapshotFiles.of(served), previous).content == manifest.content:
                    self._clean_up(keep=previous)
                    return served
            generation = self._write_manifest(manifest)
            for fault in faults_of(self._files.folder, None):
                raise SnapshotError(f"the new snapshot is not whole and is not published: {fault}")
            folder = self.index_dir / generation
            self._files.folder.rename(folder)
            sync_folder(self.index_dir)
        point_at(self.index_dir, generation)
        self._clean_up(keep=generation)
        return folder

    def _manifest(self, problems: tuple[Problem, ...], previous: str | None) -> Manifest:
        """What the snapshot says of itself."""
        bare = Manifest(
            format=FORMAT,
            created="",
            previous=None,
            card=self.card,
            reports=self._content.n_reports,
            passages=self._content.n_passages,
            sentences=self._content.n_sentences,
            quantised=self._content.quantised,
            problems=problems,
            content="",
            files={
                path.relative_to(self._files.folder).as_posix(): note_file(path)
                for path in self._files.content(self._content.quantised)
            },
        )
        created = datetime.now(UTC).replace(microsecond=0)
        for name in generations(self.index_dir)[-1:]:  # names sort as they were published
            latest = datetime.strptime(name.split("-")[0], STAMP).replace(tzinfo=UTC)
            created = max(created, latest + timedelta(seconds=1))
        content = sha256(pack_manifest(bare)).hexdigest()
        return replace(bare, created=created.isoformat(), previous=previous, content=content)

    def _write_manifest(self, manifest: Manifest) -> str:
        """Write the manifest; the generation's name is made from it."""
        packed = pack_manifest(manifest)
        self._files.manifest.write_bytes(packed)
        sync(self._files.manifest)
        sync_folder(self._files.folder)
        stamp = datetime.fromisoformat(manifest.created).strftime(STAMP)
        return f"{stamp}-{sha256(packed).hexdigest()[:8]}"

    def _clean_up(self, keep: str) -> None:
        """Remove what no longer serves: generations beyond the last that served, and what killed
        builds left. A reader that has one open keeps it: its files outlast their names."""
        kept = _served_before(self.index_dir, keep)[:KEPT]
        for name in generations(self.index_dir):
            if name not in kept:
                shutil.rmtree(self.index_dir / name, ignore_errors=True)
        for folder in self.index_dir.glob(f"{BUILDING}*"):
            shutil.rmtree(folder, ignore_errors=True)


def _is_full(error: BaseException | None) -> bool:
    """Whether an error says that there is no room. NumPy's says no reason at all."""
    no_room = (None, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return isinstance(error, OSError) and error.errno in no_room


def rollback(index_dir: Path, *, wait: float = 0) -> str:
    """Let the last whole generation serve again that served before the present one; returns its
    name. Raises SnapshotError where none is kept, BusyError while a build runs."""
    if not index_dir.is_dir():
        raise SnapshotError(f"no index at {index_dir}: run python build_index.py")
    lock = _Lock(index_dir, wait)
    with writing(index_dir):
        lock.acquire()
    try:
        generation = _last_whole(index_dir, before=_pointed_at(index_dir))
        if generation is None:
            raise SnapshotError(
                f"no whole generation before the present one is kept in {index_dir}: "
                "run python build_index.py"
            )
        point_at(index_dir, generation)
        return generation
    finally:
        lock.release()


def _pointed_at(index_dir: Path) -> str | None:
    """The generation CURRENT names, or None where it names none: a build or rollback mends that."""
    try:
        return current_generation(index_dir)
    except SnapshotError:
        return None


def _last_whole(index_dir: Path, before: str | None = None) -> str | None:
    """The latest generation that served and is whole, or the latest before another one."""
    current = _pointed_at(index_dir)
    names = _served_before(index_dir, current) if current else []
    for name in names or reversed(generations(index_dir)):
        if name == before:
            continue
        try:
            open_generation(index_dir, name).close()
        except SnapshotError:
            continue
        return name
    return None


def _served_before(index_dir: Path, generation: str) -> list[str]:
    """A generation and those that served before it, as far as they are kept, latest first."""
    chain: list[str] = []
    name: str | None = generation
    while name and name not in chain and (index_dir / name).is_dir():
        chain.append(name)
        try:
            name = read_manifest(SnapshotFiles.of(index_dir / name), name).previous
        except SnapshotError:  # a damaged one no longer says: fall back on the order of names
            older = [other for other in generations(index_dir) if other < chain[-1]]
            name = older[-1] if older else None
    return chain
