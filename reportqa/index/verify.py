"""A snapshot → everything that is wrong with it.

Opening a snapshot checks what costs little: checksums, counts, dimensions. This checks the rest:
that texts tile, offsets reproduce them, vectors have length 1, every row points where it should.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError
from reportqa.index.files import (
    MEND,
    SnapshotFiles,
    check_files,
    current_generation,
    generation_folder,
    read_manifest,
)
from reportqa.index.snapshot import BASES, Snapshot
from reportqa.index.vectors import unit_fault
from reportqa.records import Figure, Passage, Problem, Report, Section, Span

__all__ = ["faults_of", "figure_faults", "tiling_faults", "verify_snapshot"]

BLOCK = 8192  # vectors read at once


def verify_snapshot(index_dir: Path, generation: str | None = None) -> list[Problem]:
    """What is wrong with the generation that serves, or with the one named; nothing when it is
    whole. Never raises for what it finds."""
    try:
        name = generation or current_generation(index_dir)
        folder = generation_folder(index_dir, name)
    except SnapshotError as error:
        return [Problem(str(index_dir), str(error), skipped=False)]
    return [Problem(str(folder), fault, skipped=False) for fault in faults_of(folder, name)]


def faults_of(folder: Path, generation: str | None) -> Iterator[str]:
    """The same for a folder; `generation` is None where it has not got its name yet."""
    files = SnapshotFiles.of(folder)
    try:
        manifest = read_manifest(files, generation)
        damaged = list(check_files(files, manifest))
        yield from damaged
        if damaged:
            return
        with Snapshot(folder, manifest) as snapshot:
            pointing = list(_row_faults(snapshot))
            yield from pointing
            if pointing:
                return
            yield from _hash_faults(files, snapshot)
            yield from _vector_faults(snapshot)
            for metadata in snapshot.reports:
                report = snapshot.report(metadata.id)
                passages = [snapshot.passage(row) for row in snapshot.passages_of(metadata.id)]
                for fault in tiling_faults(report, snapshot.sections(metadata.id), passages):
                    yield f"report {metadata.id!r}: {fault}: {MEND}"
                figures = [snapshot.figures_of(row) for row in snapshot.passages_of(metadata.id)]
                for fault in figure_faults(passages, figures):
                    yield f"report {metadata.id!r}: {fault}: {MEND}"
    except SnapshotError as error:
        yield str(error)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        yield f"{folder} is damaged ({type(error).__name__}: {error}): {MEND}"


def tiling_faults(
    report: Report, sections: Sequence[Section], passages: Sequence[Passage]
) -> Iterator[str]:
    """Where sections do not tile the report, passages their sections or sentences their
    passages, where a text is not what its offsets say, or where years do not ascend."""
    whole = Span(0, len(report.text))
    yield from _gaps("sections", sections, "the report", whole)
    by_section: dict[tuple[int, int], list[Passage]] = {}
    for passage in passages:
        by_section.setdefault((passage.section.start, passage.section.end), []).append(passage)
    known = {(section.start, section.end) for section in sections}
    for key in by_section.keys() - known:
        yield f"a passage is of a section {key[0]}–{key[1]} that the report does not have"
    for section in sections:
        inside = by_section.get((section.start, section.end), [])
        yield from _section_faults(section, inside)
    for before, after in pairwise(passages):
        if after.start < before.end:
            yield f"passage {after.id} comes after {before.id}: not in the order of the text"
    for passage in passages:
        yield from _passage_faults(report, passage)


def figure_faults(
    passages: Sequence[Passage], figures: Sequence[Sequence[Figure]]
) -> Iterator[str]:
    """Where figures do not come one tuple a passage, or are not the text at their offsets."""
    if len(figures) != len(passages):
        yield f"{len(passages)} passages come with figures of {len(figures)}"
        return
    for passage, found in zip(passages, figures, strict=True):
        for figure in found:
            where = f"figure {figure.start}–{figure.end} of passage {passage.id}"
            inside = figure.sentence in passage.sentences
            inside = inside and figure.sentence.start <= figure.start < figure.end
            if not inside or figure.end > figure.sentence.end:
                yield f"{where} is not in one of its sentences"
            elif passage.quote(Span(figure.start, figure.end)) != figure.text:
                yield f"{where} is not the text at its offsets"
            words = "".join(map(passage.quote, figure.indicator_spans))
            if "".join(words.split()) != figure.indicator:
                yield f"the indicator of {where} is not the text at its offsets"


def _section_faults(section: Section, passages: Sequence[Passage]) -> Iterator[str]:
    where = f"section {section.start}–{section.end}"
    yield from _gaps("passages", passages, where, section)
    if not section.start <= section.body <= section.end:
        yield f"the body of {where} begins outside it, at {section.body}"
    if any(year >= later for year, later in pairwise(section.about)):
        yield f"the years of {where} do not ascend: {section.about}"


def _passage_faults(report: Report, passage: Passage) -> Iterator[str]:
    if passage.metadata != report.metadata:
        yield f"passage {passage.id} has the metadata of another report"
    if passage.start >= passage.end:
        yield f"passage {passage.id} is empty"
    if report.text[passage.start : passage.end] != passage.text:
        yield f"passage {passage.id} is not the text at its offsets"
    yield from _gaps("sentences", passage.sentences, f"passage {passage.id}", passage)
    if any(year >= later for year, later in pairwise(passage.about)):
        yield f"the years of passage {passage.id} do not ascend: {passage.about}"


def _gaps(
    what: str,
    parts: Sequence[Span | Section | Passage],
    where: str,
    whole: Span | Section | Passage,
) -> Iterator[str]:
    """Where parts do not tile the whole."""
    at = whole.start
    for part in parts:
        if part.start != at or part.end < part.start or (what == "sentences" and part.end == at):
            yield f"the {what} of {where} do not tile it: {part.start}–{part.end} follows {at}"
            return
        at = part.end
    if at != whole.end:
        yield f"the {what} of {where} do not tile it: they end at {at}, it ends at {whole.end}"


def _row_faults(snapshot: Snapshot) -> Iterator[str]:
    """Rows that point where nothing is, or out of order."""
    n_reports = len(snapshot.reports)
    ascending: dict[str, tuple[NDArray[Any], int]] = {
        "the reports of passages": (snapshot.passage_report, n_reports),
        "the first sentences of passages": (snapshot.first_sentence, snapshot.n_sentences + 1),
        "the first years of passages": (snapshot.first_about, len(snapshot.about) + 1),
        "the passages of sentences": (snapshot.sentence_passage, snapshot.n_passages),
    }
    for what, (rows, limit) in ascending.items():
        if rows.size and (rows[0] < 0 or rows[-1] >= limit or np.any(np.diff(rows) < 0)):
            yield f"{what} do not ascend within 0:{limit}: {MEND}"
    counts = np.diff(snapshot.first_sentence)
    if not np.array_equal(
        np.repeat(np.arange(snapshot.n_passages), np.maximum(counts, 0)), snapshot.sentence_passage
    ):
        yield f"passages and sentences do not point at each other: {MEND}"
    basis = snapshot.passage_basis
    if basis.size and not (basis.min() >= 0 and basis.max() < len(BASES)):
        yield f"the basis of a passage is none of {BASES}: {MEND}"


def _hash_faults(files: SnapshotFiles, snapshot: Snapshot) -> Iterator[str]:
    """Hashes that are not one a row."""
    for path, count in (
        (files.passage_hashes, snapshot.n_passages),
        (files.sentence_hashes, snapshot.n_sentences),
    ):
        hashes = np.load(path, allow_pickle=False)
        if hashes.dtype != np.dtype("S16") or hashes.shape != (count,):
            yield f"{path} holds {hashes.dtype} {hashes.shape}, not S16 ({count},): {MEND}"


def _vector_faults(snapshot: Snapshot) -> Iterator[str]:
    """Vectors that are not finite and of length 1."""
    for what, count, read in (
        ("passage", snapshot.n_passages, snapshot.passage_vectors),
        ("sentence", snapshot.n_sentences, snapshot.sentence_vectors),
    ):
        for start in range(0, count, BLOCK):
            fault = unit_fault(read(slice(start, start + BLOCK)))
            if fault:
                yield f"of the {what} vectors from row {start} on, {fault}: {MEND}"
