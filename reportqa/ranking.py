"""Questions with their vectors → the rows that answer them best, with their scores.

A row's score is what it gains by agreeing with what the question states, plus the weighted sum of
three views, each standardised: its vector, the best of its sentences' vectors, BM25. A small
snapshot is scored whole. Of a large one only candidates are: the rows named by its quantised
indexes and by BM25, and those of the places stated. Either way the scores of the rows returned are
computed from their full vectors by the same arithmetic, so the two ways can differ only in which
rows they look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportqa.english import in_chinese
from reportqa.index import Nearest, Snapshot

__all__ = ["WEIGHTS", "Asked", "Ranking", "Rows", "Scores", "fuse"]

WEIGHTS = (1.0, 1.0, 0.2)  # of passage, best sentence and BM25; tuned by benchmarks/views.py

TOGETHER = 64  # questions scored at once
SAMPLE = 4_096  # rows whose scores stand for all where mean and deviation are taken
SEED = 20_240_101  # by which they are drawn
FEW = 5_000  # rows that are all scored where only they may be hits, or the question names them
LIKELY_PASSAGES = 2_000  # that the quantised index names
LIKELY_SENTENCES = 4_000
LIKELY_LEXICAL = 500  # that BM25 names
CANDIDATES = 2_000  # of these, the ones scored from their vectors; four times k, if that is more
STRIDE = 16  # one score in so many shows about where the best begin
MARGIN = 1e-3  # fused score; far more than the last bits in which two ways of adding up differ
LEAST_SPREAD = 1e-6

_HAN = re.compile(r"[\u3400-\u9fff]")

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is ranked: its text, its vector, what each of some rows gains by agreeing
    with it (None: of all rows), and what tells the rows of the places it states (None: it states
    none)."""

    text: str
    vector: Scores
    gain: Callable[[Rows | None], Scores]
    stated: Callable[[], Rows | None]


@dataclass(frozen=True, slots=True)
class _Scale:
    """What turns the scores in each view into standard ones, already weighted."""

    factors: tuple[float, ...]
    constant: float

    @classmethod
    def of(cls, means: Sequence[float], spreads: Sequence[float]) -> _Scale:
        # rounded far above what a matrix product's last bits change and far below what ranks: a
        # question has the same scale alone and among others
        factors = tuple(
            weight / max(round(float(spread), 5), LEAST_SPREAD)
            for weight, spread in zip(WEIGHTS, spreads, strict=False)
        )
        shift = sum(f * round(float(m), 4) for f, m in zip(factors, means, strict=True))
        return cls(factors, -shift)

    def fused(self, views: Sequence[Scores]) -> Scores:
        """The fused scores; the views are not changed."""
        total = views[0] * np.float32(self.factors[0])
        for view, factor in zip(views[1:], self.factors[1:], strict=True):
            total += view * np.float32(factor)
        total += np.float32(self.constant)
        return total


class Ranking:
    """Ranks the rows of a snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Find the rows that may be hits, and draw those whose scores stand for all."""
        self._snapshot = snapshot
        self.rows: Rows = np.flatnonzero(snapshot.passage_searchable)
        self._unsearchable = np.flatnonzero(~snapshot.passage_searchable)
        self._counts = snapshot.passage_searchable.astype(np.float32)
        drawn = np.random.default_rng(SEED).permutation(len(self.rows))[:SAMPLE]
        self._sample: Rows = self.rows[np.sort(drawn)]
        if snapshot.quantised:
            self._sample_passages = snapshot.passage_vectors(self._sample)
            self._sample_sentences, self._sample_firsts = snapshot.sentences_of_rows(self._sample)

    def views(self, questions: Sequence[str], vectors: Scores) -> Iterator[Scores]:
        """For each question the scores of the searchable rows in each view: (2 or 3, rows). Every
        row is scored, however many there are."""
        snapshot, rows = self._snapshot, self.rows
        whole = snapshot.passage_scores(vectors)
        best = snapshot.best_sentence_scores(vectors)
        for i, question in enumerate(questions):
            views = [whole[i, rows], best[i, rows]]
            lexical = self._lexical(question)
            if lexical is not None:
                views.append(lexical[rows])
            yield np.stack(views)

    def best(
        self,
        asked: Sequence[Asked],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
        *,
        whole: bool = False,
    ) -> Iterator[tuple[Rows, Scores]]:
        """For each question the k best rows and their scores, by (−score, row), among the
        searchable ones where `allowed` (n_passages,) is true; fewer where there are fewer. With
        `whole` every row is scored, however many there are."""
        rows = self.rows
        if allowed is not None:
            allowed = allowed & self._snapshot.passage_searchable
            rows = np.flatnonzero(allowed)
        if not len(rows):
            yield from ((rows, np.zeros(0, np.float32)) for _ in asked)
            return
        for start in range(0, len(asked), TOGETHER):
            group = asked[start : start + TOGETHER]
            if self._snapshot.quantised and not whole:
                few = rows if len(rows) <= FEW else None
                yield from self._best_of_candidates(group, k, allowed, few)
            else:
                yield from self._best_of_all(group, k, allowed)

    def _best_of_all(
        self, asked: Sequence[Asked], k: int, allowed: NDArray[np.bool_] | None
    ) -> Iterator[tuple[Rows, Scores]]:
        """Score every row, then those within reach of the first k once more, row by row."""
        places: dict[int, int] = {}  # of the different vectors: sides of a comparison share one
        which = [places.setdefault(id(one.vector), len(places)) for one in asked]
        vectors = np.stack([asked[which.index(i)].vector for i in range(len(places))])
        whole = self._snapshot.passage_scores(vectors)
        parts = self._snapshot.best_sentence_scores(vectors)
        sample = self._sample
        out = self._unsearchable if allowed is None else np.flatnonzero(~allowed)
        for one, i in zip(asked, which, strict=True):
            passage, sentence = whole[i], parts[i]
            lexical = self._lexical(one.text)
            scale = self._scale(passage[sample], sentence[sample], lexical)
            views = [passage, sentence] if lexical is None else [passage, sentence, lexical]
            fused = scale.fused(views)
            fused += one.gain(None)
            fused[out] = -np.inf
            n = min(k, len(fused) - len(out))
            least = np.partition(fused, len(fused) - n)[len(fused) - n]
            yield self._settle(one, np.flatnonzero(fused >= least - MARGIN), lexical, scale, k)

    def _best_of_candidates(
        self,
        asked: Sequence[Asked],
        k: int,
        allowed: NDArray[np.bool_] | None,
        few: Rows | None,
    ) -> Iterator[tuple[Rows, Scores]]:
        """Score the candidates of each question; all of the rows allowed where they are few."""
        vectors = np.stack([one.vector for one in asked])
        passages = self._sample_passages @ vectors.T
        sentences = np.maximum.reduceat(
            self._sample_sentences @ vectors.T, self._sample_firsts, axis=0
        )
        likely = self._likely(vectors, k, allowed) if few is None else []
        for i, one in enumerate(asked):
            lexical = self._lexical(one.text)
            scale = self._scale(passages[:, i], sentences[:, i], lexical)
            rows = few
            if rows is None:
                rows = self._promising(one, likely[i], lexical, scale, k, allowed)
                rows = self._stated_too(one, rows, lexical, scale, k, allowed)
            yield self._settle(one, rows, lexical, scale, k)

    def _likely(
        self, vectors: Scores, k: int, allowed: NDArray[np.bool_] | None
    ) -> list[tuple[Nearest, Nearest]]:
        """What the quantised indexes name for each question: by passage and by sentence."""
        more = max(1, -(-4 * k // CANDIDATES))
        return list(
            zip(
                self._snapshot.likely_passages(vectors, more * LIKELY_PASSAGES, allowed),
                self._snapshot.likely_by_sentence(vectors, more * LIKELY_SENTENCES, allowed),
                strict=True,
            )
        )

    def _promising(
        self,
        one: Asked,
        likely: tuple[Nearest, Nearest],
        lexical: Scores | None,
        scale: _Scale,
        k: int,
        allowed: NDArray[np.bool_] | None,
    ) -> Rows:
        """Of all rows that a view names, those that can score highest: a row that a quantised
        index does not name scores at most as the last one named does."""
        named = [near.rows for near in likely]
        if lexical is not None:
            named.append(_highest(lexical, max(LIKELY_LEXICAL, k)))
        rows = np.unique(np.concatenate(named))
        rows = rows[(self._snapshot.passage_searchable if allowed is None else allowed)[rows]]
        views = []
        for near in likely:
            if not len(near.rows):
                views.append(np.zeros(len(rows), np.float32))
                continue
            order = np.argsort(near.rows, kind="stable")
            ascending = near.rows[order]
            place = np.minimum(np.searchsorted(ascending, rows), len(order) - 1)
            found = near.scores[order][place]
            views.append(np.where(ascending[place] == rows, found, near.scores.min()))
        if lexical is not None:
            views.append(lexical[rows])
        most = scale.fused(views)
        most += one.gain(rows)
        n = max(CANDIDATES, 4 * k)
        return rows[np.sort(np.argpartition(-most, n)[:n])] if len(rows) > n else rows

    def _stated_too(
        self,
        one: Asked,
        rows: Rows,
        lexical: Scores | None,
        scale: _Scale,
        k: int,
        allowed: NDArray[np.bool_] | None,
    ) -> Rows:
        """The candidates with rows of the places stated: all where they are few, else the
        promising ones among them."""
        named = one.stated()
        if named is None or not len(named):
            return rows
        inside = np.zeros(self._snapshot.n_passages, np.bool_)
        inside[named] = True
        inside &= self._snapshot.passage_searchable if allowed is None else allowed
        stated = np.flatnonzero(inside)
        if len(stated) > FEW:
            outside = None if lexical is None else np.where(inside, lexical, np.float32(0))
            likely = self._likely(one.vector[None], k, inside)[0]
            stated = self._promising(one, likely, outside, scale, k, inside)
        return np.union1d(rows, stated)

    def _settle(
        self, one: Asked, rows: Rows, lexical: Scores | None, scale: _Scale, k: int
    ) -> tuple[Rows, Scores]:
        """The k best of these rows, each scored from its vectors alone: equal ones score equally,
        and in one order whatever else is asked and however the rows were found."""
        views = [
            self._snapshot.passage_scores_of(rows, one.vector),
            self._snapshot.best_sentence_scores_of(rows, one.vector),
        ]
        if lexical is not None:
            views.append(lexical[rows])
        scores = scale.fused(views)
        scores += one.gain(rows)
        order = np.lexsort((rows, -scores))[:k]
        return rows[order], scores[order]

    def _lexical(self, question: str) -> Scores | None:
        """The BM25 scores of all rows: of an English question by the Chinese words for its terms.
        None for a question with neither, which they mislead."""
        words = question if _HAN.search(question) else in_chinese(question)
        return self._snapshot.bm25.scores(words) if words else None

    def _scale(self, passages: Scores, sentences: Scores, lexical: Scores | None) -> _Scale:
        """Mean and deviation: of the vector views over the sample, of BM25 over all searchable
        rows, since its few high scores would be missed by a sample."""
        means = [float(passages.mean()), float(sentences.mean())]
        spreads = [float(passages.std()), float(sentences.std())]
        if lexical is not None:
            n = len(self.rows)
            mean = float(lexical @ self._counts) / n
            square = float(lexical @ (lexical * self._counts)) / n
            means.append(mean)
            spreads.append(max(0.0, square - mean * mean) ** 0.5)
        return _Scale.of(means, spreads)


def fuse(views: Scores, weights: Sequence[float] = WEIGHTS) -> Scores:
    """Scores in each view (2 or 3, rows) → one score a row: each view is standardised to mean 0
    and deviation 1 over the rows, then they are added by weight."""
    spread = np.maximum(views.std(axis=1, keepdims=True), LEAST_SPREAD)
    standard = (views - views.mean(axis=1, keepdims=True)) / spread
    fused: Scores = np.asarray(weights[: len(views)], np.float32) @ standard
    return fused


def _highest(scores: Scores, n: int) -> Rows:
    """Where about the n highest scores stand, zeros left out."""
    shown = scores[::STRIDE]
    place = len(shown) - max(1, n // STRIDE)
    least = np.partition(shown, place)[place] if place > 0 else np.float32(0)
    found = np.flatnonzero((scores >= least) & (scores > 0))
    if len(found) > 4 * n:  # many are equal
        found = found[np.argpartition(-scores[found], n)[:n]]
    return found
