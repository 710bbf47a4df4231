"""Vectors computed before ⇄ the texts they were computed from, by content hash.

A build writes each vector it is given to a log at once, each row with its own checksum, so that a
build killed half-way leaves behind what it paid for. The next build looks every text up in the
generations on disk and in such logs, and embeds only what none of them knows.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError
from reportqa.index.files import REUSABLE, SnapshotFiles, check_files, read_manifest
from reportqa.index.vectors import VectorIndex, unit_rows
from reportqa.records import ModelCard

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

    def clear(self) -> None:
        """Empty it."""
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Close the file; twice does no harm."""
        self._file.close()

    def blocks(self) -> Iterable[NDArray[np.float32]]:
        """The vectors appended, in order, in blocks."""
        rows = _map_log(self.path, self._card)
        for start in range(0, len(rows), BLOCK):
            yield np.ascontiguousarray(rows["vector"][start : start + BLOCK])


def read_log(path: Path, card: ModelCard) -> tuple[Hashes, NDArray[np.int64]]:
    """The hashes of a log's sound rows, and where these stand: a row torn by a kill, altered, or
    computed by another model is left out."""
    log = _map_log(path, card)
    hashes: list[Hashes] = [np.zeros(0, HASH)]
    rows = [np.zeros(0, np.int64)]
    for start in range(0, len(log), BLOCK):
        block = np.array(log[start : start + BLOCK])
        sound = (checksums(block, card) == block["crc"]) & unit_rows(block["vector"])
        hashes.append(block["hash"][sound])
        rows.append(np.flatnonzero(sound) + start)
    return np.concatenate(hashes), np.concatenate(rows)


def _map_log(path: Path, card: ModelCard) -> NDArray[np.void]:
    """The whole rows of a log, mapped into memory; a torn end is left out."""
    kind = row_type(card.dimension)
    count = path.stat().st_size // kind.itemsize
    if not count:
        return np.zeros(0, kind)
    return np.memmap(path, kind, "r", shape=(count,))


class KnownVectors:
    """Vectors by the hash of their text, over several sources. A source is read only when those
    before it do not know a text: a rebuild with nothing changed reads one."""

    def __init__(self, card: ModelCard) -> None:
        """Nothing known yet."""
        self._card = card
        self._waiting: deque[tuple[_Reader, Path]] = deque()
        self._sources: list[_Source] = []

    def add_generation(self, folder: Path) -> None:
        """Know the vectors of a generation, unless it is of another model or damaged."""
        self._waiting.append((_read_generation, folder))

    def add_log(self, path: Path) -> None:
        """Know the sound rows of a log."""
        self._waiting.append((_read_log, path))

    def find(self, hashes: Sequence[bytes]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which of the hashes are known (n,), and their vectors (n, dimension), zeros where not."""
        asked = np.array(hashes, HASH)
        found = np.zeros(len(asked), np.bool_)
        vectors = np.zeros((len(asked), self._card.dimension), np.float32)
        at = 0
        while not found.all():
            if at == len(self._sources):
                if not self._waiting:
                    break
                read, path = self._waiting.popleft()
                self._sources += [s for s in read(path, self._card) if len(s.hashes)]
                continue
            source = self._sources[at]
            missing = np.flatnonzero(~found)
            place = np.searchsorted(source.hashes, asked[missing])
            here = source.hashes[np.minimum(place, len(source.hashes) - 1)] == asked[missing]
            vectors[missing[here]] = source.read(source.rows[place[here]])
            found[missing[here]] = True
            at += 1
        return found, vectors


@dataclass(frozen=True, slots=True)
class _Source:
    """Hashes ascending, the row of each, and what reads the vectors of rows."""

    hashes: Hashes
    rows: NDArray[np.int64]
    read: Callable[[NDArray[np.int64]], NDArray[np.float32]]

    @classmethod
    def of(
        cls, hashes: Hashes, read: Callable[[NDArray[np.int64]], NDArray[np.float32]]
    ) -> _Source:
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], order, read)


_Reader = Callable[[Path, ModelCard], list[_Source]]


def _read_log(path: Path, card: ModelCard) -> list[_Source]:
    hashes, rows = read_log(path, card)
    vectors = _map_log(path, card)["vector"]
    return [_Source.of(hashes, lambda found: np.array(vectors[rows[found]]))]


def _read_generation(folder: Path, card: ModelCard) -> list[_Source]:
    files = SnapshotFiles.of(folder)
    sources: list[_Source] = []
    try:
        manifest = read_manifest(files, folder.name, REUSABLE)
        if manifest.card.fingerprint != card.fingerprint:
            return []
        for fault in check_files(files, manifest):
            raise SnapshotError(fault)
        for hashes_path, vectors_path, count in (
            (files.passage_hashes, files.passage_vectors, manifest.passages),
            (files.sentence_hashes, files.sentence_vectors, manifest.sentences),
        ):
            index = VectorIndex(vectors_path, count, card.dimension)
            sources.append(_Source.of(np.load(hashes_path, allow_pickle=False), index.vectors))
    except SnapshotError as error:
        logger.warning("no vectors are taken from %s: %s", folder.name, error)
        return []
    return sources
