"""Vectors computed before ⇄ the texts they were computed from, by content hash.

A build writes each vector it is given to a log at once, each row with its own checksum, so that a
build killed half-way leaves behind what it paid for. The next build looks every text up in the
generations on disk and in such logs, and embeds only what none of them knows.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError
from reportqa.records import ModelCard
from reportqa.snapshot_files import SnapshotFiles, check_files, read_manifest
from reportqa.vectors import VectorIndex, unit_fault

__all__ = ["HASH", "KnownVectors", "RowLog", "embedded_hash", "read_log"]

HASH = np.dtype("S16")
BLOCK = 8192  # rows read at once

Hashes = NDArray[np.bytes_]

logger = logging.getLogger(__name__)


def embedded_hash(text: str) -> bytes:
    """The 16 bytes by which a vector is found again: of the exact string given to the model."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def row_type(dimension: int) -> np.dtype[np.void]:
    """One row of a log."""
    return np.dtype([("hash", HASH), ("crc", "<u4"), ("vector", "<f4", (dimension,))])


def checksums(rows: NDArray[np.void], card: ModelCard) -> NDArray[np.uint32]:
    """The checksum of each row's hash and vector under a model: another model's rows fail."""
    seed = zlib.crc32(card.fingerprint.encode())
    hashes, vectors = rows["hash"], np.ascontiguousarray(rows["vector"])
    width = hashes.dtype.itemsize
    return np.array(
        [
            zlib.crc32(vector.tobytes(), zlib.crc32(text.ljust(width, b"\0"), seed))
            for text, vector in zip(hashes.tolist(), vectors, strict=True)
        ],
        np.uint32,
    )


class RowLog:
    """A log that vectors are appended to; what is appended survives the process."""

    def __init__(self, path: Path, card: ModelCard) -> None:
        """Open a new log."""
        self.path = path
        self._card = card
        self._file: BinaryIO = path.open("xb", buffering=0)

    def append(self, hashes: Hashes, vectors: NDArray[np.float32]) -> None:
        """Write vectors with the hashes of their texts."""
        if not len(hashes):
            return
        rows = np.zeros(len(hashes), row_type(self._card.dimension))
        rows["hash"], rows["vector"] = hashes, vectors
        rows["crc"] = checksums(rows, self._card)
        packed = memoryview(rows.tobytes())
        while packed:  # an unbuffered file may take less than it is given
            packed = packed[self._file.write(packed) :]

    def close(self) -> None:
        """Close the file; twice does no harm."""
        self._file.close()

    def blocks(self) -> Iterable[NDArray[np.float32]]:
        """The vectors appended, in order, in blocks."""
        rows = _map_log(self.path, self._card)
        for start in range(0, len(rows), BLOCK):
            yield np.ascontiguousarray(rows["vector"][start : start + BLOCK])


def read_log(path: Path, card: ModelCard) -> tuple[Hashes, NDArray[np.float32]]:
    """The hashes and vectors of a log's sound rows: a row torn by a kill, altered, or computed
    by another model is left out."""
    rows = _map_log(path, card)
    hashes: list[Hashes] = [np.zeros(0, HASH)]
    vectors = [np.zeros((0, card.dimension), np.float32)]
    for start in range(0, len(rows), BLOCK):
        block = np.array(rows[start : start + BLOCK])
        sound = block[checksums(block, card) == block["crc"]]
        sound = sound[[unit_fault(row[None]) is None for row in sound["vector"]]]
        hashes.append(sound["hash"])
        vectors.append(sound["vector"])
    return np.concatenate(hashes), np.concatenate(vectors)


def _map_log(path: Path, card: ModelCard) -> NDArray[np.void]:
    """The whole rows of a log, mapped into memory; a torn end is left out."""
    kind = row_type(card.dimension)
    count = path.stat().st_size // kind.itemsize
    if not count:
        return np.zeros(0, kind)
    return np.memmap(path, kind, "r", shape=(count,))


class KnownVectors:
    """Vectors by the hash of their text, over several sources."""

    def __init__(self, card: ModelCard) -> None:
        """Nothing known yet."""
        self._card = card
        self._sources: list[tuple[Hashes, NDArray[np.int64], _Rows]] = []

    def __len__(self) -> int:
        """The number of vectors known, repeats counted."""
        return sum(len(hashes) for hashes, _, _ in self._sources)

    def add_generation(self, folder: Path) -> None:
        """Know the vectors of a generation, unless it is of another model or damaged."""
        files = SnapshotFiles.of(folder)
        try:
            manifest = read_manifest(files, folder.name)
            if manifest.card.fingerprint != self._card.fingerprint:
                return
            for fault in check_files(files, manifest):
                raise SnapshotError(fault)
            for hashes_path, vectors_path, count in (
                (files.passage_hashes, files.passage_vectors, manifest.passages),
                (files.sentence_hashes, files.sentence_vectors, manifest.sentences),
            ):
                hashes = np.load(hashes_path, allow_pickle=False)
                index = VectorIndex(vectors_path, count, self._card.dimension)
                self._add(hashes, index)
        except SnapshotError as error:
            logger.warning("no vectors are taken from %s: %s", folder.name, error)

    def add_log(self, path: Path) -> None:
        """Know the sound rows of a log."""
        hashes, vectors = read_log(path, self._card)
        self._add(hashes, vectors)

    def _add(self, hashes: Hashes, rows: _Rows) -> None:
        order = np.argsort(hashes, kind="stable")
        if len(order):
            self._sources.append((hashes[order], order, rows))

    def find(self, hashes: Sequence[bytes]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which of the hashes are known (n,), and their vectors (n, dimension), zeros where not."""
        asked = np.array(hashes, HASH)
        found = np.zeros(len(asked), np.bool_)
        vectors = np.zeros((len(asked), self._card.dimension), np.float32)
        for known, order, rows in self._sources:
            missing = np.flatnonzero(~found)
            place = np.minimum(np.searchsorted(known, asked[missing]), len(known) - 1)
            here = known[place] == asked[missing]
            taken = order[place[here]]
            vectors[missing[here]] = (
                rows.vectors(taken) if isinstance(rows, VectorIndex) else rows[taken]
            )
            found[missing[here]] = True
        return found, vectors


_Rows = VectorIndex | NDArray[np.float32]
