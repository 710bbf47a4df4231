"""The JSON of the REST interface as typed models: what may come in, and what goes out.

What goes out is made by reportqa/render.py; these models describe it for /docs and for clients
generated from it. What comes in is strict: a field that is not known is an error, not ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from reportqa.doubt import Caution
from reportqa.filters import make_filters
from reportqa.records import Comparator, FigureBasis, Filters
from reportqa.search import LONGEST_QUESTION

__all__ = [
    "MOST_IN_BATCH",
    "MOST_LISTED",
    "MOST_PASSAGES",
    "AnswerOut",
    "AskIn",
    "BatchIn",
    "BatchOut",
    "BatchProblem",
    "CitationOut",
    "EvidenceOut",
    "FigureOut",
    "FiguresIn",
    "FiguresOut",
    "FiltersIn",
    "Health",
    "HitOut",
    "ProblemOut",
    "QuestionIn",
    "Ready",
    "ReplyOut",
    "ReportFiltersIn",
    "ReportOut",
    "ReportRow",
    "ReportsIn",
    "ReportsOut",
    "SearchOut",
    "SectionOut",
    "UnderstoodOut",
    "flat",
]

MOST_PASSAGES = 100
"""The largest k of a request."""
MOST_IN_BATCH = 1_000
"""Questions in one request to /api/batch."""
MOST_LISTED = 1_000
"""Reports or figures in one answer."""
MOST_VALUES = 50  # of one filter

_CAUTION = "how readily to say that the reports do not answer"

BasisName = Literal["actual", "plan"]


def flat(value: object) -> object:
    """One value → a list of it, numbers → text: 2024 is as good as ["2024"]."""
    values = value if isinstance(value, list) else [value]
    numbers = [isinstance(one, int) and not isinstance(one, bool) for one in values]
    return [str(one) if is_number else one for one, is_number in zip(values, numbers, strict=True)]


Text = Annotated[str, Field(max_length=200)]
_ONE = [{"type": "string", "maxLength": 200}, {"type": "integer"}]
Values = Annotated[
    list[Text],
    Field(max_length=MOST_VALUES),
    BeforeValidator(flat),
    WithJsonSchema(
        {"anyOf": [*_ONE, {"type": "array", "items": {"anyOf": _ONE}, "maxItems": MOST_VALUES}]}
    ),
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReportFiltersIn(_In):
    """What every report must satisfy. One value or a list; within a field any value suffices."""

    year: Values = Field([], description="the report's: 2024, 2021-2025")
    region: Values = Field([], description="湖北, 江汉区 …")
    kind: Values = Field([], description="政府工作报告, 计划报告 …")

    def filters(self) -> Filters:
        """The filters; QuestionError where one cannot be read."""
        return make_filters(year=self.year, region=self.region, kind=self.kind)


class FiltersIn(ReportFiltersIn):
    """What every hit must satisfy. One value or a list; within a field any value suffices."""

    about: Values = Field([], description="a year spoken of")
    report: Values = Field([], description="report_id of an answer")
    basis: BasisName | None = Field(None, description="achieved or planned")

    def filters(self) -> Filters:
        """The filters; QuestionError where one cannot be read."""
        return make_filters(
            year=self.year,
            about=self.about,
            region=self.region,
            kind=self.kind,
            basis=self.basis,
            report=self.report,
        )


class ReportsIn(ReportFiltersIn):
    """Which reports to list, a page at a time."""

    offset: int = Field(0, ge=0, le=10**9, description="reports to pass over")
    count: int = Field(100, ge=1, le=MOST_LISTED)


class FiguresIn(FiltersIn):
    """Which figures to list, a page at a time."""

    indicator: str = Field(min_length=1, max_length=100, examples=["地区生产总值"])
    offset: int = Field(0, ge=0, le=10**9, description="figures to pass over")
    count: int = Field(50, ge=1, le=MOST_LISTED)


class AskIn(FiltersIn):
    """A question with how many passages to return and what they must satisfy."""

    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, examples=["2024年新增就业多少人？"]
    )
    k: int = Field(10, ge=1, le=MOST_PASSAGES, description="passages to return at most")
    id: str = Field("1", max_length=200, description="comes back with the answer")
    caution: Caution = Field("normal", description=_CAUTION)
    generate: bool = Field(
        True, description="false: sentences of the reports, where the server has a model to write"
    )


class QuestionIn(_In):
    """One question of a batch; the text alone will do."""

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION)
    id: str | None = Field(None, max_length=200, description="its number in the batch if left out")


_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION}
Question = Annotated[
    QuestionIn,
    BeforeValidator(lambda given: {"question": given} if isinstance(given, str) else given),
    WithJsonSchema({"anyOf": [_TEXT, QuestionIn.model_json_schema()]}),
]


class BatchIn(FiltersIn):
    """Questions that are asked with the same k and filters."""

    questions: list[Question] = Field(min_length=1, max_length=MOST_IN_BATCH)
    k: int = Field(10, ge=1, le=MOST_PASSAGES)
    answered: bool = Field(True, description="false: hits alone, which is faster")
    caution: Caution = Field("normal", description=_CAUTION)


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CitationOut(_Out):
    """What [number] in the answer stands for; report text[start:end] is the quote."""

    number: int
    report_id: str
    title: str
    headings: list[str]
    start: int
    end: int
    quote: str


class RemovedOut(_Out):
    """A generated sentence that its citations do not bear out."""

    sentence: str
    kind: str
    reason: str


class AnswerOut(_Out):
    """What is said to the question; `text` is null and `reason` says why where nothing can be."""

    text: str | None
    abstained: bool
    reason: str | None
    mode: Literal["extractive", "generated"]
    citations: list[CitationOut]
    note: str | None = Field(description="why an extractive answer stands for a generated one")
    removed: list[RemovedOut] = Field(description="generated sentences that the check took out")


class EvidenceOut(_Out):
    """A sentence of a hit that speaks to the question."""

    start: int
    end: int
    text: str


class HitOut(_Out):
    """A passage, with the report, section, years and sense it is of."""

    rank: int
    score: float
    passage_id: str
    report_id: str
    title: str
    year: int | None
    region: str | None
    kind: str
    headings: list[str]
    about: list[int]
    basis: BasisName | None
    start: int
    end: int
    text: str
    evidence: list[EvidenceOut]


class UnderstoodOut(_Out):
    """What the question states: years, regions at hand, places no report is of, the sense, which
    reports it names, what it asks for, and how it is read where a wrong character is put right."""

    years: list[int]
    regions: list[str]
    missing: list[str]
    basis: BasisName | None
    kinds: list[str]
    report_years: list[int]
    asked: str | None
    unit: str | None
    topic: list[str]
    language: str | None
    spelt: str | None


class SearchOut(_Out):
    """Hits, best first, and what was understood of the question."""

    id: str
    question: str
    seconds: float
    hits: list[HitOut]
    understood: UnderstoodOut
    rewritten: str | None


class ReplyOut(SearchOut):
    """The answer with its citations, and the hits it was drawn from."""

    answer: AnswerOut


class ProblemOut(BaseModel):
    """What is wrong and what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[dict[str, str]] = Field([], description="which fields, where several are wrong")


class BatchProblem(_Out):
    """A question of a batch that cannot be asked."""

    id: str
    question: str
    problem: str


class BatchOut(_Out):
    """Replies in the order of the questions; those that could not be asked are named apart."""

    seconds: float
    replies: list[ReplyOut | SearchOut]
    problems: list[BatchProblem]


class ReportRow(_Out):
    """What is known of a report."""

    report_id: str
    title: str
    region: str | None
    issuer: str | None
    kind: str
    date: str | None
    year: int | None
    passages: int


class ReportsOut(_Out):
    """The reports that pass the filters; `total` is their number before paging."""

    snapshot: str
    total: int
    reports: list[ReportRow]


class SpanOut(_Out):
    """A range of a report's text, [start, end)."""

    start: int
    end: int


class FigureOut(_Out):
    """A figure of a report, at text[start:end]. `indicator` is what it is a figure of, `value` the
    number in `unit`, `high` the upper end of a range; a change has `direction` and `against`."""

    rank: int
    score: float = Field(description="1: the indicator asked for, word for word")
    indicator: str
    figure: str
    value: float
    high: float | None
    unit: str
    comparator: Comparator
    comparator_words: str
    kind: Literal["level", "change"]
    direction: Literal["up", "down"] | None
    against: str
    first_year: int | None
    last_year: int | None
    basis: FigureBasis | None
    region: str | None
    report_id: str
    title: str
    headings: list[str]
    passage_id: str
    start: int
    end: int
    indicator_spans: list[SpanOut]
    sentence: str


class FiguresOut(_Out):
    """Figures of an indicator; `total` is their number before paging."""

    snapshot: str
    total: int
    figures: list[FigureOut]


class SectionOut(_Out):
    """A heading with the text under it, [start, end) of the report's text."""

    start: int
    end: int
    body: int
    headings: list[str]
    role: Literal["title", "contents", "body", "closing", "notes"]
    about: list[int]
    basis: BasisName | None


class ReportOut(ReportRow):
    """A report: `text` is its normalised text from `start` to `end`, `characters` the length of
    all of it, `sections` those the range touches."""

    snapshot: str
    characters: int
    start: int
    end: int
    text: str
    sections: list[SectionOut]


class Health(_Out):
    """The process runs."""

    status: Literal["ok"]


class Ready(_Out):
    """Questions are answered; `trouble`: from an older snapshot, the newest cannot be opened."""

    status: Literal["ready"]
    snapshot: str
    reports: int
    passages: int
    trouble: bool
