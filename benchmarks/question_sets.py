"""Sets of questions, each with the index to ask, as the scripts beside this one take them.

In: `QUESTIONS.jsonl@INDEX`, in the format of evaluate.py, or `FOLDER@INDEX`, a folder in BEIR form
whose index `evaluate.py --beir FOLDER --index INDEX` has built. Out: QuestionSets, which ask their
questions as they are told and measure what was found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa.errors import QuestionError
from reportqa.evaluation import (
    Figures,
    figures_of_beir,
    figures_of_gold,
    rank_reports,
    read_beir,
    read_gold,
)
from reportqa.evaluation.statistics import draw
from reportqa.ranking import Scores, fuse
from reportqa.records import NO_FILTERS, Answer, Hit, Reply, Understanding
from reportqa.search import Retriever, Serving

__all__ = ["Found", "QuestionSet", "mean", "read_sets"]

GOLD_DEPTH = 10  # passages a question
BEIR_DEPTH = 60  # passages found to rank ten documents
NO_ANSWER = Answer(None, True, None, "extractive", ())

Found = Sequence[tuple[Hit, ...]]
"""The hits of each question of a set, in its order."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions by id, the index they are asked of, their vectors, and how hits are measured.
    `main` names the figure that counts first; `gold` are the rows of a file of questions."""

    name: str
    questions: Mapping[str, str]
    retriever: Retriever
    serving: Serving
    vectors: Scores
    depth: int
    main: str
    measure: Callable[[Sequence[Reply]], Figures]
    gold: Sequence[Mapping[str, Any]] = ()

    def understood(self) -> list[Understanding]:
        """What each question states."""
        return [self.serving.reader.read(text) for text in self.questions.values()]

    def search(self, understood: Sequence[Understanding]) -> Found:
        """What is found as the product finds it, with this counting as understood."""
        texts = list(self.questions.values())
        found = self.serving.search(texts, self.vectors, understood, self.depth, NO_FILTERS)
        return list(found)

    def views(self) -> list[Scores]:
        """The scores of all rows in each view, for each question."""
        return [
            next(self.serving.views([text], self.vectors[at : at + 1]))
            for at, text in enumerate(self.questions.values())
        ]

    def ranked(self, views: Sequence[Scores], weights: Sequence[float]) -> Found:
        """What is found by the views alone, weighted so; a question that has none of the views
        that count finds nothing."""
        found = []
        for seen in views:
            if not any(weights[: len(seen)]):
                found.append(())
                continue
            scores, rows = fuse(seen, weights), self.serving.rows
            best = np.lexsort((rows, -scores))[: self.depth]
            found.append(tuple(self._hits(rows[best], scores[best])))
        return found

    def _hits(self, rows: Scores, scores: Scores) -> Iterator[Hit]:
        for rank, (row, score) in enumerate(zip(rows.tolist(), scores.tolist(), strict=True), 1):
            yield Hit(rank, score, row, self.serving.snapshot.passage(row), ())

    def figures(self, found: Found) -> Figures:
        """The figures of each question."""
        replies = [
            Reply(id, text, hits, NO_ANSWER, 0.0)
            for (id, text), hits in zip(self.questions.items(), found, strict=True)
        ]
        return self.measure(replies)


def read_sets(written: Sequence[str], most: int | None = None) -> list[QuestionSet]:
    """The sets written as PATH@INDEX. Of one with more than `most` questions, as many drawn by a
    fixed seed. QuestionError where there is no @ or a file is not in its format."""
    opened: dict[str, tuple[Retriever, Serving]] = {}
    sets = []
    for one in written:
        path, at, index = one.rpartition("@")
        if not at:
            raise QuestionError(f"{one}: write QUESTIONS.jsonl@INDEX or FOLDER@INDEX")
        if index not in opened:
            retriever = Retriever.open(index)
            opened[index] = retriever, Serving(retriever.snapshot)
        sets.append(_read_set(Path(path), *opened[index], most))
    return sets


def _read_set(path: Path, retriever: Retriever, serving: Serving, most: int | None) -> QuestionSet:
    if path.is_dir():
        queries, judged = read_beir(path, most)
        queries = {id: text for id, text in queries.items() if text.strip()}

        def measure(replies: Sequence[Reply]) -> Figures:
            return figures_of_beir({id: judged[id] for id in queries}, rank_reports(replies))

        vectors = retriever.encode(list(queries.values()))
        return QuestionSet(
            path.name, queries, retriever, serving, vectors, BEIR_DEPTH, "ndcg@10", measure
        )
    rows = {row["id"]: row for row in read_gold(path) if row["evidence"]}
    gold = [rows[id] for id in draw(list(rows), most)]
    questions = {row["id"]: row["question"] for row in gold}
    return QuestionSet(
        path.stem,
        questions,
        retriever,
        serving,
        retriever.encode(list(questions.values())),
        GOLD_DEPTH,
        "recall@5",
        lambda replies: figures_of_gold(gold, replies),
        gold,
    )


def mean(figures: Figures, name: str) -> float:
    """The mean of a figure over the questions that have it."""
    values = [row[name] for row in figures.values() if name in row]
    return sum(values) / len(values)
