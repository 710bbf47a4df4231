"""Passages' texts → which of them say about the same as a better one, word for word.

Texts are compared by their pairs of neighbouring characters. Most are told apart by sketches,
small arrays that are made once a passage; only what a sketch leaves open is compared itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sketches", "copies_among", "may_be_copies", "sketch"]

COPY = 0.7  # share of their pairs of characters in common from which the lesser of two is a copy
BUCKETS = 256
SPREAD = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2^64 by the golden ratio (Knuth 6.4): spreads numbers

Sketches = NDArray[np.uint16]


def copies_among(alike: Iterable[tuple[int, int]], text: Callable[[int], str]) -> frozenset[int]:
    """Of pairs of rows, one and a better one, those ones that say about the same as a better one
    that is no copy itself. The pairs come in the order of the first row, best first; `text` gives
    the text of a row."""
    copies: set[int] = set()
    for row, better in alike:
        if copies.isdisjoint((row, better)) and _same(text(row), text(better)):
            copies.add(row)
    return frozenset(copies)


def sketch(text: str) -> Sketches:
    """How many different pairs of characters fall into each of BUCKETS: (BUCKETS,)."""
    buckets = (_pairs(text) * SPREAD >> np.uint64(56)).astype(np.int64)
    return np.bincount(buckets, minlength=BUCKETS).astype(np.uint16)


def may_be_copies(ones: Sketches, others: Sketches) -> NDArray[np.bool_]:
    """Whether each text may say about the same as its other, by the sketches (n, BUCKETS) of both:
    two texts share at most the lesser number of each bucket, so that no copy is missed."""
    shared = np.minimum(ones, others).sum(axis=1, dtype=np.int64)
    both = (ones + others).sum(axis=1, dtype=np.int64) - shared
    may: NDArray[np.bool_] = shared >= np.maximum(COPY * both, 1)
    return may


def _same(one: str, other: str) -> bool:
    ours, theirs = _pairs(one), _pairs(other)
    shared = len(np.intersect1d(ours, theirs, assume_unique=True))
    return shared >= max(COPY * (len(ours) + len(theirs) - shared), 1)


def _pairs(text: str) -> NDArray[np.uint64]:
    """The different pairs of neighbouring characters, white space left out, each as a number."""
    written = np.frombuffer("".join(text.split()).encode("utf-32-le"), "<u4").astype(np.uint64)
    return np.unique(written[:-1] << np.uint64(32) | written[1:])
