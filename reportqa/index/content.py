"""Reports with their vectors → the files of a snapshot in a folder, all but its manifest.

Texts, outlines and vectors go to the disk as they come, so that memory holds a few numbers a
passage and a sentence; what needs all of them (arrays, FAISS, BM25) is written at the end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError
from reportqa.index.figures import FIGURE_BYTE, pack_figures
from reportqa.index.files import SnapshotFiles, sync, sync_folder
from reportqa.index.reuse import HASH, RowLog
from reportqa.index.snapshot import ABOUT_YEAR, BASES, PASSAGE_ROW, SENTENCE_ROW
from reportqa.index.vectors import (
    LEAST_QUANTISED,
    VectorIndex,
    unit_fault,
    write_quantised,
    write_vectors,
)
from reportqa.index.verify import figure_faults, tiling_faults
from reportqa.lexical import BM25Builder
from reportqa.records import Figure, ModelCard, Passage, Report, Section

__all__ = ["QUANTISED_FROM", "Addition", "SnapshotContent", "hash_array"]

QUANTISED_FROM = 250_000
"""Sentences. Up to here every vector is scored for every question; from here on quantised indexes
name candidates first. See benchmarks/README.md for how the time of both grows."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A report as it is added to a snapshot. Vectors are float32 (n, dimension) of length 1, hashes
    `embedded_hash` of the strings embedded, both in the order of the passages and of their
    sentences one after the other; `lexical_texts` has one text and `figures` the figures of each
    passage, None where none were read."""

    report: Report
    sections: Sequence[Section]
    passages: Sequence[Passage]
    passage_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    passage_hashes: Sequence[bytes]
    sentence_hashes: Sequence[bytes]
    lexical_texts: Sequence[str]
    figures: Sequence[Sequence[Figure]] | None = None


@dataclass(frozen=True, slots=True)
class _Vectors:
    """The vectors of one kind (passages or sentences) and where they go meanwhile."""

    log: RowLog
    hashes: list[NDArray[np.bytes_]]


class SnapshotContent:
    """Takes reports one by one, then writes everything. Raises OSError where the disk refuses."""

    def __init__(
        self,
        files: SnapshotFiles,
        card: ModelCard,
        passages: RowLog,
        sentences: RowLog,
        quantised_from: int,
    ) -> None:
        """Open the files in a new folder; vectors are appended to the two logs meanwhile."""
        files.folder.mkdir()
        self._files = files
        self._card = card
        self._quantised_from = quantised_from
        self._vectors = {
            "passages": _Vectors(passages, [np.zeros(0, HASH)]),
            "sentences": _Vectors(sentences, [np.zeros(0, HASH)]),
        }
        self._texts: BinaryIO = files.texts.open("xb")
        self._outlines: BinaryIO = files.outlines.open("xb")
        self._reports: BinaryIO = files.reports.open("xb")
        self._figures: BinaryIO = files.figures.open("xb")
        self._figure_bytes: list[int] = []
        self._sources: dict[str, str] = {}
        self._passages: list[NDArray[np.void]] = [np.zeros(0, PASSAGE_ROW)]
        self._sentences: list[NDArray[np.void]] = [np.zeros(0, SENTENCE_ROW)]
        self._about: list[int] = []
        self._bm25 = BM25Builder(files.folder)
        self.n_passages = 0
        self.n_sentences = 0

    @property
    def n_reports(self) -> int:
        """The number of reports added."""
        return len(self._sources)

    @property
    def quantised(self) -> bool:
        """Whether there are enough sentences for quantised indexes, and passages to train one."""
        return self.n_sentences >= self._quantised_from and self.n_passages >= LEAST_QUANTISED

    def add(self, addition: Addition) -> None:
        """See `SnapshotWriter.add`."""
        report, passages = addition.report, addition.passages
        if report.id in self._sources:
            raise SnapshotError(
                f"two reports have the id {report.id!r} ({self._sources[report.id]} and "
                f"{report.metadata.source}): rename one of the files"
            )
        fault = next(tiling_faults(report, addition.sections, passages), None)
        rows = {
            "passages": (
                len(passages),
                addition.passage_vectors,
                hash_array(addition.passage_hashes),
            ),
            "sentences": (
                sum(len(passage.sentences) for passage in passages),
                addition.sentence_vectors,
                hash_array(addition.sentence_hashes),
            ),
        }
        for kind, (count, vectors, hashes) in rows.items():
            fault = fault or self._vector_fault(kind, count, vectors, hashes)
        if len(addition.lexical_texts) != len(passages):
            fault = (
                fault or f"{len(passages)} passages come with {len(addition.lexical_texts)} texts"
            )
        figures = [()] * len(passages) if addition.figures is None else addition.figures
        fault = fault or next(figure_faults(passages, figures), None)
        if fault:
            raise SnapshotError(f"report {report.id!r} cannot be added: {fault}")
        self._add_report(report, addition.sections, passages)
        for found in figures:
            self._figure_bytes.append(self._figures.tell())
            self._figures.write(pack_figures(found))
        for kind, (_, vectors, hashes) in rows.items():
            self._vectors[kind].log.append(hashes, vectors)
            self._vectors[kind].hashes.append(hashes)
        for text in addition.lexical_texts:
            self._bm25.add(text)
        self._sources[report.id] = report.metadata.source

    def _vector_fault(
        self, kind: str, count: int, vectors: NDArray[np.float32], hashes: NDArray[np.bytes_]
    ) -> str | None:
        """What is wrong with vectors or hashes, or None."""
        shape = (count, self._card.dimension)
        if vectors.shape != shape or vectors.dtype != np.float32:
            come = f"vectors {vectors.dtype} {vectors.shape}"
            return f"{count} {kind} come with {come}, not float32 {shape}"
        if len(hashes) != count:
            return f"{count} {kind} come with {len(hashes)} hashes"
        return unit_fault(vectors)

    def _add_report(
        self, report: Report, sections: Sequence[Section], passages: Sequence[Passage]
    ) -> None:
        """A report's text, outline, metadata and rows."""
        at = self._texts.tell()
        outline_at = self._outlines.tell()
        outline = {
            "sections": [asdict(section) for section in sections],
            "marks": [asdict(mark) for mark in report.marks],
            "cuts": [asdict(cut) for cut in report.cuts],
        }
        try:
            encoded = [passage.text.encode() for passage in passages]
            outline_line = _json_line(outline)
            line = _json_line(
                {
                    "metadata": asdict(report.metadata),
                    "text": [at, at + sum(map(len, encoded))],
                    "outline": [outline_at, outline_at + len(outline_line)],
                }
            )
        except UnicodeEncodeError as error:
            raise SnapshotError(
                f"report {report.id!r} cannot be added: its text is not valid Unicode ({error})"
            ) from error
        self._texts.writelines(encoded)  # passages tile the report
        self._outlines.write(outline_line)
        self._reports.write(line)
        self._add_rows(sections, passages, encoded, at)

    def _add_rows(
        self,
        sections: Sequence[Section],
        passages: Sequence[Passage],
        encoded: Sequence[bytes],
        at: int,
    ) -> None:
        """The rows of a report's passages and sentences; its text lies at byte `at`."""
        number = {(section.start, section.end): row for row, section in enumerate(sections)}
        rows = np.zeros(len(passages), PASSAGE_ROW)
        sentences: list[tuple[int, int, int]] = []
        for i, (passage, text) in enumerate(zip(passages, encoded, strict=True)):
            rows[i] = (
                self.n_reports,
                number[passage.section.start, passage.section.end],
                passage.start,
                passage.end,
                at,
                at + len(text),
                self.n_sentences + len(sentences),
                len(self._about),
                BASES.index(passage.basis),
                passage.searchable,
            )
            at += len(text)
            row = self.n_passages + i
            sentences += [(span.start, span.end, row) for span in passage.sentences]
            self._about += passage.about
        self._passages.append(rows)
        self._sentences.append(np.array(sentences, SENTENCE_ROW))
        self.n_passages += len(passages)
        self.n_sentences += len(sentences)

    def write(self) -> None:
        """Write what is left and bring every file to the disk itself."""
        self._figure_bytes.append(self._figures.tell())
        self.close()
        files = self._files
        np.save(files.figure_bytes, np.array(self._figure_bytes, FIGURE_BYTE))
        np.save(files.passages, np.concatenate(self._passages))
        np.save(files.sentences, np.concatenate(self._sentences))
        np.save(files.about, np.array(self._about, ABOUT_YEAR))
        dimension = self._card.dimension
        for kind, count, hashes, vectors, quantised in (
            (
                "passages",
                self.n_passages,
                files.passage_hashes,
                files.passage_vectors,
                files.passage_quantised,
            ),
            (
                "sentences",
                self.n_sentences,
                files.sentence_hashes,
                files.sentence_vectors,
                files.sentence_quantised,
            ),
        ):
            np.save(hashes, np.concatenate(self._vectors[kind].hashes))
            write_vectors(vectors, self._vectors[kind].log.blocks(), dimension)
            if self.quantised:
                write_quantised(quantised, VectorIndex(vectors, count, dimension))
        self._bm25.save(files.bm25)
        for path in files.content(self.quantised):
            sync(path)
        sync_folder(files.bm25)

    def close(self) -> None:
        """Close the files; twice does no harm."""
        for file in (self._texts, self._outlines, self._reports, self._figures):
            file.close()

    def discard(self) -> None:
        """Close what waits to be written, too; twice does no harm."""
        self.close()
        self._bm25.close()


def hash_array(hashes: Sequence[bytes]) -> NDArray[np.bytes_]:
    """Hashes as an array. Raises SnapshotError where one is not of `embedded_hash`."""
    for text_hash in hashes:
        if len(text_hash) != HASH.itemsize:
            raise SnapshotError(
                f"a hash has {len(text_hash)} bytes, not {HASH.itemsize}: use embedded_hash"
            )
    return np.array(hashes, HASH)


def _json_line(values: dict[str, Any]) -> bytes:
    """A line of a .jsonl file."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8") + b"\n"
