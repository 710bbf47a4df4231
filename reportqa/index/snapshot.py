"""A snapshot on disk → reports, sections, passages, vectors and BM25, by row.

Opening verifies every checksum, of large files by a sample. Texts, outlines and vectors stay on
disk, mapped; what search needs of every passage lies in a few arrays. Rows are numbered over the
whole snapshot, in the order of the reports; the passages of a report and the sentences of a passage
are ranges.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import QuestionError, SnapshotError
from reportqa.index.figures import FIGURE_BYTE, unpack_figures
from reportqa.index.files import (
    MEND,
    Manifest,
    SnapshotFiles,
    check_files,
    current_generation,
    generation_folder,
    read_manifest,
)
from reportqa.index.stored import Nothing, map_file, read_array, read_reports
from reportqa.index.vectors import Nearest, QuantisedIndex, VectorIndex, score_rows
from reportqa.lexical import BM25Index
from reportqa.records import (
    Basis,
    Cut,
    Figure,
    Mark,
    ModelCard,
    Passage,
    Report,
    Section,
    Span,
)

__all__ = [
    "ABOUT_YEAR",
    "BASES",
    "PASSAGE_ROW",
    "SENTENCE_ROW",
    "Outline",
    "Snapshot",
    "current_generation",
    "open_generation",
    "open_snapshot",
]

BASES: tuple[Basis | None, ...] = (None, "actual", "plan")
"""What the numbers in `Snapshot.passage_basis` stand for."""

PASSAGE_ROW = np.dtype(
    [
        ("report", "<i4"),
        ("section", "<i4"),  # within its report
        ("start", "<i4"),
        ("end", "<i4"),
        ("byte_start", "<i8"),  # in texts.utf8
        ("byte_end", "<i8"),
        ("first_sentence", "<i8"),
        ("first_about", "<i8"),  # in about.npy
        ("basis", "<i1"),
        ("searchable", "?"),
    ]
)
ABOUT_YEAR = np.dtype("<i4")
SENTENCE_ROW = np.dtype([("start", "<i4"), ("end", "<i4"), ("passage", "<i4")])

OUTLINES_KEPT = 256  # reports whose sections stay in memory once read
TRIES = 5  # at opening a generation that a build removes under our hands


@dataclass(frozen=True, slots=True)
class Outline:
    """What a report holds beside its text."""

    sections: tuple[Section, ...]
    marks: tuple[Mark, ...]
    cuts: tuple[Cut, ...]


class Snapshot:
    """One generation, opened. It keeps serving after it was replaced and even removed. Safe to
    read from several threads; `close` only when none is reading.

    Arrays, by passage row: `passage_report`, `passage_start`, `passage_end`, `passage_basis` (see
    BASES), `passage_searchable`; `first_sentence` and `first_about` have one entry more, so that
    the sentences of row r are rows first_sentence[r]:first_sentence[r + 1], and its years are
    about[first_about[r]:first_about[r + 1]], ascending. By sentence row: `sentence_passage`,
    `sentence_start`, `sentence_end`. `reports` are in row order. `quantised` says whether there are
    quantised indexes to name candidates, as there are for a large snapshot.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open the files of a folder, which must agree with the manifest. Use `open_snapshot`."""
        files = SnapshotFiles.of(folder)
        self.generation = folder.name
        self.created = manifest.created
        self.previous = manifest.previous
        self.card = manifest.card
        self.problems = manifest.problems
        self.n_passages = manifest.passages
        self.n_sentences = manifest.sentences

        self.reports, self._texts_at, self._outlines_at = read_reports(files, manifest.reports)
        self._rows = {metadata.id: row for row, metadata in enumerate(self.reports)}
        if len(self._rows) != len(self.reports):
            raise SnapshotError(f"{files.reports} names a report twice: {MEND}")
        self._texts = map_file(files.texts)
        self._outlines = map_file(files.outlines)
        self._figures = map_file(files.figures)
        self._figure_bytes = read_array(files.figure_bytes, FIGURE_BYTE, self.n_passages + 1)

        passages = read_array(files.passages, PASSAGE_ROW, self.n_passages)
        sentences = read_array(files.sentences, SENTENCE_ROW, self.n_sentences)
        self.about: NDArray[np.int32] = read_array(files.about, ABOUT_YEAR, None)
        self.passage_report: NDArray[np.int32] = passages["report"].copy()
        self.passage_start: NDArray[np.int32] = passages["start"].copy()
        self.passage_end: NDArray[np.int32] = passages["end"].copy()
        self.passage_basis: NDArray[np.int8] = passages["basis"].copy()
        self.passage_searchable: NDArray[np.bool_] = passages["searchable"].copy()
        self.first_sentence: NDArray[np.int64] = np.append(
            passages["first_sentence"], self.n_sentences
        )
        self.first_about: NDArray[np.int64] = np.append(passages["first_about"], len(self.about))
        self._passage_section = passages["section"].copy()
        self._passage_bytes = np.stack([passages["byte_start"], passages["byte_end"]], axis=1)
        self.sentence_start: NDArray[np.int32] = sentences["start"].copy()
        self.sentence_end: NDArray[np.int32] = sentences["end"].copy()
        self.sentence_passage: NDArray[np.int32] = sentences["passage"].copy()

        self._open_vectors(files, manifest.quantised)
        self.bm25 = BM25Index.load(files.bm25, mmap=True)
        if len(self.bm25) != self.n_passages:
            raise SnapshotError(
                f"{files.bm25} counts {len(self.bm25)} passages, not {self.n_passages}: {MEND}"
            )
        self._outline = lru_cache(maxsize=OUTLINES_KEPT)(self._read_outline)

    def _open_vectors(self, files: SnapshotFiles, quantised: bool) -> None:
        passages = (self.n_passages, self.card.dimension)
        sentences = (self.n_sentences, self.card.dimension)
        self._passage_vectors = VectorIndex(files.passage_vectors, *passages)
        self._sentence_vectors = VectorIndex(files.sentence_vectors, *sentences)
        self.quantised = quantised
        if quantised:
            self._passage_quantised = QuantisedIndex(files.passage_quantised, *passages)
            self._sentence_quantised = QuantisedIndex(files.sentence_quantised, *sentences)

    def __enter__(self) -> Snapshot:
        """The snapshot itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the mapped files; reading a text afterwards raises SnapshotError."""
        self._outline.cache_clear()
        self._texts.close()
        self._outlines.close()
        self._figures.close()

    # Reports

    def report_row(self, report_id: str) -> int:
        """The place of a report in `reports`. Raises QuestionError for an id it does not hold."""
        try:
            return self._rows[report_id]
        except KeyError as error:
            raise QuestionError(
                f"no report {report_id!r} in the index: ask for one of its {len(self._rows)} ids"
            ) from error

    def report(self, report_id: str) -> Report:
        """A report with its whole text, read from the disk."""
        row = self.report_row(report_id)
        outline = self._outline(row)
        text = self._slice(self._texts, *self._texts_at[row])
        return Report(self.reports[row], text, outline.marks, outline.cuts)

    def sections(self, report_id: str) -> tuple[Section, ...]:
        """The sections of a report, which tile it."""
        return self._outline(self.report_row(report_id)).sections

    def passages_of(self, report_id: str) -> range:
        """The rows of a report's passages, in the order of its text."""
        row = self.report_row(report_id)
        first, last = np.searchsorted(self.passage_report, [row, row + 1])
        return range(int(first), int(last))

    def sentence_spans(self, report_id: str) -> list[Span]:
        """The sentences of a report, which tile it."""
        rows = self.passages_of(report_id)
        first, last = self.first_sentence[rows.start], self.first_sentence[rows.stop]
        starts, ends = self.sentence_start[first:last], self.sentence_end[first:last]
        return list(map(Span, starts.tolist(), ends.tolist()))

    # Passages and sentences

    def passage(self, row: int) -> Passage:
        """The passage of a row; only its own text is read."""
        if not 0 <= row < self.n_passages:
            raise IndexError(f"passage row {row} is not in 0:{self.n_passages}")
        report = int(self.passage_report[row])
        sentences = slice(self.first_sentence[row], self.first_sentence[row + 1])
        about = self.about[self.first_about[row] : self.first_about[row + 1]]
        starts, ends = self.sentence_start[sentences], self.sentence_end[sentences]
        return Passage(
            metadata=self.reports[report],
            section=self._outline(report).sections[int(self._passage_section[row])],
            start=int(self.passage_start[row]),
            end=int(self.passage_end[row]),
            text=self._slice(self._texts, *self._passage_bytes[row].tolist()),
            sentences=tuple(map(Span, starts.tolist(), ends.tolist())),
            about=tuple(about.tolist()),
            basis=BASES[self.passage_basis[row]],
        )

    # Figures

    def figures_of(self, row: int, passage: Passage | None = None) -> tuple[Figure, ...]:
        """The figures of a passage, in the order of its text; `passage` if it is read already."""
        passage = passage or self.passage(row)
        line = self._slice(self._figures, *self._figure_bytes[row : row + 2].tolist())
        return unpack_figures(line, passage)

    def rows_naming(self, words: Sequence[str]) -> list[int]:
        """The rows, ascending, of the passages with a figure whose indicator may hold any of
        these words: a search in bytes that misses none and reads no figure."""
        if isinstance(self._figures, Nothing) or not words:
            return []
        pattern = re.compile(b"|".join(re.escape(word.encode()) for word in words))
        try:
            at = [match.start() for match in pattern.finditer(self._figures)]
        except ValueError as error:
            raise SnapshotError(f"snapshot {self.generation} is closed ({error})") from error
        rows = np.searchsorted(self._figure_bytes, at, side="right") - 1
        return [int(row) for row in np.unique(rows)]

    # Vectors

    def passage_scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of every passage for each question vector: (q, n_passages). For several
        questions a matrix product, whose last bits differ from those for one."""
        return self._passage_vectors.best_scores(vectors, None)

    def best_sentence_scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of every passage's best sentence, likewise: (q, n_passages)."""
        return self._sentence_vectors.best_scores(vectors, self.first_sentence)

    def passage_scores_of(
        self, rows: NDArray[np.int64], vector: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The score of these passages for one question vector; equal vectors score equally,
        wherever they stand and whatever else is asked for."""
        return score_rows(self._passage_vectors.vectors(rows), vector)

    def best_sentence_scores_of(
        self, rows: NDArray[np.int64], vector: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The score of the best sentence of these passages, likewise."""
        if not len(rows):
            return np.zeros(0, np.float32)
        sentences, firsts = self.sentences_of_rows(rows)
        best: NDArray[np.float32] = np.maximum.reduceat(score_rows(sentences, vector), firsts)
        return best

    def sentence_scores_of(
        self, rows: NDArray[np.int64], vector: NDArray[np.float32]
    ) -> list[NDArray[np.float32]]:
        """The scores of the sentences of each of these passages, likewise."""
        if not len(rows):
            return []
        sentences, firsts = self.sentences_of_rows(rows)
        return np.split(score_rows(sentences, vector), firsts[1:])

    def sentences_of_rows(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The vectors of the sentences of these passages, one after the other, and where those of
        each passage begin."""
        first = self.first_sentence[rows]
        counts = self.first_sentence[rows + 1] - first
        ends = np.cumsum(counts)
        sentences = np.arange(counts.sum()) + np.repeat(first - (ends - counts), counts)
        return self._sentence_vectors.vectors(sentences), ends - counts

    def likely_passages(
        self, vectors: NDArray[np.float32], n: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Nearest]:
        """For each question vector about the n nearest passages by the quantised index, with about
        their scores; among those where `allowed` (n_passages,) is true."""
        return self._passage_quantised.likely(vectors, n, allowed)

    def likely_by_sentence(
        self, vectors: NDArray[np.float32], n: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Nearest]:
        """The passages that hold about the n nearest sentences, each with about the score of its
        best one; likewise."""
        inside = None if allowed is None else allowed[self.sentence_passage]
        found = []
        for near in self._sentence_quantised.likely(vectors, n, inside):
            holders = self.sentence_passage[near.rows]
            order = np.lexsort((-near.scores, holders))
            rows, first = np.unique(holders[order], return_index=True)
            found.append(Nearest(near.scores[order][first], rows.astype(np.int64)))
        return found

    def passage_vectors(self, rows: NDArray[np.integer] | slice) -> NDArray[np.float32]:
        """The vectors of these passages, in the order of the rows."""
        return self._passage_vectors.vectors(rows)

    def sentence_vectors(self, rows: NDArray[np.integer] | slice) -> NDArray[np.float32]:
        """The vectors of these sentences, in the order of the rows."""
        return self._sentence_vectors.vectors(rows)

    # The disk

    def _slice(self, file: mmap.mmap | Nothing, start: int, end: int) -> str:
        try:
            return file[start:end].decode("utf-8")
        except (ValueError, UnicodeDecodeError) as error:
            raise SnapshotError(
                f"the text of snapshot {self.generation} cannot be read ({error}): {MEND}"
            ) from error

    def _read_outline(self, report: int) -> Outline:
        line = self._slice(self._outlines, *self._outlines_at[report])
        values: dict[str, Any] = json.loads(line)
        return Outline(
            sections=tuple(
                Section(
                    **section
                    | {"headings": tuple(section["headings"]), "about": tuple(section["about"])}
                )
                for section in values["sections"]
            ),
            marks=tuple(Mark(**mark) for mark in values["marks"]),
            cuts=tuple(Cut(**cut) for cut in values["cuts"]),
        )


def open_snapshot(index_dir: Path, *, card: ModelCard | None = None) -> Snapshot:
    """The generation that serves, verified: format, checksums, counts, dimension, and its model
    where a card is given. Raises SnapshotError for whatever keeps it from being whole."""
    generation = current_generation(index_dir)
    for _ in range(TRIES):
        try:
            return open_generation(index_dir, generation, card=card)
        except SnapshotError:
            latest = current_generation(index_dir)
            if latest == generation:
                raise
            generation = latest  # a build has published and removed ours meanwhile
    return open_generation(index_dir, generation, card=card)


def open_generation(index_dir: Path, generation: str, *, card: ModelCard | None = None) -> Snapshot:
    """A generation of the index by name, serving or not, verified as by `open_snapshot`."""
    folder = generation_folder(index_dir, generation)
    files = SnapshotFiles.of(folder)
    manifest = read_manifest(files, generation)
    for fault in check_files(files, manifest, whole=False):
        raise SnapshotError(fault)
    if card is not None:
        _check_model(folder, manifest.card, card)
    return Snapshot(folder, manifest)


def _check_model(folder: Path, built: ModelCard, asked: ModelCard) -> None:
    """Vectors of two models, or of two prompts, do not compare."""
    if built.fingerprint == asked.fingerprint and built.dimension == asked.dimension:
        return
    raise SnapshotError(
        f"{folder} was built with the model {built.name} ({built.fingerprint[:12]}, dimension "
        f"{built.dimension}), not with {asked.name} ({asked.fingerprint[:12]}, dimension "
        f"{asked.dimension}): run python build_index.py --model {asked.name}, "
        f"or ask with --model {built.name}"
    )
