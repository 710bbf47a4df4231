"""What each part of the retrieval adds, by leaving it out.

    python benchmarks/ablation.py QUESTIONS.jsonl@INDEX [QUESTIONS.jsonl@INDEX ...]

In: questions in the format of evaluate.py, each file with the built index to ask. Out: a table in
Markdown, a row for each part left out and for the whole: for each file recall at 5 with its 95 %
interval, mean reciprocal rank, and the share of questions with a wrong report first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa import evidence, ranking, search
from reportqa.evaluation import read_gold, score_gold
from reportqa.ranking import Scores
from reportqa.records import NO_FILTERS, Answer, Reply, Understanding
from reportqa.search import Retriever, Serving

DEPTH = 10
NO_ANSWER = Answer(None, True, None, "extractive", ())

# Part → where it is switched off: (module, name, what stands there instead).
Switch = tuple[Any, str, Any]
PARTS: dict[str, tuple[Switch, ...]] = {
    "nothing": (),
    "passage vectors": ((ranking, "WEIGHTS", (0.0, *ranking.WEIGHTS[1:])),),
    "sentence vectors": ((ranking, "WEIGHTS", (ranking.WEIGHTS[0], 0.0, ranking.WEIGHTS[2])),),
    "BM25": ((ranking, "WEIGHTS", (*ranking.WEIGHTS[:2], 0.0)),),
    "English glossary": (
        (ranking, "in_chinese", lambda question: ""),
        (evidence, "in_chinese", lambda question: ""),
    ),
    "order by best sentence": ((search, "WEIGHED", 0),),
    "contradictions below": ((search, "contradicts", lambda passage, understood: False),),
    "copies below": ((search, "COPY", 2.0),),
    "sides of a comparison": ((search, "_sides", lambda understood: []),),
}
# What the question states → how it is forgotten.
STATED: dict[str, Callable[[Understanding], Understanding]] = {
    "places stated": lambda stated: replace(stated, regions=()),
    "years stated": lambda stated: replace(stated, years=(), report_years=()),
    "achieved or planned": lambda stated: replace(stated, basis=None),
    "kind of report": lambda stated: replace(stated, kinds=()),
    "all that is stated": lambda stated: Understanding(),
}


def keep(stated: Understanding) -> Understanding:
    return stated


def variants() -> Iterator[tuple[str, Sequence[Switch], Callable[[Understanding], Understanding]]]:
    for part, switches in PARTS.items():
        yield part, switches, keep
    for part, forget in STATED.items():
        yield part, (), forget


def measure(
    serving: Serving,
    gold: Sequence[dict[str, Any]],
    vectors: Scores,
    switches: Sequence[Switch],
    forget: Callable[[Understanding], Understanding],
) -> str:
    """The cells of a row for one file of questions."""
    questions = [row["question"] for row in gold]
    understood = [forget(serving.reader.read(question)) for question in questions]
    with ExitStack() as off:
        for module, name, instead in switches:
            off.enter_context(patch.object(module, name, instead))
        found = list(serving.search(questions, vectors, understood, DEPTH, NO_FILTERS))
    replies = [
        Reply(row["id"], row["question"], hits, NO_ANSWER, 0.0)
        for row, hits in zip(gold, found, strict=True)
    ]
    figures = score_gold(gold, replies)["all"]
    low, high = figures["ci95"]["recall@5"]
    return (
        f"{figures['recall@5']:.3f} ({low:.2f}–{high:.2f}) / {figures['mrr@10']:.3f} / "
        f"{figures['wrong_report@1']:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="QUESTIONS.jsonl@INDEX")
    sets = [one.rpartition("@") for one in parser.parse_args().sets]
    golds, servings, vectors = [], [], []
    for questions, _, index in sets:
        # one type and language: the intervals of each would take most of the time
        golds.append([{**row, "type": "any", "lang": "any"} for row in read_gold(Path(questions))])
        retriever = Retriever.open(index)
        servings.append(Serving(retriever.snapshot))
        vectors.append(retriever.encode([row["question"] for row in golds[-1]]))
    print("| left out | " + " | ".join(Path(questions).stem for questions, _, _ in sets) + " |")
    print("|---" * (len(sets) + 1) + "|")
    for part, switches, forget in variants():
        cells = (
            measure(serving, gold, encoded, switches, forget)
            for serving, gold, encoded in zip(servings, golds, vectors, strict=True)
        )
        print(f"| {part} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
