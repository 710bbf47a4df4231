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
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportqa.encoder import Encoder, open_encoder
from reportqa.errors import QuestionError
from reportqa.evidence import ReadPassage, rank_evidence
from reportqa.filters import allowed_rows, rows_about
from reportqa.index import BASES, Snapshot, current_generation, open_snapshot
from reportqa.question import QuestionReader
from reportqa.records import NO_FILTERS, Evidence, Filters, Hit, Span, Understanding

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
EVIDENCE_MARGIN = 5.0  # score below the best sentence within which another is evidence too
WEIGHED = 20  # passages put in the order of their best sentence
WORST = 1e6  # taken off where a passage has no sentence under its heading
KEPT = 4_096  # passages whose words and figures stay in memory

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
        self._read = lru_cache(maxsize=KEPT)(self._read_passage)

    def _read_passage(self, row: int) -> ReadPassage:
        return ReadPassage.of(self.snapshot.passage(row), self.snapshot.figures_of(row))

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
                first = _first(scores, allowed, max(k, WEIGHED))
                found = [(int(allowed[at]), float(scores[at])) for at in first]
                yield self._hits(question, vector, stated, found, k)

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

    def _hits(
        self,
        question: str,
        vector: Scores,
        understood: Understanding,
        found: Sequence[tuple[int, float]],
        k: int,
    ) -> tuple[Hit, ...]:
        """The first k of the rows found, the first WEIGHED of them in the order of their best
        sentence; a row's score is that sentence's, further rows follow below."""
        scores = [score for _, score in found]
        closeness = [self._closeness(row, vector) for row, _ in found]
        read = [self._read(row) for row, _ in found]
        ranked = rank_evidence(question, understood, read, scores, closeness)
        weighed = [
            (sentences[0].score if sentences else scores[at] - WORST, row, sentences)
            for at, ((row, _), sentences) in enumerate(zip(found, ranked, strict=True))
        ]
        weighed[:WEIGHED] = sorted(weighed[:WEIGHED], key=lambda one: (-one[0], one[1]))
        last = weighed[:WEIGHED][-1][0] if weighed else 0.0
        for at in range(WEIGHED, len(weighed)):
            score, row, sentences = weighed[at]
            weighed[at] = (last + scores[at] - scores[WEIGHED - 1], row, sentences)
        return tuple(
            Hit(rank, score, row, self.snapshot.passage(row), _shown(sentences), sentences)
            for rank, (score, row, sentences) in enumerate(weighed[:k], 1)
        )

    def _closeness(self, row: int, vector: Scores) -> list[float]:
        first, last = self.snapshot.first_sentence[row : row + 2]
        near: list[float] = (
            self.snapshot.sentence_vectors(np.arange(first, last)) @ vector
        ).tolist()
        return near


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


def _shown(ranked: Sequence[Evidence]) -> tuple[Span, ...]:
    """The best sentence of a passage and those about as good."""
    return tuple(
        one.span for one in ranked[:EVIDENCE] if one.score >= ranked[0].score - EVIDENCE_MARGIN
    )
