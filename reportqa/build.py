"""The pipeline: corpus → Reports → Sections → Passages → vectors → a published snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportqa.corpus import corpus_bytes, read_corpus
from reportqa.encoder import Encoder, open_encoder
from reportqa.figures import extract_figures
from reportqa.index import QUANTISED_FROM, Addition, SnapshotWriter, embedded_hash
from reportqa.passages import passage_input, sentence_inputs, split_passages
from reportqa.records import Passage, Problem, Report, Section
from reportqa.sections import split_sections

__all__ = ["Summary", "build"]

TEXTS_TOGETHER = 1_024  # embedded as one lot, so that small documents share batches
PUT_BY = 128  # texts whose vectors are put by at once: what a kill may cost

OnStep = Callable[[float, int, int], None]
"""Hears the share of the corpus done (0 to 1, an estimate), reports read and texts embedded."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did. `reused` texts had been embedded by an earlier build."""

    folder: Path
    reports: int
    passages: int
    sentences: int
    embedded: int
    reused: int
    skipped: int

    def describe(self) -> str:
        """One line for a person."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return (
            f"{self.folder}: {self.reports} reports{skipped}, {self.passages} passages, "
            f"{self.sentences} sentences; {self.embedded} texts embedded, {self.reused} reused"
        )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A report divided, before its vectors."""

    report: Report
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    passage_texts: list[str]
    sentence_texts: list[str]


def build(
    corpus: Sequence[Path],
    index_dir: Path,
    model: str | None = None,
    *,
    encoder: Encoder | None = None,
    quantised_from: int = QUANTISED_FROM,
    on_step: OnStep = lambda share, reports, embedded: None,
    on_problem: Callable[[Problem], None] = lambda problem: None,
    on_note: Callable[[str], None] = lambda note: None,
) -> Summary:
    """Read the corpus, embed what was never embedded before, publish a snapshot. Raises a
    ReportQAError, and the snapshot before serves on, where that cannot be done. `model` is a name,
    fetched from the hub where it is not at hand, or a folder, None the bundled one; an `encoder`
    already open is used instead. From `quantised_from` sentences on, the snapshot is searched by
    way of quantised indexes."""
    counts = _Counts(corpus_bytes(corpus))  # first: a wrong path is known before a model is loaded
    encoder = encoder or open_encoder(model, download=True, progress=on_note)
    on_note(f"model {encoder.card.name}")
    problems: list[Problem] = []
    with SnapshotWriter(index_dir, encoder.card, quantised_from=quantised_from) as writer:
        for lot in _lots(_drafts(corpus, encoder, problems, on_problem)):
            vectors = _embed(lot, encoder, writer, counts, on_step, on_note)
            for draft, (whole, parts) in zip(lot, vectors, strict=True):
                addition = Addition(
                    draft.report,
                    draft.sections,
                    draft.passages,
                    whole,
                    parts,
                    [embedded_hash(text) for text in draft.passage_texts],
                    [embedded_hash(text) for text in draft.sentence_texts],
                    draft.passage_texts,
                    [extract_figures(passage) for passage in draft.passages],
                )
                writer.add(addition)
                counts.add(draft)
            writer.forget()
        folder = writer.publish(problems)
    skipped = sum(problem.skipped for problem in problems)
    return Summary(
        folder,
        counts.reports,
        counts.passages,
        counts.sentences,
        counts.embedded,
        counts.reused,
        skipped,
    )


class _Counts:
    """What a build has done so far."""

    def __init__(self, total_bytes: int) -> None:
        self._total = max(1, total_bytes)
        self._read = 0.0
        self.reports = self.passages = self.sentences = self.embedded = self.reused = 0

    def share(self, lot: Sequence[_Draft], done: float) -> float:
        """The share of the corpus done when `done` of a lot's texts are embedded."""
        weight = sum(len(draft.report.text.encode()) for draft in lot)
        return min(1.0, (self._read + weight * done) / self._total)

    def add(self, draft: _Draft) -> None:
        self._read += len(draft.report.text.encode())
        self.reports += 1
        self.passages += len(draft.passages)
        self.sentences += len(draft.sentence_texts)


def _drafts(
    corpus: Sequence[Path],
    encoder: Encoder,
    problems: list[Problem],
    on_problem: Callable[[Problem], None],
) -> Iterator[_Draft]:
    for item in read_corpus(corpus):
        if isinstance(item, Problem):
            problems.append(item)
            on_problem(item)
            continue
        sections = split_sections(item)
        passages = split_passages(item, sections, encoder.count_tokens, encoder.card.max_tokens)
        yield _Draft(
            item,
            sections,
            passages,
            [passage_input(passage) for passage in passages],
            [text for passage in passages for text in sentence_inputs(passage)],
        )


def _lots(drafts: Iterator[_Draft]) -> Iterator[list[_Draft]]:
    """Reports in runs of enough texts to embed together."""
    lot: list[_Draft] = []
    for draft in drafts:
        lot.append(draft)
        if sum(len(d.passage_texts) + len(d.sentence_texts) for d in lot) >= TEXTS_TOGETHER:
            yield lot
            lot = []
    if lot:
        yield lot


def _embed(
    lot: Sequence[_Draft],
    encoder: Encoder,
    writer: SnapshotWriter,
    counts: _Counts,
    on_step: OnStep,
    on_note: Callable[[str], None],
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """The vectors of each report's passages and sentences; each different text is embedded once,
    and not at all where an earlier build has."""
    texts = [text for d in lot for text in (*d.passage_texts, *d.sentence_texts)]
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    different = list(place)
    hashes = [embedded_hash(text) for text in different]
    known, vectors = writer.known_vectors(hashes)
    new = sorted(np.flatnonzero(~known), key=lambda i: -len(different[i]))  # like beside like
    before = counts.embedded
    if new and not before:
        on_note(f"encoding in {encoder.backend}")

    def on_batch(embedded: int) -> None:
        done = counts.embedded + embedded
        on_step(counts.share(lot, (done - before) / len(new)), counts.reports + len(lot), done)

    for start in range(0, len(new), PUT_BY):
        rows = new[start : start + PUT_BY]
        vectors[rows] = encoder.encode_passages([different[i] for i in rows], on_batch)
        writer.remember([hashes[i] for i in rows], vectors[rows])
        counts.embedded += len(rows)
    counts.reused += len(different) - len(new)
    found = []
    for draft in lot:
        whole = [place[text] for text in draft.passage_texts]
        parts = [place[text] for text in draft.sentence_texts]
        found.append((vectors[whole], vectors[parts]))
    return found
