"""Figures ↔ a line of JSON a passage.

A line holds offsets in place of texts, but for the indicators: so a search for one is a search in
bytes, and lines without it are never read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from reportqa.errors import SnapshotError
from reportqa.index.files import MEND
from reportqa.records import Figure, Passage, Span

__all__ = ["FIGURE_BYTE", "pack_figures", "unpack_figures"]

FIGURE_BYTE = np.dtype("<i8")


def pack_figures(figures: Sequence[Figure]) -> bytes:
    """The line of a passage; nothing where it has no figures. Spans lie in pairs of offsets."""
    if not figures:
        return b""
    rows = [
        [
            figure.indicator,
            [edge for span in figure.indicator_spans for edge in (span.start, span.end)],
            figure.start,
            figure.end,
            figure.value,
            figure.high,
            figure.unit,
            figure.comparator,
            figure.comparator_words,
            figure.kind,
            figure.direction,
            figure.against,
            figure.years,
            figure.basis,
            figure.sentence.start,
            figure.sentence.end,
        ]
        for figure in figures
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def unpack_figures(line: str, passage: Passage) -> tuple[Figure, ...]:
    """The figures of a line. Raises SnapshotError where it is damaged."""
    if not line:
        return ()
    try:
        return tuple(_figure(row, passage) for row in json.loads(line))
    except (ValueError, TypeError, IndexError) as error:
        raise SnapshotError(
            f"the figures of {passage.id} cannot be read ({error}): {MEND}"
        ) from error


def _figure(row: list[Any], passage: Passage) -> Figure:
    """One figure; its text is read from the passage."""
    indicator, edges, start, end, *said, first, last = row
    value, high, unit, comparator, words, kind, direction, against, years, basis = said
    return Figure(
        report_id=passage.metadata.id,
        start=start,
        end=end,
        text=passage.quote(Span(start, end)),
        indicator=indicator,
        indicator_spans=tuple(map(Span, edges[::2], edges[1::2])),
        value=value,
        high=high,
        unit=unit,
        comparator=comparator,
        comparator_words=words,
        kind=kind,
        direction=direction,
        against=against,
        years=None if years is None else (years[0], years[1]),
        basis=basis,
        sentence=Span(first, last),
    )
