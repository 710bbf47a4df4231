"""Section → Passages → Sentences: what is searched, shown and quoted, as exact ranges.

In: a report, its sections and the model's own token counter. Out: passages that tile each section
and sentences that tile each passage; nothing is lost, nothing overlaps. A passage is a paragraph,
a run of short ones, or a list with the line that introduces it; only what the model could not
read whole is split, at a sentence end wherever there is one. Title and headings are added to what
is embedded (`passage_input`, `sentence_inputs`), never to what is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING

from reportqa.records import Passage, Report, Section, Span
from reportqa.scope import delivery_year, passage_scope, reviewed_year

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

__all__ = [
    "CountTokens",
    "passage_input",
    "sentence_inputs",
    "split_passages",
    "split_sentences",
]

CountTokens = Callable[[Sequence[str]], list[int]]
"""Texts → tokens the model reads for each, prompt and special tokens included."""

LONGEST_PASSAGE = 360
"""Characters. A longer paragraph is split at sentence ends into about equal parts."""
LONGEST_LIST = 600
"""Characters a list may have together with the line that introduces it."""
USUAL_PASSAGE = 200
"""Characters up to which short paragraphs join their neighbours."""
SHORT = 60
"""Characters below which a paragraph is short."""
LONGEST_HEADING = 60
"""Characters of one heading in the context; the rest of it is not embedded."""
LONGEST_CONTEXT = 160
"""Characters of title and headings together; the innermost headings are kept."""

_SENTENCE_END = re.compile(
    r"""(?:[。！？；!?;]+|…{2,}|(?<=[A-Za-z)"'])\.(?=\s))   # the stop
        [”’」』）)\]】》"']*\s*                             # what closes with it
        |\n+""",
    re.VERBOSE,
)
_LIST_ITEM = re.compile(
    r"\s*(?:[-—–•·●▪◆★☆]|[①-⑳]|[（(]?\d{1,2}[)）.．、]|[一二三四五六七八九十]+是)"
)
_INTRODUCES = re.compile(r"[:：]\s*$")


@cache
def _long_sentences() -> RecursiveCharacterTextSplitter:
    """What cuts at commas. Few texts need it, and its library is a third of a program's start."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=["，", ",", "、", " ", ""],
        chunk_size=LONGEST_PASSAGE,
        chunk_overlap=0,
        keep_separator="end",
        strip_whitespace=False,
    )


def split_sentences(text: str, offset: int = 0) -> tuple[Span, ...]:
    """Sentences that tile `text`, which begins at `offset`. A semicolon ends one too: reports
    string independent statements together with it. Closing quotes and brackets and white space
    belong to the sentence before. A sentence longer than a passage is cut at commas."""
    ends = [m.end() for m in _SENTENCE_END.finditer(text)]
    edges = [0, *(end for end in ends if end < len(text)), len(text)]
    spans: list[Span] = []
    for start, end in pairwise(edges):
        pieces = [text[start:end]]
        if end - start > LONGEST_PASSAGE:
            pieces = _long_sentences().split_text(text[start:end])
        cuts = list(accumulate((len(piece) for piece in pieces), initial=offset + start))
        spans.extend(Span(a, b) for a, b in pairwise(cuts))
    return tuple(spans)


def passage_input(passage: Passage) -> str:
    """The text embedded for a passage: title, headings, then the passage itself."""
    return f"{_context(passage)}\n{passage.text.strip()}"


def sentence_inputs(passage: Passage) -> list[str]:
    """The texts embedded for the sentences of a passage, each behind its report's label."""
    label = passage.metadata.label[:LONGEST_HEADING]
    return [f"{label}：{passage.quote(span).strip()}" for span in passage.sentences]


def split_passages(
    report: Report, sections: Sequence[Section], count_tokens: CountTokens, max_tokens: int
) -> tuple[Passage, ...]:
    """Passages that tile each section in turn. None of their inputs is longer than `max_tokens`
    as `count_tokens` measures it: what would be is split again, halving until it fits."""
    passages = [
        _passage(report, section, spans)
        for section in sections
        for spans in _group(report.text, section)
    ]
    fitting: list[Passage] = []
    while passages:
        counts = count_tokens([passage_input(p) for p in passages])
        retry: list[Passage] = []
        for passage, count in zip(passages, counts, strict=True):
            (fitting if count <= max_tokens else retry).append(passage)
        passages = [half for p in retry for half in _halves(report, p)]
    return tuple(sorted(fitting, key=lambda p: p.start))


def _context(passage: Passage) -> str:
    lines = [passage.metadata.title[:LONGEST_HEADING]]
    lines += [heading[:LONGEST_HEADING] for heading in passage.section.headings]
    while len(lines) > 2 and sum(map(len, lines)) > LONGEST_CONTEXT:
        del lines[1]
    return "\n".join(lines)


def _passage(report: Report, section: Section, spans: Sequence[Span]) -> Passage:
    start, end = spans[0].start, spans[-1].end
    text = report.text[start:end]
    metadata = report.metadata
    about, basis = passage_scope(
        section, text, delivery_year(metadata), reviewed=reviewed_year(metadata)
    )
    return Passage(metadata, section, start, end, text, tuple(spans), about, basis)


def _halves(report: Report, passage: Passage) -> Iterator[Passage]:
    spans = passage.sentences
    if len(spans) == 1:
        start, end = spans[0].start, spans[0].end
        middle = (start + end) // 2
        spans = (Span(start, middle), Span(middle, end))
    half = len(spans) // 2
    yield _passage(report, passage.section, spans[:half])
    yield _passage(report, passage.section, spans[half:])


def _group(text: str, section: Section) -> Iterator[list[Span]]:
    """The sentences of each passage of a section, in order."""
    held: list[Span] = []
    introduced = item = short = False  # of the paragraph before
    for paragraph in _paragraphs(text, section):
        words = text[paragraph.start : paragraph.end]
        length = paragraph.end - (held[0].start if held else paragraph.start)
        introduces = _INTRODUCES.search(words) is not None
        was_list, item = introduced or item, _LIST_ITEM.match(words) is not None
        if was_list and item:
            joins = length <= LONGEST_LIST
        else:
            joins = (short or len(words) < SHORT) and length <= USUAL_PASSAGE
            joins = joins and not (was_list or introduces)
        if held and not joins:
            yield held
            held = []
        introduced, short = introduces, len(words) < SHORT
        held += split_sentences(words, paragraph.start)
        if len(words) > LONGEST_PASSAGE:
            *whole, held = _pack(held)
            yield from whole
    if held:
        yield held


def _paragraphs(text: str, section: Section) -> Iterator[Span]:
    """The lines of a section, the heading as one with the line after it."""
    breaks = re.compile("\n").finditer(text, section.body, section.end)
    inner = [m.end() for m in breaks if section.body < m.end() < section.end]
    return (Span(a, b) for a, b in pairwise([section.start, *inner, section.end]))


def _pack(spans: Sequence[Span]) -> list[list[Span]]:
    """Sentences → runs of about equal length, none longer than a passage: there are as many runs
    as it takes."""
    parts = -(-(spans[-1].end - spans[0].start) // LONGEST_PASSAGE)
    while True:
        runs = _share_out(spans, parts)
        if all(run[-1].end - run[0].start <= LONGEST_PASSAGE for run in runs):
            return runs
        parts += max(1, parts // 10)


def _share_out(spans: Sequence[Span], parts: int) -> list[list[Span]]:
    """Each sentence to the one of `parts` equal stretches that its middle falls into."""
    start, end = spans[0].start, spans[-1].end

    def stretch(span: Span) -> int:
        return (span.start + span.end - 2 * start) * parts // (2 * (end - start))

    return [list(run) for _, run in groupby(spans, stretch)]
