"""Retriever: question → Hits. `ranking` scores the passages; here a question is checked,
encoded and read for what it states, and the best rows become hits with their evidence.

A passage gains where it agrees with the places, years and sense the question states. The best
are then put in the order of their best sentence, and of a comparison the best of each side come
first, in turn, each as if its side alone had been asked for. What
contradicts both place and year stated comes after what does not, and near copies of a better
passage come last. Filters are applied before anything is ranked.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache, partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from reportqa.agreement import Agreement
from reportqa.copies import Sketches, copies_among, may_be_copies, sketch
from reportqa.encoder import Encoder, open_encoder
from reportqa.errors import QuestionError
from reportqa.evidence import ReadPassage, rank_evidence
from reportqa.filters import allowed_rows
from reportqa.index import Snapshot, current_generation, open_snapshot
from reportqa.overlap import in_order
from reportqa.question import QuestionReader
from reportqa.ranking import Asked, Ranking, Rows, Scores
from reportqa.records import NO_FILTERS, Evidence, Filters, Hit, Span, Understanding
from reportqa.reranker import RERANKED, Reranker
from reportqa.sides import in_turn, named_sides
from reportqa.tiers import contradicts, is_of_what_is_stated, ordered, stacked
from reportqa.wording import in_script, is_traditional, without_courtesies

__all__ = ["LONGEST_QUESTION", "MOST_HITS", "Retriever", "Serving"]

LONGEST_QUESTION = 2_000
"""Characters."""
MOST_HITS = 1_000
"""The largest k."""

EVIDENCE = 3  # sentences of a hit at most
EVIDENCE_MARGIN = 5.0  # score below the best sentence within which another is evidence too
TOGETHER = 64  # questions encoded and ranked as one lot
WEIGHED = 20  # passages put in the order of their best sentence
LOOKED_AT = 60  # passages among which copies of better ones are looked for
ALIKE = 0.95  # cosine from which two passages are compared word by word; copies reach .96
WORST = 1e6  # taken off where a passage has no sentence under its heading
OF_SIDE = 3  # passages of each side of a comparison that come first
SCRIPT = 64  # passages by which the script of the reports is told
KEPT = 8_192  # passages whose words and figures stay in memory: some 120 MB
SKETCHES_KEPT = 65_536  # passages whose sketch does: 40 MB

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
    def reranker(self) -> str | None:
        """The name of the model that puts the first passages in order, if one does."""
        return self._reranker.name if self._reranker else None

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

    def encode(
        self, questions: Sequence[str], understood: Sequence[Understanding] | None = None
    ) -> Scores:
        """The vectors of questions, (n, dimension), as they are searched for: with what is
        `understood` of them, if given, else read from them."""
        if understood is None:
            understood = [self.understand(question) for question in questions]
        return self._encode(self._serving, _searched(questions, understood))

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
        vectors: Scores | None = None,
    ) -> list[tuple[Hit, ...]]:
        """`search` for each question, encoded a lot together; `vectors` are what `encode` made of
        them, where that is done."""
        serving = self._serving
        texts = [self.check(question, k) for question in questions]
        if not texts:
            return []
        if understood is None:
            understood = [serving.reader.read(text) for text in texts]
        texts = _searched(texts, understood)

        def search_lot(start: int) -> list[tuple[Hit, ...]]:
            part = slice(start, start + TOGETHER)
            lot, stated = texts[part], understood[part]
            encoded = self._encode(serving, lot) if vectors is None else vectors[part]
            found = serving.search(lot, encoded, stated, self._deep(k), filters)
            return [self._first(k, text, hits) for text, hits in zip(lot, found, strict=True)]

        starts = range(0, len(texts), TOGETHER)
        if len(starts) == 1:
            return search_lot(0)
        return list(chain.from_iterable(in_order(search_lot, starts)))

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
        (text,) = _searched([self.check(question, k)], understood[:1])
        vector = self._encode(serving, [text])
        return [
            self._first(k, text, next(serving.search([text], vector, [read], self._deep(k), one)))
            for one, read in zip(filters, understood, strict=True)
        ]

    def _encode(self, serving: Serving, questions: Sequence[str]) -> Scores:
        return self._encoder.encode_questions([serving.written(text) for text in questions])

    def _deep(self, k: int) -> int:
        return max(k, RERANKED) if self._reranker else k

    def _first(self, k: int, text: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return (self._reranker.rerank(text, hits) if self._reranker else hits)[:k]


class Serving:
    """A snapshot with what is computed once for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Learn the reports' places and years, and what ranking needs."""
        self.snapshot = snapshot
        self.reader = QuestionReader(snapshot.reports, snapshot.bm25.held)
        self.ranking = Ranking(snapshot)
        self.agreement = Agreement(snapshot)
        self._read = lru_cache(maxsize=KEPT)(self._read_passage)
        self._sketch = lru_cache(maxsize=SKETCHES_KEPT)(lambda row: sketch(self._body(row)))
        sample = np.linspace(0, snapshot.n_passages, SCRIPT, endpoint=False, dtype=int)
        self._traditional = is_traditional(
            snapshot.passage(row).text for row in np.unique(sample).tolist()
        )

    @property
    def rows(self) -> Rows:
        """The rows that may be hits."""
        return self.ranking.rows

    def written(self, question: str) -> str:
        """The question as it is encoded: without courtesies, in the script of the reports."""
        return in_script(without_courtesies(question), traditional=self._traditional)

    def asked(
        self, questions: Sequence[str], vectors: Scores, understood: Sequence[Understanding]
    ) -> list[Asked]:
        """Questions as they are ranked."""
        rows = zip(questions, vectors, [[one] for one in understood], strict=True)
        return [one for row in rows for one in self._asked(*row)]

    def _asked(
        self, question: str, vector: Scores, understood: Sequence[Understanding]
    ) -> Iterator[Asked]:
        """One question under each of these understandings: the vector is one object."""
        for stated in understood:
            yield Asked(
                question,
                vector,
                partial(self.agreement.gain, stated),
                partial(self.agreement.rows_named, stated),
            )

    def search(
        self,
        questions: Sequence[str],
        vectors: Scores,
        understood: Sequence[Understanding],
        k: int,
        filters: Filters,
    ) -> Iterator[tuple[Hit, ...]]:
        """The k best hits of each question, in the order of the questions."""
        questions = [without_courtesies(question) for question in questions]
        allowed = allowed_rows(self.snapshot, filters)
        most = max(k, LOOKED_AT)
        compared = [
            [side for _, side in named_sides(question, stated)]
            for question, stated in zip(questions, understood, strict=True)
        ]
        all_of = [[one, *sides] for one, sides in zip(understood, compared, strict=True)]
        each = zip(questions, vectors, all_of, strict=True)
        asked = [one for row in each for one in self._asked(*row)]
        best = self.ranking.best(asked, most, allowed)
        for question, vector, stated, of_sides in zip(
            questions, vectors, understood, compared, strict=True
        ):
            rows, scores = next(best)
            found = dict(zip(rows.tolist(), scores.tolist(), strict=True))
            sides = []
            for side, (rows, scores) in zip(of_sides, islice(best, len(of_sides)), strict=True):
                of_side = dict(zip(rows[:WEIGHED].tolist(), scores.tolist(), strict=False))
                hits = self._hits(question, vector, side, of_side, (), frozenset())
                sides.append([hit.row for hit in hits[:OF_SIDE]])
                found = {row: of_side[row] for row in sides[-1]} | found
            order = sorted(found, key=lambda row: (-found[row], row))
            first = in_turn(sides)
            copies = self._copies(order[:LOOKED_AT], stated).difference(first)
            order = [row for row in order if row not in copies] + sorted(copies, key=order.index)
            kept = {*order[: max(k, WEIGHED)], *first}
            found = {row: found[row] for row in order if row in kept}
            yield self._hits(question, vector, stated, found, first, copies)[:k]

    def views(self, questions: Sequence[str], vectors: Scores) -> Iterator[Scores]:
        """For each question the scores of the searchable rows in each view: (2 or 3, rows)."""
        return self.ranking.views(questions, vectors)

    def _hits(
        self,
        question: str,
        vector: Scores,
        understood: Understanding,
        found: Mapping[int, float],
        first: Sequence[int],
        copies: frozenset[int],
    ) -> tuple[Hit, ...]:
        """The rows found, with their scores, as hits: those that are to come `first`, the best of
        each side compared; then the WEIGHED best in the order of their best sentence, those that
        contradict the question after the others; then the rest, then the copies."""
        order = list(found)
        rows = np.array(order, np.int64)
        passages = [self._read(row) for row in order]
        closeness = [near.tolist() for near in self.snapshot.sentence_scores_of(rows, vector)]
        agreement = self.agreement.gain(understood, rows).tolist()
        own = [found[row] for row in order]
        weighed_sentences = rank_evidence(question, understood, passages, own, agreement, closeness)
        ranked = dict(zip(order, weighed_sentences, strict=True))
        scores = {row: ranked[row][0].score if ranked[row] else found[row] - WORST for row in order}
        weighed = {*order[:WEIGHED], *first} - copies
        contradicting = {row for row in weighed if contradicts(self._read(row).passage, understood)}
        below = {row for row in order if row not in weighed | copies}
        scores |= {row: found[row] for row in below}
        tiers = (weighed - contradicting, contradicting, below, copies & found.keys())
        scores = ordered(stacked(scores, tiers), first)
        return tuple(
            Hit(rank, score, row, self._read(row).passage, _shown(ranked[row]), ranked[row])
            for rank, (row, score) in enumerate(scores.items(), 1)
        )

    def _copies(self, order: Sequence[int], understood: Understanding) -> frozenset[int]:
        """Of these rows, best first, those that say about the same as a better one, word for word,
        and are not of the place and year that the question states."""
        rows = np.array(order, np.int64)
        vectors = self.snapshot.passage_vectors(rows)
        alike = np.tril(vectors @ vectors.T >= ALIKE, -1)
        alike &= np.array([not self._is_of(row, understood) for row in order], np.bool_)[:, None]
        ones, others = (rows[places] for places in np.nonzero(alike))
        if not len(ones):
            return frozenset()
        may = may_be_copies(self._sketches(ones), self._sketches(others))
        near = zip(ones[may].tolist(), others[may].tolist(), strict=True)
        return copies_among(near, self._body)

    def _sketches(self, rows: Rows) -> Sketches:
        different, places = np.unique(rows, return_inverse=True)
        return np.stack([self._sketch(row) for row in different.tolist()])[places]

    def _is_of(self, row: int, understood: Understanding) -> bool:
        report = self.snapshot.reports[self.snapshot.passage_report[row]]
        return is_of_what_is_stated(report, understood)

    def _body(self, row: int) -> str:
        """The text of a passage under its heading."""
        passage = self.snapshot.passage(row)
        return passage.text[max(0, passage.section.body - passage.start) :]

    def _read_passage(self, row: int) -> ReadPassage:
        passage = self.snapshot.passage(row)
        return ReadPassage.of(passage, self.snapshot.figures_of(row, passage))


def _searched(questions: Sequence[str], understood: Sequence[Understanding]) -> list[str]:
    """The questions with a wrong character put right, where that was understood."""
    return [read.spelt or text for text, read in zip(questions, understood, strict=True)]


def _shown(ranked: Sequence[Evidence]) -> tuple[Span, ...]:
    """The best sentence of a passage and those about as good."""
    return tuple(
        one.span for one in ranked[:EVIDENCE] if one.score >= ranked[0].score - EVIDENCE_MARGIN
    )
