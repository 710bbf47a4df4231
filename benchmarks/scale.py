"""How the index grows: building, opening, searching and its agreement with exact search, by size.

    python benchmarks/scale.py QUESTIONS.jsonl --index DIR [--sizes 10000,100000,1000000]
                               [--folder DIR] [--plot FILE.svg]

In: questions as query.py takes them, and an index built from real reports. Out: a line of JSON a
size. Each corpus begins with the reports of that index as they are; the rest are copies of them.
A copy has another place and year, its figures are changed (digits 3 to 9 are turned round), and
its vectors are synthetic: of each real vector, moved by the difference of the means of two
reports (another label), by a third of the difference of two passages, and, of a sentence, by a
sixth of the difference of two sentences, then scaled to length 1. All differences are between
vectors of the model, so that the copies vary where the model's vectors do. Corpora are kept in
--folder, where one is named, and taken up again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa.batch import Asked, read_questions
from reportqa.encoder import open_encoder
from reportqa.filters import make_filters
from reportqa.index import Addition, Snapshot, SnapshotWriter, embedded_hash, open_snapshot
from reportqa.passages import passage_input, sentence_inputs
from reportqa.places import CITIES, PROVINCES
from reportqa.records import NO_FILTERS, Understanding
from reportqa.search import Serving

SEED = 7
K = 10
ROUNDS = 3
BATCH = 1_000
LABEL, PASSAGE, SENTENCE = 0.7, 0.35, 0.17  # how far a vector is moved by each difference
PLACES = [*PROVINCES.values(), *(f"{city}市" for city in CITIES)]
DIGITS = [str.maketrans("3456789", "3456789"[n:] + "3456789"[:n]) for n in range(7)]


class Base:
    """The real reports with their vectors, from which copies are made."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Read them all."""
        self.snapshot = snapshot
        self.passages = snapshot.passage_vectors(slice(0, snapshot.n_passages))
        self.sentences = snapshot.sentence_vectors(slice(0, snapshot.n_sentences))
        self.texts = [snapshot.passage(row) for row in range(snapshot.n_passages)]
        self.rows = [snapshot.passages_of(metadata.id) for metadata in snapshot.reports]
        self.means = np.stack([self.passages[r.start : r.stop].mean(axis=0) for r in self.rows])

    def reports(self, size: int) -> Iterator[Addition]:
        """What SnapshotWriter.add takes, for as many reports as hold `size` passages."""
        made = turn = 0
        while made < size:
            for number, rows in enumerate(self.rows):
                rows = range(rows.start, min(rows.stop, rows.start + size - made))
                if len(rows) < len(self.rows[number]):
                    return  # a part of a report is none; the size is reached but for it
                yield self._report(number, turn, np.random.default_rng((SEED, turn, number)))
                made += len(rows)
            turn += 1

    @cache  # noqa: B019, one Base lives as long as the program
    def turned(self, by: int) -> list[str]:
        """The texts of all passages with their digits turned round."""
        return [passage.text.translate(DIGITS[by]) for passage in self.texts]

    def _report(self, number: int, turn: int, random: np.random.Generator) -> Addition:
        snapshot, rows = self.snapshot, self.rows[number]
        metadata = snapshot.reports[number]
        report, sections = snapshot.report(metadata.id), snapshot.sections(metadata.id)
        first, last = snapshot.first_sentence[[rows.start, rows.stop]]
        whole = self.passages[rows.start : rows.stop]
        parts = self.sentences[first:last]
        passages = self.texts[rows.start : rows.stop]
        if turn:
            place = PLACES[int(random.integers(len(PLACES)))]
            year = 2026 - int(random.integers(12))
            title = f"{place}{year}年{metadata.kind}"
            metadata = replace(
                metadata, id=f"{metadata.id}-{turn}", title=title, region=place, year=year
            )
            texts = self.turned(turn % len(DIGITS))[rows.start : rows.stop]
            report = replace(report, metadata=metadata, text="".join(texts))
            passages = [
                replace(p, metadata=metadata, text=text)
                for p, text in zip(passages, texts, strict=True)
            ]
            owner = snapshot.sentence_passage[first:last] - rows.start
            whole, parts = self._moved(number, whole, parts, owner, random)
        inputs = [passage_input(passage) for passage in passages]
        sentences = [text for passage in passages for text in sentence_inputs(passage)]
        return Addition(
            report,
            sections,
            passages,
            whole,
            parts,
            [embedded_hash(text) for text in inputs],
            [embedded_hash(text) for text in sentences],
            inputs,
        )

    def _moved(
        self,
        number: int,
        whole: np.ndarray,
        parts: np.ndarray,
        owner: np.ndarray,
        random: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        label = LABEL * (self.means[random.integers(len(self.means))] - self.means[number])
        moves = label + PASSAGE * _differences(self.passages, len(whole), random)
        whole = whole + moves
        parts = parts + moves[owner] + SENTENCE * _differences(self.sentences, len(parts), random)
        return _unit(whole), _unit(parts)


def _differences(vectors: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    one, other = random.integers(len(vectors), size=(2, n))
    return vectors[one] - vectors[other]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def make(base_dir: Path, size: int, folder: Path) -> dict[str, Any]:
    """Build the corpus; the processor's seconds for it, without making texts and vectors up."""
    with open_snapshot(base_dir) as snapshot:
        base = Base(snapshot)
        spent = 0.0
        with SnapshotWriter(folder, snapshot.card) as writer:
            for report in base.reports(size):
                began = time.process_time()
                writer.add(report)
                spent += time.process_time() - began
            began = time.process_time()
            writer.publish()
            spent += time.process_time() - began
    return {"build_cpu_s": round(spent, 1), "build_peak_mb": memory("VmHWM")}


def ask(folder: Path, questions: list[str], vectors: np.ndarray) -> dict[str, Any]:
    """Open the index as a server would, and search it."""
    began = time.perf_counter()
    snapshot = open_snapshot(folder)
    serving = Serving(snapshot)
    found: dict[str, Any] = {
        "passages": snapshot.n_passages,
        "sentences": snapshot.n_sentences,
        "quantised": snapshot.quantised,
        "open_s": round(time.perf_counter() - began, 2),
        "disk_mb": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) >> 20,
    }
    for name, filters in (
        ("search", NO_FILTERS),
        ("search_year", make_filters(year=["2021-2025"])),
        ("search_place", make_filters(region=["武汉市"])),
    ):
        times, busy = [], time.process_time()
        for turn in range(ROUNDS + 1):
            for i, question in enumerate(questions):
                began = time.perf_counter()
                stated = [serving.reader.read(question)]
                list(serving.search([question], vectors[i : i + 1], stated, K, filters))
                if turn:  # the first round warms up
                    times.append(time.perf_counter() - began)
        busy = time.process_time() - busy
        found[f"{name}_cpu_ms"] = round(1000 * busy / (ROUNDS + 1) / len(questions), 1)
        found[f"{name}_ms"] = [round(1000 * t, 1) for t in np.percentile(times, (50, 95, 99))]
    many = np.resize(np.arange(len(questions)), BATCH)
    began = time.perf_counter()
    stated = [serving.reader.read(questions[i]) for i in many]
    list(serving.search([questions[i] for i in many], vectors[many], stated, K, NO_FILTERS))
    found["batch_ms"] = round((time.perf_counter() - began) * 1000 / BATCH, 2)
    return found | {
        name: memory(field)
        for name, field in (
            ("resident_mb", "VmRSS"),
            ("of_it_mapped_mb", "RssFile"),
            ("peak_mb", "VmHWM"),
        )
    }


def compare(folder: Path, questions: list[str], vectors: np.ndarray) -> dict[str, Any]:
    """The share of the exact first ten that search returns, as asked and with nothing stated."""
    serving = Serving(open_snapshot(folder))
    nothing = [Understanding()] * len(questions)
    found = {}
    for name, stated in (
        ("recall@10", [serving.reader.read(question) for question in questions]),
        ("recall@10_nothing_stated", nothing),
    ):
        shares = []
        for start in range(0, len(questions), 16):
            part = slice(start, start + 16)
            asked = serving.asked(questions[part], vectors[part], stated[part])
            near = serving.ranking.best(asked, K)
            exact = serving.ranking.best(asked, K, whole=True)
            shares += [
                len(np.intersect1d(rows, right)) / len(right)
                for (rows, _), (right, _) in zip(near, exact, strict=True)
            ]
        found[name] = round(float(np.mean(shares)), 4)
    return found


def memory(field: str) -> int:
    """A line of /proc/self/status, in megabytes."""
    status = Path("/proc/self/status").read_text("ascii")
    match = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) >> 10 if match else 0


def apart(work: Any, *arguments: Any) -> dict[str, Any]:
    """The same in a process of its own, whose memory is that of this work alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result: dict[str, Any] = pool.apply(work, arguments)
        return result


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """How time and memory grow with the number of passages."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "reportqa"
    from matplotlib import pyplot as plt

    sizes = [row["passages"] for row in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for name, place in (("p50", 0), ("p95", 1), ("p99", 2)):
        left.plot(sizes, [row["search_ms"][place] for row in rows], marker="o", label=name)
    left.plot(sizes, [row["batch_ms"] for row in rows], marker="o", ls=":", label="in a batch")
    left.set(xscale="log", yscale="log", xlabel="passages", ylabel="ms a search, without encoding")
    left.axhline(150, color="grey", lw=0.8)
    left.legend()
    for name, label in (("disk_mb", "on disk"), ("resident_mb", "resident")):
        right.plot(sizes, [row[name] / 1024 for row in rows], marker="o", label=label)
    right.set(xscale="log", yscale="log", xlabel="passages", ylabel="GiB")
    right.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("questions")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    arguments = parser.parse_args()
    questions = [
        row.question for row in read_questions(arguments.questions) if isinstance(row, Asked)
    ]
    vectors = open_encoder().encode_questions(questions)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in map(int, arguments.sizes.split(",")):
            folder = (arguments.folder or Path(temporary)) / str(size)
            noted = folder / "built.json"
            if not noted.is_file():
                made = apart(make, arguments.index, size, folder)
                noted.write_text(json.dumps(made), "utf-8")
            row = json.loads(noted.read_text("utf-8"))
            row |= apart(ask, folder, questions, vectors)
            row |= apart(compare, folder, questions, vectors)
            print(json.dumps(row), flush=True)
            rows.append(row)
    if arguments.plot:
        plot(rows, arguments.plot)


if __name__ == "__main__":
    main()
