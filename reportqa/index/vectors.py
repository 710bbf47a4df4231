"""Unit vectors in FAISS indexes ⇄ files; the nearest of them to a question; the only user of faiss.

A flat index holds the vectors themselves, mapped, and scores them exactly: equal vectors score
equally, and a question the same alone as among others, which faiss promises of neither by itself.
Beside a large flat index lies a quantised one, which names the rows that are probably nearest.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import faiss as _faiss
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from reportqa.errors import SnapshotError
from reportqa.index.files import reading

__all__ = [
    "LEAST_QUANTISED",
    "Nearest",
    "QuantisedIndex",
    "VectorIndex",
    "score_rows",
    "unit_fault",
    "unit_rows",
    "write_quantised",
    "write_vectors",
]

faiss: Any = _faiss  # the type stubs of some versions know less than the library

UNIT = 1e-3  # how far from 1 a vector's length may lie; below it, scores are cosines
BLOCK = 16_384  # vectors handled at once
RUNS = 256  # runs of rows whose scores are taken in one product: it stays in the cache
CACHED = 512  # vectors scored for each question in turn: they stay in the cache
PRODUCT_FROM = 7  # questions from which a product is faster
LEAST_PART = 8  # blocks of CACHED vectors that are worth handing to another core
MOST_CORES = 4  # that read at once: more than memory feeds
MAPPED = 16_384  # rows read here and there before their pages are given back: 1 GiB at most
LEAST_QUANTISED = 16  # vectors that a quantised index needs: one a code
TRAINING = 40  # vectors a cell of the quantised index is trained with
SEED = 20_240_101  # of what is drawn for training: the same build gives the same files
PROBED = 8  # one in so many cells is searched
LEAST_PROBED = 8


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rows that an index names, with about their scores; in no order that counts."""

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which vectors are finite and of length 1."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: NDArray[np.bool_] = np.abs(lengths - 1) <= UNIT  # false for NaN
    return unit


def unit_fault(vectors: NDArray[np.float32]) -> str | None:
    """What keeps vectors from being finite and of length 1, or None."""
    wrong = np.flatnonzero(~unit_rows(vectors))
    if wrong.size:
        row = int(wrong[0])
        return f"vector {row} has length {np.linalg.norm(vectors[row]):.4g}, not 1"
    return None


def write_vectors(path: Path, blocks: Iterable[NDArray[np.float32]], dimension: int) -> None:
    """Write blocks of vectors (n, dimension), one after the other, as a faiss.IndexFlatIP, byte for
    byte as faiss would; one block is in memory at a time. Raises OSError where the disk refuses."""
    with path.open("wb") as file:
        file.write(_flat_header(0, dimension))
        count = 0
        for block in blocks:
            file.write(np.ascontiguousarray(block, np.float32).data)
            count += len(block)
        file.seek(0)
        file.write(_flat_header(count, dimension))


def _flat_header(count: int, dimension: int) -> bytes:
    """What stands before the vectors in the file of an IndexFlatIP: the header of an empty one,
    in which the number of vectors and, at the end, that of their components are filled in."""
    empty: bytes = faiss.serialize_index(faiss.IndexFlatIP(dimension)).tobytes()
    counted = np.array([count, count * dimension], "<u8").tobytes()
    return empty[:8] + counted[:8] + empty[16:-8] + counted[8:]


def _read_index(path: Path, kind: Any, count: int, dimension: int, flags: int = 0) -> Any:
    """The faiss index of a file. Raises SnapshotError where it cannot be read, or is not of that
    class or size."""
    try:
        index = faiss.read_index(str(path), flags)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise SnapshotError(
            f"{path} cannot be read ({reason}): run python build_index.py"
        ) from error
    if not isinstance(index, kind) or (index.ntotal, index.d) != (count, dimension):
        raise SnapshotError(
            f"{path} holds {index.ntotal} vectors of {index.d} in a {type(index).__name__}, "
            f"not {count} of {dimension} in an {kind.__name__}: run python build_index.py"
        )
    return index


class VectorIndex:
    """The vectors of a file, mapped into memory."""

    def __init__(self, path: Path, count: int, dimension: int) -> None:
        """Open a file of `write_vectors`. Raises SnapshotError where it does not hold `count`
        vectors of `dimension` numbers."""
        flags = faiss.IO_FLAG_MMAP_IFC
        self._index = _read_index(path, faiss.IndexFlatIP, count, dimension, flags)
        self.count = count
        self.dimension = dimension
        header = len(_flat_header(count, dimension))
        with reading(path), path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # Bytes: the vectors are not aligned in the file, and NumPy copies aligned rows faster.
        self._bytes: NDArray[np.uint8] = np.frombuffer(
            self._map, np.uint8, count * dimension * 4, header
        ).reshape(count, dimension * 4)
        self._touched = 0

    def vectors(self, rows: NDArray[np.integer] | slice) -> NDArray[np.float32]:
        """A copy of the vectors of these rows, in their order."""
        if isinstance(rows, slice):
            return self._bytes[rows].copy().view(np.float32)
        copied: NDArray[np.float32] = self._bytes.take(rows, axis=0).view(np.float32)
        self._touched += len(rows)
        if self._touched > MAPPED:
            self._touched = 0
            self._give_back()
        return copied

    def _give_back(self) -> None:
        """Take the pages read so far off this process; the system keeps them cached."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """All vectors in order, in blocks."""
        for start in range(0, self.count, BLOCK):
            yield self.vectors(slice(start, start + BLOCK))
            self._give_back()

    def scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of every row for each question vector: (q, count). Equal rows score equally,
        and a question the same alone as among others."""
        questions = self._checked(vectors)
        scores = np.empty((len(questions), self.count), np.float32)
        blocks = -(-self.count // CACHED)
        # several questions mean that others are at work beside them: they would want the cores too
        parts = max(1, min(_cores(), blocks // LEAST_PART)) if len(questions) == 1 else 1
        ends = [min(self.count, CACHED * (blocks * n // parts)) for n in range(parts + 1)]
        score = partial(self._score_part, questions, scores)
        first, *others = pairwise(ends)
        begun = [_pool().submit(score, *part) for part in others]
        score(*first)
        for future in begun:
            future.result()
        return scores

    def _score_part(
        self, questions: NDArray[np.float32], scores: NDArray[np.float32], first: int, last: int
    ) -> None:
        vectors_at = int(self._index.get_xb() or 0)  # None where there are none
        for start in range(first, last, CACHED):
            block = faiss.cast_integer_to_float_ptr(vectors_at + start * self.dimension * 4)
            size = min(CACHED, last - start)
            for question, row in zip(questions, scores, strict=True):
                faiss.fvec_inner_products_ny(
                    faiss.swig_ptr(row[start:]),
                    faiss.swig_ptr(question),
                    block,
                    self.dimension,
                    size,
                )

    def best_scores(
        self, vectors: NDArray[np.float32], firsts: NDArray[np.int64] | None
    ) -> NDArray[np.float32]:
        """The best score of each run of rows firsts[i]:firsts[i + 1] for each question vector:
        (q, runs); of every row where `firsts` is None. For more than a few questions it is one
        matrix product for all of them, whose last bits differ."""
        questions = self._checked(vectors)
        if firsts is None:
            firsts = np.arange(self.count + 1)
        runs = len(firsts) - 1
        if len(questions) < PRODUCT_FROM or not runs:
            scores = self.scores(questions)
            if runs == self.count:
                return scores
            return np.maximum.reduceat(scores, firsts[:-1], axis=1) if runs else scores[:, :0]
        best = np.empty((len(questions), runs), np.float32)
        with _blas().limit(limits=1, user_api="blas"):
            for start in range(0, runs, RUNS):
                part = slice(start, min(start + RUNS, runs))
                first, last = firsts[part.start], firsts[part.stop]
                product = self.vectors(slice(first, last)) @ questions.T
                if last - first > part.stop - part.start:
                    product = np.maximum.reduceat(product, firsts[part] - first, axis=0)
                best[:, part] = product.T
        return best

    def _checked(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The question vectors as faiss wants them."""
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise SnapshotError(
                f"the question's vectors are of shape {vectors.shape}, the snapshot's of dimension "
                f"{self.dimension}: ask with the model the snapshot was built with"
            )
        if not np.isfinite(vectors).all():
            raise SnapshotError("a question's vector is not finite: check the embedding model")
        return np.ascontiguousarray(vectors, np.float32)


@cache
def _cores() -> int:
    """The cores this process may use, MOST_CORES at most."""
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(able or 1, MOST_CORES)


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads that score while the one that asked does; faiss needs no Python meanwhile."""
    return ThreadPoolExecutor(MOST_CORES, thread_name_prefix="scores")


@cache
def _blas() -> ThreadpoolController:
    """The libraries that multiply matrices. One thread each: several wait for each other in busy
    loops, which takes the processor from whatever else runs, and each product here is small."""
    return ThreadpoolController()


def score_rows(rows: NDArray[np.float32], question: NDArray[np.float32]) -> NDArray[np.float32]:
    """The score of each vector (n, dimension) for one question vector, by the same arithmetic as
    `VectorIndex.scores`."""
    scores = np.empty(len(rows), np.float32)
    if len(rows):
        faiss.fvec_inner_products_ny(
            faiss.swig_ptr(scores),
            faiss.swig_ptr(np.ascontiguousarray(question, np.float32)),
            faiss.swig_ptr(np.ascontiguousarray(rows, np.float32)),
            rows.shape[1],
            len(rows),
        )
    return scores


def write_quantised(path: Path, vectors: VectorIndex) -> None:
    """Write the quantised index of many vectors: an inverted file (a cell for about the square
    root of their number) of product quantisers, two components to four bits: a sixteenth of the
    vectors' size. Raises OSError where the disk refuses."""
    pairs = vectors.dimension // (2 if vectors.dimension % 2 == 0 else 1)
    cells = min(2 ** round(np.log2(max(1, vectors.count)) / 2), max(1, vectors.count // TRAINING))
    index = faiss.index_factory(
        vectors.dimension, f"IVF{cells},PQ{pairs}x4fs", faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed = SEED
    index.cp.min_points_per_centroid = 1  # a warning of faiss otherwise
    drawn = np.random.default_rng(SEED).permutation(vectors.count)[: max(1_024, TRAINING * cells)]
    index.train(vectors.vectors(np.sort(drawn)))
    for block in vectors.blocks():
        index.add(block)
    with path.open("wb") as file:  # faiss' own files do not tell of a full disk
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))


class QuantisedIndex:
    """The rows that are probably nearest to a question, of a file of `write_quantised`."""

    def __init__(self, path: Path, count: int, dimension: int) -> None:
        """Read the file; its codes stay in memory. Raises SnapshotError where it does not fit."""
        self._index = _read_index(path, faiss.IndexIVFPQFastScan, count, dimension)
        cells = self._index.nlist
        self._probed = min(cells, max(LEAST_PROBED, cells // PROBED))

    def likely(
        self, questions: NDArray[np.float32], n: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Nearest]:
        """About the n nearest rows to each question vector (q, dimension), among those where
        `allowed` (count,) is true, with about their scores; fewer where there are fewer."""
        selector = None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = faiss.SearchParametersIVF(nprobe=self._probed, sel=selector)
        n = min(n, self._index.ntotal)
        scores, rows = self._index.search(np.ascontiguousarray(questions), n, params=parameters)
        return [
            Nearest(score[row >= 0], row[row >= 0]) for score, row in zip(scores, rows, strict=True)
        ]
