"""Reports with their vectors → a new generation, published all at once.

One writer at a time holds index/LOCK. It writes into index/.building-*, syncs, verifies what lies
on the disk, gives the folder its name and only then replaces index/CURRENT. Killed at any moment it
leaves the last snapshot serving, and the vectors it had for the next build to take up.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from reportqa.errors import BusyError, SnapshotError
from reportqa.index import BASES, PASSAGE_ROW, SENTENCE_ROW, open_generation
from reportqa.lexical import BM25Builder
from reportqa.records import ModelCard, Passage, Problem, Report, Section
from reportqa.reuse import HASH, KnownVectors, RowLog
from reportqa.snapshot_files import (
    FORMAT,
    Manifest,
    SnapshotFiles,
    current_generation,
    generations,
    pack_manifest,
    point_at,
    read_manifest,
    sha256_of,
    sync,
    sync_folder,
    writing,
)
from reportqa.vectors import unit_fault, write_vectors
from reportqa.verify import faults_of, tiling_faults

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
            owner = self._owner.read_text("utf-8") if self._owner.is_file() else "pid unknown"
            raise BusyError(
                f"another build is running ({owner.strip()}) in {self._owner.parent}: "
                "let it finish or end it, then run python build_index.py again"
            ) from error
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        self._owner.write_text(f"pid {os.getpid()}, since {since}\n", "utf-8")

    def release(self) -> None:
        self._owner.unlink(missing_ok=True)
        self._lock.release()


class SnapshotWriter:
    """Writes one snapshot, report by report. A context manager: it holds the lock while open;
    left by an exception, it keeps the vectors it was given for the next build."""

    def __init__(self, index_dir: Path, card: ModelCard, *, wait: float = 0) -> None:
        """`wait` is how many seconds another build may take to finish; then BusyError."""
        self.index_dir = index_dir
        self.card = card
        self._lock = _Lock(index_dir, wait)

    def __enter__(self) -> SnapshotWriter:
        """Take the lock and make room. Raises BusyError where another build holds it."""
        with writing(self.index_dir):
            self.index_dir.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        try:
            self._start()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _start(self) -> None:
        """Open this build's folder; learn what is known already."""
        leftovers = self._leftovers()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._folder = self.index_dir / f"{BUILDING}{stamp}-{os.getpid()}"
        self._files = SnapshotFiles.of(self._folder / "snapshot")
        with writing(self._folder):
            self._files.folder.mkdir(parents=True)
            self._logs = {name: RowLog(self._folder / name, self.card) for name in LOGS}
            self._texts: BinaryIO = self._files.texts.open("xb")
            self._outlines: BinaryIO = self._files.outlines.open("xb")
            self._reports: BinaryIO = self._files.reports.open("xb")
        self._ids: dict[str, str] = {}
        self._passages: list[NDArray[np.void]] = [np.zeros(0, PASSAGE_ROW)]
        self._sentences: list[NDArray[np.void]] = [np.zeros(0, SENTENCE_ROW)]
        self._about: list[int] = []
        self._hashes: dict[str, list[NDArray[np.bytes_]]] = {
            "passages": [np.zeros(0, HASH)],
            "sentences": [np.zeros(0, HASH)],
        }
        self._n_passages = self._n_sentences = 0
        self._bm25 = BM25Builder()
        self._published = False
        self._known = KnownVectors(self.card)
        for name in reversed(generations(self.index_dir)):
            self._known.add_generation(self.index_dir / name)
        for folder in leftovers:
            for name in LOGS:
                if (folder / name).is_file():
                    self._known.add_log(folder / name)

    def _leftovers(self) -> list[Path]:
        """The folders of killed builds that hold the most vectors; the others are removed."""
        sizes = {
            folder: sum((folder / name).stat().st_size for name in LOGS if (folder / name).exists())
            for folder in self.index_dir.glob(f"{BUILDING}*")
        }
        ranked = sorted(sizes, key=lambda folder: (-sizes[folder], folder.name))
        kept = [folder for folder in ranked[:LEFTOVERS_KEPT] if sizes[folder]]
        for folder in sizes:
            if folder in kept:
                shutil.rmtree(folder / "snapshot", ignore_errors=True)
            else:
                shutil.rmtree(folder, ignore_errors=True)
        return kept

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close and let the lock go. Where the disk was full, nothing is kept."""
        try:
            self._close()
            full = isinstance(error, OSError) or (
                isinstance(error, SnapshotError) and isinstance(error.__cause__, OSError)
            )
            if kind is None or full or self._published:
                shutil.rmtree(self._folder, ignore_errors=True)
            else:
                shutil.rmtree(self._files.folder, ignore_errors=True)
        finally:
            self._lock.release()

    def _close(self) -> None:
        """Close every file of this build; twice does no harm."""
        for file in (self._texts, self._outlines, self._reports):
            file.close()
        for log in self._logs.values():
            log.close()

    # Vectors computed before

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
            self._logs["embedded.rows"].append(_hash_array(hashes), vectors)

    # Reports

    def add(
        self,
        report: Report,
        sections: Sequence[Section],
        passages: Sequence[Passage],
        passage_vectors: NDArray[np.float32],
        sentence_vectors: NDArray[np.float32],
        passage_hashes: Sequence[bytes],
        sentence_hashes: Sequence[bytes],
        lexical_texts: Sequence[str],
    ) -> None:
        """Add a report. Vectors are float32 (n, dimension) of length 1, hashes `embedded_hash`
        of the strings embedded, both in the order of the passages and of their sentences one
        after the other; `lexical_texts` has one text a passage. Raises SnapshotError, adding
        nothing, where they do not fit each other or the texts do not tile."""
        if report.id in self._ids:
            raise SnapshotError(
                f"two reports have the id {report.id!r} ({self._ids[report.id]} and "
                f"{report.metadata.source}): rename one of the files"
            )
        for fault in tiling_faults(report, sections, passages):
            raise SnapshotError(f"report {report.id!r} cannot be added: {fault}")
        n_sentences = sum(len(passage.sentences) for passage in passages)
        rows = {
            "passages": (len(passages), passage_vectors, _hash_array(passage_hashes)),
            "sentences": (n_sentences, sentence_vectors, _hash_array(sentence_hashes)),
        }
        for kind, (count, vectors, hashes) in rows.items():
            self._check(report.id, kind, count, vectors, hashes)
        if len(lexical_texts) != len(passages):
            raise SnapshotError(
                f"report {report.id!r} cannot be added: {len(lexical_texts)} lexical texts "
                f"for {len(passages)} passages"
            )
        try:
            encoded = [passage.text.encode() for passage in passages]
            text = report.text.encode()
        except UnicodeEncodeError as error:
            raise SnapshotError(
                f"report {report.id!r} cannot be added: its text is not valid Unicode ({error})"
            ) from error
        with writing(self._folder):
            self._add_rows(sections, passages, encoded)
            self._add_report(report, sections, text)
            for kind, (_, vectors, hashes) in rows.items():
                self._logs[f"{kind}.rows"].append(hashes, vectors)
                self._hashes[kind].append(hashes)
        for lexical_text in lexical_texts:
            self._bm25.add(lexical_text)
        self._ids[report.id] = report.metadata.source

    def _check(
        self,
        report_id: str,
        kind: str,
        count: int,
        vectors: NDArray[np.float32],
        hashes: NDArray[np.bytes_],
    ) -> None:
        """Raise SnapshotError where vectors or hashes are not as `add` wants them."""
        fault: str | None = None
        if vectors.shape != (count, self.card.dimension) or vectors.dtype != np.float32:
            fault = (
                f"{count} {kind} come with vectors {vectors.dtype} {vectors.shape}, "
                f"not float32 {(count, self.card.dimension)}"
            )
        elif len(hashes) != count:
            fault = f"{count} {kind} come with {len(hashes)} hashes"
        else:
            fault = unit_fault(vectors)
        if fault:
            raise SnapshotError(f"report {report_id!r} cannot be added: {fault}")

    def _add_rows(
        self, sections: Sequence[Section], passages: Sequence[Passage], encoded: Sequence[bytes]
    ) -> None:
        """The rows of a report's passages and sentences."""
        number = {(section.start, section.end): row for row, section in enumerate(sections)}
        rows = np.zeros(len(passages), PASSAGE_ROW)
        sentences: list[tuple[int, int, int]] = []
        at = self._texts.tell()
        for i, (passage, text) in enumerate(zip(passages, encoded, strict=True)):
            rows[i] = (
                len(self._ids),
                number[passage.section.start, passage.section.end],
                passage.start,
                passage.end,
                at,
                at + len(text),
                self._n_sentences + len(sentences),
                len(self._about),
                BASES.index(passage.basis),
                passage.searchable,
            )
            at += len(text)
            row = self._n_passages + i
            sentences += [(span.start, span.end, row) for span in passage.sentences]
            self._about += passage.about
        self._passages.append(rows)
        self._sentences.append(np.array(sentences, SENTENCE_ROW))
        self._n_passages += len(passages)
        self._n_sentences += len(sentences)

    def _add_report(self, report: Report, sections: Sequence[Section], text: bytes) -> None:
        """A report's text, outline and metadata."""
        outline = _json_line(
            {
                "sections": [asdict(section) for section in sections],
                "marks": [asdict(mark) for mark in report.marks],
                "cuts": [asdict(cut) for cut in report.cuts],
            }
        )
        text_at, outline_at = self._texts.tell(), self._outlines.tell()
        self._texts.write(text)
        self._outlines.write(outline)
        self._reports.write(
            _json_line(
                {
                    "metadata": asdict(report.metadata),
                    "text": [text_at, text_at + len(text)],
                    "outline": [outline_at, outline_at + len(outline)],
                }
            )
        )

    # Publishing

    def publish(self, problems: Iterable[Problem] = ()) -> Path:
        """Write, sync and verify the snapshot, then let it serve; returns its folder. Where it
        holds just what the one that serves holds, that one stays and its folder is returned.
        Raises SnapshotError, and the last snapshot serves on, where anything fails."""
        with writing(self._folder):
            self._write_files()
            served = self._served()
            manifest = self._manifest(tuple(problems), served.folder.name if served else None)
            if served and read_manifest(served, served.folder.name).content == manifest.content:
                self._clean_up(keep=served.folder.name)
                return served.folder
            generation = self._write_manifest(manifest)
            for fault in faults_of(self._files.folder, None):
                raise SnapshotError(f"the new snapshot is not whole and is not published: {fault}")
            folder = self.index_dir / generation
            self._files.folder.rename(folder)
            sync_folder(self.index_dir)
        point_at(self.index_dir, generation)
        self._clean_up(keep=generation)
        return folder

    def _served(self) -> SnapshotFiles | None:
        """The generation that serves now, if it is whole; a damaged one counts for nothing."""
        try:
            generation = current_generation(self.index_dir)
            open_generation(self.index_dir, generation).close()
        except SnapshotError:
            return None
        return SnapshotFiles.of(self.index_dir / generation)

    def _write_files(self) -> None:
        """Every file but the manifest, synced."""
        self._close()
        files = self._files
        np.save(files.passages, np.concatenate(self._passages))
        np.save(files.sentences, np.concatenate(self._sentences))
        np.save(files.about, np.array(self._about, "<i2"))
        np.save(files.passage_hashes, np.concatenate(self._hashes["passages"]))
        np.save(files.sentence_hashes, np.concatenate(self._hashes["sentences"]))
        for path, log in (
            (files.passage_vectors, "passages.rows"),
            (files.sentence_vectors, "sentences.rows"),
        ):
            write_vectors(path, self._logs[log].blocks(), self.card.dimension)
        self._bm25.build().save(files.bm25)
        for path in files.content():
            sync(path)
        sync_folder(files.bm25)

    def _manifest(self, problems: tuple[Problem, ...], previous: str | None) -> Manifest:
        """What the snapshot says of itself."""
        files = {
            path.relative_to(self._files.folder).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for path in self._files.content()
        }
        bare = Manifest(
            format=FORMAT,
            created="",
            previous=None,
            card=self.card,
            reports=len(self._ids),
            passages=self._n_passages,
            sentences=self._n_sentences,
            problems=problems,
            content="",
            files=files,
        )
        created = datetime.now(UTC).replace(microsecond=0)
        for name in generations(self.index_dir)[-1:]:  # names sort as they were published
            latest = datetime.strptime(name.split("-")[0], STAMP).replace(tzinfo=UTC)
            created = max(created, latest + timedelta(seconds=1))
        return replace(
            bare,
            created=created.isoformat(),
            previous=previous,
            content=sha256(pack_manifest(bare)).hexdigest(),
        )

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
        self._published = True
        kept = _served_before(self.index_dir, keep)[:KEPT]
        for name in generations(self.index_dir):
            if name not in kept:
                shutil.rmtree(self.index_dir / name, ignore_errors=True)
        for folder in self.index_dir.glob(f"{BUILDING}*"):
            shutil.rmtree(folder, ignore_errors=True)


def rollback(index_dir: Path, *, wait: float = 0) -> str:
    """Let the generation serve again that served before the present one, verified first; returns
    its name. Raises SnapshotError where none is kept, BusyError while a build runs."""
    current = current_generation(index_dir)
    lock = _Lock(index_dir, wait)
    with writing(index_dir):
        lock.acquire()
    try:
        for generation in _served_before(index_dir, current)[1:]:
            open_generation(index_dir, generation).close()
            point_at(index_dir, generation)
            return generation
        raise SnapshotError(
            f"no generation before {current} is kept in {index_dir}: run python build_index.py"
        )
    finally:
        lock.release()


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


def _hash_array(hashes: Sequence[bytes]) -> NDArray[np.bytes_]:
    """Hashes as an array."""
    for text_hash in hashes:
        if len(text_hash) != HASH.itemsize:
            raise SnapshotError(
                f"a hash has {len(text_hash)} bytes, not {HASH.itemsize}: use embedded_hash"
            )
    return np.array(hashes, HASH)


def _json_line(values: dict[str, Any]) -> bytes:
    """A line of a .jsonl file."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8") + b"\n"
