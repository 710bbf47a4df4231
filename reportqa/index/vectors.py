"""Unit vectors in a flat FAISS index ⇄ a file; the nearest of them to a question; the only user of
faiss.

Search is exact. Equal scores come in the order of their rows, and a question scores the same alone
as among others, which faiss promises of neither by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss as _faiss
import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError

__all__ = ["Nearest", "VectorIndex", "unit_fault", "unit_rows", "write_vectors"]

faiss: Any = _faiss  # the type stubs of some versions know less than the library

UNIT = 1e-3  # how far from 1 a vector's length may lie; below it, scores are cosines
GROUP = 16  # questions at once; faiss may turn to matrix products from 20 on: other last bits


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rows by (−score, row), as many as there are, at most as many as were asked for."""

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
    """Write blocks of vectors (n, dimension), one after the other, as a faiss.IndexFlatIP.
    All are in memory once. Raises OSError where the disk refuses."""
    index = faiss.IndexFlatIP(dimension)
    for block in blocks:
        index.add(np.ascontiguousarray(block, np.float32))
    with path.open("wb") as file:  # faiss' own files do not tell of a full disk
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))


class VectorIndex:
    """The vectors of a file, mapped into memory."""

    def __init__(self, path: Path, count: int, dimension: int) -> None:
        """Open a file of `write_vectors`. Raises SnapshotError where it does not hold `count`
        vectors of `dimension` numbers."""
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise SnapshotError(
                f"{path} cannot be read ({reason}): run python build_index.py"
            ) from error
        if not isinstance(index, faiss.IndexFlatIP) or (index.ntotal, index.d) != (
            count,
            dimension,
        ):
            raise SnapshotError(
                f"{path} holds {index.ntotal} vectors of {index.d} in a {type(index).__name__}, "
                f"not {count} of {dimension} in an IndexFlatIP: run python build_index.py"
            )
        self._index = index
        self.count = count
        self.dimension = dimension
        # A view of the index's own memory: valid as long as the index is, hence kept beside it.
        self._matrix: NDArray[np.float32] = (
            faiss.rev_swig_ptr(index.get_xb(), count * dimension).reshape(count, dimension)
            if count
            else np.zeros((0, dimension), np.float32)
        )

    def vectors(self, rows: NDArray[np.integer] | slice) -> NDArray[np.float32]:
        """A copy of the vectors of these rows, in their order."""
        return np.array(self._matrix[rows], np.float32)

    def scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of every row for each question vector: (q, count). Costs less than the
        nearest where many rows matter. Equal rows score equally, and a question the same alone as
        among others; against `nearest` the last bits may differ."""
        questions = self._checked(vectors)
        scores = np.empty((len(questions), self.count), np.float32)
        for question, row in zip(questions, scores, strict=True):  # one pass over memory each
            faiss.fvec_inner_products_ny(
                faiss.swig_ptr(row),
                faiss.swig_ptr(question),
                self._index.get_xb(),
                self.dimension,
                self.count,
            )
        return scores

    def nearest(
        self, vectors: NDArray[np.float32], n: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Nearest]:
        """The n nearest rows to each question vector (q, dimension), among the rows where
        `allowed` (count,) is true. Fewer where fewer are allowed; never padded."""
        if n < 1:
            raise ValueError(f"n is {n}; at least 1 is needed")
        questions = self._checked(vectors)
        if allowed is not None and (allowed.dtype != np.bool_ or allowed.shape != (self.count,)):
            raise SnapshotError(
                f"the rows allowed come as {allowed.dtype} {allowed.shape}, "
                f"not as one bool for each of {self.count} rows"
            )
        limit = self.count if allowed is None else int(np.count_nonzero(allowed))
        found: list[Nearest] = []
        for start in range(0, len(questions), GROUP):
            found += self._nearest_group(questions[start : start + GROUP], n, limit, allowed)
        return found

    def _nearest_group(
        self,
        questions: NDArray[np.float32],
        n: int,
        limit: int,
        allowed: NDArray[np.bool_] | None,
    ) -> list[Nearest]:
        """The nearest of a few questions. One row more than wanted is asked for: where it ties
        with the last wanted one, twice as many, until the tie is whole and rows can settle it."""
        wanted = min(n, limit)
        if not wanted:
            nothing = Nearest(np.zeros(0, np.float32), np.zeros(0, np.int64))
            return [nothing] * len(questions)
        if allowed is None:  # without a selector faiss shares one question between all threads,
            selector = faiss.IDSelectorAll()  # four times slower where another program computes
        else:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = faiss.SearchParameters(sel=selector)
        asked = min(n + 1, limit)
        while True:
            scores, rows = self._index.search(questions, asked, params=parameters)
            torn = asked < limit and np.any(scores[:, wanted - 1] == scores[:, asked - 1])
            if not torn:
                break
            asked = min(asked * 2, limit)
        order = np.lexsort((rows, -scores))[:, :wanted]
        return [
            Nearest(score[best], row[best].astype(np.int64))
            for score, row, best in zip(scores, rows, order, strict=True)
        ]

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
