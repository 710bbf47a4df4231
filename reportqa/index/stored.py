"""The plain files of a snapshot → metadata, arrays and mapped bytes, or a SnapshotError that names
the file."""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError
from reportqa.index.files import MEND, SnapshotFiles, reading
from reportqa.records import Metadata

__all__ = ["Nothing", "Ranges", "map_file", "read_array", "read_reports"]

Ranges = list[tuple[int, int]]
"""Where texts begin and end, in bytes."""


def read_reports(files: SnapshotFiles, count: int) -> tuple[tuple[Metadata, ...], Ranges, Ranges]:
    """The metadata of every report, and the byte ranges of their texts and outlines."""
    reports: list[Metadata] = []
    texts: Ranges = []
    outlines: Ranges = []
    with reading(files.reports), files.reports.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                values = json.loads(line)
                reports.append(Metadata(**values["metadata"]))
                texts.append(tuple(values["text"]))
                outlines.append(tuple(values["outline"]))
            except (ValueError, TypeError, KeyError) as error:
                raise SnapshotError(
                    f"{files.reports}, line {len(reports) + 1}, is damaged ({error}): {MEND}"
                ) from error
    if len(reports) != count:
        raise SnapshotError(f"{files.reports} holds {len(reports)} reports, not {count}: {MEND}")
    return tuple(reports), texts, outlines


def read_array(path: Path, kind: np.dtype[Any], count: int | None) -> NDArray[Any]:
    """An array of a file, of this dtype and length."""
    with reading(path):
        try:
            array: NDArray[Any] = np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise SnapshotError(f"{path} is damaged ({error}): {MEND}") from error
    if array.dtype != kind or array.ndim != 1 or (count is not None and len(array) != count):
        raise SnapshotError(
            f"{path} holds {array.dtype} {array.shape}, not {count} rows of {kind}: {MEND}"
        )
    return array


class Nothing:
    """An empty file, which cannot be mapped."""

    def __getitem__(self, key: slice) -> bytes:
        """No bytes."""
        return b""

    def close(self) -> None:
        """Nothing to close."""


def map_file(path: Path) -> mmap.mmap | Nothing:
    """A file's bytes, mapped into memory; they outlast the file's name."""
    with reading(path), path.open("rb") as file:
        if not path.stat().st_size:
            return Nothing()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
