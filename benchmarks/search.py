"""How long a question takes, warm, one at a time, and how much memory it needs.

    python benchmarks/search.py QUESTIONS.jsonl [--index DIR] [--rounds 3]

In: a file of questions as query.py takes them, and a built index. Out: the time to open the index
and to answer a question whole (encode, search, read the hits, answer), what answering takes of
it beside the search, and the peak memory.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa.answer import answer, ask
from reportqa.batch import Asked, read_questions
from reportqa.encoder import open_encoder
from reportqa.index import open_snapshot
from reportqa.search import Retriever


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("questions")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    asked = [row.question for row in read_questions(arguments.questions) if isinstance(row, Asked)]

    encoder = open_encoder()
    encoder.warm_up()
    began = time.perf_counter()
    snapshot = open_snapshot(arguments.index, card=encoder.card)
    opened = time.perf_counter() - began
    retriever = Retriever(snapshot, encoder, arguments.index)
    for question in asked[:5]:
        ask(retriever, question)

    whole, encoding, answering = [], [], []
    for _ in range(arguments.rounds):
        for question in asked:
            began = time.perf_counter()
            ask(retriever, question)
            whole.append(time.perf_counter() - began)
            began = time.perf_counter()
            encoder.encode_questions([question])
            encoding.append(time.perf_counter() - began)
            understood = retriever.understand(question)
            hits = retriever.search(question, understood=understood)
            began = time.perf_counter()
            answer(question, hits, understood)
            answering.append(time.perf_counter() - began)

    began = time.perf_counter()
    retriever.search_many(asked)
    together = (time.perf_counter() - began) / len(asked)

    print(
        f"{snapshot.n_passages} passages, {snapshot.n_sentences} sentences; {len(asked)} questions"
    )
    print(f"opened and verified in {opened:.2f} s")
    parts = (
        ("a question, whole", whole),
        ("of it, encoding", encoding),
        ("of it, answering", answering),
    )
    for name, seconds in parts:
        p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1000
        print(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")
    print(f"in one batch: {1000 * together:.1f} ms a question")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
