"""Whether the whole ever falls below one of its arms: vectors alone, words alone.

    python benchmarks/arms.py QUESTIONS.jsonl@INDEX FOLDER@INDEX ... [--most 1000]

In: sets of questions (question_sets.py). Out: a table in Markdown, a row for each set: recall at 5
(of BEIR folders nDCG at 10) / mean reciprocal rank of each arm bare, of each arm with everything
else in place (what the question states, the order by best sentence, what goes below), and of the
whole; then the least by which the whole is ahead of an arm. Exit code 1 where it falls more than a
point behind in the first figure.
"""

from __future__ import annotations

import argparse
import sys
from unittest.mock import patch

from question_sets import Found, QuestionSet, mean, read_sets

from reportqa import ranking

POINT = 0.01
VECTORS, WORDS = (1.0, 1.0, 0.0), (0.0, 0.0, 1.0)
ARMS = (
    ("passage vectors", (1.0, 0.0, 0.0), True),
    ("both vectors", VECTORS, True),
    ("BM25", WORDS, True),
    ("both vectors, in place", VECTORS, False),
    ("BM25, in place", WORDS, False),
)


def find(one: QuestionSet, weights: tuple[float, ...], bare: bool) -> Found:
    if bare:
        return one.ranked(one.views(), weights)
    with patch.object(ranking, "WEIGHTS", weights):
        return one.search(one.understood())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="QUESTIONS.jsonl@INDEX")
    parser.add_argument("--most", type=int, help="questions of a set, drawn by a fixed seed")
    arguments = parser.parse_args()
    behind = False
    names = [name for name, _, _ in ARMS]
    print("| set | questions | " + " | ".join(names) + " | whole | ahead by |")
    print("|---" * (len(ARMS) + 4) + "|")
    for one in read_sets(arguments.sets, arguments.most):
        found = [find(one, weights, bare) for _, weights, bare in ARMS]
        figures = [one.figures(hits) for hits in (*found, one.search(one.understood()))]
        *arms, whole = [mean(row, one.main) for row in figures]
        ahead = whole - max(arms)
        behind |= ahead < -POINT
        cells = [f"{mean(row, one.main):.3f} / {mean(row, 'mrr@10'):.3f}" for row in figures]
        print(
            f"| {one.name} | {len(one.questions)} | {' | '.join(cells)} | {ahead:+.3f} |",
            flush=True,
        )
    return int(behind)


if __name__ == "__main__":
    sys.exit(main())
