"""How many questions a second a file of them takes, and how much memory.

    python benchmarks/batch.py [--index DIR] [--questions 10000] [--output .csv] [--no-model]

In: a built index; the questions are made of its own passages, no two alike. Out: the rate and the
memory after each tenth of the run, the peak, and the size of the file. `--no-model` puts random
vectors in place of the model's, to measure all the rest.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa.batch import Progress, run_batch
from reportqa.encoder import open_encoder
from reportqa.index import open_snapshot
from reportqa.index.snapshot import Snapshot
from reportqa.search import Retriever

QUESTION = 24  # characters


class RandomEncoder:
    """A question's vector is a random one, the same each time."""

    def __init__(self, dimension: int) -> None:
        """Vectors of so many dimensions."""
        self.dimension = dimension

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, dimension), of length 1."""
        drawn = [
            np.random.default_rng(crc32(text.encode())).standard_normal(self.dimension)
            for text in texts
        ]
        vectors = np.asarray(drawn, np.float32).reshape(-1, self.dimension)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write_questions(snapshot: Snapshot, path: Path, count: int) -> None:
    """A table of questions with one other column."""
    with path.open("w", encoding="utf-8-sig") as file:
        file.write("id,question,部门\n")
        for n in range(count):
            text = snapshot.passage(n % snapshot.n_passages).text
            words = "".join(c for c in text if c not in '",\n')[:QUESTION]
            file.write(f"q{n},{words}第{n}项是多少？,部门{n % 7}\n")


def memory() -> float:
    """What the process holds now, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--output", default=".csv", help="the ending of the file (default .csv)")
    parser.add_argument("--no-model", action="store_true")
    arguments = parser.parse_args()

    if arguments.no_model:
        snapshot = open_snapshot(arguments.index)
        encoder = RandomEncoder(snapshot.card.dimension)
    else:
        encoder = open_encoder()
        encoder.warm_up()
        snapshot = open_snapshot(arguments.index, card=encoder.card)
    retriever = Retriever(snapshot, encoder, arguments.index)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "q.csv", Path(folder) / f"a{arguments.output}"
        write_questions(snapshot, source, arguments.questions)
        tenths = iter(range(1, 11))
        due = next(tenths)

        def tell(progress: Progress) -> None:
            nonlocal due
            if 10 * progress.done >= due * progress.total:
                print(f"{progress}; {memory():.0f} MB", flush=True)
                due = next(tenths, 11)

        began = time.perf_counter()
        tally = run_batch(retriever, str(source), str(out), on_progress=tell)
        seconds = time.perf_counter() - began
        size = out.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{tally.rows - tally.failed:,} questions over {snapshot.n_passages:,} passages in "
        f"{seconds:.1f} s, {tally.rows / seconds:.0f} a second, with the file written whole; "
        f"peak memory {peak:.0f} MB; {arguments.output} of {size:.1f} MB"
    )


if __name__ == "__main__":
    main()
