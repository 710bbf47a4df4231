"""Retriever: question → Hits. `ranking` scores the passages; here a question is checked,
encoded and read for what it states, and the best rows become hits with their evidence.

A passage gains where it agrees with the places, years and sense the question states. The best
are then put in the order of their best sentence, and of a comparison each side comes first. What
contradicts both place and year stated comes after what does not, and near copies of a better
passage come last. Filters are applied before anything is ranked.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from reportqa.encoder import Encoder, open_encoder
from reportqa.errors import QuestionError
from reportqa.evidence import ReadPassage, rank_evidence
from reportqa.filters import allowed_rows, rows_about
from reportqa.index import BASES, Snapshot, current_generation, open_snapshot
from reportqa.question import QuestionReader
from reportqa.ranking import Asked, Ranking, Rows, Scores
from reportqa.records import NO_FILTERS, Evidence, Filters, Hit, Span, Understanding
from reportqa.reranker import RERANKED, Reranker
from reportqa.tiers import contradicts, is_of_what_is_stated, overlap, stacked

__all__ = ["LONGEST_QUESTION", "MOST_HITS", "Retriever", "Serving"]

LONGEST_QUESTION = 2_000
"""Characters."""
MOST_HITS = 1_000
"""The largest k."""

REGION_AGREES = 3.0  # in units of a view's deviation: a place stated outweighs most wording
YEAR_AGREES = 1.0  # the passage speaks of a year the question states
YEAR_IS_FAR = 1.0  # taken off: the report is of neither that year nor one beside it
REPORT_YEAR_AGREES = 1.0  # the report is of the year by which the question names it
KIND_AGREES = 0.6  # the report is of the kind the question names
BASIS_AGREES = 0.7  # achieved or planned, as the question has it
EVIDENCE = 3  # sentences of a hit at most
EVIDENCE_MARGIN = 5.0  # score below the best sentence within which another is evidence too
WEIGHED = 20  # passages put in the order of their best sentence
LOOKED_AT = 60  # passages among which copies of better ones are looked for
ALIKE = 0.95  # cosine from which two passages are compared word by word; copies reach .96
COPY = 0.7  # share of their words in common from which the lesser one is a copy
WORST = 1e6  # taken off where a passage has no sentence under its heading
OF_SIDE = 5  # passages looked at for each side of a comparison
MOST_SIDES = 4  # years compared, beyond which they are a span
KEPT = 4_096  # passages whose words and figures stay in memory

_WORD = re.compile(r"[^\W_]")


class Retriever:
    """Finds the passages that answer a question. Safe to share between threads: each search reads
    one snapshot from beginning to end, and `refresh` swaps it between two."""

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        index_dir: Path,
        reranker: Reranker | None = None,
    ) -> None:
        """`encoder` must be the one the snapshot was built with: `open` sees to that."""
        self._reranker = reranker
        self._serving = Serving(snapshot)
        self._encoder = encoder
        self._index_dir = index_dir
        self._swapping = threading.Lock()

    @classmethod
    def open(
        cls,
        index_dir: Path | str = "index",
        model: str | None = None,
        reranker: str | None = None,
    ) -> Retriever:
        """The serving snapshot of an index folder. Raises SnapshotError where there is none, it is
        damaged or was built with another model; EncoderError where a model cannot be had."""
        index_dir = Path(index_dir)
        current_generation(index_dir)
        encoder = open_encoder(model)
        second = Reranker(reranker) if reranker else None
        return cls(open_snapshot(index_dir, card=encoder.card), encoder, index_dir, second)

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

    def pinned(self) -> Retriever:
        """The same over its present snapshot for good: what takes several steps or searches reads
        one snapshot, whoever refreshes this one meanwhile."""
        return copy(self)

    def check(self, question: str, k: int = 10) -> str:
        """The question without outer white space. QuestionError where it cannot be asked."""
        if not 1 <= k <= MOST_HITS:
            raise QuestionError(f"k is {k}: ask for 1 to {MOST_HITS} passages")
        question = question.strip()
        if not question:
            raise QuestionError("the question is empty: type one", "没有写问题：请写上")
        if len(question) > LONGEST_QUESTION:
            raise QuestionError(
                f"the question has {len(question):,} characters: "
                f"ask in {LONGEST_QUESTION:,} or fewer",
                f"问题有 {len(question):,} 个字，最多 {LONGEST_QUESTION:,} 个：请缩短",
            )
        if any("\ud800" <= character <= "\udfff" for character in question):
            raise QuestionError(
                "the question is not valid Unicode: type or paste it anew",
                "问题里有不成字的编码：请重新输入",
            )
        if not _WORD.search(question):
            raise QuestionError(
                f"the question {question[:20]!r} has no words: ask with some",
                f"“{question[:20]}”里没有词语：请用词语或句子提问",
            )
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
        found = serving.search(texts, self.encode(texts), understood, self._deep(k), filters)
        return [self._first(k, text, hits) for text, hits in zip(texts, found, strict=True)]

    def search_each(
        self,
        question: str,
        k: int,
        filters: Sequence[Filters],
        understood: Sequence[Understanding],
    ) -> list[tuple[Hit, ...]]:
        """`search` for one question under each of several filters, each with what then counts as
        understood: encoded once, and all of one snapshot."""
        serving = self._serving
        text = self.check(question, k)
        vector = self.encode([text])
        return [
            self._first(k, text, next(serving.search([text], vector, [read], self._deep(k), one)))
            for one, read in zip(filters, understood, strict=True)
        ]

    def _deep(self, k: int) -> int:
        return max(k, RERANKED) if self._reranker else k

    def _first(self, k: int, text: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return (self._reranker.rerank(text, hits) if self._reranker else hits)[:k]


class Serving:
    """A snapshot with what is computed once for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Learn the reports' places and years, and what ranking needs."""
        self.snapshot = snapshot
        self.reader = QuestionReader(snapshot.reports)
        self.ranking = Ranking(snapshot)
        self._regions = np.array([m.region or "" for m in snapshot.reports])
        self._kinds = np.array([m.kind for m in snapshot.reports])
        self._years = np.array([m.year or -1 for m in snapshot.reports])
        self._read = lru_cache(maxsize=KEPT)(self._read_passage)
        numbers = np.arange(len(snapshot.reports) + 1)
        self._firsts = np.searchsorted(snapshot.passage_report, numbers)  # row, by report

    @property
    def rows(self) -> Rows:
        """The rows that may be hits."""
        return self.ranking.rows

    def agreement(self, understood: Understanding, rows: Rows | None = None) -> Scores:
        """What each of these rows gains or loses by what the question states; without `rows`, each
        row of the snapshot: (n_passages,)."""
        snapshot = self.snapshot
        of = slice(None) if rows is None else rows
        reports = snapshot.passage_report[of]
        gain = np.zeros(len(reports), np.float32)
        if understood.regions:
            named = np.isin(self._regions, understood.regions)
            gain += REGION_AGREES * named[reports]
        if understood.years:
            spoken = rows_about(snapshot, [(year, year) for year in understood.years], rows)
            gain += YEAR_AGREES * spoken
        if dated := understood.report_years or understood.years:
            distance = np.abs(self._years[:, None] - np.array(dated)).min(axis=1)
            gain -= YEAR_IS_FAR * ((distance > 1) & (self._years > 0))[reports]
        if understood.report_years:
            named = np.isin(self._years, understood.report_years)
            gain += REPORT_YEAR_AGREES * named[reports]
        if understood.kinds:
            gain += KIND_AGREES * np.isin(self._kinds, understood.kinds)[reports]
        if understood.basis:
            gain += BASIS_AGREES * (snapshot.passage_basis[of] == BASES.index(understood.basis))
        return gain

    def asked(
        self, questions: Sequence[str], vectors: Scores, understood: Sequence[Understanding]
    ) -> list[Asked]:
        """Questions as they are ranked."""
        return [
            Asked(question, vector, partial(self.agreement, stated), self._stated(stated))
            for question, vector, stated in zip(questions, vectors, understood, strict=True)
        ]

    def search(
        self,
        questions: Sequence[str],
        vectors: Scores,
        understood: Sequence[Understanding],
        k: int,
        filters: Filters,
    ) -> Iterator[tuple[Hit, ...]]:
        """The k best hits of each question, in the order of the questions."""
        allowed = allowed_rows(self.snapshot, filters)
        most = max(k, LOOKED_AT)
        best = self.ranking.best(self.asked(questions, vectors, understood), most, allowed)
        for question, vector, stated, (rows, scores) in zip(
            questions, vectors, understood, best, strict=True
        ):
            found = dict(zip(rows.tolist(), scores.tolist(), strict=True))
            sides = []
            if compared := _sides(stated):
                vectors_of = np.repeat(vector[None], len(compared), axis=0)
                asked = self.asked([question] * len(compared), vectors_of, compared)
                for of_side, of_scores in self.ranking.best(asked, OF_SIDE, allowed):
                    sides.append(frozenset(of_side.tolist()))
                    found = dict(zip(of_side.tolist(), of_scores.tolist(), strict=True)) | found
            order = sorted(found, key=lambda row: (-found[row], row))
            compared_rows = frozenset[int]().union(*sides)
            copies = self._copies(order[:LOOKED_AT], stated) - compared_rows
            order = [row for row in order if row not in copies] + sorted(copies, key=order.index)
            kept = {*order[: max(k, WEIGHED)], *compared_rows}
            found = {row: found[row] for row in order if row in kept}
            yield self._hits(question, vector, stated, found, sides, copies)[:k]

    def views(self, questions: Sequence[str], vectors: Scores) -> Iterator[Scores]:
        """For each question the scores of the searchable rows in each view: (2 or 3, rows)."""
        return self.ranking.views(questions, vectors)

    def _stated(self, understood: Understanding) -> Rows | None:
        """The rows of the reports of the places stated; None where none is."""
        if not understood.regions:
            return None
        reports = np.flatnonzero(np.isin(self._regions, understood.regions))
        return np.concatenate(
            [np.zeros(0, np.int64)]
            + [np.arange(self._firsts[r], self._firsts[r + 1]) for r in reports]
        )

    def _hits(
        self,
        question: str,
        vector: Scores,
        understood: Understanding,
        found: Mapping[int, float],
        sides: Sequence[frozenset[int]],
        copies: frozenset[int],
    ) -> tuple[Hit, ...]:
        """The rows found, with their scores, as hits: the WEIGHED best of them in the order of
        their best sentence, those that contradict the question after the others; then the rest,
        then the copies; the best of each side compared comes first."""
        order = list(found)
        passages = [self._read(row) for row in order]
        closeness = [self.snapshot.sentence_scores_of(row, vector).tolist() for row in order]
        agreement = self.agreement(understood, np.array(order, np.int64)).tolist()
        own = [found[row] for row in order]
        weighed_sentences = rank_evidence(question, understood, passages, own, agreement, closeness)
        ranked = dict(zip(order, weighed_sentences, strict=True))
        scores = {row: ranked[row][0].score if ranked[row] else found[row] - WORST for row in order}
        weighed = {*order[:WEIGHED], *(row for side in sides for row in side)} - copies
        contradicting = {
            row for row in weighed if contradicts(self.snapshot.passage(row), understood)
        }
        below = {row for row in order if row not in weighed | copies}
        scores |= {row: found[row] for row in below}
        tiers = (weighed - contradicting, contradicting, below, copies & found.keys())
        scores = stacked(scores, tiers)
        first = max(scores.values(), default=0.0)
        for side in sides:
            if side:
                scores[min(side, key=lambda row: (-scores[row], row))] = first
        order.sort(key=lambda row: (-scores[row], row))
        return tuple(
            Hit(
                rank, scores[row], row, self.snapshot.passage(row), _shown(ranked[row]), ranked[row]
            )
            for rank, row in enumerate(order, 1)
        )

    def _copies(self, order: Sequence[int], understood: Understanding) -> frozenset[int]:
        """Of these rows, best first, those that say about the same as a better one, word for word,
        and are not of the place and year that the question states."""
        vectors = self.snapshot.passage_vectors(np.array(order, np.int64))
        alike = vectors @ vectors.T >= ALIKE
        copies: set[int] = set()
        for at, row in enumerate(order):
            near = np.flatnonzero(alike[at, :at]).tolist()
            better = [order[i] for i in near if order[i] not in copies]
            report = self.snapshot.reports[self.snapshot.passage_report[row]]
            if not better or is_of_what_is_stated(report, understood):
                continue
            words = self._read(row).words
            if any(overlap(words, self._read(other).words) >= COPY for other in better):
                copies.add(row)
        return frozenset(copies)

    def _read_passage(self, row: int) -> ReadPassage:
        return ReadPassage.of(self.snapshot.passage(row), self.snapshot.figures_of(row))


def _sides(understood: Understanding) -> list[Understanding]:
    """What a comparison asks of each place, or else of each year, that it compares."""
    if understood.asked != "comparison":
        return []
    if len(understood.regions) > 1:
        return [replace(understood, regions=(region,)) for region in understood.regions]
    if 1 < len(understood.years) <= MOST_SIDES:
        return [replace(understood, years=(year,)) for year in understood.years]
    return []


def _shown(ranked: Sequence[Evidence]) -> tuple[Span, ...]:
    """The best sentence of a passage and those about as good."""
    return tuple(
        one.span for one in ranked[:EVIDENCE] if one.score >= ranked[0].score - EVIDENCE_MARGIN
    )
