"""The values that flow, frozen and slotted; nothing here does any work.

file → Report → Section → Passage → (vectors) → snapshot ‖ question → Hits → Answer → render

All offsets are half-open ranges of code points in the report's normalised text: the quote is
`report.text[start:end]`. A score is always higher-is-better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "NOTHING_STATED",
    "NO_FILTERS",
    "Answer",
    "Asked",
    "Basis",
    "Citation",
    "Comparator",
    "Cut",
    "Evidence",
    "Excerpt",
    "Fault",
    "Figure",
    "FigureBasis",
    "FigureHit",
    "Filters",
    "Hit",
    "Language",
    "Mark",
    "Metadata",
    "ModelCard",
    "Passage",
    "Problem",
    "Removed",
    "Reply",
    "Report",
    "Role",
    "Section",
    "Span",
    "Timings",
    "Understanding",
]

Basis = Literal["actual", "plan"]
"""Whether a text reports what was achieved or plans what will be; None where it is unclear."""

Role = Literal["title", "contents", "body", "closing", "notes"]
"""Title block, table of contents, body, closing formula, or notes (annexes, glossaries)."""

Asked = Literal["figure", "name", "definition", "list", "comparison", "yes_no", "reason", "time"]
"""What a question wants to be told; None for a few keywords or an open question."""

Language = Literal["zh", "en"]
"""What a question is written in; None where it is mixed or another."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points in a report's normalised text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who says it, where and when. `year` is the year of the title, or of the delivery where the
    title has none or two. `date` is ISO, as exact as the text tells (2021-12-15, 2021-12, 2021).
    `source` is the file the report came from, with the line for a document of a .jsonl file."""

    id: str
    title: str
    region: str | None
    issuer: str | None
    kind: str
    date: str | None
    year: int | None
    source: str

    @property
    def label(self) -> str:
        """Place, year and kind in one short name; the title where place or year is unknown."""
        if self.region is None or self.year is None:
            return self.title
        return f"{self.region}{self.year}年{self.kind}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A Markdown mark taken out of the text: what it covered, in normalised offsets.
    `depth` is the number of # of a heading, 0 for bold."""

    start: int
    end: int
    kind: Literal["heading", "bold"]
    depth: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Page furniture or site navigation taken out of the text just before offset `at`."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """One report: what is known of it and its normalised text. Paragraphs are separated by one
    line feed; white space inside is single blanks; nothing leads or trails."""

    metadata: Metadata
    text: str
    marks: tuple[Mark, ...] = ()
    cuts: tuple[Cut, ...] = ()

    @property
    def id(self) -> str:
        """The report's id."""
        return self.metadata.id


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text directly under it, up to the next heading of any level. `headings`
    is the path from the top, without the report's title, as written; empty where there is none.
    `body` is where the text under the heading begins (== start where nothing is a heading)."""

    start: int
    end: int
    body: int
    headings: tuple[str, ...]
    role: Role
    about: tuple[int, ...]
    basis: Basis | None


LEAST_TEXT = 8
"""Characters under its heading that a passage needs to be searched; 各位代表： has five."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is searched and shown: a paragraph or a run of short ones within one section.
    `sentences` tile [start, end). `about` are the years it speaks of, ascending."""

    metadata: Metadata
    section: Section
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    about: tuple[int, ...]
    basis: Basis | None

    @property
    def searchable(self) -> bool:
        """False for what answers nothing: a bare heading, a table of contents, a salutation."""
        under = self.text[max(0, self.section.body - self.start) :].strip()
        return self.section.role != "contents" and len(under) >= LEAST_TEXT

    @property
    def id(self) -> str:
        """Stable over rebuilds while the text stands still: report id and range."""
        return f"{self.metadata.id}#{self.start}-{self.end}"

    def quote(self, span: Span) -> str:
        """The text of a span inside this passage, verbatim."""
        return self.text[span.start - self.start : span.end - self.start]


Comparator = Literal["none", "about", "over", "at_least", "under", "at_most", "multiple"]
"""How a figure stands to its number: 约, 超过, 不少于, 不足, 不超过, 翻番."""

FigureBasis = Literal["achieved", "planned", "estimated"]
"""Whether a figure is a result, a target, or an estimate of a result not yet counted (预计完成)."""

SCALES = {"十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a report: the number with its comparator and unit is [start, end), as written.

    `indicator` is what it is a figure of, in the report's words at `indicator_spans` (joined
    without blanks; several where the words stand apart, as in 城镇、农村居民收入), empty where the
    passage names none. `value` is the number as written, in `unit` (1740, 亿元); `high` the upper
    end of a range. A change (增长6%) has `direction` and, in the report's words, what it is
    `against` (同比, 年均, 比2020年). `years` is an inclusive range; `sentence` holds the figure."""

    report_id: str
    start: int
    end: int
    text: str
    indicator: str
    indicator_spans: tuple[Span, ...]
    value: float
    high: float | None
    unit: str
    comparator: Comparator
    comparator_words: str
    kind: Literal["level", "change"]
    direction: Literal["up", "down"] | None
    against: str
    years: tuple[int, int] | None
    basis: FigureBasis | None
    sentence: Span

    @property
    def amount(self) -> float:
        """The value with the 万 and 亿 of the unit multiplied in: 1740 亿元 is 1.74e11."""
        factor = 1.0
        for char in self.unit:
            if char not in SCALES:
                break
            factor *= SCALES[char]
        return self.value * factor


@dataclass(frozen=True, slots=True)
class FigureHit:
    """A figure found by its indicator, with the passage of `row` that it stands in. `score` is 1
    where the indicator is exactly the one asked for."""

    rank: int
    score: float
    row: int
    passage: Passage
    figure: Figure


@dataclass(frozen=True, slots=True)
class Filters:
    """What every hit must satisfy. Within a field any value suffices; empty fields ask nothing.
    `years` and `about` are inclusive ranges (2021, 2025)."""

    years: tuple[tuple[int, int], ...] = ()
    about: tuple[tuple[int, int], ...] = ()
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    basis: Basis | None = None
    reports: tuple[str, ...] = ()


NO_FILTERS = Filters()
"""Lets everything through."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a hit: how likely it answers the question, and the figures that stand in it.
    Scores compare between the hits of one question; `closeness`, the cosine with the question, also
    between questions."""

    span: Span
    score: float
    figures: tuple[Figure, ...]
    closeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """One retrieved passage. `row` is its row in the snapshot, ties are broken by it;
    `evidence` are the sentences that speak to the question, best first; `ranked` are all sentences
    under the heading, best first."""

    rank: int
    score: float
    row: int
    passage: Passage
    evidence: tuple[Span, ...]
    ranked: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """What [number] in an answer stands for; `quote` is verbatim."""

    number: int
    metadata: Metadata
    headings: tuple[str, ...]
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a prompt gives of a passage under a number: all of it, or whole sentences of it."""

    number: int
    passage: Passage
    span: Span

    @property
    def text(self) -> str:
        """The text of the range, verbatim."""
        return self.passage.quote(self.span)

    @property
    def sentences(self) -> tuple[Span, ...]:
        """The sentences of the passage that lie in the range."""
        first, last = self.span.start, self.span.end
        return tuple(s for s in self.passage.sentences if first <= s.start and s.end <= last)

    def cite(self, span: Span | None = None) -> Citation:
        """The citation of the range, or of a part of it, without white space at its ends."""
        span = span or self.span
        quote = self.passage.quote(span)
        start = span.end - len(quote.lstrip())
        passage, quote = self.passage, quote.strip()
        headings = passage.section.headings
        return Citation(self.number, passage.metadata, headings, start, start + len(quote), quote)


Fault = Literal["citation", "figure", "year", "name", "basis", "negation", "injection", "uncited"]
"""What can be wrong with a generated sentence."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that a language model wrote and the check took out; `kind` says which rule it
    broke, `reason` says it in Chinese."""

    sentence: str
    kind: Fault
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to the question, with its citations; text None when nothing can be said.
    `note` says why a generated answer was asked for and not given, `removed` what the check took
    out of what was generated."""

    text: str | None
    abstained: bool
    reason: str | None
    mode: Literal["extractive", "generated"]
    citations: tuple[Citation, ...]
    note: str | None = None
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question states plainly; an empty field states nothing. `regions` are regions of
    reports at hand, as these write them; `missing` are places named that no report is of.
    `years` are the years asked about, `report_years` those that say which report is meant (2021年
    报告中), `kinds` the kinds of report named, of those at hand. `unit` is what a figure is asked
    in, a Chinese counter or %. `topic` is what the question is about: the stretches of it that
    are left without place, year, sense and question words, as it writes them. `spelt` is the
    question with its one wrong character put right, as it is read and searched for; None where
    none is."""

    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    basis: Basis | None = None
    kinds: tuple[str, ...] = ()
    report_years: tuple[int, ...] = ()
    asked: Asked | None = None
    unit: str | None = None
    topic: tuple[str, ...] = ()
    language: Language | None = None
    spelt: str | None = None


NOTHING_STATED = Understanding()
"""Of a question that states nothing plainly."""


@dataclass(frozen=True, slots=True)
class Timings:
    """The seconds of each stage of a question: understood, encoded, searched and answered with its
    batch, whose whole time it is, and written by a model for itself."""

    understood: float = 0.0
    encoded: float = 0.0
    searched: float = 0.0
    answered: float = 0.0
    written: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """All that one question got: what was understood of it, its hits, best first, and the answer
    drawn from them. `rewritten` is the question that was asked in place of a follow-up. `seconds`
    is its share of its batch's time, `timings` says how that time went."""

    id: str
    question: str
    hits: tuple[Hit, ...]
    answer: Answer
    seconds: float
    understood: Understanding = Understanding()
    rewritten: str | None = None
    timings: Timings = Timings()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about the input that its owner should know: what, where, what to do.
    `skipped` is true where the file or document did not get into the snapshot; `said` is the
    message in Chinese, where there is one."""

    where: str
    message: str
    skipped: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The model as a snapshot names it. `fingerprint` changes with any weight or prompt;
    `max_tokens` is the longest input the model reads, special tokens included."""

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int
    query_prompt: str
    passage_prompt: str
