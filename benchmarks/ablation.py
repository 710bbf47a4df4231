"""What each part of the retrieval adds, by leaving it out.

    python benchmarks/ablation.py QUESTIONS.jsonl@INDEX FOLDER@INDEX ... [--most 1000]

In: sets of questions (question_sets.py). Out: a table in Markdown, a row for each part left out and
for the whole: for each set recall at 5 (of BEIR folders nDCG at 10) with its 95 % interval, mean
reciprocal rank, and of questions with quotes the share that have a wrong report first.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from question_sets import QuestionSet, read_sets

from reportqa import evidence, ranking, search, tiers
from reportqa.evaluation.statistics import mean_table
from reportqa.records import Understanding

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
    "everyday words": ((evidence, "in_report_words", lambda question: ""),),
    "order by best sentence": ((search, "WEIGHED", 0),),
    "contradictions below": ((search, "contradicts", lambda passage, understood: False),),
    "copies below": ((tiers, "COPY", 2.0),),
    "sides of a comparison": ((search, "named_sides", lambda question, understood: []),),
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
    one: QuestionSet,
    switches: Sequence[Switch],
    forget: Callable[[Understanding], Understanding],
) -> str:
    """The cells of a row for one set."""
    understood = [forget(stated) for stated in one.understood()]
    with ExitStack() as off:
        for module, name, instead in switches:
            off.enter_context(patch.object(module, name, instead))
        found = one.search(understood)
    figures = mean_table(list(one.figures(found).values()))
    low, high = figures["ci95"][one.main]
    cells = f"{figures[one.main]:.3f} ({low:.2f}–{high:.2f}) / {figures['mrr@10']:.3f}"
    wrong = figures.get("wrong_report@1")
    return cells if wrong is None else f"{cells} / {wrong:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="QUESTIONS.jsonl@INDEX")
    parser.add_argument("--most", type=int, help="questions of a set, drawn by a fixed seed")
    arguments = parser.parse_args()
    sets = read_sets(arguments.sets, arguments.most)
    print("| left out | " + " | ".join(one.name for one in sets) + " |")
    print("|---" * (len(sets) + 1) + "|")
    for part, switches, forget in variants():
        cells = (measure(one, switches, forget) for one in sets)
        print(f"| {part} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
