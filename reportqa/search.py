"""Retriever: question → Hits. Three views of a passage are joined into one score.

1. the passage's vector against the question's;
2. the best of its sentences' vectors against the question's;
3. BM25 over Chinese character bigrams, left out where the question has no Chinese.

Each view names candidates; every candidate then gets all three scores exactly, each standardised
against the same background of passages, and their weighted sum ranks. Filters are applied before
anything is ranked.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportqa.encoder import Encoder, open_encoder
from reportqa.errors import QuestionError
from reportqa.filters import allowed_rows
from reportqa.index import Snapshot, current_generation, open_snapshot
from reportqa.lexical import tokens
from reportqa.records import NO_FILTERS, Filters, Hit, Span

__all__ = ["LONGEST_QUESTION", "MOST_HITS", "Retriever"]

LONGEST_QUESTION = 2_000
"""Characters."""
MOST_HITS = 1_000
"""The largest k."""

CANDIDATES = 200  # passages each view names, where k is not larger
BACKGROUND = 2_048  # passages, evenly spaced, whose scores tell what is usual for a question
LEXICAL_WEIGHT = 1.0  # of BM25 against 1 for each of the two vector views
EVIDENCE = 3  # sentences of a hit at most
EVIDENCE_MARGIN = 0.02  # cosine below the best sentence within which another is evidence too

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"\w")

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


class Retriever:
    """Finds the passages that answer a question. Safe to share between threads: each search reads
    one snapshot from beginning to end, and `refresh` swaps it between two."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, index_dir: Path) -> None:
        """`encoder` must be the one the snapshot was built with: `open` sees to that."""
        self._serving = _Serving(snapshot)
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
            self._serving = _Serving(open_snapshot(self._index_dir, card=self._encoder.card))
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
        if not _WORD.search(question):
            raise QuestionError(f"the question {question[:20]!r} has no words: ask with some")
        return question

    def search(self, question: str, k: int = 10, filters: Filters = NO_FILTERS) -> tuple[Hit, ...]:
        """The k best passages, best first; fewer where fewer pass the filters."""
        return self.search_many([question], k, filters)[0]

    def search_many(
        self, questions: Sequence[str], k: int = 10, filters: Filters = NO_FILTERS
    ) -> list[tuple[Hit, ...]]:
        """`search` for each question, encoded together."""
        serving = self._serving
        texts = [self.check(question, k) for question in questions]
        if not texts:
            return []
        vectors = self._encoder.encode_questions(texts)
        return serving.search(texts, vectors, k, filters)


class _Serving:
    """A snapshot with what is computed once for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._searchable = snapshot.passage_searchable
        searchable = np.flatnonzero(self._searchable)
        places = np.linspace(0, len(searchable) - 1, min(BACKGROUND, len(searchable)))
        self._background: Rows = searchable[np.unique(places.astype(np.int64))]

    def search(
        self, questions: Sequence[str], vectors: Scores, k: int, filters: Filters
    ) -> list[tuple[Hit, ...]]:
        snapshot = self.snapshot
        allowed = self._searchable
        asked = allowed_rows(snapshot, filters)
        if asked is not None:
            allowed = allowed & asked
        if not allowed.any():
            return [() for _ in questions]
        depth = max(CANDIDATES, k)
        passages = snapshot.nearest_passages(vectors, depth, allowed)
        sentences = snapshot.nearest_sentences(
            vectors, 2 * depth, allowed[snapshot.sentence_passage]
        )
        found = []
        for i, question in enumerate(questions):
            words = snapshot.bm25.scores(question) if _HAN.search(question) else None
            named: list[Rows] = [
                passages[i].rows,
                snapshot.sentence_passage[sentences[i].rows].astype(np.int64),
            ]
            if words is not None:
                named.append(_best_rows(np.where(allowed, words, 0), depth))
            rows = np.unique(np.concatenate(named))
            scores = self._fuse(vectors[i], words, rows)
            order = np.lexsort((rows, -scores))[:k]
            found.append(
                tuple(
                    self._hit(rank, float(scores[at]), int(rows[at]), question, vectors[i])
                    for rank, at in enumerate(order, 1)
                )
            )
        return found

    def _fuse(self, vector: Scores, words: Scores | None, rows: Rows) -> Scores:
        """The weighted sum of the standardised views, one score a row."""
        views = self._views(vector, words, rows)
        usual = self._views(vector, words, self._background)
        spread = usual.std(axis=1, keepdims=True)
        standard = (views - usual.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-6)
        weights = np.array([1, 1, LEXICAL_WEIGHT], np.float32)[: len(views)]
        fused: Scores = weights @ standard
        return fused

    def _views(self, vector: Scores, words: Scores | None, rows: Rows) -> Scores:
        """The scores of the rows in each view, shape (2 or 3, rows)."""
        snapshot = self.snapshot
        whole = snapshot.passage_vectors(rows) @ vector
        first = snapshot.first_sentence[rows]
        counts = snapshot.first_sentence[rows + 1] - first
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        sentences = np.repeat(first - starts, counts) + np.arange(counts.sum())
        best = np.maximum.reduceat(snapshot.sentence_vectors(sentences) @ vector, starts)
        views = [whole, best] if words is None else [whole, best, words[rows]]
        return np.stack(views)

    def _hit(self, rank: int, score: float, row: int, question: str, vector: Scores) -> Hit:
        passage = self.snapshot.passage(row)
        first, last = self.snapshot.first_sentence[row : row + 2]
        closeness = self.snapshot.sentence_vectors(np.arange(first, last)) @ vector
        spans = passage.sentences
        texts = [passage.quote(span) for span in spans]
        return Hit(rank, score, row, passage, _pick_evidence(question, spans, texts, closeness))


def _best_rows(scores: Scores, n: int) -> Rows:
    """The rows of the n highest scores above zero."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > n:
        rows = rows[np.argpartition(-scores[rows], n)[:n]]
    return rows


def _pick_evidence(
    question: str, spans: Sequence[Span], texts: Sequence[str], closeness: Scores
) -> tuple[Span, ...]:
    """The sentences nearest the question, best first: by cosine, raised by up to the margin for
    the share of the question's tokens that the sentence holds."""
    wanted = set(tokens(question))
    shares = [len(wanted & set(tokens(text))) / max(1, len(wanted)) for text in texts]
    scores = closeness + 2 * EVIDENCE_MARGIN * np.array(shares, np.float32)
    order = np.argsort(-scores, kind="stable")
    best = scores[order[0]]
    return tuple(spans[i] for i in order[:EVIDENCE] if scores[i] >= best - EVIDENCE_MARGIN)
