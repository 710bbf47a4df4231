"""Generations written by hand, faithful and bad, over short passages: tests/data/generated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from reportqa.check import Checked, check
from reportqa.passages import split_sentences
from reportqa.records import Excerpt, Metadata, Passage, Section, Span

DATA = Path(__file__).parent / "data" / "generated"
SETS = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Generation:
    """A text to check; `kind` is what is wrong with it, "" where nothing is."""

    id: str
    kind: str
    question: str
    text: str
    bad: tuple[str, ...]
    excerpts: tuple[Excerpt, ...]

    @property
    def checked(self) -> Checked:
        return check(self.text, self.excerpts, self.question)


def read_generations(name: str, what: str) -> list[Generation]:
    """The bad or the faithful ones of a set."""
    passages = {row["key"]: row for row in _rows(f"{name}_passages.jsonl")}
    return [
        Generation(
            row["id"],
            row.get("kind", ""),
            row["question"],
            row["text"],
            tuple(row.get("bad", ())),
            tuple(
                make_excerpt(number, **passages[key]) for number, key in enumerate(row["from"], 1)
            ),
        )
        for row in _rows(f"{name}_{what}.jsonl")
    ]


def is_right(generation: Generation) -> bool:
    """A faithful one keeps every sentence. A bad one loses all its bad ones: those named, where
    others stand beside them, else all."""
    removed = {r.sentence for r in generation.checked.removed}
    if not generation.kind:
        return not removed and generation.checked.text is not None
    if generation.bad:
        return removed == set(generation.bad)
    return generation.checked.text is None


def make_excerpt(
    number: int,
    text: str,
    title: str = "2024年东山县政府工作报告",
    region: str | None = "东山县",
    year: int | None = 2024,
    headings: tuple[str, ...] | list[str] = (),
    about: tuple[int, ...] | list[int] = (),
    basis: str | None = None,
    key: str = "r",
) -> Excerpt:
    """A whole passage under a number."""
    metadata = Metadata(key, title, region, None, "政府工作报告", None, year, f"{key}.txt")
    section = Section(0, len(text), 0, tuple(headings), "body", tuple(about), basis)  # type: ignore[arg-type]
    passage = Passage(
        metadata,
        section,
        0,
        len(text),
        text,
        split_sentences(text),
        tuple(about),
        basis,  # type: ignore[arg-type]
    )
    return Excerpt(number, passage, Span(0, len(text)))


def _rows(name: str) -> list[dict[str, object]]:  # type: ignore[type-arg]
    path = DATA / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
