"""Generated text → lines of statements, each with the numbers it cites.

A statement is a sentence; a semicolon ends one too where a citation stands before it. Within a
statement every stretch that ends with [n] is a claim of its own, held to those numbers alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["CITE", "Claim", "Line", "Statement", "read_lines"]

CITE = re.compile(r"[\[［【]\s*\d+(?:\s*[,，、]\s*\d+)*\s*[\]］】]")
_CITES = re.compile(rf"(?:\s*{CITE.pattern})+")
_END = re.compile(
    rf"[。！？!?]+[”’」』）)》]*(?:\s*{CITE.pattern})*"  # a stop, and numbers put behind it
    rf"|(?<=[\]］】])\s*[；;]"
)
_BULLET = re.compile(r"^\s*(?:(?:[-*+•·–—]|\d{1,2}[.、)）]|[（(]\d{1,2}[)）])\s*|#{1,6}\s+|>\s*)")
_MARKUP = re.compile(r"\*\*|__|`")
_INTRODUCES = re.compile(r"[:：]\s*$")


@dataclass(frozen=True, slots=True)
class Claim:
    """A stretch of a statement and the numbers that stand behind it; a tail without numbers has
    those of the whole statement."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as written. `words` is the same without its citations; `introduces` where a list
    follows. An item of a list has the numbers of the line that introduces it if none of its own."""

    text: str
    words: str
    claims: tuple[Claim, ...]
    numbers: tuple[int, ...]
    introduces: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text: what marks it as an item, and its statements."""

    mark: str
    statements: tuple[Statement, ...]

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return bool(self.mark.strip())


def read_lines(text: str) -> list[Line]:
    """The lines that hold words, without Markdown's marks for bold and code."""
    lines: list[Line] = []
    inherited: tuple[int, ...] = ()
    for raw in _MARKUP.sub("", text).split("\n"):
        bullet = _BULLET.match(raw)
        mark = bullet[0] if bullet else ""
        pieces = list(_cut(raw[len(mark) :].strip()))
        if not pieces:
            continue
        is_item = bool(mark.strip())
        statements = tuple(_statement(piece, inherited if is_item else ()) for piece in pieces)
        lines.append(Line(mark.strip(), statements))
        if not is_item:
            last = statements[-1]
            inherited = last.numbers if last.introduces else ()
    return lines


def _cut(line: str) -> Iterator[str]:
    ends = [match.end() for match in _END.finditer(line)]
    for start, end in pairwise([0, *ends, len(line)]):
        piece = line[start:end].strip()
        if re.search(r"\w", CITE.sub("", piece)):
            yield piece


def _statement(text: str, inherited: tuple[int, ...]) -> Statement:
    stretches: list[tuple[str, tuple[int, ...]]] = []
    at = 0
    for match in _CITES.finditer(text):
        numbers = tuple(int(n) for n in re.findall(r"\d+", match[0]))
        stretches.append((text[at : match.start()], numbers))
        at = match.end()
    every = tuple(dict.fromkeys(n for _, numbers in stretches for n in numbers)) or inherited
    stretches.append((text[at:], every))
    claims = tuple(Claim(words, n) for words, n in stretches if re.search(r"\w", words))
    words = _CITES.sub("", text)
    return Statement(text, words, claims, every, bool(_INTRODUCES.search(words)))
