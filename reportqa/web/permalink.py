"""A range of a report ↔ an address that finds it again after the report was changed.

An address carries the offsets and a fingerprint of the quote. Where the text at the offsets no
longer has the fingerprint, the sentences of the report are looked through for one that has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from reportqa.records import Span

__all__ = ["Place", "find_places", "fingerprint", "range_query", "read_range"]

FINGERPRINT_DIGITS = 12  # of 64: by chance two of a million sentences share them once in 500 times
MOST_RANGES = 20  # of one address; the others are left out
LONGEST_RUN = 8  # sentences that a quote which has moved may consist of

_FINGERPRINT = re.compile(rf"[0-9a-f]{{{FINGERPRINT_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where what an address names is now: still there, moved to `span`, or gone, `span` then being
    what has taken its place, None where the text ends before it."""

    span: Span | None
    state: Literal["there", "moved", "gone"] = "there"


def fingerprint(quote: str) -> str:
    """Twelve hexadecimal digits that stand for a quote, whatever white space is in it."""
    squeezed = "".join(quote.split())
    return hashlib.sha256(squeezed.encode()).hexdigest()[:FINGERPRINT_DIGITS]


def range_query(span: Span, quote: str | None) -> str:
    """The part of an address that names a range; without its quote it cannot tell a change."""
    fields: dict[str, int | str] = {"start": span.start, "end": span.end}
    return urlencode(fields if quote is None else fields | {"h": fingerprint(quote)})


def read_range(start: str | None, end: str | None, length: int) -> Span | None:
    """The range that an address asks for, cut to the text; None where it asks for none."""
    if not start or not start.isdecimal() or len(start) > 12:
        return None
    first = int(start)
    last = int(end) if end and end.isdecimal() and len(end) <= 12 else length
    first, last = min(first, length), min(last, length)
    return Span(first, last) if first < last else None


def find_places(
    text: str,
    sentences: Sequence[Span],
    starts: Sequence[str],
    ends: Sequence[str],
    fingerprints: Sequence[str],
) -> list[Place]:
    """The places of the ranges of an address, in its order; what is no range is left out."""
    places = []
    found: dict[str, list[Span]] | None = None
    for number, start in enumerate(starts[:MOST_RANGES]):
        end = ends[number] if number < len(ends) else None
        given = fingerprints[number] if len(fingerprints) == len(starts) else ""
        span = read_range(start, end, len(text))
        if not _FINGERPRINT.fullmatch(given):
            if span:
                places.append(Place(span))
        elif span and fingerprint(text[span.start : span.end]) == given:
            places.append(Place(span))
        else:
            if found is None:  # the report is looked through once, whatever an address asks
                found = _look_up(text, sentences, frozenset(fingerprints[:MOST_RANGES]))
            near = int(start) if start.isdecimal() and len(start) <= 12 else 0
            moved = _nearest(found.get(given, ()), near)
            places.append(Place(moved, "moved") if moved else Place(span, "gone"))
    return places


def _look_up(
    text: str, sentences: Sequence[Span], wanted: Collection[str]
) -> dict[str, list[Span]]:
    """The sentences, and runs of sentences, with one of the fingerprints wanted."""
    found: dict[str, list[Span]] = {}
    for number, first in enumerate(sentences):
        if not text[first.start : first.end].strip():
            continue
        squeezed, at = hashlib.sha256(), first.start
        for last in sentences[number : number + LONGEST_RUN]:
            squeezed.update("".join(text[at : last.end].split()).encode())
            at = last.end
            given = squeezed.hexdigest()[:FINGERPRINT_DIGITS]
            if given in wanted:
                found.setdefault(given, []).append(Span(first.start, last.end))
    return found


def _nearest(spans: Iterable[Span], near: int) -> Span | None:
    return min(spans, key=lambda span: (abs(span.start - near), span.end), default=None)
