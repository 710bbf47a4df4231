"""In: a folder of reports. Out: passages a second, ours against plain SentenceTransformer.encode in
float32, their ratio, and the worst cosine between the two.

    python benchmarks/encoding.py [FOLDER] [--passages 200] [--rounds 3] [--cpu] [--budgets]

The rounds are interleaved and the medians compared, as other work on the machine comes and goes.
On a busy machine `--cpu` is the fair measure: one thread each, processor time (threads that wait
for one another on taken cores spin, and hide the difference).
`--budgets` tries batch sizes in tokens instead (the source of reportqa.encoder.BATCH_TOKENS).
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sentence_transformers import SentenceTransformer

import reportqa.encoder
from reportqa.bundled_model import bundled_model_folder
from reportqa.encoder import open_encoder

Vectors = NDArray[np.float32]
RATIO_BAR, COSINE_BAR = 2.0, 0.999
BUDGETS = (512, 1024, 2048, 4096, 8192)
QUESTION = "江汉区2023年地区生产总值是多少？"


def read_passages(folder: Path, count: int) -> list[str]:
    """`count` stretches of about 300 characters (60–540, as passages differ in length), in the
    order of the reports; fewer where there is less text, each text once."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".md", ".txt"})
    text = "\n".join(path.read_text("utf-8", errors="replace") for path in files)
    text = re.sub(r"[#*\s]+", " ", text)
    lengths = random.Random(0)
    passages: list[str] = []
    start = 0
    while start < len(text) and len(passages) < count:
        end = start + min(540, max(60, round(lengths.gauss(300, 90))))
        passages.append(text[start:end])
        start = end
    return passages


def timed(work: Callable[[], Vectors], cpu: bool) -> tuple[float, Vectors]:
    """Seconds the work took, of the clock or of the processor, and its vectors."""
    clock = time.process_time if cpu else time.perf_counter
    start = clock()
    vectors = work()
    return clock() - start, vectors


def main() -> int:
    """Measure and print; exit code 1 where a bar that applies to this processor is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("corpus"))
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budgets", action="store_true", help="try batch sizes in tokens")
    parser.add_argument("--cpu", action="store_true", help="one thread, processor time")
    arguments = parser.parse_args()
    if arguments.cpu:
        torch.set_num_threads(1)
    passages = read_passages(arguments.folder, arguments.passages)
    if not passages:
        parser.error(f"no .md or .txt with text in {arguments.folder}")
    encoder = open_encoder()
    plain = SentenceTransformer(str(bundled_model_folder()), device="cpu", local_files_only=True)
    characters = statistics.mean(map(len, passages))
    print(f"{len(passages)} passages of {characters:.0f} characters; {encoder.backend}")
    encoder.encode_passages(passages[:8])
    if arguments.budgets:
        for _, budget in itertools.product(range(arguments.rounds), BUDGETS):
            reportqa.encoder.BATCH_TOKENS = budget  # type: ignore[misc]
            seconds, _ = timed(lambda: encoder.encode_passages(passages), arguments.cpu)
            print(f"{budget:5} tokens a batch: {len(passages) / seconds:.1f} passages a second")
        return 0
    plain_times, our_times = [], []
    for _ in range(arguments.rounds):
        seconds, expected = timed(
            lambda: plain.encode(
                passages, prompt="passage: ", batch_size=32, show_progress_bar=False
            ),
            arguments.cpu,
        )
        plain_times.append(seconds)
        seconds, vectors = timed(lambda: encoder.encode_passages(passages), arguments.cpu)
        our_times.append(seconds)
    theirs = len(passages) / statistics.median(plain_times)
    ours = len(passages) / statistics.median(our_times)
    worst = float((expected * vectors).sum(axis=1).min())
    question = statistics.median(
        timed(lambda: encoder.encode_questions([QUESTION]), arguments.cpu)[0] for _ in range(20)
    )
    print(f"plain {theirs:.1f} passages a second, ours {ours:.1f}, ratio {ours / theirs:.2f}")
    print(f"worst cosine {worst:.6f}; one question {question * 1000:.0f} ms")
    fast = ours / theirs >= RATIO_BAR or "bfloat16" not in encoder.backend
    return 0 if fast and worst >= COSINE_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
