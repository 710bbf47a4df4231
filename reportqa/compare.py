"""One question and several places, years or reports → the sentence each says, or why there is none.

What a column stands for is a filter and no longer counts from the question's wording, so that
“2024年…” asked over years is not held to 2024. All columns are of one snapshot and one vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from reportqa.answer import answer
from reportqa.doubt import Caution
from reportqa.errors import QuestionError
from reportqa.filters import parse_years, report_passes
from reportqa.index import Snapshot
from reportqa.records import NO_FILTERS, Citation, Filters, Hit, Understanding
from reportqa.render import BASIS_WORDS
from reportqa.search import Retriever

__all__ = [
    "COMPARISON_WIDTHS",
    "MOST_COMPARED",
    "By",
    "Compared",
    "Comparison",
    "compare",
    "comparison_rows",
]

By = Literal["region", "year", "report"]
"""What is set side by side: places, years spoken of, or reports by their ids."""

MOST_COMPARED = 40
"""Places, years or reports in one comparison."""
HITS = 10  # looked at for each

COMPARISON_WIDTHS = {
    "对比项": 24,
    "依据句": 64,
    "没有依据的原因": 40,
    "完成或计划": 12,
    "报告": 32,
    "标题路径": 32,
    "报告编号": 24,
    "起": 8,
    "止": 8,
}
"""The headings of `comparison_rows`, with their widths in characters."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What one of them, the `value` asked for, says. Where `gap` says why it does not answer,
    `citation` is the nearest that it says, or None where it says nothing. `hit` is the passage of
    the citation."""

    value: str
    label: str
    citation: Citation | None
    hit: Hit | None
    gap: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question with what each says to it, in the order asked for."""

    question: str
    by: By
    columns: tuple[Compared, ...]

    @property
    def gaps(self) -> int:
        """How many do not answer."""
        return sum(column.gap is not None for column in self.columns)


def compare(
    retriever: Retriever,
    question: str,
    by: By,
    values: Sequence[str],
    filters: Filters = NO_FILTERS,
) -> Comparison:
    """Ask the question of each value: a region, a year or a report id. `filters` hold for all.
    QuestionError where it cannot be asked, or of none or too many."""
    retriever = retriever.pinned()
    question = retriever.check(question)
    values = list(dict.fromkeys(values))
    if not 1 <= len(values) <= MOST_COMPARED:
        raise QuestionError(f"{len(values)} to compare: choose 1 to {MOST_COMPARED}")
    snapshot, read = retriever.snapshot, retriever.understand(question)
    asked = [_filters_of(by, value, filters) for value in values]
    stated = [_understood(by, value, read) for value in values]
    found = retriever.search_each(question, HITS, asked, stated)
    rows = list(zip(values, asked, stated, found, strict=True))

    def told(caution: Caution) -> tuple[Compared, ...]:
        return tuple(_compared(snapshot, by, question, row, caution) for row in rows)

    # where one of them has what is asked for under its name, so must the others; everyday wording,
    # which none of them uses, is answered by meaning
    columns = told("high")
    if all(column.gap is not None for column in columns):
        columns = told("normal")
    return Comparison(question, by, columns)


def comparison_rows(comparison: Comparison) -> list[list[str | int | None]]:
    """The rows of a table under COMPARISON_WIDTHS."""
    return [_row(column) for column in comparison.columns]


def _row(column: Compared) -> list[str | int | None]:
    citation, hit = column.citation, column.hit
    row: list[str | int | None] = [column.label]
    if citation is None or column.gap is not None:
        row += [None, column.gap]
    else:
        row += [citation.quote, None]
    if citation is None or hit is None:
        return [*row, *[None] * 6]
    where = " › ".join(citation.headings)
    basis = BASIS_WORDS[hit.passage.basis]
    metadata = citation.metadata
    return [*row, basis, metadata.title, where, metadata.id, citation.start, citation.end]


def _filters_of(by: By, value: str, filters: Filters) -> Filters:
    changed: dict[By, dict[str, Any]] = {
        "region": {"regions": (value,)},
        "report": {"reports": (value,)},
    }
    return replace(filters, **(changed.get(by) or {"about": (parse_years(value),)}))


def _understood(by: By, value: str, read: Understanding) -> Understanding:
    """What still counts of the question: not what the column decides."""
    if by == "region":
        return replace(read, regions=(), missing=())
    if by == "year":
        first, last = parse_years(value)
        return replace(read, years=tuple(range(first, last + 1)), report_years=())
    return replace(read, regions=(), missing=(), report_years=(), kinds=())


def _compared(
    snapshot: Snapshot,
    by: By,
    question: str,
    row: tuple[str, Filters, Understanding, Sequence[Hit]],
    caution: Caution,
) -> Compared:
    value, filters, read, hits = row
    label = f"{value} 年" if by == "year" else value
    if by == "report":
        named = [metadata for metadata in snapshot.reports if metadata.id == value]
        label = named[0].title if named else value
    nothing = _why_nothing(snapshot, by, filters)
    said = answer(question, hits, read, nothing, caution)
    citation = said.citations[0] if said.citations else None
    gap = (said.reason or nothing) if said.abstained else None
    if gap and citation:
        gap = gap.removesuffix("。以下是最接近的原文")
    hit = next((hit for hit in hits if citation and _holds(hit, citation)), None)
    return Compared(value, label, citation, hit, gap)


def _why_nothing(snapshot: Snapshot, by: By, filters: Filters) -> str:
    if any(report_passes(metadata, filters) for metadata in snapshot.reports):
        if by == "year":
            return "没有段落说到这一年" + (
                "的" + BASIS_WORDS[filters.basis] if filters.basis else ""
            )
        return "报告里没有符合筛选条件的段落"
    return {"region": "没有这个地区的报告", "year": "没有符合筛选条件的报告"}.get(
        by, "索引里没有这份报告"
    )


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return (
        passage.metadata.id == citation.metadata.id
        and passage.start <= citation.start < passage.end
    )
