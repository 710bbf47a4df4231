"""What each view of a passage adds to the ranking, and which weights do best.

    python benchmarks/views.py QUESTIONS.jsonl@INDEX FOLDER@INDEX ... [--most 1000]

In: sets of questions (question_sets.py). Out: a table in Markdown, a row for each view alone, for
all but one, and for other weights: for each set recall at 5 (of BEIR folders nDCG at 10) / mean
reciprocal rank. What the questions state is left out, but for the last row, the whole.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from question_sets import Found, QuestionSet, mean, read_sets

from reportqa.ranking import WEIGHTS

NAMES = ("passage vectors", "best sentences", "BM25")
LEXICAL = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
SENTENCE = (0.5, 2.0)


def settings() -> Iterator[tuple[str, tuple[float, ...]]]:
    for i, name in enumerate(NAMES):
        yield name, tuple(float(i == j) for j in range(3))
    for i, name in enumerate(NAMES):
        yield f"all but {name}", tuple(0.0 if i == j else w for j, w in enumerate(WEIGHTS))
    for weight in LEXICAL:
        yield f"BM25 at {weight:g}", (*WEIGHTS[:2], weight)
    for weight in SENTENCE:
        yield f"best sentences at {weight:g}", (WEIGHTS[0], weight, WEIGHTS[2])


def cell(one: QuestionSet, found: Found) -> str:
    figures = one.figures(found)
    return f"{mean(figures, one.main):.3f} / {mean(figures, 'mrr@10'):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="QUESTIONS.jsonl@INDEX")
    parser.add_argument("--most", type=int, help="questions of a set, drawn by a fixed seed")
    arguments = parser.parse_args()
    sets = read_sets(arguments.sets, arguments.most)
    views = [one.views() for one in sets]
    print("| views | " + " | ".join(one.name for one in sets) + " |")
    print("|---" * (len(sets) + 1) + "|")
    for name, weights in settings():
        label = f"**{name}**" if weights == WEIGHTS else name
        cells = [
            cell(one, one.ranked(seen, weights)) for one, seen in zip(sets, views, strict=True)
        ]
        print(f"| {label} | " + " | ".join(cells) + " |", flush=True)
    cells = [cell(one, one.search(one.understood())) for one in sets]
    print("| the whole | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
