"""Retriever: question → Hits. Three views of every passage are joined into one score.

1. the passage's vector against the question's;
2. the best of its sentences' vectors against the question's;
3. BM25 over Chinese character bigrams, left out where the question has no Chinese.

Each view is standardised over all passages, so that one unit is as unusual in one view as in
another; their weighted sum ranks, raised where a passage agrees with the places, years and sense
the question states. Filters are applied before anything is ranked.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportqa.encoder import Encoder, open_encoder
from reportqa.errors import QuestionError
from reportqa.filters import allowed_rows, rows_about
from reportqa.index import BASES, Snapshot, current_generation, open_snapshot
from reportqa.lexical import tokens
from reportqa.question import QuestionReader
from reportqa.records import NO_FILTERS, Filters, Hit, Passage, Span, Understanding

__all__ = ["LONGEST_QUESTION", "MOST_HITS", "WEIGHTS", "Retriever", "Serving", "fuse"]

LONGEST_QUESTION = 2_000
"""Characters."""
MOST_HITS = 1_000
"""The largest k."""

TOGETHER = 16  # questions scored at once: each takes four bytes a sentence
REGION_AGREES = 3.0  # in units of a view's deviation: a place stated outweighs most wording
YEAR_AGREES = 1.0  # the passage speaks of a year the question states
YEAR_IS_FAR = 1.0  # taken off: the report is of neither that year nor one beside it
BASIS_AGREES = 0.7  # achieved or planned, as the question has it
WEIGHTS = (1.0, 1.0, 0.2)  # of passage, best sentence and BM25; tuned by benchmarks/views.py
EVIDENCE = 3  # sentences of a hit at most
EVIDENCE_MARGIN = 0.02  # cosine below the best sentence within which another is evidence too

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]")

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


class Retriever:
    """Finds the passages that answer a question. Safe to share between threads: each search reads
    one snapshot from beginning to end, and `refresh` swaps it between two."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, index_dir: Path) -> None:
        """`encoder` must be the one the snapshot was built with: `open` sees to that."""
        self._serving = Serving(snapshot)
        self._encoder = encoder
        self._index_dir = index_dir
        self._swapping = threading.Lock()

    @classmethod
    def open(cls, index_dir: Path | str = "index", model: str | None = None) -> Retriever:
        """The serving snapshot of an index folder. Raises SnapshotError where there is none, it is
        damaged or was built with another model; EncoderError where the model cannot be had."""
        index_dir = Path(index_dir)
        current_generation(index_dir)
        encoder = open_encoder(model)
        return cls(open_snapshot(index_dir, card=encoder.card), encoder, index_dir)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that the next search reads."""
        return self._serving.snapshot

    @property
    def reader(self) -> QuestionReader:
        """Reads questions against the reports of the snapshot."""
        return self._serving.reader

    def refresh(self) -> bool:
        """Take up a newer snapshot where there is one; whether there was. Where it cannot be
        opened, the error is raised and the one before goes on serving."""
        if current_generation(self._index_dir) == self.snapshot.generation:
            return False
        with self._swapping:
            if current_generation(self._index_dir) == self.snapshot.generation:
                return False
            self._serving = Serving(open_snapshot(self._index_dir, card=self._encoder.card))
        return True

    def check(self, question: str, k: int = 10) -> str:
        """The question without outer white space. QuestionError where it cannot be asked."""
        if not 1 <= k <= MOST_HITS:
            raise QuestionError(f"k is {k}: ask for 1 to {MOST_HITS} passages")
        question = question.strip()
        if not question:
            raise QuestionError("the question is empty: type one")
        if len(question) > LONGEST_QUESTION:
            raise QuestionError(
                f"the question has {len(question):,} characters: "
                f"ask in {LONGEST_QUESTION:,} or fewer"
            )
        if any("\ud800" <= character <= "\udfff" for character in question):
            raise QuestionError("the question is not valid Unicode: type or paste it anew")
        if not _WORD.search(question):
            raise QuestionError(f"the question {question[:20]!r} has no words: ask with some")
        return question

    def encode(self, questions: Sequence[str]) -> Scores:
        """The vectors of questions, (n, dimension)."""
        return self._encoder.encode_questions(questions)

    def understand(self, question: str) -> Understanding:
        """What the question states: years, places among the reports at hand, achieved or planned.
        Pass it on to `search`, changed, to have a part of it count no longer."""
        return self._serving.reader.read(question)

    def search(
        self,
        question: str,
        k: int = 10,
        filters: Filters = NO_FILTERS,
        understood: Understanding | None = None,
    ) -> tuple[Hit, ...]:
        """The k best passages, best first; fewer where fewer pass the filters. What the question
        states counts for the passages that agree with it: `understood` if given, else read from
        the question."""
        stated = None if understood is None else [understood]
        return self.search_many([question], k, filters, stated)[0]

    def search_many(
        self,
        questions: Sequence[str],
        k: int = 10,
        filters: Filters = NO_FILTERS,
        understood: Sequence[Understanding] | None = None,
    ) -> list[tuple[Hit, ...]]:
        """`search` for each question, encoded together."""
        serving = self._serving
        texts = [self.check(question, k) for question in questions]
        if not texts:
            return []
        if understood is None:
            understood = [serving.reader.read(text) for text in texts]
        return list(serving.search(texts, self.encode(texts), understood, k, filters))


class Serving:
    """A snapshot with what is computed once for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Find the rows that may be hits."""
        self.snapshot = snapshot
        self.reader = QuestionReader(snapshot.reports)
        self._regions = np.array([m.region or "" for m in snapshot.reports])
        self._years = np.array([m.year or -1 for m in snapshot.reports])
        self.rows: Rows = np.flatnonzero(snapshot.passage_searchable)

    def agreement(self, understood: Understanding) -> Scores:
        """What each row gains or loses by what the question states, shape (rows,)."""
        snapshot, rows = self.snapshot, self.rows
        reports = snapshot.passage_report[rows]
        gain = np.zeros(len(rows), np.float32)
        if understood.regions:
            named = np.isin(self._regions, understood.regions)
            gain += REGION_AGREES * named[reports]
        if understood.years:
            spoken = rows_about(snapshot, [(year, year) for year in understood.years])
            gain += YEAR_AGREES * spoken[rows]
            distance = np.abs(self._years[:, None] - np.array(understood.years)).min(axis=1)
            gain -= YEAR_IS_FAR * ((distance > 1) & (self._years > 0))[reports]
        if understood.basis:
            gain += BASIS_AGREES * (snapshot.passage_basis[rows] == BASES.index(understood.basis))
        return gain

    def search(
        self,
        questions: Sequence[str],
        vectors: Scores,
        understood: Sequence[Understanding],
        k: int,
        filters: Filters,
    ) -> Iterator[tuple[Hit, ...]]:
        """The k best hits of each question, in the order of the questions."""
        rows = self.rows
        asked = allowed_rows(self.snapshot, filters)
        allowed = rows if asked is None else rows[asked[rows]]
        passing = slice(None) if asked is None else asked[rows]
        if not len(allowed):
            yield from (() for _ in questions)
            return
        for start in range(0, len(questions), TOGETHER):
            group = slice(start, start + TOGETHER)
            views = self.views(questions[group], vectors[group])
            for question, vector, stated, seen in zip(
                questions[group], vectors[group], understood[group], views, strict=True
            ):
                scores = (fuse(seen) + self.agreement(stated))[passing]
                yield tuple(
                    self._hit(rank, float(scores[at]), int(allowed[at]), question, vector)
                    for rank, at in enumerate(_first(scores, allowed, k), 1)
                )

    def views(self, questions: Sequence[str], vectors: Scores) -> Iterator[Scores]:
        """For each question the scores of the searchable rows in each view: (2 or 3, rows)."""
        snapshot, rows = self.snapshot, self.rows
        whole = snapshot.passage_scores(vectors)
        parts = snapshot.sentence_scores(vectors)
        best = np.maximum.reduceat(parts, snapshot.first_sentence[:-1], axis=1)
        for i, question in enumerate(questions):
            views = [whole[i, rows], best[i, rows]]
            if _HAN.search(question):
                views.append(snapshot.bm25.scores(question)[rows])
            yield np.stack(views)

    def _hit(self, rank: int, score: float, row: int, question: str, vector: Scores) -> Hit:
        passage = self.snapshot.passage(row)
        first, last = self.snapshot.first_sentence[row : row + 2]
        closeness = self.snapshot.sentence_vectors(np.arange(first, last)) @ vector
        return Hit(rank, score, row, passage, _pick_evidence(question, passage, closeness))


def fuse(views: Scores, weights: Sequence[float] = WEIGHTS) -> Scores:
    """Scores in each view (2 or 3, rows) → one score a row: each view is standardised to mean 0
    and deviation 1 over the rows, then they are added by weight."""
    spread = np.maximum(views.std(axis=1, keepdims=True), 1e-6)
    standard = (views - views.mean(axis=1, keepdims=True)) / spread
    fused: Scores = np.asarray(weights[: len(views)], np.float32) @ standard
    return fused


def _first(scores: Scores, rows: Rows, k: int) -> Rows:
    """Where the k highest scores stand, by (−score, row)."""
    near = np.arange(len(scores))
    if len(scores) > k:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        near = np.flatnonzero(scores >= least)
    return near[np.lexsort((rows[near], -scores[near]))][:k]


def _pick_evidence(question: str, passage: Passage, closeness: Scores) -> tuple[Span, ...]:
    """The sentences nearest the question, best first: by cosine, raised by up to twice the margin
    for the share of the question's tokens that the sentence holds. Tokens of the report's label
    (place, year) tell its sentences apart no more; a heading is no evidence."""
    body = passage.section.body
    under = [i for i, span in enumerate(passage.sentences) if span.end > body]
    spans = [passage.sentences[i] for i in under]
    wanted = set(tokens(question)) - set(tokens(passage.metadata.label))
    held = [len(wanted & set(tokens(passage.quote(span)))) for span in spans]
    shares = np.array(held, np.float32) / max(1, len(wanted))
    scores = closeness[under] + 2 * EVIDENCE_MARGIN * shares
    order = np.argsort(-scores, kind="stable")
    best = scores[order[0]]
    return tuple(spans[i] for i in order[:EVIDENCE] if scores[i] >= best - EVIDENCE_MARGIN)
