"""Measure the retrieval on questions whose answers are known; prints one JSON object of metrics.

python evaluate.py GOLD.jsonl [--index DIR]      questions in this project's own format
python evaluate.py --beir FOLDER [--index DIR]   a BEIR folder; its index is built first
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from reportqa.errors import QuestionError, ReportQAError

BEIR_DEPTH = 60  # passages retrieved to rank ten documents


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("gold", nargs="?", type=Path, metavar="GOLD.jsonl")
    what.add_argument("--beir", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--index", type=Path, metavar="DIR", help="default: index, or a new one for --beir"
    )
    parser.add_argument("--model", metavar="NAME_OR_FOLDER", help="instead of the bundled model")
    return parser.parse_args()


def evaluate_gold(gold_file: Path, index: Path, model: str | None) -> dict[str, Any]:
    from reportqa.answer import ask
    from reportqa.evaluation import read_gold, score_gold
    from reportqa.search import Retriever

    gold = read_gold(gold_file)
    retriever = Retriever.open(index, model)
    began = time.perf_counter()
    replies = [ask(retriever, row["question"], id=row["id"]) for row in gold]
    milliseconds = 1000 * (time.perf_counter() - began) / len(gold)
    return {**score_gold(gold, replies), "milliseconds_a_question": round(milliseconds, 1)}


def evaluate_beir(folder: Path, index: Path, model: str | None) -> dict[str, Any]:
    from reportqa.build import build
    from reportqa.evaluation import read_beir, score_beir
    from reportqa.search import Retriever

    queries, judged = read_beir(folder)
    build([folder / "corpus.jsonl"], index, model)
    retriever = Retriever.open(index, model)
    usable: dict[str, str] = {}
    for query, text in queries.items():
        try:
            usable[query] = retriever.check(text)
        except QuestionError as error:
            print(f"query {query}: {error}; it counts as missed", file=sys.stderr)
    found = retriever.search_many(list(usable.values()), BEIR_DEPTH)
    ranked = {
        query: list(dict.fromkeys(hit.passage.metadata.id for hit in hits))
        for query, hits in zip(usable, found, strict=True)
    }
    return score_beir(judged, ranked)


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.gold:
            index = arguments.index or Path("index")
            metrics = evaluate_gold(arguments.gold, index, arguments.model)
        elif arguments.index:
            metrics = evaluate_beir(arguments.beir, arguments.index, arguments.model)
        else:
            with tempfile.TemporaryDirectory() as folder:
                metrics = evaluate_beir(arguments.beir, Path(folder) / "index", arguments.model)
    except ReportQAError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 2
    print(json.dumps(metrics, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
