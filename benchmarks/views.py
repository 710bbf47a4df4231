"""What each view of a passage adds to the ranking, and which weights do best.

    python benchmarks/views.py QUESTIONS.jsonl [--index DIR]

In: questions in the format of evaluate.py, and a built index. Out: recall at 5 and mean reciprocal
rank for each view alone, for the weights in use, with each view left out, and for other weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa.evaluation import read_gold, score_gold
from reportqa.ranking import WEIGHTS, fuse
from reportqa.records import Answer, Hit, Reply
from reportqa.search import Retriever, Serving

NAMES = ("passage", "best sentence", "BM25")
LEXICAL = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
SENTENCE = (0.5, 2.0)
DEPTH = 10
NO_ANSWER = Answer(None, True, None, "extractive", ())


def settings() -> Iterator[tuple[str, tuple[float, ...]]]:
    for i, name in enumerate(NAMES):
        yield f"{name} alone", tuple(float(i == j) for j in range(3))
    yield "in use", WEIGHTS
    for i, name in enumerate(NAMES):
        yield f"without {name}", tuple(0.0 if i == j else w for j, w in enumerate(WEIGHTS))
    for weight in LEXICAL:
        yield f"BM25 at {weight:g}", (*WEIGHTS[:2], weight)
    for weight in SENTENCE:
        yield f"best sentence at {weight:g}", (WEIGHTS[0], weight, WEIGHTS[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--index", type=Path, default=Path("index"))
    arguments = parser.parse_args()
    gold = read_gold(arguments.questions)
    retriever = Retriever.open(arguments.index)
    serving = Serving(retriever.snapshot)
    questions = [row["question"] for row in gold]
    vectors = retriever.encode(questions)
    views = [
        next(serving.views([question], vectors[i : i + 1])) for i, question in enumerate(questions)
    ]

    def reply(id: str, question: str, seen: np.ndarray, weights: Sequence[float]) -> Reply:
        scores = fuse(seen, weights)
        best = np.lexsort((serving.rows, -scores))[:DEPTH]
        hits = tuple(
            Hit(rank, float(scores[at]), int(row), retriever.snapshot.passage(int(row)), ())
            for rank, (at, row) in enumerate(zip(best, serving.rows[best], strict=True), 1)
        )
        return Reply(id, question, hits, NO_ANSWER, 0.0)

    print(f"{len(questions)} questions, {len(serving.rows)} passages   R@5    MRR  wrong report")
    for name, weights in settings():
        replies = [
            reply(row["id"], row["question"], seen, weights)
            for row, seen in zip(gold, views, strict=True)
        ]
        figures = score_gold(gold, replies)["all"]
        print(
            f"{name:34} {figures['recall@5']:.3f}  {figures['mrr@10']:.3f}  "
            f"{figures['wrong_report@1']:.3f}"
        )


if __name__ == "__main__":
    main()
